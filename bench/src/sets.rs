//! Big sets: hundreds of thousands who are reminded or lose their tickets, and a list of a million, while others buy.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use eventify_core::{Actor, Clock, Eventify, SystemClock, Timestamp};
use eventify_store_redb::RedbStore;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::crowd::Waits;
use crate::figure::{Figure, Report};
use crate::http::{Load, Pace, Stage, ask, email, request};
use crate::process::Process;
use crate::sale::{Sale, Shelf, put_on_sale};
use crate::{Common, Result};

#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) common: Common,
    /// People who hold a ticket each, are reminded, and lose it.
    #[arg(long, default_value_t = HOLDERS)]
    holders: usize,
    /// Tickets of the event whose attendees are exported.
    #[arg(long, default_value_t = ATTENDEES)]
    attendees: usize,
}

const HOLDERS: usize = 200_000;
const ATTENDEES: usize = 1_000_000;
/// Purchases a second that others make meanwhile.
const FOREGROUND: f64 = 200.0;
const BUYERS: usize = 8;
/// How long one look at the foreground takes.
const WINDOW: f64 = 1.0;
/// So many of them before there is anything to do.
const QUIET_WINDOWS: usize = 30;
const MEMORY_MIB: f64 = 200.0;
/// How long a piece of work may take before nobody believes in it any more.
const PATIENCE: Duration = Duration::from_secs(600);

impl Measure {
    pub(crate) fn of(common: &Common) -> Self {
        Self { common: common.clone(), holders: HOLDERS, attendees: ATTENDEES }
    }
}

pub(crate) async fn measure(of: &Measure) -> Result<Report> {
    // The first guest is the operator; the others buy.
    let stage = Stage::set(1, BUYERS + 1).await?;
    let (held, listed) = fill(&stage, of).await?;
    let service = Process::serve(&stage.file).await?;
    let tokens = stage.log_in(service.address).await?;
    let (operator, guests) = tokens.split_first().ok_or("no operator")?;
    let purchases = stage.purchases(&service, guests);
    let house = Arc::new(House { purchases, bearer: format!("Bearer {operator}"), service });
    let mut report = Report::new("Big sets while others buy");
    report.note(format!(
        "{FOREGROUND} purchases a second at another event, from when they were meant to be sent: all of them while \
         there is nothing else to do, and all of them while the work is done."
    ));
    let mut quiet = Figure::in_unit("purchases, nothing else to do", "purchases/s");
    let mut waits = Vec::new();
    for _ in 0..QUIET_WINDOWS {
        waits.extend(house.window(&mut quiet).await?);
    }
    quiet.wait(Waits::of(waits));
    let event = format!("/api/events/{}", held.event_id);
    let (holders, rows) = (of.holders, of.attendees);
    let reminded = house.clone();
    house.until_a_reminder(&event).await?;
    let remind = async move { reminded.remind().await };
    let mut found = vec![house.during(format!("reminding {holders} people"), holders, remind).await?];
    let exported = house.clone();
    let path = format!("/api/events/{}/attendees/export?format=csv", listed.event_id);
    let export = async move { exported.export(&path, rows).await };
    found.push(house.during(format!("exporting {rows} attendees as CSV"), rows, export).await?);
    let cancelled = house.clone();
    let cancel = async move { cancelled.cancel(&event).await };
    found.push(house.during(format!("cancelling an event of {holders} tickets"), holders, cancel).await?);
    for During { name, purchases, speed, memory } in found {
        report.at_most(format!("p99 while {name} / quiet"), purchases.p99() / quiet.p99(), 2.0);
        report.at_most(format!("most MiB while {name}"), memory, MEMORY_MIB);
        report.figures.extend([purchases, speed]);
    }
    report.figures.insert(0, quiet);
    let house = Arc::into_inner(house).ok_or("somebody still asks")?;
    house.service.stop().await?;
    Ok(report)
}

/// An event with a ticket for each of many people, and one with very many tickets. The first guest may do everything.
async fn fill(stage: &Stage, of: &Measure) -> Result<(Shelf, Shelf)> {
    let eventify = Eventify::builder(RedbStore::open(&stage.file)?).start().await?;
    eventify.accounts().promote(&Actor::system(), &email(0)).await?;
    let held = put_on_sale(&eventify, 1).await?;
    let listed = put_on_sale(&eventify, 2).await?;
    Arc::new(Sale::of(eventify.clone(), vec![held])).sell_out(of.holders, 1).await?;
    Arc::new(Sale::of(eventify.clone(), vec![listed])).sell_out(of.attendees, 10).await?;
    eventify.shut_down().await;
    Ok((held, listed))
}

/// What others noticed of some work.
struct During {
    name: String,
    purchases: Figure,
    speed: Figure,
    memory: f64,
}

/// The service, with those who buy and somebody who may do everything.
struct House {
    purchases: Load,
    bearer: String,
    service: Process,
}

impl House {
    /// Lets others buy for a while, and answers how long each of them waited.
    #[allow(clippy::cast_precision_loss, clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    async fn window(&self, figure: &mut Figure) -> Result<Vec<Duration>> {
        let start = Instant::now();
        let waits = self.purchases.waits_from(start, BUYERS, WINDOW, Pace::PerSecond(FOREGROUND)).await?;
        figure.add_value(waits.len() as f64 / start.elapsed().as_secs_f64());
        Ok(waits)
    }

    /// Lets others buy for as long as some work takes, which answers how long that was.
    async fn during(
        &self,
        name: String,
        things: usize,
        work: impl Future<Output = Result<Duration>> + Send + 'static,
    ) -> Result<During> {
        let mut purchases = Figure::in_unit(format!("purchases while {name}"), "purchases/s");
        self.service.forget_peak_memory()?;
        let work = tokio::spawn(tokio::time::timeout(PATIENCE, work));
        let mut waits = Vec::new();
        while !work.is_finished() {
            let window = self.window(&mut purchases).await?;
            // What it is done in is quiet for a part.
            if !work.is_finished() || waits.is_empty() {
                waits.extend(window);
            }
        }
        purchases.wait(Waits::of(waits));
        let took = work.await?.map_err(|_| format!("{name}: not done in time"))??;
        #[allow(clippy::cast_precision_loss, reason = "a few millions")]
        let speed = Figure::once(name.clone(), "a second", things as f64 / took.as_secs_f64());
        Ok(During { name, purchases, speed, memory: self.service.peak_memory()? })
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> Result<Value> {
        let headers = [("authorization", self.bearer.as_str())];
        let (head, answer) = ask(self.service.address, &request(method, path, &headers, body)).await?;
        if !head.starts_with("HTTP/1.1 2") {
            return Err(format!("{method} {path}: {head} {answer}").into());
        }
        Ok(serde_json::from_str(&answer)?)
    }

    /// Reminders are due at whole minutes before the start: asks for the next of these, and waits until it is due for a second at most.
    async fn until_a_reminder(&self, event: &str) -> Result {
        let found = self.ask("GET", event, "").await?;
        let starts_at: Timestamp = found["starts_at"].as_str().ok_or("no start")?.parse()?;
        let left = starts_at.since(SystemClock.now()).as_secs();
        self.ask("PUT", event, &format!("{{\"reminders\":[\"PT{}M\"]}}", left / 60)).await?;
        tokio::time::sleep(Duration::from_secs(left % 60 + 1)).await;
        Ok(())
    }

    /// With that second.
    async fn remind(&self) -> Result<Duration> {
        Ok(self.finished("tell_of_start").await? + Duration::from_secs(1))
    }

    async fn cancel(&self, event: &str) -> Result<Duration> {
        self.ask("POST", &format!("{event}/cancel"), "{}").await?;
        self.finished("sweep_cancelled_event").await
    }

    /// Waits until there is no such job any more that is due; others may be for later.
    #[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    async fn finished(&self, job: &str) -> Result<Duration> {
        let start = Instant::now();
        loop {
            let waiting = self.ask("GET", "/api/jobs?state=waiting&limit=100", "").await?;
            let jobs = waiting["data"].as_array().ok_or("no jobs")?;
            let now = SystemClock.now();
            let due = |waiting: &Value| waiting["due_at"].as_str()?.parse::<Timestamp>().ok();
            let is_on =
                |waiting: &Value| waiting["work"] == job && due(waiting).is_some_and(|due| due <= now);
            if !jobs.iter().any(is_on) {
                return Ok(start.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Reads the whole list, and counts its lines.
    #[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    async fn export(&self, path: &str, rows: usize) -> Result<Duration> {
        let start = Instant::now();
        let mut stream = TcpStream::connect(self.service.address).await?;
        // To a client of the first version a body ends with the connection, and has nothing in it but itself.
        let asked = format!("GET {path} HTTP/1.0\r\nauthorization: {}\r\n\r\n", self.bearer);
        stream.write_all(asked.as_bytes()).await?;
        let (mut chunk, mut head, mut lines) = (vec![0; 64 * 1024], 0, 0);
        let mut seen = Vec::new();
        loop {
            let count = stream.read(&mut chunk).await?;
            let Some(came) = chunk.get(..count).filter(|came| !came.is_empty()) else { break };
            if head == 0 {
                seen.extend_from_slice(came);
                let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
                head = end + 4;
                lines += newlines(seen.get(head..).unwrap_or_default());
            } else {
                lines += newlines(came);
            }
        }
        if lines != rows + 1 {
            return Err(format!("{lines} lines instead of {rows} and the header").into());
        }
        Ok(start.elapsed())
    }
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}
