//! What those who manage an event see of its announcements.

use serde::{Deserialize, Serialize};

use super::model::Announcement;
use crate::id::{AnnouncementId, EventId, TicketTypeId};
use crate::time::Timestamp;

/// What those who have tickets were told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct AnnouncementView {
    /// Its id.
    pub id: AnnouncementId,
    /// The event.
    pub event_id: EventId,
    /// One line.
    pub title: String,
    /// The rest.
    pub body: String,
    /// Only to those who have tickets of this type; to everybody when `null`.
    pub ticket_type_id: Option<TicketTypeId>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<&Announcement> for AnnouncementView {
    fn from(announcement: &Announcement) -> Self {
        Self {
            id: announcement.id,
            event_id: announcement.event_id,
            title: announcement.title.clone(),
            body: announcement.body.clone(),
            ticket_type_id: announcement.ticket_type_id,
            created_at: announcement.created_at,
        }
    }
}
