//! What a person sees of their waiting.

use serde::{Deserialize, Serialize};

use super::model::{Waitlist, WaitlistEntry};
use crate::id::{EventId, TicketTypeId};
use crate::time::Timestamp;

/// A place on a waitlist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct WaitlistView {
    /// The event.
    pub event_id: EventId,
    /// The ticket type.
    pub ticket_type_id: TicketTypeId,
    /// How many tickets are waited for.
    pub quantity: u32,
    /// How many people are before this one, at most: some may have left.
    pub ahead_max: u32,
    /// Since when.
    pub joined_at: Timestamp,
}

impl WaitlistView {
    pub(super) const fn new(entry: &WaitlistEntry, list: &Waitlist) -> Self {
        Self {
            event_id: entry.event_id,
            ticket_type_id: entry.key.ticket_type_id,
            quantity: entry.quantity,
            ahead_max: entry.key.number.saturating_sub(list.head),
            joined_at: entry.joined_at,
        }
    }
}
