//! Crowds of three hundred people, at two engines over one real database.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use eventify_core::store::Store;
use eventify_core::testing::crowd;
use eventify_store_postgres::PostgresStore;
use eventify_store_postgres::testing::{Database, Server};

/// As two processes have it: each with connections of its own.
async fn two() -> (Database, [Arc<dyn Store>; 2]) {
    let database = Server::shared().database().await;
    let one = PostgresStore::connect(database.url()).await.unwrap();
    let other = PostgresStore::connect(database.url()).await.unwrap();
    (database, [Arc::new(one), Arc::new(other)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_hundred_people_want_a_promo_code_for_fifty() {
    let (_database, stores) = two().await;
    crowd::wants_promo_codes(&stores).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_hundred_people_want_forty_named_seats() {
    let (_database, stores) = two().await;
    crowd::wants_named_seats(&stores).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_hundred_people_want_the_best_seats() {
    let (_database, stores) = two().await;
    crowd::wants_the_best_seats(&stores).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_hundred_people_want_a_waitlist() {
    let (_database, stores) = two().await;
    crowd::waits_in_line(&stores).await;
}
