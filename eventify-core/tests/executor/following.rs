//! What is handed in behind a commit that is not answered yet: in order, answered in order, and nothing without it.

use eventify_core::Reason;
use futures_util::future::join_all;
use tokio::task::JoinHandle;

use crate::rigged::*;

/// As many as are decided while a commit is made.
const SOME: usize = 40;

/// A first hold whose commit waits at the gate, and some whose commit waits behind it.
async fn followed(store: &Rigged, shop: &Shop) -> (JoinHandle<Held>, Vec<JoinHandle<Held>>) {
    store.let_follow();
    store.close();
    let first = shop.hold(buyer(0));
    store.until_a_commit_waits().await;
    let queued: Vec<_> = (1..=SOME).map(|n| shop.hold(buyer(n))).collect();
    let_tasks_run().await;
    assert_eq!(store.waiting(), 2, "the second is with the store");
    assert!(!first.is_finished() && queued.iter().all(|held| !held.is_finished()), "and nobody is told");
    (first, queued)
}

async fn answers(queued: Vec<JoinHandle<Held>>) -> (usize, Vec<Reason>) {
    let answers: Vec<Held> = join_all(queued).await.into_iter().map(Result::unwrap).collect();
    let won = answers.iter().filter(|answer| answer.is_ok()).count();
    (won, answers.into_iter().filter_map(|answer| answer.err().map(|error| error.reason())).collect())
}

#[tokio::test]
async fn what_rests_on_a_commit_is_with_the_store_before_that_is_answered() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1_000).await;
    let commits = store.commits();
    let (first, queued) = followed(&store, &shop).await;
    store.open();
    first.await.unwrap().unwrap();
    assert_eq!(answers(queued).await, (SOME, Vec::new()));
    assert_eq!((store.commits() - commits, store.refused()), (2, 0));
    assert_eq!(shop.counted().await, (0, 41));
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn a_third_is_decided_on_both_and_waits_for_the_first() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1_000).await;
    let commits = store.commits();
    let (first, mut queued) = followed(&store, &shop).await;
    let loads = store.loads();
    queued.extend((1..=SOME).map(|n| shop.hold(buyer(SOME + n))));
    let_tasks_run().await;
    assert_eq!((store.waiting(), store.loads() - loads), (2, 1), "decided, and not handed in");
    store.open();
    first.await.unwrap().unwrap();
    assert_eq!(answers(queued).await, (2 * SOME, Vec::new()));
    assert_eq!((store.commits() - commits, store.refused(), store.loads() - loads), (3, 0, 1));
    assert_eq!(shop.counted().await, (0, 81));
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn refusals_are_not_handed_in_ahead() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1).await;
    store.let_follow();
    store.close();
    let first = shop.hold(buyer(0));
    store.until_a_commit_waits().await;
    let queued: Vec<_> = (1..=SOME).map(|n| shop.hold(buyer(n))).collect();
    let_tasks_run().await;
    assert_eq!(store.waiting(), 1);
    store.open();
    first.await.unwrap().unwrap();
    assert_eq!(answers(queued).await, (0, vec![Reason::NotEnoughLeft; SOME]));
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn a_commit_that_failed_takes_what_follows_with_it_and_that_is_decided_anew() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 20).await;
    let (first, queued) = followed(&store, &shop).await;
    store.fail_once();
    store.open();
    assert!(first.await.unwrap().unwrap_err().is_retryable());
    assert_eq!(
        answers(queued).await,
        (20, vec![Reason::NotEnoughLeft; SOME - 20]),
        "the first one's seat too"
    );
    assert_eq!(store.refused(), 1, "it expected what never came");
    assert_eq!(shop.counted().await, (0, 20));
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn a_lost_answer_is_found_behind_what_followed() {
    for loses_both in [false, true] {
        let store = Rigged::new();
        let shop = shop(store.clone(), 1_000).await;
        let (first, queued) = followed(&store, &shop).await;
        store.lose_once();
        store.open();
        first.await.unwrap().unwrap();
        if loses_both {
            store.lose_once();
        }
        assert_eq!(answers(queued).await, (SOME, Vec::new()));
        assert_eq!(shop.counted().await, (0, 41), "each of them once");
        assert_sound(store.memory()).await;
    }
}

#[tokio::test]
async fn somebody_else_was_faster_than_both() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 20).await;
    let (first, queued) = followed(&store, &shop).await;
    let other = engine(store.beside(), 2, &shop.clock).await;
    let request = crate::common::lines(shop.event, &[(shop.kind, 1)]);
    other.bookings().hold(&buyer(199), request).await.unwrap();
    store.open();
    first.await.unwrap().unwrap();
    assert_eq!(answers(queued).await, (18, vec![Reason::NotEnoughLeft; SOME - 18]));
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn a_store_that_fails_badly_at_the_first_takes_nobody_else_with_it() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1_000).await;
    let (first, queued) = followed(&store, &shop).await;
    store.panic_once();
    store.open();
    assert_eq!(first.await.unwrap().unwrap_err().reason(), Reason::Internal);
    assert_eq!(answers(queued).await, (SOME, Vec::new()));
    assert_eq!(shop.counted().await, (0, 40));
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn whoever_shuts_down_waits_for_what_follows() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1_000).await;
    let (first, queued) = followed(&store, &shop).await;
    let eventify = shop.eventify.clone();
    let ending = tokio::spawn(async move { eventify.shut_down().await });
    let_tasks_run().await;
    assert!(!ending.is_finished());
    store.open();
    ending.await.unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(answers(queued).await, (SOME, Vec::new()));
    assert_eq!(count(store.memory(), eventify_core::store::Kind::LaneMark).await, 0);
}
