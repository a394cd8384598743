//! An event's staff: who besides its organizer may do something there.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Reason};
use crate::id::{DeviceId, EventId, UserId};
use crate::store::TokenHash;
use crate::time::Timestamp;

/// An event's staff: one record, so that it is bounded, and that whoever was let go is out at the very next decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// The event.
    pub event_id: EventId,
    /// The people, by id; at most [`Staff::GRANTS_MAX`].
    pub grants: Vec<StaffGrant>,
    /// The devices, by id; at most [`Staff::DEVICES_MAX`], the revoked ones among them.
    pub devices: Vec<Device>,
}

/// A right of one person at one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffGrant {
    /// The person.
    pub user_id: UserId,
    /// What they may do.
    pub right: StaffRight,
    /// Since when.
    pub granted_at: Timestamp,
}

/// What somebody of the staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum StaffRight {
    /// Validate, check in, see names.
    Scanner,
    /// Everything but cancelling, payouts and staff.
    Manager,
}

/// A device at the door. It acts as a scanner of its event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// What the organizer calls it; 1 to 100 characters.
    pub name: String,
    /// The SHA-256 of its key.
    pub key_hash: TokenHash,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when its key is good no more.
    pub revoked_at: Option<Timestamp>,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Staff {
    /// The people that one event's staff may have.
    pub const GRANTS_MAX: usize = 200;
    /// The devices that one event may have.
    pub const DEVICES_MAX: usize = 200;

    /// The staff of an event that has none yet.
    #[must_use]
    pub const fn empty(event_id: EventId) -> Self {
        Self { event_id, grants: Vec::new(), devices: Vec::new() }
    }

    /// What a person may do, if anything.
    #[must_use]
    pub fn right_of(&self, user_id: UserId) -> Option<StaffRight> {
        self.grants.iter().find(|grant| grant.user_id == user_id).map(|grant| grant.right)
    }

    /// A device whose key is good.
    ///
    /// # Errors
    /// `device_revoked`, also for one that is forgotten.
    pub fn live_device(&self, id: DeviceId) -> Result<&Device, Error> {
        let found = self.devices.iter().find(|device| device.id == id && device.revoked_at.is_none());
        found.ok_or_else(device_revoked)
    }

    /// Adds a device. The oldest revoked ones make room.
    ///
    /// # Errors
    /// `invalid_value` when as many as allowed are in use.
    pub fn add_device(&mut self, device: Device) -> Result<(), Error> {
        if self.devices.len() >= Self::DEVICES_MAX {
            let revoked = self.devices.iter().position(|device| device.revoked_at.is_some());
            let Some(oldest) = revoked else {
                return Err(Error::invalid("devices", format!("must be at most {}", Self::DEVICES_MAX)));
            };
            self.devices.remove(oldest);
        }
        let at = self.devices.partition_point(|other| other.id < device.id);
        self.devices.insert(at, device);
        Ok(())
    }

    /// Adds a person.
    ///
    /// # Errors
    /// `grant_exists`, `invalid_value` when there are as many as allowed.
    pub fn add(&mut self, grant: StaffGrant) -> Result<(), Error> {
        if let Some(right) = self.right_of(grant.user_id) {
            let error = Error::new(Reason::GrantExists, "This person works at the event already.");
            return Err(error.with("right", right));
        }
        if self.grants.len() >= Self::GRANTS_MAX {
            return Err(Error::invalid("staff", format!("must be at most {}", Self::GRANTS_MAX)));
        }
        let at = self.grants.partition_point(|other| other.user_id < grant.user_id);
        self.grants.insert(at, grant);
        Ok(())
    }
}

/// Also what a device is told that was forgotten since.
pub(crate) fn device_revoked() -> Error {
    Error::new(Reason::DeviceRevoked, "The device's key was revoked.")
}
