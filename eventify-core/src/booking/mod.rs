//! Bookings: seats reserved for a while, turned into tickets, or given back.

mod access;
mod cancel;
mod confirm;
mod hold;
mod model;
mod seats;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use cancel::{cancel_with_event, expire};
pub use hold::{HoldTickets, LineRequest};
pub use model::{Allowance, Booking, BookingLine, BookingState, BookingStatus};
pub use view::{BookingView, Purchase};

use crate::actor::Actor;
use crate::command::Answer;
use crate::context::Context;
use crate::error::Error;
use crate::etag::Fetched;
use crate::event::{Event, event_not_found};
use crate::eventify::{Engine, of_kind};
use crate::id::{BookingId, TicketId};
use crate::notification::{self, FactName};
use crate::page::{Listing, PageRequest};
use crate::store::{Index, Key};
use crate::ticket::{Ticket, TicketView};
use crate::work::Work;

/// What can be done with bookings. From [`Eventify::bookings`](crate::Eventify::bookings).
#[derive(Debug, Clone, Copy)]
pub struct Bookings<'a> {
    pub(crate) engine: &'a Engine,
}

impl Bookings<'_> {
    /// A booking: the person's own, or one of an event that the actor manages.
    ///
    /// # Errors
    /// `not_authenticated`, `booking_not_found`.
    pub async fn get(&self, actor: &Actor, id: BookingId) -> Result<Fetched<BookingView>, Error> {
        access::require_somebody(actor)?;
        let (booking, version) = self.engine.fetch::<Booking>(&id).await?.ok_or_else(access::not_found)?;
        self.check(actor, &booking).await?;
        let loaded = self.engine.load_all(booking.tickets.iter().copied().map(Key::Ticket)).await?;
        // A ticket's state is part of what is seen.
        let version = loaded.iter().fold(version, |version, ticket| version.and(ticket.version));
        let views = self.ticket_views(&booking, of_kind::<Ticket>(&loaded).map(|ticket| &**ticket))?;
        Ok(Fetched::new(BookingView::new(&booking, views), version))
    }

    /// The caller's bookings, newest first.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn mine(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<BookingView>, Error> {
        let user_id = actor.require_user()?;
        let found = self.engine.list::<Booking>(Index::BookingsOfUser(user_id), true, page).await?;
        let keys = found.data.iter().flat_map(|booking| booking.tickets.iter().copied().map(Key::Ticket));
        let loaded = self.engine.load_all(keys).await?;
        let by_id: BTreeMap<TicketId, &Arc<Ticket>> = of_kind::<Ticket>(&loaded).map(|t| (t.id, t)).collect();
        let view = |booking: &Arc<Booking>| {
            let tickets = booking.tickets.iter().filter_map(|id| by_id.get(id).map(|ticket| &***ticket));
            Ok(BookingView::new(booking, self.ticket_views(booking, tickets)?))
        };
        let data = found.data.iter().map(view).collect::<Result<_, Error>>()?;
        Ok(Listing { data, next_cursor: found.next_cursor })
    }

    /// The booking, if the actor may know of it.
    async fn find(&self, actor: &Actor, id: BookingId) -> Result<Arc<Booking>, Error> {
        access::require_somebody(actor)?;
        let booking = self.engine.load::<Booking>(&id).await?.ok_or_else(access::not_found)?;
        self.check(actor, &booking).await?;
        Ok(booking)
    }

    async fn check(&self, actor: &Actor, booking: &Booking) -> Result<(), Error> {
        if actor.user_id() == Some(booking.user_id) {
            return Ok(());
        }
        let event = self.engine.load::<Event>(&booking.event_id).await?.ok_or_else(event_not_found)?;
        access::of(actor, booking, &event).map(drop)
    }

    fn view_issued(&self, done: Answer<confirm::Issued>) -> Result<Answer<BookingView>, Error> {
        let views = self.ticket_views(&done.booking, done.tickets.iter())?;
        Ok(done.map(|issued| BookingView::new(&issued.booking, views)))
    }

    /// Tickets in the booking's order.
    fn ticket_views<'t>(
        &self,
        booking: &Booking,
        tickets: impl Iterator<Item = &'t Ticket>,
    ) -> Result<Vec<TicketView>, Error> {
        let by_id: BTreeMap<TicketId, &Ticket> = tickets.map(|ticket| (ticket.id, ticket)).collect();
        let keyring = self.engine.core().keyring();
        let ordered = booking.tickets.iter().filter_map(|id| by_id.get(id));
        ordered.map(|ticket| TicketView::new(ticket, &keyring)).collect()
    }
}

/// Tells other systems what became of a booking.
fn publish(work: &mut Work, cx: &Context<'_>, name: FactName, booking: &Booking) {
    if cx.outlets.publisher.is_none() {
        return;
    }
    let nth = u64::try_from(cx.now.as_micros()).unwrap_or(0);
    let id = notification::fact_id(name, booking.id.uuid(), nth);
    let data = serde_json::json!({
        "booking_id": booking.id, "event_id": booking.event_id, "user_id": booking.user_id,
        "status": booking.state.status(), "lines": booking.lines, "total": booking.total,
    });
    notification::publish(work, cx, &notification::fact(cx, name, id, Some(booking.event_id), &data));
}
