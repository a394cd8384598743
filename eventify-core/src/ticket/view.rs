//! What others see of a ticket.

use serde::{Deserialize, Serialize};

use super::model::{Ticket, TicketStatus};
use super::{code, qr};
use crate::error::Error;
use crate::executor::Core;
use crate::id::{BookingId, EventId, TicketId, TicketTypeId, UserId};
use crate::seat_map::BookedSeat;
use crate::time::Timestamp;

/// A ticket. Whoever has its code can use it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct TicketView {
    /// Its id.
    pub id: TicketId,
    /// The signed code, for a QR code: verifiable without network.
    pub code: String,
    /// The code that a person can type.
    pub short_code: String,
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
    /// Where it is in its life.
    pub status: TicketStatus,
    /// When it was bought.
    pub purchased_at: Timestamp,
    /// When its person was let in.
    pub used_at: Option<Timestamp>,
}

impl std::fmt::Debug for TicketView {
    /// Without the codes: they let people in.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TicketView")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl TicketView {
    /// The code as a QR picture: PNG, black on white.
    ///
    /// # Errors
    /// [`Reason::Internal`](crate::Reason::Internal) when it cannot be drawn.
    pub fn qr_png(&self) -> Result<Vec<u8>, Error> {
        qr::png(&self.code)
    }

    pub(crate) fn new(ticket: &Ticket, core: &Core) -> Result<Self, Error> {
        Ok(Self {
            id: ticket.id,
            code: code::sign(ticket, core)?,
            short_code: ticket.short_code.to_string(),
            event_id: ticket.event_id,
            ticket_type_id: ticket.ticket_type_id,
            seat: ticket.seat.clone(),
            booking_id: ticket.booking_id,
            user_id: ticket.user_id,
            status: ticket.state.status(),
            purchased_at: ticket.purchased_at,
            used_at: ticket.state.check_in().map(|check_in| check_in.at),
        })
    }
}

/// Whether a ticket would be let in now, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Validation {
    /// Whether it would.
    pub valid: bool,
    /// `valid`, `already_used`, `cancelled`, `event_cancelled`, `wrong_event`, `not_yet_valid`, `expired`, `unknown`,
    /// `bad_signature` or `reissued`.
    pub reason: String,
    /// The ticket: for its person and the event's staff.
    pub ticket: Option<TicketView>,
}

/// Somebody who has a ticket of an event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct AttendeeView {
    /// The ticket.
    pub ticket_id: TicketId,
    /// The type that it was sold as.
    pub ticket_type_id: TicketTypeId,
    /// The seat, where there is a seat map.
    pub seat: Option<BookedSeat>,
    /// The booking that it was sold in.
    pub booking_id: BookingId,
    /// The person.
    pub user_id: UserId,
    /// What to call the person.
    pub name: String,
    /// The code that the person can say; for those at the door `****-****-` and its last four characters.
    pub short_code: String,
    /// Where the ticket is in its life.
    pub status: TicketStatus,
    /// When it was bought.
    pub purchased_at: Timestamp,
    /// When the person was let in.
    pub used_at: Option<Timestamp>,
}

impl std::fmt::Debug for AttendeeView {
    /// Without the name and the code.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AttendeeView")
            .field("ticket_id", &self.ticket_id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// What a device at the door needs to know of a ticket to check it without network.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct DoorTicket {
    /// The ticket, as its signed code names it.
    pub ticket_id: TicketId,
    /// The type that it was sold as.
    pub ticket_type_id: TicketTypeId,
    /// The issue of its codes: a code of another one is refused.
    pub issue: u16,
    /// Where it is in its life.
    pub status: TicketStatus,
    /// When its person was let in.
    pub used_at: Option<Timestamp>,
    /// What to call its person.
    pub name: String,
    /// The SHA-256 of its short code, written `XXXX-XXXX-XXXX`, in base64url: a typed code can be told without the
    /// list letting anybody in.
    pub short_code_sha256: String,
}

impl std::fmt::Debug for DoorTicket {
    /// Without the name and the code's hash.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DoorTicket")
            .field("ticket_id", &self.ticket_id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
