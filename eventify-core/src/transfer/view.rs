//! What the two people of a transfer see of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::model::{Transfer, TransferState, TransferStatus};
use crate::id::{EventId, TicketId, TransferId, UserId};
use crate::time::Timestamp;

/// A ticket offered to somebody else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct TransferView {
    /// Its id.
    pub id: TransferId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// The ticket's event.
    pub event_id: EventId,
    /// Whose ticket it is, or was.
    pub from_user_id: UserId,
    /// The address that it is offered to, folded; `null` once it is over.
    pub to_email: Option<String>,
    /// Where it is in its life.
    pub status: TransferStatus,
    /// The deadline, while it is offered.
    pub expires_at: Option<Timestamp>,
    /// When it was offered.
    pub created_at: Timestamp,
}

impl fmt::Debug for TransferView {
    /// Without the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransferView")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl From<&Transfer> for TransferView {
    fn from(transfer: &Transfer) -> Self {
        let expires_at = match transfer.state {
            TransferState::Offered { expires_at } => Some(expires_at),
            _ => None,
        };
        Self {
            id: transfer.id,
            ticket_id: transfer.ticket_id,
            event_id: transfer.event_id,
            from_user_id: transfer.from_user_id,
            to_email: transfer.to_email.as_ref().map(|email| email.as_str().to_owned()),
            status: transfer.state.status(),
            expires_at,
            created_at: transfer.created_at,
        }
    }
}
