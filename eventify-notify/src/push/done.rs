//! Which of a person's browsers and phones have a message already, while others of them are tried again.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use eventify_core::PushSubscriptionId;

/// Messages remembered at most.
const MESSAGES_MAX: usize = 1_024;

/// A memory of this process alone: it saves people a repeat, and nothing rests on it.
#[derive(Debug, Default)]
pub(super) struct Done {
    reached: Mutex<VecDeque<(String, BTreeSet<PushSubscriptionId>)>>,
}

impl Done {
    /// Whom a message has reached; nobody is remembered for it from now on.
    pub(super) fn take(&self, dedupe_key: &str) -> BTreeSet<PushSubscriptionId> {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        let found = reached.iter().position(|(key, _)| key == dedupe_key);
        found.and_then(|at| reached.remove(at)).map(|(_, ids)| ids).unwrap_or_default()
    }

    /// Whom a message has reached that will be tried again.
    pub(super) fn keep(&self, dedupe_key: &str, ids: BTreeSet<PushSubscriptionId>) {
        if ids.is_empty() {
            return;
        }
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached.push_back((dedupe_key.to_owned(), ids));
        if reached.len() > MESSAGES_MAX {
            reached.pop_front();
        }
    }
}
