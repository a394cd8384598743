//! The store contract: three methods that any engine with a conditional multi-key write can serve, and a few that a
//! store which several processes share may serve too, to spare them waste and waiting.
//!
//! A backend knows no rule of the domain. It keeps [`Record`]s under [`Key`]s, each with the [`Version`] that last
//! wrote it, finds keys through a closed set of indexes ([`Index`]), and applies a [`ChangeSet`] wholly, durably
//! and only if nothing that was read has moved.
//!
//! The guarantees below are the contract; `testing::conformance` (feature `testing`) checks every one of them, and
//! [`MemoryStore`] is the reference.

mod change;
mod codec;
mod error;
mod facets;
mod index;
mod key;
mod memory;
mod peers;
mod record;
mod scan;
mod shared;
mod signal;
mod turn;

use std::collections::BTreeSet;
use std::fmt::Debug;

use async_trait::async_trait;

pub use change::{ChangeSet, Commit, Expectation, Version, Write};
pub use codec::{CodecError, decode_key, decode_record, encode_key, encode_record};
pub use error::{StoreError, StoreErrorKind};
pub use facets::{EventQuery, fold, words};
pub use index::{EVENT_WORDS_MAX, INDEX_EDITION, Index, IndexEntry, index_entries, owner_of};
pub use key::{
    AllowanceKey, CategoryNameKey, EmailKey, EventDayKey, IdempotencyHash, PromoUseKey, SeatRowKey,
    SeatSectionKey, ShortCode, ThrottleKey, TokenHash, WaitlistKey,
};
pub use memory::MemoryStore;
pub use record::{Expires, Key, Kind, RECORD_EDITION, Record, Recorded, Versioned};
pub use scan::{Damaged, Freshness, OrderedKeys, Page, Position, Scan, find};
pub use signal::{EngineId, Signal, Signals};
pub use turn::Turn;

/// Where Eventify keeps its records.
///
/// # Guarantees that every backend gives
/// - **Atomic:** a reader sees all writes of a change set or none.
/// - **Durable:** after `commit` has answered [`Commit::Applied`], a crash of the process or the machine does not
///   lose it (a store that is volatile by nature, like [`MemoryStore`], says so).
/// - **Checked:** a change set is applied only if every expectation holds at the moment of the commit; two change
///   sets whose expectations exclude each other are never both applied.
/// - **Fresh:** a `load` or `scan` that starts after a commit was answered sees it, unless the scan says that it may
///   lag ([`Freshness::MayLag`]).
/// - **Consistent:** one `load`, and one `scan`, reads one state of the store.
/// - **Unchanged on failure:** any answer but [`Commit::Applied`] means that nothing was written, except
///   [`StoreErrorKind::Indeterminate`], which means that the store does not know.
#[async_trait]
pub trait Store: Debug + Send + Sync + 'static {
    /// The records at these keys, each with its version.
    ///
    /// - Answers exactly one [`Versioned`] per key, in key order; an absent record has [`Version::ABSENT`].
    /// - Never waits for a writer.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] (try again) or [`StoreErrorKind::Corrupt`], which names the record.
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError>;

    /// One page of an index, in index order.
    ///
    /// - At most `scan.limit` records; `next` is `Some` exactly when more may follow.
    /// - `scan.after` continues strictly behind that position, whether or not a record is still there.
    /// - Records that came or went since the last page do not shift the others.
    ///
    /// # Errors
    /// As [`Store::load`].
    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError>;

    /// Applies every write, durably and atomically, if every expectation holds.
    ///
    /// - Otherwise changes nothing and names the keys that moved.
    /// - Every written record has the version [`ChangeSet::stamp`] from then on; a deleted one is absent.
    /// - Every index shows the change at once.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`]: nothing was written. [`StoreErrorKind::Indeterminate`]: not known; the
    /// engine settles it by the lane record in the change set.
    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError>;

    /// How many change sets the store commits faster side by side than one after another: 1 for an engine with a
    /// single writer, more for one with row locks. The engine makes as many write lanes.
    fn lanes_max(&self) -> usize {
        1
    }

    /// Waits until a change set would be begun with at once, and applied behind all that were handed in before it, while
    /// the last of those is still being made durable. The engine then hands in what rests on that one, instead of
    /// waiting for its answer. `false`, without waiting, from a store that cannot do that.
    ///
    /// Nothing's correctness rests on it: the change set expects what the one before it writes.
    async fn may_follow(&self) -> bool {
        false
    }

    /// Waits until nobody else has a turn at any of these keys, first come first served, also among the processes
    /// that share the store. The engine asks before it works on what others just changed under its hands.
    ///
    /// - `None` when the store knows no turns, or would have to wait too long (a second or two): go on without.
    /// - Asked for in key order, and given up when the guard is dropped or its holder dies or is silent for too long.
    /// - Nothing's correctness rests on it. But a store may hold what the next one would change until the turn ends, so
    ///   a plain commit that writes may have to wait for the turn, the holder's own one too.
    ///
    /// # Errors
    /// As [`Store::load`].
    async fn turn(&self, _at: &BTreeSet<Key>) -> Result<Option<Turn>, StoreError> {
        Ok(None)
    }

    /// As [`Store::commit`], and the turn ends with it: a store can let the next one have theirs at the very moment
    /// that this is committed. Whoever wraps a store and passes its turns on passes this on too.
    ///
    /// # Errors
    /// As [`Store::commit`].
    async fn commit_in_turn(&self, set: &ChangeSet, turn: Turn) -> Result<Commit, StoreError> {
        // Ended before: the commit may wait for it.
        drop(turn);
        self.commit(set).await
    }

    /// Lets the other engines over this store know what a commit means to them. Returns at once; what cannot be told
    /// is dropped or told as [`Signal::Missed`].
    fn signal(&self, _from: EngineId, _signals: &BTreeSet<Signal>) {}

    /// What engines other than `to` signal from now on, in this process or another; `None` when nobody else can write
    /// to this store.
    fn signals(&self, _to: EngineId) -> Option<Signals> {
        None
    }

    /// Answers when the store can serve.
    ///
    /// # Errors
    /// As [`Store::load`].
    async fn ping(&self) -> Result<(), StoreError> {
        self.load(&BTreeSet::from([Key::Keyring(())])).await.map(drop)
    }
}
