//! What the tests of every provider need.
#![allow(dead_code, reason = "each test program uses a part")]

use std::time::Duration;

use eventify_core::payment::{ChargeKey, ChargeRequest, ProviderError, RefundRequest};
use eventify_core::{BookingId, Clock, Money, PaymentId, SystemClock, Timestamp};
use eventify_pay::Timeouts;
use uuid::{NoContext, Uuid};

/// Short enough for a test to wait for, long enough for a busy machine to answer in.
pub(crate) const SHORT: Timeouts = Timeouts {
    connect: Duration::from_secs(6),
    request: Duration::from_secs(6),
    call: Duration::from_secs(15),
};

pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

pub(crate) fn money(minor: i64, currency: &str) -> Money {
    Money::new(minor, currency.parse().unwrap())
}

/// A payment of 4500 tenge that may be paid for half an hour.
pub(crate) fn request() -> ChargeRequest {
    request_of(money(450_000, "KZT"))
}

pub(crate) fn request_of(amount: Money) -> ChargeRequest {
    let seconds = u64::try_from(now().as_seconds()).unwrap();
    let id = || Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, 0));
    ChargeRequest {
        payment_id: PaymentId::from_uuid(id()),
        booking_id: BookingId::from_uuid(id()),
        amount,
        description: "Весенний концерт, 2 билета".into(),
        return_url: Some("https://tickets.example/paid?booking=1".into()),
        expires_at: now().plus(Duration::from_secs(1_800)),
    }
}

pub(crate) fn key(request: &ChargeRequest, reference: Option<&str>) -> ChargeKey {
    ChargeKey { payment_id: request.payment_id, reference: reference.map(str::to_owned) }
}

pub(crate) fn refund(
    request: &ChargeRequest,
    reference: &str,
    name: &str,
    minor: i64,
    before: i64,
) -> RefundRequest {
    let of = |minor| Money::new(minor, request.amount.currency);
    RefundRequest {
        idempotency_key: name.into(),
        charge: key(request, Some(reference)),
        charged: request.amount,
        amount: of(minor),
        refunded_before: of(before),
        others: Vec::new(),
        failed_before: 0,
        asked_before: false,
        reference: None,
        description: "The event was cancelled".into(),
    }
}

pub(crate) fn is_unreachable<T: std::fmt::Debug>(result: &Result<T, ProviderError>) -> bool {
    matches!(result, Err(ProviderError::Unreachable(_)))
}

pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, ProviderError>) -> String {
    match result.unwrap_err() {
        ProviderError::Refused(why) => why,
        other => panic!("{other:?}"),
    }
}
