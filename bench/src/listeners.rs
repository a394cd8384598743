//! Thousands who listen and hear nothing, and then something: what they cost the service, over loopback.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::crowd::Waits;
use crate::figure::{Figure, Report};
use crate::http::{Stage, ask, request};
use crate::process::Process;
use crate::{Common, Result};

/// Longer than heartbeats are apart, and than feeds wait until they look by themselves (60 s): each looks once meanwhile.
const IDLE_FOR: Duration = Duration::from_secs(75);
const HEARD_WITHIN: Duration = Duration::from_secs(30);
const FEEDS: usize = 5_000;

#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) common: Common,
    /// How many listen.
    #[arg(long, default_value_t = FEEDS)]
    feeds: usize,
    /// How they listen; both ways, one after the other, if absent.
    #[arg(long, value_enum)]
    by: Option<By>,
}

/// How feeds are heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// As Server-Sent Events.
    Sse,
    /// Over WebSockets.
    Ws,
}

impl By {
    const fn name(self) -> &'static str {
        match self {
            Self::Sse => "Server-Sent Events",
            Self::Ws => "WebSockets",
        }
    }

    fn request(self, token: &str) -> std::sync::Arc<[u8]> {
        let bearer = format!("Bearer {token}");
        let bearer = ("authorization", bearer.as_str());
        match self {
            Self::Sse => request("GET", "/api/notifications/stream", &[bearer], ""),
            Self::Ws => {
                let shake = [
                    bearer,
                    ("connection", "upgrade"),
                    ("upgrade", "websocket"),
                    ("sec-websocket-version", "13"),
                    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ];
                request("GET", "/api/notifications/ws", &shake, "")
            }
        }
    }
}

impl Measure {
    pub(crate) fn of(common: &Common) -> Self {
        Self { common: common.clone(), feeds: FEEDS, by: None }
    }
}

pub(crate) async fn measure(of: &Measure) -> Result<Report> {
    allow_files(of.feeds)?;
    let mut report = Report::new("Feeds");
    report.note(format!(
        "{} feeds of as many people; idle for {} s, in which each looks by itself, then everybody buys a ticket and hears of it.",
        of.feeds,
        IDLE_FOR.as_secs()
    ));
    let mut stage = Stage::set(1, of.feeds).await?;
    for by in [By::Sse, By::Ws].into_iter().filter(|by| of.by.is_none_or(|only| only == *by)) {
        let found = run(&mut stage, of.feeds, by).await?;
        report.at_most(format!("{}: MiB when all are idle", by.name()), found.idle, 150.0);
        report.at_most(format!("{}: MiB when all have heard", by.name()), found.heard, 150.0);
        report.at_most(format!("{}: % of a core when idle", by.name()), found.processor, 10.0);
        report.at_most(format!("{}: heard after, p99 ms", by.name()), found.waits.p99, 1_000.0);
        for (name, value) in
            [("before", found.before), ("all idle", found.idle), ("all have heard", found.heard)]
        {
            let mut figure = Figure::in_unit(format!("{}: {name}", by.name()), "MiB");
            figure.add_value(value);
            report.figures.push(figure);
        }
    }
    Ok(report)
}

/// Each feed is a file here, too.
fn allow_files(feeds: usize) -> Result {
    let wanted = u64::try_from(feeds)? + 256;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    if maximum.is_some_and(|maximum| maximum < wanted) {
        return Err(format!("{wanted} file handles are needed, and the system allows {maximum:?}").into());
    }
    Ok(setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })?)
}

/// MiB, and percent of a core.
struct Found {
    before: f64,
    idle: f64,
    heard: f64,
    processor: f64,
    waits: Waits,
}

#[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
async fn run(stage: &mut Stage, feeds: usize, by: By) -> Result<Found> {
    // One address may have three quarters of all connections.
    let options = [("--connections-max", feeds * 4 / 3 + 100), ("--feeds-max", feeds)];
    let options: Vec<String> =
        options.into_iter().flat_map(|(name, value)| [name.to_owned(), value.to_string()]).collect();
    let service = Process::serve_with(&stage.file, &options).await?;
    let tokens = stage.come_back(service.address).await?;
    let before = service.memory()?;
    let (tell, mut told) = mpsc::unbounded_channel();
    for (person, token) in tokens.iter().enumerate() {
        listen(by, service.address, token, person, tell.clone()).await?;
    }
    let took = service.processor_time()?;
    tokio::time::sleep(IDLE_FOR).await;
    let processor = (service.processor_time()? - took) / IDLE_FOR.as_secs_f64() * 100.0;
    let idle = service.memory()?;
    let mut waits = Vec::with_capacity(feeds);
    for (person, purchase) in stage.purchases(&service, &tokens).requests.iter().enumerate() {
        let asked = Instant::now();
        ask(service.address, purchase).await?;
        let heard = tokio::time::timeout(HEARD_WITHIN, told.recv()).await;
        let (who, at): (usize, Instant) =
            heard.map_err(|_| "somebody hears nothing")?.ok_or("nobody listens")?;
        if who != person {
            return Err("somebody hears what is not theirs".into());
        }
        waits.push(at.duration_since(asked));
    }
    let heard = service.memory()?;
    service.stop().await?;
    Ok(Found { before, idle, heard, processor, waits: Waits::of(waits) })
}

/// Opens a feed that says when it hears of a ticket.
async fn listen(
    by: By,
    address: SocketAddr,
    token: &str,
    person: usize,
    heard: mpsc::UnboundedSender<(usize, Instant)>,
) -> Result {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&by.request(token)).await?;
    let mut begun = Vec::new();
    while !has(&begun, b"last_event_id") {
        begun.extend(next(&mut stream).await?.ok_or("a feed was refused")?);
    }
    tokio::spawn(async move {
        // The channel is gone when the measurement is over, and the stream when the service stops.
        while let Ok(Some(came)) = next(&mut stream).await {
            #[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
            if has(&came, b"ticket.purchased") && heard.send((person, Instant::now())).is_err() {
                return;
            }
            // A ping of nothing wants a pong of nothing.
            if by == By::Ws && came == [0x89, 0] && stream.write_all(&[0x8a, 0x80, 0, 0, 0, 0]).await.is_err()
            {
                return;
            }
        }
    });
    Ok(())
}

fn has(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// Whatever comes next; `None` at the end.
async fn next(stream: &mut TcpStream) -> Result<Option<Vec<u8>>> {
    let mut chunk = [0; 1024];
    let count = stream.read(&mut chunk).await?;
    Ok(chunk.get(..count).filter(|came| !came.is_empty()).map(<[u8]>::to_vec))
}
