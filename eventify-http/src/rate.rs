//! How often one client may do what is worth guessing at.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::client::Client;
use crate::config::AuthRate;
use crate::error::Problem;

/// So many checks between two looks for clients that are long gone.
const CHECKS_BETWEEN_SWEEPS: u64 = 1_024;

/// Counts by client.
#[derive(Debug)]
pub(crate) struct Rate {
    limiter: DefaultKeyedRateLimiter<u64>,
    clock: DefaultClock,
    checks: AtomicU64,
}

impl Rate {
    pub(crate) fn new(rate: AuthRate) -> Self {
        let quota = Quota::per_minute(rate.per_minute).allow_burst(rate.burst);
        Self { limiter: RateLimiter::keyed(quota), clock: DefaultClock::default(), checks: AtomicU64::new(0) }
    }

    /// # Errors
    /// 429 `rate_limited`, with when to come back.
    pub(crate) fn check(&self, client: Client) -> Result<(), Problem> {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(CHECKS_BETWEEN_SWEEPS) {
            // Whoever has been silent long enough to have the full burst again need not be remembered.
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(&client.bucket()).map_err(|refused| {
            let wait = refused.wait_time_from(self.clock.now());
            Problem::rate_limited(wait.max(Duration::from_secs(1)))
        })
    }
}
