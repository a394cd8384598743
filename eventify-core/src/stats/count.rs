//! Counting what happens: the only code that moves the counters of statistics.

use super::model::{EventDay, EventTally, Quarter, Trade, place, take, too_much};
use super::spread::spread;
use crate::booking::Booking;
use crate::context::Context;
use crate::error::Error;
use crate::id::EventId;
use crate::money::Money;
use crate::store::{EventDayKey, Key};
use crate::ticket::{Ticket, TicketState};
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// What counting reads, unless it is about a day that is gone.
pub(crate) const fn reads(event_id: EventId) -> Key {
    Key::EventTally(event_id)
}

/// What counting at other instants reads too: for a decision about many of them, so that it is loaded together.
pub(crate) fn need(
    work: &mut Work,
    event_id: EventId,
    instants: impl Iterator<Item = Timestamp>,
) -> Decision<()> {
    let newest = work.find::<EventTally>(&event_id)?.map(|tally| tally.day);
    let days = instants.map(|at| place(at).0).filter(|day| newest.is_some_and(|newest| *day < newest));
    work.need(days.map(|day| Key::EventDay(EventDayKey { event_id, day })))
}

/// Counts the tickets of a booking that are issued now, with what is to be paid for them.
///
/// # Errors
/// `invalid_value` when the sum is too large.
pub(crate) fn count_sold(work: &mut Work, cx: &Context<'_>, booking: &Booking) -> Decision<()> {
    let mut tally = tally(work, booking.event_id, cx.now)?;
    for line in booking.lines.iter().filter(|line| line.quantity > 0) {
        let amount = line.due().map_err(|error| Error::invalid("lines", error.to_string()))?;
        if tally.gross(amount.currency).checked_add(amount.amount_minor).is_none() {
            return Err(too_much().into());
        }
        take(&mut tally.of_type(line.ticket_type_id).takings, Trade::Sold, amount)?;
        at_quarter(work, &mut tally, cx.now, |quarter| quarter.trade(Trade::Sold, line.quantity, amount))?;
    }
    work.put(tally);
    Ok(())
}

/// Counts so many tickets of a booking that are cancelled now, and what is to be given back of it: that may be less than
/// they cost, and more, since used ones stay.
pub(crate) fn count_cancelled(
    work: &mut Work,
    cx: &Context<'_>,
    booking: &Booking,
    tickets: u32,
    refund: Option<Money>,
) -> Decision<()> {
    let refund = refund.unwrap_or(Money::new(0, booking.total.currency));
    let mut tally = tally(work, booking.event_id, cx.now)?;
    for (line, part) in booking.lines.iter().zip(spread(&booking.lines, refund)) {
        take(&mut tally.of_type(line.ticket_type_id).takings, Trade::Cancelled, part)?;
    }
    at_quarter(work, &mut tally, cx.now, |quarter| quarter.trade(Trade::Cancelled, tickets, refund))?;
    work.put(tally);
    Ok(())
}

/// What is counted of a ticket at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Presence<'t> {
    pub(crate) state: &'t TicketState,
    /// When its person came in for the first time, by all that is known.
    pub(crate) since: Option<Timestamp>,
}

impl Presence<'_> {
    fn checked_in(&self) -> u32 {
        u32::from(self.since.is_some())
    }

    fn inside(&self) -> u32 {
        u32::from(matches!(self.state, TicketState::Used(_)))
    }
}

/// Counts what became of a ticket at the door, by the instant of its first entry, which another scan may move.
pub(crate) fn count_presence(
    work: &mut Work,
    ticket: &Ticket,
    before: &Presence<'_>,
    after: &Presence<'_>,
) -> Decision<()> {
    let seen = |p: &Presence<'_>| (p.since, p.inside());
    let Some(at) = after.since.or(before.since).filter(|_| seen(before) != seen(after)) else {
        return Ok(());
    };
    let mut tally = tally(work, ticket.event_id, at)?;
    let of = tally.of_type(ticket.ticket_type_id);
    of.checked_in = moved(of.checked_in, before.checked_in(), after.checked_in())?;
    of.inside = moved(of.inside, before.inside(), after.inside())?;
    if before.since != after.since {
        for (since, was, is) in [(before.since, 1, 0), (after.since, 0, 1)] {
            let Some(at) = since else { continue };
            at_quarter(work, &mut tally, at, |quarter| {
                quarter.checked_in = moved(quarter.checked_in, was, is)?;
                Ok(())
            })?;
        }
    }
    work.put(tally);
    Ok(())
}

fn moved(counter: u32, was: u32, is: u32) -> Result<u32, Error> {
    let counted = counter.checked_sub(was).and_then(|rest| rest.checked_add(is));
    counted.ok_or_else(|| Error::internal("fewer tickets are counted at the door than came in"))
}

fn tally(work: &mut Work, event_id: EventId, at: Timestamp) -> Decision<EventTally> {
    let found = work.find::<EventTally>(&event_id)?;
    Ok(found.map_or_else(|| EventTally::none(event_id, place(at).0), |tally| (*tally).clone()))
}

/// Changes what happened in the quarter of an hour of an instant. The newest day is in the tally; when a new one begins,
/// the one before goes into a record of its own.
fn at_quarter(
    work: &mut Work,
    tally: &mut EventTally,
    at: Timestamp,
    change: impl FnOnce(&mut Quarter) -> Result<(), Error>,
) -> Decision<()> {
    let (day, nth) = place(at);
    if day < tally.day {
        let key = EventDayKey { event_id: tally.event_id, day };
        let known = work.find::<EventDay>(&key)?;
        let mut past = known.as_deref().map_or_else(|| EventDay::none(key), EventDay::clone);
        let quarter = past.quarters.entry(nth).or_default();
        change(quarter)?;
        past.quarters.retain(|_, quarter| !quarter.is_empty());
        match (past.quarters.is_empty(), known.is_some()) {
            (false, _) => work.put(past),
            (true, true) => work.delete::<EventDay>(&key),
            (true, false) => {}
        }
        return Ok(());
    }
    if day > tally.day {
        let key = EventDayKey { event_id: tally.event_id, day: tally.day };
        let quarters = std::mem::take(&mut tally.quarters);
        if !quarters.is_empty() {
            work.put(EventDay { key, quarters });
        }
        tally.day = day;
    }
    change(tally.quarters.entry(nth).or_default())?;
    tally.quarters.retain(|_, quarter| !quarter.is_empty());
    Ok(())
}
