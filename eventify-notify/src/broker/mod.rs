//! What the brokers have in common: how they are named, trusted and waited for.
//!
//! Each adapter implements [`Publisher`](eventify_core::notification::Publisher): a fact counts as told when the broker has said that it has it for
//! good. All of them do this alike:
//!
//! - **Text**: the [`Envelope`] as JSON, and its id beside it in the broker's own way, so that a repeat can be told.
//! - **Order**: facts of one event reach the broker in the order in which they were handed over, unless one had to be
//!   repeated. The engine hands over many at a time; whoever needs the order of what happened goes by `timestamp`.
//! - **Errors**: permanent is what no patience mends, which is a fact that is too large. A broker that is away, refuses the
//!   login or lacks the topic is mended by somebody, and then takes what waited.
//! - **A broker that is away** is asked by one fact at a time, after pauses of a second to a minute. All others are told so at
//!   once. None of them has used up an attempt, also not the one that asked, unless it may have been handed over. Kafka's client does
//!   not say whether it got through: there the fact that finds Kafka away has used up one, and those that ask afterwards none.

#[cfg(any(feature = "nats", feature = "rabbitmq"))]
mod address;
mod door;
mod tls;

use std::time::Duration;

use eventify_core::notification::{DeliveryError, Envelope};

#[cfg(any(feature = "nats", feature = "rabbitmq"))]
pub use address::BrokerUrl;
pub(crate) use door::{Door, Failure, Handed};
pub use tls::{Identity, Tls};

/// The least and the most that a broker is waited for. A fact waits as long for its turn, and the engine for half of its
/// `job_lease_for` (30 s) for both.
const TIMEOUT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(14));
/// Facts that may be under way at once.
const IN_FLIGHT: (usize, usize) = (1, 10_000);
/// Bytes of one fact.
const MESSAGE_BYTES: (usize, usize) = (1_000, 100_000_000);

/// A setting that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct InvalidConfig {
    /// Which one.
    pub field: &'static str,
    /// What is wrong with it; never the value of a secret.
    pub problem: String,
}

impl InvalidConfig {
    pub(crate) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into() }
    }
}

/// How much of a broker's time and room is taken. The same for all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How long a broker may take to say that it has a fact; 100 ms to 14 s. Afterwards it is told again later.
    pub timeout: Duration,
    /// Facts that may be under way at once; 1 to 10,000. More wait.
    pub in_flight_max: usize,
    /// Bytes of one fact; 1,000 to 100,000,000, and no more than the broker takes.
    pub message_bytes_max: usize,
}

impl Default for Limits {
    /// 10 s, 64 facts, 1 MB.
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), in_flight_max: 64, message_bytes_max: 1_000_000 }
    }
}

impl Limits {
    pub(crate) fn check(&self) -> Result<(), InvalidConfig> {
        let within = |field, given, (least, most)| {
            let problem = || InvalidConfig::new(field, format!("must be between {least} and {most}"));
            if (least..=most).contains(&given) { Ok(()) } else { Err(problem()) }
        };
        let (least, most) = TIMEOUT;
        if !(least..=most).contains(&self.timeout) {
            return Err(InvalidConfig::new("timeout", "must be between 100 ms and 14 s"));
        }
        within("in_flight_max", self.in_flight_max, IN_FLIGHT)?;
        within("message_bytes_max", self.message_bytes_max, MESSAGE_BYTES)
    }

    /// The fact as text.
    pub(crate) fn text(&self, envelope: &Envelope) -> Result<Vec<u8>, DeliveryError> {
        let text = serde_json::to_vec(envelope)
            .map_err(|error| DeliveryError::Permanent(format!("the fact is no JSON: {error}")))?;
        if text.len() > self.message_bytes_max {
            return Err(DeliveryError::Permanent(format!(
                "the fact has {} bytes, more than message_bytes_max allows ({})",
                text.len(),
                self.message_bytes_max
            )));
        }
        Ok(text)
    }
}

/// A name that a broker keeps things under: an exchange, a topic, the first words of a subject.
pub(crate) fn check_name(field: &'static str, name: &str, chars_max: usize) -> Result<(), InvalidConfig> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.len() > chars_max || !name.chars().all(allowed) {
        let problem = format!("must be 1 to {chars_max} of the characters a-z A-Z 0-9 . _ -");
        return Err(InvalidConfig::new(field, problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
