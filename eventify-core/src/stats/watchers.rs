//! Who watches an event, in this process and in others.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::bells::Bells;
use crate::error::Error;
use crate::id::EventId;

/// How long somebody elsewhere counts as watching who does not say so again.
const WATCHED_FOR: Duration = Duration::from_secs(90);
/// Others are told of an event at most so often. Whoever hears of a change looks again until nothing changes, so that what
/// is not told is seen.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// Events that are watched elsewhere and remembered here. Of others nobody is told: they are seen when somebody looks.
const ELSEWHERE_MAX: usize = 10_000;

/// Who watches which event.
#[derive(Debug, Default)]
pub(crate) struct Watchers {
    here: Bells<EventId>,
    elsewhere: Mutex<HashMap<EventId, Elsewhere>>,
}

#[derive(Debug)]
struct Elsewhere {
    until: Instant,
    told_at: Option<Instant>,
}

impl Watchers {
    /// # Errors
    /// `overloaded`, `shutting_down`.
    pub(super) fn open(&self, event_id: EventId) -> Result<watch::Receiver<()>, Error> {
        self.here.open(event_id)
    }

    pub(super) fn close_unused(&self, event_id: EventId) {
        self.here.close_unused(event_id);
    }

    /// Something changed here. Says whether others want to be told now.
    pub(crate) fn changed(&self, event_id: EventId) -> bool {
        self.here.ring(event_id);
        let mut elsewhere = self.elsewhere();
        let Some(known) = elsewhere.get_mut(&event_id) else { return false };
        let now = Instant::now();
        if known.until < now {
            elsewhere.remove(&event_id);
            return false;
        }
        let is_due = known.told_at.is_none_or(|told_at| now.duration_since(told_at) >= TELL_EVERY);
        if is_due {
            known.told_at = Some(now);
        }
        is_due
    }

    /// Somebody in another process watches it.
    pub(crate) fn heard_of_one(&self, event_id: EventId) {
        let mut elsewhere = self.elsewhere();
        let now = Instant::now();
        if elsewhere.len() >= ELSEWHERE_MAX {
            elsewhere.retain(|_, known| known.until >= now);
        }
        if elsewhere.len() < ELSEWHERE_MAX || elsewhere.contains_key(&event_id) {
            let known = elsewhere.entry(event_id).or_insert(Elsewhere { until: now, told_at: None });
            known.until = now + WATCHED_FOR;
        }
    }

    /// Something changed elsewhere.
    pub(crate) fn ring(&self, event_id: EventId) {
        self.here.ring(event_id);
    }

    /// Every event that is watched here.
    pub(crate) fn all(&self) -> Vec<EventId> {
        self.here.all()
    }

    pub(crate) fn close(&self) {
        self.here.close();
    }

    fn elsewhere(&self) -> MutexGuard<'_, HashMap<EventId, Elsewhere>> {
        self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn others_are_told_while_they_watch_and_not_too_often() {
        let (watchers, event_id) = (Watchers::default(), EventId::from_bytes([1; 16]));
        assert!(!watchers.changed(event_id), "nobody watches");
        watchers.heard_of_one(event_id);
        assert!(watchers.changed(event_id));
        assert!(!watchers.changed(event_id), "told just now");
        assert!(!watchers.changed(EventId::from_bytes([2; 16])), "nobody watches that one");
        tokio::time::advance(TELL_EVERY).await;
        assert!(watchers.changed(event_id));
        tokio::time::advance(WATCHED_FOR + Duration::from_millis(1)).await;
        assert!(!watchers.changed(event_id), "they watch no more");
        assert!(watchers.elsewhere().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_remembered_has_a_bound() {
        let watchers = Watchers::default();
        let nth = |n: usize| {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&n.to_be_bytes());
            EventId::from_bytes(bytes)
        };
        (0..=ELSEWHERE_MAX).for_each(|n| watchers.heard_of_one(nth(n)));
        assert!(!watchers.changed(nth(ELSEWHERE_MAX)), "one too many");
        assert!(watchers.changed(nth(0)));
        tokio::time::advance(WATCHED_FOR + Duration::from_millis(1)).await;
        watchers.heard_of_one(nth(ELSEWHERE_MAX));
        assert!(watchers.changed(nth(ELSEWHERE_MAX)), "the others are forgotten");
    }
}
