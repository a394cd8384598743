//! The host's clock.

use std::fmt;
use std::sync::Arc;

use eventify_core::{SystemClock, Timestamp};

/// Tells the time instead of the machine: for tests, and for apps that know it better.
#[uniffi::export(foreign)]
pub trait Clock: Send + Sync {
    /// The present instant. Asked very often, from any thread; must answer at once.
    ///
    /// # Errors
    /// When it cannot tell: the machine's clock is asked then.
    fn now(&self) -> Result<Timestamp, ClockError>;
}

/// A clock that cannot tell the time.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Error)]
pub enum ClockError {
    /// It does not know.
    Unknown {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for ClockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Unknown { reason } = self;
        f.write_str(reason)
    }
}

impl std::error::Error for ClockError {}

impl From<uniffi::UnexpectedUniFFICallbackError> for ClockError {
    fn from(thrown: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unknown { reason: thrown.reason }
    }
}

/// The host's clock as the engine asks it.
pub(crate) struct HostClock(pub(crate) Arc<dyn Clock>);

impl fmt::Debug for HostClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostClock")
    }
}

impl eventify_core::Clock for HostClock {
    fn now(&self) -> Timestamp {
        self.0.now().unwrap_or_else(|_| SystemClock.now())
    }
}
