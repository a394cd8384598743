//! An event's staff: people who scan or manage, and devices at the door.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::staff::{AddDevice, GrantStaff, StaffRight};
//! use eventify_core::{Actor, Eventify, Reason, Role, event::CreateEvent, store::MemoryStore};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! # let event_id = eventify.events().create(&organizer, CreateEvent::default()).await?.id;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! let staff = eventify.staff(event_id);
//! let scanner = GrantStaff { user_id: bob.user_id(), email: None, right: StaffRight::Scanner };
//! staff.grant(&organizer, scanner).await?;
//! assert!(eventify.events().get(&bob, event_id).await.is_ok()); // a draft, and Bob works there
//!
//! // The key of a device is shown once, and worthless as soon as it is revoked.
//! let phone = staff.add_device(&organizer, AddDevice { name: "North gate".into() }).await?;
//! let key = phone.key.ok_or("made just now")?;
//! let device = eventify.authenticate_device(key.expose()).await?;
//! staff.revoke_device(&organizer, phone.id).await?;
//! let refused = eventify.authenticate_device(key.expose()).await;
//! assert_eq!(refused.unwrap_err().reason(), Reason::DeviceRevoked);
//! # drop(device);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod device_key;
mod devices;
mod grant;
mod model;
mod personal;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use device_key::DeviceKey;
pub use devices::AddDevice;
pub use grant::GrantStaff;
pub(crate) use model::device_revoked;
pub use model::{Device, Staff, StaffGrant, StaffRight};
pub(crate) use personal::PERSONAL;
pub use view::{DeviceView, StaffView};

use crate::account::User;
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::event::{Event, event_not_found};
use crate::eventify::{Engine, Eventify, of_kind};
use crate::id::{DeviceId, EventId, UserId};
use crate::page::{self, Listing, PageRequest};
use crate::store::Key;
use crate::work::{Decision, Work};

/// What can be done with the staff of one event. From [`Eventify::staff`].
#[derive(Debug, Clone, Copy)]
pub struct StaffOf<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) event_id: EventId,
}

impl Eventify {
    /// Which device shows a key (`evd_…`): it acts as a scanner of its event.
    ///
    /// # Errors
    /// `invalid_token`, `device_revoked`.
    pub async fn authenticate_device(&self, key: &str) -> Result<Actor, Error> {
        devices::authenticate(self.engine(), key).await
    }
}

impl StaffOf<'_> {
    /// The people, by id. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn list(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<StaffView>, Error> {
        let staff = self.staff(actor).await?;
        let keyring = self.engine.core().keyring();
        let list = format!("staff of {}", self.event_id);
        let place = |grant: &StaffGrant| grant.user_id.as_bytes().to_vec();
        let found = page::of_slice(&staff.grants, page, place, &list, &keyring)?;
        let users = self.engine.load_all(found.data.iter().map(|grant| Key::User(grant.user_id))).await?;
        let names: BTreeMap<UserId, &Arc<User>> = of_kind::<User>(&users).map(|u| (u.id, u)).collect();
        let name = |id| names.get(id).map(|user| user.name.as_str());
        Ok(found.map(|grant| StaffView::new(grant, name(&grant.user_id))))
    }

    /// One of the people. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `grant_not_found`.
    pub async fn get(&self, actor: &Actor, user_id: UserId) -> Result<StaffView, Error> {
        let staff = self.staff(actor).await?;
        let grant = staff.grants.iter().find(|grant| grant.user_id == user_id).ok_or_else(grant_not_found)?;
        let user = self.engine.load::<User>(&user_id).await?;
        Ok(StaffView::new(grant, user.as_ref().map(|user| user.name.as_str())))
    }

    /// The devices, by id, the revoked ones among them. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn devices(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<DeviceView>, Error> {
        let staff = self.staff(actor).await?;
        let keyring = self.engine.core().keyring();
        let list = format!("devices of {}", self.event_id);
        let place = |device: &Device| device.id.as_bytes().to_vec();
        Ok(page::of_slice(&staff.devices, page, place, &list, &keyring)?.map(DeviceView::from))
    }

    /// One of the devices. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `device_not_found`.
    pub async fn device(&self, actor: &Actor, id: DeviceId) -> Result<DeviceView, Error> {
        let staff = self.staff(actor).await?;
        let found = staff.devices.iter().find(|device| device.id == id);
        Ok(DeviceView::from(found.ok_or_else(device_not_found)?))
    }

    async fn staff(&self, actor: &Actor) -> Result<Arc<Staff>, Error> {
        let event = self.engine.load::<Event>(&self.event_id).await?.ok_or_else(event_not_found)?;
        self.engine.require_owner(actor, &event).await?;
        let staff = self.engine.load::<Staff>(&self.event_id).await?;
        Ok(staff.unwrap_or_else(|| Arc::new(Staff::empty(self.event_id))))
    }
}

/// The event's staff, for a decision.
fn find(work: &mut Work, event_id: EventId) -> Decision<Staff> {
    Ok(work.find::<Staff>(&event_id)?.map_or_else(|| Staff::empty(event_id), |staff| (*staff).clone()))
}

fn grant_not_found() -> Error {
    Error::new(Reason::GrantNotFound, "This person is not of the event's staff.")
}

fn device_not_found() -> Error {
    Error::new(Reason::DeviceNotFound, "There is no such device at this event.")
}
