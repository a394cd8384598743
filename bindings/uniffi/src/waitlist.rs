//! Waitlists.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::waitlist::{JoinWaitlist, WaitlistView};
use eventify_core::{EventId, TicketTypeId};

use crate::actor::Actor;
use crate::shared::Shared;

/// Waitlists.
#[derive(Debug, uniffi::Object)]
pub struct Waitlists(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Waitlists {
    /// Gets in line for tickets of a type that are not to be had now. What comes back is offered in order: as a held
    /// booking, for a day or, near the start, a quarter of what is left until then.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value`, `event_not_found`, `event_not_published`, `event_cancelled`,
    /// `ticket_type_not_found`, `sales_not_started`, `sales_ended`, `per_person_limit`, `waitlist_not_needed` (with
    /// `available`), `already_waiting`, `waitlist_full` beyond as many people as `Settings::waitlist_people_max`.
    pub async fn join(
        &self,
        actor: &Actor,
        event_id: EventId,
        ticket_type_id: TicketTypeId,
        request: JoinWaitlist,
    ) -> Result<WaitlistView, Refusal> {
        Ok(self.0.engine()?.waitlists().join(actor, event_id, ticket_type_id, request).await?)
    }

    /// Gives one's place on the waitlist of a ticket type up.
    ///
    /// # Errors
    /// `not_authenticated`, `not_waiting`.
    pub async fn leave(
        &self,
        actor: &Actor,
        event_id: EventId,
        ticket_type_id: TicketTypeId,
    ) -> Result<(), Refusal> {
        Ok(self.0.engine()?.waitlists().leave(actor, event_id, ticket_type_id).await?)
    }

    /// One's own place on the waitlist of a ticket type.
    ///
    /// # Errors
    /// `not_authenticated`, `not_waiting`.
    pub async fn mine(
        &self,
        actor: &Actor,
        event_id: EventId,
        ticket_type_id: TicketTypeId,
    ) -> Result<WaitlistView, Refusal> {
        Ok(self.0.engine()?.waitlists().mine(actor, event_id, ticket_type_id).await?)
    }
}
