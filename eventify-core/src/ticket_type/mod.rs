//! Ticket types: what may be sold of an event, at which price, when and to whom – and what is left.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::ticket_type::{CreateTicketType, UpdateTicketType};
//! use eventify_core::{Actor, Eventify, IfMatch, Money, Role, event::CreateEvent, store::MemoryStore};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! let hall = CreateEvent { title: Some("Spring concert".into()), capacity: Some(100), ..CreateEvent::default() };
//! let event_id = eventify.events().create(&organizer, hall).await?.id;
//! let balcony = CreateTicketType {
//!     name: "Balcony".into(),
//!     price: Some(Money::new(450_000, "KZT".parse()?)), // 4,500 tenge
//!     quantity: 120,
//!     per_person_max: Some(4),
//!     ..CreateTicketType::default()
//! };
//! let balcony = eventify.ticket_types().create(&organizer, event_id, balcony).await?;
//! assert_eq!(balcony.available, 100); // the hall has no more
//!
//! let seen = eventify.ticket_types().get(&organizer, event_id, balcony.id).await?;
//! let fewer = UpdateTicketType { quantity: Some(80), ..UpdateTicketType::default() };
//! let unless_changed = IfMatch::Version(seen.version());
//! let changed = eventify.ticket_types().update(&organizer, event_id, balcony.id, fewer, unless_changed).await?;
//! assert_eq!(changed.available, 80);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod model;
mod put;
mod view;

use std::sync::Arc;

pub use model::{Inventory, ReEntry, Seats, TicketType};
pub use put::{CreateTicketType, UpdateTicketType};
pub use view::TicketTypeView;

use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::event::{Event, Standing, event_not_found};
use crate::eventify::{Engine, of_kind};
use crate::id::{EventId, TicketTypeId};
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::store::{Index, Key, Version};
use crate::waitlist;
use crate::work::{Decision, Work};

/// What can be done with ticket types. From [`Eventify::ticket_types`](crate::Eventify::ticket_types).
#[derive(Debug, Clone, Copy)]
pub struct TicketTypes<'a> {
    pub(crate) engine: &'a Engine,
}

impl TicketTypes<'_> {
    /// The ticket types of an event, in the order they were made; hidden ones for its organizer only, so that a page
    /// may have fewer than it could.
    ///
    /// # Errors
    /// `event_not_found`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn list(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: &PageRequest,
    ) -> Result<Listing<TicketTypeView>, Error> {
        let actor = &*actor.viewing(Scope::EventsRead);
        let loaded = self.engine.load_all([Key::Event(event_id), Key::Inventory(event_id)]).await?;
        let event = of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?;
        self.engine.require_visible(actor, event).await?;
        let inventory = of_kind::<Inventory>(&loaded).next().ok_or_else(event_not_found)?;
        let mut types =
            self.engine.list::<TicketType>(Index::TicketTypesOfEvent(event_id), false, page).await?;
        if types.data.iter().any(|t| t.hidden)
            && self.engine.standing(actor, event).await? < Standing::Manager
        {
            types.data.retain(|t| !t.hidden);
        }
        let left = waitlist::entitled(self.engine, inventory).await?;
        Ok(types.map(|t| TicketTypeView::new(&t, left)))
    }

    /// One ticket type.
    ///
    /// # Errors
    /// `event_not_found`, `ticket_type_not_found`.
    pub async fn get(
        &self,
        actor: &Actor,
        event_id: EventId,
        id: TicketTypeId,
    ) -> Result<Fetched<TicketTypeView>, Error> {
        let actor = &*actor.viewing(Scope::EventsRead);
        let keys = [Key::Event(event_id), Key::Inventory(event_id), Key::TicketType(id)];
        let loaded = self.engine.load_all(keys.clone()).await?;
        let event = of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?;
        self.engine.require_visible(actor, event).await?;
        let inventory = of_kind::<Inventory>(&loaded).next().ok_or_else(event_not_found)?;
        let found =
            of_kind::<TicketType>(&loaded).next().filter(|t| t.event_id == event_id).ok_or_else(not_found)?;
        if found.hidden && self.engine.standing(actor, event).await? < Standing::Manager {
            return Err(not_found());
        }
        let version =
            |key: &Key| loaded.iter().find(|v| v.key == *key).map_or(Version::ABSENT, |v| v.version);
        let [_, of_event, of_type] = keys;
        let version = seen_version(version(&of_type), version(&of_event));
        let left = waitlist::entitled(self.engine, inventory).await?;
        Ok(Fetched::new(TicketTypeView::new(found, left), version))
    }
}

/// What is seen of a ticket type changes with it and with what its event has left.
const fn seen_version(of_type: Version, of_event: Version) -> Version {
    of_type.and(of_event)
}

/// A ticket type of this event, for a decision.
pub(crate) fn find(work: &mut Work, event_id: EventId, id: TicketTypeId) -> Decision<Arc<TicketType>> {
    let found = work.find::<TicketType>(&id)?;
    Ok(found.filter(|t| t.event_id == event_id).ok_or_else(not_found)?)
}

pub(crate) fn not_found() -> Error {
    Error::new(Reason::TicketTypeNotFound, "The event has no such ticket type.")
}
