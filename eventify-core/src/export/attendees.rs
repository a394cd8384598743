//! Everybody who has or had a ticket of an event.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{EventExport, Exports, Names};
use crate::actor::Actor;
use crate::error::Error;
use crate::id::{BookingId, EventId, TicketId, TicketTypeId, UserId};
use crate::scope::Scope;
use crate::seat_map::BookedSeat;
use crate::store::{Index, Key};
use crate::ticket::{Ticket, TicketStatus};
use crate::time::Timestamp;

/// An event's attendees on their way out. From [`Exports::attendees`].
pub type AttendeeExport = EventExport<Ticket>;

/// One ticket and whose it is. No code is in it: whoever has the file could come in with it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct ExportedAttendee {
    /// The ticket.
    pub ticket_id: TicketId,
    /// The booking that it was sold in.
    pub booking_id: BookingId,
    /// The type that it was sold as.
    pub ticket_type_id: TicketTypeId,
    /// The type's name.
    pub ticket_type: String,
    /// The seat, where there is a seat map.
    pub seat: Option<BookedSeat>,
    /// Where the ticket is in its life.
    pub status: TicketStatus,
    /// When it was bought.
    pub purchased_at: Timestamp,
    /// When its person was let in last.
    pub used_at: Option<Timestamp>,
    /// The person.
    pub user_id: UserId,
    /// What to call the person; empty when there is no such account.
    pub name: String,
    /// The person's address: for the event's organizer and admins.
    pub email: Option<String>,
}

impl fmt::Debug for ExportedAttendee {
    /// Without the name and the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportedAttendee")
            .field("ticket_id", &self.ticket_id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Exports<'_> {
    /// Begins to take out an event's tickets with whose they are, by purchase, cancelled ones too. For its organizer,
    /// those who manage it, and admins; a manager sees no e-mail addresses. The right is asked for here, once.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `insufficient_scope`.
    pub async fn attendees(&self, actor: &Actor, event_id: EventId) -> Result<AttendeeExport, Error> {
        let actor = &*actor.within(Scope::AttendeesRead)?;
        self.begin(actor, event_id, "attendees.exported", Index::TicketsOfEvent(event_id)).await
    }

    /// The next piece, as it is now; `None` behind the last. All that was there when the export began is in it once.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn next_attendees(
        &self,
        export: &mut AttendeeExport,
    ) -> Result<Option<Vec<ExportedAttendee>>, Error> {
        let Some((tickets, behind)) = export.pieces.next(self.engine).await? else { return Ok(None) };
        let keys = tickets.iter().flat_map(|t| [Key::User(t.user_id), Key::TicketType(t.ticket_type_id)]);
        let names = Names::load(self.engine, keys.collect(), export.shows_emails).await?;
        export.pieces.go_on(behind);
        let row = |ticket: &Arc<Ticket>| ExportedAttendee {
            ticket_id: ticket.id,
            booking_id: ticket.booking_id,
            ticket_type_id: ticket.ticket_type_id,
            ticket_type: names.of_type(ticket.ticket_type_id),
            seat: ticket.seat.clone(),
            status: ticket.state.status(),
            purchased_at: ticket.purchased_at,
            used_at: ticket.state.check_in().map(|check_in| check_in.at),
            user_id: ticket.user_id,
            name: names.of_person(ticket.user_id),
            email: names.email(ticket.user_id),
        };
        Ok(Some(tickets.iter().map(row).collect()))
    }
}
