//! Opening: what is this file, may we touch it, does it need an upgrade.

use std::panic::{AssertUnwindSafe, catch_unwind};

use eventify_core::store::{Kind, RECORD_EDITION};
use redb::{Database, DatabaseError, ReadableDatabase as _, StorageBackend, StorageError};

use super::engine::{Opened, Options, panic_message, put_away, shielded};
use super::error::{Failure, Problem};
use super::gate::Gate;
use super::medium::Medium;
use super::migrate;
use super::tables::{INDEX, META, meta, records};

/// What every redb file begins with.
const REDB_MAGIC: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";
/// Shorter than this is no redb file: the header with its two commit slots.
const REDB_HEADER_BYTES: u64 = 320;

/// Opens a store, or makes one when the storage is empty and `fresh` allows it.
pub(crate) fn open(medium: &dyn Medium, options: Options, fresh: bool) -> Result<Opened, Problem> {
    let backend = medium.open().map_err(io_problem)?;
    let is_empty = inspect(&*backend)?;
    if is_empty && !fresh {
        return Err(Problem::Damaged("the file is empty".to_owned()));
    }
    let gate = Gate::new(backend).map_err(Problem::Io)?;
    let db = open_database(gate.clone(), options.cache_bytes_max)?;
    match accept(&db, &gate, is_empty) {
        Ok(()) => Ok(Opened::new(db, gate, options)),
        Err(problem) => {
            put_away(db);
            Err(problem)
        }
    }
}

/// Lets the database write to the storage once it is known to be a store of ours.
fn accept(db: &Database, gate: &Gate, is_empty: bool) -> Result<(), Problem> {
    if is_empty {
        shielded(|| create_tables(db)).map_err(from_failure)?;
    } else {
        identify(db)?;
    }
    gate.release().map_err(Problem::Io)?;
    shielded(|| migrate::upgrade(db)).map_err(from_failure)
}

/// Whether the storage is empty; an error when it cannot be a redb file.
fn inspect(backend: &dyn StorageBackend) -> Result<bool, Problem> {
    let len = backend.len().map_err(Problem::Io)?;
    if len == 0 {
        return Ok(true);
    }
    let mut start = [0; REDB_MAGIC.len()];
    let there = start.len().min(usize::try_from(len).unwrap_or(usize::MAX));
    let start = start.get_mut(..there).unwrap_or_default();
    backend.read(0, start).map_err(Problem::Io)?;
    if !REDB_MAGIC.starts_with(start) {
        return Err(Problem::Foreign("it does not begin like one"));
    }
    if len < REDB_HEADER_BYTES {
        return Err(Problem::Damaged(format!("cut off after {len} bytes")));
    }
    Ok(false)
}

fn open_database(gate: Gate, cache_bytes_max: usize) -> Result<Database, Problem> {
    let mut builder = Database::builder();
    builder.set_cache_size(cache_bytes_max);
    builder.set_repair_callback(|session| {
        tracing::info!(progress = session.progress(), "repairing the store after an unclean stop");
    });
    match catch_unwind(AssertUnwindSafe(|| builder.create_with_backend(gate))) {
        Ok(Ok(db)) => Ok(db),
        Ok(Err(error)) => Err(from_database_error(error)),
        Err(panic) => Err(Problem::Damaged(panic_message(&*panic))),
    }
}

fn create_tables(db: &Database) -> Result<(), Failure> {
    let txn = db.begin_write()?;
    {
        let mut about = txn.open_table(META)?;
        about.insert(meta::MAGIC, meta::MAGIC_VALUE)?;
        about.insert(meta::FORMAT, migrate::FORMAT.to_le_bytes().as_slice())?;
        about.insert(meta::INDEX_EDITION, eventify_core::store::INDEX_EDITION.to_le_bytes().as_slice())?;
        about.insert(meta::RECORD_EDITION, RECORD_EDITION.to_le_bytes().as_slice())?;
        about.insert(meta::CREATED_BY, env!("CARGO_PKG_VERSION").as_bytes())?;
        txn.open_table(INDEX)?;
        for kind in Kind::ALL {
            txn.open_table(records(*kind))?;
        }
    }
    txn.commit()?;
    Ok(())
}

/// Makes sure that it is a store of ours in a format that we know.
fn identify(db: &Database) -> Result<(), Problem> {
    let found = shielded(|| {
        let txn = db.begin_read()?;
        let about = match txn.open_table(META) {
            Ok(about) => about,
            Err(
                redb::TableError::TableDoesNotExist(_)
                | redb::TableError::TableTypeMismatch { .. }
                | redb::TableError::TableIsMultimap(_),
            ) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let magic = about.get(meta::MAGIC)?;
        if magic.is_none_or(|value| value.value() != meta::MAGIC_VALUE) {
            return Ok(None);
        }
        Ok(Some((migrate::format_of(&about)?, migrate::record_edition_of(&about)?)))
    });
    match found.map_err(from_failure)? {
        None => Err(Problem::Foreign("a redb database of something else")),
        Some((found, _)) if found > migrate::FORMAT => Err(Problem::Newer { found, known: migrate::FORMAT }),
        Some((0, _)) => Err(Problem::Damaged("format 0 was never written".to_owned())),
        Some((_, found)) if found != RECORD_EDITION => {
            Err(Problem::OtherEdition { found, known: RECORD_EDITION })
        }
        Some(_) => Ok(()),
    }
}

fn io_problem(error: std::io::Error) -> Problem {
    match error.kind() {
        std::io::ErrorKind::NotFound => Problem::Missing,
        _ => Problem::Io(error),
    }
}

fn from_failure(failure: Failure) -> Problem {
    match failure {
        Failure::Broken(message) => Problem::Io(std::io::Error::other(message)),
        Failure::Store(error) | Failure::Panicked(error) => Problem::Damaged(error.message().to_owned()),
    }
}

fn from_database_error(error: DatabaseError) -> Problem {
    match error {
        DatabaseError::DatabaseAlreadyOpen => Problem::InUse,
        DatabaseError::UpgradeRequired(version) => {
            Problem::Damaged(format!("written by a redb of file format {version}"))
        }
        DatabaseError::Storage(StorageError::Corrupted(message)) => Problem::Damaged(message),
        DatabaseError::Storage(StorageError::Io(error)) => match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Problem::Damaged("cut off".to_owned()),
            std::io::ErrorKind::InvalidData => Problem::Damaged(error.to_string()),
            _ => Problem::Io(error),
        },
        other => Problem::Damaged(other.to_string()),
    }
}
