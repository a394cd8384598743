//! The audit trail's record.

use serde::{Deserialize, Serialize};

use crate::id::{AuditId, EventId};
use crate::time::Timestamp;

/// Who did what to which record, when and from where. Appended, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who: a user's id, `device:` and a device's id, `system`, or `anonymous`.
    pub actor: String,
    /// What, such as `booking.held`.
    pub action: String,
    /// To what kind of record, such as `booking`.
    pub subject: String,
    /// To which one.
    pub subject_id: String,
    /// The event that it belongs to.
    pub event_id: Option<EventId>,
    /// From where, if known.
    pub origin: Option<String>,
}
