//! RabbitMQ, by AMQP 0-9-1.
//!
//! Facts go to a durable topic exchange, persistent, under their names (`ticket.purchased`) as routing keys: bind a durable
//! queue to `#`, `ticket.*` or whatever is of interest. A message's `message-id` is the fact's id, its `type` the name again.
//! A fact counts as told when RabbitMQ has confirmed it and at least one queue took it (`mandatory`): with no queue
//! bound it waits, and is told again later. RabbitMQ's client logs such a message with all that is in it, as a warning of
//! `lapin::returned_messages`: a host that logs warnings leaves that target out.
//!
//! ```no_run
//! # fn f() -> Result<(), eventify_notify::broker::InvalidConfig> {
//! use eventify_notify::rabbitmq::{RabbitMq, RabbitMqConfig};
//!
//! let rabbitmq = RabbitMq::new(RabbitMqConfig::new("amqps://eventify:secret@mq.example.org/production".parse()?))?;
//! // Eventify::builder(store).publisher(rabbitmq.clone()) … and after the engine was shut down: rabbitmq.close().await
//! # Ok(())
//! # }
//! ```

mod link;
mod sockets;

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::notification::{DeliveryError, Envelope, Publisher};
use lapin::options::BasicPublishOptions;
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation, ErrorKind};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::broker::{BrokerUrl, Door, Failure, InvalidConfig, Limits, Tls, check_name};
use link::Links;

/// Channels of a connection; RabbitMQ allows twice as many.
const CHANNELS_MAX: usize = 1_000;
/// AMQP's word for a message that outlives a restart.
const PERSISTENT: u8 = 2;

/// Where RabbitMQ is and how it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RabbitMqConfig {
    /// What jobs and metrics call it; `rabbitmq` by default. See [`Publisher::name`].
    pub name: String,
    /// `amqp://user:password@host:5672/vhost`, or `amqps:` for TLS (port 5671). Without a path the virtual host
    /// is `/`.
    pub url: BrokerUrl,
    /// The exchange; `eventify` by default, at most 127 characters.
    pub exchange: String,
    /// Whether the exchange is made when it is not there, for which the user needs the right to configure it. Otherwise
    /// somebody has to make it.
    pub declare: bool,
    /// How the server is known, for `amqps:`.
    pub tls: Tls,
    /// How much of its time and room is taken. Each fact that is under way has a channel: at most 1,000.
    pub limits: Limits,
}

impl RabbitMqConfig {
    /// The exchange `eventify`, made when it is not there.
    #[must_use]
    pub fn new(url: BrokerUrl) -> Self {
        Self {
            name: "rabbitmq".to_owned(),
            url,
            exchange: "eventify".to_owned(),
            declare: true,
            tls: Tls::default(),
            limits: Limits::default(),
        }
    }
}

/// Tells facts to RabbitMQ. Clones share one connection, which is made by the first fact and made anew when it is lost.
#[derive(Clone)]
pub struct RabbitMq(Arc<Inner>);

struct Inner {
    config: RabbitMqConfig,
    exchange: ShortString,
    door: Door,
    links: Links,
    /// A channel carries one fact at a time: RabbitMQ closes the whole channel on an error, and a message that comes
    /// back must not be taken for another one.
    channels: Vec<Mutex<Option<Channel>>>,
}

impl RabbitMq {
    /// Checks the settings; connects to nothing yet, so that RabbitMQ may be away when a service starts.
    ///
    /// # Errors
    /// What cannot be: a scheme that is not AMQP's, a name or a limit out of its bounds, files of TLS that cannot be read.
    pub fn new(config: RabbitMqConfig) -> Result<Self, InvalidConfig> {
        config.limits.check()?;
        check_name("exchange", &config.exchange, 127)?;
        if config.limits.in_flight_max > CHANNELS_MAX {
            return Err(InvalidConfig::new("in_flight_max", "must be between 1 and 1000"));
        }
        let links = Links::new(&config)?;
        let secrets = config.url.password().cloned().into_iter().collect();
        let door = Door::new(&config.limits, secrets);
        let channels = (0..config.limits.in_flight_max).map(|_| Mutex::default()).collect();
        let exchange = ShortString::from(config.exchange.as_str());
        Ok(Self(Arc::new(Inner { config, exchange, door, links, channels })))
    }

    /// Says good-bye to RabbitMQ. Facts under way are waited for, others are refused from now on.
    pub async fn close(&self) {
        self.0.door.close(self.0.config.limits.in_flight_max).await;
        self.0.links.close(self.0.config.limits.timeout).await;
    }
}

impl Inner {
    async fn hand_over(
        &self,
        envelope: &Envelope,
        text: &[u8],
        place: &mut Option<Channel>,
    ) -> Result<(), Failure> {
        // Put back only after a clean answer: on a channel that was given up half way the next answer would be ours.
        let channel = match place.take().filter(|channel| channel.status().connected()) {
            Some(channel) => channel,
            None => self.links.channel().await?,
        };
        let key = ShortString::from(envelope.event.as_str());
        let properties = BasicProperties::default()
            .with_content_type(ShortString::from("application/json"))
            .with_delivery_mode(PERSISTENT)
            .with_message_id(ShortString::from(envelope.id.to_string()))
            .with_timestamp(u64::try_from(envelope.timestamp.as_seconds()).unwrap_or_default())
            .with_type(key.clone())
            .with_app_id(ShortString::from("eventify"));
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let told = channel.basic_publish(self.exchange.clone(), key, options, text, properties);
        let confirmed = told.await.map_err(|error| self.failure(&error))?;
        let answer = confirmed.await.map_err(|error| self.failure(&error))?;
        *place = Some(channel);
        match answer {
            Confirmation::Ack(None) => Ok(()),
            Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_)) => Err(Failure::Refused(format!(
                "no queue is bound to the exchange {} for {}",
                self.config.exchange,
                envelope.event.as_str()
            ))),
            Confirmation::Nack(None) => Err(Failure::Refused("RabbitMQ could not keep it".to_owned())),
            Confirmation::NotRequested => Err(Failure::Refused("RabbitMQ did not confirm it".to_owned())),
        }
    }

    /// Everything about one event goes by one channel, and so in its order.
    fn channel_of(&self, envelope: &Envelope) -> &Mutex<Option<Channel>> {
        let mut hash = DefaultHasher::new();
        match envelope.event_id {
            Some(event_id) => event_id.hash(&mut hash),
            None => envelope.id.hash(&mut hash),
        }
        let nth = usize::try_from(hash.finish() % self.channels.len() as u64).unwrap_or_default();
        &self.channels[nth]
    }

    fn failure(&self, error: &lapin::Error) -> Failure {
        if let ErrorKind::ProtocolError(refusal) = error.kind() {
            // The channel carries nothing else, so that it is this one which was refused.
            return match refusal.kind() {
                AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED | AMQPSoftError::CONTENTTOOLARGE) => {
                    Failure::ForEver(error.to_string())
                }
                AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND) => {
                    Failure::Refused(format!("RabbitMQ has no exchange {}: {error}", self.config.exchange))
                }
                AMQPErrorKind::Soft(_) => Failure::Refused(error.to_string()),
                AMQPErrorKind::Hard(_) => Failure::Away(error.to_string()),
            };
        }
        Failure::Away(error.to_string())
    }
}

#[async_trait]
impl Publisher for RabbitMq {
    fn name(&self) -> &str {
        &self.0.config.name
    }

    async fn publish(&self, envelope: &Envelope) -> Result<(), DeliveryError> {
        let text = self.0.config.limits.text(envelope)?;
        let place = timeout(self.0.config.limits.timeout, self.0.channel_of(envelope).lock()).await;
        let busy = |_| DeliveryError::Transient("others about the same event are still waiting".to_owned());
        let mut place = place.map_err(busy)?;
        self.0.door.pass(async { Ok(self.0.hand_over(envelope, &text, &mut place)) }).await
    }
}

impl fmt::Debug for RabbitMq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RabbitMq").field(&self.0.config).finish()
    }
}
