//! How a command ends.

use std::process::ExitCode;

use eventify_core::store::StoreError;

/// The exit codes. Stable: scripts rest on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Refused, failed, or something was found.
    Refused = 1,
    /// The command line or an environment variable is wrong. Also what clap answers.
    Usage = 2,
    /// The store cannot be opened.
    Store = 3,
    /// The address cannot be listened on.
    Listen = 4,
}

impl Exit {
    /// From a number that a running service answered.
    pub(crate) const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Done,
            2 => Self::Usage,
            3 => Self::Store,
            4 => Self::Listen,
            _ => Self::Refused,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) struct Failure {
    /// How the process ends.
    pub(crate) exit: Exit,
    /// The reason, in words for an operator.
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// Something was refused or failed.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    /// Says what to do about it, on a line of its own.
    pub(crate) fn hint(mut self, hint: &str) -> Self {
        self.message.push_str("\n  hint: ");
        self.message.push_str(hint);
        self
    }
}

impl From<eventify_core::Error> for Failure {
    fn from(error: eventify_core::Error) -> Self {
        Self::refused(format!("{} ({})", error.message(), error.reason()))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::refused(error.to_string())
    }
}
