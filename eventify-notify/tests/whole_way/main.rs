//! The whole way: somebody buys a ticket over HTTP, and everybody who should hear of it does, by the real parts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../broker_support/mod.rs"]
mod broker_support;
mod hall;
#[path = "../email/server.rs"]
mod mail;

use std::time::Duration;

use broker_support::facts::Arrived;
use broker_support::kafka::Node;
use broker_support::rabbitmq::Rabbit;
use broker_support::server::Server;
use broker_support::{nats, rabbitmq};
use eventify_notify::email::{MailSettings, Mailer, Security};
use eventify_notify::kafka::Kafka;
use eventify_notify::nats::Nats;
use eventify_notify::rabbitmq::RabbitMq;
use hall::Hall;
use mail_parser::MessageParser;
use serde_json::json;

/// Whoever listens may take so long, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// Everybody outside.
struct Outside {
    kafka: Node,
    rabbit: Rabbit,
    nats: Server,
    mail: mail::Server,
}

impl Outside {
    /// All at once: the slowest takes half a minute.
    fn start() -> Self {
        std::thread::scope(|scope| {
            let (kafka, rabbit) = (scope.spawn(Node::start), scope.spawn(Rabbit::start));
            let (nats, mail) = (nats::start(""), mail::Server::start(&[]));
            Self { kafka: kafka.join().unwrap(), rabbit: rabbit.join().unwrap(), nats, mail }
        })
    }

    fn mailer(&self) -> Mailer {
        let settings = MailSettings {
            port: Some(self.mail.port),
            security: Security::None,
            ..MailSettings::new("localhost", "Box office <tickets@example.org>")
        };
        Mailer::new(settings).unwrap()
    }
}

impl Outside {
    /// To whom the mail about this went; others, to prove addresses, came before it.
    fn mail_about(&self, title: &str) -> String {
        loop {
            let bytes = self.mail.next().bytes;
            let mail = MessageParser::default().parse(&bytes).unwrap();
            if mail.subject().unwrap().contains(title) {
                return mail.to().unwrap().first().unwrap().address().unwrap().to_owned();
            }
        }
    }
}

/// Looks until it is there.
async fn seen(what: &str, mut look: impl AsyncFnMut() -> Vec<Arrived>) -> Arrived {
    let looking = async {
        loop {
            if let Some(found) = look().await.into_iter().find(|one| one.name == "ticket.purchased") {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("{what} was not told"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_reaches_everybody() {
    let outside = Outside::start();
    outside.kafka.make("eventify").await;
    let queue = rabbitmq::Reader::new(outside.rabbit.server.port()).await;
    queue.declare("eventify").await;
    queue.bind("eventify", "#").await;
    let stream = nats::Reader::new(outside.nats.port()).await;
    stream.keep("eventify").await;
    let kafka = Kafka::new(outside.kafka.config("eventify")).unwrap();
    let rabbitmq = RabbitMq::new(outside.rabbit.config("eventify")).unwrap();
    let nats = Nats::new(nats::config(outside.nats.port())).unwrap();
    let hall = Hall::open(|engine| {
        let engine = engine.notifier(outside.mailer());
        engine.publisher(kafka.clone()).publisher(rabbitmq.clone()).publisher(nats.clone())
    })
    .await;

    let mut feed = hall.feed().await;
    let ticket = hall.buy().await;
    let told = feed.next("ticket.purchased").await;
    assert_eq!(told["event_id"], ticket["event_id"]);

    let by_kafka = seen("Kafka", async || outside.kafka.read("eventify").await).await;
    let by_rabbitmq = seen("RabbitMQ", async || queue.read("eventify").await).await;
    let by_nats = seen("NATS", async || stream.read("eventify").await).await;
    let fact = by_kafka.json();
    let members: Vec<&String> = fact.as_object().unwrap().keys().collect();
    assert_eq!(members, ["data", "event", "id", "timestamp"]);
    assert_eq!((&fact["event"], &fact["timestamp"]), (&json!("ticket.purchased"), &ticket["purchased_at"]));
    for member in ["event_id", "ticket_type_id", "booking_id", "user_id", "purchased_at"] {
        assert_eq!(fact["data"][member], ticket[member], "{member}");
    }
    assert_eq!((&fact["data"]["ticket_id"], &fact["data"]["code"]), (&ticket["id"], &ticket["short_code"]));
    assert_eq!((by_rabbitmq.json(), by_nats.json()), (fact.clone(), fact.clone()));
    let id = fact["id"].as_str().unwrap();
    assert_eq!([&by_kafka.id, &by_rabbitmq.id, &by_nats.id], [id; 3]);

    assert_eq!(outside.mail_about("Қазақ джаз түні 🎷"), "bulat@example.org");

    hall.close().await;
    kafka.close().await;
    rabbitmq.close().await;
    nats.close().await;
}
