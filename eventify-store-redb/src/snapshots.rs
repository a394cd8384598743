//! What may be read: what is durable.
//!
//! redb lets everybody see a transaction as soon as it is made, which is before it is written out (`gate.rs`). An answer that
//! rests on it would be wrong if it never is. So while commits wait to be written out, readers share the state behind
//! the newest durable one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{Database, ReadTransaction, ReadableDatabase as _, TransactionError};

/// A state of the database.
pub(crate) type Snapshot = Arc<ReadTransaction>;

/// The newest state that is durable.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshots(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Commits that redb shows and that may not be durable.
    ahead: usize,
    /// What is read meanwhile; otherwise whatever redb shows.
    durable: Option<Snapshot>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("ahead", &self.ahead).finish_non_exhaustive()
    }
}

impl Snapshots {
    /// What may be read now.
    pub(crate) fn read(&self, db: &Database) -> Result<Snapshot, TransactionError> {
        // Held while redb is asked: no commit is made visible in between.
        let state = self.state();
        match &state.durable {
            Some(durable) => Ok(durable.clone()),
            None => Ok(Arc::new(db.begin_read()?)),
        }
    }

    /// Before a commit is made.
    pub(crate) fn begin(&self, db: &Database) -> Result<(), TransactionError> {
        let mut state = self.state();
        if state.ahead == 0 {
            state.durable = Some(Arc::new(db.begin_read()?));
        }
        state.ahead += 1;
        Ok(())
    }

    /// A commit came to nothing, or is durable: then what it made may be read. Commits become durable in their order.
    pub(crate) fn end(&self, made: Option<Snapshot>) {
        let mut state = self.state();
        state.ahead = state.ahead.saturating_sub(1);
        let gone = match state.ahead {
            0 => state.durable.take(),
            _ if made.is_some() => std::mem::replace(&mut state.durable, made),
            _ => None,
        };
        drop(state);
        drop(gone);
    }

    /// Lets go of all of the database, which is to be closed.
    pub(crate) fn clear(&self) {
        *self.state() = State::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
