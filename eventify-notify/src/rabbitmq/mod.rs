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
mod together;

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::notification::{DeliveryError, Envelope, Publisher};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::ShortString;
use lapin::{Channel, ErrorKind};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::time::timeout;

use crate::broker::{BrokerUrl, Door, Failure, Handed, InvalidConfig, Limits, Tls, check_name};
use link::Links;
use together::{Line, Message};

/// Channels of a connection; RabbitMQ allows twice as many.
const CHANNELS_MAX: usize = 1_000;

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
    /// How much of its time and room is taken. There are as many channels as facts may be under way: at most 1,000. Each
    /// carries the facts of some events, up to 64 at once.
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
    lines: Vec<Line>,
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
        let lines = (0..config.limits.in_flight_max).map(|_| Line::default()).collect();
        let exchange = ShortString::from(config.exchange.as_str());
        Ok(Self(Arc::new(Inner { config, exchange, door, links, lines })))
    }

    /// Says good-bye to RabbitMQ. Facts under way are waited for, others are refused from now on.
    pub async fn close(&self) {
        self.0.door.close(self.0.config.limits.in_flight_max).await;
        self.0.links.close(self.0.config.limits.timeout).await;
    }
}

impl Inner {
    /// Everything about one event goes by one channel, and so in its order.
    fn line_of(&self, envelope: &Envelope) -> &Line {
        let mut hash = DefaultHasher::new();
        match envelope.event_id {
            Some(event_id) => event_id.hash(&mut hash),
            None => envelope.id.hash(&mut hash),
        }
        let nth = usize::try_from(hash.finish() % self.lines.len() as u64).unwrap_or_default();
        &self.lines[nth]
    }

    /// Tells RabbitMQ what waits, and those who wait what came of it.
    async fn tell_next(&self, line: &Line, place: &mut Option<Channel>) {
        let (messages, waiting) = line.next();
        let mut told = Vec::with_capacity(messages.len());
        let handed = Handed::default();
        let hand_over = async { Ok(self.hand_over(&messages, place, &handed, &mut told)) };
        let passed = self.door.pass(&handed, hand_over).await;
        let known = told.into_iter().map(|told| told.map_err(|failure| self.door.error(failure)));
        let left_out = || DeliveryError::Transient("it was left out".to_owned());
        let rest = std::iter::repeat_with(|| passed.clone().and(Err(left_out())));
        for (one, told) in waiting.into_iter().zip(known.chain(rest)) {
            // Who does not wait any more is told again, under the same id.
            let _ = one.send(told);
        }
    }

    fn failure(&self, error: &lapin::Error) -> Failure {
        if let ErrorKind::ProtocolError(refusal) = error.kind() {
            // Where the channel carried nothing else, it is this one which was refused.
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
        let line = self.0.line_of(envelope);
        let (nth, mut answer) = line.join(Message::new(envelope, text));
        let stopped = || DeliveryError::Transient("whoever was about to tell it was stopped".to_owned());
        // Whoever has the channel tells what waits for it, which may be ours.
        let told = timeout(self.0.config.limits.timeout, async {
            tokio::select! {
                biased;
                told = &mut answer => Err(told.unwrap_or_else(|_| Err(stopped()))),
                place = line.channel.lock() => Ok(place),
            }
        });
        // RabbitMQ may have what somebody took along: that was an attempt.
        let late = |_| match line.leave(nth) {
            true => {
                let why = "others about the same event are still waiting".to_owned();
                DeliveryError::Busy { why, pause: None }
            }
            false => DeliveryError::Transient("no answer to it and those that it went with".to_owned()),
        };
        let mut place = match told.await.map_err(late)? {
            Ok(place) => place,
            Err(told) => return told,
        };
        loop {
            match answer.try_recv() {
                Ok(told) => return told,
                Err(TryRecvError::Closed) => return Err(stopped()),
                Err(TryRecvError::Empty) => self.0.tell_next(line, &mut place).await,
            }
        }
    }
}

impl fmt::Debug for RabbitMq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RabbitMq").field(&self.0.config).finish()
    }
}
