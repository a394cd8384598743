//! Measures Eventify against what its engines can do at best, side by side in one run.
//!
//! `cargo run --release -p eventify-bench -- all --check` prints tables, and fails when a bar is missed. Yardstick and
//! product take turns (A B A B …), because machines are shared and noisy: only ratios of one run mean anything.
#![allow(clippy::print_stdout, reason = "a program for people to read")]

mod bare;
mod crowd;
mod door;
mod embedded;
mod figure;
mod growth;
mod http;
mod listeners;
mod outlets;
mod postgres;
mod process;
mod python;
mod rows;
mod sale;
mod yardstick;

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};
use figure::Report;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measures Eventify, and what it stands on.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

/// What is measured.
#[derive(Debug, Subcommand)]
enum What {
    /// Everything, one after another: about twenty minutes.
    All(Common),
    /// A crowd that buys, in one redb file.
    Redb(embedded::Measure),
    /// Crowds that buy, in Postgres, on a server of its own.
    Postgres(postgres::Measure),
    /// Check-in, and ticket codes verified without network.
    Door(door::Measure),
    /// The service: purchases and reads over HTTP.
    Http(http::Measure),
    /// Thousands who listen to the service: its memory, and how soon they hear something.
    Listeners(listeners::Measure),
    /// Speed, memory and start with few tickets stored and with very many.
    Growth(growth::Measure),
    /// A crowd that buys while other systems are told of it, or are away.
    Outlets(outlets::Measure),
    /// What Python adds to a call, and leaves of a crowd's speed: by `scripts/bench-python`, which builds the wheel.
    Python(python::Measure),
    /// One of several processes of a measurement.
    #[command(hide = true)]
    Worker(postgres::Work),
    /// The yardstick of the service.
    #[command(hide = true)]
    Bare,
}

/// What every measurement can be told.
#[derive(Debug, Clone, Args)]
struct Common {
    /// Fail when a bar is missed.
    #[arg(long)]
    check: bool,
    /// Also write the figures to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Turns that yardstick and product take.
    #[arg(long, default_value_t = 5)]
    turns: usize,
    /// How long a turn takes, in seconds, where it is not counted in bookings.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
}

fn main() -> Result {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(Arguments::parse().what))
}

async fn run(what: What) -> Result {
    let (common, reports) = match what {
        What::Worker(work) => return postgres::work(&work).await,
        What::Bare => return bare::serve().await,
        What::All(common) => {
            let reports = all(&common).await?;
            (common, reports)
        }
        What::Redb(of) => (of.common.clone(), vec![embedded::measure(&of).await?]),
        What::Postgres(of) => (of.common.clone(), vec![postgres::measure(&of).await?]),
        What::Door(of) => (of.common.clone(), vec![door::measure(&of).await?]),
        What::Http(of) => (of.common.clone(), vec![http::measure(&of).await?]),
        What::Listeners(of) => (of.common.clone(), vec![listeners::measure(&of).await?]),
        What::Outlets(of) => (of.common.clone(), vec![outlets::measure(&of).await?]),
        What::Python(of) => (of.common.clone(), vec![python::measure(&of).await?]),
        What::Growth(of) => (of.common.clone(), vec![growth::measure(&of).await?]),
    };
    reports.iter().for_each(|report| print!("{report}"));
    if let Some(path) = &common.json {
        std::fs::write(path, serde_json::to_vec_pretty(&reports)?)?;
    }
    if common.check && !reports.iter().all(Report::passed) {
        return Err("a bar is missed".into());
    }
    Ok(())
}

async fn all(common: &Common) -> Result<Vec<Report>> {
    let mut reports = vec![
        embedded::measure(&embedded::Measure::of(common)).await?,
        door::measure(&door::Measure::of(common)).await?,
        http::measure(&http::Measure::of(common)).await?,
        outlets::measure(&outlets::Measure::of(common)).await?,
        postgres::measure(&postgres::Measure::of(common)).await?,
        listeners::measure(&listeners::Measure::of(common)).await?,
        growth::measure(&growth::Measure::of(common)).await?,
    ];
    let of_python = python::Measure::of(common);
    if of_python.python.exists() {
        reports.push(python::measure(&of_python).await?);
    } else {
        println!("Python is NOT measured: scripts/bench-python builds the wheel that it needs.\n");
    }
    Ok(reports)
}

/// Things per second since an instant.
#[allow(clippy::cast_precision_loss, clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn rate(count: usize, since: Instant) -> f64 {
    count as f64 / since.elapsed().as_secs_f64()
}
