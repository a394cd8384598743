//! Money that the payer's bank takes back: written down, told to those who see to it, and counted in the books.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::{Attention, DISPUTES_MAX, Payment, REFUNDS_MAX, Refund, RefundCause, RefundState};
use super::port::{ChargeDispute, DisputeStatus, ProviderError};
use super::providers::{REFERENCE_CHARS_MAX, words};
use super::settle::News;
use super::{LedgerKind, ledger, owe};
use crate::actor::Actor;
use crate::audit;
use crate::booking::{Booking, BookingState};
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::id::{DisputeId, RefundId, derived_uuid};
use crate::money::Money;
use crate::store::Key;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// What a payer's bank was asked to take back of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// Its id: follows from the payment and the provider's name for it.
    pub id: DisputeId,
    /// The provider's name for it.
    pub reference: String,
    /// How much is disputed.
    pub amount: Money,
    /// Why, in a word of the provider's.
    pub reason: Option<String>,
    /// How it stands.
    pub status: DisputeStatus,
    /// How many movements of money it has caused: none, taken, come back.
    pub moves: u8,
    /// What was taken; of the currency that came.
    pub taken: Money,
    /// What of it came back.
    pub returned: Money,
    /// When it was heard of.
    pub created_at: Timestamp,
}

/// The money is taken, and comes back.
const MOVES_MAX: u8 = 2;

impl Dispute {
    fn new(payment: &Payment, news: &ChargeDispute, at: Timestamp) -> Self {
        let none = Money::new(0, news.amount.currency);
        let parts: [&[u8]; 3] = [b"dispute", payment.id.as_bytes(), news.reference.as_bytes()];
        Self {
            id: DisputeId::from_uuid(derived_uuid(&parts)),
            reference: news.reference.clone(),
            amount: news.amount,
            reason: news.reason.clone(),
            status: DisputeStatus::Open,
            moves: 0,
            taken: none,
            returned: none,
            created_at: at,
        }
    }

    /// What it has taken and not brought back, in minor units.
    pub(super) fn kept_minor(&self) -> i64 {
        self.taken.amount_minor.saturating_sub(self.returned.amount_minor)
    }

    /// As it is after a report. Reports may come twice, late and out of order: what has ended stays so, and money moves once each way.
    fn after(&self, news: &ChargeDispute) -> Self {
        let mut next = self.clone();
        if self.status == DisputeStatus::Open {
            next.status = news.status;
        }
        let moves = news.moves.min(MOVES_MAX);
        if moves > self.moves {
            let (kept, taken) = (self.kept_minor(), news.taken.amount_minor);
            if self.moves == 0 {
                next.taken.amount_minor = taken;
            } else {
                next.returned.amount_minor = kept.saturating_sub(taken).max(0);
            }
            next.moves = moves;
        }
        next
    }
}

/// A dispute that can be kept.
///
/// # Errors
/// [`ProviderError::Refused`] naming what is odd.
pub(super) fn sound(news: ChargeDispute) -> Result<ChargeDispute, ProviderError> {
    let odd = |what: &str| Err(ProviderError::Refused(format!("the dispute has an odd {what}")));
    let fits = |text: &str| {
        let chars = text.chars().count();
        (1..=REFERENCE_CHARS_MAX).contains(&chars) && !text.chars().any(char::is_control)
    };
    if !fits(&news.reference) || !fits(&news.transaction) {
        return odd("name");
    }
    let (amount, taken) = (news.amount, news.taken);
    if amount.amount_minor < 0 || taken.amount_minor < 0 || taken.currency != amount.currency {
        return odd("amount");
    }
    let reason = news.reason.as_deref().map(words).filter(|reason| !reason.is_empty());
    Ok(ChargeDispute { reason, ..news })
}

/// Takes in how a dispute stands. However often and in which order it comes, it counts once.
pub(super) struct TakeDispute {
    pub(super) seen: Payment,
    pub(super) news: ChargeDispute,
}

impl Command for TakeDispute {
    type Reply = News;
    const NAME: &'static str = "take_dispute";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.seen.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Payment(self.seen.id), Key::Booking(self.seen.booking_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<News> {
        let Some(payment) = work.find::<Payment>(&self.seen.id)? else { return Ok(News(false)) };
        let mut next = (*payment).clone();
        let place = next.disputes.iter().position(|known| known.reference == self.news.reference);
        let before = place.and_then(|place| next.disputes.get(place).cloned());
        let before = before.unwrap_or_else(|| Dispute::new(&payment, &self.news, cx.now));
        let after = before.after(&self.news);
        let full = place.is_none() && next.disputes.len() >= DISPUTES_MAX;
        let currency = payment.state.received().unwrap_or(payment.amount).currency;
        if full || after.amount.currency != currency {
            // It cannot be counted; somebody has to look at it all the same.
            next.last_error = Some(words(&format!("dispute {} is not in the books", after.reference)));
        } else {
            match place.and_then(|place| next.disputes.get_mut(place)) {
                Some(known) => *known = after.clone(),
                None => next.disputes.push(after.clone()),
            }
            moved(work, cx, &next, (&before, &after));
            if after.returned == before.returned {
                supersede(cx, &mut next);
            } else {
                owe_again(work, cx, &mut next)?;
            }
        }
        if next.disputes == payment.disputes && next.last_error == payment.last_error {
            return Ok(News(false));
        }
        next.attention.insert(Attention::Disputed);
        next.updated_at = cx.now;
        work.put(next);
        let is_open = after.status == DisputeStatus::Open;
        let action = if is_open { "payment.disputed" } else { "payment.dispute_closed" };
        let act = audit::Act::new(action, "payment", payment.id).of_event(payment.event_id);
        audit::record(work, cx, &Actor::system(), &act);
        Ok(News(true))
    }
}

fn moved(work: &mut Work, cx: &Context<'_>, payment: &Payment, (before, after): (&Dispute, &Dispute)) {
    for (kind, was, is) in [
        (LedgerKind::Chargeback, before.taken, after.taken),
        (LedgerKind::ChargebackReturned, before.returned, after.returned),
    ] {
        if was != is {
            ledger::disputed(work, cx, payment, kind, (after.id, is));
        }
    }
}

/// Refunds that the provider did not make are not owed any more as far as the payer's bank took the money.
pub(super) fn supersede(cx: &Context<'_>, payment: &mut Payment) {
    let came = payment.state.received().map_or(0, |received| received.amount_minor);
    let gone = payment.booked().amount_minor.saturating_add(payment.charged_back().amount_minor);
    let mut over = gone.saturating_sub(came);
    let state = RefundState::Superseded { at: cx.now };
    let mut part = None;
    let is_full = payment.refunds.len() >= REFUNDS_MAX;
    for refund in &mut payment.refunds {
        let amount = refund.amount.amount_minor;
        if over <= 0 || !matches!(refund.state, RefundState::Failed { .. }) {
            continue;
        }
        if amount <= over {
            refund.state = state.clone();
            over -= amount;
        } else if !is_full {
            let id = RefundId::from_uuid(cx.new_uuid());
            let taken = Money::new(over, refund.amount.currency);
            part = Some(Refund { id, amount: taken, state: state.clone(), ..refund.clone() });
            refund.amount.amount_minor -= over;
            refund.id = RefundId::from_uuid(cx.new_uuid());
            over = 0;
        }
    }
    payment.refunds.extend(part);
    payment.look_again();
}

/// What came back from a dispute goes to the payer if that is where it should be by now: by the refunds that the dispute stood in the
/// way of, and by what the booking's end owes.
fn owe_again(work: &mut Work, cx: &Context<'_>, payment: &mut Payment) -> Decision<()> {
    let mut nth = 0;
    while let Some(refund) = payment.refunds.get(nth).cloned() {
        let left = payment.left().amount_minor.min(refund.amount.amount_minor);
        // The money may have gone another way: what bought nothing did not for that reason, which is kept.
        let is_over = left <= 0 && is_unneeded(refund.cause);
        if !matches!(refund.state, RefundState::Superseded { .. }) || is_over {
            nth += 1;
            continue;
        }
        payment.refunds.remove(nth);
        let amount = Money::new(left, refund.amount.currency);
        owe::owe(work, cx, payment, (amount, refund.cause, refund.reason));
    }
    if let Some((owed, cause)) = owed_by_end(work, payment)? {
        owe::owe(work, cx, payment, (owed, cause, None));
    }
    Ok(())
}

/// Whether all of the money goes back, since it bought nothing.
const fn is_unneeded(cause: RefundCause) -> bool {
    matches!(cause, RefundCause::AmountMismatch | RefundCause::PaidTwice | RefundCause::TooLate)
}

/// What is owed of a payment beside what is given back already, and why: all of what bought nothing, or what the end of its booking owes.
pub(super) fn owed_by_end(work: &mut Work, payment: &Payment) -> Decision<Option<(Money, RefundCause)>> {
    use RefundCause::{BookingCancelled, TooLate};
    let booking = work.find::<Booking>(&payment.booking_id)?;
    let Some(received) = payment.state.received() else { return Ok(None) };
    let causes = payment.refunds.iter().map(|refund| refund.cause);
    let unneeded = causes.into_iter().find(|cause| is_unneeded(*cause));
    let (due, cause) = match (unneeded, booking.as_deref().map(|booking| &booking.state)) {
        (Some(cause), _) => (received, cause),
        (None, Some(BookingState::Confirmed { .. })) => return Ok(None),
        (None, Some(BookingState::Cancelled { refund: Some(due), .. })) => (*due, BookingCancelled),
        (None, _) => (received, TooLate),
    };
    // What the payer's bank took, the payer has.
    let gone = payment.booked().amount_minor.saturating_add(payment.charged_back().amount_minor);
    let owed = due.amount_minor.saturating_sub(gone);
    let owed = Money::new(owed.min(payment.left().amount_minor), received.currency);
    Ok((owed.amount_minor > 0).then_some((owed, cause)))
}
