//! A read replica: lists that may lag come from there for as long as it answers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventify_core::store::{StoreError, StoreErrorKind};
use sqlx::{Executor, PgConnection};
use tokio::time::{Instant, timeout};

use crate::error::Failure;
use crate::session::{Read, in_a_task};
use crate::unit::Runner;

/// How long a replica that failed is left alone before it is asked whether it is there again.
const SHUN_FOR: Duration = Duration::from_secs(5);

#[derive(Debug, Clone)]
pub(crate) struct Replica {
    pub(crate) runner: Runner,
    /// How long its answer is waited for: the primary has one too.
    patience: Duration,
    /// While it is left alone, when it is asked next.
    shunned_until: Arc<Mutex<Option<Instant>>>,
}

/// Asks for nothing but an answer.
struct Probe;

impl Read for Probe {
    type Answer = ();

    async fn run(&self, db: &mut PgConnection) -> Result<(), Failure> {
        Ok(db.execute("SELECT 1").await.map(drop)?)
    }
}

impl Replica {
    pub(crate) fn new(runner: Runner, patience: Duration) -> Self {
        Self { runner, patience, shunned_until: Arc::default() }
    }

    /// Its answer; `None` when it gives none in time, or did not when it was asked last. Then the primary has to.
    pub(crate) async fn read<R: Read + 'static>(
        &self,
        asked: &Arc<R>,
        operation: &'static str,
    ) -> Option<Result<R::Answer, StoreError>>
    where
        R::Answer: 'static,
    {
        if self.is_shunned() {
            return None;
        }
        let (runner, asked) = (self.runner.clone(), asked.clone());
        let read = in_a_task(operation, async move { runner.read(&*asked, operation).await });
        let error = match timeout(self.patience, read).await {
            Ok(Err(error)) if error.kind() == StoreErrorKind::Unavailable => error.message().to_owned(),
            Ok(found) => return Some(found),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::warn!(error, "the replica fails; its lists come from the primary");
        self.shun(Some(Instant::now() + SHUN_FOR));
        None
    }

    fn shun(&self, until: Option<Instant>) {
        *self.shunned_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Whether it is left alone; when it has been for long enough, it is asked again, and nobody waits for that.
    fn is_shunned(&self) -> bool {
        let mut shunned_until = self.shunned_until.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match *shunned_until {
            None => return false,
            Some(until) if until > now => {}
            Some(_) => {
                *shunned_until = Some(now + SHUN_FOR);
                tokio::spawn(self.clone().probe());
            }
        }
        true
    }

    async fn probe(self) {
        if matches!(timeout(self.patience, self.runner.read(&Probe, "probe")).await, Ok(Ok(()))) {
            tracing::info!("the replica answers again");
            self.shun(None);
        }
    }
}
