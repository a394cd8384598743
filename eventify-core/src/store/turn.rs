//! Taking turns: what keeps several processes from doing the same work in vain.

use std::any::Any;
use std::fmt;

/// A turn at something that several processes want to change. Dropping it lets the next one have its turn.
///
/// Nothing rests on it: versions are checked all the same, and a turn may end at any time without notice, with the
/// connection that holds it for example. But it is more than a courtesy: a store may hold what the next one would
/// change, so that others' commits wait for its end. Whoever has one commits in it or drops it, soon.
pub struct Turn {
    waited: bool,
    held: Box<dyn Any + Send + Sync>,
}

impl Turn {
    /// A turn that lasts until `held` is dropped, and whether somebody else had to finish theirs first.
    pub fn new(waited: bool, held: impl Any + Send + Sync) -> Self {
        Self { waited, held: Box::new(held) }
    }

    /// What the turn lasts with, for the store that gave it.
    #[must_use]
    pub fn into_held(self) -> Box<dyn Any + Send + Sync> {
        self.held
    }

    /// Whether somebody else had the turn when it was asked for.
    #[must_use]
    pub const fn waited(&self) -> bool {
        self.waited
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("waited", &self.waited).finish_non_exhaustive()
    }
}
