//! The reference backend: ordered maps behind a lock. Volatile; for tests and for trying things out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::{Bound, ControlFlow};

use async_trait::async_trait;
use tokio::sync::RwLock;

use super::Store;
use super::change::{ChangeSet, Commit, Version};
use super::codec::encode_key;
use super::error::StoreError;
use super::index::{IndexEntry, index_entries};
use super::peers::Peers;
use super::record::{Key, Kind, Record, Versioned};
use super::scan::{OrderedKeys, Page, Scan, find};
use super::signal::{EngineId, Signal, Signals};
use super::turn::Turn;

/// Keeps everything in memory. As fast as a store can be, and gone with the process. Engines that share one behave as
/// processes over one database do.
#[derive(Default)]
pub struct MemoryStore {
    state: RwLock<State>,
    peers: Peers,
}

impl fmt::Debug for MemoryStore {
    /// Without what it keeps: a log is no place for everybody's addresses and codes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct State {
    records: BTreeMap<Key, (Version, Record)>,
    // The encoded keys by kind, so that `All` pages as every other backend's does.
    keys: BTreeMap<Kind, BTreeSet<Vec<u8>>>,
    entries: BTreeSet<IndexEntry>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        let state = self.state.read().await;
        Ok(keys.iter().map(|key| state.versioned(key)).collect())
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        let state = self.state.read().await;
        let page = find(&*state, scan)?;
        Ok(Page { items: page.items.iter().map(|key| state.versioned(key)).collect(), next: page.next })
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        let mut state = self.state.write().await;
        let moved = set.expectations.iter().filter(|e| state.version(&e.key) != e.version);
        let moved: Vec<Key> = moved.map(|e| e.key.clone()).collect();
        if !moved.is_empty() {
            return Ok(Commit::Conflict(moved));
        }
        for write in &set.writes {
            state.apply(&write.key, write.after.clone(), set.stamp);
        }
        Ok(Commit::Applied)
    }

    async fn may_follow(&self) -> bool {
        true
    }

    fn lanes_max(&self) -> usize {
        // More than one, so that whatever runs on memory also meets conflicts between lanes.
        4
    }

    async fn turn(&self, at: &BTreeSet<Key>) -> Result<Option<Turn>, StoreError> {
        Ok(self.peers.turn(at).await)
    }

    async fn commit_in_turn(&self, set: &ChangeSet, turn: Turn) -> Result<Commit, StoreError> {
        // No commit waits for a turn here, so the next one has theirs when this is there to be read.
        let committed = self.commit(set).await;
        drop(turn);
        committed
    }

    fn signal(&self, from: EngineId, signals: &BTreeSet<Signal>) {
        self.peers.signal(from, signals);
    }

    fn signals(&self, to: EngineId) -> Option<Signals> {
        Some(self.peers.signals(to))
    }
}

impl State {
    fn version(&self, key: &Key) -> Version {
        self.records.get(key).map_or(Version::ABSENT, |(version, _)| *version)
    }

    fn versioned(&self, key: &Key) -> Versioned {
        match self.records.get(key) {
            Some((version, record)) => {
                Versioned { key: key.clone(), version: *version, record: Some(record.clone()) }
            }
            None => Versioned::absent(key.clone()),
        }
    }

    fn apply(&mut self, key: &Key, after: Option<Record>, stamp: Version) {
        if let Some((_, before)) = self.records.remove(key) {
            for entry in index_entries(&before) {
                self.entries.remove(&entry);
            }
        }
        let keys = self.keys.entry(key.kind()).or_default();
        if let Some(record) = after {
            keys.insert(encode_key(key));
            self.entries.extend(index_entries(&record));
            self.records.insert(key.clone(), (stamp, record));
        } else {
            keys.remove(&encode_key(key));
        }
    }
}

fn walk(
    set: &BTreeSet<Vec<u8>>,
    range: (Bound<&[u8]>, Bound<&[u8]>),
    descending: bool,
    each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) {
    let mut found = set.range::<[u8], _>(range);
    while let Some(entry) = if descending { found.next_back() } else { found.next() } {
        if each(entry).is_break() {
            return;
        }
    }
}

impl OrderedKeys for State {
    fn entries(
        &self,
        range: (Bound<&[u8]>, Bound<&[u8]>),
        descending: bool,
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        walk(&self.entries, range, descending, each);
        Ok(())
    }

    fn keys(
        &self,
        kind: Kind,
        range: (Bound<&[u8]>, Bound<&[u8]>),
        descending: bool,
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        if let Some(keys) = self.keys.get(&kind) {
            walk(keys, range, descending, each);
        }
        Ok(())
    }

    fn has_entry(&self, entry: &[u8]) -> Result<bool, StoreError> {
        Ok(self.entries.contains(entry))
    }
}
