//! Power cuts and full disks.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test fails by panicking")]

mod common;

use common::disk::{Disk, Full};
use common::{Client, counter};
use eventify_core::store::{ChangeSet, Commit, Record, Store, StoreError, StoreErrorKind};
use eventify_core::testing::SeededEntropy;
use eventify_store_redb::{RedbStore, RedbStoreBuilder};

fn open(builder: &RedbStoreBuilder, disk: &Disk) -> RedbStore {
    builder.open_medium(disk.clone()).unwrap()
}

/// Every way to commit: with one fsync and with two.
fn ways() -> [RedbStoreBuilder; 2] {
    let builder = RedbStore::builder().cache_bytes_max(1024 * 1024).read_threads(1);
    [builder.clone().quick_repair_from_bytes(0), builder.quick_repair_from_bytes(u64::MAX)]
}

/// Writes until the power goes; answers the change set that was under way then.
async fn work(store: &RedbStore, client: &mut Client, rounds: u32) -> Option<ChangeSet> {
    for round in 0..rounds {
        let set = client.set((0..20).map(|n| counter(n + round % 3, round)));
        match store.commit(&set).await {
            Ok(done) => {
                assert_eq!(done, Commit::Applied);
                client.remember(&set);
            }
            Err(_) => return Some(set),
        }
    }
    None
}

/// At every operation of the disk the power goes, and every time all that was acknowledged is there afterwards, and
/// the change set that was under way wholly or not at all.
#[tokio::test]
async fn a_power_cut_loses_nothing_that_was_acknowledged() {
    const ROUNDS: u32 = 8;
    let mut outcomes = [0, 0];
    for builder in ways() {
        let fresh = Disk::default();
        drop(open(&builder, &fresh));
        let image = fresh.after_power_cut(&SeededEntropy::new(0));
        let operations = {
            let disk = Disk::with(image.content());
            work(&open(&builder, &disk), &mut Client::default(), ROUNDS).await;
            disk.operations()
        };
        assert!(operations > 50, "there is something to interrupt");
        for cut in 1..=operations {
            let seed = cut * 2 + u64::from(outcomes[0] > 0);
            let disk = Disk::with(image.content());
            disk.power_off_after(cut);
            let mut client = Client::default();
            let Ok(store) = builder.open_medium(disk.clone()) else {
                // The power went while it was opened: nothing was acknowledged.
                after(&builder, &disk, seed, &client, None).await;
                continue;
            };
            let under_way = work(&store, &mut client, ROUNDS).await;
            drop(store);
            let applied = after(&builder, &disk, seed, &client, under_way).await;
            outcomes[usize::from(applied)] += 1;
        }
    }
    // Either may be the outcome of a commit under way; a test that sees only one does not test much.
    assert!(outcomes[0] > 0, "{outcomes:?}");
}

async fn after(
    builder: &RedbStoreBuilder,
    disk: &Disk,
    seed: u64,
    client: &Client,
    under_way: Option<ChangeSet>,
) -> bool {
    let left = disk.after_power_cut(&SeededEntropy::new(seed));
    let store = builder.open_medium(left).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    let mut applied = false;
    let mut expected = Client::default();
    expected.held.clone_from(&client.held);
    if let Some(set) = under_way {
        let key = set.writes[0].key.clone();
        applied = store.load(&[key].into()).await.unwrap()[0].version == set.stamp;
        if applied {
            expected.remember(&set);
        }
    }
    expected.check(&store).await;
    let report = store.check().await.unwrap();
    assert!(report.is_clean(), "seed {seed}: {report:?}");
    applied
}

fn kind(done: &Result<Commit, StoreError>) -> Option<StoreErrorKind> {
    done.as_ref().err().map(StoreError::kind)
}

fn large(round: u32) -> impl Iterator<Item = Record> {
    (0..3_000).map(move |n| counter(n + round * 3_000, round))
}

/// A commit that finds the disk full fails cleanly, and the store goes on when there is room again.
#[tokio::test]
async fn a_full_disk_fails_the_commit_and_nothing_else() {
    for builder in ways() {
        let disk = Disk::default();
        let store = open(&builder, &disk);
        let mut client = Client::default();
        client.put(&store, large(0)).await;
        for round in 1..4 {
            disk.fill();
            // What earlier commits freed takes some more.
            let mut done = client.try_put(&store, large(round * 100)).await;
            for more in 1..30 {
                if done.is_err() {
                    break;
                }
                done = client.try_put(&store, large(round * 100 + more)).await;
            }
            assert_eq!(kind(&done), Some(StoreErrorKind::Unavailable), "{done:?}");
            // Reads go on, and find all of it.
            client.check(&store).await;
            disk.set_full(Full::No);
            client.put(&store, large(round)).await;
        }
        assert!(disk.opened() > 1, "redb has to be opened again after an I/O error");
        assert!(store.check().await.unwrap().is_clean());
        drop(store);
        client.check(&open(&builder, &disk)).await;
    }
}

/// A disk that refuses every write: nothing is half-done, and the store comes back by itself.
#[tokio::test]
async fn a_disk_that_takes_nothing_is_unavailable_until_it_does() {
    for builder in ways() {
        let disk = Disk::default();
        let store = open(&builder, &disk);
        let mut client = Client::default();
        client.put(&store, large(0)).await;
        disk.set_full(Full::Wholly);
        for _ in 0..3 {
            let set = client.set([counter(1, 9)]);
            let done = store.commit(&set).await;
            assert!(done.is_err(), "{done:?}");
            assert!(store.ping().await.is_err() || done.is_err());
        }
        disk.set_full(Full::No);
        client.check(&store).await;
        client.put(&store, [counter(1, 10)]).await;
        assert!(store.check().await.unwrap().is_clean());
    }
}

/// A commit whose sync fails is answered by what is found afterwards, or as not known; never as done when it is not.
#[tokio::test]
async fn a_failed_sync_is_settled_by_looking() {
    for builder in ways() {
        let disk = Disk::default();
        let store = open(&builder, &disk);
        let mut client = Client::default();
        client.put(&store, large(0)).await;
        disk.set_full(Full::NoSync);
        let set = client.set([counter(1, 9)]);
        let done = store.commit(&set).await;
        assert_eq!(kind(&done), Some(StoreErrorKind::Indeterminate), "the disk cannot be asked: {done:?}");
        disk.set_full(Full::No);
        let key = set.writes[0].key.clone();
        let found = store.load(&[key].into()).await.unwrap();
        if found[0].version == set.stamp {
            client.remember(&set);
        }
        client.check(&store).await;
        client.put(&store, [counter(1, 10), counter(2, 10)]).await;
        let left = disk.after_power_cut(&SeededEntropy::new(1));
        client.check(&open(&builder, &left)).await;
    }
}

/// A full disk at the start is a reason, not a ruin.
#[tokio::test]
async fn a_full_disk_at_the_start_is_named() {
    for builder in ways() {
        let disk = Disk::default();
        let mut client = Client::default();
        client.put(&open(&builder, &disk), large(0)).await;
        disk.set_full(Full::Wholly);
        if let Err(error) = builder.open_medium(disk.clone()) {
            assert!(error.is_io(), "{error}");
        }
        disk.set_full(Full::No);
        client.check(&open(&builder, &disk)).await;
    }
}
