//! Statistics: what is counted of events is what tickets, bookings and scans come to.

use std::collections::{BTreeMap, HashMap};

use super::walk::{Pages, Walk};
use crate::booking::{Booking, BookingState};
use crate::id::{EventId, TicketTypeId};
use crate::money::Money;
use crate::stats::{EventDay, EventTally, Quarter, Trade, TypeTally, place, spread, take};
use crate::store::{EventDayKey, Key, Recorded, StoreError};
use crate::ticket::{Direction, Passages, Ticket, TicketState};
use crate::time::Timestamp;

/// What all tickets come to.
#[derive(Default)]
pub(super) struct Counted(HashMap<EventId, OfEvent>);

#[derive(Default)]
struct OfEvent {
    types: BTreeMap<TicketTypeId, TypeTally>,
    days: BTreeMap<i32, BTreeMap<u8, Quarter>>,
}

impl Counted {
    /// What is given back of a booking that was cancelled.
    pub(super) fn give_back(&mut self, booking: &Booking) {
        let BookingState::Cancelled { at, refund: Some(refund) } = booking.state else { return };
        let of_event = self.0.entry(booking.event_id).or_default();
        let parts = booking.lines.iter().zip(spread(&booking.lines, refund));
        for (line, part) in parts.filter(|(_, part)| !part.is_zero()) {
            let of_type = of_event.types.entry(line.ticket_type_id).or_default();
            traded(&mut of_type.takings, Trade::Cancelled, Some(part));
        }
        if !refund.is_zero() {
            traded(&mut of_event.quarter(at).takings, Trade::Cancelled, Some(refund));
        }
    }

    pub(super) fn add(&mut self, ticket: &Ticket, booking: Option<&Booking>, scans: Option<&Passages>) {
        let of_event = self.0.entry(ticket.event_id).or_default();
        let line = booking.and_then(|b| b.lines.iter().find(|l| l.ticket_type_id == ticket.ticket_type_id));
        let due = line.and_then(|line| line.unit_due().ok());
        let of_type = of_event.types.entry(ticket.ticket_type_id).or_default();
        let since = since(ticket, scans);
        of_type.checked_in += u32::from(since.is_some());
        of_type.inside += u32::from(matches!(ticket.state, TicketState::Used(_)));
        traded(&mut of_type.takings, Trade::Sold, due);
        let sold = of_event.quarter(ticket.purchased_at);
        sold.sold += 1;
        traded(&mut sold.takings, Trade::Sold, due);
        if let TicketState::Cancelled { at } = ticket.state {
            of_event.quarter(at).cancelled += 1;
        }
        if let Some(since) = since {
            of_event.quarter(since).checked_in += 1;
        }
    }
}

impl OfEvent {
    fn quarter(&mut self, at: Timestamp) -> &mut Quarter {
        let (day, nth) = place(at);
        self.days.entry(day).or_default().entry(nth).or_default()
    }
}

/// A sum that is too large cannot have been counted either: then the records do not agree, and that is found.
fn traded(takings: &mut Vec<crate::stats::Takings>, trade: Trade, due: Option<Money>) {
    if let Some(due) = due {
        let _ = take(takings, trade, due);
    }
}

/// When somebody came in with a ticket for the first time.
fn since(ticket: &Ticket, scans: Option<&Passages>) -> Option<Timestamp> {
    let last = ticket.state.check_in()?.at;
    let known = scans.into_iter().flat_map(|scans| &scans.list);
    let entries = known.filter(|scan| !scan.undone && scan.direction == Direction::In);
    entries.map(|scan| scan.scan.at).min().or(Some(last))
}

pub(super) async fn check(walk: &mut Walk<'_>, mut counted: Counted) -> Result<(), StoreError> {
    let mut newest: HashMap<EventId, i32> = HashMap::new();
    let mut pages = Pages::<EventTally>::new();
    while let Some(page) = pages.next(walk).await? {
        for tally in page {
            let none = OfEvent::default();
            let of_event = counted.0.get_mut(&tally.event_id);
            let (types, quarters) = match of_event {
                Some(of) => (std::mem::take(&mut of.types), of.days.remove(&tally.day).unwrap_or_default()),
                None => (none.types, BTreeMap::new()),
            };
            newest.insert(tally.event_id, tally.day);
            let report = &mut walk.report;
            report.require(tally.types == types, "stats_types", tally.key(), || {
                format!("it counts {:?}, but tickets come to {types:?}", tally.types)
            });
            report.require(tally.quarters == quarters, "stats_hours", tally.key(), || {
                format!("it counts {:?}, but tickets come to {quarters:?}", tally.quarters)
            });
        }
    }
    days(walk, &mut counted, &newest).await?;
    for (event_id, of) in counted.0 {
        if !of.types.is_empty() {
            let key = Key::EventTally(event_id);
            walk.report.find("stats_types", key, "it is not there, but there are tickets");
        }
        for day in of.days.into_keys() {
            let key = Key::EventDay(EventDayKey { event_id, day });
            walk.report.find("stats_hours", key, "it is not there, but something happened on that day");
        }
    }
    Ok(())
}

/// The days that are gone.
async fn days(
    walk: &mut Walk<'_>,
    counted: &mut Counted,
    newest: &HashMap<EventId, i32>,
) -> Result<(), StoreError> {
    let mut pages = Pages::<EventDay>::new();
    while let Some(page) = pages.next(walk).await? {
        for past in page {
            let EventDayKey { event_id, day } = past.key;
            let of_event = counted.0.get_mut(&event_id);
            let quarters = of_event.and_then(|of| of.days.remove(&day)).unwrap_or_default();
            let right = past.quarters == quarters && !quarters.is_empty();
            let report = &mut walk.report;
            report.require(right, "stats_hours", Recorded::key(&*past), || {
                format!("it counts {:?}, but tickets come to {quarters:?}", past.quarters)
            });
            let is_gone = newest.get(&event_id).is_some_and(|newest| day < *newest);
            report.require(is_gone, "stats_days", Recorded::key(&*past), || {
                "it is not before the day that is counted on".to_owned()
            });
        }
    }
    Ok(())
}
