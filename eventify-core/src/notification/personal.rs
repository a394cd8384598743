//! What notifications keep about people.

use super::model::Notification;
use crate::account::Personal;
use crate::store::{Index, Key, Recorded};

/// The history has words for its person. What is not shown in it has none.
pub(crate) const PERSONAL: Personal = Personal {
    number: 4,
    name: "notifications",
    find: |whom| Index::NotificationsOfUser(whom.user_id),
    show: Some(|_, voice, record| serde_json::to_value(voice.view(Notification::unwrap(record)?)).ok()),
    forget: Some(|work, _, whom, key| {
        let Key::Notification(id) = key else { return Ok(()) };
        // It stays, without words, as the mark that the person was told: nobody is told a second time.
        if let Some(told) = work.find::<Notification>(id)?.filter(|told| told.user_id == whom.user_id) {
            work.put(Notification { words: None, shown: false, ..(*told).clone() });
        }
        Ok(())
    }),
};
