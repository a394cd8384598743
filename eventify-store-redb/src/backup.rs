//! Copying one state of a running store to a new file.

use std::io;
use std::ops::Bound;
use std::path::Path;

use eventify_core::store::Kind;
use redb::{Builder, Database, Durability, ReadTransaction, ReadableTable, TableDefinition};

use super::create::{settle, temporary_beside};
use super::engine::Engine;
use super::error::{BackupError, Failure};
use super::tables::{INDEX, META, records};

/// How much memory the cache of the copy may take.
const CACHE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Writes the newest committed state to `to`. Commits go on meanwhile.
pub(crate) fn backup(engine: &Engine, to: &Path) -> Result<(), BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.to_path_buf()));
    }
    let at = |source| BackupError::Io { path: to.to_path_buf(), source };
    let fresh = temporary_beside(to).map_err(at)?;
    let file = fresh.reopen().map_err(at)?;
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES_MAX);
    engine.read("back up", |txn| {
        // A second try, after the store had to be opened again, begins with an empty file.
        file.set_len(0).map_err(redb::StorageError::Io)?;
        copy(txn, &builder, file.try_clone().map_err(redb::StorageError::Io)?)
    })?;
    settle(fresh, to).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_path_buf()),
        _ => at(error),
    })
}

fn copy(from: &ReadTransaction, builder: &Builder, file: std::fs::File) -> Result<(), Failure> {
    let copy = builder.create_file(file)?;
    for kind in Kind::ALL {
        copy_table(from, &copy, records(*kind))?;
    }
    copy_table(from, &copy, INDEX)?;
    // Last, and durable: what makes the copy a store.
    let txn = copy.begin_write()?;
    {
        let mut about = txn.open_table(META)?;
        for row in from.open_table(META)?.iter()? {
            let (name, value) = row?;
            about.insert(name.value(), value.value())?;
        }
    }
    txn.commit()?;
    Ok(())
}

fn copy_table<K: redb::Key + 'static, V: redb::Value + 'static>(
    from: &ReadTransaction,
    to: &Database,
    table: TableDefinition<'static, K, V>,
) -> Result<(), Failure> {
    let mut txn = to.begin_write()?;
    // A copy that is interrupted is thrown away as a whole.
    txn.set_durability(Durability::None)?;
    {
        let mut target = txn.open_table(table)?;
        // Rows come in key order, so each goes behind the last.
        let mut end = target.upper_bound_mut(Bound::<K::SelfType<'_>>::Unbounded)?;
        for row in from.open_table(table)?.iter()? {
            let (key, value) = row?;
            end.insert_before(key.value(), value.value())?;
        }
        end.close()?;
    }
    txn.commit()?;
    Ok(())
}
