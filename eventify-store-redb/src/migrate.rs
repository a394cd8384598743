//! The file's format, and the way from an older one to this one.

use std::collections::BTreeSet;

use eventify_core::store::{INDEX_EDITION, Kind, Version, decode_key, index_entries};
use redb::{
    Database, ReadOnlyTable, ReadableDatabase as _, ReadableTable as _, TableHandle as _, WriteTransaction,
};

use super::codec::{corrupt, decode_value, seal, version_of};
use super::error::Failure;
use super::tables::{Bytes, INDEX, META, meta, records};

/// One step: from format N to N + 1, for N counted from 1.
type Migration = fn(&WriteTransaction) -> Result<(), Failure>;

/// Every step there is, in order. Never change one that was released; append.
const MIGRATIONS: [Migration; 3] = [add_checksums, allow_newest, gather_newest];

/// The format that this version writes.
#[allow(clippy::cast_possible_truncation, reason = "a handful of migrations")]
pub(crate) const FORMAT: u32 = MIGRATIONS.len() as u32 + 1;

pub(crate) fn format_of(about: &ReadOnlyTable<&'static str, Bytes>) -> Result<u32, Failure> {
    number(about.get(meta::FORMAT)?.as_ref().map(redb::AccessGuard::value))
        .ok_or_else(|| corrupt("open", "the number of the file's format is missing").into())
}

/// The edition of the records' layouts; 0 of a file from before there were any.
pub(crate) fn record_edition_of(about: &ReadOnlyTable<&'static str, Bytes>) -> Result<u32, Failure> {
    let found = about.get(meta::RECORD_EDITION)?;
    Ok(number(found.as_ref().map(redb::AccessGuard::value)).unwrap_or(0))
}

fn number(bytes: Option<&[u8]>) -> Option<u32> {
    bytes.and_then(|b| b.try_into().ok()).map(u32::from_le_bytes)
}

/// Brings a store that was identified to the present format, in one transaction.
pub(crate) fn upgrade(db: &Database) -> Result<(), Failure> {
    let (format, edition, complete) = state(db)?;
    if format == FORMAT && edition == Some(INDEX_EDITION) && complete {
        return Ok(());
    }
    let mut txn = db.begin_write()?;
    txn.set_quick_repair(true);
    for kind in Kind::ALL {
        txn.open_table(records(*kind))?;
    }
    let done = usize::try_from(format.saturating_sub(1)).unwrap_or(usize::MAX);
    for (step, migration) in MIGRATIONS.iter().enumerate().skip(done) {
        tracing::info!(from = step + 1, to = step + 2, "bringing the store to a newer format");
        migration(&txn)?;
    }
    if edition != Some(INDEX_EDITION) {
        tracing::info!(?edition, to = INDEX_EDITION, "making the indexes anew");
        rebuild_index(&txn)?;
    }
    {
        let mut about = txn.open_table(META)?;
        about.insert(meta::FORMAT, FORMAT.to_le_bytes().as_slice())?;
        about.insert(meta::INDEX_EDITION, INDEX_EDITION.to_le_bytes().as_slice())?;
    }
    txn.commit()?;
    Ok(())
}

/// The format, the edition of the index entries, and whether every table is there: a newer core may have more.
fn state(db: &Database) -> Result<(u32, Option<u32>, bool), Failure> {
    let txn = db.begin_read()?;
    let about = txn.open_table(META)?;
    let edition = number(about.get(meta::INDEX_EDITION)?.as_ref().map(redb::AccessGuard::value));
    let there: BTreeSet<String> = txn.list_tables()?.map(|table| table.name().to_owned()).collect();
    let complete = there.contains(INDEX.name()) && Kind::ALL.iter().all(|kind| there.contains(kind.table()));
    Ok((format_of(&about)?, edition, complete))
}

/// Makes every index entry anew from the records.
pub(crate) fn rebuild_index(txn: &WriteTransaction) -> Result<(), Failure> {
    txn.delete_table(INDEX)?;
    let mut index = txn.open_table(INDEX)?;
    for &kind in Kind::ALL {
        let table = txn.open_table(records(kind))?;
        for row in table.iter()? {
            let (key_bytes, value) = row?;
            let key = decode_key(kind, key_bytes.value())
                .map_err(|_| super::codec::damaged(kind, key_bytes.value(), "not a key of this table"))?;
            let stored = decode_value(key, key_bytes.value(), value.value())?;
            for entry in stored.record.iter().flat_map(index_entries) {
                index.insert(entry.as_slice(), ())?;
            }
        }
    }
    Ok(())
}

/// Format 1 had no checksums: version, then record.
fn add_checksums(txn: &WriteTransaction) -> Result<(), Failure> {
    let mut sealed = Vec::new();
    for &kind in Kind::ALL {
        let mut table = txn.open_table(records(kind))?;
        let mut last: Option<Vec<u8>> = None;
        // A few rows at a time: a table is not read and written at once, and its rows need not fit the memory.
        loop {
            let rows = chunk_after(&table, last.as_deref())?;
            let Some((end, _)) = rows.last() else {
                break;
            };
            last = Some(end.clone());
            for (key, value) in &rows {
                let Some((version, record)) = value.split_first_chunk::<8>() else {
                    version_of(kind, key, value)?;
                    continue;
                };
                seal(key, Version::new(u64::from_le_bytes(*version)), record, &mut sealed);
                table.insert(key.as_slice(), sealed.as_slice())?;
            }
        }
    }
    Ok(())
}

/// Format 2 knew no entries that lie with the newest of their owner, and would not look for them. Those that are in their
/// indexes are where they may be.
const fn allow_newest(_: &WriteTransaction) -> Result<(), Failure> {
    Ok(())
}

/// Format 3 had the newest entries of each owner behind that owner, where nobody looks for them any more.
fn gather_newest(txn: &WriteTransaction) -> Result<(), Failure> {
    rebuild_index(txn)
}

/// Rows that are rewritten at a time.
const CHUNK_ROWS: usize = 1_000;

/// A key and its value.
type Row = (Vec<u8>, Vec<u8>);

fn chunk_after(table: &redb::Table<'_, Bytes, Bytes>, last: Option<&[u8]>) -> Result<Vec<Row>, Failure> {
    use std::ops::Bound;
    let start = last.map_or(Bound::Unbounded, Bound::Excluded);
    let mut rows = Vec::new();
    for row in table.range::<&[u8]>((start, Bound::Unbounded))?.take(CHUNK_ROWS) {
        let (key, value) = row?;
        rows.push((key.value().to_vec(), value.value().to_vec()));
    }
    Ok(rows)
}
