//! What Stripe tells us by itself.

use std::collections::BTreeMap;

use eventify_core::PaymentId;
use eventify_core::account::SecretText;
use eventify_core::payment::{CallbackNews, ProviderCallback, ProviderError};
use serde::de::DeserializeOwned;

use super::model::{Event, Marked, Session};
use super::{MARK, charge_of, signature};

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
        // The sums stand in the charge; they are fetched, so that their order does not matter.
        "charge.refunded"
        | "charge.refund.updated"
        | "refund.created"
        | "refund.updated"
        | "refund.failed" => {
            let marked: Marked = object(event)?;
            Ok(payment(&marked.metadata).map_or(CallbackNews::Nothing, CallbackNews::Look))
        }
        _ => Ok(CallbackNews::Nothing),
    }
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
