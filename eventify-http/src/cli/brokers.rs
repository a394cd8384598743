//! The brokers that the service tells of what happens.

use eventify_core::Builder;

use super::args::BrokerArgs;
use super::exit::Failure;
#[cfg(not(all(feature = "kafka", feature = "nats", feature = "rabbitmq")))]
use super::setup::absent;
#[cfg(any(feature = "kafka", feature = "nats", feature = "rabbitmq"))]
use super::setup::{secret, wrong};

/// Those that are set up. None of them has to be there when the service starts.
#[derive(Debug, Default)]
pub(crate) struct Brokers {
    #[cfg(feature = "kafka")]
    kafka: Option<eventify_notify::kafka::Kafka>,
    #[cfg(feature = "rabbitmq")]
    rabbitmq: Option<eventify_notify::rabbitmq::RabbitMq>,
    #[cfg(feature = "nats")]
    nats: Option<eventify_notify::nats::Nats>,
}

impl Brokers {
    pub(crate) fn chosen(args: &BrokerArgs) -> Result<Self, Failure> {
        #[cfg(not(feature = "kafka"))]
        absent("kafka", !args.kafka_servers.is_empty())?;
        #[cfg(not(feature = "rabbitmq"))]
        absent("rabbitmq", args.rabbitmq_url.is_some())?;
        #[cfg(not(feature = "nats"))]
        absent("nats", !args.nats_urls.is_empty())?;
        Ok(Self {
            #[cfg(feature = "kafka")]
            kafka: kafka::chosen(args)?,
            #[cfg(feature = "rabbitmq")]
            rabbitmq: rabbitmq(args)?,
            #[cfg(feature = "nats")]
            nats: nats(args)?,
        })
    }

    /// An engine that tells them.
    pub(crate) fn told_by(&self, engine: Builder) -> Builder {
        #[cfg(feature = "kafka")]
        let engine = if let Some(kafka) = &self.kafka { engine.publisher(kafka.clone()) } else { engine };
        #[cfg(feature = "rabbitmq")]
        let engine =
            if let Some(rabbitmq) = &self.rabbitmq { engine.publisher(rabbitmq.clone()) } else { engine };
        #[cfg(feature = "nats")]
        let engine = if let Some(nats) = &self.nats { engine.publisher(nats.clone()) } else { engine };
        engine
    }

    /// Says good-bye, after the engine has stopped.
    pub(crate) async fn close(self) {
        #[cfg(feature = "kafka")]
        if let Some(kafka) = self.kafka {
            kafka.close().await;
        }
        #[cfg(feature = "rabbitmq")]
        if let Some(rabbitmq) = self.rabbitmq {
            rabbitmq.close().await;
        }
        #[cfg(feature = "nats")]
        if let Some(nats) = self.nats {
            nats.close().await;
        }
    }
}

#[cfg(any(feature = "nats", feature = "rabbitmq"))]
fn address(
    broker: &str,
    text: &super::args::AddressText,
    (option, password_file): (&str, Option<&std::path::Path>),
) -> Result<eventify_notify::broker::BrokerUrl, Failure> {
    let url: eventify_notify::broker::BrokerUrl = text.expose().parse().map_err(|why| wrong(broker, why))?;
    match password_file {
        Some(file) => url.with_password(secret(option, file)?).map_err(|why| wrong(broker, why)),
        None => Ok(url),
    }
}

#[cfg(feature = "kafka")]
mod kafka {
    use eventify_notify::broker::Tls;
    use eventify_notify::kafka::{Kafka, KafkaConfig, KafkaLogin, Mechanism};

    use super::{secret, wrong};
    use crate::cli::args::{BrokerArgs, KafkaMechanism};
    use crate::cli::exit::Failure;

    pub(super) fn chosen(args: &BrokerArgs) -> Result<Option<Kafka>, Failure> {
        if args.kafka_servers.is_empty() {
            return Ok(None);
        }
        let login = match (&args.kafka_user, &args.kafka_password_file) {
            (Some(user), Some(file)) => Some(KafkaLogin {
                mechanism: match args.kafka_mechanism {
                    KafkaMechanism::Plain => Mechanism::Plain,
                    KafkaMechanism::ScramSha256 => Mechanism::ScramSha256,
                    KafkaMechanism::ScramSha512 => Mechanism::ScramSha512,
                },
                user: user.clone(),
                password: secret("--kafka-password-file / EVENTIFY_KAFKA_PASSWORD_FILE", file)?,
            }),
            _ => None,
        };
        let tls = args.kafka_tls.then(|| Tls { ca_file: args.broker_ca_file.clone(), identity: None });
        let topic = args.kafka_topic.clone();
        let config = KafkaConfig { topic, login, tls, ..KafkaConfig::new(args.kafka_servers.clone()) };
        Kafka::new(config).map(Some).map_err(|why| wrong("Kafka", why))
    }
}

#[cfg(feature = "rabbitmq")]
fn rabbitmq(args: &BrokerArgs) -> Result<Option<eventify_notify::rabbitmq::RabbitMq>, Failure> {
    use eventify_notify::rabbitmq::{RabbitMq, RabbitMqConfig};

    let Some(url) = &args.rabbitmq_url else { return Ok(None) };
    let option = "--rabbitmq-password-file / EVENTIFY_RABBITMQ_PASSWORD_FILE";
    let url = address("RabbitMQ", url, (option, args.rabbitmq_password_file.as_deref()))?;
    let mut config = RabbitMqConfig::new(url);
    config.exchange.clone_from(&args.rabbitmq_exchange);
    config.declare = !args.rabbitmq_no_declare;
    config.tls.ca_file.clone_from(&args.broker_ca_file);
    RabbitMq::new(config).map(Some).map_err(|why| wrong("RabbitMQ", why))
}

#[cfg(feature = "nats")]
fn nats(args: &BrokerArgs) -> Result<Option<eventify_notify::nats::Nats>, Failure> {
    use eventify_notify::nats::{Nats, NatsConfig};

    if args.nats_urls.is_empty() {
        return Ok(None);
    }
    let option = "--nats-password-file / EVENTIFY_NATS_PASSWORD_FILE";
    let file = args.nats_password_file.as_deref();
    let urls: Result<Vec<_>, _> =
        args.nats_urls.iter().map(|url| address("NATS", url, (option, file))).collect();
    let mut config = NatsConfig::new(urls?);
    config.subject.clone_from(&args.nats_subject);
    config.tls.ca_file.clone_from(&args.broker_ca_file);
    Nats::new(config).map(Some).map_err(|why| wrong("NATS", why))
}
