//! NATS, by its JetStream.
//!
//! Facts go to the subjects `eventify.ticket.purchased` and so on: prefix, dot, name. Somebody has to make a stream that
//! keeps `eventify.>`; without one a fact is not told, and told again later. The header `Nats-Msg-Id` is the fact's id, so
//! that the stream itself drops a repeat within its window of duplicates. A fact counts as told when the stream has
//! acknowledged it.
//!
//! ```no_run
//! # fn f() -> Result<(), eventify_notify::broker::InvalidConfig> {
//! use eventify_notify::nats::{Nats, NatsConfig};
//!
//! let nats = Nats::new(NatsConfig::new(vec!["tls://eventify:secret@nats.example.org".parse()?]))?;
//! // Eventify::builder(store).publisher(nats.clone()) … and after the engine was shut down: nats.close().await
//! # Ok(())
//! # }
//! ```

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex as SyncMutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::context::{ContextBuilder, PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, Context};
use async_nats::{ConnectOptions, Event, ServerAddr};
use async_trait::async_trait;
use eventify_core::account::SecretText;
use eventify_core::notification::{DeliveryError, Envelope, Publisher};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::broker::{BrokerUrl, Door, Failure, Handed, InvalidConfig, Limits, Tls, check_name};

/// How often the server is asked whether it is there; after two silences the connection is lost.
const PING_EVERY: Duration = Duration::from_secs(5);
/// What NATS listens on.
const PORT: u16 = 4222;
/// Servers of one cluster.
const SERVERS_MAX: usize = 32;

/// Where NATS is and how it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatsConfig {
    /// What jobs and metrics call it; `nats` by default. See [`Publisher::name`].
    pub name: String,
    /// The servers of one cluster, at most 32: `nats://user:password@host:4222`, `nats://token@host`, or `tls:` for TLS. All
    /// have the same scheme, user and password.
    pub urls: Vec<BrokerUrl>,
    /// The first words of every subject; `eventify` by default, at most 100 characters.
    pub subject: String,
    /// How the servers are known, for `tls:`.
    pub tls: Tls,
    /// How much of their time and room is taken.
    pub limits: Limits,
}

impl NatsConfig {
    /// Subjects that begin with `eventify`.
    #[must_use]
    pub fn new(urls: Vec<BrokerUrl>) -> Self {
        Self {
            name: "nats".to_owned(),
            urls,
            subject: "eventify".to_owned(),
            tls: Tls::default(),
            limits: Limits::default(),
        }
    }

    fn check(&self) -> Result<(), InvalidConfig> {
        let wrong = |problem: &str| InvalidConfig::new("urls", problem);
        self.limits.check()?;
        check_name("subject", &self.subject, 100)?;
        if self.subject.split('.').any(str::is_empty) {
            return Err(InvalidConfig::new(
                "subject",
                "must not begin or end with a dot or have two in a row",
            ));
        }
        let first = self.urls.first().filter(|_| self.urls.len() <= SERVERS_MAX);
        let first = first.ok_or_else(|| wrong("must be 1 to 32 addresses"))?;
        if !matches!(first.scheme(), "nats" | "tls") {
            return Err(wrong("must begin with nats: or tls:"));
        }
        let who = |url: &BrokerUrl| {
            (url.scheme().to_owned(), url.user().map(str::to_owned), url.password().cloned())
        };
        if self.urls.iter().any(|url| who(url) != who(first)) {
            return Err(wrong("must have the same scheme, user and password"));
        }
        Ok(())
    }
}

/// Tells facts to NATS. Clones share one connection, which is made by the first fact and made anew when it is lost.
#[derive(Clone)]
pub struct Nats(Arc<Inner>);

struct Inner {
    config: NatsConfig,
    door: Door,
    servers: Vec<ServerAddr>,
    options: ConnectOptions,
    stream: Mutex<Option<Context>>,
    trouble: Arc<Trouble>,
}

impl Nats {
    /// Checks the settings; connects to nothing yet, so that NATS may be away when a service starts.
    ///
    /// # Errors
    /// What cannot be: a scheme that is not NATS', a name or a limit out of its bounds, files of TLS that cannot be read.
    pub fn new(config: NatsConfig) -> Result<Self, InvalidConfig> {
        config.check()?;
        let servers: Result<Vec<ServerAddr>, _> = config
            .urls
            .iter()
            .map(|url| format!("{}://{}", url.scheme(), url.authority(PORT)).parse())
            .collect();
        let servers =
            servers.map_err(|_| InvalidConfig::new("urls", "names a host that NATS cannot reach"))?;
        let first = config.urls.first();
        // A token is what stands in the place of the user, alone.
        let alone = first.filter(|url| url.password().is_none()).and_then(BrokerUrl::user);
        let secret = first.and_then(BrokerUrl::password).cloned().or_else(|| alone.map(SecretText::new));
        let trouble = Arc::new(Trouble::default());
        let options = options(&config, &trouble)?;
        let door = Door::new(&config.limits, secret.into_iter().collect());
        Ok(Self(Arc::new(Inner { config, door, servers, options, stream: Mutex::default(), trouble })))
    }

    /// Says good-bye to NATS. Facts under way are waited for, others are refused from now on.
    pub async fn close(&self) {
        self.0.door.close(self.0.config.limits.in_flight_max).await;
        if let Some(stream) = self.0.stream.lock().await.take() {
            let _ = timeout(self.0.config.limits.timeout, stream.client().drain()).await;
        }
    }
}

fn options(config: &NatsConfig, trouble: &Arc<Trouble>) -> Result<ConnectOptions, InvalidConfig> {
    let trouble = trouble.clone();
    let mut options = ConnectOptions::new()
        .name("eventify")
        .ping_interval(PING_EVERY)
        .connection_timeout(config.limits.timeout)
        .event_callback(move |event| {
            trouble.note(&event);
            async {}
        });
    if let Some(url) = config.urls.first() {
        options = match (url.user(), url.password()) {
            (Some(user), Some(password)) => {
                options.user_and_password(user.to_owned(), password.expose().to_owned())
            }
            (Some(token), None) => options.token(token.to_owned()),
            (None, _) => options,
        };
        if url.scheme() == "tls" {
            options = options.require_tls(true).tls_client_config(config.tls.client()?);
        }
    }
    Ok(options)
}

impl Inner {
    /// Sends it, and says how to wait for the answer.
    async fn send(
        &self,
        envelope: &Envelope,
        text: Vec<u8>,
        handed: &Handed,
    ) -> Result<impl Future<Output = Result<(), Failure>>, Failure> {
        let stream = self.stream().await?;
        let subject = format!("{}.{}", self.config.subject, envelope.event.as_str());
        let message = PublishMessage::build()
            .message_id(envelope.id.to_string())
            .header("Content-Type", "application/json")
            .payload(text.into());
        handed.over();
        let told = stream.send_publish(subject.clone(), message).await;
        let told = told.map_err(|error| self.failure(&subject, &error))?;
        Ok(async move { told.await.map(drop).map_err(|error| self.failure(&subject, &error)) })
    }

    /// The stream over the connection that there is, or over a new one. Once made, the client keeps it up by itself.
    async fn stream(&self) -> Result<Context, Failure> {
        let mut stream = self.stream.lock().await;
        if let Some(stream) = &*stream {
            // What is handed over meanwhile would wait in the client, without an answer.
            return match stream.client().connection_state() {
                State::Connected => Ok(stream.clone()),
                State::Pending | State::Disconnected => {
                    Err(Failure::Away(self.trouble.say("the connection is lost")))
                }
            };
        }
        let connected = Box::pin(self.options.clone().connect(&self.servers)).await;
        let client = connected.map_err(|error| Failure::Away(error.to_string()))?;
        let made = ContextBuilder::new()
            .timeout(self.config.limits.timeout)
            .ack_timeout(self.config.limits.timeout)
            .max_ack_inflight(self.config.limits.in_flight_max)
            .build(client);
        *stream = Some(made.clone());
        Ok(made)
    }

    fn failure(&self, subject: &str, error: &PublishError) -> Failure {
        let refusal = error.source().and_then(|source| source.downcast_ref::<jetstream::Error>());
        let too_large = jetstream::ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM;
        match (error.kind(), refusal) {
            (PublishErrorKind::MaxPayloadExceeded, _) => Failure::ForEver(error.to_string()),
            (_, Some(refusal)) if refusal.error_code() == too_large => Failure::ForEver(error.to_string()),
            (_, Some(_)) => Failure::Refused(error.to_string()),
            (PublishErrorKind::StreamNotFound, _) => {
                Failure::Refused(format!("no stream keeps the subject {subject}"))
            }
            _ => Failure::Away(self.trouble.say(&error.to_string())),
        }
    }
}

/// What the client last complained of while it was not connected: its own answers do not tell.
#[derive(Default)]
struct Trouble(SyncMutex<Option<String>>);

impl Trouble {
    fn note(&self, event: &Event) {
        match event {
            Event::Connected => *self.lock() = None,
            Event::ServerError(_) | Event::ClientError(_) => *self.lock() = Some(event.to_string()),
            _ => {}
        }
    }

    fn say(&self, what: &str) -> String {
        match &*self.lock() {
            Some(why) => format!("{what}: {why}"),
            None => what.to_owned(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Publisher for Nats {
    fn name(&self) -> &str {
        &self.0.config.name
    }

    async fn publish(&self, envelope: &Envelope) -> Result<(), DeliveryError> {
        let text = self.0.config.limits.text(envelope)?;
        let handed = Handed::default();
        self.0.door.pass(&handed, Box::pin(self.0.send(envelope, text, &handed))).await
    }
}

impl fmt::Debug for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Nats").field(&self.0.config).finish()
    }
}
