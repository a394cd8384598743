//! Moving everything from one store to another: from a file to a server, and back.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::{Eventify, copy::copy, store::MemoryStore};
//! use std::sync::Arc;
//!
//! let from = Arc::new(MemoryStore::new());
//! Eventify::builder_over(from.clone()).start().await?.shut_down().await;
//! let to = MemoryStore::new();
//! let report = copy(&*from, &to, &mut |_| {}).await?;
//! assert!(report.records() > 0);
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).map_err(|e| e.to_string())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod report;
mod run;
#[cfg(all(test, feature = "testing"))]
mod tests;

pub use error::{CopyError, CopyFailure};
pub use report::{CopyReport, Progress, Stage};

use crate::store::Store;

/// Copies every record of one store into another, empty one, and proves that it arrived.
///
/// - **Streams:** reads kind by kind in pages, writes change sets of at most [`RECORDS_MAX`] records; takes memory for
///   two pages.
/// - **All or nothing for engines:** the first thing in the target is a keyring without keys, over which no engine
///   starts; the last one replaces it by the source's. Whatever happens in between, a half-copied store is never taken
///   for a whole one.
/// - **Proves it:** reads both again and compares counts and contents (SHA-256) of every kind, then looks at all rules
///   between records ([`check`](crate::check::check)).
/// - **At rest:** the source must not be written to meanwhile. If it was, reading it again shows that, and the copy
///   fails.
///
/// Ids, tokens, codes, passwords and answers to idempotency keys stay good. Versions (ETags) are new. The marks of
/// write lanes stay behind: they belong to processes.
///
/// `tell` is called after every page. Dropping the future leaves a target as after a failure.
///
/// # Errors
/// [`CopyError`]: why, and whether the target was begun and has to be emptied.
pub async fn copy(
    from: &dyn Store,
    to: &dyn Store,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<CopyReport, CopyError> {
    run::copy(from, to, tell).await
}

/// Whether a store is the target of a copy that is under way or was interrupted.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError) when it cannot be read.
pub async fn is_unfinished(store: &dyn Store) -> Result<bool, crate::store::StoreError> {
    Ok(run::keyring_of(store).await?.is_some_and(|(keyring, _)| keyring.is_unfinished()))
}

/// Records in one change set of a copy, at most.
pub const RECORDS_MAX: usize = 500;
