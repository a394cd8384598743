//! The staff of one event, and the devices at its door.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::staff::{AddDevice, DeviceView, GrantStaff, StaffView};
use eventify_core::{DeviceId, EventId, PageRequest, UserId};

use crate::actor::Actor;
use crate::page::{DevicePage, StaffPage};
use crate::shared::Shared;

/// The staff of one event, and the devices at its door.
#[derive(Debug, uniffi::Object)]
pub struct Staff(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Staff {
    /// Makes a key for a device, which acts as a scanner of this event with it. The key is in this answer and nowhere
    /// else. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `invalid_value` (the name; too many).
    pub async fn add_device(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: AddDevice,
    ) -> Result<DeviceView, Refusal> {
        Ok(self.0.engine()?.staff(event_id).add_device(actor, request).await?)
    }

    /// Makes a device's key worthless from the next request on; again changes nothing. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `device_not_found`.
    pub async fn revoke_device(&self, actor: &Actor, event_id: EventId, id: DeviceId) -> Result<(), Refusal> {
        Ok(self.0.engine()?.staff(event_id).revoke_device(actor, id).await?)
    }

    /// Takes a person onto the event's staff. For its organizer. Another right is a new grant: let them go first.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `invalid_value` (neither or both of id and address; too many),
    /// `user_not_found`, `too_many_attempts` after ten addresses of nobody, `grant_exists` (the organizer needs none).
    pub async fn grant(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: GrantStaff,
    ) -> Result<StaffView, Refusal> {
        Ok(self.0.engine()?.staff(event_id).grant(actor, request).await?)
    }

    /// Lets a person go: from the next request on they may nothing that others may not. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `grant_not_found`.
    pub async fn revoke(&self, actor: &Actor, event_id: EventId, user_id: UserId) -> Result<(), Refusal> {
        Ok(self.0.engine()?.staff(event_id).revoke(actor, user_id).await?)
    }

    /// The people, by id. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn list(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: PageRequest,
    ) -> Result<StaffPage, Refusal> {
        Ok(self.0.engine()?.staff(event_id).list(actor, &page).await?.into())
    }

    /// One of the people. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `grant_not_found`.
    pub async fn get(&self, actor: &Actor, event_id: EventId, user_id: UserId) -> Result<StaffView, Refusal> {
        Ok(self.0.engine()?.staff(event_id).get(actor, user_id).await?)
    }

    /// The devices, by id, the revoked ones among them. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn devices(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: PageRequest,
    ) -> Result<DevicePage, Refusal> {
        Ok(self.0.engine()?.staff(event_id).devices(actor, &page).await?.into())
    }

    /// One of the devices. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `device_not_found`.
    pub async fn device(
        &self,
        actor: &Actor,
        event_id: EventId,
        id: DeviceId,
    ) -> Result<DeviceView, Refusal> {
        Ok(self.0.engine()?.staff(event_id).device(actor, id).await?)
    }
}
