//! What people and other systems are told of money.

use serde_json::json;

use super::model::{Payment, Refund, RefundCause};
use crate::context::Context;
use crate::event::Event;
use crate::money::Money;
use crate::notification::{self, Fact, FactName, Notice};
use crate::store::Key;
use crate::work::{Decision, Work};

/// What telling a payer reads.
pub(super) fn reads(payment: &Payment) -> Key {
    notification::reads(payment.user_id)
}

/// The money came; with a cause, it goes back at once. What is taken by hand needs no words: the tickets say it.
pub(super) fn succeeded(
    work: &mut Work,
    cx: &Context<'_>,
    event: Option<&Event>,
    payment: &Payment,
    back: Option<RefundCause>,
) -> Decision<()> {
    let fact = publish(work, cx, FactName::PaymentSucceeded, payment, None);
    let Some(event) = event.filter(|_| !payment.by_hand) else { return Ok(()) };
    let received = payment.state.received().unwrap_or(payment.amount);
    let title = match back {
        None => format!("Your payment for {}", event.title),
        Some(_) => format!("Your payment for {} is given back", event.title),
    };
    let body = match back {
        None => format!("{received} came."),
        Some(RefundCause::TooLate) => format!("{received} came when the seats were gone."),
        Some(RefundCause::PaidTwice) => format!("{received} came, but the booking had been paid already."),
        Some(RefundCause::AmountMismatch) => format!("{received} came instead of {}.", payment.amount),
        Some(_) => format!("{received} came when the booking was cancelled already."),
    };
    tell(work, cx, &fact, payment, (&title, &body))
}

/// The money will not come.
pub(super) fn failed(
    work: &mut Work,
    cx: &Context<'_>,
    event: Option<&Event>,
    payment: &Payment,
) -> Decision<()> {
    let fact = publish(work, cx, FactName::PaymentFailed, payment, None);
    let Some(event) = event else { return Ok(()) };
    let title = format!("Your payment for {} failed", event.title);
    let body = payment.failure.clone().unwrap_or_else(|| "Nothing was charged.".to_owned());
    tell(work, cx, &fact, payment, (&title, &body))
}

/// Money went back.
pub(super) fn refunded(
    work: &mut Work,
    cx: &Context<'_>,
    event: Option<&Event>,
    payment: &Payment,
    refund: &Refund,
) -> Decision<()> {
    let fact = publish(work, cx, FactName::PaymentRefunded, payment, Some(refund));
    let Some(event) = event else { return Ok(()) };
    let title = format!("{} for {} were given back", refund.amount, event.title);
    let body = "It may take some days until you see the money.";
    tell(work, cx, &fact, payment, (&title, body))
}

fn tell(
    work: &mut Work,
    cx: &Context<'_>,
    fact: &Fact,
    payment: &Payment,
    (title, body): (&str, &str),
) -> Decision<()> {
    let notice = Notice { user_id: payment.user_id, title, body, urgent: None };
    notification::tell(work, cx, fact, &notice).map(drop)
}

fn publish(
    work: &mut Work,
    cx: &Context<'_>,
    name: FactName,
    payment: &Payment,
    refund: Option<&Refund>,
) -> Fact {
    let about = refund.map_or(payment.id.uuid(), |refund| refund.id.uuid());
    let id = notification::fact_id(name, about, 0);
    let amount = refund.map(|refund| refund.amount).or_else(|| payment.state.received());
    let amount: Money = amount.unwrap_or(payment.amount);
    let data = json!({
        "payment_id": payment.id, "booking_id": payment.booking_id, "event_id": payment.event_id,
        "user_id": payment.user_id, "provider": payment.provider, "status": payment.state.status(),
        "amount": amount, "refund_id": refund.map(|refund| refund.id), "cause": refund.map(|refund| refund.cause),
    });
    let fact = notification::fact(cx, name, id, Some(payment.event_id), &data);
    notification::publish(work, cx, &fact);
    fact
}
