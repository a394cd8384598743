//! What is decided while a commit is under way: with it, after it, and never instead of it.

use eventify_core::Reason;
use eventify_core::store::{AllowanceKey, Key};
use futures_util::future::join_all;

use crate::common::id_of;
use crate::rigged::*;

/// As many as are worth deciding on ahead.
const SOME: usize = 40;

/// A first hold whose commit waits at the gate, and some that queued behind it and are decided already.
async fn decided_ahead(
    store: &Rigged,
    shop: &Shop,
) -> (tokio::task::JoinHandle<Held>, Vec<tokio::task::JoinHandle<Held>>) {
    store.close();
    let first = shop.hold(buyer(0));
    store.until_a_commit_waits().await;
    let loads = store.loads();
    let queued: Vec<_> = (1..=SOME).map(|n| shop.hold(buyer(n))).collect();
    let_tasks_run().await;
    assert_eq!(store.loads() - loads, 1, "what they need is read while the commit waits");
    assert!(queued.iter().all(|held| !held.is_finished()), "and nobody is told");
    (first, queued)
}

#[tokio::test]
async fn the_next_batch_is_decided_while_the_last_one_is_committed() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1_000).await;
    let (first, queued) = decided_ahead(&store, &shop).await;
    let (commits, loads) = (store.commits(), store.loads());
    store.open();
    first.await.unwrap().unwrap();
    assert!(join_all(queued).await.into_iter().all(|held| held.unwrap().is_ok()));
    assert_eq!((store.commits() - commits, store.loads() - loads), (2, 0), "nothing is read again");
    assert_eq!(store.refused(), 0, "each commit found what the one before it wrote");
    assert_eq!(shop.counted().await, (0, 41));
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn who_comes_after_it_was_decided_comes_along() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1_000).await;
    let (first, mut queued) = decided_ahead(&store, &shop).await;
    queued.extend((1..=3).map(|n| shop.hold(buyer(SOME + n))));
    let_tasks_run().await;
    let commits = store.commits();
    store.open();
    first.await.unwrap().unwrap();
    assert!(join_all(queued).await.into_iter().all(|held| held.unwrap().is_ok()));
    assert_eq!(store.commits() - commits, 2);
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn a_commit_that_failed_is_forgotten_by_those_behind_it() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1).await;
    let (first, queued) = decided_ahead(&store, &shop).await;
    store.fail_once();
    store.open();
    let error = first.await.unwrap().unwrap_err();
    assert!(error.is_retryable(), "{error}");
    let answers: Vec<_> = join_all(queued).await.into_iter().map(Result::unwrap).collect();
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, SOME - 1), "the seat that the first one did not get");
    assert!(lost.into_iter().all(|l| l.unwrap_err().reason() == Reason::NotEnoughLeft));
    assert_eq!(store.refused(), 0, "nothing was sent that rested on the failed commit");
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn somebody_else_was_faster_than_both() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 2).await;
    let (first, queued) = decided_ahead(&store, &shop).await;
    let other = engine(store.beside(), 2, &shop.clock).await;
    let request = crate::common::lines(shop.event, &[(shop.kind, 1)]);
    other.bookings().hold(&buyer(199), request).await.unwrap();
    store.open();
    let mut answers = vec![first.await.unwrap()];
    answers.extend(join_all(queued).await.into_iter().map(Result::unwrap));
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, SOME), "one seat was left");
    assert!(lost.into_iter().all(|l| l.unwrap_err().reason() == Reason::NotEnoughLeft));
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn a_batch_that_failed_badly_takes_nobody_with_it() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1_000).await;
    let (first, queued) = decided_ahead(&store, &shop).await;
    store.panic_once();
    store.open();
    assert_eq!(first.await.unwrap().unwrap_err().reason(), Reason::Internal);
    assert!(join_all(queued).await.into_iter().all(|held| held.unwrap().is_ok()));
    assert_eq!(shop.counted().await, (0, 40));
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn a_record_that_cannot_be_read_ahead_is_the_fate_of_those_who_need_it() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1_000).await;
    store.close();
    let first = shop.hold(buyer(0));
    store.until_a_commit_waits().await;
    let unlucky = AllowanceKey { ticket_type_id: shop.kind, user_id: id_of(&buyer(7)) };
    store.corrupt(Key::Allowance(unlucky));
    let queued: Vec<_> = (1..=SOME).map(|n| shop.hold(buyer(n))).collect();
    let_tasks_run().await;
    store.open();
    first.await.unwrap().unwrap();
    for (n, held) in (1..).zip(join_all(queued).await) {
        let held = held.unwrap().map(drop).map_err(|error| error.reason());
        assert_eq!(held, if n == 7 { Err(Reason::Internal) } else { Ok(()) }, "{n}");
    }
    store.calm();
    assert_sound(store.memory()).await;
}
