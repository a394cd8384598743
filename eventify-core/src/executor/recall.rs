//! What a lane's last batches read and found there, so that the next one need not read it again.
//!
//! A sale reads its event, the type of its tickets and their counters: the same for everybody who buys there, and written by
//! whoever bought before. Somebody else may have changed it meanwhile. The commit finds out, as it does for what was
//! read just now. Where that happens others write as well, so for a while everything is read anew.
//!
//! Only such records are remembered: what is about one person or ticket is hardly asked for twice.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::batch::Try;
use super::lane::Lane;
use crate::error::Error;
use crate::store::{ChangeSet, Key, Kind, Record, Version, Versioned};

/// What everybody reads who buys at one event.
const REMEMBERED: [Kind; 4] = [Kind::Event, Kind::Inventory, Kind::TicketType, Kind::EventTally];
/// Records that a lane remembers at most: of a thousand events.
const RECORDS_MAX: usize = 4_096;
/// How long nothing is remembered after something was no longer as it was remembered.
const DISTRUSTED_FOR: Duration = Duration::from_secs(60);

fn is_remembered(key: &Key) -> bool {
    REMEMBERED.contains(&key.kind())
}

/// Records as they were last seen.
#[derive(Debug, Default)]
pub(super) struct Recall(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    /// What was asked for lately …
    newer: HashMap<Key, (Version, Record)>,
    /// … and what goes next unless somebody asks for it.
    older: HashMap<Key, (Version, Record)>,
    distrusted_until: Option<Instant>,
}

impl Memory {
    fn put(&mut self, key: Key, version: Version, record: Record) {
        if self.newer.len() >= RECORDS_MAX / 2 {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(key, (version, record));
    }

    fn get(&mut self, key: &Key) -> Option<Versioned> {
        if !self.newer.contains_key(key) {
            let (version, record) = self.older.remove(key)?;
            self.put(key.clone(), version, record);
        }
        let (version, record) = self.newer.get(key)?;
        Some(Versioned { key: key.clone(), version: *version, record: Some(record.clone()) })
    }

    fn forget(&mut self, key: &Key) {
        self.newer.remove(key);
        self.older.remove(key);
    }
}

impl Recall {
    /// The memory, unless it is of no use just now.
    fn memory(&self) -> Option<MutexGuard<'_, Memory>> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.distrusted_until.is_some_and(|until| until > Instant::now()) {
            return None;
        }
        memory.distrusted_until = None;
        Some(memory)
    }

    /// What is remembered of these records.
    fn find(&self, wanted: &BTreeSet<Key>) -> Vec<Versioned> {
        let Some(mut memory) = self.memory() else { return Vec::new() };
        wanted.iter().filter(|key| is_remembered(key)).filter_map(|key| memory.get(key)).collect()
    }

    fn read(&self, loaded: &[Versioned]) {
        let Some(mut memory) = self.memory() else { return };
        for Versioned { key, version, record } in loaded.iter().filter(|read| is_remembered(&read.key)) {
            if let Some(record) = record {
                memory.put(key.clone(), *version, record.clone());
            }
        }
    }

    /// Takes in what became of a change set that rests on these remembered records, among others.
    pub(super) fn learn(&self, set: &ChangeSet, recalled: &[Key], tried: Try) -> Try {
        match &tried {
            Try::Done => self.applied(set),
            Try::Conflict(moved) if moved.iter().any(|key| recalled.contains(key)) => {
                self.distrust();
                return Try::Stale;
            }
            _ => self.forget(set),
        }
        tried
    }

    /// Remembers what was applied.
    fn applied(&self, set: &ChangeSet) {
        let Some(mut memory) = self.memory() else { return };
        for write in set.writes.iter().filter(|write| is_remembered(&write.key)) {
            match &write.after {
                Some(after) => memory.put(write.key.clone(), set.stamp, after.clone()),
                None => memory.forget(&write.key),
            }
        }
    }

    /// Forgets all that a change set rests on: something of it is no longer so, or nobody knows what became of it.
    fn forget(&self, set: &ChangeSet) {
        let Some(mut memory) = self.memory() else { return };
        set.expectations.iter().for_each(|expected| memory.forget(&expected.key));
    }

    /// Somebody else changed what was remembered; or something went wrong that may come of it.
    pub(super) fn distrust(&self) {
        let distrusted_until = Some(Instant::now() + DISTRUSTED_FOR);
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *memory = Memory { distrusted_until, ..Memory::default() };
    }
}

/// Records, and which of them are only remembered.
pub(super) struct Found {
    pub(super) records: Vec<Versioned>,
    pub(super) recalled: Vec<Key>,
}

impl Lane {
    /// These records: from memory as far as it goes, the others from the store.
    pub(super) async fn find(&self, wanted: &BTreeSet<Key>) -> Result<Found, Error> {
        let mut records = self.recall.find(wanted);
        let recalled: Vec<Key> = records.iter().map(|found| found.key.clone()).collect();
        // Both are in key order.
        let is_unknown = |key: &&Key| recalled.binary_search(key).is_err();
        let unknown: BTreeSet<Key> = wanted.iter().filter(is_unknown).cloned().collect();
        if !unknown.is_empty() {
            let loaded = self.core.store.load(&unknown).await?;
            self.recall.read(&loaded);
            records.extend(loaded);
        }
        Ok(Found { records, recalled })
    }
}
