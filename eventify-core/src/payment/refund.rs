//! Giving money back because somebody who may asks for it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Payments;
use super::access::{self, Access};
use super::model::{Payment, REFUNDS_ASKED_MAX, REFUNDS_MAX, Refund, RefundCause, RefundState};
use super::owe::{gives_back, owe, send_again};
use super::view::PaymentView;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::{Fetched, IfMatch};
use crate::id::{EventId, PaymentId, RefundId};
use crate::money::Money;
use crate::scope::Scope;
use crate::store::Key;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// A wish to give money back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct RefundPayment {
    /// How much, of the currency that came; all that is left when absent.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub amount: Option<Money>,
    /// Why, for the payer; at most 200 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub reason: Option<String>,
}

impl Payments<'_> {
    /// Gives a part of a payment back, or all that is left. The booking stays as it is: cancel it to take its tickets back. For the
    /// event's organizer and admins. The provider is told by a job; [`PaymentView::refunds`] shows what becomes of it.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `payment_not_found`, `not_event_owner`, `payment_not_succeeded`, `refund_too_large` with what is
    /// `left`, `refund_under_way`, `partial_refund_not_supported`, `too_many_refunds`, `invalid_value`, `idempotency_key_reused`.
    pub async fn refund(
        &self,
        call: impl Into<Call>,
        id: PaymentId,
        request: RefundPayment,
    ) -> Result<Answer<PaymentView>, Error> {
        let call = call.into().within(Scope::PaymentsWrite)?;
        let mut check = Check::new();
        let reason = request.reason.as_deref().map(|reason| check.optional_line("reason", reason, 200));
        let above_zero = request.amount.is_none_or(|amount| amount.amount_minor > 0);
        check.require(above_zero, "amount", "must be above zero");
        check.finish()?;
        let event_id = self.seen(call.actor(), id).await?.event_id;
        let reason = reason.filter(|reason| !reason.is_empty());
        let request = RefundPayment { reason, ..request };
        let command = Ask { actor: call.actor().clone(), id, event_id, request };
        let asked = self.engine.executor.submit(&call, command).await?;
        let view = self.view(call.actor(), id).await?.into_inner();
        Ok(asked.map(|_| view))
    }

    /// Has the provider try a refund again that failed: it is the same refund, so it happens once – unless the provider said that it accepted
    /// the last one and could not make it: then it is another. For the event's organizer and admins.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `payment_not_found`, `not_event_owner`, `refund_not_found`, `refund_not_failed`,
    /// `partial_refund_not_supported`, `too_many_refunds`.
    pub async fn retry_refund(
        &self,
        actor: &Actor,
        id: PaymentId,
        refund_id: RefundId,
    ) -> Result<PaymentView, Error> {
        let actor = &*actor.within(Scope::PaymentsWrite)?;
        let event_id = self.seen(actor, id).await?.event_id;
        self.engine.executor.decide(Retry { actor: actor.clone(), id, refund_id, event_id }).await?;
        self.view(actor, id).await.map(Fetched::into_inner)
    }

    /// Says that what a payment needed attention for was seen to: whatever it is but money that is owed.
    /// For the event's organizer and admins. With the version that was read, nothing is taken away that came since.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `payment_not_found`, `not_event_owner`, `precondition_failed` when it was changed since,
    /// `refund_under_way` while a refund has to be tried again or paid out.
    pub async fn dismiss(
        &self,
        actor: &Actor,
        id: PaymentId,
        if_match: IfMatch,
    ) -> Result<Fetched<PaymentView>, Error> {
        let actor = &*actor.within(Scope::PaymentsWrite)?;
        let event_id = self.seen(actor, id).await?.event_id;
        self.engine.executor.decide(Dismiss { actor: actor.clone(), id, event_id, if_match }).await?;
        self.view(actor, id).await
    }
}

#[derive(Serialize)]
struct Ask {
    #[serde(skip)]
    actor: Actor,
    id: PaymentId,
    event_id: EventId,
    request: RefundPayment,
}

impl Command for Ask {
    type Reply = ();
    const NAME: &'static str = "refund_payment";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Payment(self.id), Key::Event(self.event_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let (payment, event) = access::find(work, &self.actor, self.id, Access::Owner)?;
        let Some(received) = payment.state.received() else {
            return Err(Error::new(Reason::PaymentNotSucceeded, "No money came of this payment.").into());
        };
        if payment.under_way().is_some() {
            let sentence = "A refund of this payment is on its way already; wait for it.";
            return Err(Error::new(Reason::RefundUnderWay, sentence).into());
        }
        let left = payment.left();
        let amount = self.request.amount.unwrap_or(left);
        if amount.currency != received.currency {
            let sentence = format!("must be of the currency that came, {}", received.currency);
            return Err(Error::invalid("amount", sentence).into());
        }
        if amount.amount_minor > left.amount_minor || amount.is_zero() {
            let sentence = format!("Only {left} are left to be given back.");
            return Err(Error::new(Reason::RefundTooLarge, sentence).with("left", left).into());
        }
        if payment.refunds.len() >= REFUNDS_ASKED_MAX {
            let sentence = format!("A payment may be given back in {REFUNDS_ASKED_MAX} parts.");
            return Err(Error::new(Reason::TooManyRefunds, sentence).into());
        }
        if !gives_back(cx, &payment, amount) {
            return Err(no_parts().into());
        }
        let mut next = (*payment).clone();
        let reason = self.request.reason.clone();
        owe(work, cx, &mut next, (amount, RefundCause::Requested, reason));
        next.updated_at = cx.now;
        work.put(next);
        let act = audit::Act::new("payment.refund_requested", "payment", self.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

fn no_parts() -> Error {
    let sentence = "This provider gives back the whole payment only.";
    Error::new(Reason::PartialRefundNotSupported, sentence)
}

struct Retry {
    actor: Actor,
    id: PaymentId,
    refund_id: RefundId,
    event_id: EventId,
}

impl Command for Retry {
    type Reply = ();
    const NAME: &'static str = "retry_refund";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Payment(self.id), Key::Event(self.event_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let (payment, event) = access::find(work, &self.actor, self.id, Access::Owner)?;
        let mut next = (*payment).clone();
        let is_next = next.under_way().is_none();
        let refund = find(&mut next, self.refund_id)?;
        let RefundState::Failed { at: failed_at, .. } = refund.state else {
            let error = Error::new(Reason::RefundNotFailed, "The refund did not fail.");
            return Err(error.with("refund_status", refund.state.status()).into());
        };
        if !gives_back(cx, &payment, refund.amount) {
            return Err(no_parts().into());
        }
        // Each that the provider accepts and that fails afterwards takes a place.
        let came_back = |refund: &&Refund| matches!(refund.state, RefundState::Returned { .. });
        if payment.refunds.iter().filter(came_back).count() >= REFUNDS_MAX {
            let sentence = format!("Refunds of it came back {REFUNDS_MAX} times; pay this one out by hand.");
            return Err(Error::new(Reason::TooManyRefunds, sentence).into());
        }
        refund.state = RefundState::Due;
        refund.retries = refund.retries.saturating_add(1);
        let again = refund.clone();
        if is_next {
            send_again(work, cx, (&next, &again), failed_at);
        }
        // Its turn is after those that are due already.
        next.refunds.retain(|refund| refund.id != again.id);
        next.refunds.push(again);
        next.look_again();
        next.updated_at = cx.now;
        work.put(next);
        let act = audit::Act::new("payment.refund_retried", "payment", self.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

/// A refund of a payment.
pub(super) fn find(payment: &mut Payment, id: RefundId) -> Result<&mut Refund, Error> {
    let found = payment.refunds.iter_mut().find(|refund| refund.id == id);
    found.ok_or_else(|| Error::new(Reason::RefundNotFound, "The payment has no such refund."))
}

struct Dismiss {
    actor: Actor,
    id: PaymentId,
    event_id: EventId,
    if_match: IfMatch,
}

impl Command for Dismiss {
    type Reply = ();
    const NAME: &'static str = "dismiss_payment";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Payment(self.id), Key::Event(self.event_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let (payment, event) = access::find(work, &self.actor, self.id, Access::Owner)?;
        self.if_match.check(work.version_of(&Key::Payment(self.id)))?;
        if payment.attention.iter().any(|why| why.is_owed()) {
            let sentence = "Money is still owed; try the refund again, or pay it out and say so.";
            return Err(Error::new(Reason::RefundUnderWay, sentence).into());
        }
        if payment.attention.is_empty() {
            return Ok(());
        }
        work.put(Payment { attention: BTreeSet::new(), updated_at: cx.now, ..(*payment).clone() });
        let act = audit::Act::new("payment.dismissed", "payment", self.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}
