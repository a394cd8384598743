//! What organizers tell those who have tickets.

use std::sync::Arc;

use eventify_core::announcement::{AnnouncementView, MakeAnnouncement};
use eventify_core::ffi::Refusal;
use eventify_core::{AnnouncementId, EventId, PageRequest};

use crate::actor::Actor;
use crate::page::AnnouncementPage;
use crate::shared::Shared;

/// What organizers tell those who have tickets.
#[derive(Debug, uniffi::Object)]
pub struct Announcements(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Announcements {
    /// Tells everybody who has a ticket, or one of a type, by every channel that they allow: each once, by a job that goes
    /// on where it was interrupted. For those who manage the event; of a cancelled event it reaches those who had a ticket
    /// until then. At most `AnnouncementLog::PER_DAY_MAX` within 24 hours.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `event_not_published` for a draft,
    /// `ticket_type_not_found`, `invalid_value`, `too_many_announcements` with the time to wait,
    /// `idempotency_key_reused`.
    #[uniffi::method(default(idempotency_key))]
    pub async fn make(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: MakeAnnouncement,
        idempotency_key: Option<String>,
    ) -> Result<AnnouncementView, Refusal> {
        Ok(self
            .0
            .engine()?
            .announcements()
            .make(actor.call(idempotency_key), event_id, request)
            .await?
            .into_inner())
    }

    /// What those who have tickets were told, newest first. For those who manage the event.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn list(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: PageRequest,
    ) -> Result<AnnouncementPage, Refusal> {
        Ok(self.0.engine()?.announcements().list(actor, event_id, &page).await?.into())
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
    ) -> Result<AnnouncementView, Refusal> {
        Ok(self.0.engine()?.announcements().get(actor, event_id, id).await?.into_inner())
    }
}
