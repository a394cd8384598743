//! One commit for all that queued while the last one was under way; and no more than may queue.

use eventify_core::Reason;
use eventify_core::store::Kind;
use futures_util::FutureExt;
use futures_util::future::join_all;

use crate::rigged::*;

#[tokio::test]
async fn what_queued_during_a_commit_is_one_commit() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1_000).await;
    store.close();
    let first = shop.hold(buyer(0));
    store.until_a_commit_waits().await;
    let (commits, loads) = (store.commits(), store.loads());
    let queued: Vec<_> = (1..=300).map(|n| shop.hold(buyer(n))).collect();
    let_tasks_run().await;
    assert!(!first.is_finished(), "nobody is answered before the commit");
    store.open();
    first.await.unwrap().unwrap();
    for held in join_all(queued).await {
        held.unwrap().unwrap();
    }
    assert_eq!(store.commits() - commits, 2, "the first one alone, and the three hundred together");
    assert!(store.loads() - loads <= 3, "what they need is loaded together, too: {}", store.loads() - loads);
    assert_eq!(shop.counted().await, (0, 301));
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn a_commit_carries_at_most_its_number_of_commands() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 5_000).await;
    store.close();
    let first = shop.hold(buyer(0));
    store.until_a_commit_waits().await;
    let commits = store.commits();
    let queued: Vec<_> = (1..=1_025).map(|n| shop.hold(buyer(n))).collect();
    let_tasks_run().await;
    store.open();
    first.await.unwrap().unwrap();
    assert!(join_all(queued).await.into_iter().all(|held| held.unwrap().is_ok()));
    assert_eq!(store.commits() - commits, 1 + 3, "512, 512 and the rest");
}

#[tokio::test]
async fn one_refused_command_changes_nothing_for_the_others_of_its_batch() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 10).await;
    store.close();
    let first = shop.hold(buyer(0));
    store.until_a_commit_waits().await;
    let queued: Vec<_> = (1..=15).map(|n| shop.hold(buyer(n))).collect();
    let_tasks_run().await;
    store.open();
    first.await.unwrap().unwrap();
    let answers: Vec<_> = join_all(queued).await.into_iter().map(Result::unwrap).collect();
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (9, 6));
    assert!(lost.into_iter().all(|l| l.unwrap_err().reason() == Reason::NotEnoughLeft));
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn a_refusal_waits_for_the_commit_that_it_rests_on() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1).await;
    store.close();
    let winner = shop.hold(buyer(1));
    let loser = shop.hold(buyer(2));
    let_tasks_run().await;
    assert!(!winner.is_finished() && !loser.is_finished());
    store.open();
    winner.await.unwrap().unwrap();
    assert_eq!(loser.await.unwrap().unwrap_err().reason(), Reason::NotEnoughLeft);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    const NEXT_BATCH: usize = 512;
    const QUEUE: usize = 8_192;
    let store = Rigged::new();
    let shop = shop(store.clone(), 100_000).await;
    store.close();
    let first = shop.hold(buyer(0));
    store.until_a_commit_waits().await;
    // The next batch is taken out of the queue already, to be decided ahead.
    let mut queued: Vec<_> = (0..NEXT_BATCH).map(|n| shop.hold(buyer(n))).collect();
    let_tasks_run().await;
    queued.extend((0..QUEUE).map(|n| shop.hold(buyer(n))));
    let_tasks_run().await;
    assert!(queued.iter().all(|held| !held.is_finished()), "all of them fit");
    for n in 0..100 {
        let error = shop.hold_now(&buyer(n)).await.unwrap_err();
        assert_eq!(error.reason(), Reason::Overloaded);
        assert!(error.is_retryable() && error.retry_after().is_some());
    }
    store.open();
    first.await.unwrap().unwrap();
    assert!(
        join_all(queued).await.into_iter().all(|held| held.unwrap().is_ok()),
        "what was accepted is done"
    );
    let held = u32::try_from(1 + NEXT_BATCH + QUEUE).unwrap();
    assert_eq!(shop.counted().await, (0, held), "what was refused is not");
    shop.hold_now(&buyer(1)).await.unwrap();
}

#[tokio::test]
async fn a_caller_who_goes_away_takes_nothing_back() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 10).await;
    store.close();
    assert!(shop.hold_once("once").now_or_never().is_none(), "asked, and left without the answer");
    let aborted = shop.hold(buyer(7));
    let_tasks_run().await;
    aborted.abort();
    store.open();
    let again = shop.hold_once("once").await.unwrap();
    assert!(again.is_replayed(), "it happened, and can be asked for again");
    assert_eq!(shop.counted().await, (0, 2));
    assert_eq!(count(store.memory(), Kind::Booking).await, 2);
}

#[tokio::test]
async fn an_idle_engine_answers_with_one_load_and_one_commit() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 10).await;
    let (commits, loads) = (store.commits(), store.loads());
    shop.hold_now(&buyer(1)).await.unwrap();
    assert_eq!((store.commits() - commits, store.loads() - loads), (1, 1));
}

#[tokio::test]
async fn records_that_only_records_name_take_another_round() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 10).await;
    let held = shop.hold_now(&buyer(1)).await.unwrap().id;
    let (commits, loads) = (store.commits(), store.loads());
    let confirmed = shop.eventify.bookings().confirm(&buyer(1), held).await.unwrap();
    assert_eq!(confirmed.tickets.len(), 1);
    assert_eq!(store.commits() - commits, 1);
    assert!((2..=4).contains(&(store.loads() - loads)), "{} loads", store.loads() - loads);
}
