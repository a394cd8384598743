//! Whoever stops waiting – Kotlin's `withTimeout`, a cancelled task in Swift – drops the future of a call. Nothing is lost by it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use eventify::actor::Actor;
use eventify::eventify::{Engine, EngineOptions};
use eventify::feed::NotificationFeed;
use eventify::notifier::{DeliveryError, Notifier};
use eventify_core::account::Register;
use eventify_core::booking::{HoldTickets, LineRequest};
use eventify_core::event::CreateEvent;
use eventify_core::notification::{Channel, Message, NotificationView, Recipient, SendNotification};
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{
    Clock, EventId, PageRequest, PushSubscriptionId, Role, SystemClock, TicketTypeId, UserId,
};
use futures_util::FutureExt;
use std::time::Duration;
use tokio::sync::Notify;

fn person(nth: u8, role: Role) -> Arc<Actor> {
    Actor::user(UserId::from_bytes([nth; 16]), role).unwrap()
}

/// As Kotlin and Swift do it.
async fn next(feed: &NotificationFeed) -> Option<NotificationView> {
    while feed.ready().await {
        if let Some(told) = feed.take().unwrap() {
            return Some(told);
        }
    }
    None
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
    let engine =
        tokio::task::spawn_blocking(|| Engine::in_memory(EngineOptions::default())).await.unwrap().unwrap();
    let bob = person(1, Role::Attendee);
    // A person has 64 feeds at most.
    for nth in 0..100 {
        let feed = engine.notifications().open_feed(&bob, None).await.unwrap();
        let waiting = tokio::spawn({
            let feed = feed.clone();
            async move { next(&feed).await }
        });
        for _ in 0..nth % 3 {
            tokio::task::yield_now().await;
        }
        feed.stop();
        assert!(waiting.await.unwrap().is_none());
        assert!(next(&feed).await.is_none());
    }
    engine.shut_down().await;
}

/// Kotlin gives up an answer that is there when its coroutine is cancelled.
#[tokio::test]
async fn what_came_is_kept_until_it_is_taken() {
    let engine =
        tokio::task::spawn_blocking(|| Engine::in_memory(EngineOptions::default())).await.unwrap().unwrap();
    let words = Register::new("Bob", "bob@example.org", "three quiet rivers");
    let user_id = engine.accounts().register(&Actor::anonymous(), words).await.unwrap().id;
    let bob = Actor::user(user_id, Role::Attendee).unwrap();
    let feed = engine.notifications().open_feed(&bob, None).await.unwrap();
    for title in ["One", "Two"] {
        let words = SendNotification { user_id, title: title.into(), body: "!".into(), event_id: None };
        engine.notifications().send(&Actor::system(), words, None).await.unwrap();
    }
    for title in ["One", "Two"] {
        // Whoever heard of it and was cancelled took nothing.
        assert!(feed.ready().await && feed.ready().await);
        assert_eq!(feed.take().unwrap().unwrap().title, title);
        assert!(feed.take().unwrap().is_none());
    }
    engine.shut_down().await;
    assert!(next(&feed).await.is_none());
    assert!(next(&feed).await.is_none(), "and again");
}

/// Says that it is called, and answers when it may.
#[derive(Debug, Default)]
struct Slow {
    called: Notify,
    may_answer: Notify,
}

#[async_trait]
impl Notifier for Slow {
    fn channels(&self) -> Result<HashSet<Channel>, DeliveryError> {
        Ok(HashSet::from([Channel::Email]))
    }

    async fn deliver(
        &self,
        _: Channel,
        _: Recipient,
        _: Message,
    ) -> Result<Vec<PushSubscriptionId>, DeliveryError> {
        self.called.notify_one();
        self.may_answer.notified().await;
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn shutting_down_goes_on_when_whoever_waits_for_it_is_cancelled() {
    let slow = Arc::new(Slow::default());
    let options = EngineOptions { notifier: Some(slow.clone()), ..EngineOptions::default() };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ending.redb").to_str().unwrap().to_owned();
    let file = path.clone();
    let engine = tokio::task::spawn_blocking(|| Engine::open(file, options)).await.unwrap().unwrap();
    let words = Register::new("Bob", "bob@example.org", "three quiet rivers");
    engine.accounts().register(&Actor::anonymous(), words).await.unwrap();
    slow.called.notified().await;
    assert!(engine.shut_down().now_or_never().is_none(), "it waits for the notifier");
    slow.may_answer.notify_one();
    // Nobody waits for it any more, and it comes to its end.
    let ended = async {
        while engine.ping().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ended).await.expect("it stays half closed");
    engine.shut_down().await;
    let options = EngineOptions::default();
    let again = tokio::task::spawn_blocking(|| Engine::open(path, options)).await.unwrap().unwrap();
    again.shut_down().await;
}

#[tokio::test]
async fn a_dropped_purchase_is_made_once_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dropped.redb").to_str().unwrap().to_owned();
    let engine =
        tokio::task::spawn_blocking(|| Engine::open(path, EngineOptions::default())).await.unwrap().unwrap();
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
