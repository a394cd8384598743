//! The store: its handle and how it is opened.

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::store::{
    ChangeSet, Commit, EngineId, Freshness, Key, Kind, Page, Scan, Signal, Signals, Store, StoreError, Turn,
    Versioned,
};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgPool};

use crate::commit::{Check, Isolation, Plan};
use crate::connect::Address;
use crate::error::OpenError;
use crate::load::{Load, complete};
use crate::migrations;
use crate::replica::Replica;
use crate::scan::Find;
use crate::session::{Session, in_a_task};
use crate::signals::Wire;
use crate::turn::{self, Held};
use crate::unit::{Connections, Ended, Runner};

/// Eventify's records in a Postgres database. Any number of processes may have it open.
#[derive(Clone)]
pub struct PostgresStore {
    runner: Runner,
    replica: Option<Replica>,
    address: Address,
    lanes_max: usize,
    turns: Turns,
    wire: Arc<Wire>,
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Connections that hold turns, apart from those that work: who waits for a turn must not keep its holder from one.
#[derive(Clone)]
struct Turns {
    /// For turns at events. Sales are committed in them, so they are few and always the same, as those of [`Shares::lanes`] are.
    at_events: PgPool,
    /// For all others; the same ones where there is but one.
    at_others: PgPool,
}

impl Turns {
    fn at(&self, places: &BTreeSet<Key>) -> &PgPool {
        if places.iter().any(|place| place.kind() == Kind::Event) { &self.at_events } else { &self.at_others }
    }

    async fn close(&self) {
        tokio::join!(self.at_events.close(), self.at_others.close());
    }
}

/// Write lanes of one process. One per core: more of them only cut into smaller commits what they get done anyway.
const LANES: RangeInclusive<u32> = 2..=8;
/// One to work on, one to commit on, one for a turn, and one for signals.
const POOL_MIN: u32 = 4;

/// Connections for turns elsewhere than at events. With two turns held there is one left to wait on.
const TURNS_AT_OTHERS: u32 = 3;

/// What the connections of a process are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shares {
    /// To commit on: each lane makes one commit at a time; always on the same few connections, the server's processes at the
    /// other end of which have at hand what commits need.
    lanes: u32,
    work: u32,
    /// Each lane may hold a turn at events or wait for one; and lanes and workers at other places.
    turns: u32,
    signals: u32,
}

impl Shares {
    /// Of so many connections altogether, at least [`POOL_MIN`], on a machine of so many cores.
    fn of(all: u32, cores: u32) -> Self {
        let lanes = (all / 4).clamp(1, cores.clamp(*LANES.start(), *LANES.end()));
        let signals = 1;
        let rest = all - lanes - signals;
        // Few connections are rather for work: each lane asks while it commits, and others ask, too.
        let turns = (lanes + TURNS_AT_OTHERS).min(rest.saturating_sub(lanes + 1)).max(1);
        Self { lanes, work: rest - turns, turns, signals }
    }
}

/// How to open a store. See [`PostgresStore::builder`].
#[derive(Clone)]
pub struct Builder {
    url: String,
    replica: Option<String>,
    pool_max: u32,
    statement_timeout: Duration,
    lock_timeout: Duration,
    acquire_timeout: Duration,
    probe_after: Duration,
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
            pool_max: 24,
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(3),
            probe_after: Duration::from_secs(30),
            isolation: Isolation::Locks,
        }
    }

    /// How many connections to the database this process has at most, for whatever purpose; 24, at least 4. As many
    /// again, at most, to the server of a [`Builder::replica`]. There are as many to commit on as one engine has lanes:
    /// a second engine in the same process rather opens a store of its own.
    #[must_use]
    pub fn pool_max(mut self, connections: u32) -> Self {
        self.pool_max = connections.max(POOL_MIN);
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

    /// How long the connection for other processes' signals may be silent before the server is asked whether it is
    /// still there; 30 s, at least 1 ms.
    #[must_use]
    pub fn probe_after(mut self, silence: Duration) -> Self {
        self.probe_after = silence.max(Duration::from_millis(1));
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
        let mut first = address.connect().await?;
        migrations::check(&mut first).await.map_err(|error| match error {
            migrations::MigrateError::Open(error) => error,
            other => OpenError::Unreachable { address: address.to_string(), reason: other.to_string() },
        })?;
        // Gone before any of those is made that are counted.
        let _ = first.close().await;
        let replica = self.replica.as_deref().map(Address::parse).transpose()?;
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let shares = Shares::of(self.pool_max, u32::try_from(cores).unwrap_or(u32::MAX));
        let runner =
            self.runner(self.connections(&address, shares.work), self.connections(&address, shares.lanes));
        let replica = replica.map(|address| {
            let all = self.connections(&address, shares.work + shares.lanes);
            Replica::new(self.runner(all.clone(), all), runner.clone(), self.acquire_timeout)
        });
        Ok(PostgresStore {
            turns: self.turns(&address, &shares),
            wire: Arc::new(Wire::new(address.options.clone(), self.probe_after)),
            runner,
            replica,
            address,
            lanes_max: usize::try_from(shares.lanes).unwrap_or(1),
        })
    }

    fn runner(&self, work: Connections, commits: Connections) -> Runner {
        // The server gives up first and says why; only a server that is gone says nothing.
        let patience = self.statement_timeout.saturating_add(Duration::from_secs(2));
        Runner {
            work,
            commits,
            patience,
            commit_within: self.acquire_timeout.saturating_add(patience),
            isolation: self.isolation,
        }
    }

    fn connections(&self, address: &Address, max: u32) -> Connections {
        Connections { pool: self.pool(address, max), max }
    }

    fn turns(&self, address: &Address, shares: &Shares) -> Turns {
        let at_events = self.pool(address, shares.lanes.min(shares.turns.saturating_sub(1)).max(1));
        let others = shares.turns.saturating_sub(at_events.options().get_max_connections());
        let at_others = if others == 0 { at_events.clone() } else { self.pool(address, others) };
        Turns { at_events, at_others }
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

/// 0 means "no limit" to the server, so nothing shorter than a millisecond is asked for.
fn millis(limit: Duration) -> String {
    limit.as_millis().clamp(1, 2_147_483_647).to_string()
}

/// How long turns that are still held are waited for when the store is closed.
const TURNS_CLOSE_WITHIN: Duration = Duration::from_secs(2);

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

    /// Tells the others what they were still to be told, waits for what is under way, each within its own limit, and
    /// closes every connection. Afterwards the store answers that it is unavailable.
    pub async fn close(&self) {
        self.wire.close().await;
        self.runner.close().await;
        if let Some(replica) = &self.replica {
            replica.runner.close().await;
        }
        // A turn may be held for as long as its holder likes: the server ends it with the process.
        let _ = tokio::time::timeout(TURNS_CLOSE_WITHIN, self.turns.close()).await;
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
        if let Some(replica) = self.replica.as_ref().filter(|_| scan.freshness == Freshness::MayLag)
            && let Some(found) = replica.read(&asked, "scan").await
        {
            return found;
        }
        let runner = self.runner.clone();
        in_a_task("scan", async move { runner.read(&*asked, "scan").await }).await
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        let ended = if set.writes.is_empty() {
            let (runner, check) = (self.runner.clone(), Check::of(set));
            let moved = in_a_task("commit", async move { runner.check(&check).await }).await?;
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
        Ok(turn::take(self.turns.at(at), at, self.runner.isolation).await)
    }

    async fn commit_in_turn(&self, set: &ChangeSet, turn: Turn) -> Result<Commit, StoreError> {
        if self.runner.isolation == Isolation::Serializable || set.writes.is_empty() {
            // A serializable transaction sees what there was when it began: before the turn. Neither waits for the turn:
            // here it holds no rows, and what writes nothing takes no locks.
            let committed = self.commit(set).await;
            drop(turn);
            return committed;
        }
        let mut held = turn.into_held().downcast::<Held>().ok();
        let session = held.as_mut().and_then(|held| held.take());
        Ok(self.write(set, session).await?.said_of(set))
    }

    fn signal(&self, from: EngineId, signals: &BTreeSet<Signal>) {
        self.wire.send(from, signals);
    }

    fn signals(&self, to: EngineId) -> Option<Signals> {
        Some(self.wire.hear(to))
    }
}

impl PostgresStore {
    async fn write(&self, set: &ChangeSet, begun: Option<Session>) -> Result<Ended, StoreError> {
        let (runner, plan) = (self.runner.clone(), Plan::of(set, self.runner.isolation));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_the_whole() {
        for (all, cores) in (POOL_MIN..=1_000).flat_map(|all| (1..=64).map(move |cores| (all, cores))) {
            let shares = Shares::of(all, cores);
            assert_eq!(shares.work + shares.lanes + shares.turns + shares.signals, all);
            assert!(shares.work >= 1 && shares.turns >= 1, "{shares:?}");
            assert!(shares.work > shares.lanes || all == POOL_MIN, "{shares:?}");
        }
        assert_eq!(Shares::of(4, 2), Shares { lanes: 1, work: 1, turns: 1, signals: 1 });
        assert_eq!(Shares::of(8, 2), Shares { lanes: 2, work: 3, turns: 2, signals: 1 });
        assert_eq!(Shares::of(24, 2), Shares { lanes: 2, work: 16, turns: 5, signals: 1 });
        assert_eq!(Shares::of(24, 16), Shares { lanes: 6, work: 8, turns: 9, signals: 1 });
    }
}
