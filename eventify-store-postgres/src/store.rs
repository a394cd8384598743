//! The store: its handle and how it is opened.

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::store::{
    ChangeSet, Commit, Freshness, Key, Page, Scan, Signal, Signals, Store, StoreError, StoreErrorKind, Turn,
    Versioned,
};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::commit::{Check, Isolation, Plan};
use crate::connect::Address;
use crate::error::OpenError;
use crate::load::{Load, complete};
use crate::migrations;
use crate::scan::Find;
use crate::session::{Session, in_a_task};
use crate::signals::Wire;
use crate::turn::{self, Held};
use crate::unit::{Ended, Runner};

/// Eventify's records in a Postgres database. Any number of processes may have it open.
#[derive(Clone)]
pub struct PostgresStore {
    runner: Runner,
    replica: Option<Runner>,
    address: Address,
    lanes_max: usize,
    /// Connections that hold turns, apart from those that work: who waits for a turn must not keep its holder from one.
    turns: PgPool,
    wire: Arc<Wire>,
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Write lanes of one process. One per core: more of them only cut into smaller commits what they get done anyway.
const LANES: RangeInclusive<usize> = 2..=8;

/// How to open a store. See [`PostgresStore::builder`].
#[derive(Clone)]
pub struct Builder {
    url: String,
    replica: Option<String>,
    pool_max: u32,
    statement_timeout: Duration,
    lock_timeout: Duration,
    acquire_timeout: Duration,
    isolation: Isolation,
}

impl fmt::Debug for Builder {
    /// The addresses may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("pool_max", &self.pool_max).finish_non_exhaustive()
    }
}

impl Builder {
    fn new(url: String) -> Self {
        Self {
            url,
            replica: None,
            pool_max: 16,
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(3),
            isolation: Isolation::Locks,
        }
    }

    /// How many connections this process may have; 16, at least 2.
    #[must_use]
    pub fn pool_max(mut self, connections: u32) -> Self {
        self.pool_max = connections.max(2);
        self
    }

    /// How long one statement may run before the server ends it; 10 s.
    #[must_use]
    pub const fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = timeout;
        self
    }

    /// How long a commit may wait for records that another one is changing; 5 s.
    #[must_use]
    pub const fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }

    /// How long to wait for a connection before the store counts as unavailable; 3 s.
    #[must_use]
    pub const fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// A read replica for the scans that tolerate its delay. No decision ever reads from it.
    #[must_use]
    pub fn replica(mut self, url: impl Into<String>) -> Self {
        self.replica = Some(url.into());
        self
    }

    /// Lets the engine itself keep commits from overtaking each other, by SERIALIZABLE transactions instead of locks:
    /// for engines that do nothing else anyway, such as CockroachDB.
    #[must_use]
    pub const fn serializable(mut self) -> Self {
        self.isolation = Isolation::Serializable;
        self
    }

    /// Connects, and makes sure that the schema is the one that this version needs.
    ///
    /// # Errors
    /// [`OpenError`]; the database is as it was before.
    pub async fn connect(self) -> Result<PostgresStore, OpenError> {
        let address = Address::parse(&self.url)?;
        migrations::check(&mut address.connect().await?).await.map_err(|error| match error {
            migrations::MigrateError::Open(error) => error,
            other => OpenError::Unreachable { address: address.to_string(), reason: other.to_string() },
        })?;
        let replica = self.replica.as_deref().map(Address::parse).transpose()?;
        let cores = std::thread::available_parallelism().map_or(*LANES.start(), NonZeroUsize::get);
        let lanes_max = cores.clamp(*LANES.start(), *LANES.end());
        let lanes_max = usize::try_from(self.pool_max / 2).map_or(lanes_max, |half| half.clamp(1, lanes_max));
        Ok(PostgresStore {
            turns: self.pool(&address, u32::try_from(lanes_max).map_or(2, |lanes| lanes + 2)),
            wire: Wire::new(wire_pool(&self, &address)),
            runner: self.runner(&address),
            replica: replica.map(|address| self.runner(&address)),
            address,
            lanes_max,
        })
    }

    fn runner(&self, address: &Address) -> Runner {
        Runner {
            pool: self.pool(address, self.pool_max),
            dead_max: self.pool_max,
            // The server gives up first and says why; only a server that is gone says nothing.
            patience: self.statement_timeout.saturating_add(Duration::from_secs(2)),
            isolation: self.isolation,
        }
    }

    fn pool(&self, address: &Address, connections: u32) -> PgPool {
        let options = address.options.clone().options([
            ("statement_timeout", millis(self.statement_timeout)),
            ("lock_timeout", millis(self.lock_timeout)),
            // What a client that vanished leaves open is not held for ever.
            ("idle_in_transaction_session_timeout", millis(self.statement_timeout.saturating_mul(3))),
        ]);
        PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(self.acquire_timeout)
            // A dead connection shows itself at the first statement, which is answered as a retryable failure.
            .test_before_acquire(false)
            .connect_lazy_with(options)
    }
}

/// Connections for what no work rests on: one that listens, one that sends.
fn wire_pool(builder: &Builder, address: &Address) -> PgPool {
    PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(builder.acquire_timeout)
        .idle_timeout(Duration::from_secs(60))
        .test_before_acquire(false)
        .connect_lazy_with(address.options.clone())
}

/// 0 means "no limit" to the server, so nothing shorter than a millisecond is asked for.
fn millis(limit: Duration) -> String {
    limit.as_millis().clamp(1, 2_147_483_647).to_string()
}

impl PostgresStore {
    /// Opens a store with the default settings.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn connect(url: impl Into<String>) -> Result<Self, OpenError> {
        Self::builder(url).connect().await
    }

    /// Settings to choose before opening. The address is as for libpq: `postgres://user:password@host:port/database`,
    /// with `?sslmode=`, `sslrootcert=`, `host=/a/socket/directory`, `options=-csearch_path=…` and so on.
    #[must_use]
    pub fn builder(url: impl Into<String>) -> Builder {
        Builder::new(url.into())
    }

    /// Waits for what is under way and closes every connection. Afterwards the store answers that it is unavailable.
    pub async fn close(&self) {
        self.wire.close().await;
        self.turns.close().await;
        self.runner.pool.close().await;
        if let Some(replica) = &self.replica {
            replica.pool.close().await;
        }
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (runner, asked) = (self.runner.clone(), Load::of(keys));
        let found = in_a_task("load", async move { runner.read(&asked, "load").await }).await?;
        Ok(complete(keys, found))
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        let asked = Arc::new(Find::of(scan)?);
        if let Some(replica) = self.replica.clone().filter(|_| scan.freshness == Freshness::MayLag) {
            let asked = asked.clone();
            let found = in_a_task("scan", async move { replica.read(&*asked, "scan").await }).await;
            // A replica that is gone is no reason to fail.
            if !found.as_ref().is_err_and(|error| error.kind() == StoreErrorKind::Unavailable) {
                return found;
            }
        }
        let runner = self.runner.clone();
        in_a_task("scan", async move { runner.read(&*asked, "scan").await }).await
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        let ended = if set.writes.is_empty() {
            let (runner, check) = (self.runner.clone(), Check::of(set));
            let moved = in_a_task("commit", async move { runner.read(&check, "commit").await }).await?;
            if moved.is_empty() { Ended::Applied } else { Ended::Conflict(moved) }
        } else {
            self.write(set, None).await?
        };
        Ok(ended.said_of(set))
    }

    fn lanes_max(&self) -> usize {
        self.lanes_max
    }

    async fn turn(&self, at: &BTreeSet<Key>) -> Result<Option<Turn>, StoreError> {
        Ok(turn::take(&self.turns, at, self.runner.isolation).await)
    }

    async fn commit_in_turn(&self, set: &ChangeSet, turn: Turn) -> Result<Commit, StoreError> {
        if self.runner.isolation == Isolation::Serializable || set.writes.is_empty() {
            // A serializable transaction sees what there was when it began: before the turn.
            let committed = self.commit(set).await;
            drop(turn);
            return committed;
        }
        let mut held = turn.into_held().downcast::<Held>().ok();
        let session = held.as_mut().and_then(|held| held.take());
        Ok(self.write(set, session).await?.said_of(set))
    }

    fn signal(&self, signals: &BTreeSet<Signal>) {
        self.wire.send(signals);
    }

    fn signals(&self) -> Option<Signals> {
        Some(self.wire.hear())
    }
}

impl PostgresStore {
    async fn write(&self, set: &ChangeSet, begun: Option<Session>) -> Result<Ended, StoreError> {
        let (runner, plan) = (self.runner.clone(), Plan::of(set));
        in_a_task("commit", async move { runner.commit(&plan, begun).await }).await
    }
}

impl Ended {
    fn said_of(self, set: &ChangeSet) -> Commit {
        match self {
            Self::Applied => Commit::Applied,
            Self::Conflict(moved) => Commit::Conflict(named(set, &moved)),
        }
    }
}

/// The keys of the expectations of these numbers; of all when there are none.
fn named(set: &ChangeSet, moved: &[usize]) -> Vec<Key> {
    if moved.is_empty() {
        return set.expectations.iter().map(|expected| expected.key.clone()).collect();
    }
    moved.iter().filter_map(|nth| set.expectations.get(*nth)).map(|expected| expected.key.clone()).collect()
}
