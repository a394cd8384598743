//! A transfer's record and its states.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Reason};
use crate::id::{EventId, TicketId, TransferId, UserId};
use crate::store::{EmailKey, TokenHash};
use crate::time::Timestamp;

/// A ticket offered to somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// The ticket's event.
    pub event_id: EventId,
    /// Whose ticket it is, or was.
    pub from_user_id: UserId,
    /// To whom, while it is open: the person whose account has this address when they accept. An offer that is over
    /// keeps nobody's address.
    pub to_email: Option<EmailKey>,
    /// The keyed hash of that address, by which its person is recognised later.
    pub to_hash: TokenHash,
    /// Where it is in its life.
    pub state: TransferState,
    /// When it was offered.
    pub created_at: Timestamp,
}

impl Transfer {
    /// The same when it is over.
    #[must_use]
    pub(super) fn ended(&self, state: TransferState) -> Self {
        Self { state, to_email: None, ..self.clone() }
    }
}

/// Where a transfer is in its life, with what it learned there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferState {
    /// Waits for the other person.
    Offered {
        /// Until when.
        expires_at: Timestamp,
    },
    /// The ticket is the other person's.
    Accepted {
        /// Since when.
        at: Timestamp,
        /// Whose it became.
        user_id: UserId,
    },
    /// Taken back.
    Withdrawn {
        /// Since when.
        at: Timestamp,
    },
    /// The deadline passed.
    Expired {
        /// Since when.
        at: Timestamp,
    },
}

/// The state's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum TransferStatus {
    /// Waits for the other person.
    Offered,
    /// The ticket is the other person's.
    Accepted,
    /// Taken back.
    Withdrawn,
    /// The deadline passed.
    Expired,
}

impl TransferState {
    /// The state's name.
    #[must_use]
    pub const fn status(&self) -> TransferStatus {
        match self {
            Self::Offered { .. } => TransferStatus::Offered,
            Self::Accepted { .. } => TransferStatus::Accepted,
            Self::Withdrawn { .. } => TransferStatus::Withdrawn,
            Self::Expired { .. } => TransferStatus::Expired,
        }
    }

    /// `offered → accepted`, before the deadline.
    ///
    /// # Errors
    /// `transfer_closed`.
    pub fn accept(&self, at: Timestamp, user_id: UserId) -> Result<Self, Error> {
        match self {
            Self::Offered { expires_at } if at < *expires_at => Ok(Self::Accepted { at, user_id }),
            _ => Err(self.closed()),
        }
    }

    /// `offered → withdrawn`.
    ///
    /// # Errors
    /// `transfer_closed`.
    pub fn withdraw(&self, at: Timestamp) -> Result<Self, Error> {
        match self {
            Self::Offered { .. } => Ok(Self::Withdrawn { at }),
            _ => Err(self.closed()),
        }
    }

    /// `offered → expired`, once the deadline has passed.
    ///
    /// # Errors
    /// `transfer_closed`, also while the deadline has not passed.
    pub fn expire(&self, at: Timestamp) -> Result<Self, Error> {
        match self {
            Self::Offered { expires_at } if *expires_at <= at => Ok(Self::Expired { at }),
            _ => Err(self.closed()),
        }
    }

    fn closed(&self) -> Error {
        let sentence = match self {
            Self::Offered { .. } | Self::Expired { .. } => "The offer's time is over.",
            Self::Accepted { .. } => "The ticket was taken over already.",
            Self::Withdrawn { .. } => "The offer was withdrawn.",
        };
        Error::new(Reason::TransferClosed, sentence).with("transfer_status", self.status())
    }
}
