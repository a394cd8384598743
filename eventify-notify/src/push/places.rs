//! So many calls to one push service at a time: one that never answers must not take the time of the others. Browsers choose the
//! address of theirs, and whoever has a domain has as many as they like: those that did not take the last message share places.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls to one push service at once; the engine makes four times as many.
const CALLS_MAX: usize = 16;
/// How long a call waits for others to the same service.
const PATIENCE: Duration = Duration::from_millis(500);
/// Services that are known to be good.
const GOOD_MAX: usize = 1_024;
/// The places that all others share: no service has no name.
const OTHERS: &str = "";

/// The places at all services that are called now.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    places: HashMap<String, Arc<Semaphore>>,
    /// Those that took a message since they last failed; whether they took the last one, or said that it is not theirs to take.
    good: HashMap<String, bool>,
}

impl Places {
    /// A place at a service, as long as it is kept; none when it has too much to do.
    pub(super) async fn take(&self, service: &str) -> Option<OwnedSemaphorePermit> {
        let places = {
            let mut known = self.lock();
            let whose = if known.good.contains_key(service) { service } else { OTHERS };
            // Whoever has a place, or waits for one, holds on to them all.
            known.places.retain(|_, places| Arc::strong_count(places) > 1);
            let new = || Arc::new(Semaphore::new(CALLS_MAX));
            known.places.entry(whose.to_owned()).or_insert_with(new).clone()
        };
        tokio::time::timeout(PATIENCE, places.acquire_owned()).await.ok()?.ok()
    }

    /// A service took a message: it has places of its own.
    pub(super) fn trust(&self, service: &str) {
        let mut known = self.lock();
        if known.good.len() >= GOOD_MAX
            && !known.good.contains_key(service)
            && let Some(one) = known.good.keys().next().cloned()
        {
            known.good.remove(&one);
        }
        known.good.insert(service.to_owned(), true);
    }

    /// It did not, or did not answer.
    pub(super) fn distrust(&self, service: &str) {
        self.lock().good.remove(service);
    }

    /// It does not take our key for somebody. Answers whether it took the last message: if it did, others may have nothing to do
    /// with that; if it refuses one after the other, it is us. It answers, so that it keeps its places.
    pub(super) fn doubt(&self, service: &str) -> bool {
        self.lock().good.get_mut(service).is_some_and(std::mem::take)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_service_has_so_many_and_another_one_as_many() {
        let places = Places::default();
        places.trust("a");
        places.trust("b");
        let mut taken = Vec::new();
        for _ in 0..CALLS_MAX {
            taken.extend(places.take("a").await);
        }
        assert_eq!(taken.len(), CALLS_MAX);
        assert!(places.take("a").await.is_none());
        assert!(places.take("b").await.is_some());
        taken.pop();
        assert!(places.take("a").await.is_some());
        drop(taken);
        assert!(places.take("b").await.is_some());
        assert_eq!(places.lock().places.len(), 1, "whom nobody calls is forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_many_names_has_no_more_places_for_that() {
        let places = Places::default();
        places.trust("good");
        let mut taken = Vec::new();
        for nth in 0..100 {
            taken.extend(places.take(&format!("{nth}.example.org")).await);
        }
        assert_eq!(taken.len(), CALLS_MAX);
        assert!(places.take("good").await.is_some());
        assert!(places.doubt("good") && !places.doubt("good"), "the next one is not the browser's");
        assert!(places.take("good").await.is_some(), "strangers take no places from others");
        places.distrust("good");
        assert!(places.take("good").await.is_none());
        for nth in 0..2 * GOOD_MAX {
            places.trust(&nth.to_string());
        }
        assert_eq!(places.lock().good.len(), GOOD_MAX);
    }
}
