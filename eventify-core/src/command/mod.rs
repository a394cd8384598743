//! What a command is: a decision, who asks for it, and what makes a repeat the same one.

mod call;
mod records;

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use call::Idempotency;
pub use call::{Answer, Call};
pub use records::{IdempotentReply, LaneMark};

use crate::context::Context;
use crate::id::{EventId, UserId};
use crate::store::Key;
use crate::work::{Decision, Work};

/// A decision: reads records, writes records, says yes or no. Pure; run as often as it takes.
pub(crate) trait Command: Send + Sync + 'static {
    /// What the caller gets. Kept as bytes when the call has an idempotency key.
    type Reply: Serialize + DeserializeOwned + Send + 'static;
    /// Its name, for logs and for telling one idempotent request from another.
    const NAME: &'static str;
    /// Whether it is handed in for a job, and for nobody who waits.
    const BY_WORKER: bool = false;

    /// Where it queues: decisions about the same thing belong into the same lane.
    fn lane(&self) -> LaneKey;

    /// How much it writes, compared with a plain command: what one commit takes is bounded by it too.
    fn weight(&self) -> u32 {
        1
    }

    /// What it will surely read, so that it is loaded before the first run.
    fn reads(&self, _keys: &mut BTreeSet<Key>) {}

    /// Decides.
    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Self::Reply>;
}

/// What a decision is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LaneKey {
    /// An event and everything that belongs to it.
    Event(EventId),
    /// A person and everything that belongs to them.
    User(UserId),
    /// The deployment: everything else.
    Deployment,
}

impl LaneKey {
    /// The key that stands for it among processes.
    pub(crate) const fn place(self) -> Key {
        match self {
            Self::Event(id) => Key::Event(id),
            Self::User(id) => Key::User(id),
            Self::Deployment => Key::Keyring(()),
        }
    }
}
