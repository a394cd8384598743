//! Crowds of three hundred people, at two engines over memory.

use std::sync::Arc;

use eventify_core::store::{MemoryStore, Store};
use eventify_core::testing::crowd;

fn two() -> [Arc<dyn Store>; 2] {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    [store.clone(), store]
}

#[tokio::test(start_paused = true)]
async fn three_hundred_people_want_a_promo_code_for_fifty() {
    crowd::wants_promo_codes(&two()).await;
}

#[tokio::test(start_paused = true)]
async fn three_hundred_people_want_forty_named_seats() {
    crowd::wants_named_seats(&two()).await;
}

#[tokio::test(start_paused = true)]
async fn three_hundred_people_want_the_best_seats() {
    crowd::wants_the_best_seats(&two()).await;
}

#[tokio::test(start_paused = true)]
async fn three_hundred_people_want_a_waitlist() {
    crowd::waits_in_line(&two()).await;
}
