//! Who did what.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::{EventId, PageRequest};

use crate::actor::Actor;
use crate::page::AuditEntryPage;
use crate::shared::Shared;

/// Who did what.
#[derive(Debug, uniffi::Object)]
pub struct AuditTrail(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl AuditTrail {
    /// The whole trail, newest first. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn all(&self, actor: &Actor, page: PageRequest) -> Result<AuditEntryPage, Refusal> {
        Ok(self.0.engine()?.audit().all(actor, &page).await?.into())
    }

    /// What was done to an event and what belongs to it, newest first. For its organizer, those who manage it, and admins.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn of_event(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: PageRequest,
    ) -> Result<AuditEntryPage, Refusal> {
        Ok(self.0.engine()?.audit().of_event(actor, event_id, &page).await?.into())
    }
}
