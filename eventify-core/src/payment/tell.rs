//! What people and other systems are told of money.

use serde_json::json;

use super::model::{Payment, Refund, RefundCause};
use crate::context::Context;
use crate::event::Event;
use crate::money::Money;
use crate::notification::{self, Fact, FactName, Notice, Words};
use crate::store::Key;
use crate::work::{Decision, Work};

/// What telling a payer reads.
pub(super) fn reads(payment: &Payment) -> Key {
    notification::reads(payment.user_id)
}

/// The money came; with a cause, it goes back at once. What is taken by hand needs no words: the tickets say it, where there are any.
pub(super) fn succeeded(
    work: &mut Work,
    cx: &Context<'_>,
    event: Option<&Event>,
    payment: &Payment,
    back: Option<RefundCause>,
) -> Decision<()> {
    let fact = publish(work, cx, FactName::PaymentSucceeded, payment, None);
    let Some(event) = event.filter(|_| !payment.by_hand || back.is_some()) else { return Ok(()) };
    let received = payment.state.received().unwrap_or(payment.amount);
    let (event, amount) = (event.title.clone(), received.to_string());
    let words = match back {
        None => Words::PaymentReceived { event, amount },
        // Nothing goes back by itself, and the seats may be there: of an event that is over.
        Some(RefundCause::TooLate) if payment.by_hand => Words::PaymentByHandTooLate { event, amount },
        Some(RefundCause::TooLate) => Words::PaymentTooLate { event, amount },
        Some(RefundCause::PaidTwice) => Words::PaymentTwice { event, amount },
        Some(RefundCause::AmountMismatch) => {
            Words::PaymentOfAnotherAmount { event, amount, asked: payment.amount.to_string() }
        }
        Some(_) => Words::PaymentOfCancelled { event, amount },
    };
    tell(work, cx, &fact, payment, &words)
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
    let words = Words::PaymentFailed { event: event.title.clone(), reason: payment.failure.clone() };
    tell(work, cx, &fact, payment, &words)
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
    let words = Words::PaymentRefunded { event: event.title.clone(), amount: refund.amount.to_string() };
    tell(work, cx, &fact, payment, &words)
}

fn tell(work: &mut Work, cx: &Context<'_>, fact: &Fact, payment: &Payment, words: &Words) -> Decision<()> {
    notification::tell(work, cx, fact, &Notice::new(payment.user_id, words)).map(drop)
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
