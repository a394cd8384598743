//! What the trail keeps about people.

use super::model::AuditEntry;
use crate::account::Personal;
use crate::store::{Index, Key, Recorded};

/// What a person did and from where. That it was done stays; from where is forgotten.
pub(crate) const PERSONAL: Personal = Personal {
    number: 5,
    name: "audit",
    find: |whom| Index::AuditOfActor(whom.user_id),
    show: Some(|_, _, record| serde_json::to_value(&**AuditEntry::unwrap(record)?).ok()),
    forget: Some(|work, _, whom, key| {
        let Key::AuditEntry(id) = key else { return Ok(()) };
        let entry = work.find::<AuditEntry>(id)?;
        if let Some(entry) = entry.filter(|entry| entry.traceable() == Some(whom.user_id)) {
            work.put(AuditEntry { origin: None, ..(*entry).clone() });
        }
        Ok(())
    }),
};
