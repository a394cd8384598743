//! What an organizer sees of an event's staff.

use serde::{Deserialize, Serialize};

use super::device_key::DeviceKey;
use super::model::{Device, StaffGrant, StaffRight};
use crate::id::{DeviceId, UserId};
use crate::time::Timestamp;

/// Somebody who works at an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct StaffView {
    /// The person.
    pub user_id: UserId,
    /// What to call them; `null` when they have no account here.
    pub name: Option<String>,
    /// What they may do.
    pub right: StaffRight,
    /// Since when.
    pub granted_at: Timestamp,
}

impl StaffView {
    pub(super) fn new(grant: &StaffGrant, name: Option<&str>) -> Self {
        let &StaffGrant { user_id, right, granted_at } = grant;
        Self { user_id, name: name.map(str::to_owned), right, granted_at }
    }
}

/// A device at the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct DeviceView {
    /// Its id.
    pub id: DeviceId,
    /// What the organizer calls it.
    pub name: String,
    /// Its key: only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<DeviceKey>,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when its key is good no more.
    pub revoked_at: Option<Timestamp>,
}

impl From<&Device> for DeviceView {
    fn from(device: &Device) -> Self {
        let Device { id, name, created_at, revoked_at, .. } = device.clone();
        Self { id, name, key: None, created_at, revoked_at }
    }
}
