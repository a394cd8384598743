//! Where an index entry lies: in its index, or with the newest ones of its person or event.
//!
//! A purchase adds entries to five indexes of its buyer and to four of its event. Of somebody with a long history each of
//! them is a page of its own to change, and pages are what a commit costs. So new entries are put together at first,
//! whatever the index and whoever the owner: behind a zero, where no index is. Now and then, when an entry comes whose
//! checksum says so, those of its owner go to their indexes, all at once. Which entries say so is the same for everybody
//! who looks, and nothing has to be counted.
//!
//! An entry lies in one of the two places, never in both. Whoever reads looks into both.

use std::ops::Bound;

use eventify_core::store::{IndexEntry, owner_of};
use redb::{ReadableTable, Table};

use super::error::Failure;
use super::tables::Bytes;

/// One entry in so many takes the others along to their indexes. A purchase has five of a person, so some thirty lie together
/// in between: half a page.
const ONE_GOES_IN: u32 = 32;

/// A range of entries, as a scan asks for it.
pub(crate) type Range<'a> = (Bound<&'a [u8]>, Bound<&'a [u8]>);

/// Where an entry lies among the newest ones, or those of an owner begin.
fn newest(entry_or_owner: &[u8]) -> Vec<u8> {
    [&[0], entry_or_owner].concat()
}

/// The entry as it lies among the newest of its owner, if it has one.
fn among_newest(entry: &[u8]) -> Option<Vec<u8>> {
    owner_of(entry).map(|_| newest(entry))
}

/// The same back.
fn in_index(newest: &[u8]) -> Option<IndexEntry> {
    newest.get(1..).map(<[u8]>::to_vec)
}

/// Adds entries that are in order.
pub(crate) fn add(index: &mut Table<'_, Bytes, ()>, added: &[IndexEntry]) -> Result<(), Failure> {
    for of_one in added.chunk_by(|one, next| owner_of(one).is_some() && owner_of(one) == owner_of(next)) {
        let owner = of_one.first().and_then(|entry| owner_of(entry));
        let goes = of_one.iter().any(|entry| crc32fast::hash(entry).is_multiple_of(ONE_GOES_IN));
        if let Some(owner) = owner.filter(|_| goes) {
            put_into_indexes(index, owner)?;
        }
        for entry in of_one {
            let newest = if goes { None } else { among_newest(entry) };
            index.insert(newest.as_deref().unwrap_or(entry), ())?;
        }
    }
    Ok(())
}

/// Moves what is newest of an owner to where it belongs.
fn put_into_indexes(index: &mut Table<'_, Bytes, ()>, owner: &[u8]) -> Result<(), Failure> {
    let (from, mut to) = (newest(owner), newest(owner));
    to.push(u8::MAX);
    let range = from.as_slice()..to.as_slice();
    let mut moved = Vec::new();
    index.retain_in::<&[u8], _>(range, |entry, ()| {
        moved.extend(in_index(entry));
        false
    })?;
    for entry in &moved {
        index.insert(entry.as_slice(), ())?;
    }
    Ok(())
}

/// Takes an entry away, wherever it lies.
pub(crate) fn remove(index: &mut Table<'_, Bytes, ()>, entry: &[u8]) -> Result<(), Failure> {
    if let Some(newest) = among_newest(entry)
        && index.remove(newest.as_slice())?.is_some()
    {
        return Ok(());
    }
    index.remove(entry)?;
    Ok(())
}

/// Whether there is an entry, wherever it lies.
pub(crate) fn has(index: &impl ReadableTable<Bytes, ()>, entry: &[u8]) -> Result<bool, redb::StorageError> {
    if let Some(newest) = among_newest(entry)
        && index.get(newest.as_slice())?.is_some()
    {
        return Ok(true);
    }
    Ok(index.get(entry)?.is_some())
}

/// Those of a range that are still among the newest, in order.
pub(crate) fn within(
    index: &impl ReadableTable<Bytes, ()>,
    range: Range<'_>,
) -> Result<Vec<IndexEntry>, redb::StorageError> {
    let (Some(from), Some(to)) = (moved(range.0), moved(range.1)) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for row in index.range::<&[u8]>((borrowed(&from), borrowed(&to)))? {
        found.extend(in_index(row?.0.value()));
    }
    Ok(found)
}

/// A bound as it lies among the newest. Scans of what belongs to somebody have two.
fn moved(bound: Bound<&[u8]>) -> Option<Bound<Vec<u8>>> {
    match bound {
        Bound::Included(entry) => among_newest(entry).map(Bound::Included),
        Bound::Excluded(entry) => among_newest(entry).map(Bound::Excluded),
        Bound::Unbounded => None,
    }
}

fn borrowed(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    bound.as_ref().map(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::BTreeSet;
    use std::ops::{Bound, ControlFlow};

    use eventify_core::store::{IndexEntry, OrderedKeys as _, owner_of};
    use redb::backends::InMemoryBackend;
    use redb::{Database, ReadableDatabase as _, ReadableTable as _};

    use super::super::scan::Entries;
    use super::super::tables::INDEX;

    /// As core makes them: of a person, of an event, or of neither.
    fn entry(kind: u8, owner: u8, index: u8, n: u16) -> IndexEntry {
        let mut entry = vec![kind];
        entry.extend([owner; 16]);
        entry.push(index);
        entry.extend(n.to_be_bytes());
        entry
    }

    struct Dice(u64);

    impl Dice {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % end
        }

        fn entry(&mut self) -> IndexEntry {
            let kind = [200, 201, 13][usize::try_from(self.below(3)).unwrap()];
            let owner = u8::try_from(self.below(3)).unwrap();
            let index = u8::try_from(4 + self.below(3)).unwrap();
            entry(kind, owner, index, u16::try_from(self.below(60)).unwrap())
        }
    }

    fn scanned(
        snapshot: &Entries<'_>,
        range: super::Range<'_>,
        descending: bool,
        limit: usize,
    ) -> Vec<IndexEntry> {
        let mut found = Vec::new();
        snapshot
            .entries(range, descending, &mut |entry| {
                found.push(entry.to_vec());
                if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
            .unwrap();
        found
    }

    #[test]
    fn wherever_entries_lie_scans_find_all_of_them_in_order_and_once() {
        let db = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let (mut dice, mut model, mut were_apart) = (Dice(7), BTreeSet::new(), 0);
        for _ in 0..600 {
            let txn = db.begin_write().unwrap();
            {
                let mut index = txn.open_table(INDEX).unwrap();
                for gone in (0..dice.below(3)).map(|_| dice.entry()).collect::<Vec<_>>() {
                    super::remove(&mut index, &gone).unwrap();
                    model.remove(&gone);
                }
                let added: BTreeSet<_> = (0..dice.below(6)).map(|_| dice.entry()).collect();
                let added: Vec<_> = added.difference(&model).cloned().collect();
                super::add(&mut index, &added).unwrap();
                model.extend(added);
            }
            txn.commit().unwrap();
            let txn = db.begin_read().unwrap();
            let snapshot = Entries { txn: &txn, index: txn.open_table(INDEX).unwrap() };
            let places: Vec<_> =
                snapshot.index.iter().unwrap().map(|row| row.unwrap().0.value().to_vec()).collect();
            assert_eq!(places.len(), model.len());
            let (one, other) = (dice.entry(), dice.entry());
            assert_eq!(super::has(&snapshot.index, &one).unwrap(), model.contains(&one));
            let prefix = one.get(..18).unwrap();
            let end = [prefix, &[255, 255]].concat();
            let newest = places.iter().filter(|e| e.first() == Some(&0)).count();
            were_apart += usize::from(newest > 0 && newest < places.len());
            for from in [Bound::Included(prefix), Bound::Excluded(one.as_slice())] {
                for to in [Bound::Excluded(end.as_slice()), Bound::Included(end.as_slice())] {
                    let within = model.range::<[u8], _>((from, to)).cloned();
                    let limit = usize::try_from(1 + dice.below(30)).unwrap();
                    let expected: Vec<_> = within.clone().take(limit).collect();
                    assert_eq!(scanned(&snapshot, (from, to), false, limit), expected);
                    let expected: Vec<_> = within.rev().take(limit).collect();
                    assert_eq!(scanned(&snapshot, (from, to), true, limit), expected);
                }
            }
            let all = Bound::Included(other.get(..1).unwrap());
            if owner_of(&other).is_none() {
                let to = Bound::Excluded([14].as_slice());
                let expected: Vec<_> = model.range::<[u8], _>((all, to)).cloned().collect();
                assert_eq!(scanned(&snapshot, (all, to), false, usize::MAX), expected);
            }
        }
        assert!(were_apart > 300, "entries hardly ever lay in both places: {were_apart}");
    }
}
