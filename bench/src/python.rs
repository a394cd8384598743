//! What Python adds to a call, and what it leaves of a crowd's speed. `scripts/bench-python` makes the interpreter that this needs.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use eventify_core::booking::{HoldTickets, LineRequest};
use eventify_core::store::MemoryStore;
use eventify_core::{Actor, Eventify, Role, UserId};
use uuid::Uuid;

use crate::figure::{Figure, Report};
use crate::sale::{self, Shelf, put_on_sale};
use crate::{Common, Result};

#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) common: Common,
    /// A Python with Eventify's wheel, built for release.
    #[arg(long, default_value = PYTHON)]
    pub(crate) python: PathBuf,
    /// Calls, one after another, that a turn makes.
    #[arg(long, default_value_t = CALLS)]
    calls: usize,
    /// Bookings that a turn of the crowd makes.
    #[arg(long, default_value_t = BOOKINGS)]
    bookings: usize,
    /// Buyers who wait for an answer at any moment.
    #[arg(long, default_value_t = BUYERS)]
    buyers: usize,
}

const PYTHON: &str = "target/python/bench/bin/python";
const CALLS: usize = 10_000;
const BOOKINGS: usize = 20_000;
const BUYERS: usize = 256;
/// How often a turn makes the calls, in Rust and in Python one after another: together a second, in which a machine is the same
/// for both.
const PAIRS: usize = 3;

impl Measure {
    pub(crate) fn of(common: &Common) -> Self {
        let python = PYTHON.into();
        Self { common: common.clone(), python, calls: CALLS, bookings: BOOKINGS, buyers: BUYERS }
    }
}

pub(crate) async fn measure(of: &Measure) -> Result<Report> {
    if !of.python.exists() {
        let place = of.python.display();
        return Err(format!("there is no {place}: scripts/bench-python makes it, with the wheel").into());
    }
    let mut read = [Figure::in_unit("a read in Rust", "µs"), Figure::in_unit("a read in Python", "µs")];
    let mut bought =
        [Figure::in_unit("a purchase in Rust", "µs"), Figure::in_unit("a purchase in Python", "µs")];
    let mut added =
        [Figure::in_unit("Python adds to a read", "µs"), Figure::in_unit("Python adds to a purchase", "µs")];
    let mut crowd = Figure::new(format!("Rust, {} buyers at a time", of.buyers));
    let mut awaiting = Figure::new(format!("asyncio, {} buyers at a time", of.buyers));
    for _ in 0..of.common.turns {
        for _ in 0..PAIRS {
            let calls = of.calls;
            // An engine with threads of its own, as Python has it: not from within a runtime.
            let rust =
                std::thread::spawn(move || per_call(calls)).join().map_err(|_| "the calls failed")??;
            let python = load(of, &["calls".to_owned(), calls.to_string()]).await?;
            for (figures, nth) in [(&mut read, 0), (&mut bought, 1)] {
                let python = python.get(nth).copied().ok_or("Python printed less than two figures")?;
                figures[0].add_value(rust[nth]);
                figures[1].add_value(python);
                added[nth].add_value(python - rust[nth]);
            }
        }
        crowd.add(&sale::run(of.bookings, of.buyers).await?);
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("sale.redb").display().to_string();
        let crowded = ["crowd".to_owned(), of.bookings.to_string(), of.buyers.to_string(), file];
        awaiting.add_value(load(of, &crowded).await?.first().copied().ok_or("Python printed nothing")?);
    }
    let mut report = Report::new("Python");
    report.note("Calls one after another over memory; crowds in one redb file. Python makes dataclasses of every answer.");
    report.at_most("added to a read, in µs", added[0].median(), 25.0);
    report.at_most("added to a purchase, in µs", added[1].median(), 25.0);
    report.at_least("asyncio's crowd / Rust's", awaiting.median() / crowd.median(), 0.5);
    report.figures = read.into_iter().chain(bought).chain(added).chain([crowd, awaiting]).collect();
    Ok(report)
}

/// The figures that Python prints.
async fn load(of: &Measure, arguments: &[String]) -> Result<Vec<f64>> {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/src/python/load.py");
    let done = tokio::process::Command::new(&of.python).arg(program).args(arguments).output().await?;
    if !done.status.success() {
        return Err(format!("Python failed: {}", String::from_utf8_lossy(&done.stderr)).into());
    }
    let printed = String::from_utf8(done.stdout)?;
    Ok(printed.split_whitespace().map(str::parse).collect::<std::result::Result<_, _>>()?)
}

/// Microseconds that a read and a purchase take, one after another.
fn per_call(calls: usize) -> Result<[f64; 2]> {
    let eventify = Eventify::builder(MemoryStore::new()).start_blocking()?;
    let Shelf { event_id, ticket_type_id } = eventify.wait(put_on_sale(&eventify, 0))?;
    let buyers: Vec<Actor> = (0..calls).map(|_| somebody()).collect();
    let visitor = somebody();
    let read = timed(calls, |_| {
        eventify.wait(eventify.ticket_types().get(&visitor, event_id, ticket_type_id)).map(drop)
    })?;
    let bought = timed(calls, |nth| {
        let lines = vec![LineRequest { ticket_type_id, quantity: 1 }];
        let buyer = buyers.get(nth).unwrap_or(&visitor);
        eventify.wait(eventify.bookings().buy(buyer, HoldTickets::new(event_id, lines))).map(drop)
    })?;
    eventify.wait(eventify.shut_down());
    Ok([read, bought])
}

#[allow(clippy::disallowed_methods, reason = "buyers are strangers")]
fn somebody() -> Actor {
    Actor::user(UserId::from_uuid(Uuid::now_v7()), Role::Attendee)
}

#[allow(clippy::cast_precision_loss, clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn timed(
    calls: usize,
    mut call: impl FnMut(usize) -> std::result::Result<(), eventify_core::Error>,
) -> Result<f64> {
    let begun = Instant::now();
    for nth in 0..calls {
        call(nth)?;
    }
    Ok(begun.elapsed().as_secs_f64() * 1e6 / calls as f64)
}
