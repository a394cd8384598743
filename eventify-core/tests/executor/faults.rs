//! A store that fails, and what callers are told.

use std::sync::Arc;

use eventify_core::store::{Key, MemoryStore};
use eventify_core::testing::{Fault, FaultPlan, FaultStore};
use eventify_core::{Eventify, Reason};
use futures_util::future::join_all;

use crate::rigged::*;

#[tokio::test]
async fn an_unavailable_store_is_told_to_come_back_and_heals() {
    let store = Arc::new(FaultStore::new(MemoryStore::new(), 1, FaultPlan::NONE));
    let shop = shop(store.clone(), 10).await;
    store.script([Fault::Unavailable]);
    let error = shop.hold_now(&buyer(1)).await.unwrap_err();
    assert_eq!(error.reason(), Reason::StoreUnavailable);
    assert!(error.is_retryable() && error.retry_after().is_some());
    assert_eq!(shop.counted().await, (0, 0));
    shop.hold_now(&buyer(1)).await.unwrap();
    store.set_plan(FaultPlan { reads_unavailable: 1_000, ..FaultPlan::NONE });
    assert_eq!(shop.hold_now(&buyer(1)).await.unwrap_err().reason(), Reason::StoreUnavailable);
    assert_eq!(shop.eventify.ping().await.unwrap_err().reason(), Reason::StoreUnavailable);
    let run = shop.eventify.jobs().run_due().await;
    assert_eq!(run.unwrap_err().reason(), Reason::StoreUnavailable);
    store.set_plan(FaultPlan::NONE);
    shop.eventify.ping().await.unwrap();
    shop.hold_now(&buyer(1)).await.unwrap();
    assert_eq!(shop.counted().await, (0, 2));
}

#[tokio::test]
async fn an_engine_does_not_start_on_a_store_that_cannot_be_read() {
    let store =
        FaultStore::new(MemoryStore::new(), 1, FaultPlan { reads_unavailable: 1_000, ..FaultPlan::NONE });
    let error = Eventify::builder(store).without_worker().start().await.unwrap_err();
    assert_eq!(error.reason(), Reason::StoreUnavailable);
}

#[tokio::test]
async fn a_corrupt_record_is_internal_and_names_nothing() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 10).await;
    let held = shop.hold_now(&buyer(1)).await.unwrap().id;
    store.corrupt(Key::Booking(held));
    let error = shop.eventify.bookings().get(&buyer(1), held).await.unwrap_err();
    assert_eq!(error.reason(), Reason::Internal);
    assert!(!error.is_retryable());
    assert!(!error.to_string().contains("bytes too many"), "the store's words are for the log");
}

#[tokio::test]
async fn a_corrupt_record_disturbs_nobody_who_does_not_need_it() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 10).await;
    let key = eventify_core::store::AllowanceKey {
        ticket_type_id: shop.kind,
        user_id: crate::common::id_of(&buyer(3)),
    };
    store.corrupt(Key::Allowance(key));
    let answers = join_all((1..=8).map(|n| shop.hold(buyer(n)))).await;
    let refused: Vec<_> =
        answers.into_iter().filter_map(|held| held.unwrap().err()).map(|e| e.reason()).collect();
    assert_eq!(refused, [Reason::Internal]);
    assert_eq!(shop.counted().await, (0, 7));
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn a_batch_that_panics_takes_nobody_elses_lane_away() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 10).await;
    store.panic_once();
    let error = shop.hold_now(&buyer(1)).await.unwrap_err();
    assert_eq!(error.reason(), Reason::Internal, "its own caller is told");
    shop.hold_now(&buyer(1)).await.unwrap();
    assert_eq!(shop.counted().await, (0, 1));
    assert_sound(store.memory()).await;
}

#[tokio::test(start_paused = true)]
async fn a_storm_loses_nothing_that_was_acknowledged() {
    for seed in 0..20 {
        let store = Arc::new(FaultStore::new(MemoryStore::new(), seed, FaultPlan::NONE));
        let shop = shop(store.clone(), 500).await;
        store.set_plan(FaultPlan::STORM);
        let answers = join_all((0..200).map(|n| shop.hold(buyer(n)))).await;
        store.set_plan(FaultPlan::NONE);
        store.let_late_commits_arrive().await;
        let acknowledged = answers.into_iter().filter_map(|held| held.unwrap().ok());
        for held in acknowledged {
            shop.eventify.bookings().get(&crate::common::admin(), held.id).await.unwrap();
        }
        assert_sound(store.inner()).await;
    }
}
