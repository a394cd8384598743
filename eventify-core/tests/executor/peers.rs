//! Processes over one store: turns where they collide, keys and jobs that another one made.

use std::sync::Arc;
use std::time::Duration;

use eventify_core::account::Login;
use eventify_core::booking::BookingView;
use eventify_core::store::Key;
use eventify_core::testing::{FakeClock, FaultPlan, FaultStore};
use eventify_core::{Actor, Eventify, Reason};
use futures_util::future::join_all;

use crate::common::{anonymous, credentials, email_of, lines};
use crate::rigged::*;

/// Engines that are slow enough to get in each other's way.
async fn rivals(store: &Rigged, count: u64, clock: &FakeClock) -> Vec<(Arc<FaultStore<Rigged>>, Eventify)> {
    let mut engines = Vec::new();
    for n in 1..=count {
        let plan = FaultPlan { yields_max: 20, ..FaultPlan::NONE };
        let slow = Arc::new(FaultStore::new(store.clone(), n, plan));
        engines.push((slow.clone(), engine(slow, n, clock).await));
    }
    engines
}

#[tokio::test(start_paused = true)]
async fn processes_that_sell_one_event_take_turns_and_all_get_on() {
    let (store, clock) = (Rigged::new(), FakeClock::default());
    let engines = rivals(&store, 3, &clock).await;
    let (event, kind) = fill(&engines[0].1, &clock, 100_000).await;
    let before = store.refused();
    let sell = |n: usize| {
        let engine = engines[n % 3].1.clone();
        async move {
            let mut bought = 0;
            for turn in 0..30 {
                let request = lines(event, &[(kind, 1)]);
                engine.bookings().buy(&buyer(n * 30 + turn), request).await.unwrap();
                bought += 1;
            }
            bought
        }
    };
    let bought: usize = join_all((0..24).map(sell)).await.into_iter().sum();
    assert_eq!(bought, 720);
    let refused = store.refused() - before;
    assert!(refused <= 12, "they collide until they know of each other, not all the time: {refused}");
    assert_sound(store.memory()).await;
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_never_comes_holds_up_nobody_for_long() {
    let (store, clock) = (Rigged::new(), FakeClock::default());
    let engines = rivals(&store, 2, &clock).await;
    let (event, kind) = fill(&engines[0].1, &clock, 1_000).await;
    // A process that has a turn and is stopped.
    use eventify_core::store::Store as _;
    let stuck = store.memory().turn(&[Key::Event(event)].into()).await.unwrap().unwrap();
    let sell = |n: usize| {
        let engine = engines[n % 2].1.clone();
        async move { engine.bookings().buy(&buyer(n), lines(event, &[(kind, 1)])).await.unwrap() }
    };
    let begun = tokio::time::Instant::now();
    for round in 0..10 {
        join_all((0..10).map(|n| sell(round * 10 + n))).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    drop(stuck);
    assert_sound(store.memory()).await;
}

/// With a turn at some of its events only, a batch would hold rows out of order; and one that grew beyond its turn would
/// have taken it in vain.
#[tokio::test(start_paused = true)]
async fn a_turn_reaches_to_all_events_of_its_batch_and_is_used() {
    let (store, clock) = (Rigged::new(), FakeClock::default());
    let engines = rivals(&store, 2, &clock).await;
    let here = engines[0].1.clone();
    let mut on_sale = Vec::new();
    for _ in 0..3 {
        on_sale.push(fill(&here, &clock, 100_000).await);
    }
    let sell = |n: usize| {
        // Both sell all events, each event with its own rhythm.
        let (engine, (event, kind)) = (engines[n % 2].1.clone(), on_sale[n % 3]);
        async move {
            for turn in 0..20 {
                tokio::time::sleep(Duration::from_millis(u64::try_from(n % 5).unwrap())).await;
                engine.bookings().buy(&buyer(n * 20 + turn), lines(event, &[(kind, 1)])).await.unwrap();
            }
        }
    };
    let before = store.refused();
    join_all((0..30).map(sell)).await;
    let taken = store.taken();
    let all: std::collections::BTreeSet<Key> = on_sale.iter().map(|(event, _)| Key::Event(*event)).collect();
    assert!(taken.iter().any(|at| at.len() > 1), "no batch was about several events");
    assert!(taken.iter().all(|at| at.is_subset(&all)));
    assert_eq!(store.in_turns(), taken.len(), "a turn was taken in vain");
    assert!(store.refused() - before <= 20, "{}", store.refused() - before);
    assert_sound(store.memory()).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_alone_never_asks_for_a_turn() {
    let store = Rigged::new();
    let shop = shop(store.clone(), 1_000).await;
    for round in 0..5 {
        let held: Vec<_> = (0..20).map(|n| shop.hold(buyer(round * 20 + n))).collect();
        assert!(join_all(held).await.into_iter().all(|held| held.unwrap().is_ok()));
    }
    assert_eq!(store.turns(), 0);
}

async fn bought(by: &Eventify, clock: &FakeClock) -> (Actor, BookingView) {
    let (event, kind) = fill(by, clock, 10).await;
    let bought = by.bookings().buy(&buyer(1), lines(event, &[(kind, 1)])).await.unwrap();
    (buyer(1), bought.booking.clone())
}

#[tokio::test(start_paused = true)]
async fn new_keys_are_good_everywhere_at_once() {
    for mute in [false, true] {
        let (store, clock) = (Rigged::new(), FakeClock::default());
        let here = engine(store.clone(), 1, &clock).await;
        let there = engine(store.clone(), 2, &clock).await;
        if mute {
            store.mute();
        }
        let register = eventify_core::account::Register::new("Bob", email_of("Bob"), crate::common::PASSWORD);
        here.accounts().register(&anonymous(), register).await.unwrap();
        for _ in 0..3 {
            here.tickets().rotate_keys(&Actor::system()).await.unwrap();
            let (who, booking) = bought(&here, &clock).await;
            let code = &booking.tickets[0].code;
            let seen = there.tickets().validate(&who, code, Default::default()).await.unwrap();
            assert!(seen.valid, "a code of the new key, mute: {mute}");
            let login: Login = credentials("Bob", crate::common::PASSWORD);
            let tokens = here.accounts().login(&anonymous(), login).await.unwrap();
            there.accounts().authenticate(&tokens.access_token).await.unwrap();
            let ours = here.tickets().public_keys(&who, booking.event_id).await.unwrap();
            assert_eq!(there.tickets().public_keys(&who, booking.event_id).await.unwrap(), ours);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn made_up_keys_do_not_hammer_the_store() {
    let (store, clock) = (Rigged::new(), FakeClock::default());
    let here = engine(store.clone(), 1, &clock).await;
    let (who, booking) = bought(&here, &clock).await;
    let mut code = data_encoding::BASE64URL_NOPAD.decode(booking.tickets[0].code.as_bytes()).unwrap();
    code[1..3].copy_from_slice(&60_000u16.to_be_bytes());
    let code = data_encoding::BASE64URL_NOPAD.encode(&code);
    let (loads, begun) = (store.loads(), tokio::time::Instant::now());
    let show = |_| async {
        let seen = here.tickets().check_in(&who, &code, Default::default()).await;
        assert_eq!(seen.unwrap_err().reason(), Reason::BadSignature);
    };
    for _ in 0..5 {
        join_all((0..1_000).map(show)).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "and nobody waits for long");
    assert!(store.loads() - loads <= 2 + 5 * 2, "{} loads", store.loads() - loads);
}

#[tokio::test(start_paused = true)]
async fn a_job_of_a_process_without_a_worker_is_done_by_another_at_once() {
    let (store, clock) = (Rigged::new(), FakeClock::default());
    let front = Eventify::builder(store.clone())
        .clock(clock.clone())
        .entropy(eventify_core::testing::SeededEntropy::new(1))
        .without_worker()
        .start()
        .await
        .unwrap();
    let back = Eventify::builder(store.clone())
        .clock(clock.clone())
        .entropy(eventify_core::testing::SeededEntropy::new(2))
        .start()
        .await
        .unwrap();
    let (event, kind) = fill(&front, &clock, 10).await;
    front.bookings().hold(&buyer(1), lines(event, &[(kind, 2)])).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1)).await;
    // Whose sweep is due at once.
    let begun = tokio::time::Instant::now();
    front.events().cancel(&crate::common::organizer(), event, Default::default()).await.unwrap();
    while count(store.memory(), eventify_core::store::Kind::Job).await > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(begun.elapsed() < Duration::from_millis(500), "it was not called");
    }
    back.shut_down().await;
}
