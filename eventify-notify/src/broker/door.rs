//! The way to a broker: so many at a time, each for so long, and one at a time while it is away.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eventify_core::account::SecretText;
use eventify_core::notification::DeliveryError;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::Limits;

/// How handing over failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// This fact will never be taken.
    ForEver(String),
    /// The broker is there, and would not have it now.
    Refused(String),
    /// The broker is not there, or does not answer.
    Away(String),
    /// It was not handed over: it was not its turn in time.
    Busy(String),
}

/// See the module.
pub(crate) struct Door {
    turn: tokio::sync::Mutex<()>,
    places: Semaphore,
    /// The one place while the broker is away.
    probe: Semaphore,
    /// Why the last one found it away; none when somebody got through since.
    away: Mutex<Option<String>>,
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
            Failure::Busy(why) => DeliveryError::Busy(why),
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
        let busy = |_| Failure::Busy("others are still waiting for their answers".to_owned());
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
        *self.lock() = match &answer {
            Err(Failure::Away(why)) => Some(why.clone()),
            // Whoever refuses is there.
            Ok(()) | Err(Failure::ForEver(_) | Failure::Refused(_) | Failure::Busy(_)) => None,
        };
        answer
    }

    /// The one place if the broker is away, none if it is there. Who finds it taken is told what the last one was.
    fn probe(&self) -> Result<Option<SemaphorePermit<'_>>, Failure> {
        let Some(why) = self.lock().clone() else { return Ok(None) };
        self.probe.try_acquire().map(Some).map_err(|_| Failure::Refused(why))
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

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
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
