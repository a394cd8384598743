//! Ticket types and what is left of them.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::store::Version;
use eventify_core::ticket_type::{CreateTicketType, TicketTypeView, UpdateTicketType};
use eventify_core::{EventId, PageRequest, TicketTypeId};

use crate::actor::Actor;
use crate::fetched::{FetchedTicketType, only};
use crate::page::TicketTypePage;
use crate::shared::Shared;

/// Ticket types and what is left of them.
#[derive(Debug, uniffi::Object)]
pub struct TicketTypes(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl TicketTypes {
    /// The ticket types of an event, in the order they were made; hidden ones for its organizer only, so that a page
    /// may have fewer than it could.
    ///
    /// # Errors
    /// `event_not_found`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn list(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: PageRequest,
    ) -> Result<TicketTypePage, Refusal> {
        Ok(self.0.engine()?.ticket_types().list(actor, event_id, &page).await?.into())
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
    ) -> Result<FetchedTicketType, Refusal> {
        Ok(self.0.engine()?.ticket_types().get(actor, event_id, id).await?.into())
    }

    /// Adds a ticket type to a draft or a published event.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_cancelled`, `event_not_published` (completed), `invalid_value`,
    /// `too_many_ticket_types`.
    pub async fn create(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: CreateTicketType,
    ) -> Result<TicketTypeView, Refusal> {
        Ok(self.0.engine()?.ticket_types().create(actor, event_id, request).await?)
    }

    /// Changes a ticket type. A price changes later bookings only.
    ///
    /// # Errors
    /// As `TicketTypes::create`, and `ticket_type_not_found`, `quantity_below_sold`, `precondition_failed`.
    #[uniffi::method(default(if_match))]
    pub async fn update(
        &self,
        actor: &Actor,
        event_id: EventId,
        id: TicketTypeId,
        request: UpdateTicketType,
        if_match: Option<Version>,
    ) -> Result<FetchedTicketType, Refusal> {
        Ok(self.0.engine()?.ticket_types().update(actor, event_id, id, request, only(if_match)).await?.into())
    }
}
