//! Postgres: the product against SQL by hand, on a server of our own.

mod raw;
mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;
use eventify_store_postgres::PostgresStore;
use eventify_store_postgres::testing::{Database, Server};
use sqlx::{Connection, PgConnection, Row};

pub(crate) use worker::{Work, work};

use crate::crowd::{Outcome, Waits, run_for};
use crate::figure::{Figure, Report};
use crate::plot::Line;
use crate::sale::{Sale, Shelf};
use crate::{Common, Result};
use raw::Raw;

/// Measures bookings per second in Postgres.
#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Buyers who wait for an answer at any moment.
    #[arg(long, default_value_t = BUYERS)]
    buyers: usize,
    /// Events over which sales are spread.
    #[arg(long, default_value_t = EVENTS)]
    events: usize,
    /// Only these parts, of: hot, spread, alone, processes.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

const BUYERS: usize = 256;
const EVENTS: usize = 1_000;

impl Measure {
    pub(crate) fn of(common: &Common) -> Self {
        Self { common: common.clone(), buyers: BUYERS, events: EVENTS, only: Vec::new() }
    }

    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == part)
    }
}

/// A server that has been running for a while: the files of its log are there, and used over again. A new one makes each
/// of them while everybody waits, 60 ms for every 16 MB.
pub(crate) async fn server() -> Server {
    const FILES: usize = 64;
    let server = Server::start_with("min_wal_size = 1GB");
    let database = server.empty_database().await;
    for _ in 0..FILES {
        database
            .execute("SELECT pg_logical_emit_message(false, 'eventify', 'next'); SELECT pg_switch_wal()")
            .await;
    }
    database.execute("CHECKPOINT").await;
    server
}

/// A database with events on sale, and a booking of each in it.
struct Stage {
    database: Database,
    shelves: Arc<Vec<Shelf>>,
    raw: Raw,
}

impl Stage {
    async fn set(server: &Server, events: usize) -> Result<Self> {
        let database = server.database().await;
        let sale = Sale::open(Arc::new(PostgresStore::connect(database.url()).await?), events).await?;
        for nth in 0..events {
            sale.buy(nth).await?;
        }
        sale.eventify.shut_down().await;
        let shelves = Arc::new(sale.shelves.clone());
        // So that nothing of the filling falls into the first turn.
        database.execute("CHECKPOINT").await;
        database.execute("VACUUM ANALYZE").await;
        let raw = Raw::learn(database.url(), shelves.clone()).await?;
        Ok(Self { database, shelves, raw })
    }

    /// The product, with so many buyers over so many of the events.
    async fn run(&self, seconds: f64, buyers: usize, events: usize) -> Result<Outcome> {
        let store = PostgresStore::connect(self.database.url()).await?;
        let eventify = eventify_core::Eventify::builder(store).start().await?;
        let sale = Arc::new(Sale::of(eventify, self.shelves.iter().take(events).copied().collect()));
        let shared = (sale.clone(), Arc::new(AtomicUsize::new(0)));
        let made = run_for(seconds, buyers, move || {
            let (sale, nth) = shared.clone();
            async move { sale.buy(nth.fetch_add(1, Ordering::Relaxed)).await.map(|()| 1) }
        })
        .await?;
        sale.eventify.shut_down().await;
        Ok(made)
    }

    /// Tickets of the first type, as the counter has it and as there are.
    async fn sold(&self) -> Result<(i64, i64)> {
        let shelf = self.shelves.first().ok_or("nothing on sale")?;
        let mut db = PgConnection::connect(self.database.url()).await?;
        let counted = "SELECT sold, (SELECT count(*) FROM tickets WHERE ticket_type_id = t.id) \
            FROM ticket_types t WHERE id = $1 AND sold + held <= quantity";
        let counted = sqlx::query(counted).bind(shelf.ticket_type_id.uuid());
        let row = counted.fetch_optional(&mut db).await?.ok_or("oversold")?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }
}

pub(crate) async fn measure(arguments: &Measure) -> Result<Report> {
    let server = server().await;
    let mut report = Report::new("Purchases in Postgres");
    if arguments.wants("hot") {
        hot(&server, arguments, &mut report).await?;
    }
    if arguments.wants("spread") {
        spread(&server, arguments, &mut report).await?;
    }
    if arguments.wants("alone") {
        alone(&server, arguments, &mut report).await?;
    }
    if arguments.wants("processes") {
        processes(&server, arguments, &mut report).await?;
    }
    Ok(report)
}

/// How crowds of these sizes fare, and SQL by hand as far as connections go.
pub(crate) async fn concurrency(server: &Server, common: &Common, buyers: &[usize]) -> Result<Vec<Line>> {
    const CONNECTIONS_MAX: usize = 64;
    let stage = Stage::set(server, 1).await?;
    let mut ours = Line::new("Eventify");
    let mut raw = Line::new("raw SELECT FOR UPDATE");
    for &buyers in buyers {
        let (mut of_ours, mut of_raw) = (Vec::new(), Vec::new());
        for _ in 0..common.turns_of_a_plot() {
            of_ours.push(stage.run(common.seconds, buyers, 1).await?);
            if buyers <= CONNECTIONS_MAX {
                of_raw.push(stage.raw.run(common.seconds, u32::try_from(buyers)?, 1).await?);
            }
        }
        ours.add(buyers, of_ours);
        raw.add(buyers, of_raw);
    }
    Ok(vec![ours, raw])
}

async fn hot(server: &Server, arguments: &Measure, report: &mut Report) -> Result {
    let stage = Stage::set(server, 1).await?;
    let mut raw = Figure::new("raw SELECT FOR UPDATE, one type, 64 connections");
    let mut raw_64 = Figure::new("raw, one type, 64 bookings a transaction");
    let mut ours = Figure::new("Eventify, one type, a crowd of buyers");
    for _ in 0..arguments.common.turns {
        raw.add(&stage.raw.run(arguments.common.seconds, 64, 1).await?);
        ours.add(&stage.run(arguments.common.seconds, arguments.buyers, 1).await?);
        raw_64.add(&stage.raw.run_batches(arguments.common.seconds, 64).await?);
    }
    report.at_least("hot / raw hot row", ours.median() / raw.median(), 12.0);
    report.figures.extend([raw, ours, raw_64]);
    Ok(())
}

async fn spread(server: &Server, arguments: &Measure, report: &mut Report) -> Result {
    let stage = Stage::set(server, arguments.events).await?;
    let mut raw = Figure::new("raw SELECT FOR UPDATE, spread, 16 connections");
    let mut ours = Figure::new("Eventify, spread, a crowd of buyers");
    for _ in 0..arguments.common.turns {
        raw.add(&stage.raw.run(arguments.common.seconds, 16, arguments.events).await?);
        ours.add(&stage.run(arguments.common.seconds, arguments.buyers, arguments.events).await?);
    }
    report.at_least("spread / raw spread", ours.median() / raw.median(), 3.0);
    report.figures.extend([raw, ours]);
    Ok(())
}

async fn alone(server: &Server, arguments: &Measure, report: &mut Report) -> Result {
    let stage = Stage::set(server, 1).await?;
    let mut raw = Figure::new("raw SELECT FOR UPDATE, one connection");
    let mut ours = Figure::new("Eventify, one buyer at a time");
    for _ in 0..arguments.common.turns {
        raw.add(&stage.raw.run(arguments.common.seconds, 1, 1).await?);
        ours.add(&stage.run(arguments.common.seconds, 1, 1).await?);
    }
    report.at_most("latency alone / one raw transaction", raw.median() / ours.median(), 3.0);
    report.figures.extend([raw, ours]);
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "a few thousand")]
async fn processes(server: &Server, arguments: &Measure, report: &mut Report) -> Result {
    const COUNT: usize = 3;
    let stage = Stage::set(server, 1).await?;
    let shelf = stage.shelves.first().copied().ok_or("nothing on sale")?;
    let (url, buyers) = (stage.database.url(), arguments.buyers);
    let mut one = Figure::new("Eventify, one process, one type");
    let mut three = Figure::new("Eventify, three processes, one type");
    let (mut slowest, mut least) = (0.0f64, f64::INFINITY);
    for _ in 0..arguments.common.turns {
        let alone = worker::run(url, shelf, 1, buyers, arguments.common.seconds).await?;
        alone.iter().for_each(|outcome| one.add(outcome));
        let together = worker::run(url, shelf, COUNT, buyers, arguments.common.seconds).await?;
        let total: f64 = together.iter().map(|outcome| outcome.per_second).sum();
        let worst = together.iter().fold(Waits::default(), |worst, outcome| worst.worse(outcome.waits));
        three.add(&Outcome { done: 0, per_second: total, waits: worst });
        slowest = slowest.max(worst.p99);
        let fewest = together.iter().map(|outcome| outcome.per_second).fold(f64::INFINITY, f64::min);
        least = least.min(fewest * COUNT as f64 / total);
    }
    let (counted, there) = stage.sold().await?;
    if counted != there {
        return Err(format!("{counted} tickets counted, {there} there").into());
    }
    report.at_least("three processes / one", three.median() / one.median(), 0.8);
    report.at_most("the slowest process's p99, in s", slowest / 1_000.0, 1.0);
    report.at_least("the least that one of three sold, of a third", least, 0.5);
    report.figures.extend([one, three]);
    Ok(())
}
