//! Backup, compaction and checking.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use common::{Client, counter};
use eventify_core::store::{Record, Store};
use eventify_store_redb::{BackupError, RedbStore};
use redb::{Database, ReadableTable as _, TableDefinition};
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("eventify.redb");
    (dir, path)
}

#[tokio::test]
async fn a_backup_is_a_store_with_the_same_records() {
    let (dir, path) = place();
    let store = RedbStore::open(&path).unwrap();
    let mut client = Client::default();
    client.fill(&store, 0..30).await;
    let to = dir.path().join("backup.redb");
    store.backup(&to).await.unwrap();
    let copy = RedbStore::builder().create(false).open(&to).unwrap();
    client.check(&copy).await;
    let (ours, theirs) = (store.check().await.unwrap(), copy.check().await.unwrap());
    assert!(theirs.is_clean(), "{theirs:?}");
    assert_eq!(ours, theirs);
    // The copy goes its own way.
    let mut later = Client::default();
    later.put(&copy, [counter(5_000, 1)]).await;
    assert!(store.load(&later.keys()).await.unwrap()[0].record.is_none());
}

#[tokio::test]
async fn a_backup_replaces_no_file_and_leaves_none_behind() {
    let (dir, path) = place();
    let store = RedbStore::open(&path).unwrap();
    let to = dir.path().join("precious.txt");
    fs::write(&to, "precious").unwrap();
    let error = store.backup(&to).await.unwrap_err();
    assert!(matches!(error, BackupError::Exists(_)), "{error}");
    assert_eq!(fs::read(&to).unwrap(), b"precious");
    let error = store.backup(dir.path().join("nowhere/b.redb")).await.unwrap_err();
    assert!(matches!(error, BackupError::Io { .. }), "{error}");
    assert!(matches!(store.backup(&path).await.unwrap_err(), BackupError::Exists(_)));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

/// A counter and its twin are always written together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_one_moment() {
    let (dir, path) = place();
    let store = Arc::new(RedbStore::open(&path).unwrap());
    let over = Arc::new(AtomicBool::new(false));
    let acknowledged = Arc::new(AtomicU32::new(0));
    let writer = {
        let (store, over, acknowledged) = (store.clone(), over.clone(), acknowledged.clone());
        tokio::spawn(async move {
            let mut client = Client::default();
            let mut round = 0;
            while !over.load(Ordering::SeqCst) {
                round += 1;
                let records = (0..50).map(|n| counter(n, round)).chain([counter(1_000 + round, round)]);
                client.put(&*store, records).await;
                acknowledged.store(round, Ordering::SeqCst);
            }
            client
        })
    };
    for n in 0..5 {
        let to = dir.path().join(format!("backup-{n}.redb"));
        let before = acknowledged.load(Ordering::SeqCst);
        store.backup(&to).await.unwrap();
        let copy = RedbStore::open(&to).unwrap();
        let keys = (0..50).map(|n| counter(n, 0).key()).collect();
        let counts: Vec<u32> =
            copy.load(&keys).await.unwrap().iter().map(|v| count(v.record.as_ref())).collect();
        assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
        assert!(counts[0] >= before, "nothing acknowledged before is missing");
        assert!(copy.check().await.unwrap().is_clean());
    }
    over.store(true, Ordering::SeqCst);
    writer.await.unwrap().check(&*store).await;
}

fn count(record: Option<&Record>) -> u32 {
    match record {
        Some(Record::Inventory(inventory)) => inventory.sold,
        _ => 0,
    }
}

#[tokio::test]
async fn compaction_shrinks_the_file_and_keeps_everything() {
    let (_dir, path) = place();
    let store = RedbStore::open(&path).unwrap();
    let mut client = Client::default();
    for round in 0..20 {
        client.put(&store, (0..2_000).map(|n| counter(n, round))).await;
    }
    let compacted = store.compact().await.unwrap();
    assert!(compacted.bytes_after < compacted.bytes_before, "{compacted:?}");
    assert_eq!(fs::metadata(&path).unwrap().len(), compacted.bytes_after);
    client.check(&store).await;
    client.put(&store, [counter(1, 99)]).await;
    assert!(store.check().await.unwrap().is_clean());
    drop(store);
    client.check(&RedbStore::open(&path).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn maintenance_under_load_disturbs_nobody() {
    let (_dir, path) = place();
    let store = Arc::new(RedbStore::open(&path).unwrap());
    let clients: Vec<_> = (0..4)
        .map(|c| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut client = Client::default();
                for round in 0..60 {
                    client.put(&*store, (0..5).map(|n| counter(c * 100 + n, round))).await;
                    client.check(&*store).await;
                }
            })
        })
        .collect();
    for _ in 0..5 {
        assert!(store.check().await.unwrap().is_clean());
        store.compact().await.unwrap();
    }
    for client in clients {
        client.await.unwrap();
    }
}

const INDEX: TableDefinition<'_, &[u8], ()> = TableDefinition::new("index_entries");

fn meddle(path: &PathBuf, work: impl FnOnce(&redb::WriteTransaction)) {
    let db = Database::open(path).unwrap();
    let txn = db.begin_write().unwrap();
    work(&txn);
    txn.commit().unwrap();
}

#[tokio::test]
async fn a_check_names_what_is_wrong() {
    let (_dir, path) = place();
    let mut client = Client::default();
    client.fill(&RedbStore::open(&path).unwrap(), 0..5).await;
    meddle(&path, |txn| {
        let mut index = txn.open_table(INDEX).unwrap();
        let first = index.first().unwrap().map(|(key, _)| key.value().to_vec()).unwrap();
        index.remove(first.as_slice()).unwrap();
        for table in ["email_claims", "tickets"] {
            let mut table = txn.open_table(TableDefinition::<&[u8], &[u8]>::new(table)).unwrap();
            let (key, mut value) = table
                .first()
                .unwrap()
                .map(|(key, value)| (key.value().to_vec(), value.value().to_vec()))
                .unwrap();
            *value.last_mut().unwrap() ^= 1;
            table.insert(key.as_slice(), value.as_slice()).unwrap();
        }
    });
    let store = RedbStore::open(&path).unwrap();
    let report = store.check().await.unwrap();
    assert_eq!(report.problems_total, 3, "{report:?}");
    let said = report.problems.join("\n");
    assert!(said.contains("table tickets, key "), "{said}");
    assert!(said.contains("table email_claims, key with checksum "), "{said}");
    assert!(said.contains("an index lacks it"), "{said}");
    assert!(!said.contains('@') && !said.contains("őrs"), "no personal data: {said}");
    // A load of the damaged records says the same; the others are served.
    let (mut good, mut bad) = (0, 0);
    for key in client.keys() {
        match store.load(&[key].into()).await {
            Ok(_) => good += 1,
            Err(error) => {
                bad += 1;
                assert_eq!(error.kind(), eventify_core::store::StoreErrorKind::Corrupt);
                assert!(error.message().contains("the checksum is wrong"), "{error}");
            }
        }
    }
    assert_eq!((bad, good), (2, client.held.len() - 2));
}

#[tokio::test]
async fn an_index_entry_too_many_is_found() {
    let (_dir, path) = place();
    Client::default().fill(&RedbStore::open(&path).unwrap(), 0..3).await;
    meddle(&path, |txn| {
        txn.open_table(INDEX).unwrap().insert(b"stray".as_slice(), ()).unwrap();
    });
    let report = RedbStore::open(&path).unwrap().check().await.unwrap();
    assert_eq!(report.problems, ["1 index entries belong to no record"]);
}
