//! Several at once.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use super::commit::counter;
use super::keeper::Keeper;
use crate::store::{ChangeSet, Commit, Expectation, Key, Record, Store, Version, Write};

/// Runs futures side by side.
async fn together<T>(futures: Vec<Pin<Box<dyn Future<Output = T> + Send + '_>>>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (Some(future), None)).collect();
    poll_fn(|cx| {
        let mut pending = false;
        for (future, done) in &mut running {
            if let Some(f) = future {
                match f.as_mut().poll(cx) {
                    Poll::Ready(value) => {
                        *done = Some(value);
                        *future = None;
                    }
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    running.into_iter().filter_map(|(_, done)| done).collect()
}

fn commits<'a>(
    store: &'a dyn Store,
    sets: &'a [ChangeSet],
) -> Vec<Pin<Box<dyn Future<Output = Commit> + Send + 'a>>> {
    let commit = |set| async move { store.commit(set).await.expect("a commit") };
    sets.iter()
        .map(|set| Box::pin(commit(set)) as Pin<Box<dyn Future<Output = Commit> + Send + 'a>>)
        .collect()
}

/// Of change sets that expect the same version of one record, exactly one is applied; the others name it.
pub async fn of_commits_that_race_for_a_key_one_wins(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    let prize = counter(0, 0).key();
    for round in 0..10 {
        let sets: Vec<ChangeSet> = (1..=16)
            .map(|n| {
                let own = counter(100 * (round + 1) + n, n);
                keeper.set([(prize.clone(), Some(counter(0, n))), (own.key(), Some(own))])
            })
            .collect();
        let answers = together(commits(store, &sets)).await;
        let (won, lost): (Vec<_>, Vec<_>) =
            sets.iter().zip(answers).partition(|(_, answer)| *answer == Commit::Applied);
        assert_eq!(won.len(), 1, "exactly one wins");
        keeper.remember(won[0].0);
        for (_, answer) in &lost {
            assert_eq!(*answer, Commit::Conflict(vec![prize.clone()]));
        }
        let untouched: Vec<Key> =
            lost.iter().flat_map(|(set, _)| set.writes.iter().map(|w| w.key.clone())).collect();
        keeper.check(untouched).await;
    }
}

/// Change sets that have nothing to do with each other do not hinder each other.
pub async fn commits_that_share_no_key_are_all_applied(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    let sets: Vec<ChangeSet> = (0..24)
        .map(|n| {
            let records = [counter(n * 2, n), counter(n * 2 + 1, n)];
            keeper.set(records.map(|r| (r.key(), Some(r))))
        })
        .collect();
    for answer in together(commits(store, &sets)).await {
        assert_eq!(answer, Commit::Applied);
    }
    sets.iter().for_each(|set| keeper.remember(set));
    keeper.check([]).await;
}

async fn read(store: &dyn Store, keys: &BTreeSet<Key>) -> Vec<(Version, Option<Record>, u32)> {
    let found = store.load(keys).await.expect("a load");
    let sold = |record: &Option<Record>| match record {
        Some(Record::Inventory(inventory)) => inventory.sold,
        _ => 0,
    };
    found.into_iter().map(|v| (v.version, v.record.clone(), sold(&v.record))).collect()
}

/// Read, add one, commit, again on conflict: the sum is exact.
pub async fn racing_increments_are_never_lost(store: &dyn Store) {
    const WORKERS: u64 = 6;
    const INCREMENTS: u64 = 8;
    let key = counter(0, 0).key();
    let worker = |worker: u64| {
        let key = key.clone();
        async move {
            let mut stamps = worker * 1_000_000;
            for _ in 0..INCREMENTS {
                loop {
                    stamps += 1;
                    let (version, before, sold) = read(store, &BTreeSet::from([key.clone()])).await.remove(0);
                    // Lets the others overtake.
                    tokio::task::yield_now().await;
                    let set = ChangeSet {
                        stamp: Version::new(stamps),
                        expectations: vec![Expectation { key: key.clone(), version }],
                        writes: vec![Write { key: key.clone(), before, after: Some(counter(0, sold + 1)) }],
                    };
                    if store.commit(&set).await.expect("a commit") == Commit::Applied {
                        break;
                    }
                }
            }
        }
    };
    let workers = (1..=WORKERS).map(|n| Box::pin(worker(n)) as Pin<Box<dyn Future<Output = ()> + Send + '_>>);
    together(workers.collect()).await;
    let found = read(store, &BTreeSet::from([key])).await;
    assert_eq!(u64::from(found[0].2), WORKERS * INCREMENTS);
}

/// While change sets rewrite several records at once, every load finds them all of one change set.
pub async fn a_load_sees_a_change_set_wholly_or_not_at_all(store: &dyn Store) {
    const ROUNDS: u32 = 25;
    let mut keeper = Keeper::new(store);
    let group = |round| (0..5).map(move |n| counter(n, round));
    keeper.put(group(0)).await;
    let keys: BTreeSet<Key> = group(0).map(|r| r.key()).collect();
    let writer = async {
        for round in 1..=ROUNDS {
            keeper.put(group(round)).await;
            // Lets the readers in between, also where a commit never waits.
            tokio::task::yield_now().await;
        }
    };
    let reader = |_| {
        let keys = keys.clone();
        async move {
            let mut newest = 0;
            while newest < ROUNDS {
                let found = read(store, &keys).await;
                let (version, _, sold) = found[0].clone();
                for other in &found {
                    assert_eq!((other.0, other.2), (version, sold), "all of one change set");
                }
                assert!(sold >= newest, "never back to an older state");
                newest = sold;
                tokio::task::yield_now().await;
            }
        }
    };
    let mut all: Vec<Pin<Box<dyn Future<Output = ()> + Send + '_>>> = vec![Box::pin(writer)];
    all.extend((0..3).map(|n| Box::pin(reader(n)) as Pin<Box<dyn Future<Output = ()> + Send + '_>>));
    together(all).await;
}

/// A read that begins after a commit was answered sees it.
pub async fn a_commit_that_was_answered_is_seen_by_every_later_read(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    for round in 0..30 {
        keeper.put([counter(0, round), counter(round + 1, round)]).await;
        keeper.check([]).await;
    }
}
