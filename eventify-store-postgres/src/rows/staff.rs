//! Who works at an event.

use eventify_core::staff::{Device, Staff, StaffGrant, StaffRight};

use crate::columns::{group, table, words};

words! {
    StaffRight: Scanner = "scanner", Manager = "manager";
}

group! {
    StaffGrant: user_id, right, granted_at;
}

group! {
    Device: id, name, key_hash, created_at, revoked_at;
}

table! {
    Staff: event_id;
    list grants in "staff_grants" by event_id;
    list devices in "staff_devices" by event_id;
}
