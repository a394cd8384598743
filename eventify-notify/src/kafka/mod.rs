//! Apache Kafka.
//!
//! Facts go to one topic with the event's id as key, so that everything about one event is in one partition, in the order in
//! which it was handed over: the engine hands over many at a time.
//! The headers `id` and `event` are the fact's id and name. The producer is idempotent and waits for all replicas
//! (`acks=all`): a fact counts as told when Kafka has it, and is there twice only if the engine had to tell it twice.
//!
//! ```no_run
//! # fn f() -> Result<(), eventify_notify::broker::InvalidConfig> {
//! use eventify_notify::kafka::{Kafka, KafkaConfig};
//!
//! let kafka = Kafka::new(KafkaConfig::new(vec!["kafka.example.org:9092".to_owned()]))?;
//! // Eventify::builder(store).publisher(kafka.clone()) … and after the engine was shut down: kafka.close().await
//! # Ok(())
//! # }
//! ```
//!
//! TLS and SCRAM need the feature `kafka-tls`, which takes them from the system's OpenSSL.

mod config;
mod listener;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::notification::{DeliveryError, Envelope, Publisher};
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};

use crate::broker::{Door, Failure, Handed, InvalidConfig, Limits};
pub use config::{KafkaConfig, KafkaLogin, Mechanism};
use listener::{Listener, Trouble};

/// How much later than the client itself the fact is given up: its answer says more.
const GRACE: Duration = Duration::from_millis(500);

/// Tells facts to Kafka. Clones share one producer, which connects by itself and anew when that is lost.
#[derive(Clone)]
pub struct Kafka(Arc<Inner>);

struct Inner {
    config: KafkaConfig,
    settings: ClientConfig,
    door: Door,
    trouble: Trouble,
    producer: Mutex<Option<FutureProducer<Listener>>>,
}

impl Kafka {
    /// Checks the settings. Kafka may be away.
    ///
    /// # Errors
    /// What cannot be: a server without a port, a name or a limit out of its bounds, TLS in a build without it, files that
    /// cannot be read.
    pub fn new(config: KafkaConfig) -> Result<Self, InvalidConfig> {
        config.check()?;
        let settings = config.settings();
        let trouble = Trouble::default();
        let hide = |error: KafkaError| {
            let text = error.to_string();
            let text = config.login.as_ref().map_or(text.clone(), |login| login.password.hide_in(&text));
            InvalidConfig::new("kafka", text)
        };
        let producer = Mutex::new(Some(made(&settings, &trouble).map_err(hide)?));
        let secrets = config.login.iter().map(|login| login.password.clone()).collect();
        let patience = Limits { timeout: config.limits.timeout + GRACE, ..config.limits.clone() };
        let door = Door::new(&patience, secrets);
        Ok(Self(Arc::new(Inner { config, settings, door, trouble, producer })))
    }

    /// Says good-bye to Kafka. Facts under way are waited for, others are refused from now on.
    pub async fn close(&self) {
        self.0.door.close(self.0.config.limits.in_flight_max).await;
        let timeout = self.0.config.limits.timeout;
        let producer = self.0.lock().take();
        if let Some(producer) = producer {
            let _ = tokio::task::spawn_blocking(move || producer.flush(timeout)).await;
        }
    }
}

fn made(settings: &ClientConfig, trouble: &Trouble) -> Result<FutureProducer<Listener>, KafkaError> {
    settings.create_with_context(Listener::new(trouble.clone()))
}

impl Inner {
    /// Puts it into the producer's queue, and says how to wait for the answer.
    fn send(
        &self,
        envelope: &Envelope,
        text: &[u8],
        handed: &Handed,
    ) -> Result<impl Future<Output = Result<(), Failure>> + use<'_>, Failure> {
        let producer = self.lock().clone().ok_or_else(|| Failure::Refused("it was closed".to_owned()))?;
        let id = envelope.id.to_string();
        // A fact that is about no event is nobody's neighbour.
        let key = envelope.event_id.map_or_else(|| id.clone(), |event_id| event_id.to_string());
        let header = |key, value| Header { key, value: Some(value) };
        let headers = OwnedHeaders::new()
            .insert(header("id", id.as_str()))
            .insert(header("event", envelope.event.as_str()))
            .insert(header("content-type", "application/json"));
        let record = FutureRecord::to(&self.config.topic)
            .key(&key)
            .payload(text)
            .timestamp(envelope.timestamp.as_micros() / 1000)
            .headers(headers);
        // The client connects by itself, and does not say whether it has; while Kafka is away it has not.
        if !self.door.is_away() {
            handed.over();
        }
        let queued = producer.send_result(record).map_err(|(error, _)| self.failure(&producer, &error))?;
        Ok(async move {
            match queued.await {
                Ok(Ok(at)) if at.offset >= 0 => {
                    self.trouble.forget();
                    Ok(())
                }
                // Kafka took it for a repeat, which the client takes for an acknowledgement. But where a topic is new, or Kafka has
                // forgotten this client, the one behind it may have come in before it: then Kafka never had it.
                Ok(Ok(_)) => Err(Failure::Refused("Kafka does not say where it keeps it".to_owned())),
                Ok(Err((error, _))) => Err(self.failure(&producer, &error)),
                Err(_) => Err(Failure::Refused("it was closed".to_owned())),
            }
        })
    }

    fn failure(&self, producer: &FutureProducer<Listener>, error: &KafkaError) -> Failure {
        let told = self.trouble.say(&error.to_string());
        if producer.client().fatal_error().is_some() {
            self.replace();
            return Failure::Away(told);
        }
        match error.rdkafka_error_code() {
            // Each fact is a request of its own, so that it is this one which is too large.
            Some(
                RDKafkaErrorCode::MessageSizeTooLarge
                | RDKafkaErrorCode::MessageBatchTooLarge
                | RDKafkaErrorCode::InvalidMessageSize,
            ) => Failure::ForEver(error.to_string()),
            Some(RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownTopicOrPartition) => {
                Failure::Refused(format!("Kafka has no topic {}", self.config.topic))
            }
            Some(
                RDKafkaErrorCode::MessageTimedOut
                | RDKafkaErrorCode::TimedOutQueue
                | RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::Resolve
                | RDKafkaErrorCode::Authentication
                | RDKafkaErrorCode::SaslAuthenticationFailed,
            ) => Failure::Away(told),
            _ => Failure::Refused(told),
        }
    }

    /// A producer that has lost count of what it sent is of no use any more; a new one begins to count anew.
    fn replace(&self) {
        let mut producer = self.lock();
        let lost = producer.as_ref().is_some_and(|producer| producer.client().fatal_error().is_some());
        if !lost {
            return;
        }
        match made(&self.settings, &self.trouble) {
            Ok(new) => {
                let old = producer.replace(new);
                // Its end waits for a thread.
                tokio::task::spawn_blocking(move || drop(old));
            }
            Err(error) => tracing::error!(%error, "Kafka's client cannot be made anew"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<FutureProducer<Listener>>> {
        self.producer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Publisher for Kafka {
    fn name(&self) -> &str {
        &self.0.config.name
    }

    async fn publish(&self, envelope: &Envelope) -> Result<(), DeliveryError> {
        let text = self.0.config.limits.text(envelope)?;
        let handed = Handed::default();
        self.0.door.pass(&handed, async { self.0.send(envelope, &text, &handed) }).await
    }
}

impl fmt::Debug for Kafka {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kafka").field(&self.0.config).finish()
    }
}
