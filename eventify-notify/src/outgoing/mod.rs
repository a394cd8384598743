//! HTTP to addresses that somebody else chose, such as a browser's push service or a partner's webhook.
//!
//! Whoever names such an address must not reach by it what only this machine can: every address of the host is looked at, and
//! exactly what was looked at is connected to ([`Reach`]). Redirects are not followed, a proxy of the environment
//! is not asked, certificates are verified, and both time and the size of answers are bounded.

mod address;
mod answer;
mod resolve;

use std::error::Error as _;
use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Method, Url};
use url::Host;

pub use answer::Answer;
use resolve::{Checked, OutOfReach};
pub use resolve::{Lookup, SystemLookup};

/// Characters of an address at most.
pub const URL_CHARS_MAX: usize = 2_048;

/// Which addresses may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Those of the public internet, by `https:`.
    #[default]
    Public,
    /// These and this machine's own, also by plain `http:`; for development and tests.
    PublicAndLoopback,
    /// All of them, also by plain `http:`; for addresses that the operator chose.
    Anywhere,
}

/// How [`Outgoing`] calls.
#[derive(Debug, Clone)]
pub struct OutgoingSettings {
    /// Which addresses may be reached.
    pub reach: Reach,
    /// How long connecting may take; 5 s by default.
    pub connect_timeout: Duration,
    /// How long a call may take altogether; 15 s by default.
    pub timeout: Duration,
    /// Bytes of an answer that are read; the rest is left. 16 KiB by default.
    pub answer_bytes_max: usize,
    /// Certificate authorities to trust beside the system's, as PEM.
    pub authorities: Vec<Vec<u8>>,
    /// Finds the addresses of hosts.
    pub lookup: Arc<dyn Lookup>,
}

impl Default for OutgoingSettings {
    fn default() -> Self {
        Self {
            reach: Reach::Public,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(15),
            answer_bytes_max: 16 * 1_024,
            authorities: Vec::new(),
            lookup: Arc::new(SystemLookup),
        }
    }
}

/// The client cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP client cannot be made: {0}")]
pub struct CannotCall(String);

/// Why there is no answer. Says the host, never the rest of the address: that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingError {
    /// The address must not be called; trying again changes nothing.
    #[error("{0}")]
    Refused(String),
    /// The other side was not reached: it has not got the call.
    #[error("{0}")]
    Away(String),
    /// Nothing came back, at least not in time. Whether the other side has got the call is not known.
    #[error("{0}")]
    Failed(String),
}

/// One call.
#[derive(Clone)]
pub struct Call<'a> {
    /// The method.
    pub method: Method,
    /// The address; at most [`URL_CHARS_MAX`] characters.
    pub url: &'a str,
    /// Headers beside those that every call has.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Debug for Call<'_> {
    /// Without the address, headers and body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Calls addresses that somebody else chose. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Outgoing {
    client: Client,
    reach: Reach,
    answer_bytes_max: usize,
}

impl Outgoing {
    /// A client.
    ///
    /// # Errors
    /// [`CannotCall`] when an authority cannot be read, or the system's cannot.
    pub fn new(settings: OutgoingSettings) -> Result<Self, CannotCall> {
        let OutgoingSettings { reach, connect_timeout, timeout, answer_bytes_max, authorities, lookup } =
            settings;
        let failed = |error: reqwest::Error| CannotCall(causes(&error));
        let mut trusted = Vec::new();
        for pem in &authorities {
            trusted.extend(Certificate::from_pem_bundle(pem).map_err(failed)?);
        }
        let client = Client::builder()
            .user_agent(concat!("Eventify/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(connect_timeout)
            .timeout(timeout)
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(8)
            .tls_certs_merge(trusted)
            .dns_resolver(Arc::new(Checked { lookup, reach }))
            .build()
            .map_err(failed)?;
        Ok(Self { client, reach, answer_bytes_max })
    }

    /// Whether an address may be called, as far as it says by itself: a host's name is looked up with each call only.
    ///
    /// # Errors
    /// [`OutgoingError::Refused`].
    pub fn check(&self, url: &str) -> Result<(), OutgoingError> {
        self.parse(url).map(drop)
    }

    fn parse(&self, text: &str) -> Result<Url, OutgoingError> {
        let refused = |why: &str| Err(OutgoingError::Refused(why.to_owned()));
        if text.len() > URL_CHARS_MAX {
            return refused("the address has more than 2048 characters");
        }
        let Ok(url) = Url::parse(text) else { return refused("the address is not a URL") };
        if !url.username().is_empty() || url.password().is_some() {
            return refused("the address must not have a user or password in it");
        }
        // Other ways of writing numbers, such as 0x7f.1, are numbers here already.
        let (is_own, literal) = match url.host() {
            None => return refused("the address has no host"),
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                (name == "localhost" || name.ends_with(".localhost"), None)
            }
            Some(Host::Ipv4(v4)) => (v4.is_loopback(), Some(v4.into())),
            Some(Host::Ipv6(v6)) => (address::is_loopback(v6.into()), Some(v6.into())),
        };
        if literal.is_some_and(|address| !self.reach.allows(address)) || is_own && self.reach == Reach::Public
        {
            return refused("the address's host is not of the public internet");
        }
        match (url.scheme(), self.reach) {
            ("https", _) | ("http", Reach::Anywhere) => Ok(url),
            ("http", Reach::PublicAndLoopback) if is_own => Ok(url),
            _ => refused("the address must begin with https:"),
        }
    }

    /// Calls, once. Any status is an answer.
    ///
    /// # Errors
    /// [`OutgoingError`].
    pub async fn call(&self, call: Call<'_>) -> Result<Answer, OutgoingError> {
        let url = self.parse(call.url)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let headers: HeaderMap = call.headers.into_iter().collect();
        let request = self.client.request(call.method, url).headers(headers).body(call.body);
        let answer = request.send().await.map_err(|error| explain(&host, error))?;
        Ok(Answer::read(answer, self.answer_bytes_max).await)
    }
}

fn explain(host: &str, error: reqwest::Error) -> OutgoingError {
    let error = error.without_url();
    let mut cause = error.source();
    while let Some(found) = cause {
        if found.is::<OutOfReach>() {
            return OutgoingError::Refused(format!("{host}: {found}"));
        }
        cause = found.source();
    }
    let what = if error.is_timeout() { "no answer in time".to_owned() } else { causes(&error) };
    let text = format!("{host}: {what}");
    // Also what took too long: the time for connecting is over before that for everything.
    if error.is_connect() { OutgoingError::Away(text) } else { OutgoingError::Failed(text) }
}

/// An error with everything that caused it.
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(found) = cause {
        text = format!("{text}: {found}");
        cause = found.source();
    }
    text
}
