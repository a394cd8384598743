//! Shutting down: what was accepted is answered, what comes later is refused, nothing is left behind.

use eventify_core::Reason;
use eventify_core::store::{Kind, MemoryStore};
use futures_util::FutureExt;
use futures_util::future::join_all;

use crate::rigged::*;

#[tokio::test]
async fn shutting_down_answers_what_was_accepted_and_refuses_the_rest() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1_000).await;
    store.close();
    let accepted: Vec<_> = (0..600).map(|n| shop.hold(buyer(n))).collect();
    let_tasks_run().await;
    let eventify = shop.eventify.clone();
    let ending = tokio::spawn(async move { eventify.shut_down().await });
    let_tasks_run().await;
    let error = shop.hold_now(&buyer(1)).await.unwrap_err();
    assert_eq!(error.reason(), Reason::ShuttingDown);
    assert!(error.is_retryable());
    assert!(!ending.is_finished(), "it waits for what it accepted");
    store.open();
    ending.await.unwrap();
    assert!(join_all(accepted).await.into_iter().all(|held| held.unwrap().is_ok()));
    assert_eq!(count(store.memory(), Kind::Booking).await, 600);
    assert_eq!(count(store.memory(), Kind::LaneMark).await, 0, "nothing is left behind");
    shop.eventify.shut_down().await;
    assert_eq!(shop.counted().await, (0, 600), "reading goes on");
}

#[tokio::test]
async fn whoever_gives_up_shutting_down_leaves_it_to_the_next_one() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 10).await;
    store.close();
    let accepted = shop.hold(buyer(1));
    store.until_a_commit_waits().await;
    assert!(shop.eventify.shut_down().now_or_never().is_none(), "begun, and left");
    let mut again = Box::pin(shop.eventify.shut_down());
    assert!((&mut again).now_or_never().is_none(), "it waits for what was accepted");
    store.open();
    again.await;
    assert!(accepted.await.unwrap().is_ok());
    assert_eq!(count(store.memory(), Kind::LaneMark).await, 0, "nothing is left behind");
    shop.eventify.shut_down().await;
}

#[tokio::test]
async fn an_engine_that_is_dropped_finishes_what_it_accepted() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 10).await;
    store.close();
    assert!(shop.hold_now(&buyer(1)).now_or_never().is_none(), "asked, and left without the answer");
    drop(shop);
    store.open();
    let_tasks_run().await;
    assert_eq!(count(store.memory(), Kind::Booking).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_worker_in_the_background_does_what_is_due_and_stops() {
    let clock = eventify_core::testing::FakeClock::default();
    let store = std::sync::Arc::new(MemoryStore::new());
    let eventify = eventify_core::Eventify::builder(store.clone())
        .clock(clock.clone())
        .entropy(eventify_core::testing::SeededEntropy::new(1))
        .start()
        .await
        .unwrap();
    let (event, kind) = fill(&eventify, &clock, 10).await;
    let shop = Shop { eventify, event, kind, clock };
    shop.hold_now(&buyer(1)).await.unwrap();
    shop.clock.advance(crate::common::HOUR);
    // Time of the runtime, which stands still but for this.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(shop.counted().await, (0, 0));
    shop.eventify.shut_down().await;
    assert_eq!(count(&*store, Kind::LaneMark).await, 0);
}

#[test]
fn a_host_without_a_runtime_is_served_and_can_let_go_anywhere() {
    let store = std::sync::Arc::new(MemoryStore::new());
    let eventify = eventify_core::Eventify::builder(store).without_worker().start_blocking().unwrap();
    let ping = eventify.wait(eventify.ping());
    ping.unwrap();
    eventify.wait(eventify.shut_down());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async move { drop(eventify) });
}
