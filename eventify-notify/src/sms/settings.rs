//! Which gateway sends text messages, and how it wants to be asked.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use eventify_core::account::SecretText;
use serde::Deserialize;

/// How a gateway is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SmsMethod {
    /// With everything in the address. A message that makes that longer than 2,048 characters is refused: a letter that is not
    /// ASCII takes six or more of them.
    Get,
    /// With a body.
    #[default]
    Post,
    /// With a body.
    Put,
}

/// What a gateway is sent. Every value is a template; see [`SmsSettings`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsBody {
    /// Nothing: all is in the address.
    #[default]
    Empty,
    /// A form: names and values.
    Form(BTreeMap<String, String>),
    /// JSON whose texts are templates.
    Json(serde_json::Value),
}

/// What a gateway's answer says, for those that answer 200 to everything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsAnswer {
    /// Where the answer's JSON says how it went: a JSON pointer (RFC 6901) such as `/messages/0/status`.
    pub pointer: String,
    /// What stands there when the message was taken; numbers and booleans as text.
    pub taken: BTreeSet<String>,
    /// What stands there when the message will never be taken. Everything else may be tried again.
    #[serde(default)]
    pub refused: BTreeSet<String>,
}

/// Which gateway sends text messages, and how it wants to be asked.
///
/// The address, headers and body are templates with places: `{phone}` (`+77011234567`), `{digits}` (the same without `+`),
/// `{text}`, `{id}` (the same for every attempt at a message: for gateways that recognise a repeat by it), and the name
/// of any secret. Values are escaped for where they stand. `{{` and `}}` are braces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsSettings {
    /// The gateway's address, `https:`.
    pub url: String,
    /// How it is called.
    #[serde(default)]
    pub method: SmsMethod,
    /// Headers and their values; people's words are not for them.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What it is sent.
    #[serde(default)]
    pub body: SmsBody,
    /// What it answers, if the status does not say that.
    #[serde(default)]
    pub answer: Option<SmsAnswer>,
    /// Statuses by which it refuses a message for ever: 400 and 422 by default.
    #[serde(default = "refusals")]
    pub refused_statuses: BTreeSet<u16>,
    /// Segments of a message at most, 1 to 10: what is longer is cut. 3 by default.
    #[serde(default = "segments_max")]
    pub segments_max: usize,
    /// Whether the gateway may be called by plain `http:`, other than on this machine.
    #[serde(default)]
    pub allow_plain: bool,
    /// Keys and passwords by the names that templates use.
    #[serde(skip)]
    pub secrets: BTreeMap<String, SecretText>,
    /// Certificate authorities to trust beside the system's, as PEM.
    #[serde(skip)]
    pub authorities: Vec<Vec<u8>>,
    /// How long a call may take; 15 s by default.
    #[serde(skip, default = "timeout")]
    pub timeout: Duration,
}

impl SmsSettings {
    /// The usual settings for an address: a POST without a body.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            method: SmsMethod::default(),
            headers: BTreeMap::new(),
            body: SmsBody::default(),
            answer: None,
            refused_statuses: refusals(),
            segments_max: segments_max(),
            allow_plain: false,
            secrets: BTreeMap::new(),
            authorities: Vec::new(),
            timeout: timeout(),
        }
    }
}

fn refusals() -> BTreeSet<u16> {
    [400, 422].into()
}

const fn segments_max() -> usize {
    3
}

const fn timeout() -> Duration {
    Duration::from_secs(15)
}
