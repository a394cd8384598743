//! Opening: new, old, newer, foreign, busy files.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Client, counter};
use eventify_core::store::{EventQuery, Index, Kind, Scan, Store, StoreErrorKind};
use eventify_store_redb::{OpenError, RedbStore};
use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use tempfile::TempDir;

const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("eventify_meta");
const INDEX: TableDefinition<'_, &[u8], ()> = TableDefinition::new("index_entries");

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("eventify.redb");
    (dir, path)
}

/// Refused, and the file is byte for byte what it was.
fn refused(path: &Path) -> OpenError {
    let before = fs::read(path).unwrap();
    let error = RedbStore::open(path).unwrap_err();
    assert!(fs::read(path).unwrap() == before, "the file was touched: {error}");
    assert!(error.to_string().contains("eventify.redb"), "{error}");
    error
}

#[tokio::test]
async fn a_missing_file_is_made_and_only_when_asked_for() {
    let (dir, path) = place();
    let error = RedbStore::builder().create(false).open(&path).unwrap_err();
    assert!(error.is_missing(), "{error}");
    assert!(!path.exists());
    drop(RedbStore::open(&path).unwrap());
    RedbStore::builder().create(false).open(&path).unwrap().ping().await.unwrap();
    let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["eventify.redb"], "nothing else is left behind");
}

#[tokio::test]
async fn a_file_that_was_closed_is_free_while_its_store_is_held() {
    let (_dir, path) = place();
    let held = RedbStore::open(&path).unwrap();
    held.ping().await.unwrap();
    held.close();
    held.close();
    let again = RedbStore::open(&path).unwrap();
    again.ping().await.unwrap();
    let error = held.ping().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (StoreErrorKind::Unavailable, "the store is closed"));
    drop(held);
    again.ping().await.unwrap();
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_dir, path) = place();
    drop(RedbStore::open(&path).unwrap());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
}

#[test]
fn a_missing_directory_is_named() {
    let (dir, _) = place();
    let error = RedbStore::open(dir.path().join("nowhere/eventify.redb")).unwrap_err();
    assert!(error.is_io(), "{error}");
}

#[test]
fn something_else_is_refused_and_left_alone() {
    for content in [
        "hello".as_bytes(),
        b"r",
        b"SQLite format 3\0................",
        &[0; 4096],
        &[0xFF; 100_000],
        "redb, says the text".as_bytes(),
    ] {
        let (_dir, path) = place();
        fs::write(&path, content).unwrap();
        let error = refused(&path);
        assert!(error.is_foreign() || content == b"r" && error.is_damaged(), "{error}");
    }
}

#[test]
fn an_empty_file_is_refused_and_left_alone() {
    let (_dir, path) = place();
    fs::write(&path, b"").unwrap();
    assert!(refused(&path).is_damaged());
}

#[test]
fn a_directory_is_refused() {
    let (dir, _) = place();
    assert!(RedbStore::open(dir.path()).unwrap_err().is_io());
}

#[test]
fn another_programs_redb_file_is_refused_and_left_alone() {
    let (_dir, path) = place();
    let db = Database::create(&path).unwrap();
    let txn = db.begin_write().unwrap();
    txn.open_table(TableDefinition::<u64, u64>::new("theirs")).unwrap().insert(1, 2).unwrap();
    txn.commit().unwrap();
    drop(db);
    assert!(refused(&path).is_foreign());
    // One without any table, and one whose table has the name of ours.
    let (_dir, path) = place();
    drop(Database::create(&path).unwrap());
    assert!(refused(&path).is_foreign());
    let (_dir, path) = place();
    let db = Database::create(&path).unwrap();
    let txn = db.begin_write().unwrap();
    txn.open_table(TableDefinition::<u64, u64>::new("eventify_meta")).unwrap().insert(1, 2).unwrap();
    txn.commit().unwrap();
    drop(db);
    assert!(refused(&path).is_foreign());
}

fn set_meta(path: &Path, name: &str, value: u32) {
    let db = Database::open(path).unwrap();
    let txn = db.begin_write().unwrap();
    txn.open_table(META).unwrap().insert(name, value.to_le_bytes().as_slice()).unwrap();
    txn.commit().unwrap();
}

#[test]
fn a_newer_format_is_refused_by_number_and_left_alone() {
    let (_dir, path) = place();
    drop(RedbStore::open(&path).unwrap());
    set_meta(&path, "format", 9_001);
    let error = refused(&path);
    assert!(error.is_newer(), "{error}");
    let text = error.to_string();
    assert!(text.contains("9001") && text.contains("up to 4"), "{text}");
}

#[test]
fn records_of_another_edition_are_refused_and_not_called_damaged() {
    for found in [0, 9_001] {
        let (_dir, path) = place();
        drop(RedbStore::open(&path).unwrap());
        set_meta(&path, "record_edition", found);
        let error = refused(&path);
        assert!(error.is_other_edition() && !error.is_damaged(), "{error}");
        let text = error.to_string();
        assert!(text.contains(&format!("edition {found}")) && text.contains("development version"), "{text}");
    }
}

async fn filled(path: &Path) -> Client {
    let store = RedbStore::open(path).unwrap();
    let mut client = Client::default();
    client.fill(&store, 0..30).await;
    client
}

/// Turns a file into one of format 1: no checksums, no edition of the index, and fewer tables.
fn make_format_1(path: &Path) {
    let db = Database::open(path).unwrap();
    let txn = db.begin_write().unwrap();
    for kind in Kind::ALL {
        let mut table = txn.open_table(TableDefinition::<&[u8], &[u8]>::new(kind.table())).unwrap();
        let rows: Vec<(Vec<u8>, Vec<u8>)> = table
            .iter()
            .unwrap()
            .map(|row| row.unwrap())
            .map(|(key, value)| (key.value().to_vec(), value.value().to_vec()))
            .collect();
        for (key, value) in rows {
            let old = [&value[..8], &value[12..]].concat();
            table.insert(key.as_slice(), old.as_slice()).unwrap();
        }
    }
    let mut meta = txn.open_table(META).unwrap();
    meta.insert("format", 1u32.to_le_bytes().as_slice()).unwrap();
    meta.remove("index_edition").unwrap();
    drop(meta);
    txn.commit().unwrap();
}

#[tokio::test]
async fn a_file_of_an_older_format_opens_with_everything_in_it() {
    let (_dir, path) = place();
    let mut client = filled(&path).await;
    make_format_1(&path);
    for _ in 0..2 {
        let store = RedbStore::open(&path).unwrap();
        client.check(&store).await;
        assert!(store.check().await.unwrap().is_clean());
        let n = u32::try_from(client.held.len()).unwrap();
        client.put(&store, [counter(100_000 + n, 1)]).await;
    }
    let db = Database::open(&path).unwrap();
    let meta = db.begin_read().unwrap().open_table(META).unwrap();
    assert_eq!(meta.get("format").unwrap().unwrap().value(), 4u32.to_le_bytes());
}

/// Turns a file into one of format 3: the newest entries of each owner behind that one and a zero.
fn make_format_3(path: &Path) {
    let db = Database::open(path).unwrap();
    let txn = db.begin_write().unwrap();
    let mut index = txn.open_table(INDEX).unwrap();
    let newest = |row: &Vec<u8>| row.first() == Some(&0);
    let rows = index.iter().unwrap().map(|row| row.unwrap().0.value().to_vec());
    let rows: Vec<Vec<u8>> = rows.filter(newest).collect();
    assert!(!rows.is_empty(), "some are newest");
    for row in rows {
        index.remove(row.as_slice()).unwrap();
        let old = [&row[1..18], &[0], &row[18..]].concat();
        index.insert(old.as_slice(), ()).unwrap();
    }
    drop(index);
    txn.commit().unwrap();
    drop(db);
    set_meta(path, "format", 3);
}

#[tokio::test]
async fn newest_entries_that_lie_with_their_owners_are_found_again() {
    let (_dir, path) = place();
    let client = filled(&path).await;
    make_format_3(&path);
    let store = RedbStore::open(&path).unwrap();
    client.check(&store).await;
    let report = store.check().await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn an_index_of_an_older_edition_is_made_anew() {
    let (_dir, path) = place();
    let client = filled(&path).await;
    let db = Database::open(&path).unwrap();
    let txn = db.begin_write().unwrap();
    txn.delete_table(INDEX).unwrap();
    txn.open_table(INDEX).unwrap().insert(b"an entry that nobody makes any more".as_slice(), ()).unwrap();
    txn.delete_table(TableDefinition::<&[u8], &[u8]>::new("preferences")).unwrap();
    txn.commit().unwrap();
    drop(db);
    set_meta(&path, "index_edition", 0);
    let store = RedbStore::open(&path).unwrap();
    let report = store.check().await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    let drafts = EventQuery::with_status(eventify_core::event::EventStatus::Draft);
    let scan = Scan::first(Index::Events(drafts), 100);
    assert_eq!(store.scan(&scan).await.unwrap().items.len(), 8);
    let kept: Vec<_> = client.keys().into_iter().filter(|key| key.kind() != Kind::Preferences).collect();
    for found in store.load(&kept.into_iter().collect()).await.unwrap() {
        assert_eq!(found.record.as_ref(), client.held.get(&found.key).map(|(_, record)| record));
    }
}

#[tokio::test]
async fn a_file_is_open_once_at_a_time() {
    let (_dir, path) = place();
    let store = RedbStore::open(&path).unwrap();
    let error = RedbStore::open(&path).unwrap_err();
    assert!(error.is_in_use(), "{error}");
    assert!(error.to_string().contains("another process"), "{error}");
    let mut client = Client::default();
    client.put(&store, [counter(1, 1)]).await;
    drop(store);
    client.check(&RedbStore::open(&path).unwrap()).await;
}

const PATH_OF_THE_PARENT: &str = "EVENTIFY_TEST_STORE";

/// The other process of the next test; by itself it has nothing to open.
#[test]
fn open_the_file_of_the_parent() {
    let Some(path) = std::env::var_os(PATH_OF_THE_PARENT) else { return };
    let error = RedbStore::open(path).unwrap_err();
    assert!(error.is_in_use(), "{error}");
    println!("refused: {error}");
}

#[test]
fn a_second_process_is_refused_with_the_reason() {
    let (_dir, path) = place();
    let store = RedbStore::open(&path).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "open_the_file_of_the_parent", "--nocapture"])
        .env(PATH_OF_THE_PARENT, &path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}");
    assert!(said.contains("another process has it open"), "{said}");
    drop(store);
}

#[test]
fn two_that_make_the_file_at_once_do_not_lose_each_other() {
    let (_dir, path) = place();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || {
                RedbStore::open(path).is_ok_and(|store| {
                    drop(store);
                    true
                })
            })
        })
        .collect();
    let opened = threads.into_iter().filter_map(|t| t.join().unwrap().then_some(())).count();
    assert!(opened >= 1);
    drop(RedbStore::open(&path).unwrap());
}

#[tokio::test]
async fn a_store_works_without_any_runtime_of_its_own() {
    let (_dir, path) = place();
    let store = RedbStore::open(&path).unwrap();
    // A thread that knows no runtime.
    let done = std::thread::spawn(move || {
        let mut client = Client::default();
        pollster(client.put(&store, [counter(1, 1)]));
        pollster(client.check(&store));
        drop(store);
    });
    done.join().unwrap();
}

/// Polls until it is done: the simplest executor there is.
fn pollster<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
        std::thread::yield_now();
    }
}
