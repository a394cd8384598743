//! What Stripe tells us by itself.

use std::collections::BTreeMap;

use eventify_core::account::SecretText;
use eventify_core::payment::{CallbackNews, ChargeDispute, DisputeStatus, ProviderCallback, ProviderError};
use eventify_core::{Money, PaymentId};
use serde::de::DeserializeOwned;

use super::currency::from_stripe;
use super::model::{DisputeObject, Event, Expandable, Marked, PaymentIntent, RefundObject, Session};
use super::refund::told;
use super::{MARK, charge_of, name, signature};

/// The event of a genuine callback.
pub(crate) fn genuine(
    callback: &ProviderCallback,
    secrets: &[SecretText],
    now: i64,
) -> Result<Event, ProviderError> {
    let header = callback.headers.get("stripe-signature").ok_or(ProviderError::NotGenuine)?;
    if !signature::is_genuine(header, &callback.body, secrets, now) {
        return Err(ProviderError::NotGenuine);
    }
    serde_json::from_slice(&callback.body)
        .map_err(|_| ProviderError::Refused("the event cannot be read".into()))
}

/// What an event says; what an account's other uses of Stripe cause says nothing here.
pub(crate) fn news(event: Event) -> Result<CallbackNews, ProviderError> {
    match event.kind.as_str() {
        "checkout.session.completed"
        | "checkout.session.async_payment_succeeded"
        | "checkout.session.async_payment_failed"
        | "checkout.session.expired" => session(event),
        "charge.refund.updated" | "refund.created" | "refund.updated" | "refund.failed" => {
            let refund: RefundObject = object(event)?;
            let Some(payment_id) = payment(&refund.metadata) else {
                return Ok(moved(refund.payment_intent.as_ref()));
            };
            let looked = CallbackNews::Look(payment_id);
            Ok(told(refund).map_or(looked, |(key, receipt)| CallbackNews::Refund(payment_id, key, receipt)))
        }
        // The sums stand in the charge; they are fetched, so that their order does not matter.
        "charge.refunded" => {
            let marked: Marked = object(event)?;
            let moved = || moved(marked.payment_intent.as_ref());
            Ok(payment(&marked.metadata).map_or_else(moved, CallbackNews::Look))
        }
        kind if kind.starts_with("charge.dispute.") => dispute(event),
        _ => Ok(CallbackNews::Nothing),
    }
}

/// What is done on Stripe's own pages bears no mark of ours: its money is known by its name, if it is ours.
fn moved(intent: Option<&Expandable<PaymentIntent>>) -> CallbackNews {
    let known = intent.and_then(|intent| name(intent.id()).ok());
    known.map_or(CallbackNews::Nothing, |intent| CallbackNews::Moved(intent.to_owned()))
}

fn dispute(event: Event) -> Result<CallbackNews, ProviderError> {
    let kind = event.kind.clone();
    let told: DisputeObject = object(event)?;
    let Some(intent) = told.payment_intent.as_ref().map(|intent| intent.id().to_owned()) else {
        return Ok(CallbackNews::Nothing);
    };
    let Some(amount) = from_stripe(told.amount, &told.currency) else {
        return Err(ProviderError::Refused("the dispute names no amount in a currency that is known".into()));
    };
    let (moves, taken) = movements(&kind, &told, amount);
    let status = match told.status.as_deref() {
        Some("won" | "warning_closed" | "prevented") => DisputeStatus::Won,
        Some("lost") => DisputeStatus::Lost,
        _ => DisputeStatus::Open,
    };
    Ok(CallbackNews::Dispute(ChargeDispute {
        reference: told.id,
        transaction: intent,
        amount,
        reason: told.reason,
        status,
        moves,
        taken,
    }))
}

/// How often money moved because of a dispute, and how much is taken now. The balance may be kept in another currency than the
/// charge: then all of the disputed amount is what moved.
fn movements(kind: &str, told: &DisputeObject, amount: Money) -> (u8, Money) {
    let none = Money::new(0, amount.currency);
    let listed = &told.balance_transactions;
    if listed.is_empty() {
        return match kind {
            "charge.dispute.funds_withdrawn" => (1, amount),
            "charge.dispute.funds_reinstated" => (2, none),
            _ => (0, none),
        };
    }
    let moves = u8::try_from(listed.len()).unwrap_or(u8::MAX);
    let sum = listed.iter().map(|moved| moved.amount).fold(0, i64::saturating_add);
    let same = listed.iter().all(|moved| moved.currency.eq_ignore_ascii_case(&told.currency));
    let exact = from_stripe(sum.saturating_neg(), &told.currency).filter(|_| same);
    let taken = exact.unwrap_or(if sum < 0 { amount } else { none });
    (moves, Money::new(taken.amount_minor.max(0), amount.currency))
}

fn session(event: Event) -> Result<CallbackNews, ProviderError> {
    let failed = event.kind == "checkout.session.async_payment_failed";
    let session: Session = object(event)?;
    let Some(payment_id) = payment(&session.metadata) else { return Ok(CallbackNews::Nothing) };
    if failed {
        // Why it failed stands in the payment, not in the session.
        return Ok(CallbackNews::Look(payment_id));
    }
    match charge_of(&session) {
        Some(charge) => Ok(CallbackNews::Charge(payment_id, charge)),
        None => Err(ProviderError::Refused("the session names no amount in a currency that is known".into())),
    }
}

/// Which payment of ours an object belongs to.
pub(crate) fn payment(metadata: &BTreeMap<String, String>) -> Option<PaymentId> {
    metadata.get(MARK)?.parse().ok()
}

fn object<T: DeserializeOwned>(event: Event) -> Result<T, ProviderError> {
    serde_json::from_value(event.data.object)
        .map_err(|_| ProviderError::Refused("the event's object cannot be read".into()))
}
