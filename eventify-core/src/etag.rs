//! Telling whether something changed since it was read.

use std::ops::Deref;

use crate::error::{Error, Reason};
use crate::store::Version;

/// Something that was read, and the version it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched<T> {
    value: T,
    version: Version,
    beside: Version,
}

impl<T> Fetched<T> {
    pub(crate) const fn new(value: T, version: Version) -> Self {
        Self { value, version, beside: Version::ABSENT }
    }

    /// With the version of what is shown beside it, and changed by others.
    pub(crate) fn with_beside(self, beside: Version) -> Self {
        Self { beside, ..self }
    }

    /// The version of what is shown beside the value and is not its own: an event's rating. Absent when there is none.
    /// No change of the value is refused for it.
    #[must_use]
    pub const fn beside(&self) -> Version {
        self.beside
    }

    /// Its version: changes whenever the value does, but for what is shown beside it.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Fetched<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Whether a change is wanted whatever is stored, or only to the version that the caller has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfMatch {
    /// Whatever is stored.
    #[default]
    Any,
    /// Only this version.
    Version(Version),
    /// None that we could have given out: always refused.
    Never,
}

impl IfMatch {
    /// # Errors
    /// `precondition_failed`.
    pub(crate) fn check(self, stored: Version) -> Result<(), Error> {
        match self {
            Self::Any => Ok(()),
            // An absent version stands for what nobody can have seen.
            Self::Version(seen) if seen == stored && !seen.is_absent() => Ok(()),
            Self::Version(_) | Self::Never => Err(Error::new(
                Reason::PreconditionFailed,
                "It was changed since you read it; read it again.",
            )),
        }
    }
}
