//! What always holds of promo codes and named seats: counted anew from bookings and tickets.

use std::collections::BTreeMap;

use super::snapshot::Snapshot;
use crate::booking::{Booking, BookingState};
use crate::id::{EventId, PromoCodeId, TicketTypeId, UserId};
use crate::promo_code::{PromoCode, PromoUse};
use crate::seat_map::{RowSummary, SeatId, SeatMap, SeatRow, SeatSection, SeatStatus};
use crate::store::{SeatRowKey, SeatSectionKey};
use crate::ticket::{Ticket, TicketState};
use crate::ticket_type::{Inventory, Seats, TicketType};

/// Every broken invariant, in words.
pub(super) fn violations(of: &Snapshot) -> Vec<String> {
    promo_codes(of).into_iter().chain(seats(of)).collect()
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
