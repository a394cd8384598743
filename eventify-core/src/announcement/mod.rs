//! Announcements: an organizer's own words to everybody who has a ticket of an event.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::announcement::MakeAnnouncement;
//! use eventify_core::{Actor, Eventify, PageRequest, Role, store::MemoryStore};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! # use eventify_core::{Clock, SystemClock, event::CreateEvent};
//! # let start = SystemClock.now().plus(std::time::Duration::from_secs(7 * 86_400));
//! # let draft = CreateEvent {
//! #     title: Some("Spring concert".into()),
//! #     starts_at: Some(start),
//! #     ends_at: Some(start.plus(std::time::Duration::from_secs(7_200))),
//! #     ..CreateEvent::default()
//! # };
//! # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! # let event_id = eventify.events().create(&organizer, draft).await?.id;
//! # eventify.events().publish(&organizer, event_id).await?;
//! let words = MakeAnnouncement { body: "Bring a coat: the hall is cold.".into(), ..Default::default() };
//! let once = organizer.with_idempotency_key("coat");
//! let made = eventify.announcements().make(&once, event_id, words).await?;
//! assert_eq!(made.title, "Spring concert");
//! let all = eventify.announcements().list(&organizer, event_id, &PageRequest::default()).await?;
//! assert_eq!(all.data[0].id, made.id);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod count;
mod make;
mod model;
mod view;

use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::event::{Event, event_not_found};
use crate::eventify::Engine;
use crate::id::{AnnouncementId, EventId};
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::store::Index;

pub(crate) use count::count_move;
pub use make::MakeAnnouncement;
pub use model::{Announcement, AnnouncementLog};
pub use view::AnnouncementView;

/// What can be done with announcements. From [`Eventify::announcements`](crate::Eventify::announcements).
#[derive(Debug, Clone, Copy)]
pub struct Announcements<'a> {
    pub(crate) engine: &'a Engine,
}

impl Announcements<'_> {
    /// What those who have tickets were told, newest first. For those who manage the event.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn list(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: &PageRequest,
    ) -> Result<Listing<AnnouncementView>, Error> {
        self.require_manager(actor, event_id).await?;
        let index = Index::AnnouncementsOfEvent(event_id);
        let made = self.engine.list::<Announcement>(index, true, page).await?;
        Ok(made.map(|announcement| AnnouncementView::from(&*announcement)))
    }

    /// One announcement. For those who manage the event.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `announcement_not_found`.
    pub async fn get(
        &self,
        actor: &Actor,
        event_id: EventId,
        id: AnnouncementId,
    ) -> Result<Fetched<AnnouncementView>, Error> {
        self.require_manager(actor, event_id).await?;
        let found = self.engine.fetch::<Announcement>(&id).await?;
        let missing = || Error::new(Reason::AnnouncementNotFound, "The event has no such announcement.");
        let (found, version) = found.filter(|(a, _)| a.event_id == event_id).ok_or_else(missing)?;
        Ok(Fetched::new(AnnouncementView::from(&*found), version))
    }

    async fn require_manager(&self, actor: &Actor, event_id: EventId) -> Result<(), Error> {
        let actor = &*actor.within(Scope::EventsRead)?;
        let event = self.engine.load::<Event>(&event_id).await?.ok_or_else(event_not_found)?;
        self.engine.require_manager(actor, &event).await
    }
}
