//! NATS of our own, and somebody who keeps and reads what it is told.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy};
use async_nats::jetstream::{self, consumer::pull};
use eventify_notify::broker::Limits;
use eventify_notify::nats::NatsConfig;
use futures_util::StreamExt;

use super::facts::Arrived;
use super::server::{Server, directory, free_ports};

pub const PASSWORD: &str = "hunter2-of-nats";

/// A server with `settings`.
pub fn start(settings: &str) -> Server {
    let dir = directory("nats");
    let [port] = free_ports();
    let config = format!(
        "listen: 127.0.0.1:{port}\nmax_payload: 20000\njetstream {{ store_dir: \"{}/kept\" }}\n\
         authorization {{ user: eventify, password: \"{PASSWORD}\" }}\n{settings}",
        dir.display()
    );
    let files = [("config", config), ("server", "exec nats-server -c config -P number\n".to_owned())];
    Server::start(dir, &files, port)
}

pub fn config(port: u16) -> NatsConfig {
    let url = format!("nats://eventify:{PASSWORD}@localhost:{port}").parse().unwrap();
    let limits = Limits { timeout: Duration::from_secs(2), ..Limits::default() };
    NatsConfig { limits, ..NatsConfig::new(vec![url]) }
}

/// Somebody who keeps the facts, and reads them.
pub struct Reader(jetstream::Context);

impl Reader {
    pub async fn new(port: u16) -> Self {
        let options =
            async_nats::ConnectOptions::with_user_and_password("eventify".to_owned(), PASSWORD.to_owned());
        Self(jetstream::new(options.connect(format!("nats://localhost:{port}")).await.unwrap()))
    }

    pub async fn keep(&self, subject: &str) {
        let config = Config {
            name: subject.to_owned(),
            subjects: vec![format!("{subject}.>")],
            max_message_size: 10_000,
            discard: DiscardPolicy::New,
            ..Config::default()
        };
        self.0.create_stream(config).await.unwrap();
    }

    /// All that the stream has.
    pub async fn read(&self, subject: &str) -> Vec<Arrived> {
        let mut stream = self.0.get_stream(subject).await.unwrap();
        let count = usize::try_from(stream.info().await.unwrap().state.messages).unwrap();
        let consumer = stream.create_consumer(pull::Config::default()).await.unwrap();
        let mut messages = consumer.messages().await.unwrap().take(count);
        let mut arrived = Vec::new();
        while let Some(message) = messages.next().await {
            let message = message.unwrap();
            let name = message.subject.strip_prefix(&format!("{subject}.")).unwrap().to_owned();
            let headers = message.headers.as_ref().unwrap();
            assert_eq!(headers.get("Content-Type").unwrap().as_str(), "application/json");
            let id = headers.get("Nats-Msg-Id").unwrap().as_str().to_owned();
            arrived.push(Arrived { id, name, text: message.payload.to_vec() });
        }
        arrived
    }
}
