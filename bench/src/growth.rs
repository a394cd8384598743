//! What very many stored tickets cost: speed, memory, and time to start.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use eventify_core::Eventify;
use eventify_store_redb::RedbStore;

use crate::crowd::{Outcome, run_counted};
use crate::figure::{Figure, Report};
use crate::http::{Load, Pace, request};
use crate::plot::{Line, Plot};
use crate::process::Process;
use crate::sale::{Sale, Shelf};
use crate::{Common, Result};

#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Tickets that are stored in the end.
    #[arg(long, default_value_t = TICKETS)]
    tickets: usize,
    /// Buyers who wait for an answer at any moment.
    #[arg(long, default_value_t = BUYERS)]
    buyers: usize,
}

const TICKETS: usize = 5_000_000;
const BUYERS: usize = 256;
/// Bookings of a turn: few, so that what is stored stays what it was.
const BOOKINGS: usize = 5_000;
/// Tickets that are stored at first.
const FEW: usize = 10_000;
/// On the way to the most, speed is looked at with so many.
const STOPS: [usize; 5] = [10_000, 50_000, 200_000, 1_000_000, 2_500_000];
/// Events that the tickets are of: each has room for a million.
const EVENTS: usize = 50;

impl Measure {
    pub(crate) fn of(common: &Common) -> Self {
        Self { common: common.clone(), tickets: TICKETS, buyers: BUYERS }
    }
}

pub(crate) async fn measure(of: &Measure) -> Result<Report> {
    let dir = tempfile::tempdir()?;
    let (small, large) = (dir.path().join("small.redb"), dir.path().join("large.redb"));
    let few = fill(&small, FEW, Vec::new()).await?;
    let (mut many, mut line, mut stored) = (Vec::new(), Line::new("Eventify on redb"), 0);
    for stop in STOPS.into_iter().filter(|stop| *stop < of.tickets).chain([of.tickets]) {
        many = fill(&large, stop.saturating_sub(stored), many).await?;
        stored = stop.max(stored);
        let mut turns = Vec::new();
        for _ in 0..of.common.turns_of_a_plot() {
            turns.push(sell(&large, &many, of).await?);
            stored += BOOKINGS;
        }
        line.add(stop, turns);
    }
    let mut fast = Figure::new(format!("with {FEW} tickets stored"));
    let mut slow = Figure::new(format!("with {} tickets stored", of.tickets));
    for _ in 0..of.common.turns {
        let again = dir.path().join("again.redb");
        std::fs::copy(&small, &again)?;
        fast.add(&sell(&again, &few, of).await?);
        std::fs::remove_file(&again)?;
        slow.add(&sell(&large, &many, of).await?);
    }
    let mut report = Report::new("Growth");
    report.at_least("many / few tickets stored", slow.median() / fast.median(), 0.7);
    report.figures = vec![fast, slow];
    let title = format!("Purchases in one redb file by {} buyers", of.buyers);
    report.plots.push(Plot::new("growth-redb.svg", &title, "tickets stored", "bookings/s", vec![line]));
    service(&dir.path().join("new.redb"), &large, of, &mut report).await?;
    Ok(report)
}

/// Sells so many tickets more, of events that are there or are made.
pub(crate) async fn fill(file: &Path, tickets: usize, there: Vec<Shelf>) -> Result<Vec<Shelf>> {
    let store = Arc::new(RedbStore::open(file)?);
    let sale = if there.is_empty() {
        Sale::open(store, EVENTS).await?
    } else {
        Sale::of(Eventify::builder_over(store).start().await?, there)
    };
    let sale = Arc::new(sale);
    sale.sell_out(tickets, 10).await?;
    sale.eventify.shut_down().await;
    Ok(sale.shelves.clone())
}

async fn sell(file: &Path, shelves: &[Shelf], of: &Measure) -> Result<Outcome> {
    let eventify = Eventify::builder(RedbStore::open(file)?).start().await?;
    let sale = Arc::new(Sale::of(eventify, shelves.iter().take(1).copied().collect()));
    let shared = sale.clone();
    let made = run_counted(BOOKINGS, of.buyers, move || {
        let sale = shared.clone();
        async move { sale.buy(0).await }
    })
    .await?;
    sale.eventify.shut_down().await;
    Ok(made)
}

/// The service over a new file and over the large one.
async fn service(new: &Path, large: &Path, of: &Measure, report: &mut Report) -> Result {
    let mut idle = Figure::in_unit("memory of an idle service", "MiB");
    let mut loaded = Figure::in_unit("memory with many tickets stored, after reads", "MiB");
    let mut clean = Figure::in_unit("start with many tickets, after a clean stop", "s");
    let mut killed = Figure::in_unit("start with many tickets, after kill -9", "s");
    for _ in 0..of.common.turns {
        let fresh = Process::serve(new).await?;
        idle.add_value(fresh.memory()?);
        fresh.stop().await?;
        let service = Process::serve(large).await?;
        clean.add_value(service.started_in.as_secs_f64());
        let list = request("GET", "/api/events?limit=20", &[], "");
        let reads = Load { address: service.address, requests: vec![list], status: 200 };
        reads.run(64, of.common.seconds, Pace::Closed).await?;
        loaded.add_value(service.memory()?);
        service.kill().await?;
        let again = Process::serve(large).await?;
        killed.add_value(again.started_in.as_secs_f64());
        again.stop().await?;
    }
    report.at_most("memory idle, in MiB", idle.median(), 30.0);
    report.at_most("memory with many tickets, in MiB", loaded.median(), 200.0);
    report.at_most("start after a clean stop, in s", clean.median(), 0.3);
    report.at_most("start after kill -9, in s", killed.median(), 2.0);
    report.figures.extend([idle, loaded, clean, killed]);
    Ok(())
}
