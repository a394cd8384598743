//! Measures Eventify against what its storage engine can do at best, side by side in one run.
//!
//! `cargo run --release -p eventify-bench -- --check` prints a table, and fails when a bar is missed. Yardstick and
//! product take turns (A B A B …), because machines are shared and noisy: only ratios of one run mean anything.
#![allow(clippy::print_stdout, reason = "a program for people to read")]

mod figure;
mod postgres;
mod product;
mod rows;
mod yardstick;

use std::path::PathBuf;
use std::time::Instant;

use clap::{Parser, Subcommand};
use figure::{Figure, Report};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measures bookings per second: in one redb file, or in Postgres.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    other: Option<Other>,
    /// Fail when a bar is missed.
    #[arg(long)]
    check: bool,
    /// Also write the figures to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Turns that yardstick and product take.
    #[arg(long, default_value_t = 5)]
    turns: usize,
    /// Bookings that a turn of the product makes.
    #[arg(long, default_value_t = 20_000)]
    bookings: usize,
    /// Buyers who wait for an answer at any moment.
    #[arg(long, default_value_t = 256)]
    buyers: usize,
}

/// What else there is to measure.
#[derive(Debug, Subcommand)]
enum Other {
    /// In Postgres, on a server of its own.
    Postgres(postgres::Measure),
    /// One of several processes of a measurement.
    #[command(hide = true)]
    Worker(postgres::Work),
}

fn main() -> Result {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (report, json, check) = match &arguments.other {
        Some(Other::Worker(work)) => return runtime.block_on(postgres::work(work)),
        Some(Other::Postgres(of)) => (runtime.block_on(postgres::measure(of))?, &of.json, of.check),
        None => (runtime.block_on(measure(&arguments))?, &arguments.json, arguments.check),
    };
    print!("{report}");
    if let Some(path) = json {
        std::fs::write(path, serde_json::to_vec_pretty(&report)?)?;
    }
    if check && !report.passed() {
        return Err("a bar is missed".into());
    }
    Ok(())
}

async fn measure(arguments: &Arguments) -> Result<Report> {
    // What one booking writes, as bytes: captured from the product, written by the yardstick without it.
    let rows = rows::capture(2_048).await?;
    let single_bookings = (arguments.bookings / 20).max(100);
    let mut raw_single = Figure::new("raw redb, one booking a commit");
    let mut raw_64 = Figure::new("raw redb, 64 bookings a commit");
    let mut crowd = Figure::new("Eventify, a crowd of buyers");
    let mut alone = Figure::new("Eventify, one buyer at a time");
    for _ in 0..arguments.turns {
        raw_single.add_rate(yardstick::run(&rows, single_bookings, 1)?);
        crowd.add_rate(product::run(arguments.bookings, arguments.buyers).await?);
        raw_64.add_rate(yardstick::run(&rows, arguments.bookings, 64)?);
        alone.add_rate(product::run(single_bookings, 1).await?);
    }
    let mut report = Report::new(rows.first().map_or(0, rows::Booking::entries));
    report.ratio("crowd / raw single", crowd.median() / raw_single.median(), 5.0);
    report.ratio("crowd / raw 64 a commit", crowd.median() / raw_64.median(), 0.6);
    report.at_most("latency alone / raw single", raw_single.median() / alone.median(), 1.5);
    report.figures = vec![raw_single, raw_64, crowd, alone];
    Ok(report)
}

/// Things per second since an instant.
#[allow(clippy::cast_precision_loss, clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn rate(count: usize, since: Instant) -> f64 {
    count as f64 / since.elapsed().as_secs_f64()
}
