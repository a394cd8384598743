//! What handlers give: resources, with their tags and places.

use std::convert::Infallible;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use eventify_core::{Answer, Fetched};
use serde::Serialize;

use crate::conditional::etag;
use crate::extract::Json;

/// Whether an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cache {
    /// By nobody: it is somebody's own.
    Never,
    /// If it is asked for anew each time: it is public.
    Revalidate,
}

impl IntoResponseParts for Cache {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        // The envelope says "no-store" wherever nothing else was said.
        if self == Self::Revalidate {
            let value = HeaderValue::from_static("no-cache");
            parts.headers_mut().insert(header::CACHE_CONTROL, value);
        }
        Ok(parts)
    }
}

/// A public list or resource without a tag of its own.
pub(crate) fn public<T: Serialize>(value: T) -> Response {
    (Cache::Revalidate, Json(value)).into_response()
}

/// A resource as it is after a change.
pub(crate) fn changed<T: Serialize>(found: Fetched<T>) -> Response {
    let tag = etag(&found);
    ([(header::ETAG, tag)], Json(found.into_inner())).into_response()
}

/// A new resource, and where it is.
pub(crate) fn created<T: Serialize>(place: String, value: T) -> Response {
    (StatusCode::CREATED, Location(place), Json(value)).into_response()
}

/// A new resource with its tag.
pub(crate) fn created_tagged<T: Serialize>(place: String, found: Fetched<T>) -> Response {
    let tag = [(header::ETAG, etag(&found))];
    (tag, created(place, found.into_inner())).into_response()
}

/// A new resource, made now or at an earlier call with the same idempotency key.
pub(crate) fn created_once<T: Serialize>(place: String, answer: Answer<T>) -> Response {
    (Replayed(answer.is_replayed()), created(place, answer.into_inner())).into_response()
}

/// What was done, now or at an earlier call with the same idempotency key.
pub(crate) fn done_once<T: Serialize>(answer: Answer<T>) -> Response {
    (Replayed(answer.is_replayed()), Json(answer.into_inner())).into_response()
}

struct Location(String);

impl IntoResponseParts for Location {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        // A base path that is no header value leaves the place out; ids always are one.
        if let Ok(value) = HeaderValue::try_from(self.0) {
            parts.headers_mut().insert(header::LOCATION, value);
        }
        Ok(parts)
    }
}

struct Replayed(bool);

impl IntoResponseParts for Replayed {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        if self.0 {
            let name = HeaderName::from_static("idempotency-replayed");
            parts.headers_mut().insert(name, HeaderValue::from_static("true"));
        }
        Ok(parts)
    }
}
