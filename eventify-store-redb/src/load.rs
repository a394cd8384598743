//! Reading records by key.

use std::collections::{BTreeMap, BTreeSet};

use eventify_core::store::{Key, Kind, Versioned, encode_key};
use redb::ReadOnlyTable;

use super::codec::decode_value;
use super::error::Failure;
use super::snapshots::Snapshot;
use super::tables::{Bytes, records};

/// Records that a read asks for at most whose records are kept for the next one: more are an export, or a sweep.
const KEPT_OF_MAX: usize = 64;

/// The tables of one state, each opened once.
pub(crate) struct Tables<'a> {
    snapshot: &'a Snapshot,
    keeps: bool,
    open: BTreeMap<Kind, ReadOnlyTable<Bytes, Bytes>>,
}

impl<'a> Tables<'a> {
    /// For so many records.
    pub(crate) const fn new(snapshot: &'a Snapshot, records: usize) -> Self {
        Self { snapshot, keeps: records <= KEPT_OF_MAX, open: BTreeMap::new() }
    }

    pub(crate) fn of(&mut self, kind: Kind) -> Result<&ReadOnlyTable<Bytes, Bytes>, Failure> {
        use std::collections::btree_map::Entry;
        Ok(match self.open.entry(kind) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(self.snapshot.open_table(records(kind))?),
        })
    }

    pub(crate) fn record(&mut self, key: Key) -> Result<Versioned, Failure> {
        if self.keeps
            && let Some(kept) = self.snapshot.kept(&key)
        {
            return Ok(kept);
        }
        let bytes = encode_key(&key);
        let (read, size) = match self.of(key.kind())?.get(bytes.as_slice())? {
            Some(value) => (decode_value(key, &bytes, value.value())?, value.value().len()),
            None => (Versioned::absent(key), 0),
        };
        if self.keeps {
            self.snapshot.keep(&read, size);
        }
        Ok(read)
    }
}

/// The records at these keys, in the same order.
pub(crate) fn load(snapshot: &Snapshot, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, Failure> {
    let mut tables = Tables::new(snapshot, keys.len());
    keys.iter().map(|key| tables.record(key.clone())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::Arc;

    use eventify_core::event::Category;
    use eventify_core::store::{ChangeSet, Commit, Expectation, Record, Recorded, Store, Version, Write};
    use eventify_core::testing::sample;

    use super::*;
    use crate::RedbStore;

    fn category(n: u32) -> Record {
        sample::record(Kind::Category, n)
    }

    /// Makes a category that is not there.
    async fn make(store: &RedbStore, n: u32) {
        let key = category(n).key();
        let set = ChangeSet {
            stamp: Version::new(u64::from(n)),
            expectations: vec![Expectation { key: key.clone(), version: Version::ABSENT }],
            writes: vec![Write { key, before: None, after: Some(category(n)) }],
        };
        assert_eq!(store.commit(&set).await.unwrap(), Commit::Applied);
    }

    async fn read(store: &RedbStore, keys: impl IntoIterator<Item = u32>) -> Arc<Category> {
        let keys = keys.into_iter().map(|n| category(n).key()).collect();
        let found = store.load(&keys).await.unwrap();
        found.iter().find_map(|found| found.record.as_ref().and_then(Category::unwrap)).unwrap().clone()
    }

    #[tokio::test]
    async fn a_few_records_are_read_once_of_each_state() {
        let dir = tempfile::tempdir().unwrap();
        let store = RedbStore::open(dir.path().join("box.redb")).unwrap();
        make(&store, 1).await;
        let first = read(&store, [1]).await;
        assert!(Arc::ptr_eq(&first, &read(&store, [1]).await));
        assert!(Arc::ptr_eq(&first, &read(&store, 1..=64).await));
        assert!(!Arc::ptr_eq(&first, &read(&store, 1..=65).await), "an export leaves nothing behind");
        let absent = store.load(&[category(2).key()].into()).await.unwrap();
        assert!(absent.iter().all(|found| found.record.is_none()));
        make(&store, 2).await;
        let again = read(&store, [1]).await;
        assert!(!Arc::ptr_eq(&first, &again), "another state");
        assert_eq!(first, again);
        assert_eq!(*read(&store, [2]).await, *Category::unwrap(&category(2)).unwrap().as_ref());
        store.compact().await.unwrap();
        assert_eq!(first, read(&store, [1]).await, "and nothing is in the way of who needs the file alone");
    }
}
