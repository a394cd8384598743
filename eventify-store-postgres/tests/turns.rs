//! Turns: whom they keep waiting, how they end, and that no commit rests on one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use async_trait::async_trait;
use eventify_core::EventId;
use eventify_core::store::{ChangeSet, Commit, Key, Page, Scan, Store, StoreError, Turn, Versioned};
use eventify_core::testing::{FaultPlan, FaultStore, sample};
use eventify_store_postgres::PostgresStore;
use support::*;
use tokio::sync::mpsc;

// Counters by number.
const X: u32 = 1;
const Y: u32 = 2;

/// The event of a counter, where turns are taken.
fn event(n: u32) -> BTreeSet<Key> {
    BTreeSet::from([Key::Event(EventId::from_uuid(sample::uuid(n)))])
}

async fn stage(serializable: bool) -> Stage {
    Stage::with(|builder| if serializable { builder.serializable() } else { builder }).await
}

/// Who knows of no rivals asks for no turn: they wait for the one who has it, and learn.
#[tokio::test]
async fn a_turn_at_an_event_keeps_out_who_asks_for_none() {
    let stage = stage(false).await;
    stage.applied(&set(1, &[(X, 0)], &[X])).await;
    let mut stranger = stage.stranger().await;
    let turn = stage.store.turn(&event(X)).await.unwrap().unwrap();
    assert!(!turn.waited());
    let theirs = stage.commit(&set(12, &[(X, 1)], &[X]));
    stranger.until_blocked(1).await;
    let mine = stage.store.commit_in_turn(&set(11, &[(X, 1)], &[X]), turn).await.unwrap();
    assert_eq!(mine, Commit::Applied);
    assert_eq!(answer(theirs).await, conflict(&[X]));
    assert_eq!(stage.versions(&[X]).await, [11]);
    stranger.assert_nobody_is_in_a_transaction().await;
}

/// The next one has their turn with the COMMIT, and finds what was committed.
#[tokio::test]
async fn turns_are_passed_on_by_commits() {
    let stage = stage(false).await;
    stage.applied(&set(1, &[(X, 0)], &[X])).await;
    let mut stranger = stage.stranger().await;
    let mine = stage.store.turn(&event(X)).await.unwrap().unwrap();
    let store = stage.store.clone();
    let theirs = tokio::spawn(async move {
        let turn = store.turn(&event(X)).await.unwrap().unwrap();
        assert!(turn.waited());
        store.commit_in_turn(&set(12, &[(X, 11)], &[X]), turn).await
    });
    stranger.until_blocked(1).await;
    stage.store.commit_in_turn(&set(11, &[(X, 1)], &[X]), mine).await.unwrap();
    assert_eq!(answer(theirs).await, Commit::Applied);
    // A turn that nobody used, or that was for a commit without writes, is given back as well.
    drop(stage.store.turn(&event(X)).await.unwrap().unwrap());
    let turn = stage.store.turn(&event(X)).await.unwrap().unwrap();
    assert_eq!(stage.store.commit_in_turn(&set(13, &[(X, 12)], &[]), turn).await.unwrap(), Commit::Applied);
    assert!(stage.store.turn(&event(X)).await.unwrap().is_some());
    stranger.assert_nobody_is_in_a_transaction().await;
}

/// A turn that has ended unnoticed, with its connection or because it took too long, costs nobody their commit.
#[tokio::test]
async fn a_commit_does_not_need_the_turn_it_is_made_in() {
    let stage = stage(false).await;
    stage.applied(&set(1, &[(X, 0)], &[X])).await;
    let mut stranger = stage.stranger().await;
    let turn = stage.store.turn(&event(X)).await.unwrap().unwrap();
    stranger
        .run(
            "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity \
             WHERE datname = current_database() AND state = 'idle in transaction'",
        )
        .await;
    let mine = stage.store.commit_in_turn(&set(11, &[(X, 1)], &[X]), turn).await.unwrap();
    assert_eq!(mine, Commit::Applied);
    assert_eq!(stage.versions(&[X]).await, [11]);
}

/// A serializable transaction sees what there was when it began, so nothing is committed in one that waited for a turn.
#[tokio::test]
async fn serializable_commits_in_a_turn_see_what_was_committed_before_it() {
    let stage = stage(true).await;
    stage.applied(&set(1, &[(X, 0)], &[X])).await;
    let turn = stage.store.turn(&event(X)).await.unwrap().unwrap();
    stage.applied(&set(11, &[(X, 1)], &[X])).await;
    let mine = stage.store.commit_in_turn(&set(12, &[(X, 11)], &[X]), turn).await.unwrap();
    assert_eq!(mine, Commit::Applied);
    stage.stranger().await.assert_nobody_is_in_a_transaction().await;
}

/// Turns are given in the order in which they were asked for, among all processes.
#[tokio::test]
async fn turns_go_to_those_who_came_first() {
    let stage = stage(false).await;
    let mut stranger = stage.stranger().await;
    let at = BTreeSet::from([key(X)]);
    let in_order = async {
        loop {
            let first = stage.store.turn(&at).await.unwrap().unwrap();
            let (tell, mut told) = mpsc::unbounded_channel();
            let mut order = Vec::new();
            for n in 0..3 {
                let (store, at, tell) = (stage.store.clone(), at.clone(), tell.clone());
                tokio::spawn(async move {
                    let turn = store.turn(&at).await.unwrap();
                    tell.send(turn.as_ref().map(|_| n)).unwrap();
                });
                tokio::select! {
                    () = stranger.until_blocked(n + 1) => {}
                    given_up = told.recv() => order.extend(given_up),
                }
            }
            drop((first, tell));
            while let Some(n) = told.recv().await {
                order.push(n);
            }
            // On a slow machine a turn may not come within its two seconds: then the order says nothing.
            if let Some(order) = order.into_iter().collect::<Option<Vec<_>>>() {
                return order;
            }
        }
    };
    assert_eq!(soon("turns that come in time", in_order).await, [0, 1, 2]);
}

/// The server does not wait for a holder who was stopped, and neither does the next one.
#[tokio::test]
async fn a_turn_in_which_nothing_happens_is_over_before_others_give_up() {
    let stage = stage(false).await;
    stage.applied(&set(1, &[(X, 0)], &[X])).await;
    let late = stage.store.turn(&event(X)).await.unwrap().unwrap();
    let next = soon("the next turn", stage.store.turn(&event(X))).await.unwrap();
    let next = next.expect("it comes in time");
    assert!(next.waited());
    let next = stage.store.commit_in_turn(&set(11, &[(X, 1)], &[X]), next).await.unwrap();
    assert_eq!(next, Commit::Applied);
    // Whoever comes back to a turn that is over is judged by what is there.
    let late = stage.store.commit_in_turn(&set(12, &[(X, 1)], &[X]), late).await.unwrap();
    assert_eq!(late, conflict(&[X]));
    assert_eq!(stage.versions(&[X]).await, [11]);
    stage.stranger().await.assert_nobody_is_in_a_transaction().await;
}

/// Rows of several events are taken in key order, by turns as by commits: nobody holds one that comes later.
#[tokio::test]
async fn a_turn_at_two_events_takes_their_rows_in_order() {
    let stage = stage(false).await;
    stage.applied(&set(1, &[(X, 0), (Y, 0)], &[X, Y])).await;
    let mut stranger = stage.stranger().await;
    let (low, high) = if key(X) < key(Y) { (X, Y) } else { (Y, X) };
    let lock = |n| format!("SELECT 1 FROM inventories WHERE {} FOR UPDATE NOWAIT", row(n));
    stranger.run(&format!("BEGIN; {}", lock(low))).await;
    let store = stage.store.clone();
    let turn = tokio::spawn(async move { store.turn(&(&event(X) | &event(Y))).await });
    stranger.until_blocked(1).await;
    stranger.run(&lock(high)).await;
    stranger.run("COMMIT").await;
    let turn = soon("a turn", turn).await.unwrap().unwrap().expect("a turn");
    // Who asks for one of them, and who asks for nothing, waits for all of it.
    let other = stage.commit(&set(12, &[(X, 1), (Y, 1)], &[X, Y]));
    stranger.until_blocked(1).await;
    let mine = stage.store.commit_in_turn(&set(11, &[(X, 1), (Y, 1)], &[X, Y]), turn).await.unwrap();
    assert_eq!(mine, Commit::Applied);
    assert_eq!(answer(other).await, conflict(&[X, Y]));
    stranger.assert_nobody_is_in_a_transaction().await;
}

/// Knows turns, and leaves it to the contract how a commit ends one.
#[derive(Debug)]
struct Wrapped(PostgresStore);

#[async_trait]
impl Store for Wrapped {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        self.0.load(keys).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        self.0.scan(scan).await
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        self.0.commit(set).await
    }

    async fn turn(&self, at: &BTreeSet<Key>) -> Result<Option<Turn>, StoreError> {
        self.0.turn(at).await
    }
}

/// Through whatever wraps the store: nobody's commit waits for their own turn until the server ends that.
#[tokio::test]
async fn a_commit_does_not_wait_for_its_own_turn() {
    let stage = stage(false).await;
    stage.applied(&set(1, &[(X, 0)], &[X])).await;
    let ended =
        "SELECT sessions_killed + sessions_fatal FROM pg_stat_database WHERE datname = current_database()";
    let wrapped = Wrapped(stage.store.clone());
    let faulty = FaultStore::new(stage.store.clone(), 1, FaultPlan::NONE);
    let (stores, mut version): ([&dyn Store; 2], _) = ([&wrapped, &faulty], 1);
    for store in stores {
        let turn = store.turn(&event(X)).await.unwrap().unwrap();
        let change = set(version + 1, &[(X, version)], &[X]);
        let mine = soon("a commit", store.commit_in_turn(&change, turn)).await;
        assert_eq!(mine.unwrap(), Commit::Applied);
        version += 1;
    }
    stage.store.close().await;
    let mut stranger = stage.stranger().await;
    stranger.until(0, "true").await;
    assert_eq!(stranger.number(ended).await, 0, "a turn had to be ended by the server");
}
