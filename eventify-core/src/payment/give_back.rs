//! Having a provider make the refunds that are due, one of a payment after another.

use std::collections::BTreeSet;

use super::After;
use super::model::{Payment, Refund, RefundState};
use super::port::{ProviderError, RefundReceipt, RefundRequest};
use super::providers::{ask, words};
use super::{dispute, ledger, owe, tell, watch};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::event::Event;
use crate::eventify::Engine;
use crate::id::{PaymentId, RefundId};
use crate::job::Job;
use crate::store::Key;
use crate::work::{Decision, Work};

/// Has the provider make a refund, and writes down what it said. While it cannot be reached the job is tried again; the last
/// attempt leaves the refund to people.
pub(super) async fn make(
    engine: &Engine,
    job: &Job,
    payment_id: PaymentId,
    refund_id: RefundId,
) -> Result<After, Error> {
    let core = engine.core();
    let Some(payment) = engine.load::<Payment>(&payment_id).await? else { return Ok(After::Done) };
    let Some(refund) = payment.under_way().filter(|refund| refund.id == refund_id) else {
        // Done already, by an attempt that did not live to say so.
        return Ok(After::Done);
    };
    let made = match core.providers.find(&payment.provider) {
        Some(provider) => {
            let patience = core.settings.job_lease_for / 3;
            ask(provider.refund(&request(&payment, refund)), patience).await
        }
        None => Err(watch::missing(engine, &payment).await?),
    };
    // This attempt is counted already.
    let is_last = job.attempts >= core.settings.job_attempts_max;
    let outcome = match made {
        Ok(receipt) => Ok(receipt),
        Err(error @ (ProviderError::Refused(_) | ProviderError::Unknown)) => Err(words(&error.to_string())),
        Err(error) if is_last => Err(words(&format!("{error}; it may have been made all the same"))),
        Err(error) => return Ok(After::Failed(words(&error.to_string()))),
    };
    engine.executor.decide(Close { payment: (*payment).clone(), refund_id, outcome }).await?;
    Ok(After::Done)
}

fn request(payment: &Payment, refund: &Refund) -> RefundRequest {
    RefundRequest {
        idempotency_key: refund.id.to_string(),
        charge: payment.charge_key(),
        charged: payment.state.received().unwrap_or(payment.amount),
        amount: refund.amount,
        refunded_before: payment.refunded_by_provider(),
        description: refund.reason.clone().unwrap_or_default(),
    }
}

/// Writes down how a refund went, and sends the next one that is due on its way.
struct Close {
    payment: Payment,
    refund_id: RefundId,
    outcome: Result<RefundReceipt, String>,
}

impl Command for Close {
    type Reply = ();
    const NAME: &'static str = "close_refund";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.payment.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Payment(self.payment.id), Key::Event(self.payment.event_id)]);
        keys.insert(tell::reads(&self.payment));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        close(work, cx, (self.payment.id, self.refund_id), &self.outcome)
    }
}

fn close(
    work: &mut Work,
    cx: &Context<'_>,
    (payment_id, refund_id): (PaymentId, RefundId),
    outcome: &Result<RefundReceipt, String>,
) -> Decision<()> {
    let Some(payment) = work.find::<Payment>(&payment_id)? else { return Ok(()) };
    if payment.under_way().is_none_or(|refund| refund.id != refund_id) {
        return Ok(());
    }
    let mut next = (*payment).clone();
    let refund = super::refund::find(&mut next, refund_id)?;
    let action = match outcome {
        Ok(receipt) => {
            refund.state = RefundState::Done { at: cx.now };
            refund.reference = receipt.reference.as_deref().map(words);
            "payment.refunded"
        }
        Err(error) => {
            refund.state = RefundState::Failed { at: cx.now, error: error.clone() };
            "payment.refund_failed"
        }
    };
    let refund = refund.clone();
    if matches!(refund.state, RefundState::Done { .. }) {
        gone(work, cx, &next, &refund)?;
    }
    if let Some(due) = next.under_way() {
        owe::send(work, cx, &next, due);
    }
    dispute::supersede(cx, &mut next);
    next.updated_at = cx.now;
    work.put(next);
    let act = audit::Act::new(action, "payment", payment.id).of_event(payment.event_id);
    audit::record(work, cx, &Actor::system(), &act);
    Ok(())
}

/// A job that was to have a refund made is given up: the refund is left to people, with the reason, and the next one goes on.
pub(super) fn given_up(
    work: &mut Work,
    cx: &Context<'_>,
    (payment_id, refund_id): (PaymentId, RefundId),
    error: &str,
) -> Decision<()> {
    let why = words(&format!("{error}; it may have been made all the same"));
    close(work, cx, (payment_id, refund_id), &Err(why))
}

/// The money is on its way back.
pub(super) fn gone(work: &mut Work, cx: &Context<'_>, payment: &Payment, refund: &Refund) -> Decision<()> {
    ledger::refunded(work, cx, payment, refund);
    let event = work.find::<Event>(&payment.event_id)?;
    tell::refunded(work, cx, event.as_deref(), payment, refund)
}
