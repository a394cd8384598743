//! What an operator does with a store.

use std::path::Path;

use eventify_core::store::{StoreError, StoreErrorKind};
use tokio::sync::oneshot;

use super::error::BackupError;
use super::store::RedbStore;
use super::{CheckReport, backup, check};

/// What [`RedbStore::compact`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compaction {
    /// The length of the file before.
    pub bytes_before: u64,
    /// Its length after.
    pub bytes_after: u64,
}

impl RedbStore {
    /// Writes the newest committed state to a new file, which is a store itself. Reads and commits go on meanwhile.
    ///
    /// - The file gets its name when it is complete and durable, and never replaces another.
    /// - It is readable by its owner only: it holds the deployment's keys.
    ///
    /// # Errors
    /// [`BackupError`]; then there is no file.
    pub async fn backup(&self, to: impl AsRef<Path>) -> Result<(), BackupError> {
        let to = to.as_ref().to_path_buf();
        let engine = self.engine.clone();
        let (reply, answer) = oneshot::channel();
        let path = to.clone();
        // A thread of its own: it takes its time, and the readers' threads are for short reads.
        std::thread::Builder::new()
            .name("eventify-redb-backup".to_owned())
            .spawn(move || {
                // Nobody may be waiting any more; the backup is made all the same.
                let _ = reply.send(backup::backup(&engine, &path));
            })
            .map_err(|source| BackupError::Io { path: to, source })?;
        answer.await.unwrap_or_else(|_| {
            let gone = StoreError::new(StoreErrorKind::Unavailable, "back up", "the backup was given up");
            Err(gone.into())
        })
    }

    /// Moves everything to the front of the file and cuts off what is left. Reads and commits wait meanwhile.
    ///
    /// # Errors
    /// [`StoreError`]; what was stored stays stored.
    pub async fn compact(&self) -> Result<Compaction, StoreError> {
        let chore = |engine: &super::engine::Engine| {
            engine.exclusively("compact", |opened| {
                let bytes_before = opened.gate.bytes();
                opened.db.compact()?;
                Ok(Compaction { bytes_before, bytes_after: opened.gate.bytes() })
            })
        };
        self.writer.chore("compact", chore).await
    }

    /// Looks whether everything is as it should be: the file's structure, every record, every index entry. Commits
    /// wait meanwhile. Reads the whole file.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`]; damage is no error but a finding.
    pub async fn check(&self) -> Result<CheckReport, StoreError> {
        self.writer.chore("check", check::check).await
    }
}
