//! The way to a broker: so many at a time, each for so long, and now and then one while it is away.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use eventify_core::account::SecretText;
use eventify_core::notification::DeliveryError;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Limits;
use crate::absence::{Absence, IsAway};

/// How handing over failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// This fact will never be taken.
    ForEver(String),
    /// The broker is there, and would not have it now.
    Refused(String),
    /// The broker is not there, or does not answer.
    Away(String),
    /// It was not handed over: there is too much to do.
    Busy(String),
    /// It was not handed over: the broker is known to be away.
    Known(IsAway),
}

impl From<IsAway> for Failure {
    fn from(away: IsAway) -> Self {
        Self::Known(away)
    }
}

/// Whether the broker may have got anything: until then nothing was tried.
#[derive(Debug, Default)]
pub(crate) struct Handed(AtomicBool);

impl Handed {
    /// From here on it may have.
    pub(crate) fn over(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// See the module.
pub(crate) struct Door {
    turn: tokio::sync::Mutex<()>,
    places: Semaphore,
    absence: Absence,
    patience: Duration,
    secrets: Vec<SecretText>,
}

impl Door {
    /// Errors show none of the secrets.
    pub(crate) fn new(limits: &Limits, secrets: Vec<SecretText>) -> Self {
        Self {
            turn: tokio::sync::Mutex::default(),
            places: Semaphore::new(limits.in_flight_max),
            absence: Absence::default(),
            patience: limits.timeout,
            secrets,
        }
    }

    /// Sends something when it is its turn, first come, first served, and waits for the answer, beside others. Who finds the broker
    /// away before anything was handed over has tried no more than those who wait for that.
    pub(crate) async fn pass<Answer>(
        &self,
        handed: &Handed,
        send: impl Future<Output = Result<Answer, Failure>>,
    ) -> Result<(), DeliveryError>
    where
        Answer: Future<Output = Result<(), Failure>>,
    {
        self.attempt(handed, send).await.map_err(|failure| self.error(failure))
    }

    /// Whether the broker was away when somebody last asked. Whoever is let in then asks for all.
    #[cfg(feature = "kafka")]
    pub(crate) fn is_away(&self) -> bool {
        self.absence.is_known()
    }

    /// As the engine is told of it.
    pub(crate) fn error(&self, failure: Failure) -> DeliveryError {
        match failure {
            Failure::ForEver(why) => DeliveryError::Permanent(self.hide(&why)),
            Failure::Refused(why) | Failure::Away(why) => DeliveryError::Transient(self.hide(&why)),
            Failure::Busy(why) => DeliveryError::Busy { why: self.hide(&why), pause: None },
            Failure::Known(IsAway { why, pause }) => IsAway { why: self.hide(&why), pause }.into(),
        }
    }

    async fn attempt<Answer>(
        &self,
        handed: &Handed,
        send: impl Future<Output = Result<Answer, Failure>>,
    ) -> Result<(), Failure>
    where
        Answer: Future<Output = Result<(), Failure>>,
    {
        let leave = self.absence.leave()?;
        let turn = async { (self.turn.lock().await, self.places.acquire().await) };
        let busy = |_| Failure::Busy("others are still waiting for their answers".to_owned());
        let (turn, place) = timeout(self.patience, turn).await.map_err(busy)?;
        let _place = place.map_err(|_| closed())?;
        // It may have gone while others were before us.
        let _leave = if leave.is_probe() { leave } else { self.absence.leave()? };
        let silent = |_| Failure::Away(format!("no answer within {} ms", self.patience.as_millis()));
        let answer = async {
            let answer = send.await?;
            drop(turn);
            answer.await
        };
        let answer = timeout(self.patience, answer).await.unwrap_or_else(|late| Err(silent(late)));
        match &answer {
            Err(Failure::Away(why)) => {
                let away = self.absence.found(why);
                if !handed.is_over() {
                    return Err(away.into());
                }
            }
            // Whoever refuses is there.
            Ok(()) | Err(Failure::ForEver(_) | Failure::Refused(_) | Failure::Busy(_)) => self.absence.over(),
            Err(Failure::Known(_)) => {}
        }
        answer
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
}

fn closed() -> Failure {
    Failure::Refused("it was closed".to_owned())
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("away", &self.absence.is_known()).finish_non_exhaustive()
    }
}
