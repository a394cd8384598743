//! A cancelled event with many bookings: chunk by chunk, again after every interruption, everyone told once.

use std::collections::BTreeMap;

use eventify_core::booking::BookingStatus;
use eventify_core::event::CancelEvent;
use eventify_core::notification::{FactName, Notification};
use eventify_core::ticket::Scan;
use eventify_core::{Actor, EventId, Eventify, Reason, Role, TicketTypeId};

use crate::common::*;

/// An event with 260 bookings of 100 persons, some of them holds.
async fn crowded(w: &World) -> (EventId, TicketTypeId) {
    let (e, t) = w.sale(1_000).await;
    let bookings = w.eventify.bookings();
    for n in 0..260u16 {
        let who = guest(n);
        if n % 5 == 4 {
            bookings.hold(&who, lines(e, &[(t, 2)])).await.unwrap();
        } else {
            bookings.buy(&who, lines(e, &[(t, 1)])).await.unwrap();
        }
    }
    (e, t)
}

fn guest(n: u16) -> Actor {
    person(u8::try_from(n % 100).unwrap() + 10, Role::Attendee)
}

async fn told_of_cancellation(w: &World) -> BTreeMap<eventify_core::UserId, usize> {
    let mut told = BTreeMap::new();
    for note in w.everything().await.of::<eventify_core::notification::Notification>() {
        if note.fact == FactName::EventCancelled {
            *told.entry(note.user_id).or_default() += 1;
        }
    }
    told
}

#[tokio::test]
async fn it_goes_on_where_it_was_interrupted_and_tells_everyone_once() {
    let w = World::new().await;
    let (e, t) = crowded(&w).await;
    let reason = "The roof leaks.".to_owned();
    w.eventify.events().cancel(&organizer(), e, CancelEvent { reason: reason.clone() }).await.unwrap();
    let (mut steps, mut read) = (0, 0);
    while !w.jobs("sweep_cancelled_event").await.is_empty() {
        // Each step is another process, as after a crash.
        let engine = Eventify::builder_over(w.store.clone())
            .clock(w.clock.clone())
            .entropy(eventify_core::testing::SeededEntropy::new(100 + steps))
            .without_worker()
            .start()
            .await
            .unwrap();
        engine.jobs().run_due().await.unwrap();
        w.assert_sound("between two steps").await;
        steps += 1;
        // Everyone reads what there is, so that something told again would be unread again.
        for n in 0..100 {
            read += w.eventify.notifications().mark_all_read(&guest(n)).await.unwrap();
        }
    }
    let notes = w.everything().await.of::<Notification>().count();
    assert_eq!(usize::try_from(read).unwrap(), notes, "nothing was told again");
    assert_eq!(steps, 23, "twenty-two chunks and the look that finds nothing more");
    assert_eq!(w.counted(e, t).await, (1_000, 0, 0));
    let told = told_of_cancellation(&w).await;
    assert!(told.values().all(|times| *times == 1));
    assert_eq!(told.len(), 80, "everyone who had a ticket: every fifth only held seats");
    let note = &w.told(&guest(0)).await;
    let note = note.iter().find(|n| n.fact == FactName::EventCancelled).unwrap();
    assert_eq!(note.body, reason);
}

#[tokio::test]
async fn two_workers_at_once_do_it_once() {
    let w = World::new().await;
    let (e, _) = crowded(&w).await;
    let other = Eventify::builder_over(w.store.clone())
        .clock(w.clock.clone())
        .entropy(eventify_core::testing::SeededEntropy::new(9))
        .without_worker()
        .start()
        .await
        .unwrap();
    w.cancel_event(e).await;
    for _ in 0..20 {
        let (one, two) = (w.eventify.jobs(), other.jobs());
        let (one, two) = tokio::join!(one.run_due(), two.run_due());
        one.unwrap();
        two.unwrap();
    }
    assert!(w.jobs("sweep_cancelled_event").await.is_empty());
    assert!(told_of_cancellation(&w).await.values().all(|times| *times == 1));
    assert_eq!(w.actions("booking.cancelled").await, 260);
    w.assert_sound("two workers").await;
}

#[tokio::test]
async fn every_ticket_is_void_from_the_first_moment_and_holders_of_nothing_are_not_told() {
    let w = World::new().await;
    let (e, t) = w.sale(50).await;
    let held = w.hold(&other_attendee(), e, t, 2).await.id;
    let code = w.ticket(e, t).await;
    w.cancel_event(e).await;
    let verdict = w.eventify.tickets().validate(&attendee(), &code, Scan::default()).await.unwrap();
    assert_eq!(verdict.reason, "event_cancelled");
    w.run_jobs().await;
    assert_eq!(told_of_cancellation(&w).await, [(id_of(&attendee()), 1)].into());
    let seen = w.eventify.bookings().get(&other_attendee(), held).await.unwrap();
    assert_eq!(seen.status, BookingStatus::Cancelled);
    assert!(w.jobs("expire_hold").await.is_empty(), "no deadline is left behind");
}

#[tokio::test]
async fn a_used_ticket_stays_used_and_its_seat_sold() {
    let w = World::new().await;
    let (e, t) = w.sale(50).await;
    let bought = w.buy(&attendee(), e, t, 3).await;
    w.eventify.tickets().check_in(&organizer(), &bought.tickets[1].code, Scan::default()).await.unwrap();
    w.cancel_event(e).await;
    w.run_jobs().await;
    assert_eq!(w.counted(e, t).await, (50, 1, 0));
    let seen = w.eventify.bookings().get(&attendee(), bought.booking.id).await.unwrap();
    let states: Vec<_> = seen.tickets.iter().map(|t| format!("{:?}", t.status)).collect();
    assert_eq!(states, ["Cancelled", "Used", "Cancelled"]);
    w.assert_sound("a used ticket").await;
}

#[tokio::test]
async fn purchases_in_flight_are_before_or_after_never_between() {
    let w = World::new().await;
    let (e, t) = w.sale(500).await;
    let (bookings, events) = (w.eventify.bookings(), w.eventify.events());
    let who = organizer();
    let buy = async |n: u16| bookings.buy(&guest(n), lines(e, &[(t, 1)])).await;
    let (before, _, after) = tokio::join!(
        futures_util::future::join_all((0..50).map(buy)),
        events.cancel(&who, e, CancelEvent::default()),
        futures_util::future::join_all((50..100).map(buy)),
    );
    let bought = before.iter().chain(&after).filter(|b| b.is_ok()).count();
    let refused = before.into_iter().chain(after).filter_map(Result::err);
    assert!(refused.map(|e| e.reason()).all(|reason| reason == Reason::EventCancelled));
    w.run_jobs().await;
    assert_eq!(w.counted(e, t).await, (500, 0, 0));
    assert_eq!(told_of_cancellation(&w).await.len(), bought);
    w.assert_sound("in flight").await;
}
