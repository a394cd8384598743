//! Eventify embedded in one file: the redb store.
//!
//! ```
//! use eventify_core::store::Store;
//! use eventify_store_redb::RedbStore;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! # let at = |name: &str| dir.path().join(name);
//! let store = RedbStore::open(at("eventify.redb"))?;
//! store.ping().await?;
//! store.backup(at("backup.redb")).await?;
//! assert!(store.check().await?.is_clean());
//! # Ok(())
//! # }
//! ```
//!
//! - A file is made complete before it gets its name, and one that is refused (foreign, damaged, newer, in use) is
//!   never written to.
//! - Every commit is synced before it is answered. Change sets that queue while one is written share the next
//!   transaction.
//! - Every value carries a checksum, so that a flipped bit is an error that names table and key, never an answer.
//!
//! `tables.rs` documents what lies in the file.

mod backup;
mod check;
mod codec;
mod commit;
mod create;
mod engine;
mod error;
mod gate;
mod load;
mod maintain;
mod medium;
mod migrate;
mod newest;
mod open;
mod pages;
mod pool;
mod readers;
mod scan;
mod snapshots;
mod store;
mod tables;
mod writer;

pub use check::CheckReport;
pub use error::{BackupError, OpenError};
pub use maintain::Compaction;
pub use medium::Medium;
pub use redb::StorageBackend;
pub use store::{RedbStore, RedbStoreBuilder};
