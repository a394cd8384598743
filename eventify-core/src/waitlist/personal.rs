//! What waitlists keep about people.

use super::model::WaitlistEntry;
use super::{remove, wake};
use crate::account::Personal;
use crate::store::{Index, Key, Recorded};

/// A place in a line is its person's; who is gone waits no more.
pub(crate) const PERSONAL: Personal = Personal {
    number: 7,
    name: "waitlists",
    find: |whom| Index::WaitlistsOfUser(whom.user_id),
    show: Some(|_, _, record| {
        let entry = WaitlistEntry::unwrap(record)?;
        Some(serde_json::json!({
            "event_id": entry.event_id,
            "ticket_type_id": entry.key.ticket_type_id,
            "quantity": entry.quantity,
            "joined_at": entry.joined_at,
        }))
    }),
    forget: Some(|work, cx, whom, key| {
        let Key::WaitlistEntry(id) = key else { return Ok(()) };
        let Some(entry) = work.find::<WaitlistEntry>(id)?.filter(|entry| entry.user_id == whom.user_id)
        else {
            return Ok(());
        };
        remove(work, &entry)?;
        // Whoever was behind may fit into what is free.
        wake(work, cx, entry.event_id)
    }),
};
