//! A refusal or a failure as `application/problem+json` (RFC 9457).

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventify_core::{Category, Error, FieldError, Reason};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What handlers answer.
pub(crate) type Result<T> = std::result::Result<T, Problem>;

/// A refusal on its way out. The envelope writes its body, since only there the request's id is known.
#[derive(Debug, Clone)]
pub(crate) struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    reason: &'static str,
    detail: String,
    fields: Vec<FieldError>,
    details: Map<String, Value>,
    retry_after: Option<Duration>,
}

/// Why a request was refused or failed (RFC 9457). Rules add members of their own, such as `available`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Identifies the kind of problem: `urn:eventify:problem:` and the reason.
    #[serde(rename = "type")]
    #[schema(example = "urn:eventify:problem:not_enough_left")]
    kind: String,
    /// The kind of problem in words.
    #[schema(example = "Not enough left")]
    title: String,
    /// The HTTP status.
    #[schema(example = 409)]
    status: u16,
    /// What happened, for people.
    #[schema(example = "Only 1 is left.")]
    detail: &'a str,
    /// The request's id, for questions to the operator.
    request_id: &'a str,
    /// The stable code.
    #[schema(example = "not_enough_left")]
    reason: &'static str,
    /// The fields that are wrong, if any.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Option<Vec<FieldError>>)]
    errors: &'a [FieldError],
    /// The same as `detail`.
    error: &'a str,
    /// The same as `status`.
    #[schema(example = 409)]
    code: u16,
    #[serde(flatten)]
    #[schema(ignore)]
    details: &'a Map<String, Value>,
}

/// Members that a rule's own facts must not replace.
const OWN_MEMBERS: [&str; 9] =
    ["type", "title", "status", "detail", "request_id", "reason", "errors", "error", "code"];

impl Problem {
    /// A refusal that the core knows nothing of.
    pub(crate) fn new(status: StatusCode, reason: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            status,
            reason,
            detail: detail.into(),
            fields: Vec::new(),
            details: Map::new(),
            retry_after: None,
        }))
    }

    pub(crate) fn payload_too_large(bytes_max: usize) -> Self {
        let detail = format!("The body may have at most {bytes_max} bytes.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", detail)
    }

    pub(crate) fn body_timeout() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", "The body took too long to arrive.")
    }

    pub(crate) fn unsupported_media_type() -> Self {
        let detail = "Send the body as application/json.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    }

    pub(crate) fn method_not_allowed() -> Self {
        let detail = "The path does not know this method; the Allow header names those that it knows.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
    }

    pub(crate) fn rate_limited(wait: Duration) -> Self {
        let detail = "Too many requests from your address; wait a little.";
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail);
        problem.0.retry_after = Some(wait);
        problem
    }

    pub(crate) fn too_many_feeds(max: usize) -> Self {
        let detail = format!("You may have at most {max} feeds open; close another one.");
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_feeds", detail);
        problem.0.retry_after = Some(Duration::from_secs(5));
        problem
    }

    /// Where a route takes a part of what the core takes: names its fields as the route does.
    pub(crate) fn within(mut self, prefix: &str) -> Self {
        for field in &mut self.0.fields {
            if let Some(name) = field.field.strip_prefix(prefix) {
                field.field = name.to_owned();
            }
        }
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }

    pub(crate) fn body(&self, request_id: &str) -> Vec<u8> {
        let inner = &*self.0;
        let status = inner.status.as_u16();
        let body = ProblemBody {
            kind: format!("urn:eventify:problem:{}", inner.reason),
            title: title(inner.reason),
            status,
            detail: &inner.detail,
            request_id,
            reason: inner.reason,
            errors: &inner.fields,
            error: &inner.detail,
            code: status,
            details: &inner.details,
        };
        // Strings, numbers and JSON values always serialize.
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

fn title(reason: &str) -> String {
    let words = reason.replace('_', " ");
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn status_of(category: Category) -> StatusCode {
    match category {
        Category::Malformed => StatusCode::BAD_REQUEST,
        Category::Unauthenticated => StatusCode::UNAUTHORIZED,
        Category::Forbidden => StatusCode::FORBIDDEN,
        Category::NotFound => StatusCode::NOT_FOUND,
        Category::Rule => StatusCode::CONFLICT,
        Category::Stale => StatusCode::PRECONDITION_FAILED,
        Category::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Category::Throttled => StatusCode::TOO_MANY_REQUESTS,
        Category::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = status_of(error.category());
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            // The sentence is for the operator: it goes to the log, which has the request's id beside it.
            tracing::error!(%error, "a request failed");
            let reason = Reason::Internal.code();
            return Self::new(status, reason, "Something went wrong on our side; it was written down.");
        }
        let mut problem = Self::new(status, error.reason().code(), error.message());
        problem.0.fields = error.fields().to_vec();
        problem.0.retry_after = error.retry_after();
        let details = error.details().iter();
        problem.0.details = details
            .filter(|(name, _)| !OWN_MEMBERS.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        let headers = response.headers_mut();
        if self.0.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, challenge(self.0.reason));
        }
        if let Some(wait) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, whole_seconds(wait));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// RFC 6750 §3: what was wrong with the token, if one was shown.
fn challenge(reason: &str) -> HeaderValue {
    let shown = ["invalid_token", "token_expired", "session_revoked"].contains(&reason);
    HeaderValue::from_static(if shown {
        "Bearer realm=\"eventify\", error=\"invalid_token\""
    } else {
        "Bearer realm=\"eventify\""
    })
}

/// Rounded up: a client that comes back then is not too early.
fn whole_seconds(wait: Duration) -> HeaderValue {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    HeaderValue::from(seconds.max(1))
}
