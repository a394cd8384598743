//! Push messages: browsers by Web Push, apps by Firebase Cloud Messaging.
//!
//! A person has several browsers and phones; each gets the message, and those that are gone for good are named to the engine, which
//! forgets them. One that fails for now makes the message be tried again, for the others not a second time as long as this
//! process remembers whom it has reached. What is carried is JSON with `id`, `kind`, `fact`, `title`, `body` and, where they are
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

mod done;
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
use eventify_core::PushSubscriptionId;
use eventify_core::notification::{
    Channel, Delivered, DeliveryError, Message, Notifier, PushAddress, PushTarget, Recipient,
};
use futures_util::future::join_all;
use url::Url;

use done::Done;
use fcm::Fcm;
pub use fcm::FcmSettings;
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

/// What came of one browser or phone.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Sent,
    /// It is not there any more.
    Gone,
    /// Another attempt may succeed.
    Later(String),
    /// It was not called.
    Busy(Busy),
    /// No attempt will.
    Never(String),
}

/// Why a service was not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Busy {
    /// Too many calls to it are under way.
    Crowded,
    /// It wants to be left alone for so long.
    Paused(Duration),
}

impl From<Busy> for DeliveryError {
    fn from(busy: Busy) -> Self {
        match busy {
            Busy::Crowded => {
                Self::Busy { why: "too many calls to the push service are under way".to_owned(), pause: None }
            }
            Busy::Paused(left) => {
                let why = format!("the push service asked for a pause; {} s of it are left", left.as_secs());
                Self::Busy { why, pause: Some(left) }
            }
        }
    }
}

/// Brings messages to browsers and phones.
#[derive(Debug, Default)]
pub struct Push {
    web: Option<WebPush>,
    fcm: Option<Fcm>,
    done: Done,
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
        let nobody = || Outcome::Never("nothing is set up to reach it".to_owned());
        let service = service_of(&target.address);
        let Some(_place) = self.places.take(&service).await else {
            return Outcome::Busy(Busy::Crowded);
        };
        let outcome = match &target.address {
            PushAddress::Web { endpoint, p256dh, auth } => match &self.web {
                Some(web) => web.send(endpoint, p256dh, auth, message).await,
                None => nobody(),
            },
            PushAddress::Fcm { token } => match &self.fcm {
                Some(fcm) => fcm.send(token, message).await,
                None => nobody(),
            },
        };
        match outcome {
            Outcome::Sent => self.places.trust(&service),
            Outcome::Later(_) => self.places.distrust(&service),
            Outcome::Gone | Outcome::Busy(_) | Outcome::Never(_) => {}
        }
        outcome
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
        let mut reached = self.done.take(&message.dedupe_key);
        let left: Vec<&PushTarget> = to.push.iter().filter(|target| !reached.contains(&target.id)).collect();
        let outcomes = join_all(left.iter().map(|target| self.send(target, message))).await;
        let (mut gone, mut later, mut never, mut busy) = (Vec::new(), None, None, None);
        for (id, outcome) in left.iter().map(|target| target.id).zip(outcomes) {
            match outcome {
                Outcome::Sent => {
                    reached.insert(id);
                }
                Outcome::Gone => gone.push(id),
                Outcome::Later(why) => later = Some(DeliveryError::Transient(why)),
                Outcome::Busy(why) => busy = busy.max(Some(why)),
                Outcome::Never(why) => never = Some(why),
            }
        }
        self.settle(message, reached, gone, later.or_else(|| busy.map(Into::into)), never)
    }
}

impl Push {
    fn settle(
        &self,
        message: &Message,
        reached: BTreeSet<PushSubscriptionId>,
        gone: Vec<PushSubscriptionId>,
        later: Option<DeliveryError>,
        never: Option<String>,
    ) -> Result<Delivered, DeliveryError> {
        if let Some(later) = later {
            // Those that are gone will be found gone again.
            self.done.keep(&message.dedupe_key, reached);
            return Err(later);
        }
        match never {
            // One of several that cannot be reached is no reason to call the message lost.
            Some(why) if reached.is_empty() && gone.is_empty() => Err(DeliveryError::Permanent(why)),
            _ => Ok(Delivered { gone }),
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
