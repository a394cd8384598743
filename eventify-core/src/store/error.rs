//! What goes wrong in a store.

use std::fmt;

use crate::error::{Error, Reason};

/// What a caller can do about a store's failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store cannot be reached or is overloaded; nothing was written; try again.
    Unavailable,
    /// The answer to a commit was lost: it may have been applied or not.
    Indeterminate,
    /// What is stored cannot be understood; the message names the table, the key and what is wrong.
    Corrupt,
}

/// A store's failure: its kind, what the store was doing, and what it says.
#[derive(Clone)]
pub struct StoreError {
    kind: StoreErrorKind,
    operation: &'static str,
    message: String,
}

impl StoreError {
    /// A failure of `operation` (`load`, `commit` …). The message must hold no personal data: it is logged.
    pub fn new(kind: StoreErrorKind, operation: &'static str, message: impl Into<String>) -> Self {
        Self { kind, operation, message: message.into() }
    }

    /// What a caller can do about it.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// What the store says.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store could not {}: {}", self.operation, self.message)
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreError({:?}, {}: {})", self.kind, self.operation, self.message)
    }
}

impl std::error::Error for StoreError {}

impl From<StoreError> for Error {
    /// The caller learns what it can do; the operator finds the store's own words in the log.
    fn from(error: StoreError) -> Self {
        match error.kind {
            StoreErrorKind::Unavailable | StoreErrorKind::Indeterminate => {
                tracing::warn!(%error, "the store is unavailable");
                Self::new(Reason::StoreUnavailable, "The store cannot be reached now; try again.")
            }
            StoreErrorKind::Corrupt => {
                tracing::error!(%error, "the store is damaged");
                Self::internal("A stored record cannot be read; the operator finds its name in the log.")
            }
        }
    }
}
