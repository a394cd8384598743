//! The way to a broker: so many at a time, each for so long, and now and then one while it is away.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eventify_core::account::SecretText;
use eventify_core::notification::DeliveryError;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

use super::Limits;

/// A broker that is away is asked again after a part of the time for which it has been, from here …
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// … up to here.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// That part.
const PAUSE_PART: u32 = 4;

/// How handing over failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// This fact will never be taken.
    ForEver(String),
    /// The broker is there, and would not have it now.
    Refused(String),
    /// The broker is not there, or does not answer.
    Away(String),
    /// It was not handed over, and need not be before the pause is over.
    Busy { why: String, pause: Option<Duration> },
}

/// A broker that was found away.
#[derive(Debug, Clone)]
struct Away {
    /// What the last one was told.
    why: String,
    since: Instant,
    /// When it is asked again.
    ask_at: Instant,
}

impl Away {
    fn found(before: Option<&Self>, why: String) -> Self {
        let now = Instant::now();
        let since = before.map_or(now, |away| away.since);
        Self { why, since, ask_at: now + pause(now - since) }
    }

    /// What those are told who are not let through.
    fn busy(&self) -> Failure {
        let now = Instant::now();
        let left = self.ask_at.saturating_duration_since(now);
        // While somebody is asking, it takes as long again.
        let pause = if left.is_zero() { pause(now - self.since) } else { left };
        Failure::Busy { why: self.why.clone(), pause: Some(pause) }
    }
}

fn pause(away_for: Duration) -> Duration {
    (away_for / PAUSE_PART).clamp(PAUSE_MIN, PAUSE_MAX)
}

/// See the module.
pub(crate) struct Door {
    turn: tokio::sync::Mutex<()>,
    places: Semaphore,
    /// The one place while the broker is away.
    probe: Semaphore,
    /// None when somebody got through since.
    away: Mutex<Option<Away>>,
    patience: Duration,
    secrets: Vec<SecretText>,
}

impl Door {
    /// Errors show none of the secrets.
    pub(crate) fn new(limits: &Limits, secrets: Vec<SecretText>) -> Self {
        Self {
            turn: tokio::sync::Mutex::default(),
            places: Semaphore::new(limits.in_flight_max),
            probe: Semaphore::new(1),
            away: Mutex::default(),
            patience: limits.timeout,
            secrets,
        }
    }

    /// Sends something when it is its turn, first come, first served, and waits for the answer, beside others.
    pub(crate) async fn pass<Answer>(
        &self,
        send: impl Future<Output = Result<Answer, Failure>>,
    ) -> Result<(), DeliveryError>
    where
        Answer: Future<Output = Result<(), Failure>>,
    {
        self.attempt(send).await.map_err(|failure| self.error(failure))
    }

    /// As the engine is told of it.
    pub(crate) fn error(&self, failure: Failure) -> DeliveryError {
        match failure {
            Failure::ForEver(why) => DeliveryError::Permanent(self.hide(&why)),
            Failure::Refused(why) | Failure::Away(why) => DeliveryError::Transient(self.hide(&why)),
            Failure::Busy { why, pause } => DeliveryError::Busy { why: self.hide(&why), pause },
        }
    }

    async fn attempt<Answer>(
        &self,
        send: impl Future<Output = Result<Answer, Failure>>,
    ) -> Result<(), Failure>
    where
        Answer: Future<Output = Result<(), Failure>>,
    {
        let probe = self.probe()?;
        let turn = async { (self.turn.lock().await, self.places.acquire().await) };
        let busy = |_| {
            let why = "others are still waiting for their answers".to_owned();
            Failure::Busy { why, pause: None }
        };
        let (turn, place) = timeout(self.patience, turn).await.map_err(busy)?;
        let _place = place.map_err(|_| closed())?;
        // It may have gone while others were before us.
        let _probe = if probe.is_none() { self.probe()? } else { probe };
        let silent = |_| Failure::Away(format!("no answer within {} ms", self.patience.as_millis()));
        let answer = async {
            let answer = send.await?;
            drop(turn);
            answer.await
        };
        let answer = timeout(self.patience, answer).await.unwrap_or_else(|late| Err(silent(late)));
        let mut away = self.lock();
        *away = match &answer {
            Err(Failure::Away(why)) => Some(Away::found(away.as_ref(), why.clone())),
            // Whoever refuses is there.
            Ok(()) | Err(Failure::ForEver(_) | Failure::Refused(_) | Failure::Busy { .. }) => None,
        };
        drop(away);
        answer
    }

    /// The one place if the broker is away, none if it is there. Who finds it taken, or comes too early, is told what the last
    /// one was: that is no attempt.
    fn probe(&self) -> Result<Option<SemaphorePermit<'_>>, Failure> {
        let Some(away) = self.lock().clone() else { return Ok(None) };
        if Instant::now() < away.ask_at {
            return Err(away.busy());
        }
        self.probe.try_acquire().map(Some).map_err(|_| away.busy())
    }

    /// Lets nobody through any more, and waits until those inside are out or their time is over.
    pub(crate) async fn close(&self, places: usize) {
        let all = u32::try_from(places).unwrap_or(u32::MAX);
        let _ = timeout(self.patience, self.places.acquire_many(all)).await;
        self.places.close();
    }

    fn hide(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.hide_in(&text))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Away>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn closed() -> Failure {
    Failure::Refused("it was closed".to_owned())
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("away", &self.lock().is_some()).finish_non_exhaustive()
    }
}
