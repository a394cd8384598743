//! Refusals and failures, as Kotlin and Swift throw them.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::error::{Category, Error, FieldError, Reason};

/// Why something was refused or failed, and what a program needs to go on. Nothing secret is ever in it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Failure {
    /// The stable reason.
    pub reason: Reason,
    /// Its code, the same as in HTTP, such as `sold_out`.
    pub code: String,
    /// The sentence for people.
    pub message: String,
    /// Whether the very same request may succeed later without anybody changing anything.
    pub is_retryable: bool,
    /// How long to wait before trying again, when it is retryable.
    pub retry_after: Option<Duration>,
    /// The fields that are wrong, if any.
    pub fields: Vec<FieldError>,
    /// Facts for programs by name, such as `available`: a text as it is, anything else as JSON.
    pub details: HashMap<String, String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// Everything that a call may be refused by, sealed by what kind of answer it is; the failure has the single reason.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Error)]
#[uniffi(name = "EventifyError")]
pub enum Refusal {
    /// The request cannot be read at all.
    Malformed {
        /// Why.
        failure: Box<Failure>,
    },
    /// A value breaks its own rule.
    Invalid {
        /// Why.
        failure: Box<Failure>,
    },
    /// Nobody has shown who they are, or what they showed is not good (any more).
    Unauthenticated {
        /// Why.
        failure: Box<Failure>,
    },
    /// Known, and not allowed.
    Forbidden {
        /// Why.
        failure: Box<Failure>,
    },
    /// There is no such thing, or none that this actor may know of.
    NotFound {
        /// Why.
        failure: Box<Failure>,
    },
    /// A rule of the domain said no.
    Rule {
        /// Why.
        failure: Box<Failure>,
    },
    /// The caller decided on an older version than the stored one.
    Stale {
        /// Why.
        failure: Box<Failure>,
    },
    /// Too much in too short a time.
    Throttled {
        /// Why.
        failure: Box<Failure>,
    },
    /// Nothing is wrong with the request; try again in a moment.
    Unavailable {
        /// Why.
        failure: Box<Failure>,
    },
    /// A fault of ours or of the store; trying again may not help.
    Internal {
        /// Why.
        failure: Box<Failure>,
    },
    /// The app itself closed the engine before it asked.
    Closed {
        /// Why.
        failure: Box<Failure>,
    },
}

impl Refusal {
    /// What it is about.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Malformed { failure }
            | Self::Invalid { failure }
            | Self::Unauthenticated { failure }
            | Self::Forbidden { failure }
            | Self::NotFound { failure }
            | Self::Rule { failure }
            | Self::Stale { failure }
            | Self::Throttled { failure }
            | Self::Unavailable { failure }
            | Self::Internal { failure }
            | Self::Closed { failure } => failure,
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let failure = Box::new(Failure {
            reason: error.reason(),
            code: error.reason().code().to_owned(),
            message: error.message().to_owned(),
            is_retryable: error.is_retryable(),
            retry_after: error.retry_after(),
            fields: error.fields().to_vec(),
            details: error.details().iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        });
        match error.category() {
            Category::Malformed => Self::Malformed { failure },
            Category::Invalid => Self::Invalid { failure },
            Category::Unauthenticated => Self::Unauthenticated { failure },
            Category::Forbidden => Self::Forbidden { failure },
            Category::NotFound => Self::NotFound { failure },
            Category::Rule => Self::Rule { failure },
            Category::Stale => Self::Stale { failure },
            Category::Throttled => Self::Throttled { failure },
            Category::Unavailable => Self::Unavailable { failure },
            Category::Internal if failure.reason == Reason::Closed => Self::Closed { failure },
            Category::Internal => Self::Internal { failure },
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.failure(), f)
    }
}

impl std::error::Error for Refusal {}
