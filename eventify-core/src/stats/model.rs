//! The records of statistics: what came of an event, by ticket type, and when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::id::{EventId, TicketTypeId};
use crate::money::{Currency, Money};
use crate::store::EventDayKey;
use crate::time::Timestamp;

/// What came of an event's sales and doors so far. Changed in the very decisions that sell, cancel and let in; how many
/// tickets are sold and held is counted by the [ticket types](crate::ticket_type::Seats) and not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventTally {
    /// The event.
    pub event_id: EventId,
    /// The ticket types of which a ticket was sold.
    pub types: BTreeMap<TicketTypeId, TypeTally>,
    /// The newest day that something was counted on, in days of UTC since 1970. What happened on those before is in an
    /// [`EventDay`] each.
    pub day: i32,
    /// What happened on that day, by its quarters of an hour: 0 to 95.
    pub quarters: BTreeMap<u8, Quarter>,
}

/// What happened at an event on one day of UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDay {
    /// The event and the day.
    pub key: EventDayKey,
    /// By the day's quarters of an hour: 0 to 95, those in which something happened.
    pub quarters: BTreeMap<u8, Quarter>,
}

/// What came of a ticket type so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeTally {
    /// Tickets with which somebody came in.
    pub checked_in: u32,
    /// Tickets whose person came in and did not go out again.
    pub inside: u32,
    /// What was to be paid, by currency.
    pub takings: Vec<Takings>,
}

/// What happened in a quarter of an hour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarter {
    /// Tickets that were issued.
    pub sold: u32,
    /// Tickets that were cancelled.
    pub cancelled: u32,
    /// Tickets with which somebody came in for the first time.
    pub checked_in: u32,
    /// What was to be paid for those that were issued, and to be given back of bookings that were cancelled, by currency.
    pub takings: Vec<Takings>,
}

/// What was to be paid in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Takings {
    /// The currency.
    pub currency: Currency,
    /// For all tickets that were ever issued, less what promo codes took off; minor units.
    pub gross_minor: i64,
    /// Of that what is to be given back of bookings that were cancelled; minor units. Of a ticket type: the
    /// parts of its lines, in proportion to what was to be paid.
    pub refunds_due_minor: i64,
}

/// Which way tickets and money go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trade {
    /// Issued, to be paid.
    Sold,
    /// Cancelled, to be given back in part or wholly.
    Cancelled,
}

/// The quarters of an hour that a day has. Civil time differs from UTC by whole ones, so hours and days of every time
/// zone are made of them.
pub(crate) const QUARTERS: u8 = 96;
const QUARTER_SECONDS: i64 = 900;

/// The day of UTC and its quarter of an hour that an instant lies in.
pub(crate) fn place(at: Timestamp) -> (i32, u8) {
    let quarters = at.as_seconds().div_euclid(QUARTER_SECONDS);
    let day = i32::try_from(quarters.div_euclid(i64::from(QUARTERS))).unwrap_or(i32::MAX);
    (day, u8::try_from(quarters.rem_euclid(i64::from(QUARTERS))).unwrap_or(0))
}

/// When a quarter of an hour begins.
pub(crate) fn begins(day: i32, quarter: u8) -> Timestamp {
    let quarters = i64::from(day) * i64::from(QUARTERS) + i64::from(quarter);
    Timestamp::from_micros(quarters * QUARTER_SECONDS * 1_000_000).unwrap_or(Timestamp::MAX)
}

impl EventTally {
    /// Of an event of which nothing was counted before a day.
    #[must_use]
    pub const fn none(event_id: EventId, day: i32) -> Self {
        Self { event_id, types: BTreeMap::new(), day, quarters: BTreeMap::new() }
    }

    pub(crate) fn of_type(&mut self, id: TicketTypeId) -> &mut TypeTally {
        self.types.entry(id).or_default()
    }

    /// What was to be paid in a currency so far, over all types: no more than the largest amount.
    pub(crate) fn gross(&self, currency: Currency) -> i64 {
        let of_type = |tally: &TypeTally| tally.takings.iter().find(|t| t.currency == currency).copied();
        self.types.values().filter_map(of_type).fold(0, |sum, t| sum.saturating_add(t.gross_minor))
    }
}

impl EventDay {
    /// Of a day on which nothing happened.
    #[must_use]
    pub const fn none(key: EventDayKey) -> Self {
        Self { key, quarters: BTreeMap::new() }
    }
}

impl Quarter {
    pub(crate) fn trade(&mut self, trade: Trade, count: u32, amount: Money) -> Result<(), Error> {
        let tickets = match trade {
            Trade::Sold => &mut self.sold,
            Trade::Cancelled => &mut self.cancelled,
        };
        *tickets = tickets.checked_add(count).ok_or_else(too_much)?;
        take(&mut self.takings, trade, amount)
    }

    /// Adds another one's counts, in which nothing can be too much that was not in the records they are of.
    pub(crate) fn add(&mut self, other: &Self) {
        self.sold = self.sold.saturating_add(other.sold);
        self.cancelled = self.cancelled.saturating_add(other.cancelled);
        self.checked_in = self.checked_in.saturating_add(other.checked_in);
        add_takings(&mut self.takings, &other.takings);
    }

    /// Whether nothing happened.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Counts an amount. What is free has no currency worth a line.
///
/// # Errors
/// `invalid_value` when the sum is too large.
pub(crate) fn take(takings: &mut Vec<Takings>, trade: Trade, amount: Money) -> Result<(), Error> {
    if amount.is_zero() {
        return Ok(());
    }
    let of = in_currency(takings, amount.currency);
    let sum = match trade {
        Trade::Sold => &mut of.gross_minor,
        Trade::Cancelled => &mut of.refunds_due_minor,
    };
    *sum = sum.checked_add(amount.amount_minor).ok_or_else(too_much)?;
    Ok(())
}

/// Adds sums that were kept within bounds together.
pub(crate) fn add_takings(to: &mut Vec<Takings>, more: &[Takings]) {
    for each in more {
        let of = in_currency(to, each.currency);
        of.gross_minor = of.gross_minor.saturating_add(each.gross_minor);
        of.refunds_due_minor = of.refunds_due_minor.saturating_add(each.refunds_due_minor);
    }
}

/// The line of a currency; lines are in the order of the codes.
fn in_currency(takings: &mut Vec<Takings>, currency: Currency) -> &mut Takings {
    let place = takings.partition_point(|t| t.currency.code() < currency.code());
    if takings.get(place).is_none_or(|t| t.currency != currency) {
        takings.insert(place, Takings { currency, gross_minor: 0, refunds_due_minor: 0 });
    }
    &mut takings[place]
}

pub(crate) fn too_much() -> Error {
    Error::invalid("lines", "would bring what the event takes beyond what can be counted")
}
