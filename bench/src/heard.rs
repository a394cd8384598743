//! How soon a buyer's open page hears of a purchase, while mail, a webhook and three brokers are told of it, too.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::crowd::Waits;
use crate::figure::{Figure, Report};
use crate::http::{Pace, Stage, ask, email, request};
use crate::outlets::delivered;
use crate::outside::{FACTS, FEATURES, Outside, PUBLISHERS};
use crate::process::{Process, eventify};
use crate::{Common, Result};

#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Purchases that are offered in a second, one of each guest.
    #[arg(long, default_value_t = RATE)]
    rate: usize,
    /// For so many seconds.
    #[arg(long, default_value_t = SECONDS)]
    for_seconds: f64,
}

const RATE: usize = 100;
const SECONDS: f64 = 20.0;
/// What buyers and everybody else are told after the last purchase.
const REST_WITHIN: Duration = Duration::from_secs(30);
/// All of it, beside the purchases; but not building the service.
const WITHIN: Duration = Duration::from_secs(65);

impl Measure {
    pub(crate) fn of(common: &Common) -> Self {
        Self { common: common.clone(), rate: RATE, for_seconds: SECONDS }
    }
}

pub(crate) async fn measure(of: &Measure) -> Result<Report> {
    let features = FEATURES.replace(',', ", ");
    say(&format!("the service is built with {features}; the first time that takes minutes"));
    eventify(FEATURES).await?;
    let within = WITHIN + Duration::try_from_secs_f64(of.for_seconds)?;
    let late = |_| format!("it is not done within {} s; see what it was about", within.as_secs());
    let found = timeout(within, run(of)).await.map_err(late)??;
    let mut report = Report::new("Heard with all outlets");
    report.note(format!(
        "{} purchases a second, offered for {} s; mail, a webhook, Kafka, RabbitMQ and NATS are told of each. Waits count from the instant \
         at which a request should have been sent.",
        of.rate, of.for_seconds
    ));
    report.at_most("a buyer's feed heard after, p99 ms", found.heard.p99, 1_000.0);
    report.at_most("everybody was told after the last purchase, s", found.told_after.as_secs_f64(), 10.0);
    report.at_least("purchases answered / offered", found.answered_per_second / rate(of.rate), 0.95);
    let figure = |name: &str, waits: Waits| {
        let mut figure = Figure::once(name, "ms, p50", waits.p50);
        figure.wait(waits);
        figure
    };
    report.figures = vec![figure("answered after", found.answered), figure("heard after", found.heard)];
    Ok(report)
}

fn rate(per_second: usize) -> f64 {
    f64::from(u32::try_from(per_second).unwrap_or(u32::MAX))
}

/// What is going on, for whoever waits for it: not a part of the report.
#[allow(clippy::print_stderr, reason = "a program for people to read")]
fn say(what: &str) {
    eprintln!("heard: {what}");
}

struct Found {
    answered_per_second: f64,
    answered: Waits,
    heard: Waits,
    told_after: Duration,
}

#[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
async fn run(of: &Measure) -> Result<Found> {
    say("Kafka, RabbitMQ and NATS start");
    let outside = Outside::start().await?;
    say("the service starts, and everybody listens");
    let stage = Stage::set(1, of.rate).await?;
    Process::run(FEATURES, &stage.file, &["admin", "promote", "--email", &email(0)]).await?;
    let service = Process::serve_built(FEATURES, &stage.file, &outside.options()?).await?;
    let tokens = stage.log_in(service.address).await?;
    let hook = json!({ "url": outside.hook_url(), "facts": ["ticket.purchased"], "deployment": true });
    let bearer = format!("Bearer {}", tokens.first().ok_or("nobody buys")?);
    let hook = request("POST", "/api/webhooks", &[("authorization", &bearer)], &hook.to_string());
    let (head, answer) = ask(service.address, &hook).await?;
    if !head.starts_with("HTTP/1.1 201") {
        return Err(format!("no webhook: {answer}").into());
    }
    let (tell, told) = mpsc::unbounded_channel();
    for (guest, token) in tokens.iter().enumerate() {
        listen(service.address, token, guest, tell.clone()).await?;
    }
    drop(tell);
    say("everybody buys once, and everybody is told");
    // Brokers are found, and connections made, by a first purchase of everybody.
    let purchases = stage.purchases(&service, &tokens);
    let warm = purchases.run(of.rate, 1.0, Pace::PerSecond(rate(of.rate))).await?.done;
    until_told(&service, &outside, warm).await?;
    let mut hearing = Hearing { told, heard: vec![0; of.rate], waits: Vec::new() };
    hearing.skip(warm).await?;
    say(&format!("{} purchases a second for {} s", of.rate, of.for_seconds));
    let start = Instant::now();
    let made = purchases.run_from(start, of.rate, of.for_seconds, Pace::PerSecond(rate(of.rate))).await?;
    let over = Instant::now();
    say("the rest is told");
    hearing.all(made.done, start).await?;
    until_told(&service, &outside, warm + made.done).await?;
    let told_after = over.elapsed();
    say("nothing waits any more");
    until_idle(&service).await?;
    service.stop().await?;
    Ok(Found {
        answered_per_second: made.per_second,
        answered: made.waits,
        heard: Waits::of(hearing.waits),
        told_after,
    })
}

/// What feeds hear, and how long that took.
struct Hearing {
    told: mpsc::UnboundedReceiver<(usize, Instant)>,
    /// Purchases that each guest has heard of.
    heard: Vec<u32>,
    waits: Vec<Duration>,
}

impl Hearing {
    async fn next(&mut self) -> Result<(usize, Instant)> {
        let told = timeout(REST_WITHIN, self.told.recv()).await;
        Ok(told.map_err(|_| "somebody hears nothing")?.ok_or("nobody listens")?)
    }

    async fn skip(&mut self, count: usize) -> Result {
        for _ in 0..count {
            self.next().await?;
        }
        Ok(())
    }

    /// Each guest buys once a second, one after the other, and hears of it in that order.
    async fn all(&mut self, count: usize, start: Instant) -> Result {
        let guests = rate(self.heard.len());
        for _ in 0..count {
            let (guest, at) = self.next().await?;
            let nth = self.heard.get_mut(guest).ok_or("nobody's feed")?;
            let meant = start + Duration::from_secs_f64(f64::from(*nth) + rate(guest) / guests);
            *nth += 1;
            self.waits.push(at.saturating_duration_since(meant));
        }
        Ok(())
    }
}

/// Waits until everybody was told of so many purchases.
async fn until_told(service: &Process, outside: &Outside, purchases: usize) -> Result {
    let mut so_far = String::new();
    let all = async {
        let so_far = &mut so_far;
        loop {
            let (_, metrics) = ask(service.address, &request("GET", "/metrics", &[], "")).await?;
            let (mails, calls) = outside.taken();
            let published = PUBLISHERS.map(|name| delivered(&metrics, name));
            if mails >= purchases
                && calls >= purchases
                && published.iter().all(|count| *count >= FACTS.len() * purchases)
            {
                return Result::Ok(());
            }
            *so_far = format!("{mails} mails, {calls} calls, {published:?} facts of {purchases} purchases");
            sleep(Duration::from_millis(100)).await;
        }
    };
    let told = timeout(REST_WITHIN, all).await;
    told.map_err(|_| format!("not everything was told: {so_far}"))?
}

/// Waits until no job is due any more: also what nobody counts.
async fn until_idle(service: &Process) -> Result {
    let idle = async {
        loop {
            let (_, metrics) = ask(service.address, &request("GET", "/metrics", &[], "")).await?;
            let waits = |line: &str| line.starts_with("eventify_jobs_due{") && !line.ends_with(" 0");
            if !metrics.lines().any(waits) {
                return Result::Ok(());
            }
            sleep(Duration::from_millis(500)).await;
        }
    };
    timeout(REST_WITHIN, idle).await.map_err(|_| "jobs wait that nobody does")?
}

/// Opens a feed that says when it hears of a ticket.
async fn listen(
    address: SocketAddr,
    token: &str,
    guest: usize,
    heard: mpsc::UnboundedSender<(usize, Instant)>,
) -> Result {
    let bearer = format!("Bearer {token}");
    let mut stream = TcpStream::connect(address).await?;
    let open = request("GET", "/api/notifications/stream", &[("authorization", &bearer)], "");
    stream.write_all(&open).await?;
    let mut lines = Lines::default();
    while !lines.next(&mut stream).await?.ok_or("a feed was refused")?.contains("last_event_id") {}
    tokio::spawn(async move {
        // The channel is gone when the measurement is over, and the stream when the service stops.
        while let Ok(Some(line)) = lines.next(&mut stream).await {
            #[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
            if line == "event: ticket.purchased" && heard.send((guest, Instant::now())).is_err() {
                return;
            }
        }
    });
    Ok(())
}

/// The lines of an answer that has no end.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    async fn next(&mut self, stream: &mut TcpStream) -> Result<Option<String>> {
        loop {
            if let Some(end) = self.0.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.0.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()));
            }
            if stream.read_buf(&mut self.0).await? == 0 {
                return Ok(None);
            }
        }
    }
}
