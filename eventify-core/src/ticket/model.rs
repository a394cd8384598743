//! A ticket's record and its states.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Reason};
use crate::id::{BookingId, EventId, TicketId, TicketTypeId, UserId};
use crate::store::ShortCode;
use crate::time::Timestamp;

/// The right of one person to be let in once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// The event that it is for.
    pub event_id: EventId,
    /// The type that it was sold as.
    pub ticket_type_id: TicketTypeId,
    /// The booking that it was sold in.
    pub booking_id: BookingId,
    /// Whose it is.
    pub user_id: UserId,
    /// The code that a person can type.
    pub short_code: ShortCode,
    /// How often its code was issued anew: codes of an older issue are refused.
    pub issue: u16,
    /// Where it is in its life.
    pub state: TicketState,
    /// When it was bought.
    pub purchased_at: Timestamp,
}

/// Where a ticket is in its life, with what it learned there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketState {
    /// Good for one entry.
    Active,
    /// Its person was let in.
    Used(CheckIn),
    /// Void.
    Cancelled {
        /// Since when.
        at: Timestamp,
    },
}

/// How somebody was let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckIn {
    /// When.
    pub at: Timestamp,
    /// At which gate.
    pub gate: Option<String>,
    /// By which device.
    pub device: Option<String>,
    /// The scan's own id: the same scan again gets the first answer again.
    pub scan_id: Option<String>,
}

/// The state's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Good for one entry.
    Active,
    /// Its person was let in.
    Used,
    /// Void.
    Cancelled,
}

impl TicketState {
    /// The state's name.
    #[must_use]
    pub const fn status(&self) -> TicketStatus {
        match self {
            Self::Active => TicketStatus::Active,
            Self::Used(_) => TicketStatus::Used,
            Self::Cancelled { .. } => TicketStatus::Cancelled,
        }
    }

    /// How its person was let in, if so.
    #[must_use]
    pub const fn check_in(&self) -> Option<&CheckIn> {
        match self {
            Self::Used(check_in) => Some(check_in),
            Self::Active | Self::Cancelled { .. } => None,
        }
    }

    /// `active → used`. The very same scan again is no second entry.
    ///
    /// # Errors
    /// `already_used` (with the first entry's `used_at`, `gate` and `device`), `cancelled`.
    pub fn admit(&self, check_in: CheckIn) -> Result<Self, Error> {
        match self {
            Self::Active => Ok(Self::Used(check_in)),
            Self::Used(first) if first.scan_id.is_some() && first.scan_id == check_in.scan_id => {
                Ok(self.clone())
            }
            Self::Used(first) => Err(already_used(first)),
            Self::Cancelled { .. } => Err(Error::new(Reason::TicketCancelled, "The ticket was cancelled.")),
        }
    }

    /// `active → cancelled`; a cancelled one stays as it is.
    ///
    /// # Errors
    /// `ticket_already_used`.
    pub fn cancel(&self, at: Timestamp) -> Result<Self, Error> {
        match self {
            Self::Active => Ok(Self::Cancelled { at }),
            Self::Cancelled { .. } => Ok(self.clone()),
            Self::Used(_) => Err(Error::new(Reason::TicketAlreadyUsed, "A ticket of this booking was used.")),
        }
    }
}

fn already_used(first: &CheckIn) -> Error {
    let gate = first.gate.as_deref().map_or_else(String::new, |gate| format!(" at {gate}"));
    Error::new(Reason::AlreadyUsed, format!("The ticket was used at {}{gate}.", first.at))
        .with("used_at", first.at)
        .with("gate", &first.gate)
        .with("device", &first.device)
}

/// Which ticket has a short code: what makes them unique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortCodeClaim {
    /// The short code.
    pub short_code: ShortCode,
    /// The ticket.
    pub ticket_id: TicketId,
}
