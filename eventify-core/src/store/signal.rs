//! What the processes over one store let each other know.

use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;

use futures_util::Stream;

use crate::id::{EventId, UserId};

/// One running engine among all that work over a store: what it signals it does not hear itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EngineId(u64);

impl EngineId {
    /// One that no other engine has, in this process or another. No decision sees it, so it is no part of the
    /// engine's own randomness.
    #[must_use]
    pub fn random() -> Self {
        Self(RandomState::new().hash_one(std::process::id()))
    }

    /// The engine of a number that came from [`EngineId::number`].
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// For the wire.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// What a commit means to the other engines over the same store: a mere hint to look. It may come late, twice, or
/// never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// A person has something new in their history, or lost a session or a key.
    Told(UserId),
    /// A job is due soon, and whoever wrote it has no worker for it.
    JobDue,
    /// The deployment has new keys.
    NewKeys,
    /// Somebody watches an event for the next minute: only then others say that it changed.
    Watched(EventId),
    /// Something changed at an event that somebody watches.
    Changed(EventId),
    /// Signals may have been lost: look after everything.
    Missed,
}

/// What is signalled from now on. Ends when the store is closed.
pub type Signals = Pin<Box<dyn Stream<Item = Signal> + Send>>;
