//! Checking and applying change sets inside of one transaction.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use eventify_core::store::{
    ChangeSet, Commit, IndexEntry, Key, Kind, Record, StoreError, Version, Write, encode_key, index_entries,
};
use redb::{ReadableTable, Table, WriteTransaction};

use super::codec::{encode_value, version_of};
use super::engine::Opened;
use super::error::Failure;
use super::load::Tables;
use super::newest;
use super::snapshots::Snapshot;
use super::tables::{Bytes, INDEX, records};

/// What became of a change set, or why it alone could not be decided.
pub(crate) type Outcome = Result<Commit, StoreError>;

/// Why a whole transaction failed.
pub(crate) enum Ended {
    /// Before its commit: nothing was written.
    NotWritten(Failure),
    /// In its commit: all of it was written, with these outcomes, or nothing.
    Unknown(Failure, Vec<Outcome>),
}

impl<E: Into<Failure>> From<E> for Ended {
    fn from(error: E) -> Self {
        Self::NotWritten(error.into())
    }
}

/// Commits change sets together, in order: each sees what those before it wrote. Durable when the gate says so.
pub(crate) fn commit_all(opened: &Opened, sets: &[&ChangeSet]) -> Result<Vec<Outcome>, Ended> {
    match attempt(opened, sets, Fresh::IsSeenAsItIsWritten)? {
        Some(outcomes) => Ok(outcomes),
        None => attempt(opened, sets, Fresh::IsLookedFor).map(Option::unwrap_or_default),
    }
}

/// How one finds out that a record is there already that should be new.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fresh {
    /// Writing it tells what it replaced. That hardly ever happens, and spares a look at every new record; when it does,
    /// the transaction is of no use any more.
    IsSeenAsItIsWritten,
    /// Before anything of its change set is written.
    IsLookedFor,
}

/// One transaction; `None`, and nothing done, when a record that should be new was there.
fn attempt(opened: &Opened, sets: &[&ChangeSet], fresh: Fresh) -> Result<Option<Vec<Outcome>>, Ended> {
    let mut txn = opened.db.begin_write()?;
    txn.set_quick_repair(opened.gate.bytes() >= opened.quick_repair_from_bytes);
    let mut outcomes = Vec::with_capacity(sets.len());
    let mut is_fresh = true;
    {
        let mut writing = Writing::new(&txn);
        for set in sets {
            let mut checked = writing.check(set, fresh);
            if matches!(&checked, Ok(moved) if !moved.is_empty()) {
                // Whoever is too late is told all that moved.
                checked = writing.check(set, Fresh::IsLookedFor);
            }
            outcomes.push(match checked {
                Ok(moved) if moved.is_empty() => {
                    is_fresh = writing.apply(set)? || fresh == Fresh::IsLookedFor;
                    if !is_fresh {
                        break;
                    }
                    Ok(Commit::Applied)
                }
                Ok(moved) => Ok(Commit::Conflict(moved)),
                Err(Failure::Store(error)) => Err(error),
                Err(broken) => return Err(Ended::NotWritten(broken)),
            });
        }
    }
    if !is_fresh {
        txn.abort()?;
        return Ok(None);
    }
    if outcomes.iter().any(|o| matches!(o, Ok(Commit::Applied))) {
        if let Err(error) = txn.commit() {
            return Err(Ended::Unknown(error.into(), outcomes));
        }
    } else {
        txn.abort()?;
    }
    Ok(Some(outcomes))
}

/// Whether the expectations of a change set without writes hold.
pub(crate) fn check_only(txn: &Snapshot, set: &ChangeSet) -> Result<Commit, Failure> {
    let mut tables = Tables::new(txn, set.expectations.len());
    let mut moved = Vec::new();
    for expectation in &set.expectations {
        let key = &expectation.key;
        let table = tables.of(key.kind())?;
        if stored_version(table, key, &encode_key(key))? != expectation.version {
            moved.push(key.clone());
        }
    }
    Ok(if moved.is_empty() { Commit::Applied } else { Commit::Conflict(moved) })
}

/// The version of the record at a key.
pub(crate) fn version_at(txn: &Snapshot, key: &Key) -> Result<Version, Failure> {
    stored_version(Tables::new(txn, 1).of(key.kind())?, key, &encode_key(key))
}

fn stored_version(
    table: &impl ReadableTable<Bytes, Bytes>,
    key: &Key,
    bytes: &[u8],
) -> Result<Version, Failure> {
    match table.get(bytes)? {
        Some(value) => Ok(version_of(key.kind(), bytes, value.value())?),
        None => Ok(Version::ABSENT),
    }
}

/// The tables of one write transaction, each opened once, and buffers that are used again.
struct Writing<'txn> {
    txn: &'txn WriteTransaction,
    tables: BTreeMap<Kind, Table<'txn, Bytes, Bytes>>,
    index: Option<Table<'txn, Bytes, ()>>,
    value: Vec<u8>,
}

impl<'txn> Writing<'txn> {
    const fn new(txn: &'txn WriteTransaction) -> Self {
        Self { txn, tables: BTreeMap::new(), index: None, value: Vec::new() }
    }

    fn table(&mut self, kind: Kind) -> Result<&mut Table<'txn, Bytes, Bytes>, Failure> {
        Ok(match self.tables.entry(kind) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(self.txn.open_table(records(kind))?),
        })
    }

    /// The keys that are not at the version expected.
    fn check(&mut self, set: &ChangeSet, fresh: Fresh) -> Result<Vec<Key>, Failure> {
        let mut moved = Vec::new();
        // Both are in key order.
        let mut writes = set.writes.iter().peekable();
        for expectation in &set.expectations {
            let key = &expectation.key;
            while writes.next_if(|write| write.key < *key).is_some() {}
            let made = |write: &&Write| write.key == *key && write.before.is_none() && write.after.is_some();
            if writes.peek().is_some_and(made)
                && expectation.version.is_absent()
                && fresh == Fresh::IsSeenAsItIsWritten
            {
                continue;
            }
            let table = self.table(key.kind())?;
            if stored_version(table, key, &encode_key(key))? != expectation.version {
                moved.push(key.clone());
            }
        }
        Ok(moved)
    }

    /// Writes records in key order, then index entries in theirs: both run along their trees. Whether every record that
    /// should be new was.
    fn apply(&mut self, set: &ChangeSet) -> Result<bool, Failure> {
        let mut writes: Vec<&Write> = set.writes.iter().collect();
        writes.sort_by(|a, b| a.key.cmp(&b.key));
        let mut entries = EntryChanges::default();
        let mut value = std::mem::take(&mut self.value);
        let mut is_fresh = true;
        for write in writes {
            let key = encode_key(&write.key);
            let table = self.table(write.key.kind())?;
            if let Some(record) = &write.after {
                encode_value(&key, set.stamp, record, &mut value)?;
                let replaced = table.insert(key.as_slice(), value.as_slice())?;
                is_fresh &= replaced.is_none() || write.before.is_some();
            } else {
                table.remove(key.as_slice())?;
            }
            entries.add(write.before.as_ref(), write.after.as_ref());
        }
        self.value = value;
        self.apply_entries(entries)?;
        Ok(is_fresh)
    }

    fn apply_entries(&mut self, mut entries: EntryChanges) -> Result<(), Failure> {
        if entries.gone.is_empty() && entries.added.is_empty() {
            return Ok(());
        }
        entries.gone.sort_unstable();
        entries.added.sort_unstable();
        let index = match &mut self.index {
            Some(index) => index,
            none => none.insert(self.txn.open_table(INDEX)?),
        };
        for entry in &entries.gone {
            newest::remove(index, entry)?;
        }
        newest::add(index, &entries.added)
    }
}

/// The index entries that a change set takes away and adds; what stays is not touched.
#[derive(Default)]
struct EntryChanges {
    gone: Vec<IndexEntry>,
    added: Vec<IndexEntry>,
}

impl EntryChanges {
    fn add(&mut self, before: Option<&Record>, after: Option<&Record>) {
        let entries = |record: Option<&Record>| {
            let mut entries = record.map(index_entries).unwrap_or_default();
            entries.sort_unstable();
            // Two tags of an event may fold to the same word.
            entries.dedup();
            entries
        };
        let (old, new) = (entries(before), entries(after));
        if old.is_empty() {
            self.added.extend(new);
            return;
        }
        let gone = old.iter().filter(|entry| new.binary_search(entry).is_err());
        self.gone.extend(gone.cloned());
        let added = new.into_iter().filter(|entry| old.binary_search(entry).is_err());
        self.added.extend(added);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use eventify_core::store::{ChangeSet, Commit, Expectation, Kind, Version, Write};
    use eventify_core::testing::sample;

    use super::{Ended, commit_all};
    use crate::RedbStore;

    /// Makes the samples of these numbers.
    fn makes(stamp: u64, numbers: &[u32]) -> ChangeSet {
        let mut set = ChangeSet { stamp: Version::new(stamp), expectations: Vec::new(), writes: Vec::new() };
        for number in numbers {
            let record = sample::record(Kind::Ticket, *number);
            let key = record.key();
            set.expectations.push(Expectation { key: key.clone(), version: Version::ABSENT });
            set.writes.push(Write { key, before: None, after: Some(record) });
        }
        set
    }

    #[test]
    fn a_record_that_is_there_already_spoils_its_own_change_set_alone() {
        let dir = tempfile::tempdir().unwrap();
        let store = RedbStore::open(dir.path().join("store.redb")).unwrap();
        let sets = [makes(1, &[1, 2]), makes(2, &[3, 2, 4]), makes(3, &[3])];
        let sets: Vec<&ChangeSet> = sets.iter().collect();
        let done = store.engine.with("commit", |opened| match commit_all(opened, &sets) {
            Ok(outcomes) => Ok(outcomes),
            Err(Ended::NotWritten(failure) | Ended::Unknown(failure, _)) => Err(failure),
        });
        let outcomes: Vec<Commit> = done.unwrap().unwrap().into_iter().map(Result::unwrap).collect();
        let taken = sample::record(Kind::Ticket, 2).key();
        assert_eq!(outcomes, [Commit::Applied, Commit::Conflict(vec![taken]), Commit::Applied]);
        let version = |number| {
            let key = sample::record(Kind::Ticket, number).key();
            store.engine.read("load", |txn| super::version_at(txn, &key)).unwrap()
        };
        let found: Vec<Version> = [1, 2, 3, 4].map(version).into();
        assert_eq!(found, [1, 1, 3, 0].map(Version::new));
    }
}
