//! What a lane remembers: it saves reading, and nobody is ever answered by it alone.

use std::time::Duration;

use eventify_core::event::UpdateEvent;
use eventify_core::store::Key;
use eventify_core::{IfMatch, Reason};

use crate::common::{lines, organizer};
use crate::rigged::*;

/// A shop where one has bought, and another process over the same records.
async fn two_processes(seats: u32) -> (Rigged, Shop, eventify_core::Eventify) {
    let store = Rigged::new();
    let shop = shop(store.clone(), seats).await;
    shop.hold_now(&buyer(0)).await.unwrap();
    let other = engine(store.beside(), 2, &shop.clock).await;
    (store, shop, other)
}

/// What a hold takes: loads, commits, and how many of those were too late.
async fn spent(store: &Rigged, shop: &Shop, nth: usize) -> (usize, usize, usize) {
    let before = (store.loads(), store.commits(), store.refused());
    shop.hold_now(&buyer(nth)).await.unwrap();
    (store.loads() - before.0, store.commits() - before.1, store.refused() - before.2)
}

#[tokio::test(start_paused = true)]
async fn what_others_changed_costs_one_try_and_is_read_anew_for_a_minute() {
    let (store, shop, other) = two_processes(100).await;
    assert_eq!(spent(&store, &shop, 1).await, (1, 1, 0));
    let sold = lines(shop.event, &[(shop.kind, 1)]);
    other.bookings().hold(&buyer(2), sold.clone()).await.unwrap();
    assert_eq!(spent(&store, &shop, 3).await, (2, 2, 1), "what was remembered, and what is");
    // The other one goes on, and nobody is too late any more.
    for nth in (4..10).step_by(2) {
        other.bookings().hold(&buyer(nth), sold.clone()).await.unwrap();
        assert_eq!(spent(&store, &shop, nth + 1).await, (1, 1, 0));
    }
    assert_eq!(store.turns(), 0, "that is no sign of a crowd at one place");
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(spent(&store, &shop, 20).await, (1, 1, 0));
    other.bookings().hold(&buyer(21), sold).await.unwrap();
    assert_eq!(spent(&store, &shop, 22).await, (2, 2, 1), "it is remembered again");
    assert_eq!(shop.counted().await, (0, 13));
    assert_sound(store.memory()).await;
}

/// Whether it is a seat that is gone or one that came back: a refusal writes nothing, and rests on what is so all the same.
#[tokio::test]
async fn nobody_is_refused_for_what_was_so_once() {
    let (store, shop, other) = two_processes(1).await;
    assert_eq!(shop.hold_now(&buyer(1)).await.unwrap_err().reason(), Reason::NotEnoughLeft);
    other
        .ticket_types()
        .update(&organizer(), shop.event, shop.kind, more_seats(), IfMatch::Any)
        .await
        .unwrap();
    shop.hold_now(&buyer(2)).await.unwrap();
    other
        .ticket_types()
        .update(&organizer(), shop.event, shop.kind, more_seats(), IfMatch::Any)
        .await
        .unwrap();
    assert_eq!(shop.hold_now(&buyer(3)).await.unwrap_err().reason(), Reason::NotEnoughLeft);
    assert_sound(store.memory()).await;
}

fn more_seats() -> eventify_core::ticket_type::UpdateTicketType {
    eventify_core::ticket_type::UpdateTicketType { quantity: Some(2), ..Default::default() }
}

/// A tag is compared with the version of what it is of: with what is so, whatever is remembered.
#[tokio::test]
async fn nobody_is_too_late_for_what_was_changed_elsewhere_before_they_looked() {
    let (store, shop, other) = two_processes(100).await;
    let types = shop.eventify.ticket_types();
    let second = types.create(&organizer(), shop.event, crate::common::seats(9)).await.unwrap();
    shop.hold_now(&buyer(1)).await.unwrap();
    // That changes the counters of the event, and nothing of the first type.
    other.bookings().hold(&buyer(2), lines(shop.event, &[(second.id, 1)])).await.unwrap();
    for eventify in [&other, &shop.eventify] {
        let seen = eventify.ticket_types().get(&organizer(), shop.event, shop.kind).await.unwrap();
        let tag = IfMatch::Version(seen.version());
        types.update(&organizer(), shop.event, shop.kind, more_seats(), tag).await.unwrap();
    }
    assert_sound(store.memory()).await;
}

/// An event that was cancelled elsewhere sells nothing here, whatever is remembered of it.
#[tokio::test]
async fn what_was_closed_elsewhere_is_closed() {
    let (store, shop, other) = two_processes(100).await;
    let title = UpdateEvent { title: Some("Another name".to_owned()), ..Default::default() };
    other.events().update(&organizer(), shop.event, title, IfMatch::Any).await.unwrap();
    shop.hold_now(&buyer(1)).await.unwrap();
    other.events().cancel(&organizer(), shop.event, Default::default()).await.unwrap();
    let refused = shop.hold_now(&buyer(2)).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::EventCancelled);
    assert_sound(store.memory()).await;
}

/// Of a commit that failed, or whose end nobody knows, nothing is remembered.
#[tokio::test]
async fn what_became_of_nothing_is_read_again() {
    let (store, shop, _) = two_processes(100).await;
    store.fail_once();
    shop.hold_now(&buyer(1)).await.unwrap_err();
    let loads = store.loads();
    store.corrupt(Key::Event(shop.event));
    shop.hold_now(&buyer(2)).await.unwrap_err();
    assert_eq!(store.loads() - loads, 1);
    store.calm();
    store.lose_once();
    shop.hold_now(&buyer(3)).await.unwrap();
    assert_eq!(spent(&store, &shop, 4).await, (1, 1, 0));
    assert_eq!(shop.counted().await, (0, 3));
    assert_sound(store.memory()).await;
}
