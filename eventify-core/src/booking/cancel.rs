//! Giving seats back: by the person, by the organizer, by the clock, or with the event.

use std::collections::BTreeSet;

use serde_json::json;

use super::Bookings;
use super::access::{self, Access};
use super::confirm::expiry_job;
use super::model::{Booking, BookingLine, BookingState};
use super::refund;
use super::seats::{self, Move, move_seats};
use super::view::BookingView;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::event::{self, Event, EventState};
use crate::id::{BookingId, EventId, UserId};
use crate::job::Job;
use crate::money::Money;
use crate::notification::{self, FactName, Notice, Urgent, Whose, Words};
use crate::payment::{self, RefundCause};
use crate::scope::Scope;
use crate::stats;
use crate::store::Key;
use crate::ticket::Ticket;
use crate::work::{Decision, Work};

impl Bookings<'_> {
    /// Cancels a booking: its seats come back and its tickets are void, whosever they are by now. The person may until
    /// the time that the event's [`CancellationPolicy`](crate::event::CancellationPolicy) says while all of them are theirs,
    /// and gets back what it says; the event's organizer and admins may at any time, and everything comes back; others who manage the
    /// event may where nothing is to be given back, for money is the organizer's; nobody may once a ticket was used.
    ///
    /// # Errors
    /// `not_authenticated`, `booking_not_found`, `not_event_owner`, `booking_not_held` when it is over, `cancellation_closed`,
    /// `ticket_already_used`, `ticket_transferred`, `event_cancelled`.
    pub async fn cancel(&self, actor: &Actor, id: BookingId) -> Result<BookingView, Error> {
        let actor = &*actor.within(Scope::BookingsWrite)?;
        let seen = self.find(actor, id).await?;
        self.engine.executor.decide(Cancel { actor: actor.clone(), id, event_id: seen.event_id }).await?;
        self.get(actor, id).await.map(crate::Fetched::into_inner)
    }
}

struct Cancel {
    actor: Actor,
    id: BookingId,
    event_id: EventId,
}

impl Command for Cancel {
    type Reply = ();
    const NAME: &'static str = "cancel_booking";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Booking(self.id), Key::Event(self.event_id), Key::Inventory(self.event_id)]);
        keys.extend([Key::Job(expiry_job(self.id)), payment::reads_of_booking(self.id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let (booking, event, access) = access::find(work, &self.actor, self.id)?;
        if matches!(event.state, EventState::Cancelled { .. }) {
            // It is being cancelled with everything else.
            event.state.require_published()?;
        }
        let confirmed = matches!(booking.state, BookingState::Confirmed { .. });
        let percent = refund::percent(&booking, &event, access, cx.now)?;
        need_all(work, &booking)?;
        payment::need_of_booking(work, booking.id)?;
        let holders = holders(work, &booking)?;
        if access == Access::Own && holders.iter().any(|holder| *holder != booking.user_id) {
            let sentence = "A ticket was given to somebody else; the organizer can still cancel the booking.";
            return Err(Error::new(Reason::TicketTransferred, sentence).into());
        }
        let due = refund::due(&booking, percent);
        if access == Access::Manager && gives_back(work, &booking, due)? {
            let sentence = "Money is to be given back; only the event's organizer may do this.";
            return Err(Error::new(Reason::NotEventOwner, sentence).into());
        }
        give_back(work, cx, &booking, Tickets::MustBeUnused, (due, RefundCause::BookingCancelled))?;
        // Tickets that somebody else takes away: their people have to hear of it.
        for user_id in holders.into_iter().filter(|id| confirmed && self.actor.user_id() != Some(*id)) {
            tell_cancelled(work, cx, &event, &booking, user_id)?;
        }
        let act = audit::Act::new("booking.cancelled", "booking", booking.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

/// Whether more is to be given back than was.
fn gives_back(work: &mut Work, booking: &Booking, due: Option<Money>) -> Decision<bool> {
    let Some(due) = due else { return Ok(false) };
    Ok(payment::rest_of_booking(work, booking.id, due)? > 0)
}

/// The person who booked, and whose the tickets are.
fn holders(work: &mut Work, booking: &Booking) -> Decision<BTreeSet<UserId>> {
    let mut holders = BTreeSet::from([booking.user_id]);
    for id in &booking.tickets {
        holders.extend(work.find::<Ticket>(id)?.map(|ticket| ticket.user_id));
    }
    Ok(holders)
}

fn tell_cancelled(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    booking: &Booking,
    user_id: UserId,
) -> Decision<()> {
    let id = notification::fact_id(FactName::BookingCancelled, booking.id.uuid(), 0);
    let data = json!({ "booking_id": booking.id });
    let fact = notification::fact(cx, FactName::BookingCancelled, id, Some(event.id), &data);
    let whose = if user_id == booking.user_id { Whose::Booking } else { Whose::Ticket };
    let words = Words::BookingCancelled { event: event.title.clone(), whose };
    let urgent = Urgent::about(event.starts_at, event.ends_at);
    let notice = Notice { urgent, ..Notice::new(user_id, &words) };
    notification::tell(work, cx, &fact, &notice).map(drop)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tickets {
    /// A used ticket keeps the booking.
    MustBeUnused,
    /// A used ticket stays used, its seat sold; the rest goes.
    KeepUsed,
}

/// Cancels an open booking in every respect.
fn give_back(
    work: &mut Work,
    cx: &Context<'_>,
    booking: &Booking,
    tickets: Tickets,
    (refund, cause): (Option<Money>, RefundCause),
) -> Decision<()> {
    let state = booking.state.cancel(cx.now, refund)?;
    need_all(work, booking)?;
    if matches!(booking.state, BookingState::Held { .. }) {
        move_seats(work, cx, booking, Move::ReleaseHeld)?;
        drop_expiry(work, booking.id)?;
    } else {
        let mut voided = booking.clone();
        for id in &booking.tickets {
            let Some(ticket) = work.find::<Ticket>(id)? else {
                continue;
            };
            match ticket.state.cancel(cx.now) {
                Ok(state) => work.put(Ticket { state, ..(*ticket).clone() }),
                Err(error) if tickets == Tickets::MustBeUnused => return Err(error.into()),
                Err(_) => keep_seat(&mut voided, &ticket),
            }
        }
        move_seats(work, cx, &voided, Move::ReleaseSold)?;
        stats::count_cancelled(work, cx, booking, voided.seats(), refund)?;
        if let Some(refund) = refund {
            payment::owe_booking(work, cx, booking, (refund, cause))?;
        }
    }
    let cancelled = Booking { state, ..booking.clone() };
    super::publish(work, cx, FactName::BookingCancelled, &cancelled);
    work.put(cancelled);
    Ok(())
}

/// A used ticket's seat stays sold: takes it out of what is given back.
fn keep_seat(voided: &mut Booking, ticket: &Ticket) {
    let seat = ticket.seat.as_ref();
    let has = |line: &BookingLine| match seat {
        Some(seat) => line.seats.contains(seat),
        None => line.ticket_type_id == ticket.ticket_type_id && line.quantity > 0,
    };
    if let Some(line) = voided.lines.iter_mut().find(|line| has(line)) {
        line.quantity = line.quantity.saturating_sub(1);
        line.seats.retain(|other| Some(other) != seat);
    }
}

fn need_all(work: &mut Work, booking: &Booking) -> Decision<()> {
    let tickets = booking.tickets.iter().copied().map(Key::Ticket);
    let own = [Key::Job(expiry_job(booking.id)), notification::reads(booking.user_id)];
    let is_sold = matches!(booking.state, BookingState::Confirmed { .. });
    let own = own.into_iter().chain(is_sold.then(|| stats::reads(booking.event_id)));
    work.need(seats::reads(booking).chain(tickets).chain(own))?;
    let holders = holders(work, booking)?;
    work.need(holders.into_iter().map(notification::reads))
}

fn drop_expiry(work: &mut Work, id: BookingId) -> Decision<()> {
    let job = expiry_job(id);
    if work.find::<Job>(&job)?.is_some() {
        work.delete::<Job>(&job);
    }
    Ok(())
}

/// Ends a hold whose deadline has passed. One that was confirmed or cancelled before stays as it is.
pub(crate) fn expire(work: &mut Work, cx: &Context<'_>, id: BookingId) -> Decision<()> {
    let Some(booking) = work.find::<Booking>(&id)? else {
        return Ok(());
    };
    let Ok(state) = booking.state.expire(cx.now) else {
        return Ok(());
    };
    need_all(work, &booking)?;
    move_seats(work, cx, &booking, Move::ReleaseHeld)?;
    let expired = Booking { state, ..(*booking).clone() };
    super::publish(work, cx, FactName::BookingExpired, &expired);
    work.put(expired);
    let act = audit::Act::new("booking.expired", "booking", id).of_event(booking.event_id);
    audit::record(work, cx, &Actor::system(), &act);
    Ok(())
}

/// Cancels bookings of a cancelled event, and tells each person once.
pub(crate) fn cancel_with_event(
    work: &mut Work,
    cx: &Context<'_>,
    event_id: EventId,
    bookings: &[BookingId],
) -> Decision<()> {
    let event = event::find(work, event_id)?;
    let EventState::Cancelled { reason, .. } = &event.state else {
        return Ok(());
    };
    work.need(bookings.iter().copied().map(Key::Booking))?;
    let fact = event::cancellation_fact(event_id);
    let mut missing = false;
    for id in bookings {
        let Some(booking) = work.find::<Booking>(id)? else {
            continue;
        };
        if booking.event_id != event_id || !booking.state.is_open() {
            continue;
        }
        // Ask for the records of all of them before stopping, so that they are loaded together.
        missing |= need_all(work, &booking).is_err();
        missing |= payment::need_of_booking(work, booking.id).is_err();
        let told = holders(work, &booking).unwrap_or_default();
        missing |= work.need(told.into_iter().flat_map(|id| notification::reads_once(fact, id))).is_err();
        if missing {
            continue;
        }
        cancel_one(work, cx, &event, reason, &booking)?;
    }
    if missing { Err(crate::work::Halt::Missing) } else { Ok(()) }
}

fn cancel_one(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    reason: &str,
    booking: &Booking,
) -> Decision<()> {
    let confirmed = matches!(booking.state, BookingState::Confirmed { .. });
    let holders = holders(work, booking)?;
    // Also for tickets that were used: what they were for did not happen as it was sold.
    let back = (refund::due(booking, 100), RefundCause::EventCancelled);
    give_back(work, cx, booking, Tickets::KeepUsed, back)?;
    let act = audit::Act::new("booking.cancelled", "booking", booking.id).of_event(event.id);
    audit::record(work, cx, &Actor::system(), &act);
    if !confirmed {
        return Ok(());
    }
    let fact = notification::fact(
        cx,
        FactName::EventCancelled,
        event::cancellation_fact(event.id),
        Some(event.id),
        &json!({ "event_id": event.id }),
    );
    let reason = (!reason.is_empty()).then(|| reason.to_owned());
    let words = Words::EventCancelled { event: event.title.clone(), reason };
    let urgent = Urgent::about(event.starts_at, event.ends_at);
    for user_id in holders {
        notification::tell_once(work, cx, &fact, &Notice { urgent, ..Notice::new(user_id, &words) })?;
    }
    Ok(())
}
