//! What others see of a ticket type.

use serde::{Deserialize, Serialize};

use super::model::{Inventory, ReEntry, TicketType};
use crate::id::{EventId, TicketTypeId};
use crate::money::Money;
use crate::time::Timestamp;

/// A ticket type with what is left of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TicketTypeView {
    /// Its id.
    pub id: TicketTypeId,
    /// Its event.
    pub event_id: EventId,
    /// Its name.
    pub name: String,
    /// What one ticket costs.
    pub price: Money,
    /// How many there are.
    pub quantity: u32,
    /// How many are sold.
    pub sold: u32,
    /// How many are held by bookings that are not confirmed yet.
    pub held: u32,
    /// How many can be booked now: no more than the event's overall capacity has left beside what is owed to those who
    /// wait for other types, none while people wait.
    pub available: u32,
    /// Sales begin; at once when `null`.
    pub sales_start: Option<Timestamp>,
    /// Sales end; with the event when `null`.
    pub sales_end: Option<Timestamp>,
    /// How many one person may have; no limit when `null`.
    pub per_person_max: Option<u32>,
    /// Whether it is neither listed nor sold without a promo code that names it.
    pub hidden: bool,
    /// Whether it is sold by seat: its quantity is the seats that the map has of it.
    pub seated: bool,
    /// How many people wait for it: while any do, what is free is theirs.
    pub waiting: u32,
    /// Whether those who wait for more than is free are passed by those who wait for less.
    pub waitlist_skips: bool,
    /// The doors open for these tickets; with the event's when `null`.
    pub doors_at: Option<Timestamp>,
    /// How often one of these lets its person in.
    pub re_entry: ReEntry,
}

impl TicketTypeView {
    /// `left` is what the event has left for who has not waited.
    pub(crate) fn new(ticket_type: &TicketType, left: u32) -> Self {
        Self {
            id: ticket_type.id,
            event_id: ticket_type.event_id,
            name: ticket_type.name.clone(),
            price: ticket_type.price,
            quantity: ticket_type.seats.quantity,
            sold: ticket_type.seats.sold,
            held: ticket_type.seats.held,
            available: ticket_type.to_be_had().min(left),
            sales_start: ticket_type.sales_start,
            sales_end: ticket_type.sales_end,
            per_person_max: ticket_type.per_person_max,
            hidden: ticket_type.hidden,
            seated: ticket_type.seated,
            waiting: ticket_type.waiting,
            waitlist_skips: ticket_type.waitlist_skips,
            doors_at: ticket_type.doors_at,
            re_entry: ticket_type.re_entry,
        }
    }
}

impl Inventory {
    /// How many seats the event as a whole has left.
    #[must_use]
    pub fn available(&self) -> u32 {
        self.capacity.unwrap_or(u32::MAX).saturating_sub(self.sold.saturating_add(self.held))
    }
}
