//! Everybody outside, by the real parts: mail, Kafka, RabbitMQ, NATS, and a system that has a webhook.

use std::time::Duration;

use mail_parser::MessageParser;

use crate::broker_support::facts::Arrived;
use crate::broker_support::kafka::Node;
use crate::broker_support::nats;
use crate::broker_support::rabbitmq::{self, Rabbit};
use crate::broker_support::server::Server;
use crate::cli_support::Place;
use crate::hook::Hook;
use crate::mail;

/// Whoever listens may take so long to be back and told, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) struct Outside {
    kafka: Node,
    rabbit: Rabbit,
    nats: Server,
    mail: mail::Server,
    pub(crate) hook: Hook,
    /// What was taken from RabbitMQ's queue.
    from_rabbitmq: Vec<Arrived>,
}

/// A mail that arrived.
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) bytes: Vec<u8>,
}

impl Outside {
    /// All at once: the slowest takes half a minute.
    pub(crate) async fn start() -> Self {
        let outside = std::thread::scope(|scope| {
            let (kafka, rabbit) = (scope.spawn(Node::start), scope.spawn(Rabbit::start));
            let (nats, mail) = (nats::start(""), mail::Server::start(&[]));
            let (kafka, rabbit) = (kafka.join().unwrap(), rabbit.join().unwrap());
            Self { kafka, rabbit, nats, mail, hook: Hook::open(), from_rabbitmq: Vec::new() }
        });
        outside.kafka.make("eventify").await;
        let queue = rabbitmq::Reader::new(outside.rabbit.server.port()).await;
        queue.declare("eventify").await;
        queue.bind("eventify", "#").await;
        nats::Reader::new(outside.nats.port()).await.keep("eventify").await;
        outside
    }

    /// What the service is told of them.
    pub(crate) fn options(&self, place: &Place) -> Vec<String> {
        let file = |name: &str, password: &str| place.file(name, password).to_str().unwrap().to_owned();
        let options = [
            ("--mail-server", format!("localhost:{}", self.mail.port)),
            ("--mail-security", "none".to_owned()),
            ("--mail-from", "Box office <tickets@example.org>".to_owned()),
            ("--kafka-servers", format!("127.0.0.1:{}", self.kafka.server.port())),
            ("--rabbitmq-url", format!("amqp://eventify@localhost:{}", self.rabbit.server.port())),
            ("--rabbitmq-password-file", file("rabbitmq", rabbitmq::PASSWORD)),
            ("--nats-urls", format!("nats://eventify@localhost:{}", self.nats.port())),
            ("--nats-password-file", file("nats", nats::PASSWORD)),
            ("--webhooks", "loopback".to_owned()),
        ];
        options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }

    /// The next mail that is called so; others come in between.
    pub(crate) fn mail_about(&self, called: &str) -> Mail {
        loop {
            let bytes = self.mail.next().bytes;
            let mail = MessageParser::default().parse(&bytes).unwrap();
            if mail.subject().unwrap() == called {
                let to = mail.to().unwrap().first().unwrap().address().unwrap().to_owned();
                return Mail { to, bytes };
            }
        }
    }

    /// So many purchases, or more if some are told twice, as Kafka, RabbitMQ and NATS have them.
    pub(crate) async fn purchases(&mut self, count: usize) -> [Vec<Arrived>; 3] {
        let nats = nats::Reader::new(self.nats.port()).await;
        let queue = rabbitmq::Reader::new(self.rabbit.server.port()).await;
        let by_kafka = seen("Kafka", count, async || self.kafka.read("eventify").await).await;
        let by_nats = seen("NATS", count, async || nats.read("eventify").await).await;
        // What is read is gone from the queue.
        let kept = &mut self.from_rabbitmq;
        let by_rabbitmq = seen("RabbitMQ", count, async || {
            kept.extend(queue.read("eventify").await);
            kept.clone()
        });
        [by_kafka, by_rabbitmq.await, by_nats]
    }

    /// Nobody is there any more: their ports are closed.
    pub(crate) fn leave(&mut self) {
        self.mail.kill();
        self.hook.close();
        for server in [&self.kafka.server, &self.rabbit.server, &self.nats] {
            server.stop();
        }
    }

    pub(crate) fn come_back(&mut self) {
        std::thread::scope(|scope| {
            for server in [&self.kafka.server, &self.rabbit.server, &self.nats] {
                scope.spawn(|| server.start_again());
            }
        });
        self.hook.open_again();
        self.mail.start_again();
    }
}

/// Looks until different purchases of this number are there.
async fn seen(what: &str, count: usize, mut look: impl AsyncFnMut() -> Vec<Arrived>) -> Vec<Arrived> {
    let looking = async {
        loop {
            let mut found = look().await;
            found.retain(|one| one.name == "ticket.purchased");
            let ids: std::collections::BTreeSet<&String> = found.iter().map(|one| &one.id).collect();
            if ids.len() >= count {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("{what} was not told of {count}"))
}
