//! What follows when a provider says how a charge stands: the same for its callbacks, its answers and its status.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::{Attention, OtherCharge, Payment, PaymentState, RefundCause};
use super::port::Charge;
use super::providers::words;
use super::{again, disputed, ledger, outside, owe, tell, watch};
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
use crate::time::Timestamp;
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
    Charge(Charge, Heard),
    /// The provider refuses to begin it.
    Refused(String),
    /// Its time is over, and the provider knows of no money.
    Lapsed(Option<String>),
    /// There is no other charge under its number, or it was looked after for long enough.
    Alone,
    /// Nobody can ask: the provider is not attached.
    Missing,
    /// Somebody could ask for a refund, which is still on its way: the provider is attached.
    Attached,
    /// Nobody asks any more, because of this.
    Unwatched(String),
}

/// How it came to be known how a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// The provider said so by itself: it may have been on its way for long.
    Said,
    /// It was asked to begin.
    Begun,
    /// It was asked then: what it gave back is no older.
    Asked { at: Timestamp },
    /// It was asked then, before it was asked for this refund, which is due: nothing of that can be in what it gave back.
    Before { at: Timestamp, refund_id: RefundId },
}

impl Heard {
    /// When it was asked how the charge stands, if that is how it came to be known.
    pub(super) const fn asked_at(self) -> Option<Timestamp> {
        match self {
            Self::Said | Self::Begun => None,
            Self::Asked { at } | Self::Before { at, .. } => Some(at),
        }
    }
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
        let Report::Charge(charge, _) = &self.what else { return };
        keys.extend(disputed::reads(&self.seen, charge));
        if self.seen.is_other_charge(charge) {
            keys.insert(Key::Payment(again::id_of(id, &charge.reference)));
            keys.insert(Key::BookingPayments(booking_id));
        } else if charge.status == super::ChargeStatus::Succeeded {
            keys.extend([Key::Inventory(event_id), stats::reads(event_id)]);
            keys.insert(Key::Job(JobId::from_uuid(booking_id.uuid())));
        }
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<News> {
        let Some(payment) = work.find::<Payment>(&self.seen.id)? else { return Ok(News(false)) };
        let mut next = (*payment).clone();
        match &self.what {
            Report::Charge(charge, heard) if payment.is_other_charge(charge) => {
                return again::reported(work, cx, &payment, (charge, *heard));
            }
            Report::Charge(charge, heard) => reported(work, cx, &mut next, (charge, *heard))?,
            // Who was told that it is begun is on the provider's page by now.
            Report::Refused(error) if next.is_untold() => {
                next.last_error = Some(error.clone());
                fail(work, cx, &mut next)?;
            }
            Report::Lapsed(error) if next.state.is_open() && next.expires_at <= cx.now => {
                next.state = PaymentState::Expired { at: cx.now };
                next.last_error.clone_from(error);
            }
            Report::Alone => next.other = None,
            Report::Attached => {
                next.attention.remove(&Attention::ProviderMissing);
            }
            Report::Missing => {
                next.attention.insert(Attention::ProviderMissing);
            }
            Report::Unwatched(error) => {
                next.attention.insert(Attention::Unwatched);
                next.last_error = Some(error.clone());
            }
            Report::Refused(_) | Report::Lapsed(_) => {}
        }
        Ok(keep(work, cx, &payment, next))
    }
}

/// Takes in how a payment's own charge stands.
pub(super) fn update(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &Payment,
    (charge, heard): (&Charge, Heard),
) -> Decision<News> {
    let mut next = payment.clone();
    reported(work, cx, &mut next, (charge, heard))?;
    Ok(keep(work, cx, payment, next))
}

fn keep(work: &mut Work, cx: &Context<'_>, before: &Payment, mut next: Payment) -> News {
    if next == *before {
        return News(false);
    }
    if !next.state.is_open() {
        next.redirect_url = None;
    }
    next.updated_at = cx.now;
    record(work, cx, before, &next);
    work.put(next);
    News(true)
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

fn reported(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &mut Payment,
    (charge, heard): (&Charge, Heard),
) -> Decision<()> {
    let (had, known) = (payment.state.received(), payment.transaction.clone());
    watch::answered(payment);
    if payment.is_of_nobody(charge) {
        // Two may ask for it at the same time, and a provider without keys makes two: the first one is shown to the payer.
        if heard == Heard::Begun {
            payment.look_after(charge);
        }
        return Ok(());
    }
    if payment.transaction.is_none() || had.is_none() {
        payment.transaction = charge.transaction.clone().or_else(|| payment.transaction.take());
    }
    if had.is_none() {
        let begun = payment.reference.replace(charge.reference.clone());
        if charge.status == super::ChargeStatus::Succeeded {
            match begun {
                None if heard == Heard::Begun => {}
                None => payment.other = Some(OtherCharge::Unnamed),
                // What was begun beside it is looked after on.
                Some(begun) if begun == charge.reference => {}
                Some(begun) => payment.other = Some(OtherCharge::Named(begun)),
            }
        }
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
    let Some(received) = payment.state.received() else { return Ok(()) };
    if had.is_none() || payment.transaction != known {
        disputed::wake(work, cx, payment)?;
    }
    if charge.status == super::ChargeStatus::Succeeded && charge.amount != received {
        not_what_came(payment, charge.amount);
    }
    if let (None, Some(fee)) = (payment.fee, charge.fee) {
        payment.fee = Some(fee);
        ledger::fee(work, cx, payment, fee);
    }
    if had.is_none() && (payment.other.is_some() || is_watched(cx, payment)) {
        watch::begin_anew(work, cx, payment)?;
    }
    outside::given_back(work, cx, payment, (charge.refunded, heard))
}

/// Whether something is to be asked for after the money came, which nobody tells: its fee, or what goes back.
pub(super) fn is_watched(cx: &Context<'_>, payment: &Payment) -> bool {
    let provider = cx.providers.find(&payment.provider);
    is_fee_wanted(cx, payment) || provider.is_some_and(|provider| !provider.tells_of_refunds())
}

/// Whether its fee is not known, and the provider may say it later.
pub(super) fn is_fee_wanted(cx: &Context<'_>, payment: &Payment) -> bool {
    let provider = cx.providers.find(&payment.provider);
    payment.fee.is_none() && provider.is_some_and(|provider| provider.tells_fees_later())
}

/// The provider says of money that came that it is more or less than it was: somebody has to look at it, once.
fn not_what_came(payment: &mut Payment, amount: Money) {
    let why = words(&format!("the provider now says that {amount} came"));
    if payment.last_error.as_ref() != Some(&why) {
        payment.attention.insert(Attention::AmountMismatch);
        payment.last_error = Some(why);
    }
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
            payment.attention.insert(Attention::AmountMismatch);
        }
        owe::owe(work, cx, payment, (received, cause, None));
    }
    watch::stop(work, payment.id)?;
    let event = work.find::<Event>(&payment.event_id)?;
    tell::succeeded(work, cx, event.as_deref(), payment, back)
}

/// What is said of money that came by another charge of a payment, and goes back.
pub(super) fn come_again(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &mut Payment,
    (charge, heard): (&Charge, Heard),
) -> Decision<()> {
    let event = work.find::<Event>(&payment.event_id)?;
    tell::succeeded(work, cx, event.as_deref(), payment, Some(RefundCause::PaidTwice))?;
    outside::given_back(work, cx, payment, (charge.refunded, heard))
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
        // Also of a cancelled event: what was paid before goes back beside it.
        (_, BookingState::Confirmed { .. }) => return Ok(Some(RefundCause::PaidTwice)),
        (EventState::Cancelled { .. }, _) => return Ok(Some(RefundCause::EventCancelled)),
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
