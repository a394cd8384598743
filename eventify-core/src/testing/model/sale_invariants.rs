//! What always holds of promo codes, named seats and waitlists: counted anew from bookings, tickets and entries.

use std::collections::{BTreeMap, BTreeSet};

use super::snapshot::Snapshot;
use crate::booking::{Booking, BookingState};
use crate::event::{Event, EventState};
use crate::id::{EventId, PromoCodeId, TicketTypeId, UserId};
use crate::job::{Job, JobWork};
use crate::promo_code::{PromoCode, PromoUse};
use crate::seat_map::{RowSummary, SeatId, SeatMap, SeatRow, SeatSection, SeatStatus};
use crate::store::{SeatRowKey, SeatSectionKey};
use crate::ticket::{Ticket, TicketState};
use crate::ticket_type::{Inventory, Seats, TicketType};
use crate::waitlist::{Waitlist, WaitlistEntry, WaitlistPlace};

/// Every broken invariant, in words.
pub(super) fn violations(of: &Snapshot) -> Vec<String> {
    promo_codes(of).into_iter().chain(seats(of)).chain(waitlists(of)).collect()
}

/// Every seat is what the booking or ticket that names it says; rows, sections, maps and counters agree.
fn seats(of: &Snapshot) -> Vec<String> {
    let mut broken = Vec::new();
    let mut named: BTreeMap<(EventId, SeatId), SeatStatus> = BTreeMap::new();
    let held = of.of::<Booking>().filter(|b| matches!(b.state, BookingState::Held { .. }));
    let held = held.flat_map(|b| b.seat_ids().map(|seat| ((b.event_id, seat), SeatStatus::Held)));
    let good = of.of::<Ticket>().filter(|t| !matches!(t.state, TicketState::Cancelled { .. }));
    let sold = good.filter_map(|t| Some(((t.event_id, t.seat.as_ref()?.seat), SeatStatus::Sold)));
    for (seat, status) in held.chain(sold) {
        if named.insert(seat, status).is_some() {
            broken.push(format!("{seat:?} has two owners"));
        }
    }
    let mut taken: BTreeMap<(EventId, SeatId), SeatStatus> = BTreeMap::new();
    let mut counts: BTreeMap<TicketTypeId, [u32; 3]> = BTreeMap::new();
    let mut summaries: BTreeMap<SeatSectionKey, Vec<RowSummary>> = BTreeMap::new();
    for row in of.of::<SeatRow>() {
        let SeatRowKey { event_id, section, row: place } = row.key;
        summaries.entry(SeatSectionKey { event_id, section }).or_default().push(row.summary());
        for (number, kind, status) in row.seats() {
            let [free, held, sold] = counts.entry(kind).or_default();
            match status {
                SeatStatus::Free => *free += 1,
                SeatStatus::Held => *held += 1,
                SeatStatus::Sold => *sold += 1,
                SeatStatus::Blocked => {}
            }
            if status.is_taken() {
                taken.insert((event_id, SeatId { section, row: place, number }), status);
            }
        }
    }
    if named != taken {
        broken.push(format!("bookings and tickets name {named:?}, the rows say {taken:?}"));
    }
    for kind in of.of::<TicketType>().filter(|kind| kind.seated) {
        let Seats { quantity, sold, held } = kind.seats;
        let right = [quantity - sold - held, held, sold];
        if counts.get(&kind.id).copied().unwrap_or_default() != right {
            broken.push(format!("{:?} counts {right:?}, its seats are {:?}", kind.id, counts.get(&kind.id)));
        }
    }
    for section in of.of::<SeatSection>() {
        if summaries.remove(&section.key).unwrap_or_default() != section.rows {
            broken.push(format!("{:?} does not know its rows", section.key));
        }
        let map = of.of::<SeatMap>().find(|map| map.event_id == section.key.event_id);
        if map.is_none_or(|map| !map.sections.contains(&section.summary())) {
            broken.push(format!("no map knows {:?}", section.key));
        }
    }
    if !summaries.is_empty() {
        broken.push(format!("rows of no section: {:?}", summaries.keys()));
    }
    broken
}

/// Everybody who waits has one number and is counted; and what is free and fits is about to be offered.
fn waitlists(of: &Snapshot) -> Vec<String> {
    let mut broken = Vec::new();
    let mut lines: BTreeMap<TicketTypeId, Vec<&WaitlistEntry>> = BTreeMap::new();
    for entry in of.of::<WaitlistEntry>() {
        lines.entry(entry.key.ticket_type_id).or_default().push(&**entry);
    }
    let entries = of.of::<WaitlistEntry>().map(|e| ((e.key.ticket_type_id, e.user_id), e.key.number));
    let places = of.of::<WaitlistPlace>().map(|p| ((p.key.ticket_type_id, p.key.user_id), p.number));
    let entries: BTreeMap<_, _> = entries.collect();
    if entries != places.collect() || entries.len() != of.of::<WaitlistEntry>().count() {
        broken.push("those who wait and their places do not agree".to_owned());
    }
    for inventory in of.of::<Inventory>() {
        let types = of.of::<TicketType>().filter(|t| t.event_id == inventory.event_id && t.waiting > 0);
        let types: BTreeSet<TicketTypeId> = types.map(|t| t.id).collect();
        if !types.iter().eq(&inventory.waiting) {
            broken.push(format!("{inventory:?}, but people wait for {types:?}"));
        }
    }
    for kind in of.of::<TicketType>() {
        let line = lines.remove(&kind.id).unwrap_or_default();
        if u32::try_from(line.len()).unwrap_or(u32::MAX) != kind.waiting {
            broken.push(format!("{kind:?}, but {} wait", line.len()));
        }
        let list = of.of::<Waitlist>().find(|list| list.ticket_type_id == kind.id);
        let within = |e: &&WaitlistEntry| list.is_some_and(|l| (l.head..l.tail).contains(&e.key.number));
        if !line.iter().all(within) {
            broken.push(format!("numbers that are none of {list:?}"));
        }
        if let Some(entry) = forgotten(of, kind, &line) {
            broken.push(format!("{entry:?} fits, and nobody will offer it"));
        }
    }
    if !lines.is_empty() {
        broken.push(format!("people wait for no ticket type: {:?}", lines.keys()));
    }
    broken
}

/// The first of those who wait, if what is free fits them and no job will see to it.
fn forgotten<'w>(of: &Snapshot, kind: &TicketType, line: &[&'w WaitlistEntry]) -> Option<&'w WaitlistEntry> {
    let serves = |job: &Job| match job.work {
        JobWork::ServeWaitlist { ticket_type_id, .. } => ticket_type_id == kind.id,
        _ => false,
    };
    let published = |e: &Event| e.id == kind.event_id && matches!(e.state, EventState::Published { .. });
    let on_sale = kind.sales_end.is_none() && of.of::<Event>().any(|e| published(e));
    // Seats on a map may be free, and not together.
    if !on_sale || kind.seated || of.of::<Job>().any(|job| serves(job)) {
        return None;
    }
    let event = of.of::<Inventory>().find(|i| i.event_id == kind.event_id)?;
    // What is owed to lists whose first waits longer.
    let owed = |entry: &WaitlistEntry| {
        let others = of.of::<TicketType>().filter(|t| t.id != kind.id && event.waiting.contains(&t.id));
        let first = |t: TicketTypeId| {
            let line = of.of::<WaitlistEntry>().filter(|e| e.key.ticket_type_id == t);
            line.min_by_key(|e| e.key.number).map(|e| (e.joined_at, t))
        };
        let own = (entry.joined_at, kind.id);
        // A type whose sales are over claims nothing; a snapshot knows no time, and gives the benefit of the doubt.
        let longer = others.filter(|t| event.capacity.is_some() && first(t.id).is_some_and(|t| t < own));
        longer.map(|t| t.seats.available()).fold(0, u32::saturating_add)
    };
    let room = |e: &WaitlistEntry| kind.seats.available().min(event.available().saturating_sub(owed(e)));
    let fits = |entry: &&&WaitlistEntry| entry.quantity <= room(entry);
    let mut line = line.to_vec();
    line.sort_unstable_by_key(|entry| entry.key.number);
    let met = if kind.waitlist_skips { line.iter().find(fits) } else { line.first().filter(fits) };
    met.copied()
}

/// Every code is in use as often as open bookings name it, by everybody and by each person, and within its limits.
fn promo_codes(of: &Snapshot) -> Vec<String> {
    let mut broken = Vec::new();
    let mut uses: BTreeMap<PromoCodeId, u32> = BTreeMap::new();
    let mut people: BTreeMap<(PromoCodeId, UserId), u32> = BTreeMap::new();
    for booking in of.of::<Booking>().filter(|b| b.state.is_open()) {
        if let Some(id) = booking.promo_code_id {
            *uses.entry(id).or_default() += 1;
            *people.entry((id, booking.user_id)).or_default() += 1;
        }
    }
    let mut codes: BTreeMap<EventId, u32> = BTreeMap::new();
    for promo in of.of::<PromoCode>() {
        *codes.entry(promo.event_id).or_default() += 1;
        let right = uses.remove(&promo.id).unwrap_or(0);
        if promo.used != right {
            broken.push(format!("{:?} is used {} times, but {right} bookings name it", promo.id, promo.used));
        }
    }
    for own in of.of::<PromoUse>() {
        let right = people.remove(&(own.key.promo_code_id, own.key.user_id));
        if right != Some(own.taken) {
            broken.push(format!("{own:?}, but the person has {right:?}"));
        }
    }
    if !uses.is_empty() || !people.is_empty() {
        broken.push(format!("promo codes that are not counted: {uses:?} {people:?}"));
    }
    for inventory in of.of::<Inventory>() {
        let right = codes.get(&inventory.event_id).copied().unwrap_or(0);
        if inventory.promo_codes != right {
            broken.push(format!("{inventory:?}, but there are {right} promo codes"));
        }
    }
    broken
}
