//! The audit trail.

use eventify_core::audit::AuditEntry;

use crate::columns::table;

table! {
    AuditEntry: id;
    fields at, actor, action, subject, subject_id, event_id, origin, api_key_id;
}
