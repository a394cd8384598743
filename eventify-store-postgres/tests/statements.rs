//! What a unit of work costs does not depend on how much is in it. Counted on the wire.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use eventify_core::store::{ChangeSet, Commit, Expectation, Key, Kind, Record, Store, Version, Write};
use eventify_core::testing::sample;
use eventify_store_postgres::PostgresStore;
use support::proxy::Proxy;
use support::{counter, patient, server};

/// What a booking makes.
const MADE: [Kind; 8] = [
    Kind::Booking,
    Kind::Ticket,
    Kind::ShortCodeClaim,
    Kind::Allowance,
    Kind::Job,
    Kind::AuditEntry,
    Kind::Notification,
    Kind::IdempotentReply,
];

/// Numbers that no other batch has.
struct Numbers(u32);

impl Numbers {
    fn some(&mut self, count: u32) -> Vec<u32> {
        let first = self.0;
        self.0 += count;
        (first..self.0).collect()
    }
}

fn made(numbers: &[u32]) -> Vec<Record> {
    let records = numbers.iter().flat_map(|n| MADE.map(|kind| sample::record(kind, *n)));
    records.chain([counter(0, 1)]).collect()
}

/// Replaces records of one version (0: absent) by others, or deletes them, resting on something that is absent.
fn change(stamp: u64, version: u64, records: &[Record], deletes: bool) -> ChangeSet {
    resting_on(Kind::Staff, stamp, version, records, deletes)
}

fn resting_on(missing: Kind, stamp: u64, version: u64, records: &[Record], deletes: bool) -> ChangeSet {
    let inventory = counter(0, 0).key();
    let mut set = ChangeSet { stamp: Version::new(stamp), expectations: Vec::new(), writes: Vec::new() };
    for record in records {
        let key = record.key();
        // The inventory is there from the beginning, and changed by everybody.
        let expected = if key == inventory { stamp - 1 } else { version };
        let after = (!deletes || key == inventory).then(|| record.clone());
        let before = (expected > 0).then(|| record.clone());
        set.expectations.push(Expectation { key: key.clone(), version: Version::new(expected) });
        set.writes.push(Write { key, before, after });
    }
    let absent = sample::record(missing, 0).key();
    set.expectations.push(Expectation { key: absent, version: Version::ABSENT });
    set
}

/// Makes, loads, changes, checks in vain and deletes; answers what each cost in statements.
async fn spend(store: &PostgresStore, proxy: &Proxy, numbers: &[u32], stamp: &mut u64) -> [usize; 5] {
    let records = made(numbers);
    let keys: BTreeSet<Key> = records.iter().map(Record::key).collect();
    let mut spent = [0; 5];
    let first = *stamp;
    proxy.spent();
    assert_eq!(store.commit(&change(first + 1, 0, &records, false)).await.unwrap(), Commit::Applied);
    spent[0] = proxy.spent();
    assert!(store.load(&keys).await.unwrap().iter().all(|found| found.record.is_some()));
    spent[1] = proxy.spent();
    assert_eq!(store.commit(&change(first + 2, first + 1, &records, false)).await.unwrap(), Commit::Applied);
    spent[2] = proxy.spent();
    let stale = change(first + 3, first + 1, &records, false);
    assert!(matches!(store.commit(&stale).await.unwrap(), Commit::Conflict(moved) if !moved.is_empty()));
    spent[3] = proxy.spent();
    assert_eq!(store.commit(&change(first + 3, first + 2, &records, true)).await.unwrap(), Commit::Applied);
    spent[4] = proxy.spent();
    *stamp = first + 3;
    spent
}

#[tokio::test]
async fn five_hundred_bookings_cost_as_many_statements_as_one() {
    let database = server().database().await;
    let tcp = server().tcp_url(database.name());
    let proxy = Proxy::before(&tcp).await;
    let store = patient(&proxy.url(&tcp)).connect().await.unwrap();
    let begun = counter(0, 0);
    let begin = ChangeSet {
        stamp: Version::new(1),
        expectations: vec![Expectation { key: begun.key(), version: Version::ABSENT }],
        writes: vec![Write { key: begun.key(), before: None, after: Some(begun) }],
    };
    assert_eq!(store.commit(&begin).await.unwrap(), Commit::Applied);
    let (mut numbers, mut stamp) = (Numbers(1), 1);

    // The first round of all is where statements are prepared.
    spend(&store, &proxy, &numbers.some(1), &mut stamp).await;
    let one = spend(&store, &proxy, &numbers.some(1), &mut stamp).await;
    let many = spend(&store, &proxy, &numbers.some(500), &mut stamp).await;
    assert_eq!(one, many, "made, loaded, changed, refused, deleted");
    let [made, loaded, changed, refused, deleted] = one;
    assert_eq!(loaded, 1);
    // BEGIN, what would be changed and held, ROLLBACK, and what has moved.
    assert_eq!(refused, 4);
    // BEGIN, the counter is changed and held, eight tables and their lists at once, the latch and the look, COMMIT.
    assert_eq!(made, 6);
    // BEGIN, nine tables are changed and held, the latch and the look, COMMIT.
    assert_eq!(changed, 5);
    // Before that, the lists of what goes are emptied.
    assert_eq!(deleted, 7);
    // BEGIN, the counter is changed and held, all other tables with a look at what is absent, COMMIT.
    assert_eq!(a_sale(&store, &proxy, &mut numbers, stamp).await, 4);
}

/// What a sale costs that rests on nothing else that is absent than what nearly every sale rests on.
async fn a_sale(store: &PostgresStore, proxy: &Proxy, numbers: &mut Numbers, stamp: u64) -> usize {
    // Twice: at first statements are prepared.
    for stamp in [stamp + 1, stamp + 2] {
        let records = made(&numbers.some(3));
        proxy.spent();
        let sale = resting_on(Kind::Preferences, stamp, 0, &records, false);
        assert_eq!(store.commit(&sale).await.unwrap(), Commit::Applied);
    }
    proxy.spent()
}
