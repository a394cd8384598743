//! Waitlists: who waits for a ticket type, in order.
//!
//! A list is numbers: people get the next one, and are looked at from the first on. Somebody who leaves leaves a hole.

use serde::{Deserialize, Serialize};

use crate::id::{EventId, TicketTypeId, UserId};
use crate::store::{AllowanceKey, WaitlistKey};
use crate::time::Timestamp;

/// The waitlist of a ticket type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waitlist {
    /// The ticket type.
    pub ticket_type_id: TicketTypeId,
    /// Its event.
    pub event_id: EventId,
    /// Nobody waits with a number below this one.
    pub head: u32,
    /// The number that the next person gets.
    pub tail: u32,
}

impl Waitlist {
    /// A list on which nobody has been yet.
    #[must_use]
    pub const fn new(ticket_type_id: TicketTypeId, event_id: EventId) -> Self {
        Self { ticket_type_id, event_id, head: 1, tail: 1 }
    }
}

/// Somebody who waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitlistEntry {
    /// The ticket type and the person's number.
    pub key: WaitlistKey,
    /// The event.
    pub event_id: EventId,
    /// Who waits.
    pub user_id: UserId,
    /// For how many; 1 to 50.
    pub quantity: u32,
    /// Since when.
    pub joined_at: Timestamp,
}

/// Which number a person has: nobody waits twice for one ticket type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitlistPlace {
    /// The ticket type and the person.
    pub key: AllowanceKey,
    /// The event.
    pub event_id: EventId,
    /// The number.
    pub number: u32,
}
