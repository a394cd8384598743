//! Taking seats and giving them back: the only code that moves the counters, and the named seats with them.

use std::collections::BTreeMap;

use super::model::{Allowance, Booking, BookingLine};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::event::{Event, event_not_found};
use crate::id::{TicketTypeId, UserId};
use crate::promo_code;
use crate::seat_map::{self, SeatId, SeatStatus};
use crate::stats;
use crate::store::{AllowanceKey, Key};
use crate::ticket_type::{self, Inventory, Seats, TicketType};
use crate::waitlist;
use crate::work::{Decision, Work};

/// What a booking does to the seats of its lines, and of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// Free seats become held ones.
    Hold,
    /// The same for somebody who waited for them.
    Offer,
    /// Held seats become sold ones.
    SellHeld,
    /// Free seats become sold ones.
    Sell,
    /// Held seats become free.
    ReleaseHeld,
    /// Sold seats become free.
    ReleaseSold,
}

impl Move {
    fn apply(self, seats: &mut Seats, count: u32) -> Result<(), Error> {
        match self {
            Self::Hold | Self::Offer => seats.hold(count),
            Self::SellHeld => seats.sell_held(count),
            Self::Sell => {
                seats.hold(count)?;
                seats.sell_held(count)
            }
            Self::ReleaseHeld => seats.release_held(count),
            Self::ReleaseSold => seats.release_sold(count),
        }
    }

    /// What the named seats are before and after.
    const fn on_seats(self) -> (SeatStatus, SeatStatus) {
        match self {
            Self::Hold | Self::Offer => (SeatStatus::Free, SeatStatus::Held),
            Self::SellHeld => (SeatStatus::Held, SeatStatus::Sold),
            Self::Sell => (SeatStatus::Free, SeatStatus::Sold),
            Self::ReleaseHeld => (SeatStatus::Held, SeatStatus::Free),
            Self::ReleaseSold => (SeatStatus::Sold, SeatStatus::Free),
        }
    }

    /// Whether the event's statistics count it here. What a cancellation comes to is more than its seats.
    const fn sells(self) -> bool {
        matches!(self, Self::SellHeld | Self::Sell)
    }

    /// Whether it changes how many seats the person has.
    const fn on_allowance(self) -> Option<bool> {
        match self {
            Self::Hold | Self::Offer | Self::Sell => Some(true),
            Self::ReleaseHeld | Self::ReleaseSold => Some(false),
            Self::SellHeld => None,
        }
    }
}

/// What [`move_seats`] reads of a booking.
pub(super) fn reads(booking: &Booking) -> impl Iterator<Item = Key> {
    let types = booking.lines.iter().map(|line| line.ticket_type_id);
    let allowance =
        |ticket_type_id| Key::Allowance(AllowanceKey { ticket_type_id, user_id: booking.user_id });
    let promo = booking.promo_code_id.map(|id| promo_code::reads(id, booking.user_id));
    let own = [Key::Inventory(booking.event_id)].into_iter();
    let seats = seat_map::reads(booking.event_id, booking.seat_ids());
    let own = own.chain(seats);
    own.chain(types.clone().map(Key::TicketType))
        .chain(types.map(allowance))
        .chain(promo.into_iter().flatten())
}

/// Moves the seats of every line, and counts the promo code, or does nothing: the caller's decision is rolled back as a
/// whole.
pub(super) fn move_seats(work: &mut Work, cx: &Context<'_>, booking: &Booking, how: Move) -> Decision<()> {
    work.need(reads(booking).chain(how.sells().then(|| stats::reads(booking.event_id))))?;
    if let (Some(id), Some(more)) = (booking.promo_code_id, how.on_allowance()) {
        promo_code::count(work, id, booking.user_id, more)?;
    }
    let inventory = work.find::<Inventory>(&booking.event_id)?.ok_or_else(event_not_found)?;
    let newcomer = matches!(how, Move::Hold | Move::Sell);
    let owed = if newcomer { waitlist::owed(work, cx, &inventory)? } else { 0 };
    let mut left = inventory.available().saturating_sub(owed);
    let mut inventory = (*inventory).clone();
    for (ticket_type_id, count) in per_type(&booking.lines) {
        let found = ticket_type::find(work, booking.event_id, ticket_type_id)?;
        if newcomer {
            found.require_nobody_waiting().map_err(|error| error.with("ticket_type_id", ticket_type_id))?;
        }
        if let Some(more) = how.on_allowance() {
            move_allowance(work, &found, booking.user_id, count, more)?;
        }
        let mut changed = (*found).clone();
        how.apply(&mut changed.seats, count).map_err(|error| error.with("ticket_type_id", ticket_type_id))?;
        if owed > 0 {
            left = left.checked_sub(count).ok_or_else(|| owed_to_lists(left, &inventory))?;
        }
        inventory.apply(|seats| how.apply(seats, count))?;
        work.put(changed);
    }
    work.put(inventory);
    if how.sells() {
        stats::count_sold(work, cx, booking)?;
    }
    if matches!(how, Move::ReleaseHeld | Move::ReleaseSold) {
        waitlist::wake(work, cx, booking.event_id)?;
    }
    let seats: Vec<SeatId> = booking.seat_ids().collect();
    if seats.is_empty() {
        return Ok(());
    }
    let (from, to) = how.on_seats();
    seat_map::turn(work, booking.event_id, &seats, from, to)
}

/// The hall's last seats are for those who wait for another of its ticket types.
fn owed_to_lists(left: u32, inventory: &Inventory) -> Error {
    let sentence = match left {
        0 => "What the event has left is for those on its waitlists.".to_owned(),
        left => format!("Only {left} left: the others are for those on the event's waitlists."),
    };
    let error = Error::new(Reason::NotEnoughLeft, sentence).with("available", left);
    error.with("held", inventory.held)
}

/// Two lines of one type count together.
pub(super) fn per_type(lines: &[BookingLine]) -> BTreeMap<TicketTypeId, u32> {
    let mut counts = BTreeMap::new();
    for line in lines {
        let count: &mut u32 = counts.entry(line.ticket_type_id).or_default();
        *count = count.saturating_add(line.quantity);
    }
    counts
}

/// Counts what a person has of a type. Counted for every type, since a limit may be set later.
fn move_allowance(work: &mut Work, of: &TicketType, user_id: UserId, count: u32, more: bool) -> Decision<()> {
    let key = AllowanceKey { ticket_type_id: of.id, user_id };
    let taken = work.find::<Allowance>(&key)?.map_or(0, |allowance| allowance.taken);
    if !more {
        let taken = taken.saturating_sub(count);
        if taken == 0 {
            work.delete::<Allowance>(&key);
        } else {
            work.put(Allowance { key, event_id: of.event_id, taken });
        }
        return Ok(());
    }
    let wanted = taken.saturating_add(count);
    if let Some(max) = of.per_person_max.filter(|max| wanted > *max) {
        let sentence = format!("One person may have at most {max} of these; you have {taken}.");
        let error = Error::new(Reason::PerPersonLimit, sentence);
        return Err(error
            .with("per_person_max", max)
            .with("taken", taken)
            .with("ticket_type_id", of.id)
            .into());
    }
    work.put(Allowance { key, event_id: of.event_id, taken: wanted });
    Ok(())
}

/// # Errors
/// `sales_not_started` (with when), `sales_ended`.
pub(crate) fn check_sales(event: &Event, of: &TicketType, cx: &Context<'_>) -> Result<(), Error> {
    if let Some(start) = of.sales_start.filter(|start| cx.now < *start) {
        let error =
            Error::new(Reason::SalesNotStarted, format!("Sales of \"{}\" begin at {start}.", of.name));
        return Err(error.with("sales_start", start).with("ticket_type_id", of.id));
    }
    let end = match (of.sales_end, event.ends_at) {
        (Some(sales_end), Some(ends_at)) => Some(sales_end.min(ends_at)),
        (sales_end, ends_at) => sales_end.or(ends_at),
    };
    if let Some(end) = end.filter(|end| cx.now >= *end) {
        let error = Error::new(Reason::SalesEnded, format!("Sales of \"{}\" ended at {end}.", of.name));
        return Err(error.with("sales_end", end).with("ticket_type_id", of.id));
    }
    Ok(())
}
