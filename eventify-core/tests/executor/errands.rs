//! Whoever is called outside may hang or panic: that is one attempt's failure and nobody else's.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::booking::{BookingStatus, HoldTickets, LineRequest};
use eventify_core::event::CreateEvent;
use eventify_core::job::JobClass;
use eventify_core::notification::{
    Channel, Delivered, DeliveryError, Message, NoticeKind, Notifier, Recipient,
};
use eventify_core::store::MemoryStore;
use eventify_core::testing::FakeClock;
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Actor, BookingId, Clock, Eventify, PageRequest, Role, Timestamp, UserId};
use futures_util::FutureExt;

use crate::rigged::let_tasks_run;

/// What a notifier does when it is called.
#[derive(Debug, Clone, Copy)]
enum Manner {
    Hangs,
    Panics,
}

#[derive(Debug, Clone)]
struct Bad {
    manner: Manner,
    calls: Arc<AtomicU32>,
}

#[async_trait]
impl Notifier for Bad {
    fn channels(&self) -> BTreeSet<Channel> {
        BTreeSet::from([Channel::Email])
    }

    async fn deliver(
        &self,
        _: Channel,
        _: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        if message.fact.notice_kind() == NoticeKind::Security {
            // That there is a new account is not what is counted here.
            return Ok(Delivered::default());
        }
        self.calls.fetch_add(1, Ordering::SeqCst);
        match self.manner {
            Manner::Hangs => std::future::pending().await,
            Manner::Panics => panic!("as it was asked to"),
        }
    }
}

fn actor(n: u8, role: Role) -> Actor {
    Actor::user(UserId::from_bytes([n; 16]), role)
}

/// An engine whose background worker meets a bad notifier, with one purchase to tell of and one hold to expire.
async fn engine(manner: Manner) -> (Eventify, FakeClock, Arc<AtomicU32>, BookingId) {
    let clock = FakeClock::at(Timestamp::from_micros(1_800_000_000_000_000).unwrap());
    let calls = Arc::new(AtomicU32::new(0));
    let notifier = Bad { manner, calls: calls.clone() };
    let eventify = Eventify::builder(MemoryStore::new()).clock(clock.clone()).notifier(notifier);
    let eventify = eventify.start().await.unwrap();
    let register = eventify_core::account::Register::new("Buyer", "buyer@example.org", "long enough");
    let buyer = eventify.accounts().register(&Actor::system(), register).await.unwrap();
    let (house, buyer) = (actor(1, Role::Organizer), Actor::user(buyer.id, Role::Attendee));
    let start = clock.now().plus(Duration::from_secs(24 * 3600));
    let draft = CreateEvent {
        title: Some("Night".to_owned()),
        starts_at: Some(start),
        ends_at: Some(start.plus(Duration::from_secs(3600))),
        ..CreateEvent::default()
    };
    let event_id = eventify.events().create(&house, draft).await.unwrap().id;
    let free = CreateTicketType { name: "Free".to_owned(), quantity: 10, ..CreateTicketType::default() };
    let ticket_type_id = eventify.ticket_types().create(&house, event_id, free).await.unwrap().id;
    eventify.events().publish(&house, event_id).await.unwrap();
    let one = || HoldTickets::new(event_id, vec![LineRequest { ticket_type_id, quantity: 1 }]);
    eventify.bookings().buy(&buyer, one()).await.unwrap();
    let held = eventify.bookings().hold(&buyer, one()).await.unwrap().id;
    (eventify, clock, calls, held)
}

async fn until(mut holds: impl AsyncFnMut() -> bool) {
    // The runtime's time stands still and is moved on when everybody waits, so this costs none.
    for _ in 0..100_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never came true");
}

#[tokio::test(start_paused = true)]
async fn holds_expire_and_the_engine_stops_whatever_a_notifier_does() {
    for manner in [Manner::Hangs, Manner::Panics] {
        let (eventify, clock, calls, held) = engine(manner).await;
        until(async || calls.load(Ordering::SeqCst) > 0).await;
        clock.advance(Duration::from_secs(16 * 60));
        until(async || {
            let booking = eventify.bookings().get(&Actor::system(), held).await.unwrap();
            booking.status == BookingStatus::Expired
        })
        .await;
        eventify.shut_down().await;
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_gives_up_shutting_down_leaves_the_worker_to_the_next_one() {
    let (eventify, _clock, calls, _held) = engine(Manner::Hangs).await;
    until(async || calls.load(Ordering::SeqCst) > 0).await;
    assert!(eventify.shut_down().now_or_never().is_none(), "begun, and left");
    let again = tokio::spawn(async move { eventify.shut_down().await });
    let_tasks_run().await;
    assert!(!again.is_finished(), "the worker gives what is under way a moment");
    again.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_never_ends_is_a_failed_one() {
    for (manner, why) in [(Manner::Hangs, "no answer within 30 s"), (Manner::Panics, "it panicked")] {
        let (eventify, _clock, _calls, _held) = engine(manner).await;
        let page = PageRequest::default();
        until(async || {
            let out = eventify.jobs().waiting(&Actor::system(), JobClass::Outside, &page).await.unwrap().data;
            out.iter().any(|job| job.last_error.as_deref() == Some(why) && job.attempts == 1)
        })
        .await;
        eventify.shut_down().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_takes_its_worker_with_it_is_given_up_in_the_end() {
    let (eventify, clock, calls, _held) = engine(Manner::Panics).await;
    // Every attempt counts, so after as many as are allowed it is a dead letter.
    until(async || {
        clock.advance(Duration::from_secs(3600));
        !eventify.jobs().dead(&Actor::system(), &PageRequest::default()).await.unwrap().data.is_empty()
    })
    .await;
    assert_eq!(calls.load(Ordering::SeqCst), 24);
    eventify.shut_down().await;
}
