//! Text messages through the HTTP gateway of a provider.
//!
//! Providers differ in how they are asked, so that is a setting: the address, headers and body are templates
//! ([`SmsSettings`]). A message is its title, its words and the codes of tickets, cut to a number of segments.
//!
//! ```
//! use std::collections::BTreeMap;
//! use eventify_notify::sms::{SmsBody, SmsGateway, SmsSettings};
//!
//! let gateway = SmsGateway::new(SmsSettings {
//!     headers: BTreeMap::from([("authorization".into(), "Bearer {key}".into())]),
//!     body: SmsBody::Json(serde_json::json!({"to": "{digits}", "text": "{text}", "ref": "{id}"})),
//!     secrets: BTreeMap::from([("key".into(), "from the environment".into())]),
//!     ..SmsSettings::new("https://sms.example.org/v1/messages")
//! })?;
//! # Ok::<(), eventify_notify::sms::SmsError>(())
//! ```

mod request;
mod segments;
mod settings;
mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use async_trait::async_trait;
use eventify_core::account::SecretText;
use eventify_core::notification::{Channel, Delivered, DeliveryError, Message, Notifier, Recipient};
use serde_json::Value;

use crate::absence::Absence;
use crate::outgoing::{Answer, Outgoing, OutgoingError, OutgoingSettings, Reach};
use request::Request;
pub use settings::{SmsAnswer, SmsBody, SmsMethod, SmsSettings};
use template::Values;

/// The gateway cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SmsError {
    /// A setting is of no use.
    #[error("{0}")]
    Settings(String),
}

/// Brings messages to phones.
#[derive(Debug)]
pub struct SmsGateway {
    outgoing: Outgoing,
    request: Request,
    secrets: BTreeMap<String, SecretText>,
    answer: Option<SmsAnswer>,
    refused_statuses: BTreeSet<u16>,
    segments_max: usize,
    absence: Absence,
}

impl SmsGateway {
    /// A gateway; calls nobody yet.
    ///
    /// # Errors
    /// [`SmsError`] naming the setting that is of no use.
    pub fn new(settings: SmsSettings) -> Result<Self, SmsError> {
        if !(1..=10).contains(&settings.segments_max) {
            return Err(SmsError::Settings("a message must have 1 to 10 segments at most".to_owned()));
        }
        if settings.answer.as_ref().is_some_and(|a| !a.pointer.is_empty() && !a.pointer.starts_with('/')) {
            return Err(SmsError::Settings("the answer's pointer must begin with /".to_owned()));
        }
        let request = Request::new(&settings)?;
        let SmsSettings { answer, refused_statuses, segments_max, secrets, authorities, timeout, .. } =
            settings;
        let calls = OutgoingSettings {
            // The operator chose it, and it may be a machine of theirs.
            reach: Reach::Anywhere,
            timeout,
            authorities,
            ..OutgoingSettings::default()
        };
        let outgoing = Outgoing::new(calls).map_err(|error| SmsError::Settings(error.to_string()))?;
        let absence = Absence::default();
        Ok(Self { outgoing, request, secrets, answer, refused_statuses, segments_max, absence })
    }

    /// What an answer means.
    fn judge(&self, answer: &Answer) -> Result<(), DeliveryError> {
        let status = answer.status;
        if !answer.is_success() {
            let text = format!("the gateway answered {status}");
            let is_final = self.refused_statuses.contains(&status);
            return Err(if is_final {
                DeliveryError::Permanent(text)
            } else {
                DeliveryError::Transient(text)
            });
        }
        let Some(expected) = &self.answer else { return Ok(()) };
        let said = serde_json::from_slice::<Value>(&answer.body).ok();
        let said = said.as_ref().and_then(|json| json.pointer(&expected.pointer)).and_then(as_text);
        let Some(said) = said else {
            return Err(DeliveryError::Transient(format!(
                "the gateway's answer has no {}",
                expected.pointer
            )));
        };
        if expected.taken.contains(&said) {
            return Ok(());
        }
        let shown: String = said.chars().take(64).collect();
        let text = format!("the gateway's answer says {shown}");
        let is_final = expected.refused.contains(&said);
        Err(if is_final { DeliveryError::Permanent(text) } else { DeliveryError::Transient(text) })
    }
}

/// A plain value as text; what has parts is none.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a text is a phone number as E.164 has it: `+` and 7 to 15 digits, the first not 0.
fn is_phone(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The words of a message on a phone.
fn words(message: &Message) -> String {
    let mut text = format!("{}\n{}", message.title.trim(), message.body.trim());
    for ticket in &message.tickets {
        let _ = write!(text, "\n{}", ticket.ticket.short_code);
    }
    // Networks have no use for other control characters, and some end a message there.
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect::<String>().trim().to_owned()
}

#[async_trait]
impl Notifier for SmsGateway {
    fn channels(&self) -> BTreeSet<Channel> {
        [Channel::Sms].into()
    }

    async fn deliver(
        &self,
        _channel: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        // Who gave no number is told by the other channels.
        let Some(phone) = &to.phone else { return Ok(Delivered::to_nobody()) };
        if !is_phone(phone) {
            return Err(DeliveryError::Permanent("the person's phone number is none of E.164".to_owned()));
        }
        let text = segments::fit(&words(message), self.segments_max);
        let values = Values { phone, text: &text, id: &message.dedupe_key, secrets: &self.secrets };
        let filled = self.request.fill(&values).map_err(DeliveryError::Transient)?;
        // With others it fits: that is this message's own, and says nothing of the gateway.
        if filled.is_too_long() {
            return Err(DeliveryError::Permanent(
                "the message does not fit into the gateway's address".to_owned(),
            ));
        }
        let _leave = self.absence.leave()?;
        match self.outgoing.call(filled.call()).await {
            // It takes nobody's message from us until the operator has mended that.
            Ok(answer) if answer.status == 401 && !self.refused_statuses.contains(&401) => {
                Err(self.absence.found("the gateway answered 401 to our key").into())
            }
            Ok(answer) => {
                self.absence.over();
                self.judge(&answer).map(|()| Delivered::default())
            }
            // The address is the operator's to mend, too.
            Err(OutgoingError::Refused(why) | OutgoingError::Away(why)) => {
                Err(self.absence.found(&why).into())
            }
            Err(OutgoingError::Failed(why)) => {
                self.absence.over();
                Err(DeliveryError::Transient(why))
            }
        }
    }
}
