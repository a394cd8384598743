//! A small client for the tests: counters that are easy to tell apart, and what they should be.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "shared by several test programs, none of which uses all of it"
)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod disk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eventify_core::EventId;
use eventify_core::store::{
    ChangeSet, Commit, Expectation, Key, Kind, Record, Recorded, Store, StoreError, Version, Write,
};
use eventify_core::testing::sample;
use eventify_core::ticket_type::Inventory;

/// A small record.
pub fn counter(n: u32, count: u32) -> Record {
    let id = EventId::from_uuid(sample::uuid(n));
    Inventory::wrap(Arc::new(Inventory { sold: count, ..Inventory::new(id, None) }))
}

/// Commits, and remembers what was acknowledged.
#[derive(Default)]
pub struct Client {
    pub held: BTreeMap<Key, (Version, Record)>,
    pub stamps: u64,
}

impl Client {
    pub fn set(&mut self, records: impl IntoIterator<Item = Record>) -> ChangeSet {
        self.stamps += 1;
        let mut set = ChangeSet {
            stamp: Version::new(self.stamps.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            expectations: Vec::new(),
            writes: Vec::new(),
        };
        for record in records {
            let key = record.key();
            let before = self.held.get(&key);
            set.expectations.push(Expectation {
                key: key.clone(),
                version: before.map_or(Version::ABSENT, |(version, _)| *version),
            });
            set.writes.push(Write {
                key,
                before: before.map(|(_, record)| record.clone()),
                after: Some(record),
            });
        }
        set
    }

    pub fn remember(&mut self, set: &ChangeSet) {
        for write in &set.writes {
            if let Some(record) = &write.after {
                self.held.insert(write.key.clone(), (set.stamp, record.clone()));
            }
        }
    }

    pub async fn try_put(
        &mut self,
        store: &dyn Store,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<Commit, StoreError> {
        let set = self.set(records);
        let done = store.commit(&set).await;
        if matches!(done, Ok(Commit::Applied)) {
            self.remember(&set);
        }
        done
    }

    pub async fn put(&mut self, store: &dyn Store, records: impl IntoIterator<Item = Record>) {
        assert_eq!(self.try_put(store, records).await.unwrap(), Commit::Applied);
    }

    /// Records of every kind.
    pub async fn fill(&mut self, store: &dyn Store, numbers: std::ops::Range<u32>) {
        for n in numbers {
            let kinds = Kind::ALL.iter().filter(|kind| n == 0 || **kind != Kind::Keyring);
            self.put(store, kinds.map(|kind| sample::record(*kind, n)).collect::<Vec<_>>()).await;
        }
    }

    pub fn keys(&self) -> BTreeSet<Key> {
        self.held.keys().cloned().collect()
    }

    /// Everything that was acknowledged is there.
    pub async fn check(&self, store: &dyn Store) {
        let found = store.load(&self.keys()).await.unwrap();
        for (found, (key, (version, record))) in found.iter().zip(&self.held) {
            assert_eq!((&found.key, found.version), (key, *version));
            assert_eq!(found.record.as_ref(), Some(record));
        }
    }
}
