//! Conditional requests (RFC 9110 §13): entity tags, `If-None-Match` and `If-Match`.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventify_core::store::Version;
use eventify_core::{Fetched, IfMatch};
use serde::Serialize;

use crate::extract::Json;
use crate::reply::Cache;

/// The tag of what was read: its version, and behind a hyphen that of what is shown beside it, if there is any.
pub(crate) fn etag<T>(found: &Fetched<T>) -> HeaderValue {
    let tag = match (found.version(), found.beside()) {
        (version, beside) if beside.is_absent() => format!("\"{version}\""),
        (version, beside) => format!("\"{version}-{beside}\""),
    };
    // Hexadecimal digits in quotes are always a header value.
    HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// The version in a tag, whatever was shown beside it.
fn version_of(tag: &str) -> Option<Version> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    let (digits, beside) = digits.split_once('-').unwrap_or((digits, "0000000000000000"));
    version(beside)?;
    version(digits)
}

fn version(digits: &str) -> Option<Version> {
    let ours = digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let number = u64::from_str_radix(digits, 16).ok().filter(|_| ours)?;
    Some(Version::new(number))
}

/// The tags of a header, which may be repeated and hold several each.
fn tags(headers: &HeaderMap, name: HeaderName) -> Vec<&str> {
    let values = headers.get_all(name).iter();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim).collect()
}

/// What a client that reads has already (`If-None-Match`).
#[derive(Debug)]
pub(crate) struct Known(HeaderMap);

impl<S: Sync> FromRequestParts<S> for Known {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut known = HeaderMap::new();
        for value in parts.headers.get_all(header::IF_NONE_MATCH) {
            known.append(header::IF_NONE_MATCH, value.clone());
        }
        Ok(Self(known))
    }
}

impl Known {
    /// The resource, or 304 for a client that has it.
    pub(crate) fn show<T: Serialize>(&self, found: Fetched<T>, cache: Cache) -> Response {
        let tag = etag(&found);
        self.show_as(tag, cache, Json(found.into_inner()))
    }

    /// The same in a form of its own, by its tag.
    pub(crate) fn show_as(&self, own: HeaderValue, cache: Cache, body: impl IntoResponse) -> Response {
        let weak = |tag: &str| own == tag.strip_prefix("W/").unwrap_or(tag);
        let tags = tags(&self.0, header::IF_NONE_MATCH);
        let has = tags.iter().any(|tag| *tag == "*" || weak(tag));
        let tag = [(header::ETAG, own)];
        if has {
            (StatusCode::NOT_MODIFIED, tag, cache, ()).into_response()
        } else {
            (tag, cache, body).into_response()
        }
    }
}

/// What a client that writes has seen (`If-Match`). Tags that are not ours, weak ones among them, match nothing.
#[derive(Debug)]
pub(crate) struct Seen(pub(crate) IfMatch);

impl<S: Sync> FromRequestParts<S> for Seen {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        if !parts.headers.contains_key(header::IF_MATCH) {
            return Ok(Self(IfMatch::Any));
        }
        let tags = tags(&parts.headers, header::IF_MATCH);
        if tags.contains(&"*") {
            return Ok(Self(IfMatch::Any));
        }
        // A client has seen one version; of several tags the first of ours counts.
        let seen = tags.into_iter().find_map(version_of);
        Ok(Self(seen.map_or(IfMatch::Never, IfMatch::Version)))
    }
}
