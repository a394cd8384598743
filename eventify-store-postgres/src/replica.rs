//! A read replica: lists that may lag come from there for as long as it answers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventify_core::store::{StoreError, StoreErrorKind};
use sqlx::{PgConnection, Row};
use tokio::time::{Instant, timeout};

use crate::error::Failure;
use crate::session::{Read, in_a_task};
use crate::unit::Runner;

/// How long a replica that failed is left alone before it is asked whether it is there again.
const SHUN_FOR: Duration = Duration::from_secs(5);

#[derive(Debug, Clone)]
pub(crate) struct Replica {
    pub(crate) runner: Runner,
    /// Whom it has to be a replica of.
    primary: Runner,
    /// How long its answer is waited for: the primary has one too.
    patience: Duration,
    standing: Arc<Mutex<Standing>>,
}

#[derive(Debug, Clone, Copy)]
enum Standing {
    /// Nobody has looked yet whose it is.
    New,
    /// It is the primary's, and answers.
    Good,
    /// It is left alone until it is asked again.
    Shunned(Instant),
}

/// Which deployment a database is; `None` while it is none.
struct Deployment;

impl Read for Deployment {
    type Answer = Option<String>;

    async fn run(&self, db: &mut PgConnection) -> Result<Option<String>, Failure> {
        let found = sqlx::query("SELECT deployment::text FROM keyring").fetch_optional(db).await?;
        Ok(found.map(|row| row.try_get(0)).transpose()?)
    }
}

impl Replica {
    pub(crate) fn new(runner: Runner, primary: Runner, patience: Duration) -> Self {
        Self { runner, primary, patience, standing: Arc::new(Mutex::new(Standing::New)) }
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
        if !self.is_in_use().await {
            return None;
        }
        let (runner, asked) = (self.runner.clone(), asked.clone());
        let read = in_a_task(operation, async move { runner.read(&*asked, operation).await });
        let error = match timeout(self.patience, read).await {
            Ok(Err(error)) if error.kind() == StoreErrorKind::Unavailable => error.message().to_owned(),
            Ok(found) => return Some(found),
            Err(_) => "no answer in time".to_owned(),
        };
        self.shun(&error);
        None
    }

    fn shun(&self, error: &str) {
        tracing::warn!(error, "the replica fails; its lists come from the primary");
        self.stands(Standing::Shunned(Instant::now() + SHUN_FOR));
    }

    fn stands(&self, standing: Standing) {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }

    /// Whether it is to be asked. The first time somebody has to wait for that; when it was left alone for long enough,
    /// it is looked at again, and nobody waits.
    async fn is_in_use(&self) -> bool {
        let looked_at = {
            let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
            let (before, now) = (*standing, Instant::now());
            match before {
                Standing::Good => return true,
                Standing::Shunned(until) if until > now => return false,
                Standing::New | Standing::Shunned(_) => *standing = Standing::Shunned(now + SHUN_FOR),
            }
            before
        };
        let look = tokio::spawn(self.clone().look());
        matches!(looked_at, Standing::New) && look.await.unwrap_or(false)
    }

    /// Looks whether it is there, and whose it is: a wrong address would show other people's events.
    async fn look(self) -> bool {
        let theirs = timeout(self.patience, self.runner.read(&Deployment, "probe")).await;
        let ours = timeout(self.patience, self.primary.read(&Deployment, "probe")).await;
        let error = match (theirs, ours) {
            (Ok(Ok(Some(theirs))), Ok(Ok(Some(ours)))) if theirs == ours => {
                tracing::info!("the replica answers");
                self.stands(Standing::Good);
                return true;
            }
            (Ok(Ok(Some(_))), Ok(Ok(Some(_)))) => "it belongs to another deployment".to_owned(),
            (Ok(Ok(_)), Ok(Ok(_))) => "it has no deployment's keys yet".to_owned(),
            (Ok(Err(error)), _) => error.message().to_owned(),
            (Err(_), _) => "no answer in time".to_owned(),
            (Ok(Ok(_)), _) => "the primary does not say whose it is".to_owned(),
        };
        self.shun(&error);
        false
    }
}
