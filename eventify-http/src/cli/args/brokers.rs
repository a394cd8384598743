//! Options for telling other systems.

use std::fmt;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What was typed, unread: it may hold a password, and a parser's complaint would show it.
#[derive(Clone)]
pub(crate) struct AddressText(String);

impl From<String> for AddressText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl AddressText {
    #[cfg_attr(
        not(any(feature = "nats", feature = "rabbitmq")),
        expect(dead_code, reason = "nobody is there to be told")
    )]
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AddressText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressText(…)")
    }
}

/// How Kafka is shown that a password is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KafkaMechanism {
    Plain,
    #[value(name = "scram-sha-256")]
    ScramSha256,
    #[value(name = "scram-sha-512")]
    ScramSha512,
}

/// Other systems that are told of what happens. Passwords come from files, or from the environment with the addresses.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Telling other systems")]
pub(crate) struct BrokerArgs {
    /// Tell Kafka: some of its brokers as HOST:PORT, separated by commas.
    #[arg(long, env = "EVENTIFY_KAFKA_SERVERS", value_name = "SERVERS", value_delimiter = ',')]
    pub(crate) kafka_servers: Vec<String>,
    /// The topic in Kafka.
    #[arg(long, env = "EVENTIFY_KAFKA_TOPIC", value_name = "NAME", default_value = "eventify")]
    pub(crate) kafka_topic: String,
    /// The user in Kafka, if it asks for one.
    #[arg(long, env = "EVENTIFY_KAFKA_USER", value_name = "NAME", requires = "kafka_password_file")]
    pub(crate) kafka_user: Option<String>,
    /// A file with the password of the user in Kafka.
    #[arg(long, env = "EVENTIFY_KAFKA_PASSWORD_FILE", value_name = "FILE")]
    pub(crate) kafka_password_file: Option<PathBuf>,
    /// How Kafka is shown that the password is known.
    #[arg(long, env = "EVENTIFY_KAFKA_MECHANISM", value_name = "NAME", value_enum, default_value = "plain")]
    pub(crate) kafka_mechanism: KafkaMechanism,
    /// Speak TLS with Kafka.
    #[arg(long, env = "EVENTIFY_KAFKA_TLS")]
    pub(crate) kafka_tls: bool,
    /// Tell RabbitMQ: amqp://USER@HOST/VHOST, or amqps: for TLS.
    #[arg(long, env = "EVENTIFY_RABBITMQ_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) rabbitmq_url: Option<AddressText>,
    /// A file with the password of the user in RabbitMQ.
    #[arg(long, env = "EVENTIFY_RABBITMQ_PASSWORD_FILE", value_name = "FILE")]
    pub(crate) rabbitmq_password_file: Option<PathBuf>,
    /// The exchange in RabbitMQ; made when it is not there.
    #[arg(long, env = "EVENTIFY_RABBITMQ_EXCHANGE", value_name = "NAME", default_value = "eventify")]
    pub(crate) rabbitmq_exchange: String,
    /// Never make the exchange in RabbitMQ: somebody else does.
    #[arg(long, env = "EVENTIFY_RABBITMQ_NO_DECLARE")]
    pub(crate) rabbitmq_no_declare: bool,
    /// Tell NATS: nats://USER@HOST, or tls: for TLS; the servers of one cluster are separated by commas.
    #[arg(
        long,
        env = "EVENTIFY_NATS_URLS",
        hide_env_values = true,
        value_name = "URLS",
        value_delimiter = ','
    )]
    pub(crate) nats_urls: Vec<AddressText>,
    /// A file with the password of the user in NATS.
    #[arg(long, env = "EVENTIFY_NATS_PASSWORD_FILE", value_name = "FILE")]
    pub(crate) nats_password_file: Option<PathBuf>,
    /// The first words of the subjects in NATS.
    #[arg(long, env = "EVENTIFY_NATS_SUBJECT", value_name = "NAME", default_value = "eventify")]
    pub(crate) nats_subject: String,
    /// A file with the authorities that brokers are known by over TLS; the system's if absent.
    #[arg(long, env = "EVENTIFY_BROKER_CA_FILE", value_name = "FILE")]
    pub(crate) broker_ca_file: Option<PathBuf>,
}
