//! Ticket types: what may be sold of an event, at which price, when and to whom – and what is left.

mod model;
mod put;
mod view;

use std::sync::Arc;

pub use model::{Inventory, Seats, TicketType};
pub use put::{CreateTicketType, UpdateTicketType};
pub use view::TicketTypeView;

use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::event::{Event, event_not_found};
use crate::eventify::{Engine, of_kind};
use crate::id::{EventId, TicketTypeId};
use crate::page::{Listing, PageRequest};
use crate::store::{Index, Key, Version};
use crate::work::{Decision, Work};

/// What can be done with ticket types. From [`Eventify::ticket_types`](crate::Eventify::ticket_types).
#[derive(Debug, Clone, Copy)]
pub struct TicketTypes<'a> {
    pub(crate) engine: &'a Engine,
}

impl TicketTypes<'_> {
    /// The ticket types of an event, in the order they were made.
    ///
    /// # Errors
    /// `event_not_found`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn list(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: &PageRequest,
    ) -> Result<Listing<TicketTypeView>, Error> {
        let inventory = self.inventory(actor, event_id).await?;
        let types = self.engine.list::<TicketType>(Index::TicketTypesOfEvent(event_id), false, page).await?;
        Ok(types.map(|t| TicketTypeView::new(&t, &inventory)))
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
        let keys = [Key::Event(event_id), Key::Inventory(event_id), Key::TicketType(id)];
        let loaded = self.engine.load_all(keys.clone()).await?;
        of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?.require_visible(actor)?;
        let inventory = of_kind::<Inventory>(&loaded).next().ok_or_else(event_not_found)?;
        let found =
            of_kind::<TicketType>(&loaded).next().filter(|t| t.event_id == event_id).ok_or_else(not_found)?;
        let version =
            |key: &Key| loaded.iter().find(|v| v.key == *key).map_or(Version::ABSENT, |v| v.version);
        let [_, of_event, of_type] = keys;
        let version = seen_version(version(&of_type), version(&of_event));
        Ok(Fetched::new(TicketTypeView::new(found, inventory), version))
    }

    async fn inventory(&self, actor: &Actor, event_id: EventId) -> Result<Arc<Inventory>, Error> {
        let loaded = self.engine.load_all([Key::Event(event_id), Key::Inventory(event_id)]).await?;
        of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?.require_visible(actor)?;
        of_kind::<Inventory>(&loaded).next().cloned().ok_or_else(event_not_found)
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
