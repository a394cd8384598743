//! How much is to be done, for whoever looks at the numbers: anybody may, so that the store is asked now and then only.

use std::time::Duration;

use eventify_core::Eventify;
use eventify_core::job::Backlog;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How old an answer may be.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// The last answer, and when it came.
#[derive(Debug, Default)]
pub(crate) struct KnownBacklog(Mutex<Option<(Instant, Option<Backlog>)>>);

impl KnownBacklog {
    /// What the store said, at most five seconds ago; `None` when it said nothing. One caller asks it, the others wait for that.
    pub(crate) async fn get(&self, eventify: &Eventify) -> Option<Backlog> {
        let mut known = self.0.lock().await;
        if let Some((_, backlog)) = known.as_ref().filter(|(at, _)| at.elapsed() < GOOD_FOR) {
            return backlog.clone();
        }
        let backlog = eventify.jobs().backlog().await.ok();
        *known = Some((Instant::now(), backlog.clone()));
        backlog
    }
}
