//! The unit of work: the loaded records, what the decisions of a batch changed in them, and marks to roll back to.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::error::Error;
use crate::store::{ChangeSet, Expectation, Key, Record, Recorded, Version, Versioned, Write};

/// Why a decision stopped before its end.
#[derive(Debug)]
pub(crate) enum Halt {
    /// It needs records that are not loaded; the unit of work knows which.
    Missing,
    /// A rule said no.
    Rejected(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Rejected(error)
    }
}

/// What a decision comes to.
pub(crate) type Decision<T> = Result<T, Halt>;

/// Records as one batch of decisions sees and changes them.
#[derive(Debug, Default)]
pub(crate) struct Work {
    slots: HashMap<Key, Slot>,
    journal: Vec<(Key, Before)>,
    wanted: BTreeSet<Key>,
}

#[derive(Debug)]
struct Slot {
    version: Version,
    stored: Option<Record>,
    current: Option<Record>,
    /// A decision rests on it.
    read: bool,
    written: bool,
}

/// What a journalled write covered.
#[derive(Debug)]
enum Before {
    Unknown,
    Known { current: Option<Record>, written: bool },
}

/// A point that a unit of work can be rolled back to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(usize);

impl Work {
    /// Takes in what a store answered. What is known already stays as it is.
    pub(crate) fn insert(&mut self, loaded: Vec<Versioned>) {
        for Versioned { key, version, record } in loaded {
            self.slots.entry(key).or_insert_with(|| Slot {
                version,
                current: record.clone(),
                stored: record,
                read: false,
                written: false,
            });
        }
    }

    /// Whether it is known what there is at a key.
    pub(crate) fn knows(&self, key: &Key) -> bool {
        self.slots.contains_key(key)
    }

    /// The record, `None` when there is none. Halts when it is not known yet whether there is one.
    pub(crate) fn find<R: Recorded>(&mut self, id: &R::Id) -> Decision<Option<Arc<R>>> {
        let key = R::key_of(id);
        match self.slots.get_mut(&key) {
            Some(slot) => {
                slot.read = true;
                Ok(slot.current.as_ref().and_then(R::unwrap).cloned())
            }
            None => {
                self.wanted.insert(key);
                Err(Halt::Missing)
            }
        }
    }

    /// The version of a record that is loaded, to compare with what a caller has seen; absent when the batch has
    /// written it since, because then nobody can have seen it. The decision rests on it as on what it finds.
    pub(crate) fn version_of(&mut self, key: &Key) -> Version {
        let Some(slot) = self.slots.get_mut(key) else { return Version::ABSENT };
        slot.read = true;
        if slot.written { Version::ABSENT } else { slot.version }
    }

    /// Halts unless all of these are loaded, so that they are fetched together.
    pub(crate) fn need(&mut self, keys: impl IntoIterator<Item = Key>) -> Decision<()> {
        let mut missing = false;
        for key in keys {
            if !self.slots.contains_key(&key) {
                missing = true;
                // Another decision of the batch may want it already.
                self.wanted.insert(key);
            }
        }
        if missing { Err(Halt::Missing) } else { Ok(()) }
    }

    /// Writes a record that was read before, or one under a new key: the commit then fails if the key is taken.
    pub(crate) fn put<R: Recorded>(&mut self, record: R) {
        self.set(record.key(), Some(R::wrap(Arc::new(record))));
    }

    /// Deletes a record that was read before.
    pub(crate) fn delete<R: Recorded>(&mut self, id: &R::Id) {
        self.set(R::key_of(id), None);
    }

    fn set(&mut self, key: Key, record: Option<Record>) {
        if let Some(slot) = self.slots.get_mut(&key) {
            let current = std::mem::replace(&mut slot.current, record);
            let before = Before::Known { current, written: slot.written };
            slot.written = true;
            slot.read = true;
            self.journal.push((key, before));
        } else {
            let slot =
                Slot { version: Version::ABSENT, stored: None, current: record, read: true, written: true };
            self.slots.insert(key.clone(), slot);
            self.journal.push((key, Before::Unknown));
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.journal.len())
    }

    /// Undoes every write since the mark. What was read since stays an expectation: a rejection rests on it.
    pub(crate) fn roll_back(&mut self, mark: Mark) {
        while self.journal.len() > mark.0 {
            let Some((key, before)) = self.journal.pop() else {
                return;
            };
            match before {
                Before::Unknown => {
                    self.slots.remove(&key);
                }
                Before::Known { current, written } => {
                    if let Some(slot) = self.slots.get_mut(&key) {
                        slot.current = current;
                        slot.written = written;
                    }
                }
            }
        }
    }

    /// The keys that decisions asked for and did not find loaded.
    pub(crate) fn take_wanted(&mut self) -> BTreeSet<Key> {
        std::mem::take(&mut self.wanted)
    }

    pub(crate) fn has_writes(&self) -> bool {
        !self.journal.is_empty()
    }

    /// The change set of everything since the beginning.
    pub(crate) fn into_changes(self, stamp: Version) -> ChangeSet {
        let mut set = ChangeSet { stamp, expectations: Vec::new(), writes: Vec::new() };
        for (key, slot) in self.slots {
            if !slot.read {
                continue;
            }
            set.expectations.push(Expectation { key: key.clone(), version: slot.version });
            // A record that came and went within the batch was never there for anybody else.
            if slot.written && !(slot.stored.is_none() && slot.current.is_none()) {
                set.writes.push(Write { key, before: slot.stored, after: slot.current });
            }
        }
        // Key order: backends that lock rows lock them in the same order, and writes run along the tree.
        set.expectations.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        set.writes.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        set
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::account::EmailClaim;
    use crate::id::EventId;
    use crate::store::EmailKey;
    use crate::ticket_type::Inventory;
    use uuid::Uuid;

    fn event() -> EventId {
        EventId::from_uuid(Uuid::from_u128(7))
    }

    fn loaded() -> Work {
        let mut work = Work::default();
        let record = Inventory::wrap(Arc::new(Inventory::new(event(), Some(10))));
        work.insert(vec![
            Versioned { key: record.key(), version: Version::new(5), record: Some(record) },
            Versioned::absent(Key::EmailClaim(EmailKey::new("a@b.kz"))),
        ]);
        work
    }

    #[test]
    fn absent_is_not_the_same_as_not_loaded() {
        let mut work = loaded();
        assert!(work.find::<EmailClaim>(&EmailKey::new("A@B.kz ")).unwrap().is_none());
        assert!(matches!(work.find::<EmailClaim>(&EmailKey::new("c@d.kz")), Err(Halt::Missing)));
        assert_eq!(work.take_wanted().len(), 1);
    }

    #[test]
    fn a_rollback_restores_records_and_keeps_what_was_read() {
        let mut work = loaded();
        let before = work.mark();
        let mut inventory = (*work.find::<Inventory>(&event()).unwrap().unwrap()).clone();
        inventory.sold = 3;
        work.put(inventory);
        work.put(Inventory::new(EventId::from_uuid(Uuid::from_u128(8)), None));
        work.roll_back(before);
        assert_eq!(work.find::<Inventory>(&event()).unwrap().unwrap().sold, 0);
        assert!(!work.has_writes());
        let set = work.into_changes(Version::new(9));
        assert_eq!(set.expectations.len(), 1, "the read one; the claim was loaded and never looked at");
        assert!(set.writes.is_empty());
    }

    #[test]
    fn the_second_of_two_marks_keeps_the_first_ones_writes() {
        let mut work = loaded();
        let mut inventory = (*work.find::<Inventory>(&event()).unwrap().unwrap()).clone();
        inventory.sold = 1;
        work.put(inventory.clone());
        let second = work.mark();
        inventory.sold = 2;
        work.put(inventory);
        work.roll_back(second);
        assert_eq!(work.find::<Inventory>(&event()).unwrap().unwrap().sold, 1);
        let set = work.into_changes(Version::new(9));
        assert_eq!(set.writes.len(), 1);
        assert_eq!(set.expectations[0].version, Version::new(5));
    }

    #[test]
    fn what_came_and_went_within_a_batch_is_expected_absent_and_not_written() {
        let mut work = loaded();
        let id = EventId::from_uuid(Uuid::from_u128(8));
        work.put(Inventory::new(id, None));
        work.delete::<Inventory>(&id);
        let set = work.into_changes(Version::new(9));
        assert!(set.writes.is_empty());
        assert_eq!(set.expectations, [Expectation { key: Key::Inventory(id), version: Version::ABSENT }]);
    }

    #[test]
    fn a_change_set_lists_keys_in_order() {
        let mut work = Work::default();
        for n in [3u128, 1, 2] {
            work.put(Inventory::new(EventId::from_uuid(Uuid::from_u128(n)), None));
        }
        let set = work.into_changes(Version::new(9));
        assert!(set.writes.is_sorted_by_key(|w| w.key.clone()));
        assert!(set.expectations.is_sorted_by_key(|e| e.key.clone()));
    }
}
