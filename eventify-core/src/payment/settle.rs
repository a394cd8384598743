//! What follows when a provider says how a charge stands: the same for its callbacks, its answers and its status.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::{Attention, Payment, PaymentState, REFUNDS_MAX, Refund, RefundCause, RefundState};
use super::port::Charge;
use super::{ledger, owe, tell, watch};
use crate::actor::Actor;
use crate::audit;
use crate::booking::{self, Booking, BookingState};
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Category;
use crate::event::{Event, EventState};
use crate::id::{JobId, RefundId};
use crate::money::Money;
use crate::stats;
use crate::store::Key;
use crate::work::{Decision, Halt, Work};

/// Takes in what is known of a charge. However often, late and out of order it comes, it counts once.
pub(super) struct Settle {
    /// The payment as it was last seen: says what has to be loaded.
    seen: Payment,
    what: Report,
}

/// What is known of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Report {
    /// How the provider says it stands.
    Charge(Charge),
    /// The provider refuses to begin it.
    Refused(String),
    /// Its time is over, and the provider knows of no money.
    Lapsed(Option<String>),
}

impl Settle {
    pub(super) fn new(seen: &Payment, what: Report) -> Self {
        Self { seen: seen.clone(), what }
    }
}

/// Whether it was news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct News(pub(super) bool);

impl Command for Settle {
    type Reply = News;
    const NAME: &'static str = "settle_payment";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.seen.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let Payment { id, booking_id, event_id, .. } = self.seen;
        keys.extend([Key::Payment(id), Key::Booking(booking_id), Key::Event(event_id)]);
        keys.extend([tell::reads(&self.seen), Key::Job(watch::job_id(id))]);
        if matches!(&self.what, Report::Charge(charge) if charge.status == super::ChargeStatus::Succeeded) {
            keys.extend([Key::Inventory(event_id), stats::reads(event_id)]);
            keys.insert(Key::Job(JobId::from_uuid(booking_id.uuid())));
        }
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<News> {
        let Some(payment) = work.find::<Payment>(&self.seen.id)? else { return Ok(News(false)) };
        let mut next = (*payment).clone();
        match &self.what {
            Report::Charge(charge) => reported(work, cx, &mut next, charge)?,
            Report::Refused(error) if next.state.is_open() => {
                next.last_error = Some(error.clone());
                fail(work, cx, &mut next)?;
            }
            Report::Lapsed(error) if next.state.is_open() && next.expires_at <= cx.now => {
                next.state = PaymentState::Expired { at: cx.now };
                next.last_error.clone_from(error);
            }
            Report::Refused(_) | Report::Lapsed(_) => {}
        }
        if next == *payment {
            return Ok(News(false));
        }
        if !next.state.is_open() {
            next.redirect_url = None;
        }
        next.updated_at = cx.now;
        record(work, cx, &payment, &next);
        work.put(next);
        Ok(News(true))
    }
}

/// One entry of the trail for what the provider said.
fn record(work: &mut Work, cx: &Context<'_>, before: &Payment, after: &Payment) {
    let action = match after.state {
        state if state == before.state => "payment.updated",
        PaymentState::Created | PaymentState::Pending => "payment.pending",
        PaymentState::Succeeded { .. } => "payment.succeeded",
        PaymentState::Failed { .. } => "payment.failed",
        PaymentState::Expired { .. } => "payment.expired",
    };
    let act = audit::Act::new(action, "payment", after.id).of_event(after.event_id);
    audit::record(work, cx, &Actor::system(), &act);
}

fn reported(work: &mut Work, cx: &Context<'_>, payment: &mut Payment, charge: &Charge) -> Decision<()> {
    let had_come = payment.state.received().is_some();
    if !had_come {
        payment.reference = Some(charge.reference.clone());
        if charge.redirect_url.is_some() {
            payment.redirect_url.clone_from(&charge.redirect_url);
        }
    }
    match payment.state.reported(charge, cx.now) {
        Some(PaymentState::Succeeded { at, received }) => {
            payment.state = PaymentState::Succeeded { at, received };
            payment.failure = None;
            come(work, cx, payment, received)?;
        }
        Some(state @ PaymentState::Failed { .. }) => {
            payment.failure.clone_from(&charge.failure);
            payment.state = state;
            fail(work, cx, payment)?;
        }
        Some(state) => payment.state = state,
        None => {}
    }
    if payment.state.received().is_none() {
        return Ok(());
    }
    if let (None, Some(fee)) = (payment.fee, charge.fee) {
        payment.fee = Some(fee);
        ledger::fee(work, cx, payment, fee);
    }
    given_back_outside(work, cx, payment, charge.refunded)
}

fn fail(work: &mut Work, cx: &Context<'_>, payment: &mut Payment) -> Decision<()> {
    payment.state = PaymentState::Failed { at: cx.now };
    let event = work.find::<Event>(&payment.event_id)?;
    tell::failed(work, cx, event.as_deref(), payment)
}

/// The money is there: it becomes tickets, or goes back.
pub(super) fn come(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &mut Payment,
    received: Money,
) -> Decision<()> {
    let back = issue(work, cx, payment, received)?;
    ledger::charged(work, cx, payment, received);
    if let Some(cause) = back {
        if cause == RefundCause::AmountMismatch {
            payment.attention = Some(Attention::AmountMismatch);
        }
        owe::owe(work, cx, payment, (received, cause, None));
    }
    watch::stop(work, payment.id)?;
    let event = work.find::<Event>(&payment.event_id)?;
    tell::succeeded(work, cx, event.as_deref(), payment, back)
}

/// Issues the tickets of what was paid; or says why the money goes back.
fn issue(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &Payment,
    received: Money,
) -> Decision<Option<RefundCause>> {
    work.need([Key::Booking(payment.booking_id), Key::Event(payment.event_id)])?;
    if received != payment.amount {
        return Ok(Some(RefundCause::AmountMismatch));
    }
    let booking = work.find::<Booking>(&payment.booking_id)?;
    let event = work.find::<Event>(&payment.event_id)?;
    let (Some(booking), Some(event)) = (booking, event) else { return Ok(Some(RefundCause::TooLate)) };
    match (&event.state, &booking.state) {
        (EventState::Cancelled { .. }, _) => return Ok(Some(RefundCause::EventCancelled)),
        (_, BookingState::Confirmed { .. }) => return Ok(Some(RefundCause::PaidTwice)),
        (_, BookingState::Cancelled { .. }) => return Ok(Some(RefundCause::BookingCancelled)),
        (EventState::Published { .. }, BookingState::Held { .. } | BookingState::Expired { .. }) => {}
        _ => return Ok(Some(RefundCause::TooLate)),
    }
    let before = work.mark();
    match booking::sell(work, cx, &event, &booking, &Actor::system()) {
        Ok(_) => Ok(None),
        // What the engine cannot read is its own fault: the provider says it again.
        Err(Halt::Rejected(error)) if error.category() != Category::Internal => {
            work.roll_back(before);
            Ok(Some(RefundCause::TooLate))
        }
        Err(halt) => Err(halt),
    }
}

/// What the provider gave back and nobody here asked for. While one of ours is on its way nobody can tell them apart.
fn given_back_outside(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &mut Payment,
    reported: Money,
) -> Decision<()> {
    let done = payment.refunded();
    if payment.under_way().is_some() || reported.currency != done.currency {
        return Ok(());
    }
    let mut more = reported.amount_minor.saturating_sub(done.amount_minor);
    if more <= 0 {
        return Ok(());
    }
    let mut found = Vec::new();
    // What we owe and could not give back comes first: somebody saw to it on the provider's own pages.
    for refund in &mut payment.refunds {
        if !matches!(refund.state, RefundState::Failed { .. }) {
            continue;
        }
        if refund.amount.amount_minor <= more {
            more -= refund.amount.amount_minor;
            refund.state = RefundState::Done { at: cx.now };
            found.push(refund.clone());
        } else {
            // A part of it: the rest is still owed.
            refund.amount.amount_minor -= more;
            break;
        }
    }
    let left = payment.left();
    let amount = Money::new(more.min(left.amount_minor), left.currency);
    // One place is left for what a cancellation owes.
    if amount.amount_minor > 0 && payment.refunds.len() + 1 < REFUNDS_MAX {
        let refund = outside(cx, amount);
        payment.refunds.push(refund.clone());
        found.push(refund);
    }
    if more > 0 {
        payment.attention = Some(Attention::RefundedOutside);
    }
    payment.look_again();
    let event = work.find::<Event>(&payment.event_id)?;
    for refund in &found {
        ledger::refunded(work, cx, payment, refund);
        tell::refunded(work, cx, event.as_deref(), payment, refund)?;
    }
    Ok(())
}

fn outside(cx: &Context<'_>, amount: Money) -> Refund {
    Refund {
        id: RefundId::from_uuid(cx.new_uuid()),
        amount,
        cause: RefundCause::Outside,
        reason: None,
        state: RefundState::Done { at: cx.now },
        reference: None,
        retries: 0,
        created_at: cx.now,
    }
}
