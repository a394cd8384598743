//! Push messages: browsers by Web Push, apps by Firebase Cloud Messaging.
//!
//! A person has several browsers and phones; each gets the message, and those that are gone for good are named to the engine, which
//! forgets them. Those that fail for now while others are reached are named too: the message comes again for them alone. What is carried is JSON with `id`, `kind`, `fact`, `title`, `body` and, where they are
//! known, `event_id` and `url`; `id` is the same for a repeat, for showing it in the first one's place.
//!
//! ```no_run
//! use eventify_notify::push::{Push, VapidKey, WebPushSettings};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let key = VapidKey::new(&std::env::var("VAPID_KEY")?.as_str().into())?;
//! let push = Push::new().with_web(WebPushSettings::new(key, "mailto:office@example.org"))?;
//! # Ok(()) }
//! ```

mod encrypt;
mod fcm;
mod jwt;
mod pauses;
mod payload;
mod places;
mod vapid;
mod web;

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::notification::{
    Channel, Delivered, DeliveryError, Message, Notifier, PushAddress, PushTarget, Recipient,
};
use futures_util::future::join_all;
use url::Url;

use crate::absence::IsAway;
use fcm::Fcm;
pub use fcm::FcmSettings;
use pauses::Pauses;
use places::Places;
pub use vapid::VapidKey;
use web::WebPush;
pub use web::WebPushSettings;

/// Push messages cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// A setting is of no use.
    #[error("{0}")]
    Settings(String),
}

/// How long one browser or phone may take: less than the engine waits for all of them, so that it learns who was reached.
const TARGET_MAX: Duration = Duration::from_secs(20);

/// The longest pause of a service that is kept: whatever it asks for, it is asked again after this.
const PAUSE_MAX: Duration = Duration::from_secs(600);

/// How often operators are told of a service that does not take our key.
const WARN_EVERY: Duration = Duration::from_secs(3_600);

/// What came of one browser or phone.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Sent,
    /// It is not there any more.
    Gone,
    /// It cannot be reached from here as things are set up, which is no failure of the message.
    Unserved,
    /// Its service does not take our key, or our project, for it.
    Stranger(u16),
    /// Another attempt may succeed.
    Later(String),
    /// It was not called, or took nothing because there was too much.
    Busy(Busy),
    /// No attempt will.
    Never(String),
}

/// Why a service was not called, or took nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Busy {
    /// Too many calls to it are under way.
    Crowded,
    /// It takes nothing more for this one phone for so long; others are not meant.
    Sated(Duration),
    /// It wants to be left alone for so long.
    Paused(Duration),
    /// It is away, or does not let us in; one asks for all.
    Away(IsAway),
}

impl Busy {
    /// As the engine is told of it: that goes for all push messages where no other service takes any.
    fn told(self, is_only: bool) -> DeliveryError {
        let (why, pause) = match self {
            Self::Crowded => {
                let why = "too many calls to the push service are under way".to_owned();
                return DeliveryError::Busy { why, pause: None };
            }
            Self::Sated(pause) => {
                let why = "the push service takes no more for this phone for now".to_owned();
                return DeliveryError::Busy { why, pause: Some(pause) };
            }
            Self::Paused(left) => {
                (format!("the push service asked for a pause; {} s of it are left", left.as_secs()), left)
            }
            Self::Away(IsAway { why, pause }) => (why, pause),
        };
        if is_only {
            DeliveryError::Away { why, pause }
        } else {
            DeliveryError::Busy { why, pause: Some(pause) }
        }
    }
}

/// Brings messages to browsers and phones.
#[derive(Debug, Default)]
pub struct Push {
    web: Option<WebPush>,
    fcm: Option<Fcm>,
    warned: Pauses,
    places: Places,
}

impl Push {
    /// Reaches nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reaches browsers.
    ///
    /// # Errors
    /// [`PushError`] naming the setting that is of no use.
    pub fn with_web(self, settings: WebPushSettings) -> Result<Self, PushError> {
        Ok(Self { web: Some(WebPush::new(settings)?), ..self })
    }

    /// Reaches apps.
    ///
    /// # Errors
    /// [`PushError`] naming the setting that is of no use.
    pub fn with_fcm(self, settings: FcmSettings) -> Result<Self, PushError> {
        Ok(Self { fcm: Some(Fcm::new(settings)?), ..self })
    }

    async fn send(&self, target: &PushTarget, message: &Message) -> Outcome {
        let service = service_of(&target.address);
        let Some(_place) = self.places.take(&service).await else {
            return Outcome::Busy(Busy::Crowded);
        };
        let sent = tokio::time::timeout(TARGET_MAX, self.call(&target.address, message)).await;
        let outcome = sent.unwrap_or_else(|_| Outcome::Later("no answer in time".to_owned()));
        match outcome {
            Outcome::Sent => self.places.trust(&service),
            Outcome::Later(_) => self.places.distrust(&service),
            _ => {}
        }
        self.understood(&service, outcome)
    }

    async fn call(&self, address: &PushAddress, message: &Message) -> Outcome {
        match address {
            PushAddress::Web { endpoint, p256dh, auth } => match &self.web {
                Some(web) => web.send(endpoint, p256dh, auth, message).await,
                None => Outcome::Unserved,
            },
            PushAddress::Fcm { token } => match &self.fcm {
                Some(fcm) => fcm.send(token, message).await,
                None => Outcome::Unserved,
            },
        }
    }

    /// What an outcome means that says as much of us as of the browser: what others of its service met decides.
    fn understood(&self, service: &str, outcome: Outcome) -> Outcome {
        match outcome {
            // It asked for another key's or project's messages, when we had that one.
            Outcome::Stranger(_) if self.places.doubt(service) => Outcome::Gone,
            Outcome::Stranger(status) => {
                self.warn(service, status);
                Outcome::Unserved
            }
            outcome => outcome,
        }
    }

    /// Tells operators, now and then.
    fn warn(&self, service: &str, status: u16) {
        if self.warned.left(service).is_none() {
            self.warned.note(service, WARN_EVERY);
            tracing::warn!(
                service,
                status,
                "a push service does not take our key (VAPID) or service account: is it another one?"
            );
        }
    }
}

#[async_trait]
impl Notifier for Push {
    fn channels(&self) -> BTreeSet<Channel> {
        let any = self.web.is_some() || self.fcm.is_some();
        any.then_some(Channel::Push).into_iter().collect()
    }

    async fn deliver(
        &self,
        _channel: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        let outcomes = join_all(to.push.iter().map(|target| self.send(target, message))).await;
        let (mut gone, mut left, mut is_reached) = (Vec::new(), Vec::new(), false);
        let (mut later, mut busy, mut never) = (None, None, None);
        for (id, outcome) in to.push.iter().map(|target| target.id).zip(outcomes) {
            match outcome {
                Outcome::Sent => is_reached = true,
                Outcome::Gone => gone.push(id),
                Outcome::Later(why) => {
                    left.push(id);
                    later = Some(DeliveryError::Transient(why));
                }
                Outcome::Busy(why) => {
                    left.push(id);
                    busy = busy.max(Some(why));
                }
                Outcome::Never(why) => never = Some(why),
                Outcome::Unserved | Outcome::Stranger(_) => {}
            }
        }
        let failed = later
            .or_else(|| busy.map(|busy| busy.told(self.web.is_none())))
            .or_else(|| never.map(DeliveryError::Permanent));
        match failed {
            // One of several that cannot be reached is no reason to tell the others again, nor to call the message lost.
            Some(failed) if !is_reached && gone.is_empty() => Err(failed),
            _ => Ok(Delivered { nobody: !is_reached && left.is_empty(), gone, left }),
        }
    }
}

/// Who is called for it.
fn service_of(address: &PushAddress) -> String {
    match address {
        PushAddress::Web { endpoint, .. } => {
            Url::parse(endpoint).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
        }
        PushAddress::Fcm { .. } => "fcm".to_owned(),
    }
}
