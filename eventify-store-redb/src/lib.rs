//! Eventify embedded in one file: the redb store.

mod backup;
mod check;
mod codec;
mod commit;
mod create;
mod engine;
mod error;
mod load;
mod maintain;
mod medium;
mod migrate;
mod open;
mod pool;
mod scan;
mod store;
mod tables;
mod writer;

pub use check::CheckReport;
pub use error::{BackupError, OpenError};
pub use maintain::Compaction;
pub use medium::Medium;
pub use redb::StorageBackend;
pub use store::{RedbStore, RedbStoreBuilder};
