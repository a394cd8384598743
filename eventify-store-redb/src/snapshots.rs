//! What may be read: what is durable.
//!
//! redb lets everybody see a transaction as soon as it is made, which is before it is written out (`gate.rs`). An answer that
//! rests on it would be wrong if it never is. So readers share the state behind the newest durable commit. It never changes,
//! so what one of them has read of it is so for all of them.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eventify_core::store::{Key, Versioned};
use redb::{Database, ReadTransaction, ReadableDatabase as _, TransactionError};

/// Records that are kept of a state: those of a few pages of events.
const KEPT_RECORDS_MAX: usize = 1_024;
/// The longest one, in encoded bytes.
const KEPT_BYTES_MAX: usize = 8 << 10;

/// A state of the database.
pub(crate) struct Snapshot {
    txn: ReadTransaction,
    kept: Mutex<HashMap<Key, Versioned>>,
}

impl Snapshot {
    /// The newest state that there is.
    pub(crate) fn newest(db: &Database) -> Result<Arc<Self>, TransactionError> {
        Ok(Arc::new(Self { txn: db.begin_read()?, kept: Mutex::default() }))
    }

    /// A record that somebody has read.
    pub(crate) fn kept(&self, key: &Key) -> Option<Versioned> {
        self.all_kept().get(key).cloned()
    }

    /// Keeps a record that takes so many bytes for who reads it next.
    pub(crate) fn keep(&self, read: &Versioned, bytes: usize) {
        let mut kept = self.all_kept();
        if bytes <= KEPT_BYTES_MAX && kept.len() < KEPT_RECORDS_MAX {
            kept.insert(read.key.clone(), read.clone());
        }
    }

    fn all_kept(&self) -> MutexGuard<'_, HashMap<Key, Versioned>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for Snapshot {
    type Target = ReadTransaction;

    fn deref(&self) -> &ReadTransaction {
        &self.txn
    }
}

/// The newest state that is durable.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshots(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Commits that redb shows and that may not be durable.
    ahead: usize,
    /// What is read; when nothing is ahead and nobody has read yet, whatever redb shows.
    durable: Option<Arc<Snapshot>>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("ahead", &self.ahead).finish_non_exhaustive()
    }
}

impl Snapshots {
    /// What may be read now.
    pub(crate) fn read(&self, db: &Database) -> Result<Arc<Snapshot>, TransactionError> {
        // Held while redb is asked: no commit is made visible in between.
        let mut state = self.state();
        if let Some(durable) = &state.durable {
            return Ok(durable.clone());
        }
        let newest = Snapshot::newest(db)?;
        state.durable = Some(newest.clone());
        Ok(newest)
    }

    /// Before a commit is made.
    pub(crate) fn begin(&self, db: &Database) -> Result<(), TransactionError> {
        self.read(db)?;
        self.state().ahead += 1;
        Ok(())
    }

    /// A commit came to nothing, or is durable: then what it made may be read. Commits become durable in their order.
    pub(crate) fn end(&self, made: Option<Arc<Snapshot>>) {
        let mut state = self.state();
        state.ahead = state.ahead.saturating_sub(1);
        let gone = if made.is_some() { std::mem::replace(&mut state.durable, made) } else { None };
        drop(state);
        drop(gone);
    }

    /// Lets go of all of the database, which is to be closed, or is somebody's alone. Nothing is ahead.
    pub(crate) fn clear(&self) {
        *self.state() = State::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
