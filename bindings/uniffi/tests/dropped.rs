//! Whoever stops waiting – Kotlin's `withTimeout`, a cancelled task in Swift – drops the future of a call. Nothing is lost by it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use eventify::actor::Actor;
use eventify::eventify::{Engine, Host};
use eventify_core::booking::{HoldTickets, LineRequest};
use eventify_core::event::CreateEvent;
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Clock, EventId, PageRequest, Role, SystemClock, TicketTypeId, UserId};
use futures_util::FutureExt;
use std::time::Duration;

fn person(nth: u8, role: Role) -> Arc<Actor> {
    Actor::user(UserId::from_bytes([nth; 16]), role)
}

async fn on_sale(engine: &Engine) -> (EventId, TicketTypeId) {
    let organizer = person(255, Role::Organizer);
    let start = SystemClock.now().plus(Duration::from_secs(86_400));
    let draft = CreateEvent {
        title: Some("An evening".into()),
        starts_at: Some(start),
        ends_at: Some(start.plus(Duration::from_secs(3_600))),
        ..CreateEvent::default()
    };
    let event = engine.events().create(&organizer, draft).await.unwrap().value.id;
    let seats = CreateTicketType { name: "Seat".into(), quantity: 200, ..CreateTicketType::default() };
    let seats = engine.ticket_types().create(&organizer, event, seats).await.unwrap().id;
    engine.events().publish(&organizer, event).await.unwrap();
    (event, seats)
}

/// Swift's tasks cannot give up a call: who is cancelled stops the feed.
#[tokio::test]
async fn whoever_waits_for_a_feed_that_is_stopped_hears_that_there_is_nothing() {
    let engine = tokio::task::spawn_blocking(|| Engine::in_memory(Host::default())).await.unwrap().unwrap();
    let bob = person(1, Role::Attendee);
    // A person has 64 feeds at most.
    for nth in 0..100 {
        let feed = engine.notifications().listen(&bob, None).await.unwrap();
        let waiting = tokio::spawn({
            let feed = feed.clone();
            async move { feed.next().await }
        });
        for _ in 0..nth % 3 {
            tokio::task::yield_now().await;
        }
        feed.stop();
        assert!(waiting.await.unwrap().unwrap().is_none());
        assert!(feed.next().await.unwrap().is_none());
    }
    engine.shut_down().await;
}

#[tokio::test]
async fn a_dropped_purchase_is_made_once_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dropped.redb").to_str().unwrap().to_owned();
    let engine = tokio::task::spawn_blocking(|| Engine::open(path, Host::default())).await.unwrap().unwrap();
    let (event, ticket_type_id) = on_sale(&engine).await;
    let wanted = || HoldTickets::new(event, vec![LineRequest { ticket_type_id, quantity: 1 }]);
    let bookings = engine.bookings();
    for nth in 0..100_u8 {
        let buyer = person(nth, Role::Attendee);
        let key = || Some("order".to_owned());
        // Polled so many times, then dropped: never begun, queued, under way, done.
        let mut buying = Box::pin(bookings.buy(&buyer, wanted(), key()));
        for _ in 0..nth % 5 {
            if (&mut buying).now_or_never().is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(buying);
        let bought = bookings.buy(&buyer, wanted(), key()).await.unwrap();
        let mine = bookings.mine(&buyer, PageRequest::default()).await.unwrap().data;
        assert_eq!(mine.iter().map(|one| one.id).collect::<Vec<_>>(), [bought.booking.id], "buyer {nth}");
    }
    let organizer = person(255, Role::Organizer);
    let seats = engine.ticket_types().get(&organizer, event, ticket_type_id).await.unwrap();
    assert_eq!((seats.value.sold, seats.value.held), (100, 0));
    engine.shut_down().await;
}
