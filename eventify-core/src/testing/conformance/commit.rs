//! Committing.

use std::sync::Arc;

use super::keeper::Keeper;
use crate::id::EventId;
use crate::store::{ChangeSet, Commit, Expectation, Index, Key, Kind, Record, Recorded, Store, Version};
use crate::testing::sample;
use crate::ticket_type::Inventory;

/// A small record that is easy to change.
pub(super) fn counter(n: u32, count: u32) -> Record {
    let id = EventId::from_uuid(sample::uuid(n));
    Inventory::wrap(Arc::new(Inventory { sold: count, ..Inventory::new(id, None) }))
}

/// Everything that a change set wrote has its stamp, what it left alone keeps its version.
pub async fn every_write_has_the_stamp_as_its_version(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    keeper.put([counter(1, 1), counter(2, 1)]).await;
    keeper.put([counter(2, 2), counter(3, 2), sample::record(Kind::User, 4)]).await;
    // The keeper remembers the stamps; the largest version has to survive as well.
    let mut set = keeper.set([(counter(5, 0).key(), Some(counter(5, 0)))]);
    set.stamp = Version::new(u64::MAX);
    keeper.apply(&set).await;
    keeper.check([]).await;
}

/// One moved record refuses the whole change set: no write, no deletion.
pub async fn a_moved_record_is_a_conflict_that_changes_nothing(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    keeper.put([counter(1, 1), counter(2, 1), counter(3, 1)]).await;
    let stale = keeper.set([
        (counter(1, 9).key(), Some(counter(1, 9))),
        (counter(2, 9).key(), Some(counter(2, 9))),
        (counter(3, 9).key(), None),
        (counter(4, 9).key(), Some(counter(4, 9))),
    ]);
    keeper.put([counter(2, 2)]).await;
    let done = store.commit(&stale).await.unwrap();
    assert_eq!(done, Commit::Conflict(vec![counter(2, 0).key()]));
    keeper.check([counter(4, 0).key()]).await;
}

/// The answer names every key that moved, and none that did not.
pub async fn a_conflict_names_exactly_the_keys_that_moved(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    keeper.put((1..=6).map(|n| counter(n, 1))).await;
    let stale = keeper.set((1..=8).map(|n| (counter(n, 9).key(), Some(counter(n, 9)))));
    keeper.put([counter(2, 2), counter(8, 2)]).await;
    keeper.delete([counter(5, 0).key()]).await;
    let Commit::Conflict(mut moved) = store.commit(&stale).await.unwrap() else {
        panic!("a stale change set was applied");
    };
    moved.sort();
    let mut expected = vec![counter(2, 0).key(), counter(5, 0).key(), counter(8, 0).key()];
    expected.sort();
    assert_eq!(moved, expected, "changed, deleted and made");
    keeper.check([counter(7, 0).key()]).await;
}

/// A record that was expected absent and is there is a conflict.
pub async fn an_expected_absence_is_checked(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    let first = keeper.set([(counter(1, 1).key(), Some(counter(1, 1)))]);
    let second = keeper.set([(counter(1, 2).key(), Some(counter(1, 2)))]);
    keeper.apply(&first).await;
    let done = store.commit(&second).await.unwrap();
    assert_eq!(done, Commit::Conflict(vec![counter(1, 0).key()]));
    keeper.check([]).await;
}

/// After its deletion a record is absent, and may be expected so.
pub async fn a_deleted_record_is_absent(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    keeper.put(Kind::ALL.iter().map(|kind| sample::record(*kind, 3))).await;
    let keys: Vec<Key> = keeper.held.keys().cloned().collect();
    keeper.delete(keys.clone()).await;
    keeper.check(keys).await;
    keeper.put([counter(3, 4)]).await;
    keeper.check([]).await;
}

/// Deleted and made again is not unchanged.
pub async fn a_record_made_anew_has_another_version(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    keeper.put([counter(1, 1)]).await;
    let stale = keeper.set([(counter(1, 5).key(), Some(counter(1, 5)))]);
    keeper.delete([counter(1, 0).key()]).await;
    keeper.put([counter(1, 1)]).await;
    let done = store.commit(&stale).await.unwrap();
    assert_eq!(done, Commit::Conflict(vec![counter(1, 0).key()]));
    keeper.check([]).await;
}

/// A change set without writes is a check of one moment, and writes nothing.
pub async fn expectations_alone_are_checked(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    keeper.put([counter(1, 1), counter(2, 1)]).await;
    let expect = |key: Key, version| Expectation { key, version };
    let version = keeper.held[&counter(1, 0).key()].0;
    let mut set = ChangeSet {
        stamp: keeper.stamp(),
        expectations: vec![
            expect(counter(1, 0).key(), version),
            expect(counter(3, 0).key(), Version::ABSENT),
        ],
        writes: Vec::new(),
    };
    assert_eq!(store.commit(&set).await.unwrap(), Commit::Applied);
    keeper.check([counter(3, 0).key()]).await;
    set.expectations.push(expect(counter(2, 0).key(), Version::ABSENT));
    let done = store.commit(&set).await.unwrap();
    assert_eq!(done, Commit::Conflict(vec![counter(2, 0).key()]));
    keeper.check([counter(3, 0).key()]).await;
}

/// Nothing to expect and nothing to write is no conflict.
pub async fn an_empty_change_set_is_applied(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    let set = keeper.set([]);
    keeper.apply(&set).await;
}

/// A change set that was refused shows in no index.
pub async fn a_failed_commit_leaves_the_indexes_alone(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    keeper.put((0..6).map(|n| sample::record(Kind::Ticket, n))).await;
    let moved = counter(1, 1).key();
    let mut writes: Vec<_> = (0..3).map(|n| (sample::record(Kind::Ticket, n).key(), None)).collect();
    writes.extend((6..9).map(|n| {
        let record = sample::record(Kind::Ticket, n);
        (record.key(), Some(record))
    }));
    writes.push((moved.clone(), Some(counter(1, 1))));
    let stale = keeper.set(writes);
    keeper.put([counter(1, 2)]).await;
    let done = store.commit(&stale).await.unwrap();
    assert_eq!(done, Commit::Conflict(vec![moved]));
    for n in 0..3 {
        keeper.check_index(&Index::TicketsOfEvent(sample::event_id(n)), false, 100).await;
        keeper.check_index(&Index::TicketsOfUser(sample::user_id(n)), false, 100).await;
    }
    keeper.check([]).await;
}

/// Some thousand writes are applied as one is.
pub async fn a_large_change_set_is_applied_wholly(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    let kinds = [Kind::Ticket, Kind::Booking, Kind::Notification, Kind::ShortCodeClaim, Kind::AuditEntry];
    keeper.put((0..1_000).flat_map(|n| kinds.map(|kind| sample::record(kind, n)))).await;
    keeper.check([]).await;
    keeper.check_index(&Index::TicketsOfEvent(sample::event_id(0)), true, 50).await;
    let keys: Vec<Key> = keeper.held.keys().cloned().collect();
    keeper.delete(keys.clone()).await;
    keeper.check(keys).await;
    keeper.check_index(&Index::TicketsOfEvent(sample::event_id(0)), true, 50).await;
}
