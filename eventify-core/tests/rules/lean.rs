//! What a plain purchase reads and writes: counted, so that no sale tool makes those pay who do not use it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use eventify_core::Eventify;
use eventify_core::store::{
    ChangeSet, Commit, Key, MemoryStore, Page, Scan, Store, StoreError, Versioned, index_entries,
};
use eventify_core::testing::{FakeClock, SeededEntropy};
use std::collections::BTreeSet;

use crate::common::*;

/// Remembers what was loaded and committed.
#[derive(Debug)]
struct Watched {
    within: MemoryStore,
    loaded: Mutex<Vec<Key>>,
    committed: Mutex<Vec<ChangeSet>>,
}

#[async_trait]
impl Store for Watched {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        self.loaded.lock().unwrap().extend(keys.iter().cloned());
        self.within.load(keys).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        self.within.scan(scan).await
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        self.committed.lock().unwrap().push(set.clone());
        self.within.commit(set).await
    }
}

impl Watched {
    /// The tables of what was loaded since this was asked last.
    fn loaded(&self) -> Vec<&'static str> {
        self.loaded.lock().unwrap().drain(..).map(|key| key.kind().table()).collect()
    }
}

async fn engine(store: &Arc<Watched>, seed: u64) -> Eventify {
    let builder = Eventify::builder_over(store.clone()).clock(FakeClock::default());
    builder.entropy(SeededEntropy::new(seed)).without_worker().start().await.unwrap()
}

#[tokio::test]
async fn a_plain_purchase_touches_no_record_of_a_sale_tool() {
    let within = MemoryStore::new();
    let watched = Arc::new(Watched { within, loaded: Mutex::default(), committed: Mutex::default() });
    let engine = self::engine(&watched, 1).await;
    let world = World::new().await;
    let event = engine.events().create(&organizer(), world.concert()).await.unwrap().id;
    let kind = engine.ticket_types().create(&organizer(), event, seats(9)).await.unwrap().id;
    engine.events().publish(&organizer(), event).await.unwrap();
    engine.bookings().buy(&attendee(), lines(event, &[(kind, 1)])).await.unwrap();
    let another = self::engine(&watched, 2).await;
    watched.loaded();
    another.bookings().buy(&other_attendee(), lines(event, &[(kind, 1)])).await.unwrap();
    let all = ["events", "inventories", "ticket_types", "allowances", "preferences", "event_tallies"];
    assert_eq!(watched.loaded(), all, "nothing is remembered");
    watched.committed.lock().unwrap().clear();
    another.bookings().buy(&organizer(), lines(event, &[(kind, 1)])).await.unwrap();
    assert_eq!(
        watched.loaded(),
        ["allowances", "preferences"],
        "who buys here is new, the rest is remembered"
    );

    let committed = watched.committed.lock().unwrap();
    let [set] = committed.as_slice() else { panic!("one purchase is one commit") };
    let written: Vec<&str> = set.writes.iter().map(|write| write.key.kind().table()).collect();
    let mut expected = [
        "lane_marks",
        "audit_entries",
        "inventories",
        "ticket_types",
        "allowances",
        "bookings",
        "tickets",
        "short_codes",
        "notifications",
        "event_tallies",
    ];
    expected.sort_unstable();
    let mut sorted = written.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    let entries: usize =
        set.writes.iter().filter_map(|w| w.after.as_ref()).map(|r| index_entries(r).len()).sum();
    assert_eq!(written.len() + entries, 19, "rows and index entries");
}
