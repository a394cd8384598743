//! Push services that want to be left alone for a while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Services whose pauses are kept: a browser chooses its own.
const SERVICES_MAX: usize = 1_024;

/// Until when nobody of a service is called, because it said so.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    until: Mutex<HashMap<String, Instant>>,
}

impl Pauses {
    /// A service wants to be left alone.
    pub(super) fn note(&self, origin: &str, pause: Duration) {
        let now = Instant::now();
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.retain(|_, end| *end > now);
        if until.len() < SERVICES_MAX || until.contains_key(origin) {
            until.insert(origin.to_owned(), now + pause);
        }
    }

    /// How long a service still wants to be left alone.
    pub(super) fn left(&self, origin: &str) -> Option<Duration> {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.get(origin)?.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }
}
