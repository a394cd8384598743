//! Commits whose answer was lost: settled by what the store shows, never by guessing.

use std::sync::Arc;
use std::time::Duration;

use eventify_core::booking::BookingView;
use eventify_core::store::{Kind, MemoryStore};
use eventify_core::testing::{Fault, FaultPlan, FaultStore};
use eventify_core::{Answer, Reason};
use tokio::time::Instant;

use crate::rigged::*;

type Faulty = Arc<FaultStore<MemoryStore>>;

async fn faulty(seed: u64) -> (Faulty, Shop) {
    let store = Arc::new(FaultStore::new(MemoryStore::new(), seed, FaultPlan::NONE));
    let shop = shop(store.clone(), 10).await;
    (store, shop)
}

/// Exactly so many bookings, also when everything has arrived that was under way.
async fn assert_bookings(store: &Faulty, expected: usize, what: &str) {
    for _ in 0..2 {
        assert_eq!(count(store.inner(), Kind::Booking).await, expected, "{what}");
        assert_sound(store.inner()).await;
        store.let_late_commits_arrive().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_after_the_commit_is_a_yes() {
    let (store, shop) = faulty(1).await;
    store.script([Fault::LostApplied]);
    shop.hold_now(&buyer(1)).await.unwrap();
    assert_bookings(&store, 1, "applied").await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_with_the_commit_is_tried_again() {
    let (store, shop) = faulty(1).await;
    store.script([Fault::LostNotApplied]);
    shop.hold_now(&buyer(1)).await.unwrap();
    assert_bookings(&store, 1, "not applied").await;
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_arrives_late_happens_once() {
    for operations in 0..8 {
        let (store, shop) = faulty(1).await;
        store.script([Fault::LostAndLate(operations)]);
        shop.hold_now(&buyer(1)).await.unwrap();
        assert_bookings(&store, 1, &format!("late by {operations}")).await;
    }
}

/// Asks again and again, as a client does, until there is an answer.
async fn persist(shop: &Shop, key: &str) -> Answer<BookingView> {
    for _ in 0..5 {
        match shop.hold_once(key).await {
            Ok(held) => return held,
            Err(error) => assert_eq!(error.reason(), Reason::StoreUnavailable),
        }
    }
    panic!("five faults of four");
}

#[tokio::test(start_paused = true)]
async fn any_four_faults_in_a_row_do_it_once_or_not_at_all() {
    const FAULTS: [Fault; 7] = [
        Fault::None,
        Fault::Conflict,
        Fault::Unavailable,
        Fault::LostApplied,
        Fault::LostNotApplied,
        Fault::LostAndLate(0),
        Fault::LostAndLate(3),
    ];
    for n in 0..FAULTS.len().pow(4) {
        let script: Vec<Fault> =
            (0..4u32).map(|place| FAULTS[n / FAULTS.len().pow(place) % FAULTS.len()]).collect();
        let (store, shop) = faulty(u64::try_from(n).unwrap()).await;
        store.script(script.clone());
        let first = shop.hold_once("once").await;
        if let Ok(held) = &first {
            assert!(!held.is_replayed());
            assert_bookings(&store, 1, &format!("{script:?}")).await;
        }
        let again = persist(&shop, "once").await;
        if let Ok(held) = first {
            assert!(again.is_replayed() && again.id == held.id, "{script:?}");
        }
        assert_bookings(&store, 1, &format!("{script:?}, repeated")).await;
        persist(&shop, "another").await;
        assert_bookings(&store, 2, &format!("{script:?}, and another")).await;
        shop.eventify.shut_down().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_be_asked_leaves_it_open_and_a_repeat_settles_it() {
    for fault in [Fault::LostApplied, Fault::LostNotApplied, Fault::LostAndLate(40)] {
        for arrives_before in [true, false] {
            let (store, shop) = faulty(1).await;
            store.script([&[fault][..], &[Fault::Unavailable; 10]].concat());
            let error = shop.hold_once("once").await.unwrap_err();
            assert_eq!(error.reason(), Reason::StoreUnavailable, "{fault:?}");
            assert!(error.is_retryable());
            if arrives_before {
                store.let_late_commits_arrive().await;
            }
            shop.hold_once("once").await.unwrap();
            assert_bookings(&store, 1, &format!("{fault:?}")).await;
        }
    }
}

/// With a store that does not even refuse, callers wait for the settling's own limit and not for ten of the store's.
#[tokio::test(start_paused = true)]
async fn a_store_that_says_nothing_is_not_waited_for_long() {
    let rigged = Rigged::new();
    let store = Arc::new(FaultStore::new(rigged.clone(), 1, FaultPlan::NONE));
    let shop = shop(store.clone(), 10).await;
    rigged.close();
    store.script([Fault::LostNotApplied]);
    let begun = Instant::now();
    let error = shop.hold_once("once").await.unwrap_err();
    assert_eq!(error.reason(), Reason::StoreUnavailable);
    assert!(error.is_retryable());
    assert!(begun.elapsed() <= Duration::from_secs(6), "{:?}", begun.elapsed());
    rigged.open();
    shop.hold_once("once").await.unwrap();
    shop.hold_once("once").await.unwrap();
    assert_eq!(count(rigged.memory(), Kind::Booking).await, 1);
    assert_sound(rigged.memory()).await;
}

#[tokio::test(start_paused = true)]
async fn a_whole_batch_is_settled_at_once() {
    for fault in [Fault::LostApplied, Fault::LostNotApplied, Fault::LostAndLate(1)] {
        let (store, shop) = faulty(1).await;
        store.script([fault]);
        let answers = futures_util::future::join_all((0..8).map(|n| shop.hold(buyer(n)))).await;
        assert!(answers.into_iter().all(|held| held.unwrap().is_ok()), "{fault:?}");
        assert_bookings(&store, 8, &format!("{fault:?}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_keyring_whose_commit_was_lost_is_found_or_made() {
    for fault in [Fault::LostApplied, Fault::LostNotApplied] {
        let store = Arc::new(FaultStore::new(MemoryStore::new(), 1, FaultPlan::NONE));
        store.script([fault]);
        shop(store.clone(), 1).await;
        assert_eq!(count(store.inner(), Kind::Keyring).await, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_mark_that_was_swept_does_not_stop_a_lane() {
    let (store, shop) = faulty(1).await;
    shop.clock.advance(8 * crate::common::DAY);
    shop.eventify.jobs().run_due().await.unwrap();
    assert!(count(store.inner(), Kind::LaneMark).await > 0);
    let clock = shop.clock.clone();
    let other = engine(store.clone(), 9, &clock).await;
    clock.advance(8 * crate::common::DAY);
    other.jobs().sweep().await.unwrap();
    let (event, kind) = fill(&shop.eventify, &clock, 10).await;
    let lines = crate::common::lines(event, &[(kind, 1)]);
    store.script([Fault::LostApplied]);
    shop.eventify.bookings().hold(&buyer(1), lines).await.unwrap();
    assert_bookings(&store, 1, "after a sweep").await;
}
