//! Web Push: RFC 8030, 8291 and 8292.

use std::fmt::{self, Debug};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use eventify_core::notification::Message;
use eventify_core::{Clock, SystemClock};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use url::Url;

use super::encrypt::{CannotEncrypt, PLAIN_BYTES_MAX, encrypt};
use super::pauses::Pauses;
use super::payload;
use super::vapid::VapidKey;
use super::{Busy, Outcome, PAUSE_MAX, PushError};
use crate::links::PublicUrl;
use crate::outgoing::{Answer, Call, Outgoing, OutgoingError, OutgoingSettings};

/// How browsers are reached.
pub struct WebPushSettings {
    /// The key by which push services know us.
    pub key: VapidKey,
    /// Whom push services ask if something is wrong: `mailto:` or `https:`.
    pub contact: String,
    /// The service's public address; without it messages lead nowhere.
    pub public_url: Option<PublicUrl>,
    /// How long a message waits for a browser that is away; a day by default.
    pub keep_for: Duration,
    /// How push services are called: only where they are public, unless a test says otherwise.
    pub outgoing: OutgoingSettings,
}

impl Debug for WebPushSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebPushSettings")
            .field("key", &self.key)
            .field("contact", &self.contact)
            .finish_non_exhaustive()
    }
}

impl WebPushSettings {
    /// The usual settings for a key and a contact.
    pub fn new(key: VapidKey, contact: impl Into<String>) -> Self {
        Self {
            key,
            contact: contact.into(),
            public_url: None,
            keep_for: Duration::from_secs(24 * 3_600),
            outgoing: OutgoingSettings::default(),
        }
    }
}

/// Sends to browsers.
#[derive(Debug)]
pub(super) struct WebPush {
    key: VapidKey,
    contact: String,
    public_url: Option<PublicUrl>,
    keep_for: Duration,
    outgoing: Outgoing,
    pauses: Pauses,
}

impl WebPush {
    pub(super) fn new(settings: WebPushSettings) -> Result<Self, PushError> {
        let WebPushSettings { key, contact, public_url, keep_for, outgoing } = settings;
        let is_contact = contact.starts_with("mailto:") || contact.starts_with("https:");
        if !is_contact || Url::parse(&contact).is_err() {
            return Err(PushError::Settings("the contact must be a mailto: or https: address".to_owned()));
        }
        let outgoing = Outgoing::new(outgoing).map_err(|error| PushError::Settings(error.to_string()))?;
        Ok(Self { key, contact, public_url, keep_for, outgoing, pauses: Pauses::default() })
    }

    pub(super) async fn send(
        &self,
        endpoint: &str,
        p256dh: &[u8],
        auth: &[u8],
        message: &Message,
    ) -> Outcome {
        // An address that says itself that nobody may call it says so for ever.
        let (Ok(url), Ok(())) = (Url::parse(endpoint), self.outgoing.check(endpoint)) else {
            return Outcome::Gone;
        };
        let origin = url.origin().ascii_serialization();
        if let Some(left) = self.pauses.left(&origin) {
            return Outcome::Busy(Busy::Paused(left));
        }
        let plain = payload::fitting(message, self.public_url.as_ref(), PLAIN_BYTES_MAX);
        let body = match encrypt(&plain, p256dh, auth) {
            Ok(body) => body,
            // Nobody can ever read what is sent there.
            Err(CannotEncrypt::Keys) => return Outcome::Gone,
            Err(error @ CannotEncrypt::TooLong) => return Outcome::Never(error.to_string()),
        };
        let Some(headers) = self.headers(&origin, message) else {
            return Outcome::Later("the push service cannot be told who calls".to_owned());
        };
        let call = Call { method: Method::POST, url: endpoint, headers, body };
        match self.outgoing.call(call).await {
            Ok(answer) => self.judge(&origin, &answer),
            // Also a name that led to where nobody may call: it may have been looked up wrongly.
            Err(OutgoingError::Refused(why) | OutgoingError::Away(why) | OutgoingError::Failed(why)) => {
                Outcome::Later(why)
            }
        }
    }

    fn headers(&self, origin: &str, message: &Message) -> Option<Vec<(HeaderName, HeaderValue)>> {
        let authorization = self.key.authorization(origin, &self.contact, SystemClock.now()).ok()?;
        let mut authorization = HeaderValue::try_from(authorization).ok()?;
        authorization.set_sensitive(true);
        let urgency = if payload::is_urgent(message.fact) { "high" } else { "normal" };
        Some(vec![
            (AUTHORIZATION, authorization),
            (CONTENT_ENCODING, HeaderValue::from_static("aes128gcm")),
            (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
            (HeaderName::from_static("ttl"), HeaderValue::from(self.keep_for.as_secs())),
            (HeaderName::from_static("urgency"), HeaderValue::from_static(urgency)),
            (HeaderName::from_static("topic"), HeaderValue::try_from(topic(&message.dedupe_key)).ok()?),
        ])
    }

    fn judge(&self, origin: &str, answer: &Answer) -> Outcome {
        let text = || format!("the push service answered {}", answer.status);
        match answer.status {
            200..300 => Outcome::Sent,
            404 | 410 => Outcome::Gone,
            401 | 403 => Outcome::Stranger(answer.status),
            // It finds fault with the message or the keys, and will again.
            400 | 413 => Outcome::Never(text()),
            _ => {
                if let Some(pause) = answer.retry_after {
                    self.pauses.note(origin, pause.min(PAUSE_MAX));
                }
                Outcome::Later(text())
            }
        }
    }
}

/// Names a message for the push service, in the 32 characters that it takes: a repeat takes the place of the one that still waits.
fn topic(dedupe_key: &str) -> String {
    let digest = Sha256::digest(dedupe_key.as_bytes());
    BASE64URL_NOPAD.encode(digest.get(..24).unwrap_or_default())
}
