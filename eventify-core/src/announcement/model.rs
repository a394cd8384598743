//! What an event's organizer tells everybody who has a ticket.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{AnnouncementId, EventId, TicketTypeId};
use crate::time::Timestamp;

/// The organizer's words to those who have tickets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Its id.
    pub id: AnnouncementId,
    /// The event.
    pub event_id: EventId,
    /// One line.
    pub title: String,
    /// The rest.
    pub body: String,
    /// Only to those who have tickets of this type.
    pub ticket_type_id: Option<TicketTypeId>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl fmt::Debug for Announcement {
    /// Without the words: they are for those who have tickets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Announcement")
            .field("id", &self.id)
            .field("event_id", &self.event_id)
            .finish_non_exhaustive()
    }
}

/// When an event's newest announcements were made, and when it was moved: there may be so many a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnouncementLog {
    /// The event.
    pub event_id: EventId,
    /// Those of the last 24 hours; at most [`AnnouncementLog::WITH_MOVES_PER_DAY_MAX`].
    pub recent: Vec<Timestamp>,
}

impl AnnouncementLog {
    /// The announcements that one event may make within 24 hours.
    pub const PER_DAY_MAX: usize = 10;
    /// The announcements and moves to other times and places, of one for which somebody has a ticket, within 24 hours; moves by
    /// admins are not counted.
    pub const WITH_MOVES_PER_DAY_MAX: usize = 20;
}
