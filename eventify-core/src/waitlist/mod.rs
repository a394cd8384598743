//! Waitlists: who comes too late waits in line, and is offered what comes back.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::booking::{BookingStatus, HoldTickets};
//! use eventify_core::waitlist::JoinWaitlist;
//! use eventify_core::{Actor, Eventify, PageRequest, Role, store::MemoryStore};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).without_worker().start().await?;
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
//! # let last = CreateTicketType { name: "The last one".into(), price: None, quantity: 1, ..Default::default() };
//! # let last = eventify.ticket_types().create(&organizer, event_id, last).await?;
//! # eventify.events().publish(&organizer, event_id).await?;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! # let eve = Actor::user("01978c5e-0000-7000-8000-000000000003".parse()?, Role::Attendee);
//! let bought = eventify.bookings().buy(&bob, HoldTickets::only(event_id, 1)).await?;
//! let place = eventify.waitlists().join(&eve, event_id, last.id, JoinWaitlist { quantity: 1 }).await?;
//! assert_eq!(place.ahead_max, 0);
//!
//! eventify.bookings().cancel(&bob, bought.booking.id).await?;
//! while eventify.jobs().run_due().await? > 0 {} // a worker in the background does this by itself
//! let offer = &eventify.bookings().mine(&eve, &PageRequest::default()).await?.data[0];
//! assert_eq!(offer.status, BookingStatus::Held); // hers for a day; nobody else can have the seat
//! eventify.bookings().confirm(&eve, offer.id).await?;
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod claims;
mod join;
mod leave;
mod model;
mod personal;
mod serve;
mod view;

use std::sync::Arc;

use crate::actor::Actor;
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::event::event_not_found;
use crate::eventify::{Engine, of_kind};
use crate::id::{EventId, JobId, TicketTypeId, derived_uuid};
use crate::job::{self, Job, JobWork};
use crate::scope::Scope;
use crate::store::{AllowanceKey, Key, WaitlistKey};
use crate::ticket_type::{self, Inventory, TicketType};
use crate::work::{Decision, Work};

pub(crate) use claims::{entitled, entitled_beside, owed};
pub use join::JoinWaitlist;
pub use model::{Waitlist, WaitlistEntry, WaitlistPlace};
pub(crate) use personal::PERSONAL;
pub(crate) use serve::{Rest, reads_of_serving, serve};
pub use view::WaitlistView;

/// What can be done with waitlists. From [`Eventify::waitlists`](crate::Eventify::waitlists).
#[derive(Debug, Clone, Copy)]
pub struct Waitlists<'a> {
    pub(crate) engine: &'a Engine,
}

impl Waitlists<'_> {
    /// One's own place on the waitlist of a ticket type.
    ///
    /// # Errors
    /// `not_authenticated`, `not_waiting`.
    pub async fn mine(
        &self,
        actor: &Actor,
        event_id: EventId,
        ticket_type_id: TicketTypeId,
    ) -> Result<WaitlistView, Error> {
        let user_id = actor.within(Scope::BookingsRead)?.require_user()?;
        let key = AllowanceKey { ticket_type_id, user_id };
        let place = self.engine.load::<WaitlistPlace>(&key).await?.ok_or_else(not_waiting)?;
        let key = WaitlistKey { ticket_type_id, number: place.number };
        let loaded = self.engine.load_all([Key::WaitlistEntry(key), Key::Waitlist(ticket_type_id)]).await?;
        let entry = of_kind::<WaitlistEntry>(&loaded).next().filter(|entry| entry.event_id == event_id);
        let list = of_kind::<Waitlist>(&loaded).next();
        entry.zip(list).map(|(entry, list)| WaitlistView::new(entry, list)).ok_or_else(not_waiting)
    }
}

fn not_waiting() -> Error {
    Error::new(Reason::NotWaiting, "You are not on this waitlist.")
}

/// The job that offers free seats to those who wait.
fn serving_job(id: TicketTypeId) -> JobId {
    JobId::from_uuid(derived_uuid(&[b"waitlist", id.as_bytes()]))
}

/// Seats may have come back: looks soon whom of those who wait they fit. Reads and writes nothing more where nobody
/// waits.
pub(crate) fn wake(work: &mut Work, cx: &Context<'_>, event_id: EventId) -> Decision<()> {
    let inventory = work.find::<Inventory>(&event_id)?.ok_or_else(event_not_found)?;
    wake_these(work, cx, event_id, &inventory.waiting)
}

fn wake_these(work: &mut Work, cx: &Context<'_>, event_id: EventId, types: &[TicketTypeId]) -> Decision<()> {
    work.need(types.iter().map(|id| Key::Job(serving_job(*id))))?;
    for &ticket_type_id in types {
        let id = serving_job(ticket_type_id);
        // Read, so that it is replaced if it is there: it starts again from the first.
        work.find::<Job>(&id)?;
        let serve = JobWork::ServeWaitlist { event_id, ticket_type_id, after: 0 };
        job::schedule(work, cx, id, serve, cx.now);
    }
    Ok(())
}

/// Counts one more or less who waits for a type.
fn count(work: &mut Work, of: &Arc<TicketType>, more: bool) -> Decision<u32> {
    let waiting = if more { of.waiting.saturating_add(1) } else { of.waiting.saturating_sub(1) };
    work.put(TicketType { waiting, ..(**of).clone() });
    if waiting == 0 || of.waiting == 0 {
        let inventory = work.find::<Inventory>(&of.event_id)?.ok_or_else(event_not_found)?;
        let mut inventory = (*inventory).clone();
        inventory.waiting.retain(|id| *id != of.id);
        if waiting > 0 {
            inventory.waiting.push(of.id);
            inventory.waiting.sort_unstable();
        }
        work.put(inventory);
    }
    Ok(waiting)
}

/// Takes somebody off the list.
fn remove(work: &mut Work, entry: &WaitlistEntry) -> Decision<u32> {
    let ticket_type_id = entry.key.ticket_type_id;
    let place = AllowanceKey { ticket_type_id, user_id: entry.user_id };
    work.need([Key::WaitlistPlace(place), Key::TicketType(ticket_type_id), Key::Inventory(entry.event_id)])?;
    let of = ticket_type::find(work, entry.event_id, ticket_type_id)?;
    work.delete::<WaitlistEntry>(&entry.key);
    work.delete::<WaitlistPlace>(&place);
    count(work, &of, false)
}
