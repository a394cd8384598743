//! Everybody who is told: mail, a webhook, and the real Kafka, RabbitMQ and NATS, each by itself on this machine. All may leave and
//! come back; what they were told meanwhile is counted where it arrived.

mod arrived;
mod brokers;
mod sinks;

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::Result;
pub(crate) use arrived::Arrived;
use brokers::{Brokers, PASSWORD};
use sinks::Sink;

/// The program with every outlet.
pub(crate) const FEATURES: &str = "kafka,nats,rabbitmq";
/// What brokers are called, in the service's numbers.
pub(crate) const PUBLISHERS: [&str; 3] = ["kafka", "nats", "rabbitmq"];
/// A purchase is two facts: the ticket, and the booking.
pub(crate) const FACTS: [&str; 2] = ["ticket.purchased", "booking.confirmed"];

/// All of them. They end with it.
pub(crate) struct Outside {
    brokers: Brokers,
    mail: Sink,
    hook: Sink,
    dir: TempDir,
}

impl Outside {
    pub(crate) async fn start() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let (mail, hook) = (Sink::of_mails().await?, Sink::of_calls().await?);
        let brokers = Brokers::start(dir.path()).await?;
        Ok(Self { brokers, mail, hook, dir })
    }

    /// What the service is told of them.
    pub(crate) fn options(&self) -> Result<Vec<String>> {
        let [kafka, rabbitmq, nats] = self.brokers.ports();
        let password = self.dir.path().join("password");
        std::fs::write(&password, PASSWORD)?;
        let options = [
            ("--mail-server", self.mail.at.to_string()),
            ("--mail-security", "none".to_owned()),
            ("--mail-from", "Box office <tickets@example.org>".to_owned()),
            ("--kafka-servers", format!("127.0.0.1:{kafka}")),
            ("--rabbitmq-url", format!("amqp://eventify@127.0.0.1:{rabbitmq}")),
            ("--rabbitmq-password-file", password.display().to_string()),
            ("--nats-urls", format!("nats://127.0.0.1:{nats}")),
            ("--webhooks", "loopback".to_owned()),
        ];
        Ok(options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect())
    }

    /// Where the webhook leads.
    pub(crate) fn hook_url(&self) -> String {
        format!("http://{}/hook", self.hook.at)
    }

    /// Different mails about purchases, and different calls of the webhook, so far.
    pub(crate) fn taken(&self) -> (usize, usize) {
        (self.mail.taken.count(), self.hook.taken.count())
    }

    /// Mails and calls that had come before.
    pub(crate) fn repeated(&self) -> (usize, usize) {
        (self.mail.taken.repeats(), self.hook.taken.repeats())
    }

    /// Nobody is there any more: the brokers have ended, and every port is closed.
    pub(crate) async fn leave(&mut self) -> Result {
        self.mail.leave().await;
        self.hook.leave().await;
        self.brokers.stop().await
    }

    /// Everybody is there again, and serves: the brokers last, as they take a while to start.
    pub(crate) async fn come_back(&mut self) -> Result {
        self.mail.come_back().await?;
        self.hook.come_back().await?;
        self.brokers.start_again(self.dir.path()).await
    }

    /// What the brokers have, as they are named in [`PUBLISHERS`].
    pub(crate) async fn arrived(&self) -> Result<[Arrived; 3]> {
        let [kafka, rabbitmq, nats] = self.brokers.ports();
        Ok([
            arrived::in_kafka(kafka).await?,
            arrived::in_nats(nats).await?,
            arrived::in_rabbitmq(rabbitmq).await?,
        ])
    }
}

/// Ports on which nobody listens, and that the system gives to no connection of its own: they stay free while somebody is away.
fn free_ports<const N: usize>() -> Result<[u16; N]> {
    const PORTS: u16 = 20_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id().wrapping_mul(97);
    let any = std::iter::repeat_with(|| {
        let nth = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % u32::from(PORTS);
        10_000 + u16::try_from(nth).unwrap_or_default()
    });
    let free = any.take(PORTS.into()).filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    free.take(N).collect::<Vec<_>>().try_into().map_err(|_| "as many ports as were asked for".into())
}
