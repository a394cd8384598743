//! Ticket types and inventory: what may be sold, and what is taken of it.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Reason};
use crate::id::{EventId, TicketTypeId};
use crate::money::Money;
use crate::time::Timestamp;

/// A kind of ticket of an event, and how much of it is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketType {
    /// Its id.
    pub id: TicketTypeId,
    /// Its event.
    pub event_id: EventId,
    /// Its name; 1 to 100 characters.
    pub name: String,
    /// What one ticket costs; 0 is free.
    pub price: Money,
    /// The seats of this type, and how many are taken.
    pub seats: Seats,
    /// Sales begin; at once when `None`.
    pub sales_start: Option<Timestamp>,
    /// Sales end; with the event when `None`.
    pub sales_end: Option<Timestamp>,
    /// How many one person may have; no limit when `None`.
    pub per_person_max: Option<u32>,
    /// Neither listed nor sold without a promo code that names it.
    pub hidden: bool,
    /// Sold by seat: its quantity is the seats that the map has of it.
    pub seated: bool,
    /// How many people wait for it: while any do, what is free is theirs.
    pub waiting: u32,
    /// Whether those who wait for more than is free are passed by those who wait for less.
    pub waitlist_skips: bool,
    /// The doors open for these tickets; with the event's when `None`.
    pub doors_at: Option<Timestamp>,
    /// How often one of these lets its person in.
    pub re_entry: ReEntry,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How often a ticket lets its person in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum ReEntry {
    /// Once.
    #[default]
    Once,
    /// Again after each check-out: in and out alternate.
    InOut,
}

/// An event's overall capacity and what its types together take of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// The event.
    pub event_id: EventId,
    /// Seats over all types; no limit of its own when `None`.
    pub capacity: Option<u32>,
    /// Sold over all types: the number of valid tickets.
    pub sold: u32,
    /// Held over all types.
    pub held: u32,
    /// How many ticket types the event has.
    pub types: u32,
    /// How many promo codes the event has.
    pub promo_codes: u32,
    /// The ticket types that people wait for.
    pub waiting: Vec<TicketTypeId>,
}

/// A number of seats and how many of them are taken. `sold + held ≤ quantity`, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    /// How many there are; 1 to 1,000,000.
    pub quantity: u32,
    /// Sold: the number of valid tickets.
    pub sold: u32,
    /// Held by bookings that are not confirmed yet.
    pub held: u32,
}

impl Seats {
    /// The seats that one type may have.
    pub const QUANTITY_MAX: u32 = 1_000_000;

    /// Seats of which none is taken.
    #[must_use]
    pub const fn new(quantity: u32) -> Self {
        Self { quantity, sold: 0, held: 0 }
    }

    /// How many are free.
    #[must_use]
    pub const fn available(&self) -> u32 {
        self.quantity.saturating_sub(self.sold.saturating_add(self.held))
    }

    /// Takes seats into a hold.
    ///
    /// # Errors
    /// `sold_out` when all are sold, `not_enough_left` (with `available` and `held`) when fewer are free than wanted.
    pub fn hold(&mut self, wanted: u32) -> Result<(), Error> {
        let available = self.available();
        if wanted > available {
            return Err(shortage(available, self.held));
        }
        self.held += wanted;
        Ok(())
    }

    /// Turns held seats into sold ones.
    ///
    /// # Errors
    /// `internal` when fewer are held, which no sequence of rules leads to.
    pub fn sell_held(&mut self, count: u32) -> Result<(), Error> {
        self.release_held(count)?;
        self.sold += count;
        Ok(())
    }

    /// Gives held seats back.
    ///
    /// # Errors
    /// `internal` when fewer are held.
    pub fn release_held(&mut self, count: u32) -> Result<(), Error> {
        self.held = self.held.checked_sub(count).ok_or_else(|| miscounted("held"))?;
        Ok(())
    }

    /// Gives sold seats back.
    ///
    /// # Errors
    /// `internal` when fewer are sold.
    pub fn release_sold(&mut self, count: u32) -> Result<(), Error> {
        self.sold = self.sold.checked_sub(count).ok_or_else(|| miscounted("sold"))?;
        Ok(())
    }

    /// Changes how many there are.
    ///
    /// # Errors
    /// `quantity_below_sold` (with `sold` and `held`) when fewer than are taken.
    pub fn resize(&mut self, quantity: u32) -> Result<(), Error> {
        if quantity < self.sold.saturating_add(self.held) {
            return Err(below_sold(quantity, self.sold, self.held));
        }
        self.quantity = quantity;
        Ok(())
    }
}

impl TicketType {
    /// How many can be booked by somebody who has not waited.
    #[must_use]
    pub const fn to_be_had(&self) -> u32 {
        if self.waiting > 0 { 0 } else { self.seats.available() }
    }

    /// # Errors
    /// `not_enough_left` (with `waiting`) while people wait: what is free is theirs.
    pub fn require_nobody_waiting(&self) -> Result<(), Error> {
        if self.waiting == 0 {
            return Ok(());
        }
        let sentence = "What is left is for those on the waitlist; join it.";
        let error = Error::new(Reason::NotEnoughLeft, sentence).with("available", 0);
        Err(error.with("held", self.seats.held).with("waiting", self.waiting))
    }
}

impl Inventory {
    /// The inventory of a new event.
    #[must_use]
    pub const fn new(event_id: EventId, capacity: Option<u32>) -> Self {
        Self { event_id, capacity, sold: 0, held: 0, types: 0, promo_codes: 0, waiting: Vec::new() }
    }

    /// Does to the event's seats what `change` does to a type's.
    ///
    /// # Errors
    /// What `change` answers.
    pub fn apply(&mut self, change: impl FnOnce(&mut Seats) -> Result<(), Error>) -> Result<(), Error> {
        let mut seats =
            Seats { quantity: self.capacity.unwrap_or(u32::MAX), sold: self.sold, held: self.held };
        change(&mut seats)?;
        self.sold = seats.sold;
        self.held = seats.held;
        Ok(())
    }

    /// Changes the overall capacity; `None` takes the limit away.
    ///
    /// # Errors
    /// `quantity_below_sold` (with `sold` and `held`).
    pub fn resize(&mut self, capacity: Option<u32>) -> Result<(), Error> {
        if capacity.is_some_and(|capacity| capacity < self.sold.saturating_add(self.held)) {
            return Err(below_sold(capacity.unwrap_or(0), self.sold, self.held));
        }
        self.capacity = capacity;
        Ok(())
    }
}

fn shortage(available: u32, held: u32) -> Error {
    if available == 0 && held == 0 {
        return Error::new(Reason::SoldOut, "Nothing is left.");
    }
    let sentence = match (available, held) {
        (0, _) => "Everything is taken, but held seats may come back.".to_owned(),
        (left, _) => format!("Only {left} left."),
    };
    Error::new(Reason::NotEnoughLeft, sentence).with("available", available).with("held", held)
}

fn below_sold(quantity: u32, sold: u32, held: u32) -> Error {
    let sentence = format!("{quantity} is less than the {sold} sold and {held} held.");
    Error::new(Reason::QuantityBelowSold, sentence).with("sold", sold).with("held", held)
}

fn miscounted(which: &str) -> Error {
    Error::internal(format!("fewer seats are {which} than a booking gives back"))
}
