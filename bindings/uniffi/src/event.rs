//! Events and their schedules.

use std::sync::Arc;

use eventify_core::event::{
    CancelEvent, CreateEvent, EventFilter, PutScheduleItem, ScheduleItemView, UpdateEvent,
};
use eventify_core::ffi::Refusal;
use eventify_core::store::Version;
use eventify_core::{EventId, PageRequest, ScheduleItemId, UserId};

use crate::actor::Actor;
use crate::fetched::{FetchedEvent, FetchedScheduleItem, only};
use crate::page::{EventPage, ScheduleItemPage};
use crate::shared::Shared;

/// Events and their schedules.
#[derive(Debug, uniffi::Object)]
pub struct Events(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Events {
    /// `published → cancelled`: every ticket is invalid from this moment on. Bookings are cancelled, seats given back
    /// and holders told by a job that goes on where it was interrupted.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_not_published`, `event_cancelled`, `invalid_value`.
    #[uniffi::method(default(request))]
    pub async fn cancel(
        &self,
        actor: &Actor,
        id: EventId,
        request: CancelEvent,
    ) -> Result<FetchedEvent, Refusal> {
        Ok(self.0.engine()?.events().cancel(actor, id, request).await?.into())
    }

    /// Makes a draft that belongs to the caller.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed` for an attendee, `invalid_value`.
    pub async fn create(&self, actor: &Actor, request: CreateEvent) -> Result<FetchedEvent, Refusal> {
        Ok(self.0.engine()?.events().create(actor, request).await?.into())
    }

    /// Makes a draft that belongs to somebody else. For admins and the system.
    ///
    /// # Errors
    /// As `Events::create`.
    pub async fn create_for(
        &self,
        actor: &Actor,
        organizer_id: UserId,
        request: CreateEvent,
    ) -> Result<FetchedEvent, Refusal> {
        Ok(self.0.engine()?.events().create_for(actor, organizer_id, request).await?.into())
    }

    /// Deletes a draft, with its schedule, ticket types, staff and, soon after, promo codes and seat map. Anything else is
    /// cancelled instead.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_not_draft`.
    pub async fn delete(&self, actor: &Actor, id: EventId) -> Result<(), Refusal> {
        Ok(self.0.engine()?.events().delete(actor, id).await?)
    }

    /// `draft → published`: the event is listed, and its ticket types are on sale.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_not_draft`, `event_cancelled`, `invalid_value` (what is missing),
    /// `event_already_started` when the start is not in the future.
    pub async fn publish(&self, actor: &Actor, id: EventId) -> Result<FetchedEvent, Refusal> {
        Ok(self.0.engine()?.events().publish(actor, id).await?.into())
    }

    /// One event.
    ///
    /// # Errors
    /// `event_not_found`, also for somebody else's draft.
    pub async fn get(&self, actor: &Actor, id: EventId) -> Result<FetchedEvent, Refusal> {
        Ok(self.0.engine()?.events().get(actor, id).await?.into())
    }

    /// An event that was published, for calendars: also when it is over or was called off.
    ///
    /// # Errors
    /// `event_not_found`, also for somebody else's draft; `event_not_published` for a draft of one's own.
    pub async fn announced(&self, actor: &Actor, id: EventId) -> Result<FetchedEvent, Refusal> {
        Ok(self.0.engine()?.events().announced(actor, id).await?.into())
    }

    /// A page of events, by their start.
    ///
    /// # Errors
    /// `invalid_value`, `malformed` (cursor), `not_allowed` for drafts of others.
    #[uniffi::method(default(filter), default(page))]
    pub async fn list(
        &self,
        actor: &Actor,
        filter: EventFilter,
        page: PageRequest,
    ) -> Result<EventPage, Refusal> {
        Ok(self.0.engine()?.events().list(actor, &filter, &page).await?.into())
    }

    /// The schedule, by start; empty for an event without one.
    ///
    /// # Errors
    /// `event_not_found`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn schedule(
        &self,
        actor: &Actor,
        id: EventId,
        page: PageRequest,
    ) -> Result<ScheduleItemPage, Refusal> {
        Ok(self.0.engine()?.events().schedule(actor, id, &page).await?.into())
    }

    /// One entry of the schedule.
    ///
    /// # Errors
    /// `event_not_found`, `schedule_item_not_found`.
    pub async fn schedule_item(
        &self,
        actor: &Actor,
        id: EventId,
        item: ScheduleItemId,
    ) -> Result<FetchedScheduleItem, Refusal> {
        Ok(self.0.engine()?.events().schedule_item(actor, id, item).await?.into())
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_cancelled`, `event_not_published` (completed), `invalid_value`,
    /// `schedule_conflict` when it lies outside of the event or overlaps another one in its room (`item` names it).
    pub async fn add_schedule_item(
        &self,
        actor: &Actor,
        id: EventId,
        request: PutScheduleItem,
    ) -> Result<ScheduleItemView, Refusal> {
        Ok(self.0.engine()?.events().add_schedule_item(actor, id, request).await?)
    }

    /// Replaces an entry.
    ///
    /// # Errors
    /// As `Events::add_schedule_item`, and `schedule_item_not_found`, `precondition_failed`.
    #[uniffi::method(default(if_match))]
    pub async fn update_schedule_item(
        &self,
        actor: &Actor,
        id: EventId,
        item: ScheduleItemId,
        request: PutScheduleItem,
        if_match: Option<Version>,
    ) -> Result<ScheduleItemView, Refusal> {
        Ok(self.0.engine()?.events().update_schedule_item(actor, id, item, request, only(if_match)).await?)
    }

    /// Takes an entry away.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_cancelled`, `schedule_item_not_found`.
    pub async fn remove_schedule_item(
        &self,
        actor: &Actor,
        id: EventId,
        item: ScheduleItemId,
    ) -> Result<(), Refusal> {
        Ok(self.0.engine()?.events().remove_schedule_item(actor, id, item).await?)
    }

    /// Changes a draft or a published event. When a published event's time or place changes, its ticket holders are
    /// told (`event.updated`).
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_cancelled`, `event_not_published` (completed), `invalid_value`,
    /// `event_already_started`, `schedule_conflict` when the schedule would stick out, `quantity_below_sold`,
    /// `too_many_announcements` with the time to wait when holders were told of moves too often, `precondition_failed`.
    #[uniffi::method(default(if_match))]
    pub async fn update(
        &self,
        actor: &Actor,
        id: EventId,
        request: UpdateEvent,
        if_match: Option<Version>,
    ) -> Result<FetchedEvent, Refusal> {
        Ok(self.0.engine()?.events().update(actor, id, request, only(if_match)).await?.into())
    }
}
