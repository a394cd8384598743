//! HTTP to a provider: bounded in time and size, and silent about what it carries.

use std::future::Future;
use std::time::Duration;

use eventify_core::payment::ProviderError;
use reqwest::header::HeaderMap;
use reqwest::{Method, Response, redirect};
use url::{Host, Url};

use crate::SetupError;

/// Bytes of an answer that are read; a status page is a few kilobytes.
const ANSWER_MAX: usize = 256 * 1024;

/// How long a provider is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For one request, from its start to the end of its answer.
    pub request: Duration,
    /// For a whole call of the port, which may be several requests; the port allows 30 seconds.
    pub call: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            request: Duration::from_secs(15),
            call: Duration::from_secs(25),
        }
    }
}

/// What a provider answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// Whether it was said before, to an earlier request of the same idempotency key.
    #[cfg(feature = "stripe")]
    pub(crate) is_replay: bool,
}

/// Speaks with one provider.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    timeouts: Timeouts,
}

impl Client {
    /// A client of a provider at an address such as `https://api.example.org`.
    pub(crate) fn new(base: &str, headers: HeaderMap, timeouts: Timeouts) -> Result<Self, SetupError> {
        let base = public_url("api_url", base)?;
        let http = reqwest::Client::builder()
            .user_agent(concat!("eventify/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.request)
            .redirect(redirect::Policy::none())
            .https_only(base.scheme() == "https")
            .build()
            .map_err(|_| SetupError::new("api_url", "the system's certificates cannot be read"))?;
        Ok(Self { http, base, timeouts })
    }

    /// Bounds a call of the port, so that it ends whatever the provider does.
    pub(crate) async fn within<T>(
        &self,
        call: impl Future<Output = Result<T, ProviderError>> + Send,
    ) -> Result<T, ProviderError> {
        match tokio::time::timeout(self.timeouts.call, call).await {
            Ok(done) => done,
            Err(_) => Err(unreachable("it took too long")),
        }
    }

    /// Sends a form, once: whether it did something is not known when the answer is lost.
    pub(crate) async fn post(
        &self,
        path: &str,
        headers: HeaderMap,
        form: String,
    ) -> Result<Answer, ProviderError> {
        let request = self
            .http
            .request(Method::POST, self.address(path, "")?)
            .header("content-type", "application/x-www-form-urlencoded")
            .headers(headers)
            .body(form);
        read(request.send().await.map_err(|error| lost(&error))?).await
    }

    /// Sends a form that only asks: it is repeated once when the connection fails.
    #[cfg(feature = "freedompay")]
    pub(crate) async fn ask(&self, path: &str, form: String) -> Result<Answer, ProviderError> {
        match self.post(path, HeaderMap::new(), form.clone()).await {
            Err(ProviderError::Unreachable(why)) if why == NO_CONNECTION => {
                self.post(path, HeaderMap::new(), form).await
            }
            answered => answered,
        }
    }

    /// Fetches; repeated once when the connection fails.
    #[cfg(feature = "stripe")]
    pub(crate) async fn get(&self, path: &str, query: &str) -> Result<Answer, ProviderError> {
        let address = self.address(path, query)?;
        let first = self.http.get(address.clone()).send().await;
        let response = match first {
            Err(error) if error.is_connect() => self.http.get(address).send().await,
            answered => answered,
        };
        read(response.map_err(|error| lost(&error))?).await
    }

    fn address(&self, path: &str, query: &str) -> Result<Url, ProviderError> {
        let mut address = self.base.clone();
        let mut segments =
            address.path_segments_mut().map_err(|()| unreachable("its address takes no path"))?;
        segments.pop_if_empty().extend(path.split('/').filter(|part| !part.is_empty()));
        drop(segments);
        address.set_query((!query.is_empty()).then_some(query));
        Ok(address)
    }
}

const NO_CONNECTION: &str = "no connection";

/// Reads an answer up to its bound.
async fn read(mut response: Response) -> Result<Answer, ProviderError> {
    let status = response.status().as_u16();
    #[cfg(feature = "stripe")]
    let is_replay = response.headers().get("idempotent-replayed").is_some_and(|told| told == "true");
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| lost(&error))? {
        if body.len() + piece.len() > ANSWER_MAX {
            return Err(unreachable("its answer is larger than 256 KiB"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(Answer {
        status,
        body,
        #[cfg(feature = "stripe")]
        is_replay,
    })
}

/// What went wrong, in words of ours: the library's may name addresses.
fn lost(error: &reqwest::Error) -> ProviderError {
    let why = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        NO_CONNECTION
    } else {
        "the answer broke off"
    };
    unreachable(why)
}

/// Nobody knows whether it did.
pub(crate) fn unreachable(why: impl Into<String>) -> ProviderError {
    ProviderError::Unreachable(why.into())
}

/// The provider's words for an operator or the payer: on one line and short.
pub(crate) fn words(text: &str, characters_max: usize) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(characters_max).collect::<String>().trim().to_owned()
}

/// An address that secrets and money may go by: HTTPS, or HTTP to this machine itself.
pub(crate) fn public_url(field: &'static str, text: &str) -> Result<Url, SetupError> {
    let url = Url::parse(text).map_err(|_| SetupError::new(field, "is no URL"))?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err(SetupError::new(field, "must begin with https:// (http:// only on this machine itself)"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(SetupError::new(field, "must have neither a password nor a fragment"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_addresses_are_taken() {
        for good in
            ["https://api.example.org", "http://127.0.0.1:8080/x", "http://localhost", "http://[::1]:1"]
        {
            assert!(public_url("api_url", good).is_ok(), "{good}");
        }
        let bad = [
            "http://api.example.org",
            "ftp://localhost",
            "x",
            "https://a:b@example.org",
            "http://127.0.0.1.example.org",
        ];
        for bad in bad {
            assert_eq!(public_url("api_url", bad).unwrap_err().field, "api_url", "{bad}");
        }
    }

    #[test]
    fn paths_are_put_behind_the_base() {
        for (base, whole) in [
            ("https://api.example.org", "https://api.example.org/v1/refunds?limit=1"),
            ("https://api.example.org/gate/", "https://api.example.org/gate/v1/refunds?limit=1"),
        ] {
            let client = Client::new(base, HeaderMap::new(), Timeouts::default()).unwrap();
            assert_eq!(client.address("/v1/refunds", "limit=1").unwrap().as_str(), whole);
        }
    }
}
