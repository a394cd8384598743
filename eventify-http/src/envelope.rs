//! What every request goes through, whatever its route: its id, its limits, its headers, its numbers.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use eventify_core::{Error, Reason};
use futures_util::FutureExt;
use http_body_util::BodyExt;
use tracing::Instrument;
use uuid::Uuid;

use crate::app::App;
use crate::client::Client;
use crate::config::Config;
use crate::error::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_BYTES_MAX: usize = 64;

/// What of an oversized body is read and thrown away, so that the client sees the answer instead of a broken pipe.
const DRAINED_BYTES_MAX: u64 = 64 * 1024 * 1024;
const DRAIN_TIME_MAX: Duration = Duration::from_secs(5);

/// The outermost layer.
pub(crate) async fn wrap(State(app): State<App>, mut request: Request, next: Next) -> Response {
    #[allow(clippy::disallowed_methods, reason = "a server measures how long it takes")]
    let started = Instant::now();
    let request_id = request_id(request.headers());
    let client = Client::of(request.extensions(), request.headers(), app.config().proxy_hops_trusted);
    request.extensions_mut().insert(client);
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", |path| template(path, &app));
    // The template, not the path: a ticket's code in it would let people in.
    let id = request_id.to_str().unwrap_or_default();
    let span = tracing::info_span!("request", request_id = id, %method, route);
    let mut response = answer(&app, request, next).instrument(span.clone()).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        write_problem(&problem, id, &mut response);
    }
    complete_headers(response.headers_mut(), &request_id, app.config());
    let took = started.elapsed();
    app.metrics().of(route, &method).note(response.status(), took);
    span.in_scope(|| {
        tracing::debug!(status = response.status().as_u16(), took_us = took.as_micros(), "answered");
    });
    response
}

/// The route as the contract spells it.
fn template<'p>(path: &'p MatchedPath, app: &App) -> &'p str {
    let path = path.as_str();
    let path = path.strip_prefix(app.config().base_path.as_str()).unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path)
}

/// The client's own id if it is a plain word, so that its log and ours can be laid beside each other.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let plain = |value: &&HeaderValue| {
        let bytes = value.as_bytes();
        let allowed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        (1..=REQUEST_ID_BYTES_MAX).contains(&bytes.len()) && bytes.iter().all(allowed)
    };
    if let Some(given) = headers.get(REQUEST_ID).filter(plain) {
        return given.clone();
    }
    #[allow(clippy::disallowed_methods, reason = "names a request in logs; no decision rests on it")]
    let made = Uuid::now_v7().to_string();
    HeaderValue::try_from(made).unwrap_or_else(|_| HeaderValue::from_static("none"))
}

async fn answer(app: &App, request: Request, next: Next) -> Response {
    let config = app.config();
    let declared = request.body().size_hint().lower();
    if declared > u64::try_from(config.body_bytes_max).unwrap_or(u64::MAX) {
        drain(request).await;
        return Problem::payload_too_large(config.body_bytes_max).into_response();
    }
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(config.request_timeout, run).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => Problem::from(Error::internal("a handler panicked")).into_response(),
        Err(_elapsed) => {
            let sentence = "It takes too long now; try again in a moment.";
            Problem::from(Error::new(Reason::Overloaded, sentence)).into_response()
        }
    }
}

/// Reads a body that nobody wants, within bounds. A client that waits for `100 Continue` has not sent it.
pub(crate) async fn drain(request: Request) {
    if request.headers().contains_key(header::EXPECT) {
        return;
    }
    drain_body(request.into_body()).await;
}

pub(crate) async fn drain_body(mut body: Body) {
    if body.size_hint().lower() > DRAINED_BYTES_MAX {
        return;
    }
    let read = async {
        let mut seen = 0;
        while let Some(Ok(frame)) = body.frame().await {
            let bytes = frame.data_ref().map_or(0, bytes_of);
            seen += bytes;
            if seen > DRAINED_BYTES_MAX {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIME_MAX, read).await;
}

fn bytes_of(data: &axum::body::Bytes) -> u64 {
    u64::try_from(data.len()).unwrap_or(u64::MAX)
}

fn write_problem(problem: &Problem, request_id: &str, response: &mut Response) {
    *response.status_mut() = problem.status();
    *response.body_mut() = Body::from(problem.body(request_id));
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
}

/// What is not said by a handler: nothing is kept, framed, sniffed or loaded.
fn complete_headers(headers: &mut HeaderMap, request_id: &HeaderValue, config: &Config) {
    const DEFAULTS: [(HeaderName, &str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // What is seen depends on who asks.
    headers.append(header::VARY, HeaderValue::from_static("authorization"));
    if config.hsts {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    headers.insert(REQUEST_ID, request_id.clone());
}
