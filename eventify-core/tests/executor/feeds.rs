//! A person's history as it grows: whoever tells, nothing is lost, nothing comes twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use eventify_core::notification::{Feed, SendNotification};
use eventify_core::store::{EngineId, MemoryStore, Signal, Store as _};
use eventify_core::testing::FakeClock;
use eventify_core::{Actor, Eventify, NotificationId, Reason};
use futures_util::{FutureExt, StreamExt};

use crate::common::{anonymous, email_of, lines};
use crate::rigged::*;

/// Somebody with an account, told things by two processes.
struct House {
    here: Eventify,
    there: Eventify,
    clock: FakeClock,
    store: Rigged,
    bob: Actor,
}

async fn house() -> House {
    let (store, clock) = (Rigged::new(), FakeClock::default());
    let here = engine(store.clone(), 1, &clock).await;
    let there = engine(store.clone(), 2, &clock).await;
    let bob = join(&here, "Bob").await;
    House { here, there, clock, store, bob }
}

async fn join(eventify: &Eventify, name: &str) -> Actor {
    let request = eventify_core::account::Register::new(name, email_of(name), crate::common::PASSWORD);
    let user = eventify.accounts().register(&anonymous(), request).await.unwrap();
    Actor::user(user.id, user.role)
}

async fn tell(by: &Eventify, whom: &Actor, title: &str) -> NotificationId {
    let request = SendNotification {
        user_id: whom.user_id().unwrap(),
        title: title.to_owned(),
        body: "Doors open at six.".to_owned(),
        event_id: None,
    };
    by.notifications().send(&Actor::system(), request).await.unwrap().id
}

impl House {
    async fn listen(&self) -> Feed {
        self.here.notifications().listen(&self.bob, None).await.unwrap()
    }
}

async fn next(feed: &mut Feed) -> String {
    feed.next().await.unwrap().unwrap().title
}

/// Nothing more comes, however often everybody may run.
async fn assert_quiet(feed: &mut Feed) {
    for _ in 0..50 {
        assert!(feed.next().now_or_never().is_none(), "something came twice, or early");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_any_process_tells_comes_once_and_in_order() {
    let house = house().await;
    tell(&house.here, &house.bob, "before").await;
    let mut feed = house.listen().await;
    let mut other = house.listen().await;
    assert_quiet(&mut feed).await;
    let eve = join(&house.here, "Eve").await;
    for (n, by) in [&house.here, &house.there, &house.there, &house.here].into_iter().enumerate() {
        house.clock.advance(Duration::from_millis(1));
        tell(by, &eve, "not for Bob").await;
        tell(by, &house.bob, &format!("{n}")).await;
        assert_eq!(next(&mut feed).await, format!("{n}"));
    }
    assert_quiet(&mut feed).await;
    for n in 0..4 {
        assert_eq!(next(&mut other).await, format!("{n}"));
    }
    assert_quiet(&mut other).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_read_or_told_again_does_not_come_again() {
    let house = house().await;
    let mut feed = house.listen().await;
    let id = tell(&house.there, &house.bob, "one").await;
    assert_eq!(next(&mut feed).await, "one");
    house.there.notifications().mark_read(&house.bob, id).await.unwrap();
    house.clock.advance(Duration::from_millis(1));
    tell(&house.there, &house.bob, "two").await;
    assert_eq!(next(&mut feed).await, "two");
    assert_quiet(&mut feed).await;
}

#[tokio::test(start_paused = true)]
async fn a_feed_goes_on_behind_what_was_seen() {
    let house = house().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(tell(&house.there, &house.bob, &n.to_string()).await);
        house.clock.advance(if n == 0 { Duration::from_secs(61) } else { Duration::from_secs(1) });
    }
    let mut feed = house.here.notifications().listen(&house.bob, Some(ids[2])).await.unwrap();
    tell(&house.there, &house.bob, "5").await;
    // A second before: whoever goes on may have missed it.
    for n in [1, 3, 4, 5] {
        assert_eq!(next(&mut feed).await, n.to_string());
    }
    assert_quiet(&mut feed).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_listens_to_somebody_else() {
    let house = house().await;
    let eve = join(&house.here, "Eve").await;
    let id = tell(&house.here, &eve, "for Eve").await;
    // Whom Bob is not, though he knows who it is: his own feed says nothing of it.
    let mut feed = house.listen().await;
    tell(&house.there, &eve, "for Eve, too").await;
    assert_quiet(&mut feed).await;
    let refused = async |actor: &Actor, after| {
        let feed = house.here.notifications().listen(actor, after).await;
        feed.err().map(|error| error.reason())
    };
    assert_eq!(refused(&anonymous(), None).await, Some(Reason::NotAuthenticated));
    assert_eq!(refused(&Actor::system(), None).await, Some(Reason::NotAuthenticated));
    assert_eq!(refused(&house.bob, Some(id)).await, Some(Reason::NotificationNotFound));
    let nothing = NotificationId::from_bytes([7; 16]);
    assert_eq!(refused(&house.bob, Some(nothing)).await, Some(Reason::NotificationNotFound));
    assert_eq!(refused(&eve, Some(id)).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_gets_everything_in_the_end() {
    let house = house().await;
    let mut feed = house.listen().await;
    for n in 0..450 {
        let by = if n % 3 == 0 { &house.here } else { &house.there };
        tell(by, &house.bob, &n.to_string()).await;
        house.clock.advance(Duration::from_millis(400));
        if n == 120 {
            // Begins to read, and stops.
            assert_eq!(next(&mut feed).await, "0");
        }
    }
    for n in 1..450 {
        assert_eq!(next(&mut feed).await, n.to_string());
    }
    assert_quiet(&mut feed).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_signal_costs_a_minute_and_nothing_else() {
    let house = house().await;
    let mut feed = house.listen().await;
    house.store.mute();
    tell(&house.there, &house.bob, "one").await;
    assert_quiet(&mut feed).await;
    let begun = tokio::time::Instant::now();
    assert_eq!(next(&mut feed).await, "one");
    assert!(begun.elapsed() <= Duration::from_secs(61));
}

#[tokio::test(start_paused = true)]
async fn a_process_whose_clock_is_behind_is_heard_all_the_same() {
    let house = house().await;
    let slow_clock = FakeClock::default();
    let slow = engine(house.store.clone(), 3, &slow_clock).await;
    house.clock.advance(Duration::from_secs(50));
    let mut feed = house.listen().await;
    tell(&house.here, &house.bob, "by the right clock").await;
    assert_eq!(next(&mut feed).await, "by the right clock");
    tell(&slow, &house.bob, "fifty seconds ago").await;
    assert_eq!(next(&mut feed).await, "fifty seconds ago");
    assert_quiet(&mut feed).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_on_hears_what_was_decided_before_and_came_late() {
    let house = house().await;
    let late = engine(house.store.clone(), 3, &FakeClock::default()).await;
    house.clock.advance(Duration::from_secs(50));
    let seen = tell(&house.here, &house.bob, "seen").await;
    tell(&late, &house.bob, "decided fifty seconds ago").await;
    let mut feed = house.here.notifications().listen(&house.bob, Some(seen)).await.unwrap();
    assert_eq!(next(&mut feed).await, "decided fifty seconds ago");
    assert_quiet(&mut feed).await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_goes_back_makes_no_feed_deaf_and_nothing_come_twice() {
    let house = house().await;
    let mut old = house.listen().await;
    for n in 0..20 {
        tell(&house.here, &house.bob, &n.to_string()).await;
        house.clock.advance(Duration::from_secs(120));
        assert_eq!(next(&mut old).await, n.to_string());
    }
    let mut new = house.listen().await;
    house.clock.turn_back(Duration::from_secs(3600));
    for n in 20..30 {
        tell(&house.there, &house.bob, &n.to_string()).await;
        for feed in [&mut old, &mut new] {
            assert_eq!(next(feed).await, n.to_string());
        }
        house.clock.advance(Duration::from_secs(120));
    }
    let mut resumed = house.listen().await;
    house.clock.advance(Duration::from_secs(7200));
    tell(&house.there, &house.bob, "30").await;
    for feed in [&mut old, &mut new, &mut resumed] {
        assert_eq!(next(feed).await, "30");
        assert_quiet(feed).await;
    }
}

#[tokio::test(start_paused = true)]
async fn feeds_end_with_their_engine() {
    let house = house().await;
    let (mut idle, mut busy) = (house.listen().await, house.listen().await);
    tell(&house.here, &house.bob, "last").await;
    assert_eq!(next(&mut busy).await, "last");
    house.here.shut_down().await;
    assert!(busy.next().await.is_none());
    assert!(busy.next().await.is_none(), "as often as it is asked");
    let error = house.here.notifications().listen(&house.bob, None).await.err().unwrap();
    assert_eq!(error.reason(), Reason::ShuttingDown);
    assert_eq!(next(&mut idle).await, "last", "what it was called for it still gives");
    assert!(idle.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_feed_keeps_nothing_alive() {
    let store = Arc::new(MemoryStore::new());
    let eventify = engine(store.clone(), 1, &FakeClock::default()).await;
    let bob = join(&eventify, "Bob").await;
    let mut feed = eventify.notifications().listen(&bob, None).await.unwrap();
    drop(eventify);
    assert!(feed.next().await.is_none());
    let_tasks_run().await;
    assert_eq!(Arc::strong_count(&store), 1);
}

/// Somebody who logged in.
async fn logged_in(house: &House, name: &str) -> Actor {
    let login = eventify_core::account::Login::new(email_of(name), crate::common::PASSWORD);
    let tokens = house.here.accounts().login(&anonymous(), login).await.unwrap();
    house.here.accounts().authenticate(&tokens.access_token).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn whose_session_ends_anywhere_hears_nothing_more() {
    let house = house().await;
    let (one, two) = (logged_in(&house, "Bob").await, logged_in(&house, "Bob").await);
    let mut ended = house.here.notifications().listen(&one, None).await.unwrap();
    let mut goes_on = house.here.notifications().listen(&two, None).await.unwrap();
    assert_quiet(&mut ended).await;
    let start = tokio::time::Instant::now();
    house.there.accounts().logout(&one).await.unwrap();
    let refused = ended.next().await.unwrap().unwrap_err();
    assert_eq!(refused.reason(), Reason::SessionRevoked);
    assert!(ended.next().await.is_none());
    assert!(start.elapsed() < Duration::from_secs(1), "it is signalled: {:?}", start.elapsed());
    tell(&house.there, &house.bob, "one").await;
    assert_eq!(next(&mut goes_on).await, "one");
    // A new role ends all others; what is told in the same moment is not heard.
    let three = logged_in(&house, "Bob").await;
    house.there.accounts().become_organizer(&three).await.unwrap();
    tell(&house.there, &house.bob, "two").await;
    let refused = goes_on.next().await.unwrap().map(|told| told.title);
    assert_eq!(refused.unwrap_err().reason(), Reason::SessionRevoked);
}

#[tokio::test(start_paused = true)]
async fn a_feed_makes_up_for_a_thousand_and_no_more() {
    let house = house().await;
    let beginning = NotificationId::from_bytes([0; 16]);
    let feed = house.listen().await;
    assert_eq!(feed.seen(), beginning, "nothing came yet");
    for n in 0..1_000 {
        tell(&house.here, &house.bob, &n.to_string()).await;
        house.clock.advance(Duration::from_secs(60));
    }
    let mut feed = house.here.notifications().listen(&house.bob, Some(feed.seen())).await.unwrap();
    for n in 0..1_000 {
        assert_eq!(next(&mut feed).await, n.to_string());
    }
    tell(&house.here, &house.bob, "one more").await;
    let refused = house.here.notifications().listen(&house.bob, Some(beginning)).await;
    assert_eq!(refused.err().map(|error| error.reason()), Some(Reason::TooFarBehind));
}

#[tokio::test(start_paused = true)]
async fn after_missed_signals_those_who_listen_look_some_after_others() {
    const PEOPLE: usize = 200;
    let (store, clock) = (Rigged::new(), FakeClock::default());
    let (here, there) = (engine(store.clone(), 1, &clock).await, engine(store.clone(), 2, &clock).await);
    let (event, kind) = fill(&there, &clock, 1_000).await;
    let heard = Arc::new(AtomicUsize::new(0));
    for n in 0..PEOPLE {
        let mut feed = here.notifications().listen(&buyer(n), None).await.unwrap();
        let heard = heard.clone();
        tokio::spawn(async move {
            feed.next().await.unwrap().unwrap();
            heard.fetch_add(1, Ordering::SeqCst);
        });
    }
    store.mute();
    for n in 0..PEOPLE {
        there.bookings().buy(&buyer(n), lines(event, &[(kind, 1)])).await.unwrap();
    }
    // While somebody may go on the time stands still.
    let go_on = async || {
        for _ in 0..5_000 {
            tokio::task::yield_now().await;
        }
        heard.load(Ordering::SeqCst)
    };
    assert_eq!(go_on().await, 0, "nobody told them");
    store.memory().signal(EngineId::random(), &[Signal::Missed].into());
    assert_eq!(go_on().await, 64, "of {PEOPLE}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(go_on().await, PEOPLE);
}
