//! The audit trail: who did what, when and from where.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::{Actor, Eventify, PageRequest, Role, event::CreateEvent, store::MemoryStore};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! let organizer = organizer.from_origin("203.0.113.7");
//! let draft = CreateEvent { title: Some("Open rehearsal".into()), ..CreateEvent::default() };
//! let event = eventify.events().create(&organizer, draft).await?;
//!
//! // The entry was written in the same commit as the event.
//! let trail = eventify.audit().of_event(&organizer, event.id, &PageRequest::default()).await?;
//! let newest = &trail.data[0];
//! assert_eq!(newest.action, "event.created");
//! assert_eq!(newest.actor, event.organizer_id.to_string());
//! assert_eq!(newest.origin.as_deref(), Some("203.0.113.7"));
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod model;
mod personal;
mod record;

pub use model::AuditEntry;
pub(crate) use personal::PERSONAL;
pub(crate) use record::{Act, by, record};

use crate::actor::Actor;
use crate::error::Error;
use crate::event::{Event, event_not_found};
use crate::eventify::Engine;
use crate::id::EventId;
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::store::{Index, Kind};

/// What can be read of the trail. From [`Eventify::audit`](crate::Eventify::audit).
#[derive(Debug, Clone, Copy)]
pub struct AuditTrail<'a> {
    pub(crate) engine: &'a Engine,
}

impl AuditTrail<'_> {
    /// The whole trail, newest first. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn all(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<AuditEntry>, Error> {
        let actor = &*actor.within(Scope::Admin)?;
        actor.require_admin()?;
        let found = self.engine.list::<AuditEntry>(Index::All(Kind::AuditEntry), true, page).await?;
        Ok(found.map(|entry| (*entry).clone()))
    }

    /// What was done to an event and what belongs to it, newest first. For its organizer, those who manage it, and admins.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn of_event(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: &PageRequest,
    ) -> Result<Listing<AuditEntry>, Error> {
        let actor = &*actor.within(Scope::EventsRead)?;
        match self.engine.load::<Event>(&event_id).await? {
            Some(event) => self.engine.require_manager(actor, &event).await?,
            // A deleted draft's trail is left to admins.
            None => actor.require_admin().map_err(|_| event_not_found())?,
        }
        let found = self.engine.list::<AuditEntry>(Index::AuditOfEvent(event_id), true, page).await?;
        Ok(found.map(|entry| (*entry).clone()))
    }
}
