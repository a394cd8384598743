//! Crowds of three hundred people, over a real file.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use eventify_core::store::Store;
use eventify_core::testing::crowd;
use eventify_store_redb::RedbStore;
use tempfile::TempDir;

fn file() -> (TempDir, [Arc<dyn Store>; 1]) {
    let dir = tempfile::tempdir().unwrap();
    let store = RedbStore::open(dir.path().join("crowd.redb")).unwrap();
    (dir, [Arc::new(store)])
}

#[tokio::test]
async fn three_hundred_people_want_a_promo_code_for_fifty() {
    let (_dir, stores) = file();
    crowd::wants_promo_codes(&stores).await;
}

#[tokio::test]
async fn three_hundred_people_want_forty_named_seats() {
    let (_dir, stores) = file();
    crowd::wants_named_seats(&stores).await;
}

#[tokio::test]
async fn three_hundred_people_want_the_best_seats() {
    let (_dir, stores) = file();
    crowd::wants_the_best_seats(&stores).await;
}

#[tokio::test]
async fn three_hundred_people_want_a_waitlist() {
    let (_dir, stores) = file();
    crowd::waits_in_line(&stores).await;
}
