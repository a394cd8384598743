//! What one commit writes, and what it rests on: plain data.

use std::fmt;

use super::record::{Key, Record, Versioned};

/// The commit that last wrote a record.
///
/// A version is the stamp of a change set: a random number, never reused, so equality means "unchanged since" even
/// when a record was deleted and made again in between. It orders nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(u64);

impl Version {
    /// The version of a record that is not there.
    pub const ABSENT: Self = Self(0);

    /// A version from its number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Whether it stands for an absent record.
    #[must_use]
    pub const fn is_absent(self) -> bool {
        self.0 == 0
    }

    /// A version that stands for both: it changes when either does.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        // A multiply by a large odd number keeps (a, b) and (b, a) apart.
        Self(self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31) ^ other.0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A record must still have the version it was read at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Which record.
    pub key: Key,
    /// The version it was read at; [`Version::ABSENT`] when it was not there.
    pub version: Version,
}

/// One record's change: made (`before` absent), replaced, or deleted (`after` absent).
#[derive(Debug, Clone)]
pub struct Write {
    /// Which record.
    pub key: Key,
    /// What was there, as read at the version of the key's expectation: what the indexes forget, and of which a backend may
    /// leave what does not differ.
    pub before: Option<Record>,
    /// What is there from now on.
    pub after: Option<Record>,
}

/// Everything that one commit does.
///
/// Every key in `writes` is among the `expectations` too, at most once in each.
#[derive(Debug, Clone)]
pub struct ChangeSet {
    /// The version of everything written here; random and never zero.
    pub stamp: Version,
    /// What the decisions rest on.
    pub expectations: Vec<Expectation>,
    /// What they change.
    pub writes: Vec<Write>,
}

impl ChangeSet {
    /// Makes loaded records what they are once this is applied. Its writes are in key order.
    pub(crate) fn overlay(&self, loaded: &mut [Versioned]) {
        for found in loaded {
            let Ok(nth) = self.writes.binary_search_by(|write| write.key.cmp(&found.key)) else { continue };
            let after = self.writes.get(nth).and_then(|write| write.after.clone());
            found.version = if after.is_some() { self.stamp } else { Version::ABSENT };
            found.record = after;
        }
    }
}

/// How a commit went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Commit {
    /// Everything is written and durable.
    Applied,
    /// Nothing is written: these records are not at the expected version any more.
    Conflict(Vec<Key>),
}
