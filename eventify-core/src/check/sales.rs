//! Counters, bookings and tickets: what is sold is what was issued.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::walk::{Pages, Related, Walk};
use super::{promo, seats, stats, waitlists};
use crate::booking::{Allowance, Booking, BookingState};
use crate::event::Event;
use crate::id::{EventId, JobId, TicketTypeId};
use crate::job::Job;
use crate::seat_map::SeatStatus;
use crate::store::{AllowanceKey, Key, PromoUseKey, Recorded, StoreError};
use crate::ticket::{Passages, Ticket, TicketState};
use crate::ticket_type::{Inventory, TicketType};

/// What the bookings and tickets come to.
#[derive(Default)]
struct Tally {
    types: HashMap<TicketTypeId, Taken>,
    events: HashMap<EventId, Taken>,
    people: HashMap<AllowanceKey, u32>,
    promos: HashMap<PromoUseKey, u32>,
    codes: HashMap<EventId, u32>,
    stats: stats::Counted,
    named: seats::Named,
    waiting: waitlists::Waiting,
    seats: HashMap<TicketTypeId, seats::Counted>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Taken {
    sold: u64,
    held: u64,
    types: u32,
}

pub(super) async fn check(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut tally = Tally::default();
    bookings(walk, &mut tally).await?;
    tickets(walk, &mut tally).await?;
    stats::check(walk, std::mem::take(&mut tally.stats)).await?;
    tally.seats = seats::check(walk, std::mem::take(&mut tally.named)).await?;
    tally.waiting = waitlists::check(walk).await?;
    ticket_types(walk, &mut tally).await?;
    tally.codes = promo::check(walk, std::mem::take(&mut tally.promos)).await?;
    inventories(walk, &tally).await?;
    allowances(walk, tally.people).await
}

async fn bookings(walk: &mut Walk<'_>, tally: &mut Tally) -> Result<(), StoreError> {
    let mut pages = Pages::<Booking>::new();
    while let Some(page) = pages.next(walk).await? {
        for booking in page {
            let mut keys: BTreeSet<Key> = booking.tickets.iter().copied().map(Key::Ticket).collect();
            if let Some(promo_code_id) = booking.promo_code_id.filter(|_| booking.state.is_open()) {
                let who = PromoUseKey { promo_code_id, user_id: booking.user_id };
                *tally.promos.entry(who).or_default() += 1;
            }
            tally.stats.give_back(&booking);
            if let BookingState::Held { .. } = booking.state {
                for seat in booking.seat_ids() {
                    tally.named.add(walk, booking.event_id, seat, SeatStatus::Held);
                }
                keys.insert(Key::Job(expiry_job(&booking)));
                for line in &booking.lines {
                    tally.types.entry(line.ticket_type_id).or_default().held += u64::from(line.quantity);
                    let who = AllowanceKey { ticket_type_id: line.ticket_type_id, user_id: booking.user_id };
                    *tally.people.entry(who).or_default() += line.quantity;
                }
            }
            let related = walk.load(keys).await?;
            booking_itself(walk, &booking, &related);
        }
    }
    Ok(())
}

/// The job that ends a hold has the booking's id.
const fn expiry_job(booking: &Booking) -> JobId {
    JobId::from_uuid(booking.id.uuid())
}

fn booking_itself(walk: &mut Walk<'_>, booking: &Booking, related: &Related) {
    let key = || Key::Booking(booking.id);
    let report = &mut walk.report;
    let sum: i128 = booking
        .lines
        .iter()
        .map(|line| {
            let off = line.unit_discount.map_or(0, |off| off.amount_minor);
            (i128::from(line.unit_price.amount_minor) - i128::from(off)) * i128::from(line.quantity)
        })
        .sum();
    let total = i128::from(booking.total.amount_minor);
    report.require(sum == total, "booking_total", key(), || {
        format!("its total is {total}, but its lines come to {sum}")
    });
    match booking.state {
        BookingState::Held { .. } => {
            report.require(booking.tickets.is_empty(), "hold_without_tickets", key(), || {
                "it is only held, and has tickets".to_owned()
            });
            let there = related.has::<Job>(&expiry_job(booking));
            report.require(there, "hold_expiry", key(), || "no job will end the hold".to_owned());
        }
        BookingState::Expired { .. } => {
            report.require(booking.tickets.is_empty(), "hold_without_tickets", key(), || {
                "it expired, and has tickets".to_owned()
            });
        }
        BookingState::Confirmed { .. } => {
            let (booked, issued) = (per_type(booking), issued(booking, related));
            report.require(booked == issued, "ticket_per_seat", key(), || {
                format!(
                    "it has {} seats, but {} valid tickets",
                    booking.seats(),
                    issued.values().sum::<u32>()
                )
            });
        }
        BookingState::Cancelled { refund, .. } => {
            let fits = refund.is_none_or(|refund| {
                refund.currency == booking.total.currency && (0..=total).contains(&refund.amount_minor.into())
            });
            report.require(
                fits && refund.is_some() != booking.tickets.is_empty(),
                "booking_refund",
                key(),
                || {
                    format!(
                        "{refund:?} is to be given back of {total}, for {} tickets",
                        booking.tickets.len()
                    )
                },
            );
            let tickets = booking.tickets.iter().filter_map(|id| related.get::<Ticket>(id));
            let active = tickets.filter(|ticket| matches!(ticket.state, TicketState::Active)).count();
            report.require(active == 0, "cancelled_tickets", key(), || {
                format!("it is cancelled, but {active} of its tickets are not")
            });
        }
    }
}

fn per_type(booking: &Booking) -> BTreeMap<TicketTypeId, u32> {
    let mut counts = BTreeMap::new();
    for line in booking.lines.iter().filter(|line| line.quantity > 0) {
        *counts.entry(line.ticket_type_id).or_default() += line.quantity;
    }
    counts
}

/// Its valid tickets, each once.
fn issued(booking: &Booking, related: &Related) -> BTreeMap<TicketTypeId, u32> {
    let mut counts = BTreeMap::new();
    let distinct: BTreeSet<_> = booking.tickets.iter().collect();
    for ticket in distinct.into_iter().filter_map(|id| related.get::<Ticket>(id)) {
        if ticket.booking_id == booking.id && is_valid(ticket) {
            *counts.entry(ticket.ticket_type_id).or_default() += 1;
        }
    }
    counts
}

const fn is_valid(ticket: &Ticket) -> bool {
    !matches!(ticket.state, TicketState::Cancelled { .. })
}

async fn tickets(walk: &mut Walk<'_>, tally: &mut Tally) -> Result<(), StoreError> {
    let mut pages = Pages::<Ticket>::new();
    while let Some(page) = pages.next(walk).await? {
        let related_to = |t: &Ticket| {
            let scanned = t.state.check_in().map(|_| Key::Passages(t.id));
            [Key::Booking(t.booking_id), Key::TicketType(t.ticket_type_id)].into_iter().chain(scanned)
        };
        let related = walk.load(page.iter().flat_map(|t| related_to(t)).collect()).await?;
        for ticket in page {
            let booking = related.get::<Booking>(&ticket.booking_id);
            let scans = related.get::<Passages>(&ticket.id);
            tally.stats.add(&ticket, booking.map(|b| &**b), scans.map(|s| &**s));
            if is_valid(&ticket) {
                tally.types.entry(ticket.ticket_type_id).or_default().sold += 1;
                if let Some(seat) = &ticket.seat {
                    tally.named.add(walk, ticket.event_id, seat.seat, SeatStatus::Sold);
                }
                let who = AllowanceKey {
                    ticket_type_id: ticket.ticket_type_id,
                    user_id: booking.map_or(ticket.user_id, |booking| booking.user_id),
                };
                *tally.people.entry(who).or_default() += 1;
            }
            let listed =
                booking.is_some_and(|b| b.event_id == ticket.event_id && b.tickets.contains(&ticket.id));
            walk.report.require(listed, "ticket_booking", ticket.key(), || {
                "its booking is not there, or does not know it".to_owned()
            });
            let of = related.get::<TicketType>(&ticket.ticket_type_id);
            let fits = of.is_some_and(|of| of.event_id == ticket.event_id);
            walk.report.require(fits, "ticket_type_of_event", ticket.key(), || {
                "its ticket type is not there, or is another event's".to_owned()
            });
        }
    }
    Ok(())
}

async fn ticket_types(walk: &mut Walk<'_>, tally: &mut Tally) -> Result<(), StoreError> {
    let mut pages = Pages::<TicketType>::new();
    while let Some(page) = pages.next(walk).await? {
        let related = walk.load(page.iter().map(|of| Key::Event(of.event_id)).collect()).await?;
        for of in page {
            let there = related.has::<Event>(&of.event_id);
            let report = &mut walk.report;
            report.require(there, "type_event", of.key(), || "its event is not there".to_owned());
            let seats = of.seats;
            let taken = u64::from(seats.sold) + u64::from(seats.held);
            report.require(taken <= u64::from(seats.quantity), "never_oversold", of.key(), || {
                format!("{} sold and {} held of {}", seats.sold, seats.held, seats.quantity)
            });
            let counted = tally.types.remove(&of.id).unwrap_or_default();
            report.require(u64::from(seats.sold) == counted.sold, "sold_counter", of.key(), || {
                format!("sold is {}, but {} tickets are valid", seats.sold, counted.sold)
            });
            report.require(u64::from(seats.held) == counted.held, "held_counter", of.key(), || {
                format!("held is {}, but bookings hold {}", seats.held, counted.held)
            });
            let on_map = tally.seats.remove(&of.id).unwrap_or_default();
            let free = seats.quantity.saturating_sub(seats.sold.saturating_add(seats.held));
            let right = seats::Counted { free, held: seats.held, sold: seats.sold };
            report.require(!of.seated || right == on_map, "seats_of_type", of.key(), || {
                format!("it counts {right:?}, but the map has {on_map:?}")
            });
            let waiting = tally.waiting.people.remove(&of.id).unwrap_or(0);
            report.require(of.waiting == waiting, "waitlist_count", of.key(), || {
                format!("{} wait, it says, but {waiting} do", of.waiting)
            });
            let event = tally.events.entry(of.event_id).or_default();
            event.sold += u64::from(seats.sold);
            event.held += u64::from(seats.held);
            event.types += 1;
        }
    }
    for id in tally.types.keys() {
        walk.report.find("type_there", Key::TicketType(*id), "seats of it are taken, but it is not there");
    }
    Ok(())
}

async fn inventories(walk: &mut Walk<'_>, tally: &Tally) -> Result<(), StoreError> {
    let mut pages = Pages::<Inventory>::new();
    while let Some(page) = pages.next(walk).await? {
        let related = walk.load(page.iter().map(|i| Key::Event(i.event_id)).collect()).await?;
        for inventory in page {
            let there = related.has::<Event>(&inventory.event_id);
            let report = &mut walk.report;
            report.require(there, "inventory_event", inventory.key(), || "its event is not there".to_owned());
            let taken = u64::from(inventory.sold) + u64::from(inventory.held);
            let fits = inventory.capacity.is_none_or(|capacity| taken <= u64::from(capacity));
            report.require(fits, "never_over_capacity", inventory.key(), || {
                format!("{} sold and {} held, over the capacity", inventory.sold, inventory.held)
            });
            let counts = Taken {
                sold: u64::from(inventory.sold),
                held: u64::from(inventory.held),
                types: inventory.types,
            };
            let summed = tally.events.get(&inventory.event_id).copied().unwrap_or_default();
            report.require(counts == summed, "inventory_sum", inventory.key(), || {
                format!("it counts {counts:?}, but its types come to {summed:?}")
            });
            let none = HashSet::new();
            let waited_for = tally.waiting.types.get(&inventory.event_id).unwrap_or(&none);
            let known = inventory.waiting.len() == waited_for.len()
                && inventory.waiting.iter().all(|id| waited_for.contains(id));
            report.require(known, "waitlist_types", inventory.key(), || {
                "people wait for other ticket types than it says".to_owned()
            });
            let codes = tally.codes.get(&inventory.event_id).copied().unwrap_or(0);
            report.require(inventory.promo_codes == codes, "promo_codes", inventory.key(), || {
                format!("it counts {} promo codes, but the event has {codes}", inventory.promo_codes)
            });
        }
    }
    Ok(())
}

async fn allowances(walk: &mut Walk<'_>, mut people: HashMap<AllowanceKey, u32>) -> Result<(), StoreError> {
    let mut pages = Pages::<Allowance>::new();
    while let Some(page) = pages.next(walk).await? {
        for allowance in page {
            let counted = people.remove(&allowance.key).unwrap_or(0);
            walk.report.require(
                allowance.taken == counted,
                "allowance_sum",
                Recorded::key(&*allowance),
                || format!("it counts {}, but the person has {counted}", allowance.taken),
            );
        }
    }
    for (key, counted) in people {
        walk.report.find(
            "allowance_sum",
            Key::Allowance(key),
            format!("it is not there, but the person has {counted}"),
        );
    }
    Ok(())
}
