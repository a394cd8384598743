//! Money that staff takes and gives back, and says so.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::access::{self, Access};
use super::model::{BookingPayments, Payment, PaymentState, RefundCause, RefundState};
use super::providers::OFFLINE;
use super::start::begun;
use super::view::PaymentView;
use super::{Payments, give_back, instead, ledger, owe, refund, tell, watch};
use crate::actor::Actor;
use crate::audit;
use crate::booking::{self, Booking, BookingState};
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::{Category, Error, Reason};
use crate::event::{Event, EventState};
use crate::id::{EventId, PaymentId, RefundId};
use crate::scope::Scope;
use crate::stats;
use crate::store::Key;
use crate::work::{Decision, Halt, Work};

/// What staff says of money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct SettleByHand {
    /// The refund that was paid out; when absent, that the payment's money is there.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub refund_id: Option<RefundId>,
}

impl Payments<'_> {
    /// Says that the money of a payment by hand is there, which issues the tickets; or that a refund was paid out by hand: one of
    /// such a payment, or one that the provider did not make. Those who manage the event may say the first, its organizer and
    /// admins also the second. Saying it twice is saying it once. Money for a hold that is over takes its seats anew if they are still there;
    /// otherwise it is to be paid out ([`Attention::PayOut`](super::Attention::PayOut)).
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `payment_not_found`, `not_event_owner`, `payment_not_by_hand`, `event_cancelled`,
    /// `event_not_published`, `booking_not_held` of one that is cancelled, or sold another way, `refund_not_found`, `refund_under_way` while the
    /// provider is about it – until thirty days after it accepted it, or once the payment is listed as `provider_missing` –, `refund_not_failed` where the provider made it, the payer's bank took
    /// the money or another refund took its place, `idempotency_key_reused`.
    pub async fn settle_by_hand(
        &self,
        call: impl Into<Call>,
        id: PaymentId,
        request: SettleByHand,
    ) -> Result<Answer<PaymentView>, Error> {
        let call = call.into().within(Scope::PaymentsWrite)?;
        let event_id = self.seen(call.actor(), id).await?.event_id;
        let command = Say { actor: call.actor().clone(), id, event_id, request };
        let said = self.engine.executor.submit(&call, command).await?;
        let view = self.view(call.actor(), id).await?.into_inner();
        Ok(said.map(|_| view))
    }
}

#[derive(Serialize)]
struct Say {
    #[serde(skip)]
    actor: Actor,
    id: PaymentId,
    event_id: EventId,
    request: SettleByHand,
}

impl Command for Say {
    type Reply = ();
    const NAME: &'static str = "settle_by_hand";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Payment(self.id), Key::Event(self.event_id), Key::Job(watch::job_id(self.id))]);
        keys.extend([Key::Inventory(self.event_id), stats::reads(self.event_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        match self.request.refund_id {
            None => self.received(work, cx),
            Some(refund_id) => self.paid_out(work, cx, refund_id),
        }
    }
}

impl Say {
    fn received(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let (payment, event) = access::find(work, &self.actor, self.id, Access::Manager)?;
        if !payment.by_hand {
            let sentence = "The provider says itself whether the money came.";
            return Err(Error::new(Reason::PaymentNotByHand, sentence).into());
        }
        if payment.state.received().is_some() {
            return Ok(());
        }
        let booking = work.find::<Booking>(&payment.booking_id)?.ok_or_else(booking::not_found)?;
        let back = self.sell(work, cx, (&event, &booking))?;
        let taken = take(work, cx, (*payment).clone(), (Some(&event), back))?;
        work.put(taken);
        let act = audit::Act::new("payment.settled_by_hand", "payment", self.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }

    /// Issues the tickets. A hold that is over, and cannot be had again, is no reason to refuse the money: that is in the desk, and is to be paid
    /// out. Says why it is.
    fn sell(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        (event, booking): (&Event, &Booking),
    ) -> Decision<Option<RefundCause>> {
        let is_cancelled = matches!(event.state, EventState::Cancelled { .. });
        let is_late = matches!(booking.state, BookingState::Expired { .. }) && !is_cancelled;
        let before = work.mark();
        let on_sale = event.state.require_published().map_err(Halt::from);
        match on_sale.and_then(|()| booking::sell(work, cx, event, booking, &self.actor)) {
            Ok(_) => Ok(None),
            Err(Halt::Rejected(error)) if is_late && error.category() != Category::Internal => {
                work.roll_back(before);
                Ok(Some(RefundCause::TooLate))
            }
            Err(halt) => Err(halt),
        }
    }

    fn paid_out(&self, work: &mut Work, cx: &Context<'_>, refund_id: RefundId) -> Decision<()> {
        let (payment, event) = access::find(work, &self.actor, self.id, Access::Owner)?;
        work.need([tell::reads(&payment)])?;
        let mut next = (*payment).clone();
        let refund = refund::find(&mut next, refund_id)?;
        match refund.state {
            RefundState::Done { .. } if refund.by_hand => return Ok(()),
            RefundState::Sent { at } if instead::is_overdue(cx, &payment, at) => {}
            RefundState::Due | RefundState::Sent { .. } if !payment.by_hand => {
                let sentence = "The provider is about to make the refund; wait for it.";
                return Err(Error::new(Reason::RefundUnderWay, sentence).into());
            }
            // Who gave it out all the same has to hear of it: the payer has it twice.
            RefundState::Done { .. } => {
                let error = Error::new(Reason::RefundNotFailed, "The provider made the refund.");
                return Err(error.with("refund_status", refund.state.status()).into());
            }
            RefundState::Superseded { .. } | RefundState::Returned { .. } => {
                let sentence =
                    "The payer's bank took the money already, or another refund took this one's place.";
                let error = Error::new(Reason::RefundNotFailed, sentence);
                return Err(error.with("refund_status", refund.state.status()).into());
            }
            RefundState::Due | RefundState::Sent { .. } | RefundState::Failed { .. } => {}
        }
        let was_sent = matches!(refund.state, RefundState::Sent { .. });
        refund.state = RefundState::Done { at: cx.now };
        refund.by_hand = true;
        let refund = refund.clone();
        if was_sent {
            instead::paid_out(work, cx, &mut next)?;
        } else {
            give_back::gone(work, cx, &next, &refund)?;
        }
        next.look_again();
        next.updated_at = cx.now;
        work.put(next);
        let act = audit::Act::new("payment.paid_out", "payment", self.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

/// The payment with its money, taken by hand; with a cause it is to be paid out again.
fn take(
    work: &mut Work,
    cx: &Context<'_>,
    payment: Payment,
    (event, back): (Option<&Event>, Option<RefundCause>),
) -> Decision<Payment> {
    let state = PaymentState::Succeeded { at: cx.now, received: payment.amount };
    let mut taken = Payment { state, redirect_url: None, failure: None, updated_at: cx.now, ..payment };
    watch::stop(work, taken.id)?;
    ledger::charged(work, cx, &taken, taken.amount);
    if let Some(cause) = back {
        let received = taken.amount;
        owe::owe(work, cx, &mut taken, (received, cause, None));
    }
    tell::succeeded(work, cx, event, &taken, back)?;
    Ok(taken)
}

/// Writes down that staff has the money of a booking: who marks it paid took it. An open payment by hand is the one that was
/// meant; otherwise there is a new one.
pub(crate) fn taken_with_booking(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    booking: &Booking,
) -> Decision<()> {
    let list = work.find::<BookingPayments>(&booking.id)?;
    let mut payments = list.map_or_else(Vec::new, |list| list.payments.clone());
    let jobs = payments.iter().map(|id| Key::Job(watch::job_id(*id)));
    work.need(payments.iter().copied().map(Key::Payment).chain(jobs))?;
    let mut meant = None;
    for id in &payments {
        let found = work.find::<Payment>(id)?;
        meant = meant.or(found.filter(|payment| payment.by_hand && payment.state.is_open()));
    }
    let payment = match meant {
        Some(payment) => (*payment).clone(),
        None => {
            let payment = begun(cx, (booking, event), OFFLINE, true, cx.now);
            payments.push(payment.id);
            work.put(BookingPayments { booking_id: booking.id, event_id: event.id, payments });
            let taken = Payment {
                state: PaymentState::Succeeded { at: cx.now, received: payment.amount },
                ..payment
            };
            ledger::charged(work, cx, &taken, taken.amount);
            tell::succeeded(work, cx, Some(event), &taken, None)?;
            work.put(taken);
            return Ok(());
        }
    };
    let taken = take(work, cx, payment, (Some(event), None))?;
    work.put(taken);
    Ok(())
}
