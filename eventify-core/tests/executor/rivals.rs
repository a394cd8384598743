//! Several writers on one store: nobody's change is lost, and nobody tries for ever.

use eventify_core::Reason;
use eventify_core::store::Key;
use eventify_core::testing::{Fault, FaultPlan, FaultStore};
use futures_util::future::join_all;

use crate::common::{id_of, lines, organizer};
use crate::rigged::*;

#[tokio::test(start_paused = true)]
async fn two_engines_lose_nothing_to_each_other() {
    let store = Rigged::new();
    let slow = FaultStore::new(store.clone(), 3, FaultPlan { yields_max: 5, ..FaultPlan::NONE });
    let ours = shop(slow, 150).await;
    let slow = FaultStore::new(store.clone(), 4, FaultPlan { yields_max: 5, ..FaultPlan::NONE });
    let theirs = engine(slow, 2, &ours.clock).await;
    let buy = async |n: usize| {
        let engine = if n.is_multiple_of(2) { &ours.eventify } else { &theirs };
        engine.bookings().buy(&buyer(n), lines(ours.event, &[(ours.kind, 1)])).await
    };
    let answers = join_all((0..200).map(buy)).await;
    let won = answers.iter().filter(|a| a.is_ok()).count();
    assert_eq!(won, 150);
    let lost = answers.into_iter().filter_map(Result::err);
    assert!(lost.map(|e| e.reason()).all(|r| r == Reason::SoldOut), "nobody gave up");
    assert_eq!(ours.counted().await, (150, 0));
    assert_sound(store.memory()).await;
}

#[tokio::test(start_paused = true)]
async fn a_batch_in_conflict_is_tried_again_and_then_halved() {
    let store = Rigged::new();
    let fault = std::sync::Arc::new(FaultStore::new(store.clone(), 3, FaultPlan::NONE));
    let shop = shop(fault.clone(), 100).await;
    store.close();
    let first = shop.hold(buyer(0));
    store.until_a_commit_waits().await;
    let commits = fault.counts().commits;
    let queued: Vec<_> = (1..=8).map(|n| shop.hold(buyer(n))).collect();
    let_tasks_run().await;
    // The batch of eight twice, its first half twice, a quarter of it twice; the rest goes through.
    fault.script([Fault::Conflict; 6]);
    store.open();
    first.await.unwrap().unwrap();
    assert!(join_all(queued).await.into_iter().all(|held| held.unwrap().is_ok()));
    assert_eq!(fault.counts().commits - commits, 6 + 4, "one, one, two, four");
    assert_eq!(shop.counted().await, (0, 9));
    assert_sound(store.memory()).await;
}

#[tokio::test(start_paused = true)]
async fn a_record_that_never_stands_still_is_contention_for_those_who_need_it() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 100).await;
    let allowance =
        eventify_core::store::AllowanceKey { ticket_type_id: shop.kind, user_id: id_of(&buyer(3)) };
    store.make_restless(Key::Allowance(allowance));
    let commits = store.commits();
    let answers = join_all((1..=8).map(|n| shop.hold(buyer(n)))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().map(Result::unwrap).partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (7, 1));
    let error = lost.into_iter().next().unwrap().unwrap_err();
    assert_eq!(error.reason(), Reason::Contention);
    assert!(error.is_retryable());
    assert!(store.commits() - commits < 50, "tried a bounded number of times");
    assert_eq!(shop.counted().await, (0, 7));
    store.calm();
    shop.hold_now(&buyer(3)).await.unwrap();
    assert_sound(store.memory()).await;
}

#[tokio::test(start_paused = true)]
async fn an_address_that_two_engines_want_goes_to_one() {
    let store = Rigged::new();
    let clock = eventify_core::testing::FakeClock::default();
    let (one, two) = (engine(store.clone(), 1, &clock).await, engine(store.clone(), 2, &clock).await);
    let ada = eventify_core::account::Register::new("Ada", "ada@example.org", "correct horse battery");
    let nobody = eventify_core::Actor::anonymous();
    let (one, two) = (one.accounts(), two.accounts());
    let (one, two) = tokio::join!(one.register(&nobody, ada.clone()), two.register(&nobody, ada));
    let refused: Vec<_> = [one.err(), two.err()].into_iter().flatten().map(|e| e.reason()).collect();
    assert_eq!(refused, [Reason::EmailTaken]);
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn engines_that_start_at_once_share_one_keyring() {
    let store = Rigged::new();
    let clock = eventify_core::testing::FakeClock::default();
    let engines = join_all((0..5).map(|n| engine(store.clone(), n, &clock))).await;
    let (event, kind) = fill(&engines[0], &clock, 10).await;
    let bought = engines[1].bookings().buy(&buyer(1), lines(event, &[(kind, 1)])).await.unwrap();
    for engine in &engines {
        let code = &bought.tickets[0].code;
        let seen = engine.tickets().validate(&buyer(1), code, Default::default()).await.unwrap();
        assert!(seen.valid);
    }
}

#[tokio::test(start_paused = true)]
async fn a_decision_on_what_another_engine_has_changed_meanwhile_is_made_anew() {
    let store = Rigged::new();
    let ours = shop(store.clone(), 10).await;
    let theirs = engine(store.beside(), 2, &ours.clock).await;
    store.close();
    let bought = ours.eventify.clone();
    let request = lines(ours.event, &[(ours.kind, 1)]);
    let bought = tokio::spawn(async move { bought.bookings().buy(&buyer(1), request).await });
    store.until_a_commit_waits().await;
    // Decided, on an event that is on sale; and before it is written, the event is called off and swept.
    theirs.events().cancel(&organizer(), ours.event, Default::default()).await.unwrap();
    while theirs.jobs().run_due().await.unwrap() > 0 {}
    store.open();
    assert_eq!(bought.await.unwrap().unwrap_err().reason(), Reason::EventCancelled);
    assert_eq!(ours.counted().await, (0, 0));
    assert_sound(store.memory()).await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_on_what_another_engine_has_changed_meanwhile_is_made_anew() {
    let store = Rigged::new();
    let ours = shop(store.clone(), 1).await;
    let theirs = engine(store.beside(), 2, &ours.clock).await;
    let request = lines(ours.event, &[(ours.kind, 1)]);
    let taken = theirs.bookings().buy(&buyer(2), request.clone()).await.unwrap().booking.id;
    store.close();
    let bought = ours.eventify.clone();
    let bought = tokio::spawn(async move { bought.bookings().buy(&buyer(1), request).await });
    store.until_a_commit_waits().await;
    theirs.bookings().cancel(&buyer(2), taken).await.unwrap();
    store.open();
    bought.await.unwrap().unwrap();
    assert_eq!(ours.counted().await, (1, 0));
}
