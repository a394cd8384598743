//! Units of work: from a connection to an answer, whatever happens in between.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use eventify_core::store::{StoreError, StoreErrorKind};
use sqlx::{Executor, PgPool};
use tokio::time::Instant;

use crate::commit::{Check, Isolation, Plan, Tried};
use crate::error::{Failure, Meaning};
use crate::session::{Read, Session, within};

/// What every unit of work needs.
#[derive(Debug, Clone)]
pub(crate) struct Runner {
    /// To ask on.
    pub(crate) work: Connections,
    /// To commit on: nobody who asks keeps a commit waiting.
    pub(crate) commits: Connections,
    /// How long one statement's answer is waited for.
    pub(crate) patience: Duration,
    /// How long a commit may take, with everything that is tried anew, before its COMMIT is sent.
    pub(crate) commit_within: Duration,
    pub(crate) isolation: Isolation,
}

/// Connections that are used in turn.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    pub(crate) pool: PgPool,
    /// How many there are at most. So many may turn out dead before the store counts as unavailable: all that were idle.
    pub(crate) max: u32,
}

/// How often a commit that met nobody is tried again: the engine saw danger where there was none, or chose this one of
/// several to end a deadlock.
const TRIES_MAX: u32 = 24;

/// How often a key may turn out to be taken where no record is: somebody may make and delete one meanwhile.
const TAKEN_MAX: u32 = 3;

/// How long the answer to a COMMIT is waited for at least, however late it was sent.
const COMMIT_PATIENCE_MIN: Duration = Duration::from_secs(2);

/// Why a transaction came to no end.
enum Broken {
    /// Nothing was written.
    Before(Failure),
    /// In answer to COMMIT.
    At(StoreError),
}

impl From<Broken> for StoreError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Before(failure) => failure.into_store_error("commit"),
            Broken::At(error) => error,
        }
    }
}

/// How a commit ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Applied,
    /// The numbers of the expectations that do not hold; none when that cannot be said.
    Conflict(Vec<usize>),
}

impl Runner {
    /// Waits until what is under way has come to its own limits, and no longer for what the network has swallowed.
    pub(crate) async fn close(&self) {
        let closed = async { tokio::join!(self.work.pool.close(), self.commits.pool.close()) };
        let _ = tokio::time::timeout(self.patience.saturating_mul(3), closed).await;
    }

    /// Asks, on another connection when the one at hand turns out to be dead.
    pub(crate) async fn read<R: Read>(
        &self,
        asked: &R,
        operation: &'static str,
    ) -> Result<R::Answer, StoreError> {
        self.read_on(&self.work, asked, operation).await
    }

    /// Which expectations of a commit do not hold.
    pub(crate) async fn check(&self, check: &Check) -> Result<Vec<usize>, StoreError> {
        self.read_on(&self.commits, check, "commit").await
    }

    async fn read_on<R: Read>(
        &self,
        connections: &Connections,
        asked: &R,
        operation: &'static str,
    ) -> Result<R::Answer, StoreError> {
        let mut dead = 0;
        loop {
            let mut session = Session::open(&connections.pool, operation).await?;
            match within(self.patience, asked.run(session.db())).await {
                Ok(answer) => {
                    session.close();
                    return Ok(answer);
                }
                Err(failure) if failure.is_lost() && dead < connections.max => dead += 1,
                Err(failure) => {
                    // Outside of a transaction, a refused statement leaves nothing behind.
                    if failure.spares_the_session() {
                        session.close();
                    }
                    return Err(failure.into_store_error(operation));
                }
            }
        }
    }

    /// Commits; first in the transaction that was begun for it, if there is one.
    pub(crate) async fn commit(&self, plan: &Plan, mut begun: Option<Session>) -> Result<Ended, StoreError> {
        let until = Instant::now() + self.commit_within;
        let mut taken = 0;
        for tries in 0..TRIES_MAX {
            let tried = match begun.take() {
                None => self.attempt(plan, in_time(until, self.begin()).await?, until).await?,
                Some(session) => match self.attempt(plan, session, until).await {
                    // It ended with its turn, perhaps long ago. A server that says nothing is not asked again.
                    Err(Broken::Before(failure)) if failure.is_lost() => continue,
                    tried => tried?,
                },
            };
            if tried == Tried::Applied {
                return Ok(Ended::Applied);
            }
            let moved = in_time(until, self.check(plan.check())).await?;
            if !moved.is_empty() {
                return Ok(Ended::Conflict(moved));
            }
            if tried == Tried::Taken {
                taken += 1;
            }
            if taken > TAKEN_MAX {
                let taken = "a key is taken by what is no record";
                return Err(StoreError::new(StoreErrorKind::Corrupt, "commit", taken));
            }
            if tried == Tried::WaitedInVain {
                // Nobody was faster: somebody holds on to a record. Trying each command again and again would keep the
                // whole lane waiting; its callers are told instead, and may come back.
                let held = "a record is in others' hands for too long";
                return Err(StoreError::new(StoreErrorKind::Unavailable, "commit", held));
            }
            tokio::time::sleep(pause(tries)).await;
        }
        Ok(Ended::Conflict(Vec::new()))
    }

    /// One transaction. An error in it means that nothing was written, unless it came in answer to COMMIT.
    async fn attempt(&self, plan: &Plan, mut session: Session, until: Instant) -> Result<Tried, Broken> {
        let left = until.saturating_duration_since(Instant::now());
        let tried = within(left, plan.run(session.db())).await;
        let end = match &tried {
            Ok(Tried::Applied) => "COMMIT",
            Ok(Tried::Conflict | Tried::Taken | Tried::WaitedInVain) => "ROLLBACK",
            Err(failure) if failure.spares_the_session() => "ROLLBACK",
            Err(_) => return tried.map_err(Broken::Before),
        };
        let left =
            until.saturating_duration_since(Instant::now()).min(self.patience).max(COMMIT_PATIENCE_MIN);
        let ended = within(left, async { Ok(session.db().execute(end).await?) }).await;
        match (tried, ended) {
            (Ok(Tried::Applied), Ok(_)) => {
                session.close();
                Ok(Tried::Applied)
            }
            (Ok(Tried::Applied), Err(failure)) => self.failed_commit(failure).map_err(Broken::At),
            (tried, ended) => {
                if ended.is_ok() {
                    session.close();
                }
                match tried {
                    Err(failure) if failure.meaning() == Meaning::Conflict => Ok(failure.tried()),
                    tried => tried.map_err(Broken::Before),
                }
            }
        }
    }

    /// COMMIT was sent. Only the server's own plain refusal says that it did not happen.
    fn failed_commit(&self, failure: Failure) -> Result<Tried, StoreError> {
        match failure.meaning() {
            Meaning::Conflict => Ok(failure.tried()),
            Meaning::Refused => Err(failure.into_store_error("commit")),
            Meaning::Lost => {
                let lost = failure.into_store_error("commit");
                Err(StoreError::new(StoreErrorKind::Indeterminate, "commit", lost.message()))
            }
        }
    }

    async fn begin(&self) -> Result<Session, StoreError> {
        let begin = begin(self.isolation);
        let mut dead = 0;
        loop {
            let mut session = Session::open(&self.commits.pool, "commit").await?;
            match within(self.patience, async { Ok(session.db().execute(begin).await?) }).await {
                Ok(_) => return Ok(session),
                // Nothing was begun: another connection may be alive.
                Err(failure) if failure.is_lost() && dead < self.commits.max => dead += 1,
                Err(failure) => return Err(failure.into_store_error("commit")),
            }
        }
    }
}

/// What is begun before COMMIT ends in time or has changed nothing.
async fn in_time<T>(
    until: Instant,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let late = |_| Err(Failure::Silent.into_store_error("commit"));
    tokio::time::timeout_at(until, work).await.unwrap_or_else(late)
}

/// What a transaction begins with. Its statements are planned once, for any number of rows, and find every row by its
/// key: to plan one anew costs more than to run it, and what was planned while a table was small stays good.
pub(crate) const fn begin(isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::Locks => {
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL plan_cache_mode = force_generic_plan; \
             SET LOCAL enable_nestloop = on; SET LOCAL enable_indexscan = on; \
             SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
        }
        Isolation::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
    }
}

/// Longer the more often it happened, and never in step with the others.
fn pause(tries: u32) -> Duration {
    let ceiling_micros = 500u64 << tries.min(7);
    Duration::from_micros(RandomState::new().hash_one(tries) % ceiling_micros)
}
