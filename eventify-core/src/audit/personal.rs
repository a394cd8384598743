//! What the trail keeps about people.

use super::model::AuditEntry;
use crate::account::Personal;
use crate::store::{Index, Key, Recorded};

/// What a person did and from where. That it was done stays; from where is forgotten.
pub(crate) const PERSONAL: Personal = Personal {
    number: 5,
    name: "audit",
    find: Index::AuditOfActor,
    show: Some(|_, record| serde_json::to_value(&**AuditEntry::unwrap(record)?).ok()),
    forget: Some(|work, _, user_id, key| {
        let Key::AuditEntry(id) = key else { return Ok(()) };
        let entry = work.find::<AuditEntry>(id)?;
        if let Some(entry) = entry.filter(|entry| entry.traceable() == Some(user_id)) {
            work.put(AuditEntry { origin: None, ..(*entry).clone() });
        }
        Ok(())
    }),
};
