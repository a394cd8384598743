//! What clients ask, and what they are told.

use super::Terms;
use crate::booking::BookingStatus;
use crate::error::Reason;
use crate::id::{BookingId, EventId, TicketTypeId, TransferId, UserId};
use crate::notification::{Channel, NoticeKind};
use crate::ticket::TicketStatus;

/// A ticket, by its booking and its place in it.
pub(in super::super) type Place = (BookingId, usize);

/// What one client asks, of what is really there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in super::super) enum Ask {
    Reserve { user: UserId, event: EventId, wish: Wish, at_once: bool },
    Confirm { booking: BookingId, by_organizer: bool },
    Cancel { booking: BookingId, by_organizer: bool },
    Join { user: UserId, event: EventId, ticket_type: TicketTypeId, quantity: u32 },
    Leave { user: UserId, event: EventId, ticket_type: TicketTypeId },
    Pass { by: UserId, code: Code, scan: String, out: bool },
    Undo { by: UserId, code: Code },
    Reissue { by: UserId, code: Code },
    Give { from: UserId, code: Code, to: String },
    Accept { by: UserId, transfer: TransferId },
    Withdraw { by: UserId, transfer: TransferId },
    Grant { event: EventId, user: UserId },
    Revoke { event: EventId, user: UserId },
    Resize { ticket_type: TicketTypeId, quantity: u32 },
    Limit { ticket_type: TicketTypeId, per_person_max: Option<u32> },
    Uses { event: EventId, promo: String, uses_max: Option<u32> },
    Capacity { event: EventId, capacity: Option<u32> },
    Move { event: EventId, venue: String },
    Terms { event: EventId, terms: Terms },
    Publish { event: EventId },
    CancelEvent { event: EventId },
    Choose { user: UserId, kind: NoticeKind, channel: Channel, on: bool },
    Register { email: String },
}

/// What somebody wants to have: lines, or the very seats.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in super::super) struct Wish {
    pub(in super::super) lines: Vec<(TicketTypeId, u32)>,
    /// Instead of lines, when there are any.
    pub(in super::super) seats: Vec<u16>,
    pub(in super::super) promo: Option<String>,
}

/// The code of a ticket, as it was issued for the nth time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in super::super) struct Code {
    pub(in super::super) place: Place,
    pub(in super::super) issue: usize,
}

/// What a client is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in super::super) enum Answer {
    /// A booking, in this state, with so many tickets.
    Booking {
        id: BookingId,
        status: BookingStatus,
        tickets: usize,
        replayed: bool,
    },
    /// A ticket, whose it is and in this state.
    Ticket {
        owner: UserId,
        status: TicketStatus,
        replayed: bool,
    },
    /// The offer of a ticket.
    Given {
        id: TransferId,
        replayed: bool,
    },
    Done,
    /// With the numbers that it gives: `available`, `held`, `sold`.
    Refused(Reason, [Option<u32>; 3]),
}

impl Answer {
    /// The same, told once more.
    pub(in super::super) const fn again(mut self) -> Self {
        match &mut self {
            Self::Booking { replayed, .. } | Self::Ticket { replayed, .. } | Self::Given { replayed, .. } => {
                *replayed = true;
            }
            Self::Done | Self::Refused(..) => {}
        }
        self
    }

    /// Whether nothing happened for it.
    pub(in super::super) const fn changed_nothing(&self) -> bool {
        match self {
            Self::Booking { replayed, .. } | Self::Ticket { replayed, .. } | Self::Given { replayed, .. } => {
                *replayed
            }
            Self::Done => false,
            Self::Refused(..) => true,
        }
    }
}
