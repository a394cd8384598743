//! Slowing guesses down.

use std::time::Duration;

use super::Accounts;
use super::model::{THROTTLE_MEMORY, Throttle};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::eventify::Engine;
use crate::store::{EmailKey, Key, ThrottleKey};
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// Failures of one account before it has to wait.
const ACCOUNT_FREE: u32 = 5;
/// Failures from one address before it has to wait: many people can share one.
const ORIGIN_FREE: u32 = 50;
/// Messages to one mailbox before whoever asks has to wait.
const MAIL_FREE: u32 = 3;
/// Wrong promo codes, or addresses of nobody, that one person may name before they have to wait.
const PROBE_FREE: u32 = 10;
const WAIT_MAX: Duration = Duration::from_secs(15 * 60);

/// How often something is free, and how long the first wait after that is; each further one is twice as long.
#[derive(Debug, Clone, Copy)]
struct Limit {
    free: u32,
    first_wait: Duration,
}

impl Limit {
    fn of(key: &ThrottleKey) -> Self {
        let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
        match key.as_str().split(':').next() {
            Some("account") => Self { free: ACCOUNT_FREE, first_wait: second },
            Some("probe") => Self { free: PROBE_FREE, first_wait: second },
            Some("mail") => Self { free: MAIL_FREE, first_wait: minute },
            _ => Self { free: ORIGIN_FREE, first_wait: second },
        }
    }
}

/// What a login is counted against: the account first, then the address if it is known.
pub(super) fn keys(email: &EmailKey, actor: &Actor) -> Vec<ThrottleKey> {
    let mut keys = vec![ThrottleKey::account(email)];
    keys.extend(origin_keys(actor));
    keys
}

/// What guesses that name no account are counted against.
pub(super) fn origin_keys(actor: &Actor) -> Vec<ThrottleKey> {
    actor.origin().map(ThrottleKey::origin).into_iter().collect()
}

/// What a message is counted against: the mailbox first, then where the wish comes from.
pub(super) fn mail_keys(email: &EmailKey, actor: &Actor) -> Vec<ThrottleKey> {
    let mut keys = vec![ThrottleKey::mail(email)];
    keys.extend(actor.origin().map(ThrottleKey::mail_origin));
    keys
}

/// What wrong guesses of a logged-in person are counted against: the person, then where they come from.
fn probe_keys(kind: &str, actor: &Actor) -> Vec<ThrottleKey> {
    let Some(user_id) = actor.user_id() else { return Vec::new() };
    let own = [ThrottleKey::probe(kind, user_id)].into_iter();
    own.chain(actor.origin().map(ThrottleKey::probe_origin)).collect()
}

/// Asks something whose answer says whether a guess was right. Who guessed wrong too often has to wait first.
///
/// # Errors
/// `too_many_attempts`, and those of the question.
pub(crate) async fn probe<T>(
    engine: &Engine,
    (kind, wrong): (&'static str, Reason),
    actor: &Actor,
    ask: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let (accounts, keys) = (Accounts { engine }, probe_keys(kind, actor));
    accounts.check_throttle(&keys).await?;
    let answer = ask.await;
    if !keys.is_empty() && answer.as_ref().is_err_and(|error| error.reason() == wrong) {
        engine.executor.decide(NoteFailure { actor: actor.clone(), keys }).await?;
    }
    answer
}

impl Throttle {
    /// # Errors
    /// `too_many_attempts`, with the time to wait.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), Error> {
        // By count as well: a clock that was turned back, or another process's that is behind, keeps nobody waiting who has
        // guesses left.
        if now >= self.blocked_until || self.failures <= Limit::of(&self.key).free {
            return Ok(());
        }
        let wait = self.blocked_until.since(now);
        Err(Error::new(Reason::TooManyAttempts, "Too many attempts; wait a little.").retry_in(wait))
    }

    fn counted(before: Option<&Self>, key: ThrottleKey, now: Timestamp) -> Self {
        let limit = Limit::of(&key);
        let remembered =
            before.filter(|b| now.since(b.failed_at) < THROTTLE_MEMORY).map_or(0, |b| b.failures);
        let failures = remembered.saturating_add(1);
        let wait = match failures.checked_sub(limit.free) {
            None | Some(0) => Duration::ZERO,
            Some(over) => limit.first_wait.saturating_mul(1 << (over - 1).min(20)).min(WAIT_MAX),
        };
        Self { key, failures, failed_at: now, blocked_until: now.plus(wait) }
    }
}

/// Refuses what has to wait. Exact however many try at once: the counts are a part of the decision.
///
/// # Errors
/// `too_many_attempts`, with the time to wait.
pub(super) fn check(work: &mut Work, cx: &Context<'_>, keys: &[ThrottleKey]) -> Decision<()> {
    work.need(keys.iter().map(|key| Key::Throttle(key.clone())))?;
    for key in keys {
        if let Some(throttle) = work.find::<Throttle>(key)? {
            throttle.check(cx.now)?;
        }
    }
    Ok(())
}

/// Counts one more.
pub(super) fn count(work: &mut Work, cx: &Context<'_>, actor: &Actor, keys: &[ThrottleKey]) -> Decision<()> {
    work.need(keys.iter().map(|key| Key::Throttle(key.clone())))?;
    for key in keys {
        let before = work.find::<Throttle>(key)?;
        let after = Throttle::counted(before.as_deref(), key.clone(), cx.now);
        if key.as_str().starts_with("account:") && after.failures == ACCOUNT_FREE + 1 {
            // Once per series, not once per guess: the trail must not be a way to fill the disk.
            audit::record(work, cx, actor, &audit::Act::new("login.throttled", "login", "account"));
        }
        work.put(after);
    }
    Ok(())
}

/// After a success: the account's failures are forgotten, those of the address are not.
pub(super) fn forgive(work: &mut Work, email: &EmailKey) -> Decision<()> {
    let key = ThrottleKey::account(email);
    if work.find::<Throttle>(&key)?.is_some() {
        work.delete::<Throttle>(&key);
    }
    Ok(())
}

/// A password, token or code was wrong.
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
        count(work, cx, &self.actor, &self.keys)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn failures_cost_time_that_doubles_up_to_a_quarter_of_an_hour_and_are_forgotten() {
        let start = Timestamp::from_micros(0).unwrap();
        let key = ThrottleKey::account(&EmailKey::new("a@b.kz"));
        let mut state: Option<Throttle> = None;
        let mut waits = Vec::new();
        for _ in 0..20 {
            let next = Throttle::counted(state.as_ref(), key.clone(), start);
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
        assert_eq!(Throttle::counted(Some(&state), key, later).failures, 1);
    }

    #[test]
    fn a_clock_that_is_behind_keeps_nobody_waiting_who_has_guesses_left() {
        let start = Timestamp::from_micros(0).unwrap();
        let ahead = start.plus(Duration::from_secs(20));
        let key = ThrottleKey::account(&EmailKey::new("a@b.kz"));
        let mut state: Option<Throttle> = None;
        for nth in 1..=ACCOUNT_FREE + 1 {
            let next = Throttle::counted(state.as_ref(), key.clone(), ahead);
            assert_eq!(next.check(start).is_ok(), nth <= ACCOUNT_FREE, "after {nth}");
            state = Some(next);
        }
    }

    #[test]
    fn a_mailbox_gets_three_messages_and_then_one_at_a_time() {
        let start = Timestamp::from_micros(0).unwrap();
        let key = ThrottleKey::mail(&EmailKey::new("a@b.kz"));
        let mut state: Option<Throttle> = None;
        let mut waits = Vec::new();
        for _ in 0..9 {
            let next = Throttle::counted(state.as_ref(), key.clone(), start);
            waits.push(next.blocked_until.since(start).as_secs());
            state = Some(next);
        }
        assert_eq!(waits, [0, 0, 0, 60, 120, 240, 480, 900, 900]);
    }
}
