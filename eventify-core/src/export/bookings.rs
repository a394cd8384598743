//! Every booking of an event, with what it was about and what was to be paid.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{EventExport, Exports, Names};
use crate::actor::Actor;
use crate::booking::{Booking, BookingLine, BookingState, BookingStatus};
use crate::error::Error;
use crate::id::{BookingId, EventId, PromoCodeId, TicketTypeId, UserId};
use crate::money::Money;
use crate::scope::Scope;
use crate::seat_map::BookedSeat;
use crate::stats;
use crate::store::{Index, Key};
use crate::time::Timestamp;

/// An event's bookings on their way out. From [`Exports::bookings`].
pub type BookingExport = EventExport<Booking>;

/// One booking and whose it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct ExportedBooking {
    /// The booking.
    pub booking_id: BookingId,
    /// Where it is in its life.
    pub status: BookingStatus,
    /// Since when; the end of the hold for one that is held.
    pub status_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// What was booked.
    pub lines: Vec<ExportedLine>,
    /// What is to be paid for all of it.
    pub total: Money,
    /// What is to be given back, once it is cancelled; `null` for a hold, for which nothing was paid.
    pub refund: Option<Money>,
    /// The promo code that it was made with.
    pub promo_code_id: Option<PromoCodeId>,
    /// Whether it was offered to somebody who waited.
    pub from_waitlist: bool,
    /// The person.
    pub user_id: UserId,
    /// What to call the person; empty when there is no such account.
    pub name: String,
    /// The person's address: for the event's organizer and admins.
    pub email: Option<String>,
}

/// Some tickets of one type in a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ExportedLine {
    /// The ticket type.
    pub ticket_type_id: TicketTypeId,
    /// The type's name.
    pub ticket_type: String,
    /// How many.
    pub quantity: u32,
    /// The price of one at the time of the hold.
    pub unit_price: Money,
    /// What the promo code took off one at the time of the hold.
    pub unit_discount: Option<Money>,
    /// What is to be paid for the line.
    pub amount: Money,
    /// Its part of what is to be given back, in proportion to the amounts; the parts of all lines are the booking's `refund`.
    pub refund: Option<Money>,
    /// The seats, one for each, where there is a seat map; otherwise none.
    pub seats: Vec<BookedSeat>,
}

impl fmt::Debug for ExportedBooking {
    /// Without the name and the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportedBooking")
            .field("booking_id", &self.booking_id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Exports<'_> {
    /// Begins to take out an event's bookings, by creation, those that are over too. For its organizer, those who manage
    /// it, and admins; a manager sees no e-mail addresses. The right is asked for here, once.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `insufficient_scope`.
    pub async fn bookings(&self, actor: &Actor, event_id: EventId) -> Result<BookingExport, Error> {
        let actor = &*actor.within(Scope::AttendeesRead)?;
        self.begin(actor, event_id, "bookings.exported", Index::BookingsOfEvent(event_id)).await
    }

    /// The next piece, as it is now; `None` behind the last. All that was there when the export began is in it once.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn next_bookings(
        &self,
        export: &mut BookingExport,
    ) -> Result<Option<Vec<ExportedBooking>>, Error> {
        let Some((bookings, behind)) = export.pieces.next(self.engine).await? else { return Ok(None) };
        let lines = bookings.iter().flat_map(|booking| &booking.lines);
        let types = lines.map(|line| Key::TicketType(line.ticket_type_id));
        let keys = bookings.iter().map(|booking| Key::User(booking.user_id)).chain(types).collect();
        let names = Names::load(self.engine, keys, export.shows_emails).await?;
        let rows = bookings.iter().map(|booking| row(booking, &names)).collect::<Result<_, _>>()?;
        export.pieces.go_on(behind);
        Ok(Some(rows))
    }
}

fn row(booking: &Arc<Booking>, names: &Names) -> Result<ExportedBooking, Error> {
    let refund = booking.state.refund();
    let parts = refund.map(|refund| stats::spread(&booking.lines, refund));
    let line = |(nth, line): (usize, &BookingLine)| {
        Ok(ExportedLine {
            ticket_type_id: line.ticket_type_id,
            ticket_type: names.of_type(line.ticket_type_id),
            quantity: line.quantity,
            unit_price: line.unit_price,
            unit_discount: line.unit_discount,
            amount: line.due().map_err(|error| Error::internal(format!("a booking's line: {error}")))?,
            refund: parts.as_ref().and_then(|parts| parts.get(nth).copied()),
            seats: line.seats.clone(),
        })
    };
    let (BookingState::Held { expires_at: status_at }
    | BookingState::Confirmed { at: status_at }
    | BookingState::Cancelled { at: status_at, .. }
    | BookingState::Expired { at: status_at }) = booking.state;
    Ok(ExportedBooking {
        booking_id: booking.id,
        status: booking.state.status(),
        status_at,
        created_at: booking.created_at,
        lines: booking.lines.iter().enumerate().map(line).collect::<Result<_, Error>>()?,
        total: booking.total,
        refund,
        promo_code_id: booking.promo_code_id,
        from_waitlist: booking.from_waitlist,
        user_id: booking.user_id,
        name: names.of_person(booking.user_id),
        email: names.email(booking.user_id),
    })
}
