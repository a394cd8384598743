//! What tests of interleavings and failures share: a server that they may mistreat, small change sets, and somebody who
//! watches from outside.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    reason = "shared by several test programs, and a test fails by panicking"
)]

pub mod proxy;
pub mod shop;

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use eventify_core::EventId;
use eventify_core::store::{
    ChangeSet, Commit, Expectation, Key, Record, Recorded, Store, StoreError, Version, Versioned, Write,
};
use eventify_core::testing::sample;
use eventify_core::ticket_type::Inventory;
use eventify_store_postgres::testing::{Database, Server};
use eventify_store_postgres::{Builder, PostgresStore};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A server of the test program's own, whatever `DATABASE_URL` says: these tests change its settings and end sessions.
pub fn server() -> &'static Server {
    static OWN: OnceLock<Server> = OnceLock::new();
    OWN.get_or_init(Server::start)
}

/// A store that no busy machine makes give up: limits are chosen where they are the subject.
pub fn patient(url: &str) -> Builder {
    let builder = PostgresStore::builder(url).acquire_timeout(PATIENCE).lock_timeout(PATIENCE);
    builder.statement_timeout(2 * PATIENCE)
}

/// A store over a database of its own.
pub struct Stage {
    pub database: Database,
    pub store: PostgresStore,
    builder: Builder,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    pub async fn with(choose: impl FnOnce(Builder) -> Builder) -> Self {
        Self::over(server().database().await, choose).await
    }

    pub async fn over(database: Database, choose: impl FnOnce(Builder) -> Builder) -> Self {
        let builder = choose(patient(database.url()));
        Self::of(database, builder).await
    }

    pub async fn of(database: Database, builder: Builder) -> Self {
        let store = builder.clone().connect().await.unwrap();
        Self { database, store, builder }
    }

    /// Another session in the same database, which no timeout of the store concerns.
    pub async fn stranger(&self) -> Stranger {
        Stranger::at(self.database.url()).await
    }

    /// Begins to commit as another process, which has connections of its own: one makes no more commits at a time than it
    /// has lanes, of which there may be two.
    pub fn commit_elsewhere(&self, set: &ChangeSet) -> JoinHandle<Result<Commit, StoreError>> {
        let (builder, set) = (self.builder.clone(), set.clone());
        tokio::spawn(async move {
            let store = builder.connect().await.unwrap();
            let committed = store.commit(&set).await;
            store.close().await;
            committed
        })
    }

    /// Begins to commit.
    pub fn commit(&self, set: &ChangeSet) -> JoinHandle<Result<Commit, StoreError>> {
        let (store, set) = (self.store.clone(), set.clone());
        tokio::spawn(async move { store.commit(&set).await })
    }

    pub async fn applied(&self, set: &ChangeSet) {
        assert_eq!(self.store.commit(set).await.unwrap(), Commit::Applied);
    }

    /// What is stored under these numbers, and the stamps of it; 0 when there is nothing.
    pub async fn versions(&self, numbers: &[u32]) -> Vec<u64> {
        let mut found = Vec::new();
        for n in numbers {
            found.push(self.load(&key(*n)).await.version.number());
        }
        found
    }

    pub async fn load(&self, key: &Key) -> Versioned {
        let mut loaded = self.store.load(&BTreeSet::from([key.clone()])).await.unwrap();
        loaded.pop().unwrap()
    }
}

/// A small record that is easy to change.
pub fn counter(n: u32, count: u32) -> Record {
    let inventory = Inventory::new(EventId::from_uuid(sample::uuid(n)), None);
    Inventory::wrap(Arc::new(Inventory { sold: count, ..inventory }))
}

pub fn key(n: u32) -> Key {
    counter(n, 0).key()
}

/// The counter's row, for a stranger.
pub fn row(n: u32) -> String {
    format!("event_id = '{}'", sample::uuid(n))
}

/// A change set of counters: `expected` are numbers with their versions (0: absent), of which `written` are written.
pub fn set(stamp: u64, expected: &[(u32, u64)], written: &[u32]) -> ChangeSet {
    let write = |n: &u32| {
        let version = expected.iter().find(|(number, _)| number == n).map(|(_, version)| *version);
        let before = (version != Some(0)).then(|| counter(*n, 0));
        let count = u32::try_from(stamp).unwrap();
        Write { key: key(*n), before, after: Some(counter(*n, count)) }
    };
    ChangeSet {
        stamp: Version::new(stamp),
        expectations: expected
            .iter()
            .map(|(n, version)| Expectation { key: key(*n), version: Version::new(*version) })
            .collect(),
        writes: written.iter().map(write).collect(),
    }
}

/// Fails instead of waiting for ever.
pub async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// The answer of a commit that was begun.
pub async fn answer(commit: JoinHandle<Result<Commit, StoreError>>) -> Commit {
    soon("a commit's answer", commit).await.unwrap().unwrap()
}

pub fn conflict(numbers: &[u32]) -> Commit {
    Commit::Conflict(numbers.iter().map(|n| key(*n)).collect())
}

/// A session of somebody else.
pub struct Stranger {
    db: PgConnection,
}

impl Stranger {
    pub async fn at(url: &str) -> Self {
        Self { db: PgConnection::connect(url).await.unwrap() }
    }

    pub async fn run(&mut self, script: &str) {
        self.try_run(script).await.unwrap_or_else(|error| panic!("{script}: {error}"));
    }

    pub async fn try_run(&mut self, script: &str) -> Result<(), sqlx::Error> {
        self.db.execute(sqlx::raw_sql(AssertSqlSafe(script.to_owned()))).await.map(drop)
    }

    pub async fn number(&mut self, question: &str) -> i64 {
        let asked = sqlx::query(AssertSqlSafe(question.to_owned()));
        asked.fetch_one(&mut self.db).await.unwrap().try_get(0).unwrap()
    }

    /// Texts in one column.
    pub async fn texts(&mut self, question: &str) -> Vec<String> {
        let found = sqlx::query(AssertSqlSafe(question.to_owned())).fetch_all(&mut self.db).await;
        let found = found.unwrap_or_else(|error| panic!("{question}: {error}"));
        found.iter().map(|row| row.get(0)).collect()
    }

    /// A text and a list of texts in two columns.
    pub async fn rows(&mut self, question: &str) -> Vec<(String, Vec<String>)> {
        let found = sqlx::query(AssertSqlSafe(question.to_owned())).fetch_all(&mut self.db).await;
        let found = found.unwrap_or_else(|error| panic!("{question}: {error}"));
        found.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    /// Waits until just so many other sessions of this database satisfy a condition on `pg_stat_activity`.
    pub async fn until(&mut self, sessions: i64, condition: &str) {
        let question = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND ({condition})"
        );
        let end = Instant::now() + PATIENCE;
        loop {
            // What a session does is shown with the first look of a transaction: forget that one.
            self.run("SELECT pg_stat_clear_snapshot()").await;
            let found = self.number(&question).await;
            if found == sessions {
                return;
            }
            assert!(Instant::now() < end, "{condition}: {found} sessions instead of {sessions}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits until just so many sessions wait for locks.
    pub async fn until_blocked(&mut self, sessions: i64) {
        self.until(sessions, "wait_event_type = 'Lock'").await;
    }

    /// Nobody was left in the middle of something.
    pub async fn assert_nobody_is_in_a_transaction(&mut self) {
        self.until(0, "state LIKE 'idle in transaction%' OR xact_start IS NOT NULL").await;
    }
}

/// Holds back whoever commits a change to the counter of this number, in the middle of their COMMIT, until the stranger
/// who begins with [`HOLD_GATE`] ends their transaction.
pub fn gate_at_commit(n: u32) -> String {
    format!(
        "CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN PERFORM pg_advisory_xact_lock_shared(42); RETURN NULL; END'; \
         CREATE CONSTRAINT TRIGGER gate AFTER INSERT OR UPDATE ON inventories DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW WHEN (NEW.{}) EXECUTE FUNCTION gate()",
        row(n)
    )
}

pub const HOLD_GATE: &str = "BEGIN; SELECT pg_advisory_xact_lock(42)";
pub const HOLD_LATCH: &str = "BEGIN; SELECT 1 FROM absence_latch FOR UPDATE";
