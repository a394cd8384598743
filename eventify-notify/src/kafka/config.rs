//! Where Kafka is and how it is used.

use std::path::Path;

use eventify_core::account::SecretText;
use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;

use crate::broker::{InvalidConfig, Limits, Tls, check_name};

/// Servers that are asked for the others.
const SERVERS_MAX: usize = 32;
/// Bytes of a message besides the fact: key, headers and frame.
const AROUND_BYTES: usize = 1_000;

/// Where Kafka is and how it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaConfig {
    /// What jobs and metrics call it; `kafka` by default. See [`Publisher::name`](eventify_core::notification::Publisher::name).
    pub name: String,
    /// Some brokers of the cluster as `host:port`, at most 32; the others are found by them.
    pub servers: Vec<String>,
    /// The topic; `eventify` by default, at most 249 characters. Somebody has to make it, unless the brokers do.
    pub topic: String,
    /// Who we are, if that is asked.
    pub login: Option<KafkaLogin>,
    /// TLS, and how the brokers are known; without it nothing is encrypted. Needs the feature `kafka-tls`.
    pub tls: Option<Tls>,
    /// How much of Kafka's time and room is taken.
    pub limits: Limits,
}

/// A user of Kafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaLogin {
    /// How the password is shown to be known.
    pub mechanism: Mechanism,
    /// The user.
    pub user: String,
    /// The password.
    pub password: SecretText,
}

/// How a password is shown to be known (SASL).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// By saying it: over TLS, or where nobody listens.
    Plain,
    /// By SCRAM-SHA-256. Needs the feature `kafka-tls`.
    ScramSha256,
    /// By SCRAM-SHA-512. Needs the feature `kafka-tls`.
    ScramSha512,
}

impl KafkaConfig {
    /// The topic `eventify`, without login and TLS.
    #[must_use]
    pub fn new(servers: Vec<String>) -> Self {
        Self {
            name: "kafka".to_owned(),
            servers,
            topic: "eventify".to_owned(),
            login: None,
            tls: None,
            limits: Limits::default(),
        }
    }

    pub(super) fn check(&self) -> Result<(), InvalidConfig> {
        self.limits.check()?;
        check_name("topic", &self.topic, 249)?;
        if self.servers.is_empty() || self.servers.len() > SERVERS_MAX {
            return Err(InvalidConfig::new("servers", "must be 1 to 32 brokers"));
        }
        if let Some(wrong) = self.servers.iter().find(|server| !is_server(server)) {
            return Err(InvalidConfig::new("servers", format!("{wrong:?} is not host:port")));
        }
        let scram = self.login.as_ref().is_some_and(|login| login.mechanism != Mechanism::Plain);
        if cfg!(not(feature = "kafka-tls")) && (scram || self.tls.is_some()) {
            let field = if scram { "login.mechanism" } else { "tls" };
            return Err(InvalidConfig::new(
                field,
                "this build has neither TLS nor SCRAM for Kafka (kafka-tls)",
            ));
        }
        Ok(())
    }

    /// As Kafka's client wants it.
    pub(super) fn settings(&self) -> ClientConfig {
        let mut settings = ClientConfig::new();
        let timeout_ms = self.limits.timeout.as_millis();
        let bytes_max = self.limits.message_bytes_max + AROUND_BYTES;
        settings
            .set("bootstrap.servers", self.servers.join(","))
            .set("client.id", "eventify")
            .set("enable.idempotence", "true")
            .set("acks", "all")
            // A request of its own for each fact: Kafka refuses a request as a whole.
            .set("batch.num.messages", "1")
            .set("linger.ms", "0")
            .set("message.max.bytes", bytes_max.to_string())
            .set("message.timeout.ms", timeout_ms.to_string())
            .set("socket.timeout.ms", timeout_ms.clamp(1_000, 60_000).to_string())
            .set("socket.connection.setup.timeout.ms", timeout_ms.clamp(1_000, 30_000).to_string())
            .set("topic.metadata.propagation.max.ms", (timeout_ms / 2).to_string())
            .set("reconnect.backoff.max.ms", "2000")
            .set("queue.buffering.max.messages", (self.limits.in_flight_max * 2).to_string())
            .set_log_level(RDKafkaLogLevel::Warning);
        let protocol = match (self.login.is_some(), self.tls.is_some()) {
            (false, false) => "plaintext",
            (false, true) => "ssl",
            (true, false) => "sasl_plaintext",
            (true, true) => "sasl_ssl",
        };
        settings.set("security.protocol", protocol);
        if let Some(login) = &self.login {
            let mechanism = match login.mechanism {
                Mechanism::Plain => "PLAIN",
                Mechanism::ScramSha256 => "SCRAM-SHA-256",
                Mechanism::ScramSha512 => "SCRAM-SHA-512",
            };
            settings.set("sasl.mechanisms", mechanism);
            settings.set("sasl.username", &login.user).set("sasl.password", login.password.expose());
        }
        if let Some(tls) = &self.tls {
            let path = |file: &Path| file.display().to_string();
            if let Some(file) = &tls.ca_file {
                settings.set("ssl.ca.location", path(file));
            }
            if let Some(identity) = &tls.identity {
                settings.set("ssl.certificate.location", path(&identity.certificate_file));
                settings.set("ssl.key.location", path(&identity.key_file));
            }
        }
        settings
    }
}

/// `host:port`, `[::1]:port`; nothing that the client's list would take apart otherwise.
fn is_server(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    !host.is_empty() && host.chars().all(named) && port.parse::<u16>().is_ok_and(|port| port > 0)
}
