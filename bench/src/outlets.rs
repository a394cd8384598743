//! A crowd that buys while other systems are told of it: by none, by three that listen, by three that are away, and by three that
//! take connections and say nothing.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::{self, stream};
use clap::Args;
use eventify_core::Eventify;
use eventify_notify::nats::{Nats, NatsConfig};
use eventify_store_redb::RedbStore;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::crowd::{Outcome, run_counted};
use crate::figure::{Figure, Report};
use crate::sale::{Sale, put_on_sale};
use crate::{Common, Result};

#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Bookings that a turn makes.
    #[arg(long, default_value_t = BOOKINGS)]
    bookings: usize,
    /// Buyers who wait for an answer at any moment.
    #[arg(long, default_value_t = BUYERS)]
    buyers: usize,
}

const BOOKINGS: usize = 5_000;
const BUYERS: usize = 256;
/// Systems that are told; each has a job of its own for each fact.
const SYSTEMS: [&str; 3] = ["one", "two", "three"];
/// How long everything may take to be told in the end.
const PATIENCE: Duration = Duration::from_secs(600);

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nobody,
    Listening,
    Away,
    Silent,
}

impl Measure {
    pub(crate) fn of(common: &Common) -> Self {
        Self { common: common.clone(), bookings: BOOKINGS, buyers: BUYERS }
    }
}

pub(crate) async fn measure(of: &Measure) -> Result<Report> {
    let mut nobody = Figure::new("nobody is told");
    let mut listening = Figure::new("three systems listen");
    let mut away = Figure::new("three systems are away");
    let mut silent = Figure::new("three systems say nothing");
    for _ in 0..of.common.turns {
        nobody.add(&turn(of, Told::Nobody).await?);
        listening.add(&turn(of, Told::Listening).await?);
        away.add(&turn(of, Told::Away).await?);
        silent.add(&turn(of, Told::Silent).await?);
    }
    let mut report = Report::new("Purchases while other systems are told of them");
    report.note("Afterwards everything is told, in each turn: each system keeps each purchase, once.");
    report.at_least("away / listening", away.median() / listening.median(), 0.9);
    report.at_least("silent / listening", silent.median() / listening.median(), 0.9);
    report.at_least("away / nobody told", away.median() / nobody.median(), 0.25);
    report.figures = vec![nobody, listening, away, silent];
    Ok(report)
}

async fn turn(of: &Measure, told: Told) -> Result<Outcome> {
    let dir = tempfile::tempdir()?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut server = None;
    if told == Told::Listening {
        server = Some(Server::start(dir.path(), port).await?);
    }
    let silent = if told == Told::Silent { Some(Silent::start(port)?) } else { None };
    let mut engine = Eventify::builder(RedbStore::open(dir.path().join("sale.redb"))?);
    if told != Told::Nobody {
        for name in SYSTEMS {
            let url = format!("nats://127.0.0.1:{port}").parse()?;
            let config = NatsConfig { name: name.into(), subject: name.into(), ..NatsConfig::new(vec![url]) };
            engine = engine.publisher(Nats::new(config)?);
        }
    }
    let eventify = engine.start().await?;
    let shelf = put_on_sale(&eventify, 0).await?;
    let sale = Arc::new(Sale::of(eventify, vec![shelf]));
    let made = run_counted(of.bookings, of.buyers, || {
        let sale = sale.clone();
        async move { sale.buy(0).await }
    })
    .await?;
    if let Some(silent) = silent {
        silent.end().await;
    }
    if matches!(told, Told::Away | Told::Silent) {
        server = Some(Server::start(dir.path(), port).await?);
    }
    if let Some(server) = server {
        timeout(PATIENCE, server.has_all(of.bookings)).await.map_err(|_| "not everything was told")??;
    }
    sale.eventify.shut_down().await;
    Ok(made)
}

/// A system that takes connections and says nothing.
struct Silent(JoinHandle<()>);

impl Silent {
    fn start(port: u16) -> Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", port))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        Ok(Self(tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                held.push(stream);
            }
        })))
    }

    /// Closes its port.
    async fn end(self) {
        self.0.abort();
        // It was told to end: that it did not by itself is no news.
        let _ = self.0.await;
    }
}

/// Debian's `nats-server`, with a stream for each system. Ends with it.
struct Server {
    child: Child,
    streams: jetstream::Context,
}

impl Server {
    async fn start(dir: &Path, port: u16) -> Result<Self> {
        let config = dir.join("nats.conf");
        let text =
            format!("listen: 127.0.0.1:{port}\njetstream {{ store_dir: \"{}/nats\" }}\n", dir.display());
        std::fs::write(&config, text)?;
        let mut child = Command::new("nats-server").arg("-c").arg(config).stderr(Stdio::null()).spawn()?;
        let connected = async {
            loop {
                match async_nats::connect(format!("nats://127.0.0.1:{port}")).await {
                    Ok(client) => return client,
                    Err(_) => sleep(Duration::from_millis(20)).await,
                }
            }
        };
        let Ok(client) = timeout(Duration::from_secs(30), connected).await else {
            let _ = child.kill();
            return Err("nats-server does not serve".into());
        };
        let server = Self { child, streams: jetstream::new(client) };
        for name in SYSTEMS {
            let config = stream::Config {
                name: name.into(),
                subjects: vec![format!("{name}.>")],
                ..Default::default()
            };
            server.streams.create_stream(config).await?;
        }
        Ok(server)
    }

    /// Waits until each system was told of so many purchases; more were told twice.
    async fn has_all(&self, purchases: usize) -> Result {
        for name in SYSTEMS {
            loop {
                let stream = self.streams.get_stream(name).await?;
                let filter_subject = format!("{name}.ticket.purchased");
                let consumer =
                    stream.create_consumer(pull::Config { filter_subject, ..Default::default() }).await?;
                let told = usize::try_from(consumer.cached_info().num_pending)?;
                if told > purchases {
                    return Err(format!("{told} were told of {purchases} purchases").into());
                }
                if told == purchases {
                    break;
                }
                sleep(Duration::from_millis(250)).await;
            }
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
