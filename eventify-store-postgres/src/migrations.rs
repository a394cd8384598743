//! The schema's history: embedded scripts, up and down, and a table that says which were applied.
//!
//! Each migration runs in a transaction of its own that first locks [`TABLE`], so processes that migrate at the same
//! time take turns, on every engine that has table locks. A script that was applied is never edited: its checksum is
//! compared whenever a store is opened or migrated.

use eventify_core::Timestamp;
use eventify_core::store::Kind;
use sha2::{Digest, Sha256};
use sqlx::{Connection, Executor, PgConnection, Row};

use crate::connect::Address;
use crate::error::{OpenError, describe};

/// The table that remembers what was applied.
pub const TABLE: &str = "eventify_migrations";

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number, counted from 1.
    pub number: i64,
    /// Its name.
    pub name: &'static str,
    /// The script that takes the step.
    pub up: &'static str,
    /// The script that takes it back.
    pub down: &'static str,
}

macro_rules! migrations {
    ($($number:literal $name:literal;)+) => {
        &[$(Migration {
            number: $number,
            name: $name,
            up: include_str!(concat!("../migrations/", $name, ".up.sql")),
            down: include_str!(concat!("../migrations/", $name, ".down.sql")),
        }),+]
    };
}

/// Every migration, oldest first.
pub const ALL: &[Migration] = migrations! {
    1 "0001_records";
    2 "0002_accounts";
    3 "0003_waitlists";
    4 "0004_reviews";
    5 "0005_transfers_and_gates";
    6 "0006_what_is_kept_of_people";
    7 "0007_cancellation";
    8 "0008_reminders";
    9 "0009_announcements";
    10 "0010_quiet_hours";
    11 "0011_statistics";
    12 "0012_reachable";
    13 "0013_payments";
    14 "0014_words";
    15 "0015_webhooks";
    16 "0016_digests";
    17 "0017_disputes";
    18 "0018_job_lines";
    19 "0019_refunds_that_fail_late";
    20 "0020_other_charges";
    21 "0021_news_first";
    22 "0022_payment_descriptions";
    23 "0023_held_webhooks";
    24 "0024_counted_moves";
    25 "0025_documents_as_text";
};

impl Migration {
    fn checksum(&self) -> Vec<u8> {
        Sha256::digest(self.up.as_bytes()).to_vec()
    }
}

/// The number of the newest migration.
#[must_use]
pub fn newest() -> i64 {
    ALL.last().map_or(0, |migration| migration.number)
}

/// A migration and what a database knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: State,
}

/// How a migration stands in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not applied yet.
    Pending,
    /// Applied.
    Applied {
        /// When, by the database's clock.
        at: Timestamp,
    },
    /// Applied in another wording than this version has.
    Changed {
        /// When, by the database's clock.
        at: Timestamp,
    },
    /// Applied by a newer version.
    Unknown {
        /// When, by the database's clock.
        at: Timestamp,
    },
}

/// Why migrating ended early. What was applied before stays applied; the migration named is not, not even in part.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The database cannot be reached, or is none to migrate.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A script failed.
    #[error("migration {name} failed and was taken back: {reason}")]
    Script {
        /// Which.
        name: String,
        /// What the server said.
        reason: String,
    },
    /// The database failed otherwise.
    #[error("the database failed while migrating: {0}")]
    Database(String),
}

impl From<sqlx::Error> for MigrateError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(describe(&error))
    }
}

/// Every migration that is known here or applied there, in order. Changes nothing.
///
/// # Errors
/// [`MigrateError`].
pub async fn status(url: &str) -> Result<Vec<Status>, MigrateError> {
    let mut db = Address::parse(url)?.connect().await?;
    Ok(compare(&applied(&mut db).await?))
}

/// Applies every migration that is missing, and answers which those were.
///
/// # Errors
/// [`MigrateError`]; also [`OpenError::Foreign`] when the schema has tables of our names that we did not make.
pub async fn up(url: &str) -> Result<Vec<Status>, MigrateError> {
    let mut db = Address::parse(url)?.connect().await?;
    prepare(&mut db).await?;
    let mut done = Vec::new();
    while let Some(migration) = step_up(&mut db).await? {
        tracing::info!(migration = migration.name, "applied");
        done.push(migration.number);
    }
    let all = compare(&applied(&mut db).await?);
    db.close().await?;
    Ok(all.into_iter().filter(|status| done.contains(&status.number)).collect())
}

/// Takes back every migration above `to`, newest first, with the data that lies in what it made.
///
/// # Errors
/// [`MigrateError`]; also [`OpenError::SchemaTooNew`] for a schema that only a newer version can take back, and
/// [`OpenError::Changed`].
pub async fn down(url: &str, to: i64) -> Result<Vec<Status>, MigrateError> {
    let mut db = Address::parse(url)?.connect().await?;
    let before = compare(&applied(&mut db).await?);
    let mut done = Vec::new();
    while let Some(migration) = step_down(&mut db, to).await? {
        tracing::info!(migration = migration.name, "taken back");
        done.push(migration.number);
    }
    db.close().await?;
    Ok(before.into_iter().rev().filter(|status| done.contains(&status.number)).collect())
}

/// The script between two numbers, for a DBA who applies it by hand: up when `to` is the higher one, otherwise down. Each
/// step is wrapped as [`up`] and [`down`] run it.
#[must_use]
pub fn sql(from: i64, to: i64) -> String {
    let mut script = String::new();
    if from < to {
        script.push_str(&format!("{CREATE_TABLE};\n"));
    }
    for migration in ALL.iter().filter(|migration| migration.number > from && migration.number <= to) {
        let Migration { number, name, up, .. } = migration;
        let checksum: String = migration.checksum().iter().map(|byte| format!("{byte:02x}")).collect();
        let remember = format!(
            "INSERT INTO {TABLE} (number, name, checksum) VALUES ({number}, '{name}', '\\x{checksum}');"
        );
        script.push_str(&step(up, &remember));
    }
    for migration in ALL.iter().rev().filter(|migration| migration.number <= from && migration.number > to) {
        let forget = format!("DELETE FROM {TABLE} WHERE number = {};", migration.number);
        script.push_str(&step(migration.down, &forget));
    }
    script
}

fn step(script: &str, note: &str) -> String {
    format!("\nBEGIN;\n{LOCK_TABLE};\n{LOCK_TIMEOUT};\n{script}{note}\nCOMMIT;\n")
}

/// What a store needs before it serves: exactly the schema of this version.
pub(crate) async fn check(db: &mut PgConnection) -> Result<(), MigrateError> {
    let applied = applied(db).await?;
    if applied.is_empty() {
        refuse_strangers(db).await?;
    }
    let found = applied.last().map_or(0, |row| row.number);
    refuse_newer(&applied)?;
    for status in compare(&applied) {
        match status.state {
            State::Applied { .. } => {}
            State::Pending => return Err(OpenError::SchemaTooOld { found, needed: newest() }.into()),
            State::Changed { .. } => return Err(OpenError::Changed(status.number).into()),
            State::Unknown { .. } => return Err(OpenError::SchemaTooNew { found, known: newest() }.into()),
        }
    }
    Ok(())
}

struct Applied {
    number: i64,
    name: String,
    checksum: Vec<u8>,
    at: Timestamp,
}

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS eventify_migrations (\n    \
     number bigint PRIMARY KEY,\n    \
     name text NOT NULL,\n    \
     checksum bytea NOT NULL,\n    \
     applied_at timestamptz NOT NULL DEFAULT now()\n)";

async fn exists(db: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let asked = sqlx::query("SELECT to_regclass('eventify_migrations') IS NOT NULL");
    asked.fetch_one(db).await?.try_get(0)
}

async fn applied(db: &mut PgConnection) -> Result<Vec<Applied>, MigrateError> {
    if !exists(db).await? {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(
        "SELECT number, name, checksum, (extract(epoch FROM applied_at) * 1000000)::bigint \
         FROM eventify_migrations ORDER BY number",
    );
    let rows = rows.fetch_all(db).await.map_err(|error| match error {
        // undefined_column, or a column of another type
        sqlx::Error::Database(e) if e.code().as_deref() == Some("42703") => foreign_table().into(),
        sqlx::Error::ColumnDecode { .. } => foreign_table().into(),
        other => MigrateError::from(other),
    })?;
    let read = rows.into_iter().map(|row| {
        let at = Timestamp::from_micros(row.try_get(3)?).unwrap_or(Timestamp::MIN);
        Ok(Applied { number: row.try_get(0)?, name: row.try_get(1)?, checksum: row.try_get(2)?, at })
    });
    read.collect::<Result<_, sqlx::Error>>().map_err(|_| foreign_table().into())
}

fn foreign_table() -> OpenError {
    OpenError::Foreign(format!("its table {TABLE} has other columns than ours"))
}

fn compare(applied: &[Applied]) -> Vec<Status> {
    let known = ALL.iter().map(|migration| {
        let state = match applied.iter().find(|row| row.number == migration.number) {
            None => State::Pending,
            Some(row) if row.checksum == migration.checksum() => State::Applied { at: row.at },
            Some(row) => State::Changed { at: row.at },
        };
        Status { number: migration.number, name: migration.name.to_owned(), state }
    });
    let newer = applied.iter().filter(|row| ALL.iter().all(|migration| migration.number != row.number));
    let newer = newer.map(|row| Status {
        number: row.number,
        name: row.name.clone(),
        state: State::Unknown { at: row.at },
    });
    known.chain(newer).collect()
}

fn refuse_newer(applied: &[Applied]) -> Result<(), OpenError> {
    match applied.last() {
        Some(row) if row.number > newest() => {
            Err(OpenError::SchemaTooNew { found: row.number, known: newest() })
        }
        _ => Ok(()),
    }
}

fn refuse_changed(applied: &[Applied]) -> Result<(), OpenError> {
    let changed = compare(applied).into_iter().find(|s| matches!(s.state, State::Changed { .. }));
    changed.map_or(Ok(()), |status| Err(OpenError::Changed(status.number)))
}

/// Tables of our names without our history are somebody else's.
async fn refuse_strangers(db: &mut PgConnection) -> Result<(), MigrateError> {
    let schema: Option<String> =
        sqlx::query("SELECT current_schema()::text").fetch_one(&mut *db).await?.try_get(0)?;
    if schema.is_none() {
        let words = "the schema that its search_path names does not exist: create it first";
        return Err(OpenError::Foreign(words.to_owned()).into());
    }
    let ours: Vec<&str> = Kind::ALL.iter().map(|kind| kind.table()).collect();
    let found = sqlx::query(
        "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
         AND relname::text = ANY($1) ORDER BY 1",
    );
    let found = found.bind(ours).fetch_all(db).await?;
    let names = found.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
    if names.is_empty() {
        return Ok(());
    }
    let words = format!(
        "it has tables of these names that Eventify did not make: {}. Give Eventify a schema of its own, \
         with ?options=-csearch_path=… in the address",
        names.join(", ")
    );
    Err(OpenError::Foreign(words).into())
}

async fn prepare(db: &mut PgConnection) -> Result<(), MigrateError> {
    if exists(db).await? {
        return Ok(());
    }
    refuse_strangers(db).await?;
    match db.execute(CREATE_TABLE).await {
        // Two that begin on an empty database at once: "if not exists" looks before it makes.
        Err(_) if exists(db).await? => Ok(()),
        other => Ok(other.map(drop)?),
    }
}

const LOCK_TABLE: &str = "LOCK TABLE eventify_migrations IN SHARE ROW EXCLUSIVE MODE";
/// A migration that waits for a lock makes everybody behind it wait too, so it gives up soon and says so.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '10s'";

/// Applies the next migration, if one is missing.
async fn step_up(db: &mut PgConnection) -> Result<Option<&'static Migration>, MigrateError> {
    let mut txn = db.begin().await?;
    txn.execute(LOCK_TABLE).await?;
    txn.execute(LOCK_TIMEOUT).await?;
    // Read behind the lock: somebody else may have been here.
    let applied = applied(&mut txn).await?;
    refuse_newer(&applied)?;
    refuse_changed(&applied)?;
    let next = ALL.iter().find(|migration| applied.iter().all(|row| row.number != migration.number));
    let Some(migration) = next else {
        txn.rollback().await?;
        return Ok(None);
    };
    run(&mut txn, migration, migration.up).await?;
    let remember =
        sqlx::query("INSERT INTO eventify_migrations (number, name, checksum) VALUES ($1, $2, $3)");
    let remember = remember.bind(migration.number).bind(migration.name).bind(migration.checksum());
    remember.execute(&mut *txn).await?;
    txn.commit().await?;
    Ok(Some(migration))
}

/// Takes back the newest migration above `to`, if there is one.
async fn step_down(db: &mut PgConnection, to: i64) -> Result<Option<&'static Migration>, MigrateError> {
    if !exists(db).await? {
        return Ok(None);
    }
    let mut txn = db.begin().await?;
    txn.execute(LOCK_TABLE).await?;
    txn.execute(LOCK_TIMEOUT).await?;
    let applied = applied(&mut txn).await?;
    refuse_newer(&applied)?;
    // Another wording may have made other things: our way down would tear out a part of them.
    refuse_changed(&applied)?;
    let newest = applied.last().filter(|row| row.number > to);
    let Some(migration) = newest.and_then(|row| ALL.iter().find(|m| m.number == row.number)) else {
        txn.rollback().await?;
        return Ok(None);
    };
    run(&mut txn, migration, migration.down).await?;
    let forget = sqlx::query("DELETE FROM eventify_migrations WHERE number = $1").bind(migration.number);
    forget.execute(&mut *txn).await?;
    txn.commit().await?;
    Ok(Some(migration))
}

async fn run(db: &mut PgConnection, migration: &Migration, script: &'static str) -> Result<(), MigrateError> {
    let ran = sqlx::raw_sql(script).execute(db).await;
    ran.map(drop)
        .map_err(|error| MigrateError::Script { name: migration.name.to_owned(), reason: describe(&error) })
}
