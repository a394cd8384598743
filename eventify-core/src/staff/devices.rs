//! Devices at the door: keys that are shown once, and good until they are revoked.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::device_key::DeviceKey;
use super::model::{Device, Staff};
use super::view::DeviceView;
use super::{StaffOf, find};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::event;
use crate::eventify::Engine;
use crate::id::{DeviceId, EventId};
use crate::store::Key;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// A device that the organizer puts to the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct AddDevice {
    /// What to call it; 1 to 100 characters.
    pub name: String,
}

impl StaffOf<'_> {
    /// Makes a key for a device, which acts as a scanner of this event with it. The key is in this answer and nowhere
    /// else. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `invalid_value` (the name; too many).
    pub async fn add_device(&self, actor: &Actor, request: AddDevice) -> Result<DeviceView, Error> {
        let mut check = Check::new();
        let name = check.line("name", &request.name, 100);
        check.finish()?;
        let command = MakeDevice { actor: actor.clone(), event_id: self.event_id, name };
        let (device, key) = self.engine.executor.decide(command).await?;
        Ok(DeviceView { key: Some(key), ..DeviceView::from(&device) })
    }

    /// Makes a device's key worthless from the next request on; again changes nothing. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `device_not_found`.
    pub async fn revoke_device(&self, actor: &Actor, id: DeviceId) -> Result<(), Error> {
        let command = RevokeDevice { actor: actor.clone(), event_id: self.event_id, id };
        self.engine.executor.decide(command).await
    }
}

/// The device that shows a key.
pub(super) async fn authenticate(engine: &Engine, token: &str) -> Result<Actor, Error> {
    let invalid = || Error::new(Reason::InvalidToken, "The device's key is not valid.");
    let (event_id, id) = DeviceKey::parse(token).ok_or_else(invalid)?;
    let staff = engine.load::<Staff>(&event_id).await?.ok_or_else(invalid)?;
    let device = staff.devices.iter().find(|device| device.id == id).ok_or_else(invalid)?;
    let shown = DeviceKey::hash_of(token);
    if !bool::from(shown.as_bytes().as_slice().ct_eq(device.key_hash.as_bytes())) {
        return Err(invalid());
    }
    staff.live_device(id)?;
    Ok(Actor::device(id, event_id))
}

struct MakeDevice {
    actor: Actor,
    event_id: EventId,
    name: String,
}

impl Command for MakeDevice {
    type Reply = (Device, DeviceKey);
    const NAME: &'static str = "add_device";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::Staff(self.event_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<(Device, DeviceKey)> {
        let event = event::find(work, self.event_id)?;
        event::require_owner(work, &self.actor, &event)?;
        let mut staff = find(work, self.event_id)?;
        let id = DeviceId::from_uuid(cx.new_uuid());
        let key = DeviceKey::random(cx, self.event_id, id);
        let device = Device {
            id,
            name: self.name.clone(),
            key_hash: key.hash(),
            created_at: cx.now,
            revoked_at: None,
        };
        staff.add_device(device.clone())?;
        work.put(staff);
        let act = audit::Act::new("device.added", "device", id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok((device, key))
    }
}

struct RevokeDevice {
    actor: Actor,
    event_id: EventId,
    id: DeviceId,
}

impl Command for RevokeDevice {
    type Reply = ();
    const NAME: &'static str = "revoke_device";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::Staff(self.event_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let event = event::find(work, self.event_id)?;
        event::require_owner(work, &self.actor, &event)?;
        let mut staff = find(work, self.event_id)?;
        let device = staff.devices.iter_mut().find(|device| device.id == self.id);
        let device = device.ok_or_else(super::device_not_found)?;
        if device.revoked_at.is_some() {
            return Ok(());
        }
        device.revoked_at = Some(cx.now);
        work.put(staff);
        let act = audit::Act::new("device.revoked", "device", self.id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}
