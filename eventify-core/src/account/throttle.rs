//! Slowing guesses down.

use std::time::Duration;

use super::model::{THROTTLE_MEMORY, Throttle};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::store::{EmailKey, ThrottleKey};
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// Failures of one account before it has to wait.
const ACCOUNT_FREE: u32 = 5;
/// Failures from one address before it has to wait: many people can share one.
const ORIGIN_FREE: u32 = 50;
const WAIT_MAX: Duration = Duration::from_secs(15 * 60);

/// What a login is counted against: the account first, then the address if it is known.
pub(super) fn keys(email: &EmailKey, actor: &Actor) -> Vec<ThrottleKey> {
    let mut keys = vec![ThrottleKey::account(email)];
    keys.extend(actor.origin().map(ThrottleKey::origin));
    keys
}

impl Throttle {
    /// # Errors
    /// `too_many_attempts`, with the time to wait.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), Error> {
        if now >= self.blocked_until {
            return Ok(());
        }
        let wait = self.blocked_until.since(now);
        Err(Error::new(Reason::TooManyAttempts, "Too many failed logins; wait a little.").retry_in(wait))
    }

    fn failed(before: Option<&Self>, key: ThrottleKey, free: u32, now: Timestamp) -> Self {
        let remembered =
            before.filter(|b| now.since(b.failed_at) < THROTTLE_MEMORY).map_or(0, |b| b.failures);
        let failures = remembered.saturating_add(1);
        // One second for the first failure too many, twice as long for each further one.
        let wait = match failures.checked_sub(free) {
            None | Some(0) => Duration::ZERO,
            Some(over) => Duration::from_secs(1 << (over - 1).min(20)).min(WAIT_MAX),
        };
        Self { key, failures, failed_at: now, blocked_until: now.plus(wait) }
    }
}

/// A password was wrong.
pub(super) struct NoteFailure {
    pub(super) actor: Actor,
    pub(super) keys: Vec<ThrottleKey>,
}

impl Command for NoteFailure {
    type Reply = ();
    const NAME: &'static str = "note_failed_login";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        work.need(self.keys.iter().map(|key| crate::store::Key::Throttle(key.clone())))?;
        for (nth, key) in self.keys.iter().enumerate() {
            let free = if nth == 0 { ACCOUNT_FREE } else { ORIGIN_FREE };
            let before = work.find::<Throttle>(key)?;
            let after = Throttle::failed(before.as_deref(), key.clone(), free, cx.now);
            if nth == 0 && after.failures == ACCOUNT_FREE + 1 {
                // Once per series, not once per guess: the trail must not be a way to fill the disk.
                audit::record(work, cx, &self.actor, &audit::Act::new("login.throttled", "login", "account"));
            }
            work.put(after);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn failures_cost_time_that_doubles_up_to_a_quarter_of_an_hour_and_are_forgotten() {
        let start = Timestamp::from_micros(0).unwrap();
        let key = ThrottleKey::origin("::1");
        let mut state: Option<Throttle> = None;
        let mut waits = Vec::new();
        for _ in 0..20 {
            let next = Throttle::failed(state.as_ref(), key.clone(), 5, start);
            waits.push(next.blocked_until.since(start).as_secs());
            state = Some(next);
        }
        assert_eq!(waits[..9], [0, 0, 0, 0, 0, 1, 2, 4, 8]);
        assert_eq!(waits[19], 900);
        let state = state.unwrap();
        let error = state.check(start).unwrap_err();
        assert_eq!(error.reason(), Reason::TooManyAttempts);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(900)));
        state.check(start.plus(Duration::from_secs(900))).unwrap();
        let later = start.plus(THROTTLE_MEMORY);
        assert_eq!(Throttle::failed(Some(&state), key, 5, later).failures, 1);
    }
}
