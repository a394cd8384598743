//! What the other side says.

use std::fmt::{self, Debug};
use std::time::Duration;

use reqwest::Response;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// The longest pause that another side may ask for.
const PAUSE_MAX: Duration = Duration::from_secs(24 * 3_600);

/// The answer to a call.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How long the other side wants to be left alone, by `Retry-After`; a day at most.
    pub retry_after: Option<Duration>,
    /// The body, or as much of it as is read.
    pub body: Vec<u8>,
}

impl Debug for Answer {
    /// Without the body: it may quote what was sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Answer {
    /// Reads an answer. A body that breaks off is what came of it: the status says what became of the call.
    pub(super) async fn read(mut response: Response, bytes_max: usize) -> Self {
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            let free = bytes_max - body.len();
            body.extend_from_slice(chunk.get(..free).unwrap_or(&chunk));
            if chunk.len() >= free {
                break;
            }
        }
        Self { status, retry_after, body }
    }

    /// Whether the status is one of success.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..300)
    }
}

/// Seconds, or a date: then from the date that the other side's clock shows now.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok();
    let asked = text(RETRY_AFTER)?.trim();
    let pause = match asked.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = |text| jiff::fmt::rfc2822::parse(text).ok();
            let (until, now) = (date(asked)?, date(text(DATE)?)?);
            Duration::try_from(until.duration_since(&now)).ok()?
        }
    };
    Some(pause.min(PAUSE_MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn pauses_are_seconds_or_dates() {
        for (asked, date, seconds) in [
            ("120", None, Some(120)),
            (" 0 ", None, Some(0)),
            ("99999999", None, Some(86_400)),
            ("Fri, 31 Dec 1999 23:59:59 GMT", Some("Fri, 31 Dec 1999 23:59:29 GMT"), Some(30)),
            ("Fri, 31 Dec 1999 23:59:59 GMT", Some("Sat, 01 Jan 2000 00:00:00 GMT"), None),
            ("Fri, 31 Dec 1999 23:59:59 GMT", None, None),
            ("-1", None, None),
            ("soon", Some("Fri, 31 Dec 1999 23:59:29 GMT"), None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, asked.parse().unwrap());
            if let Some(date) = date {
                headers.insert(DATE, date.parse().unwrap());
            }
            assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs), "{asked}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
