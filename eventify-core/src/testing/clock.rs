//! A clock that a test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::context::Clock;
use crate::time::Timestamp;

/// A clock that stands still until it is moved. Clones show the same time.
///
/// ```
/// use std::time::Duration;
/// use eventify_core::Clock;
/// use eventify_core::testing::FakeClock;
/// let clock = FakeClock::at("2026-11-21T09:00:00Z".parse()?);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), "2026-11-21T09:01:00Z".parse()?);
/// # Ok::<(), eventify_core::TimestampError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<AtomicI64>);

impl FakeClock {
    /// A clock that shows this instant.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_micros())))
    }

    /// Sets it, also backwards.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_micros(), Ordering::SeqCst);
    }

    /// Moves it forward, up to [`Timestamp::MAX`].
    pub fn advance(&self, by: Duration) {
        self.set(self.now().plus(by));
    }

    /// Moves it back, down to [`Timestamp::MIN`]: what a machine does whose clock was wrong.
    pub fn turn_back(&self, by: Duration) {
        self.set(self.now().minus(by));
    }
}

impl Default for FakeClock {
    /// Shows 2026-11-21T09:00:00Z.
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(1_795_251_600_000_000)))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        // Only instants within the range were ever set.
        Timestamp::from_micros(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
    }
}
