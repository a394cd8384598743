//! A crowd that buys while it is told by mail, and other systems by a broker and by a webhook: while nobody is told, while all of
//! them listen, while all are away, and while all take connections and say nothing.

mod broker;
mod sinks;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Args;
use eventify_core::account::Register;
use eventify_core::webhook::CreateWebhook;
use eventify_core::{Actor, Eventify, Role};
use eventify_notify::email::{MailSettings, Mailer, Security};
use eventify_notify::nats::{Nats, NatsConfig};
use eventify_notify::outgoing::{OutgoingSettings, Reach};
use eventify_notify::webhooks::HttpWebhooks;
use eventify_store_redb::RedbStore;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use broker::Server;
use sinks::{Mailbox, Shop};

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
/// People who buy, each of whom is told by mail.
const PEOPLE: usize = 64;
/// Systems that a broker tells; each has a job of its own for each fact.
const SYSTEMS: [&str; 3] = ["one", "two", "three"];
/// How long nobody may hear anything more, while something is left to be told: how long all of it takes is the machine's.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is looked.
const LOOKS: Duration = Duration::from_millis(250);

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
    let mut listening = Figure::new("mail, a webhook and three systems listen");
    let mut away = Figure::new("all of them are away");
    let mut silent = Figure::new("all of them say nothing");
    for _ in 0..of.common.turns {
        nobody.add(&turn(of, Told::Nobody).await?);
        listening.add(&turn(of, Told::Listening).await?);
        away.add(&turn(of, Told::Away).await?);
        silent.add(&turn(of, Told::Silent).await?);
    }
    let mut report = Report::new("Purchases while other systems are told of them");
    report.note("Afterwards everything is told, in each turn: each system, the webhook and the buyers learn of each purchase, once.");
    report.at_least("away / listening", away.median() / listening.median(), 0.9);
    report.at_least("silent / listening", silent.median() / listening.median(), 0.9);
    report.at_least("away / nobody told", away.median() / nobody.median(), 0.25);
    report.figures = vec![nobody, listening, away, silent];
    Ok(report)
}

/// Where all of them are, or would be.
#[derive(Debug, Clone, Copy)]
struct Ports {
    broker: u16,
    mail: u16,
    hook: u16,
}

impl Ports {
    fn free() -> Result<Self> {
        let free =
            || Ok::<_, std::io::Error>(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port());
        Ok(Self { broker: free()?, mail: free()?, hook: free()? })
    }
}

/// All who are told.
struct Listeners {
    broker: Server,
    mailbox: Mailbox,
    shop: Shop,
}

impl Listeners {
    async fn start(dir: &Path, ports: Ports) -> Result<Self> {
        let broker = Server::start(dir, ports.broker, &SYSTEMS).await?;
        Ok(Self { broker, mailbox: Mailbox::open(ports.mail).await?, shop: Shop::open(ports.hook).await? })
    }

    /// Waits until everybody was told of so many purchases.
    async fn have_all(&self, purchases: usize) -> Result {
        // Each of those who are mailed was asked to prove an address, too.
        let all = [purchases, purchases, purchases, purchases, purchases + PEOPLE];
        let mut before = [0; 5];
        let mut left = PATIENCE;
        loop {
            let [one, two, three] = self.broker.told(SYSTEMS).await?;
            let told = [one, two, three, self.shop.told()?, self.mailbox.told()?];
            if told == all {
                return Ok(());
            }
            if told.iter().zip(all).any(|(told, all)| *told > all) || left.is_zero() {
                return Err(
                    format!("the systems, the webhook and the buyers: {told:?} told of {all:?}").into()
                );
            }
            left = if told == before { left.saturating_sub(LOOKS) } else { PATIENCE };
            before = told;
            sleep(LOOKS).await;
        }
    }
}

async fn turn(of: &Measure, told: Told) -> Result<Outcome> {
    let dir = tempfile::tempdir()?;
    let ports = Ports::free()?;
    let mut listeners = None;
    if told == Told::Listening {
        listeners = Some(Listeners::start(dir.path(), ports).await?);
    }
    let silent = if told == Told::Silent {
        Some([Silent::start(ports.broker)?, Silent::start(ports.mail)?, Silent::start(ports.hook)?])
    } else {
        None
    };
    let eventify = engine(dir.path(), ports, told).await?;
    let shelf = put_on_sale(&eventify, 0).await?;
    let people = Arc::new(people(&eventify).await?);
    let (sale, nth) = (Arc::new(Sale::of(eventify, vec![shelf])), Arc::new(AtomicUsize::new(0)));
    let made = run_counted(of.bookings, of.buyers, || {
        let (sale, people, nth) = (sale.clone(), people.clone(), nth.clone());
        async move {
            let nth = nth.fetch_add(1, Ordering::Relaxed) % people.len();
            let buyer = people.get(nth).ok_or("nobody buys")?;
            sale.buy_as(buyer, 0, 1).await.map(drop)
        }
    })
    .await?;
    for silent in silent.into_iter().flatten() {
        silent.end().await;
    }
    if matches!(told, Told::Away | Told::Silent) {
        listeners = Some(Listeners::start(dir.path(), ports).await?);
    }
    if let Some(listeners) = listeners {
        listeners.have_all(of.bookings).await?;
    }
    sale.eventify.shut_down().await;
    Ok(made)
}

async fn engine(dir: &Path, ports: Ports, told: Told) -> Result<Eventify> {
    let mut engine = Eventify::builder(RedbStore::open(dir.join("sale.redb"))?);
    if told == Told::Nobody {
        return Ok(engine.start().await?);
    }
    for name in SYSTEMS {
        let url = format!("nats://127.0.0.1:{}", ports.broker).parse()?;
        let config = NatsConfig { name: name.into(), subject: name.into(), ..NatsConfig::new(vec![url]) };
        engine = engine.publisher(Nats::new(config)?);
    }
    let mail = MailSettings {
        port: Some(ports.mail),
        security: Security::None,
        ..MailSettings::new("localhost", "Box office <tickets@example.org>")
    };
    let here = OutgoingSettings { reach: Reach::PublicAndLoopback, ..OutgoingSettings::default() };
    let engine = engine.notifier(Mailer::new(mail)?).webhooks(HttpWebhooks::new(here)?).start().await?;
    let url = format!("http://127.0.0.1:{}/hook", ports.hook);
    let hook = CreateWebhook { url, deployment: true, facts: None };
    engine.webhooks().create(&Actor::system(), hook).await?;
    Ok(engine)
}

async fn people(eventify: &Eventify) -> Result<Vec<Actor>> {
    let mut people = Vec::with_capacity(PEOPLE);
    for nth in 0..PEOPLE {
        let account = Register::new("Buyer", format!("buyer{nth}@example.org"), "three quiet rivers");
        let id = eventify.accounts().register(&Actor::system(), account).await?.id;
        people.push(Actor::user(id, Role::Attendee));
    }
    Ok(people)
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
