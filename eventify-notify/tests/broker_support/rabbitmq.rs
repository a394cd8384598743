//! RabbitMQ of our own, and somebody who reads from it.

use std::sync::OnceLock;
use std::time::Duration;

use eventify_notify::broker::Limits;
use eventify_notify::rabbitmq::RabbitMqConfig;
use lapin::options::{
    BasicAckOptions, BasicGetOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};

use super::certificates::Certificates;
use super::facts::Arrived;
use super::server::{Server, directory, free_ports};

pub const PASSWORD: &str = "hunter2-of-rabbitmq";

/// A node with its own name, cookie and directory of nodes (`epmd`), which knows nothing of any other on the machine.
pub struct Rabbit {
    pub server: Server,
    pub tls_port: u16,
    pub certificates: Certificates,
}

impl Rabbit {
    pub fn start() -> Self {
        let dir = directory("rabbitmq");
        let certificates = Certificates::make(&dir);
        let [port, tls_port, distribution, epmd] = free_ports();
        let config = format!(
            "listeners.tcp.1 = 127.0.0.1:{port}\nlisteners.ssl.1 = 127.0.0.1:{tls_port}\n\
             ssl_options.certfile = {}\nssl_options.keyfile = {}\nssl_options.verify = verify_none\n\
             default_user = eventify\ndefault_pass = {PASSWORD}\nmax_message_size = 20000\n\
             log.console = true\nlog.console.level = warning\n",
            certificates.certificate.display(),
            certificates.key.display(),
        );
        let at = dir.display();
        let server = format!(
            "export HOME='{at}' ERL_EPMD_PORT={epmd} RABBITMQ_NODENAME=eventify-{port}@localhost RABBITMQ_DIST_PORT={distribution}\n\
             export RABBITMQ_MNESIA_BASE='{at}/kept' RABBITMQ_LOG_BASE='{at}/logs' RABBITMQ_CONFIG_FILE='{at}/rabbitmq.conf'\n\
             export RABBITMQ_ENABLED_PLUGINS_FILE='{at}/plugins' RABBITMQ_PID_FILE='{at}/pid' RABBITMQ_CONF_ENV_FILE=/dev/null\n\
             export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {{127,0,0,1}} +S 2:2'\n\
             exec /usr/lib/rabbitmq/bin/rabbitmq-server\n"
        );
        let beside = format!("exec epmd -port {epmd} -address 127.0.0.1\n");
        let files = [("rabbitmq.conf", config), ("server", server), ("beside", beside)];
        Self { server: Server::start(dir, &files, port), tls_port, certificates }
    }

    /// The one that tests share that do not stop it. It takes half a minute to start.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Rabbit> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    pub fn config(&self, exchange: &str) -> RabbitMqConfig {
        config(self.server.port(), exchange)
    }
}

pub fn config(port: u16, exchange: &str) -> RabbitMqConfig {
    let url = format!("amqp://eventify:{PASSWORD}@localhost:{port}").parse().unwrap();
    let limits = Limits { timeout: Duration::from_secs(5), ..Limits::default() };
    RabbitMqConfig { exchange: exchange.to_owned(), limits, ..RabbitMqConfig::new(url) }
}

/// Somebody who reads what comes.
pub struct Reader {
    _connection: Connection,
    pub channel: Channel,
}

impl Reader {
    pub async fn new(port: u16) -> Self {
        let url = format!("amqp://eventify:{PASSWORD}@localhost:{port}");
        let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        Self { _connection: connection, channel }
    }

    pub async fn declare(&self, exchange: &str) {
        let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let declared = self.channel.exchange_declare(
            exchange.into(),
            ExchangeKind::Topic,
            options,
            FieldTable::default(),
        );
        declared.await.unwrap();
    }

    /// A queue that keeps what the exchange is told under this key; named as the exchange.
    pub async fn bind(&self, exchange: &str, key: &str) {
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        self.channel.queue_declare(exchange.into(), options, FieldTable::default()).await.unwrap();
        let bound = self.channel.queue_bind(
            exchange.into(),
            exchange.into(),
            key.into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        );
        bound.await.unwrap();
    }

    /// Takes all that is there.
    pub async fn read(&self, queue: &str) -> Vec<Arrived> {
        let mut arrived = Vec::new();
        while let Some(message) =
            self.channel.basic_get(queue.into(), BasicGetOptions::default()).await.unwrap()
        {
            message.ack(BasicAckOptions::default()).await.unwrap();
            let properties = &message.properties;
            let text = |word: Option<&lapin::types::ShortString>| word.unwrap().to_string();
            let name = message.routing_key.to_string();
            assert_eq!(text(properties.kind().as_ref()), name);
            assert_eq!(text(properties.content_type().as_ref()), "application/json");
            assert_eq!(properties.delivery_mode(), &Some(2), "it outlives a restart");
            let id = text(properties.message_id().as_ref());
            arrived.push(Arrived { id, name, text: message.delivery.data.clone() });
        }
        arrived
    }
}
