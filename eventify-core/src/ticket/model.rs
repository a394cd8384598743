//! A ticket's record and its states.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Reason};
use crate::id::{BookingId, EventId, TicketId, TicketTypeId, TransferId, UserId};
use crate::seat_map::BookedSeat;
use crate::store::ShortCode;
use crate::ticket_type::ReEntry;
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
    /// The seat, where there is a seat map.
    pub seat: Option<BookedSeat>,
    /// The booking that it was sold in.
    pub booking_id: BookingId,
    /// Whose it is.
    pub user_id: UserId,
    /// The code that a person can type.
    pub short_code: ShortCode,
    /// How often its code was issued anew: codes of an older issue are refused.
    pub issue: u16,
    /// The open offer to somebody else, if there is one.
    pub transfer: Option<TransferId>,
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
    /// Its person was let in and went out, and may come in again.
    Left {
        /// How they were let in last.
        check_in: CheckIn,
        /// When they went.
        at: Timestamp,
    },
    /// Void.
    Cancelled {
        /// Since when.
        at: Timestamp,
    },
}

/// How somebody was let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
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
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Good for one entry.
    Active,
    /// Its person was let in.
    Used,
    /// Its person went out and may come in again.
    Left,
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
            Self::Left { .. } => TicketStatus::Left,
            Self::Cancelled { .. } => TicketStatus::Cancelled,
        }
    }

    /// How its person was let in last, if they were.
    #[must_use]
    pub const fn check_in(&self) -> Option<&CheckIn> {
        match self {
            Self::Used(check_in) | Self::Left { check_in, .. } => Some(check_in),
            Self::Active | Self::Cancelled { .. } => None,
        }
    }

    /// Good, and nobody came in with it.
    ///
    /// # Errors
    /// `ticket_already_used`, `cancelled`.
    pub fn require_unused(&self) -> Result<(), Error> {
        match self {
            Self::Active => Ok(()),
            Self::Used(_) | Self::Left { .. } => {
                Err(Error::new(Reason::TicketAlreadyUsed, "The ticket was used."))
            }
            Self::Cancelled { .. } => Err(ticket_cancelled()),
        }
    }

    /// Whether its person may come in now.
    ///
    /// # Errors
    /// `already_used` (with the last entry's `used_at`, `gate` and `device`), `cancelled`.
    pub fn check_entry(&self, re_entry: ReEntry) -> Result<(), Error> {
        match (self, re_entry) {
            (Self::Active, _) | (Self::Left { .. }, ReEntry::InOut) => Ok(()),
            (Self::Used(last) | Self::Left { check_in: last, .. }, _) => Err(already_used(last)),
            (Self::Cancelled { .. }, _) => Err(ticket_cancelled()),
        }
    }

    /// Whether its person may go out now, to come in again.
    ///
    /// # Errors
    /// `not_checked_in`, `no_re_entry`, `cancelled`.
    pub fn check_exit(&self, re_entry: ReEntry) -> Result<(), Error> {
        match (self, re_entry) {
            (Self::Cancelled { .. }, _) => Err(ticket_cancelled()),
            (_, ReEntry::Once) => {
                Err(Error::new(Reason::NoReEntry, "The ticket lets in once; nobody checks out with it."))
            }
            (Self::Used(_), ReEntry::InOut) => Ok(()),
            (Self::Active | Self::Left { .. }, ReEntry::InOut) => {
                Err(Error::new(Reason::NotCheckedIn, "The ticket's person is not inside."))
            }
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
            Self::Used(_) | Self::Left { .. } => {
                Err(Error::new(Reason::TicketAlreadyUsed, "A ticket of this booking was used."))
            }
        }
    }
}

pub(super) fn ticket_cancelled() -> Error {
    Error::new(Reason::TicketCancelled, "The ticket was cancelled.")
}

fn already_used(first: &CheckIn) -> Error {
    let gate = first.gate.as_deref().map_or_else(String::new, |gate| format!(" at {gate}"));
    Error::new(Reason::AlreadyUsed, format!("The ticket was used at {}{gate}.", first.at))
        .with("used_at", first.at)
        .with("gate", &first.gate)
        .with("device", &first.device)
}

/// Which ticket has a short code, or had it: what makes them unique, and lets an old one be told from none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortCodeClaim {
    /// The short code.
    pub short_code: ShortCode,
    /// The ticket.
    pub ticket_id: TicketId,
    /// The event.
    pub event_id: EventId,
    /// The issue of the ticket's codes that it belongs to.
    pub issue: u16,
}

impl ShortCodeClaim {
    /// The claim of the code that a ticket has now.
    pub(crate) const fn of(ticket: &Ticket) -> Self {
        Self {
            short_code: ticket.short_code,
            ticket_id: ticket.id,
            event_id: ticket.event_id,
            issue: ticket.issue,
        }
    }
}
