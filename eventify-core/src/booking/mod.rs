//! Bookings: seats reserved for a while, turned into tickets, or given back.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::booking::{BookingStatus, HoldTickets, LineRequest};
//! use eventify_core::{Actor, Eventify, Role, store::MemoryStore};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! # use eventify_core::{Clock, SystemClock, event::CreateEvent, ticket_type::CreateTicketType};
//! # let start = SystemClock.now().plus(std::time::Duration::from_secs(7 * 86_400));
//! # let draft = CreateEvent {
//! #     title: Some("Spring concert".into()),
//! #     starts_at: Some(start),
//! #     ends_at: Some(start.plus(std::time::Duration::from_secs(7_200))),
//! #     ..CreateEvent::default()
//! # };
//! # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! # let event_id = eventify.events().create(&organizer, draft).await?.id;
//! # let stalls = CreateTicketType { name: "Stalls".into(), price: None, quantity: 120, ..Default::default() };
//! # let stalls = eventify.ticket_types().create(&organizer, event_id, stalls).await?;
//! # eventify.events().publish(&organizer, event_id).await?;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! let lines = vec![LineRequest { ticket_type_id: stalls.id, quantity: 2 }];
//! let request = HoldTickets::new(event_id, lines);
//! let order = bob.with_idempotency_key("order-4711");
//! let held = eventify.bookings().hold(&order, request.clone()).await?;
//! assert_eq!(held.status, BookingStatus::Held); // until `expires_at`
//!
//! // The answer was lost on its way, so the app asks again: still two seats.
//! let again = eventify.bookings().hold(&order, request).await?;
//! assert!(again.is_replayed() && again.id == held.id);
//!
//! let confirmed = eventify.bookings().confirm(&bob, held.id).await?;
//! assert_eq!(confirmed.tickets.len(), 2);
//! eventify.bookings().cancel(&bob, held.id).await?;
//! assert_eq!(eventify.ticket_types().get(&bob, event_id, stalls.id).await?.available, 120);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod cancel;
mod confirm;
mod hold;
mod model;
mod offer;
mod personal;
mod price;
mod refund;
mod request;
mod seats;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use access::not_found;
pub(crate) use cancel::{cancel_with_event, expire};
pub(crate) use confirm::{hold_until, sell};
pub use model::{Allowance, Booking, BookingLine, BookingState, BookingStatus};
pub(crate) use offer::{offer, offered_seats};
pub(crate) use personal::PERSONAL;
pub use request::{BuyTickets, HoldTickets, LineRequest};
pub(crate) use seats::check_sales;
pub use view::{BookingView, Purchase};

use crate::actor::Actor;
use crate::command::Answer;
use crate::context::Context;
use crate::error::Error;
use crate::etag::Fetched;
use crate::event::{Event, event_not_found};
use crate::eventify::{Engine, of_kind};
use crate::executor::Core;
use crate::id::{BookingId, TicketId};
use crate::notification::{self, Fact, FactName};
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
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
        let actor = &*actor.within(Scope::BookingsRead)?;
        // Nobody has to log in first, and does not learn which bookings there are.
        actor.require_somebody()?;
        let (booking, version) = self.engine.fetch::<Booking>(&id).await?.ok_or_else(access::not_found)?;
        self.check(actor, &booking).await?;
        let loaded = self.engine.load_all(booking.tickets.iter().copied().map(Key::Ticket)).await?;
        // A ticket's state is part of what is seen.
        let version = loaded.iter().fold(version, |version, ticket| version.and(ticket.version));
        let tickets = of_kind::<Ticket>(&loaded).map(|ticket| &**ticket);
        let views = ticket_views(&booking, tickets, self.engine.core())?;
        Ok(Fetched::new(BookingView::new(&booking, views), version))
    }

    /// The caller's bookings, newest first.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn mine(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<BookingView>, Error> {
        let actor = &*actor.within(Scope::BookingsRead)?;
        let user_id = actor.require_user()?;
        let found = self.engine.list::<Booking>(Index::BookingsOfUser(user_id), true, page).await?;
        let keys = found.data.iter().flat_map(|booking| booking.tickets.iter().copied().map(Key::Ticket));
        let loaded = self.engine.load_all(keys).await?;
        let core = self.engine.core().clone();
        let bookings = found.data;
        let sign = move || {
            let by_id: BTreeMap<TicketId, &Arc<Ticket>> =
                of_kind::<Ticket>(&loaded).map(|ticket| (ticket.id, ticket)).collect();
            let view = |booking: &Arc<Booking>| {
                let tickets = booking.tickets.iter().filter_map(|id| by_id.get(id).map(|ticket| &***ticket));
                Ok(BookingView::new(booking, ticket_views(booking, tickets, &core)?))
            };
            bookings.iter().map(view).collect::<Result<Vec<_>, Error>>()
        };
        // A page may have very many tickets, and signing their codes takes its time: not the time of everybody else.
        let signing = self.engine.executor.runtime().spawn_blocking(sign);
        let data = signing.await.map_err(|e| Error::internal(format!("tickets were not signed: {e}")))??;
        Ok(Listing { data, next_cursor: found.next_cursor })
    }

    /// The booking, if the actor may know of it.
    async fn find(&self, actor: &Actor, id: BookingId) -> Result<Arc<Booking>, Error> {
        // Nobody has to log in first, and does not learn which bookings there are.
        actor.require_somebody()?;
        let booking = self.engine.load::<Booking>(&id).await?.ok_or_else(access::not_found)?;
        self.check(actor, &booking).await?;
        Ok(booking)
    }

    async fn check(&self, actor: &Actor, booking: &Booking) -> Result<(), Error> {
        if actor.user_id() == Some(booking.user_id) {
            return Ok(());
        }
        let event = self.engine.load::<Event>(&booking.event_id).await?.ok_or_else(event_not_found)?;
        let standing = self.engine.standing(actor, &event).await?;
        access::of(actor, booking, standing).map(drop)
    }

    fn view_issued(&self, done: Answer<confirm::Issued>) -> Result<Answer<BookingView>, Error> {
        let views = ticket_views(&done.booking, done.tickets.iter(), self.engine.core())?;
        Ok(done.map(|issued| BookingView::new(&issued.booking, views)))
    }
}

/// Tickets in the booking's order. One that was given to somebody else is theirs: who booked does not see its codes.
fn ticket_views<'t>(
    booking: &Booking,
    tickets: impl Iterator<Item = &'t Ticket>,
    core: &Core,
) -> Result<Vec<TicketView>, Error> {
    let by_id: BTreeMap<TicketId, &Ticket> = tickets.map(|ticket| (ticket.id, ticket)).collect();
    let ordered = booking.tickets.iter().filter_map(|id| by_id.get(id));
    let ordered = ordered.filter(|ticket| ticket.user_id == booking.user_id);
    ordered.map(|ticket| TicketView::new(ticket, core)).collect()
}

/// Tells other systems what became of a booking.
fn publish(work: &mut Work, cx: &Context<'_>, name: FactName, booking: &Booking) {
    // Facts for other systems are only put together when there are any.
    if cx.outlets.publish() {
        notification::publish(work, cx, &fact(cx, name, booking));
    }
}

/// What became of a booking.
fn fact(cx: &Context<'_>, name: FactName, booking: &Booking) -> Fact {
    let nth = u64::try_from(cx.now.as_micros()).unwrap_or(0);
    let id = notification::fact_id(name, booking.id.uuid(), nth);
    let data = serde_json::json!({
        "booking_id": booking.id, "event_id": booking.event_id, "user_id": booking.user_id,
        "status": booking.state.status(), "lines": booking.lines, "total": booking.total,
        "refund": booking.state.refund(),
    });
    notification::fact(cx, name, id, Some(booking.event_id), &data)
}
