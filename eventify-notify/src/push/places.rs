//! So many calls to one push service at a time: one that never answers must not take the time of the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls to one push service at once; the engine makes four times as many.
const CALLS_MAX: usize = 16;
/// How long a call waits for others to the same service.
const PATIENCE: Duration = Duration::from_millis(500);

/// The places at all services that are called now.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<HashMap<String, Arc<Semaphore>>>);

impl Places {
    /// A place at a service, as long as it is kept; none when it has too much to do.
    pub(super) async fn take(&self, service: String) -> Option<OwnedSemaphorePermit> {
        let places = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever has a place, or waits for one, holds on to them all.
            all.retain(|_, places| Arc::strong_count(places) > 1);
            all.entry(service).or_insert_with(|| Arc::new(Semaphore::new(CALLS_MAX))).clone()
        };
        tokio::time::timeout(PATIENCE, places.acquire_owned()).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_service_has_so_many_and_another_one_as_many() {
        let places = Places::default();
        let mut taken = Vec::new();
        for _ in 0..CALLS_MAX {
            taken.extend(places.take("a".to_owned()).await);
        }
        assert_eq!(taken.len(), CALLS_MAX);
        assert!(places.take("a".to_owned()).await.is_none());
        assert!(places.take("b".to_owned()).await.is_some());
        taken.pop();
        assert!(places.take("a".to_owned()).await.is_some());
        drop(taken);
        assert!(places.take("b".to_owned()).await.is_some());
        assert_eq!(places.0.lock().map(|all| all.len()).ok(), Some(1), "whom nobody calls is forgotten");
    }
}
