//! Measures Eventify against what its engines can do at best, side by side in one run.
//!
//! `cargo run --release -p eventify-bench -- all --check` prints tables, and fails when a bar is missed. Yardstick and
//! product take turns (A B A B …), because machines are shared and noisy: only ratios of one run mean anything.
#![allow(clippy::print_stdout, reason = "a program for people to read")]

mod bare;
mod concurrency;
mod crowd;
mod document;
mod door;
mod embedded;
mod figure;
mod growth;
mod heard;
mod http;
mod listeners;
mod outlets;
mod outside;
mod plot;
mod postgres;
mod process;
mod python;
mod rows;
mod sale;
mod sets;
mod yardstick;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};
use document::Document;
use figure::Report;
use tokio::signal::unix::{SignalKind, signal};

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
    /// How soon buyers' open pages hear of purchases, while mail, a webhook, Kafka, RabbitMQ and NATS are told, too.
    Heard(heard::Measure),
    /// One event, and more and more buyers.
    Concurrency(concurrency::Measure),
    /// Hundreds of thousands who are told something or have to be listed, while others buy.
    Sets(sets::Measure),
    /// Speed, memory and start with few tickets stored and with very many.
    Growth(growth::Measure),
    /// A crowd that buys while other systems are told of it, or are away.
    Outlets(outlets::Measure),
    /// What Python adds to a call, and leaves of a crowd's speed: by `scripts/bench-python`, which builds the wheel.
    Python(python::Measure),
    /// Makes the documentation's tables and plots from figures that were kept.
    Document(document::Make),
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
    /// Also write the figures to this file, as JSON, and plots beside it; after each measurement.
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
    runtime.block_on(async {
        let what = Arguments::parse().what;
        // Whoever ends it has ended all that it started: processes end where they are dropped.
        tokio::select! {
            done = run(what) => done,
            told = told_to_end() => Err(told.map_or_else(Into::into, |()| "it was told to end".into())),
        }
    })
}

async fn told_to_end() -> std::io::Result<()> {
    let mut term = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = term.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    }
}

impl Common {
    /// A plot has many points, and none of them is judged by itself.
    fn turns_of_a_plot(&self) -> usize {
        self.turns.min(3)
    }
}

async fn run(what: What) -> Result {
    let (common, measurements): (Common, Vec<Measurement>) = match what {
        What::Worker(work) => return postgres::work(&work).await,
        What::Bare => return bare::serve().await,
        What::Document(of) => return document::write(&of),
        What::All(common) => (common.clone(), all(&common)),
        What::Redb(of) => (of.common.clone(), one(async move { embedded::measure(&of).await })),
        What::Postgres(of) => (of.common.clone(), one(async move { postgres::measure(&of).await })),
        What::Door(of) => (of.common.clone(), one(async move { door::measure(&of).await })),
        What::Http(of) => (of.common.clone(), one(async move { http::measure(&of).await })),
        What::Listeners(of) => (of.common.clone(), one(async move { listeners::measure(&of).await })),
        What::Heard(of) => (of.common.clone(), one(async move { heard::measure(&of).await })),
        What::Outlets(of) => (of.common.clone(), one(async move { outlets::measure(&of).await })),
        What::Concurrency(of) => (of.common.clone(), one(async move { concurrency::measure(&of).await })),
        What::Sets(of) => (of.common.clone(), one(async move { sets::measure(&of).await })),
        What::Python(of) => (of.common.clone(), one(async move { python::measure(&of).await })),
        What::Growth(of) => (of.common.clone(), one(async move { growth::measure(&of).await })),
    };
    let mut document = Document::begin();
    let mut failed = None;
    for measurement in measurements {
        match measurement.await {
            Ok(report) => {
                print!("{report}");
                document.reports.push(report);
            }
            // The others are still worth their time.
            Err(error) => {
                println!("FAILED: {error}\n");
                failed = Some(error);
            }
        }
        if let Some(file) = &common.json {
            document.save(file)?;
        }
    }
    match failed {
        Some(error) => Err(error),
        None if common.check && !document.passed() => Err("a bar is missed".into()),
        None => Ok(()),
    }
}

type Measurement = Pin<Box<dyn Future<Output = Result<Report>>>>;

fn one(measurement: impl Future<Output = Result<Report>> + 'static) -> Vec<Measurement> {
    vec![Box::pin(measurement)]
}

fn all(common: &Common) -> Vec<Measurement> {
    let of_python = python::Measure::of(common);
    let common = || common.clone();
    let (redb, door, http) = (common(), common(), common());
    let (outlets, postgres, concurrency) = (common(), common(), common());
    let (listeners, heard, sets, growth) = (common(), common(), common(), common());
    let mut measurements: Vec<Measurement> = vec![
        Box::pin(async move { embedded::measure(&embedded::Measure::of(&redb)).await }),
        Box::pin(async move { door::measure(&door::Measure::of(&door)).await }),
        Box::pin(async move { http::measure(&http::Measure::of(&http)).await }),
        Box::pin(async move { outlets::measure(&outlets::Measure::of(&outlets)).await }),
        Box::pin(async move { postgres::measure(&postgres::Measure::of(&postgres)).await }),
        Box::pin(async move { concurrency::measure(&concurrency::Measure::of(&concurrency)).await }),
        Box::pin(async move { listeners::measure(&listeners::Measure::of(&listeners)).await }),
        Box::pin(async move { heard::measure(&heard::Measure::of(&heard)).await }),
        Box::pin(async move { sets::measure(&sets::Measure::of(&sets)).await }),
        Box::pin(async move { growth::measure(&growth::Measure::of(&growth)).await }),
    ];
    if of_python.python.exists() {
        measurements.push(Box::pin(async move { python::measure(&of_python).await }));
    } else {
        println!("Python is NOT measured: scripts/bench-python builds the wheel that it needs.\n");
    }
    measurements
}

/// Things per second since an instant.
#[allow(clippy::cast_precision_loss, clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn rate(count: usize, since: Instant) -> f64 {
    count as f64 / since.elapsed().as_secs_f64()
}
