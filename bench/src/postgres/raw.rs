//! The yardstick: SQL by hand, writing the same rows in the same tables with none of our code.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::postgres::{PgPoolOptions, PgRow};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Row};
use uuid::Uuid;

use crate::Result;
use crate::crowd::{Outcome, run_for};
use crate::sale::Shelf;

/// The tables that a booking of one ticket adds a row to, and which columns say whose and what it is.
const ADDED: &[(&str, &[(&str, &str)])] = &[
    ("bookings", &[("id", "booking"), ("user_id", "person")]),
    ("booking_lines", &[("booking_id", "booking")]),
    (
        "tickets",
        &[("id", "ticket"), ("booking_id", "booking"), ("user_id", "person"), ("short_code", "code")],
    ),
    ("short_codes", &[("short_code", "code"), ("ticket_id", "ticket")]),
    ("allowances", &[("user_id", "person")]),
    ("notifications", &[("id", "note"), ("user_id", "person"), ("fact_id", "fact")]),
    ("audit_entries", &[("id", "entry")]),
];

/// The tables whose row for the event or the ticket type a booking changes.
const CHANGED: &[&str] = &["ticket_types", "inventories", "event_tallies"];
/// What the product writes once for each commit, however many bookings are in it: the yardstick's need none.
const OURS: &[&str] = &["lane_marks"];

/// What it takes to book by hand: statements with everything in them that does not differ between bookings.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    url: String,
    shelves: Arc<Vec<Shelf>>,
    one: Arc<str>,
    many: Arc<str>,
}

impl Raw {
    /// Learns the statements from a database in which the product has made bookings.
    pub(super) async fn learn(url: &str, shelves: Arc<Vec<Shelf>>) -> Result<Self> {
        let mut db = PgConnection::connect(url).await?;
        let mut steps = String::new();
        for (table, own) in ADDED {
            steps.push_str(&added(&mut db, table, own).await?);
        }
        is_all(&mut db).await?;
        db.close().await?;
        let counters = "\
            , types AS (UPDATE ticket_types SET sold = sold + (SELECT count(*) FROM given), version = $10 \
                WHERE id = $8), \
            seats AS (UPDATE inventories SET sold = sold + (SELECT count(*) FROM given), version = $10 \
                WHERE event_id = $9), \
            tally AS (UPDATE event_tallies SET types = types, quarters = quarters, version = $10 \
                WHERE event_id = $9) \
            SELECT 1";
        let names = "booking, ticket, person, code, note, fact, entry";
        let one = format!(
            "WITH given AS (SELECT * FROM (VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bytea, $5::uuid, \
             $6::uuid, $7::uuid)) AS g({names})){steps}{counters}"
        );
        let many = format!(
            "WITH given AS (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bytea[], $5::uuid[], \
             $6::uuid[], $7::uuid[]) AS g({names})){steps}{counters}"
        );
        Ok(Self { url: url.to_owned(), shelves, one: one.into(), many: many.into() })
    }

    /// Bookings of so many connections at once, each in a transaction of its own that locks its ticket type first.
    pub(super) async fn run(&self, seconds: f64, connections: u32, shelves: usize) -> Result<Outcome> {
        let pool = self.pool(connections).await?;
        let shared = (self.clone(), pool.clone(), Arc::new(AtomicUsize::new(0)));
        let made = run_for(seconds, usize::try_from(connections)?, move || {
            let (raw, pool, nth) = shared.clone();
            async move {
                let n = nth.fetch_add(1, Ordering::Relaxed);
                raw.book(&pool, raw.shelf(n % shelves)).await.map(|()| 1)
            }
        })
        .await?;
        pool.close().await;
        Ok(made)
    }

    /// So many bookings in each transaction, by set-based statements, on one connection.
    pub(super) async fn run_batches(&self, seconds: f64, batch: usize) -> Result<Outcome> {
        let pool = self.pool(1).await?;
        let shared = (self.clone(), pool.clone());
        let made = run_for(seconds, 1, move || {
            let (raw, pool) = shared.clone();
            async move { raw.book_many(&pool, batch).await.map(|()| batch) }
        })
        .await?;
        pool.close().await;
        Ok(made)
    }

    fn shelf(&self, n: usize) -> Shelf {
        self.shelves[n % self.shelves.len()]
    }

    async fn pool(&self, connections: u32) -> Result<PgPool> {
        let options = PgPoolOptions::new().max_connections(connections).min_connections(connections);
        Ok(options.test_before_acquire(false).connect(&self.url).await?)
    }

    async fn book(&self, pool: &PgPool, shelf: Shelf) -> Result {
        let mut transaction = pool.begin().await?;
        lock(&mut transaction, shelf).await?;
        sqlx::query(AssertSqlSafe(self.one.to_string()))
            .bind(fresh())
            .bind(fresh())
            .bind(fresh())
            .bind(code())
            .bind(fresh())
            .bind(fresh())
            .bind(fresh())
            .bind(shelf.ticket_type_id.uuid())
            .bind(shelf.event_id.uuid())
            .bind(stamp())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn book_many(&self, pool: &PgPool, batch: usize) -> Result {
        let shelf = self.shelf(0);
        let ids = || (0..batch).map(|_| fresh()).collect::<Vec<Uuid>>();
        let mut transaction = pool.begin().await?;
        lock(&mut transaction, shelf).await?;
        sqlx::query(AssertSqlSafe(self.many.to_string()))
            .bind(ids())
            .bind(ids())
            .bind(ids())
            .bind((0..batch).map(|_| code()).collect::<Vec<_>>())
            .bind(ids())
            .bind(ids())
            .bind(ids())
            .bind(shelf.ticket_type_id.uuid())
            .bind(shelf.event_id.uuid())
            .bind(stamp())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

async fn lock(db: &mut PgConnection, shelf: Shelf) -> Result<PgRow> {
    let locked = "SELECT quantity, sold, held FROM ticket_types WHERE id = $1 FOR UPDATE";
    let row = sqlx::query(locked).bind(shelf.ticket_type_id.uuid()).fetch_one(db).await?;
    let left = row.try_get::<i64, _>(0)? - row.try_get::<i64, _>(1)? - row.try_get::<i64, _>(2)?;
    if left <= 0 {
        return Err("the yardstick is sold out".into());
    }
    Ok(row)
}

/// Refuses a yardstick that leaves a table of records out which the product wrote to for its last booking.
async fn is_all(db: &mut PgConnection) -> Result {
    let tables = "SELECT table_name::text FROM information_schema.columns \
        WHERE table_schema = current_schema() AND column_name = 'version'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *db).await?;
    let known: Vec<&str> = ADDED.iter().map(|(table, _)| *table).chain([CHANGED, OURS].concat()).collect();
    for table in tables.iter().filter(|table| !known.contains(&table.as_str())) {
        let written = format!(
            "SELECT EXISTS (SELECT 1 FROM {table} WHERE version = \
             (SELECT version FROM bookings ORDER BY created_at DESC LIMIT 1))"
        );
        if sqlx::query_scalar(AssertSqlSafe(written)).fetch_one(&mut *db).await? {
            return Err(format!("the yardstick does not write {table}, which a booking does").into());
        }
    }
    Ok(())
}

/// One step of the statement: a row like the one that is there, of somebody else.
async fn added(db: &mut PgConnection, table: &str, own: &[(&str, &str)]) -> Result<String> {
    let columns = "SELECT column_name::text, udt_name::text FROM information_schema.columns \
        WHERE table_name = $1 AND table_schema = current_schema() ORDER BY ordinal_position";
    let columns = sqlx::query(columns).bind(table).fetch_all(&mut *db).await?;
    let mut names = Vec::new();
    let mut values = Vec::new();
    for column in columns {
        let (name, kind): (String, String) = (column.try_get(0)?, column.try_get(1)?);
        let value = match own.iter().find(|(own, _)| *own == name) {
            Some((_, given)) => format!("given.{given}"),
            None if name == "ticket_type_id" => "$8".to_owned(),
            None if name == "event_id" => "$9".to_owned(),
            None if name == "version" => "$10".to_owned(),
            None if table == "bookings" && name == "tickets" => "ARRAY[given.ticket]".to_owned(),
            None => {
                let like = format!("SELECT quote_nullable(\"{name}\"::text) FROM {table} LIMIT 1");
                let like: String = sqlx::query_scalar(AssertSqlSafe(like)).fetch_one(&mut *db).await?;
                format!("{like}::{kind}")
            }
        };
        names.push(format!("\"{name}\""));
        values.push(value);
    }
    let (names, values) = (names.join(", "), values.join(", "));
    Ok(format!(", new_{table} AS (INSERT INTO {table} ({names}) SELECT {values} FROM given)"))
}

#[allow(clippy::disallowed_methods, reason = "a yardstick makes its own ids")]
fn fresh() -> Uuid {
    Uuid::now_v7()
}

fn code() -> Vec<u8> {
    fresh().as_bytes()[8..].to_vec()
}

fn stamp() -> i64 {
    i64::from_be_bytes(fresh().as_bytes()[8..].try_into().unwrap_or([1; 8]))
}
