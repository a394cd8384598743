//! Damaged files: cut off anywhere, bytes flipped anywhere.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::Path;

use common::Client;
use eventify_core::store::{Index, Kind, Scan, Store, StoreErrorKind};
use eventify_core::testing::SeededEntropy;
use eventify_store_redb::{RedbStore, RedbStoreBuilder};

/// The records of the last commit.
const LAST: u32 = 50;

/// A store that was closed, or one whose process was killed, with what it acknowledged.
async fn victim(closed: bool) -> (Vec<u8>, Client) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("victim.redb");
    let store = RedbStore::open(&path).unwrap();
    let mut client = Client::default();
    client.fill(&store, 0..12).await;
    store.compact().await.unwrap();
    client.put(&store, (0..LAST).map(|n| common::counter(1_000 + n, n))).await;
    let killed = fs::read(&path).unwrap();
    drop(store);
    (if closed { fs::read(&path).unwrap() } else { killed }, client)
}

fn builder() -> RedbStoreBuilder {
    RedbStore::builder().create(false).cache_bytes_max(256 * 1024).read_threads(1)
}

/// How opening and reading a damaged file went.
#[derive(Debug, Default)]
struct Tally {
    refused: u32,
    intact: u32,
    /// Recovered to the commit before the last: after a kill, damage to what was written last looks like a commit
    /// that the kill interrupted.
    last_commit_gone: u32,
    noticed_by_reading: u32,
    noticed_by_checking: u32,
}

impl Tally {
    /// A damaged file is refused by name and not touched, or what is read from it is right, or the damage is
    /// noticed. Nothing wrong is ever answered.
    async fn examine(&mut self, path: &Path, content: &[u8], (client, killed): (&Client, bool), what: &str) {
        fs::write(path, content).unwrap();
        let store = match builder().open(path) {
            Ok(store) => store,
            Err(error) => {
                assert!(error.is_damaged() || error.is_foreign() || error.is_newer(), "{what}: {error}");
                assert!(fs::read(path).unwrap() == content, "{what}: touched although refused: {error}");
                self.refused += 1;
                return;
            }
        };
        if let Ok(found) = store.load(&client.keys()).await
            && found.iter().all(|v| v.record.is_some())
        {
            client.check(&store).await;
            self.intact += 1;
            return;
        }
        let (mut missing, mut corrupt) = (0, 0);
        for (key, (version, record)) in &client.held {
            match store.load(&[key.clone()].into()).await {
                Ok(found) if found[0].record.is_none() => missing += 1,
                Ok(found) => {
                    assert_eq!(found[0].version, *version, "{what}");
                    assert_eq!(found[0].record.as_ref(), Some(record), "{what}");
                }
                Err(error) => {
                    assert_ne!(error.kind(), StoreErrorKind::Indeterminate, "{what}");
                    corrupt += 1;
                }
            }
        }
        for kind in [Kind::Event, Kind::Ticket] {
            let scan = Scan::first(Index::All(kind), 1_000);
            // It may fail, but it comes to an end.
            let _ = store.scan(&scan).await;
        }
        let clean = store.check().await.is_ok_and(|report| report.is_clean());
        match (missing + corrupt, clean) {
            (0, _) => panic!("{what}: all of it could be read, but not at once"),
            (LAST, true) if killed && corrupt == 0 => self.last_commit_gone += 1,
            (_, false) if corrupt > 0 => self.noticed_by_reading += 1,
            (_, false) => self.noticed_by_checking += 1,
            (_, true) => panic!("{what}: {missing} records are missing and nobody noticed"),
        }
    }
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_refused_or_complete() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.redb");
    for closed in [true, false] {
        let (content, client) = victim(closed).await;
        let mut tally = Tally::default();
        let step = content.len() / 150;
        let ends = (0..400).step_by(23).chain((0..content.len()).step_by(step)).chain([content.len() - 1]);
        for end in ends {
            tally.examine(&path, &content[..end], (&client, !closed), &format!("cut off at {end}")).await;
        }
        println!("closed: {closed}, {} bytes: {tally:?}", content.len());
        assert!(tally.refused > 100, "{tally:?}");
    }
}

#[tokio::test]
async fn a_file_with_flipped_bytes_never_answers_anything_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("flipped.redb");
    for closed in [true, false] {
        let (content, client) = victim(closed).await;
        let chance = SeededEntropy::new(7);
        let mut tally = Tally::default();
        let anywhere = |_| usize::try_from(chance.below(u64::try_from(content.len()).unwrap())).unwrap();
        let places = (0..320).step_by(2).chain((0..200).map(anywhere));
        for place in places.collect::<Vec<_>>() {
            let mut flipped = content.clone();
            flipped[place] ^= 1 << chance.below(8);
            tally.examine(&path, &flipped, (&client, !closed), &format!("a bit at {place}")).await;
        }
        println!("closed: {closed}, {} bytes: {tally:?}", content.len());
        assert!(tally.refused > 10, "{tally:?}");
    }
}

#[tokio::test]
async fn a_file_with_a_lost_page_never_answers_anything_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("page.redb");
    for closed in [true, false] {
        let (content, client) = victim(closed).await;
        let mut tally = Tally::default();
        for page in 0..content.len() / 4096 {
            let place = page * 4096..(page + 1) * 4096;
            if content[place.clone()].iter().all(|byte| *byte == 0) {
                continue;
            }
            let mut lost = content.clone();
            lost[place].fill(0);
            tally.examine(&path, &lost, (&client, !closed), &format!("page {page} lost")).await;
        }
        println!("closed: {closed}, {} bytes: {tally:?}", content.len());
    }
}
