//! Money that disagrees with itself, its bookings or its ledger.

use std::sync::Arc;

use super::Keep::No;
use super::{each, found};
use crate::booking::{Booking, BookingState, HoldTickets, LineRequest};
use crate::event::CreateEvent;
use crate::job::Job;
use crate::payment::{
    BookingPayments, ChargeStatus, LedgerEntry, LedgerKind, Payment, PaymentState, RefundPayment,
    RefundState, StartPayment,
};
use crate::store::{MemoryStore, Store};
use crate::testing::MemoryProvider;
use crate::ticket_type::CreateTicketType;
use crate::{Actor, Eventify, Money, Role, Timestamp, UserId};

/// Two bookings that were paid, one of them given back in part; a refund that is due, and a payment that is open.
async fn store() -> Arc<dyn Store> {
    charged(false).await
}

/// The same; when `twice`, the provider charged once more for the first one, and that is to go back.
async fn charged(twice: bool) -> Arc<dyn Store> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let bank = MemoryProvider::default();
    let builder = Eventify::builder_over(store.clone()).payment_provider(bank.clone());
    let eventify = builder.without_worker().start().await.unwrap();
    let organizer = Actor::user(UserId::from_uuid(uuid::Uuid::from_u128(1)), Role::Organizer);
    let buyer = Actor::user(UserId::from_uuid(uuid::Uuid::from_u128(2)), Role::Attendee);
    let event = CreateEvent {
        title: Some("Jazz".into()),
        starts_at: "2099-01-01T18:00:00Z".parse().ok(),
        ends_at: "2099-01-01T22:00:00Z".parse().ok(),
        ..CreateEvent::default()
    };
    let event = eventify.events().create(&organizer, event).await.unwrap().id;
    eventify.events().publish(&organizer, event).await.unwrap();
    let price = Some(Money::new(500, "KZT".parse().unwrap()));
    let of = CreateTicketType { name: "Seat".into(), price, quantity: 9, ..CreateTicketType::default() };
    let of = eventify.ticket_types().create(&organizer, event, of).await.unwrap().id;
    let mut paid = Vec::new();
    for comes in [true, true, false] {
        let line = LineRequest { ticket_type_id: of, quantity: 2 };
        let held = eventify.bookings().hold(&buyer, HoldTickets::new(event, vec![line])).await.unwrap().id;
        let wish = StartPayment { booking_id: held, payment_method: None, return_url: None };
        let payment = eventify.payments().start(&buyer, wish).await.unwrap().id;
        if comes {
            bank.settle(payment, ChargeStatus::Succeeded);
            let fee = Money::new(9, "KZT".parse().unwrap());
            bank.change(payment, |charge| charge.fee = Some(fee));
            eventify.payments().callback("memory", MemoryProvider::callback(payment)).await.unwrap();
            paid.push(payment);
        }
    }
    if let Some(reference) = bank.charge_again(paid[0]).filter(|_| twice) {
        eventify.payments().callback("memory", MemoryProvider::callback_of(&reference)).await.unwrap();
    }
    let part = Some(Money::new(100, "KZT".parse().unwrap()));
    for (payment, runs) in paid.into_iter().zip([!twice, false]) {
        let request = RefundPayment { amount: part, reason: None };
        eventify.payments().refund(&organizer, payment, request).await.unwrap();
        while runs && eventify.jobs().run_due().await.unwrap() > 0 {}
    }
    eventify.shut_down().await;
    store
}

#[tokio::test]
async fn money_that_does_not_agree_is_found() {
    let store = &*store().await;
    let paid = |p: &Payment| p.state.received().is_some();
    let less = |p: &mut Payment| {
        if let PaymentState::Succeeded { received, .. } = &mut p.state {
            received.amount_minor = 50;
        }
    };
    let wrong = found(store, each(less)).await;
    assert_eq!(wrong, ["booking_paid", "ledger_payment", "payment_ledger", "refunds_of_payment"]);
    let unpaid = |p: &mut Payment| p.state = PaymentState::Failed { at: Timestamp::MIN };
    let wrong = found(store, each(unpaid)).await;
    assert_eq!(wrong, ["booking_paid", "ledger_payment", "payment_ledger", "refunds_of_payment"]);
    let wrong = found(store, move |p: &mut Payment| if paid(p) { No } else { super::Keep::Yes }).await;
    assert_eq!(wrong, ["booking_paid", "booking_payments", "ledger_payment"]);
    let fail = |p: &mut Payment| {
        for refund in &mut p.refunds {
            refund.state = RefundState::Failed { at: Timestamp::MIN, error: String::new() };
        }
    };
    assert_eq!(found(store, each(fail)).await, ["ledger_payment", "payment_ledger", "refund_attention"]);
    let move_ = |p: &mut Payment| p.booking_id = crate::BookingId::from_bytes([9; 16]);
    let wrong = found(store, each(move_)).await;
    let rules = ["booking_payments", "ledger_payment", "payment_booking", "payment_outcome"];
    assert_eq!(wrong, rules);
}

#[tokio::test]
async fn a_booking_that_is_paid_twice_is_found() {
    let store = &*charged(true).await;
    let kept = |p: &mut Payment| {
        if p.double_of.is_some() {
            p.refunds.clear();
        }
    };
    assert_eq!(found(store, each(kept)).await, ["booking_paid"]);
    // It does not pay, and not all of it goes back.
    let part = |p: &mut Payment| {
        if p.double_of.is_some() {
            p.refunds[0].amount.amount_minor -= 1;
        }
    };
    assert_eq!(found(store, each(part)).await, ["payment_outcome"]);
    let lost = |p: &Payment| if p.double_of.is_some() { super::Keep::Yes } else { No };
    assert!(found(store, move |p: &mut Payment| lost(p)).await.contains(&"booking_paid"));
}

#[tokio::test]
async fn a_ledger_that_says_otherwise_is_found() {
    let store = &*store().await;
    let more = |e: &mut LedgerEntry| e.amount.amount_minor += 1;
    assert_eq!(found(store, each(more)).await, ["ledger_payment", "payment_ledger"]);
    assert_eq!(found(store, |_: &mut LedgerEntry| No).await, ["payment_ledger"]);
    let turn = |e: &mut LedgerEntry| {
        if e.kind == LedgerKind::Fee {
            e.kind = LedgerKind::Charge;
        }
    };
    assert_eq!(found(store, each(turn)).await, ["ledger_payment"]);
}

#[tokio::test]
async fn money_that_nobody_sees_to_is_found() {
    let store = &*store().await;
    let forget =
        |name: &'static str| move |job: &mut Job| if job.work.name() == name { No } else { super::Keep::Yes };
    assert_eq!(found(store, forget("refund_payment")).await, ["refund_job"]);
    assert_eq!(found(store, forget("watch_payment")).await, ["payment_watched"]);
    assert_eq!(
        found(store, each(|l: &mut BookingPayments| l.payments.clear())).await,
        ["booking_paid", "payment_booking"]
    );
    let twice = |l: &mut BookingPayments| l.payments.extend(l.payments.clone());
    assert_eq!(found(store, each(twice)).await, ["booking_payments"]);
    let end = |b: &mut Booking| {
        if let BookingState::Confirmed { at } = b.state {
            b.state = BookingState::Expired { at };
        }
    };
    assert!(found(store, each(end)).await.contains(&"payment_outcome"));
}
