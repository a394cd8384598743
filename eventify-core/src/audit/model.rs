//! The audit trail's record.

use serde::{Deserialize, Serialize};

use crate::id::{ApiKeyId, AuditId, EventId, UserId};
use crate::time::Timestamp;

/// Who did what to which record, when and from where. Appended, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
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
    /// From where, if known; forgotten when the person's account is erased.
    pub origin: Option<String>,
    /// The API key that was used, if it was one.
    pub api_key_id: Option<ApiKeyId>,
}

impl AuditEntry {
    /// The person whose whereabouts it shows, if it does.
    pub(crate) fn traceable(&self) -> Option<UserId> {
        self.origin.as_ref().and_then(|_| self.actor.parse().ok())
    }
}
