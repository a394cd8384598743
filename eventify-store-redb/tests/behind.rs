//! Commits that are made while the one before them is written out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::disk::{Disk, Full};
use common::{Client, counter};
use eventify_core::store::{ChangeSet, Commit, Key, Store, StoreError, StoreErrorKind, Version};
use eventify_core::testing::SeededEntropy;
use eventify_store_redb::{RedbStore, RedbStoreBuilder};

type Done = Result<Commit, StoreError>;

/// With one fsync and with two.
fn ways() -> [RedbStoreBuilder; 2] {
    let builder = RedbStore::builder().cache_bytes_max(1024 * 1024).read_threads(1);
    [builder.clone().quick_repair_from_bytes(0), builder.quick_repair_from_bytes(u64::MAX)]
}

/// More records than a transaction has that is written out by who makes it.
fn many(client: &mut Client, count: u32) -> ChangeSet {
    client.set((0..100).map(|n| counter(n, count)))
}

/// Two change sets, the second of which rests on the first.
fn two(client: &Client, count: u32) -> [ChangeSet; 2] {
    let mut next = Client::default();
    next.held.clone_from(&client.held);
    next.stamps = client.stamps;
    let first = many(&mut next, count);
    next.remember(&first);
    [first, many(&mut next, count + 1)]
}

/// Hands the second in while the first is written out.
async fn commit_both(store: &RedbStore, [first, second]: &[ChangeSet; 2]) -> (Done, Done) {
    let follow = async {
        assert!(store.may_follow().await);
        store.commit(second).await
    };
    tokio::join!(store.commit(first), follow)
}

fn is_applied(done: &Done) -> bool {
    matches!(done, Ok(Commit::Applied))
}

async fn stored(store: &dyn Store, n: u32) -> Version {
    let key: Key = counter(n, 0).key();
    store.load(&[key].into()).await.unwrap()[0].version
}

#[tokio::test]
async fn nobody_reads_or_is_told_what_is_not_durable() {
    for builder in ways() {
        let disk = Disk::default();
        let store = builder.open_medium(disk.clone()).unwrap();
        let mut client = Client::default();
        let before = many(&mut client, 0);
        assert!(is_applied(&store.commit(&before).await));
        client.remember(&before);
        disk.hold_syncs(true);
        let sets = two(&client, 1);
        let watch = async {
            // Both are made by then, and neither is durable.
            store.may_follow().await;
            tokio::task::yield_now().await;
            store.may_follow().await;
            disk.until_a_sync_waits();
            assert_eq!(stored(&store, 1).await, before.stamp, "what is durable is read");
            let check = ChangeSet { writes: Vec::new(), ..sets[1].clone() };
            assert_ne!(store.commit(&check).await.unwrap(), Commit::Applied, "nor is it checked against");
            disk.hold_syncs(false);
        };
        let follow = async {
            store.may_follow().await;
            store.commit(&sets[1]).await
        };
        let (first, second, ()) = tokio::join!(store.commit(&sets[0]), follow, watch);
        assert!(is_applied(&first) && is_applied(&second), "{first:?}, {second:?}");
        assert_eq!(stored(&store, 1).await, sets[1].stamp);
        assert!(store.check().await.unwrap().is_clean());
    }
}

/// At every operation of the disk the power goes: what was acknowledged is there, and the second of two never without
/// the first.
#[tokio::test]
async fn a_power_cut_between_two_leaves_the_first_or_none() {
    const ROUNDS: u32 = 3;
    let mut left = [0; 3];
    for builder in ways() {
        let fresh = Disk::default();
        drop(builder.open_medium(fresh.clone()).unwrap());
        let image = fresh.after_power_cut(&SeededEntropy::new(0)).content();
        let operations = {
            let disk = Disk::with(image.clone());
            let store = builder.open_medium(disk.clone()).unwrap();
            assert!(work(&store, &mut Client::default(), ROUNDS).await.is_none());
            disk.operations()
        };
        for cut in 1..=operations {
            let disk = Disk::with(image.clone());
            disk.power_off_after(cut);
            let Ok(store) = builder.open_medium(disk.clone()) else { continue };
            let mut client = Client::default();
            let under_way = work(&store, &mut client, ROUNDS).await;
            drop(store);
            let there = after(&builder, &disk, cut, client, under_way).await;
            left[there] += 1;
        }
    }
    assert!(left.iter().all(|count| *count > 0), "none, the first and both: {left:?}");
}

/// Commits two by two until the power goes; answers the two that were under way then.
async fn work(store: &RedbStore, client: &mut Client, rounds: u32) -> Option<[ChangeSet; 2]> {
    for round in 0..rounds {
        let sets = two(client, round * 2);
        let (first, second) = commit_both(store, &sets).await;
        for (set, done) in sets.iter().zip([&first, &second]) {
            if is_applied(done) {
                client.remember(set);
            }
        }
        client.stamps += 2;
        assert!(first.is_ok() || !is_applied(&second), "never the second alone: {first:?}");
        if first.is_err() || second.is_err() {
            return Some(sets);
        }
    }
    None
}

/// How many of the two are there after the power came back.
async fn after(
    builder: &RedbStoreBuilder,
    disk: &Disk,
    seed: u64,
    mut client: Client,
    under_way: Option<[ChangeSet; 2]>,
) -> usize {
    let left = disk.after_power_cut(&SeededEntropy::new(seed));
    let store = builder.open_medium(left).unwrap_or_else(|error| panic!("cut {seed}: {error}"));
    let found = stored(&store, 1).await;
    let there = under_way.map_or(0, |sets| {
        let there = sets.iter().position(|set| set.stamp == found).map_or(0, |nth| nth + 1);
        sets.iter().take(there).for_each(|set| client.remember(set));
        there
    });
    client.check(&store).await;
    assert!(store.check().await.unwrap().is_clean(), "cut {seed}");
    there
}

#[tokio::test]
async fn what_follows_a_commit_that_cannot_be_written_out_fails_with_it() {
    for builder in ways() {
        for full in [Full::Wholly, Full::NoSync] {
            let disk = Disk::default();
            let store = builder.open_medium(disk.clone()).unwrap();
            let mut client = Client::default();
            let before = many(&mut client, 0);
            assert!(is_applied(&store.commit(&before).await));
            client.remember(&before);
            disk.set_full(full);
            let sets = two(&client, 1);
            let (first, second) = commit_both(&store, &sets).await;
            assert!(first.is_err() && !is_applied(&second), "{first:?}, {second:?}");
            disk.set_full(Full::No);
            let found = stored(&store, 1).await;
            if found == sets[0].stamp {
                assert_ne!(first.unwrap_err().kind(), StoreErrorKind::Unavailable, "it was written");
                client.remember(&sets[0]);
            }
            client.check(&store).await;
            client.stamps += 2;
            let next = many(&mut client, 9);
            assert!(is_applied(&store.commit(&next).await), "and it goes on");
            assert!(store.check().await.unwrap().is_clean());
        }
    }
}

/// The writes are in the file, and the sync failed: however what follows comes along, nobody is told that the first was
/// not written when it was.
#[tokio::test]
async fn what_a_failed_sync_left_in_the_file_is_found_though_others_follow() {
    for (builder, round) in
        ways().into_iter().flat_map(|builder| (0..40).map(move |nth| (builder.clone(), nth)))
    {
        let disk = Disk::default();
        let store = builder.open_medium(disk.clone()).unwrap();
        let mut client = Client::default();
        let before = many(&mut client, 0);
        assert!(is_applied(&store.commit(&before).await));
        client.remember(&before);
        disk.set_full(Full::NoSyncOnce);
        let sets = two(&client, 1);
        let (first, second) = commit_both(&store, &sets).await;
        if is_applied(&second) {
            assert!(is_applied(&first), "round {round}: {first:?} below what rests on it");
        }
        for (set, done) in sets.iter().zip([&first, &second]) {
            if is_applied(done) {
                client.remember(set);
            }
        }
        client.check(&store).await;
        assert!(store.check().await.unwrap().is_clean());
    }
}

#[tokio::test]
async fn closing_waits_for_what_is_written_out() {
    let disk = Disk::default();
    let store = RedbStore::builder().open_medium(disk.clone()).unwrap();
    let mut client = Client::default();
    let sets = two(&client, 1);
    let (first, second) = commit_both(&store, &sets).await;
    sets.iter().for_each(|set| client.remember(set));
    assert!(first.is_ok() && second.is_ok());
    let last = many(&mut client, 3);
    let close = async {
        store.may_follow().await;
        store.close();
    };
    let (done, ()) = tokio::join!(store.commit(&last), close);
    assert!(is_applied(&done), "{done:?}");
    client.remember(&last);
    drop(store);
    let again = RedbStore::builder().open_medium(Disk::with(disk.content())).unwrap();
    client.check(&again).await;
}
