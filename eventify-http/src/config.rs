//! What a host decides.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use eventify_pay::test_provider::TestProvider;

/// How the router behaves. Start from the default and change what differs:
///
/// ```
/// let mut config = eventify_http::Config::default();
/// config.proxy_hops_trusted = 1;
/// config.hsts = true;
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Where the router is mounted (`/tickets`, without a slash at the end), for `Location` and the documentation.
    /// Empty at the root.
    pub base_path: String,
    /// How many proxies before this service append to `X-Forwarded-For`. The client's address is that many entries
    /// from the right: whatever a client writes further left is not believed. 0, the default, uses the connection's.
    pub proxy_hops_trusted: usize,
    /// The bytes of a request's body, at most; 2 MiB.
    pub body_bytes_max: usize,
    /// How long a request's body may take to arrive; 20 seconds. (The headers' time is the server's to limit.)
    pub body_timeout: Duration,
    /// How long an answer may take; 30 seconds. What was begun is finished all the same.
    pub request_timeout: Duration,
    /// Origins (`https://example.org`) whose pages may call the API from a browser; none by default. `*` is any.
    pub cors_origins: Vec<String>,
    /// How often one client may try to register, log in, refresh and change a password; not limited by default. (Failed logins
    /// slow an account and an address down in any case.)
    pub auth_rate: Option<AuthRate>,
    /// How feeds behave.
    pub feeds: Feeds,
    /// Tells browsers to come back by HTTPS only (RFC 6797): where TLS ends before this service.
    pub hsts: bool,
    /// The public key that browsers subscribe to push messages with (VAPID), in base64url; `None` where they are not served.
    pub push_key: Option<String>,
    /// Whether `/docs` is there; yes.
    pub docs: bool,
    /// Whether `/metrics` is there; yes.
    pub metrics: bool,
    /// The payment provider for trying everything, whose page is then at `/pay/test`; none by default. The engine has to have it, too.
    pub test_payments: Option<TestProvider>,
    /// What else `/metrics` shows: the host's own numbers, in Prometheus' text format.
    pub metrics_more: Option<MetricsText>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base_path: String::new(),
            proxy_hops_trusted: 0,
            body_bytes_max: 2 * 1024 * 1024,
            body_timeout: Duration::from_secs(20),
            request_timeout: Duration::from_secs(30),
            cors_origins: Vec::new(),
            auth_rate: None,
            feeds: Feeds::default(),
            hsts: false,
            push_key: None,
            docs: true,
            metrics: true,
            test_payments: None,
            metrics_more: None,
        }
    }
}

/// How feeds (`/api/notifications/stream`, `/api/notifications/ws`, `/api/events/{id}/live`) behave.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Feeds {
    /// How many may be open in this router; 10,000. More are refused with 503.
    pub feeds_max: usize,
    /// How many of them one person may have; 32. More are refused with 429.
    pub per_person_max: usize,
    /// After so long without news something is sent all the same: proxies cut off what is silent; 15 seconds.
    pub heartbeat: Duration,
    /// How long a feed goes on whose access token has ended; 30 seconds.
    pub grace: Duration,
    /// How long a client may take to read one message of a WebSocket; 20 seconds.
    pub read_within: Duration,
}

impl Default for Feeds {
    fn default() -> Self {
        Self {
            feeds_max: 10_000,
            per_person_max: 32,
            heartbeat: Duration::from_secs(15),
            grace: Duration::from_secs(30),
            read_within: Duration::from_secs(20),
        }
    }
}

/// How often something may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthRate {
    /// So often a minute, spread evenly.
    pub per_minute: NonZeroU32,
    /// So often at once after a while of silence.
    pub burst: NonZeroU32,
}

/// Writes numbers in Prometheus' text format whenever `/metrics` is asked for.
#[derive(Clone)]
pub struct MetricsText(Arc<dyn Fn() -> String + Send + Sync>);

impl MetricsText {
    /// From a closure, such as one that renders a recorder's handle.
    pub fn new(render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(render))
    }

    pub(crate) fn render(&self) -> String {
        (self.0)()
    }
}

impl fmt::Debug for MetricsText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MetricsText")
    }
}
