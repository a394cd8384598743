//! What the processes over one store let each other know.

use std::pin::Pin;

use futures_util::Stream;

use crate::id::UserId;

/// What a commit means to the other processes over the same store: a mere hint to look. It may come late, twice, to
/// the process that it came from, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// A person has something new in their history.
    Told(UserId),
    /// A job is due soon, and whoever wrote it has no worker for it.
    JobDue,
    /// The deployment has new keys.
    NewKeys,
    /// Signals may have been lost: look after everything.
    Missed,
}

/// What is signalled from now on. Ends when the store is closed.
pub type Signals = Pin<Box<dyn Stream<Item = Signal> + Send>>;
