//! Those that are away: now and then one asks for all, and nobody else has tried anything.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eventify_core::notification::DeliveryError;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Who is away is asked again after a part of the time for which they have been, from here …
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// … up to here.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// That part.
const PAUSE_PART: u32 = 4;

/// What those are told who are not let through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct IsAway {
    /// After which somebody may ask.
    pub(crate) pause: Duration,
    /// What the last one was told who asked.
    pub(crate) why: String,
}

impl From<IsAway> for DeliveryError {
    fn from(IsAway { pause, why }: IsAway) -> Self {
        Self::Away { why, pause }
    }
}

#[derive(Debug, Clone)]
struct Away {
    why: String,
    since: Instant,
    /// When they are asked again.
    ask_at: Instant,
}

impl Away {
    fn told(&self) -> IsAway {
        let now = Instant::now();
        let left = self.ask_at.saturating_duration_since(now);
        // While somebody is asking, it takes as long again.
        let pause = if left.is_zero() { pause(now - self.since) } else { left };
        IsAway { pause, why: self.why.clone() }
    }
}

fn pause(away_for: Duration) -> Duration {
    (away_for / PAUSE_PART).clamp(PAUSE_MIN, PAUSE_MAX)
}

/// Whether somebody is away, and since when.
#[derive(Debug)]
pub(crate) struct Absence {
    /// None when somebody got through since.
    away: Mutex<Option<Away>>,
    /// The one place while they are away.
    probe: Semaphore,
}

/// Lets its holder ask, for all others if need be.
#[derive(Debug)]
pub(crate) struct Leave<'a>(Option<SemaphorePermit<'a>>);

impl Leave<'_> {
    /// Whether all others wait for what comes of it.
    pub(crate) const fn is_probe(&self) -> bool {
        self.0.is_some()
    }
}

impl Default for Absence {
    fn default() -> Self {
        Self { away: Mutex::default(), probe: Semaphore::new(1) }
    }
}

impl Absence {
    /// Leave to ask: everybody's while nobody is away, then one's at a time. Who finds it taken, or comes too early, is told what the
    /// last one was: that is no attempt.
    pub(crate) fn leave(&self) -> Result<Leave<'_>, IsAway> {
        let Some(away) = self.lock().clone() else { return Ok(Leave(None)) };
        if Instant::now() < away.ask_at {
            return Err(away.told());
        }
        self.probe.try_acquire().map(|probe| Leave(Some(probe))).map_err(|_| away.told())
    }

    /// They were found away.
    pub(crate) fn found(&self, why: &str) -> IsAway {
        let mut away = self.lock();
        let now = Instant::now();
        let since = away.as_ref().map_or(now, |away| away.since);
        let found = Away { why: why.to_owned(), since, ask_at: now + pause(now - since) };
        let told = found.told();
        *away = Some(found);
        told
    }

    /// They were found there.
    pub(crate) fn over(&self) {
        *self.lock() = None;
    }

    #[cfg(any(feature = "kafka", feature = "nats", feature = "rabbitmq"))]
    pub(crate) fn is_known(&self) -> bool {
        self.lock().is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Away>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_asks_for_all_ever_more_seldom_until_they_are_back() {
        let absence = Absence::default();
        assert!(!absence.leave().unwrap().is_probe() && !absence.leave().unwrap().is_probe());
        assert_eq!(absence.found("no route"), IsAway { pause: PAUSE_MIN, why: "no route".to_owned() });
        assert_eq!(absence.leave().unwrap_err().why, "no route");
        tokio::time::advance(PAUSE_MIN).await;
        let probe = absence.leave().unwrap();
        assert!(probe.is_probe());
        absence.leave().unwrap_err();
        drop(probe);
        tokio::time::advance(Duration::from_secs(99)).await;
        assert_eq!(absence.found("still none").pause, Duration::from_secs(25));
        tokio::time::advance(Duration::from_secs(900)).await;
        assert_eq!(absence.found("still none").pause, PAUSE_MAX);
        absence.over();
        assert!(!absence.leave().unwrap().is_probe());
    }
}
