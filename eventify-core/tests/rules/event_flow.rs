//! Events over time: completion, moves and who is told, categories that count, lists and their cursors.

use std::time::Duration;

use eventify_core::booking::BookingStatus;
use eventify_core::event::{CreateEvent, EventFilter, EventStatus, UpdateEvent};
use eventify_core::notification::FactName;
use eventify_core::{Change, PageRequest, Reason};

use crate::common::*;

fn moved(to: &str) -> UpdateEvent {
    UpdateEvent { venue: Some(Change::To(to.to_owned())), ..UpdateEvent::default() }
}

#[tokio::test]
async fn an_event_completes_by_itself_when_it_is_over_and_not_before() {
    let w = World::new().await;
    let id = w.published().await;
    w.pass(10 * DAY + 3 * HOUR - Duration::from_micros(1)).await;
    assert_eq!(w.event(id).await.status, EventStatus::Published);
    w.pass(Duration::from_micros(1)).await;
    assert_eq!(w.event(id).await.status, EventStatus::Completed);
    assert_eq!(w.actions("event.completed").await, 1);
    w.assert_sound("completed").await;
}

#[tokio::test]
async fn completion_moves_with_the_event() {
    let w = World::new().await;
    let (later, sooner) = (w.published().await, w.published().await);
    let ends_at = |at| UpdateEvent { ends_at: Some(at), ..UpdateEvent::default() };
    w.update_event(later, ends_at(w.now().plus(20 * DAY))).await;
    w.update_event(sooner, ends_at(w.now().plus(10 * DAY + HOUR))).await;
    w.pass(10 * DAY + HOUR).await;
    assert_eq!(w.event(sooner).await.status, EventStatus::Completed);
    w.pass(9 * DAY).await;
    assert_eq!(w.event(later).await.status, EventStatus::Published);
    w.pass(DAY).await;
    assert_eq!(w.event(later).await.status, EventStatus::Completed);
}

#[tokio::test]
async fn holders_hear_of_each_move_once_however_many_tickets_they_have() {
    let w = World::connected().await;
    let (id, of) = w.sale(500).await;
    for n in 10..140 {
        let who = person(n, eventify_core::Role::Attendee);
        w.buy(&who, id, of, 1).await;
        w.buy(&who, id, of, 2).await;
    }
    w.run_jobs().await;
    w.update_event(id, moved("Opera")).await;
    w.pass(Duration::from_secs(1)).await;
    w.update_event(id, moved("Arena")).await;
    w.run_jobs().await;
    for n in 10..140 {
        let told = w.told(&person(n, eventify_core::Role::Attendee)).await;
        let moves: Vec<_> = told.iter().filter(|t| t.fact == FactName::EventUpdated).collect();
        assert_eq!(moves.len(), 2, "person {n}");
        assert_ne!(moves[0].fact_id, moves[1].fact_id);
    }
    assert_eq!(w.wire.sent_of("event.updated").len(), 2);
}

#[tokio::test]
async fn words_are_no_move_and_drafts_have_nobody_to_tell() {
    let w = World::new().await;
    let (id, of) = w.sale(5).await;
    w.buy(&attendee(), id, of, 1).await;
    let words = UpdateEvent {
        title: Some("Another".to_owned()),
        description: Some("words".to_owned()),
        tags: Some(vec!["tag".to_owned()]),
        ..UpdateEvent::default()
    };
    w.update_event(id, words).await;
    w.update_event(id, moved("Philharmonic")).await;
    let draft = w.draft().await;
    w.update_event(draft, moved("Opera")).await;
    assert!(w.jobs("tell_of_change").await.is_empty());
}

#[tokio::test]
async fn who_gave_the_ticket_back_does_not_hear_of_moves() {
    let w = World::new().await;
    let (id, of) = w.sale(5).await;
    let given_back = w.buy(&other_attendee(), id, of, 1).await.booking.id;
    w.buy(&attendee(), id, of, 1).await;
    w.eventify.bookings().cancel(&other_attendee(), given_back).await.unwrap();
    w.update_event(id, moved("Opera")).await;
    w.run_jobs().await;
    let moves = |told: Vec<Told>| told.iter().filter(|t| t.fact == FactName::EventUpdated).count();
    assert_eq!(moves(w.told(&attendee()).await), 1);
    assert_eq!(moves(w.told(&other_attendee()).await), 0, "holds no ticket any more");
}

#[tokio::test]
async fn a_move_of_an_event_that_is_cancelled_meanwhile_tells_only_the_cancellation() {
    let w = World::new().await;
    let (id, of) = w.sale(5).await;
    let booking = w.buy(&attendee(), id, of, 1).await.booking.id;
    w.update_event(id, moved("Opera")).await;
    w.cancel_event(id).await;
    w.run_jobs().await;
    let told: Vec<_> = w.told(&attendee()).await.iter().map(|t| t.fact).collect();
    assert!(told.contains(&FactName::EventCancelled));
    assert!(!told.contains(&FactName::EventUpdated), "{told:?}");
    let seen = w.eventify.bookings().get(&attendee(), booking).await.unwrap();
    assert_eq!(seen.status, BookingStatus::Cancelled);
}

#[tokio::test]
async fn categories_count_their_events_whatever_happens_to_them() {
    let w = World::new().await;
    let of = |name: &str| CreateEvent { category: Some(name.to_owned()), ..w.concert() };
    let one = w.draft_of(of("Jazz")).await;
    w.draft_of(of(" JÁZZ ")).await;
    let category = |to: Option<&str>| UpdateEvent {
        category: Some(to.map(str::to_owned).into()),
        ..UpdateEvent::default()
    };
    let counted = async || {
        let list = w.eventify.categories().list(&PageRequest::default()).await.unwrap().data;
        list.into_iter().map(|c| (c.name, c.events)).collect::<Vec<_>>()
    };
    assert_eq!(counted().await, [("Jazz".to_owned(), 2)]);
    w.update_event(one, category(Some("jazz"))).await;
    assert_eq!(counted().await, [("Jazz".to_owned(), 2)]);
    w.update_event(one, category(Some("Rock"))).await;
    assert_eq!(counted().await, [("Jazz".to_owned(), 1), ("Rock".to_owned(), 1)]);
    w.update_event(one, category(None)).await;
    assert_eq!(counted().await[1].1, 0);
    w.update_event(one, category(Some("Rock"))).await;
    w.eventify.events().delete(&organizer(), one).await.unwrap();
    assert_eq!(counted().await[1].1, 0);
    w.assert_sound("categories").await;
}

#[tokio::test]
async fn cursors_go_through_a_list_and_fit_no_other() {
    let w = World::new().await;
    for n in 0..7u32 {
        let later = w.now().plus(DAY * n);
        let request = CreateEvent {
            title: Some(format!("Event {n}")),
            starts_at: Some(later.plus(HOUR)),
            ends_at: Some(later.plus(2 * HOUR)),
            ..w.concert()
        };
        let id = w.draft_of(request).await;
        w.publish(id).await;
    }
    let everything = EventFilter::default();
    let events = w.eventify.events();
    let mut titles = Vec::new();
    let mut request = PageRequest::first(3);
    let mut cursors = Vec::new();
    loop {
        let page = events.list(&anonymous(), &everything, &request).await.unwrap();
        titles.extend(page.data.into_iter().map(|e| e.title));
        // Time goes on between the pages.
        w.clock.advance(Duration::from_secs(1));
        let Some(next) = page.next_cursor else { break };
        request = PageRequest::after(next.clone(), 3);
        cursors.push(next);
    }
    assert_eq!(titles, (0..7).map(|n| format!("Event {n}")).collect::<Vec<_>>());
    let elsewhere = EventFilter { city: Some("Almaty".to_owned()), ..EventFilter::default() };
    let foreign = PageRequest::after(cursors[0].clone(), 3);
    let error = events.list(&anonymous(), &elsewhere, &foreign).await.unwrap_err();
    assert_eq!(error.reason(), Reason::Malformed);
    for at in 0..cursors[0].len() {
        let mut forged = cursors[0].clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = PageRequest::after(String::from_utf8(forged).unwrap(), 3);
        let error = events.list(&anonymous(), &everything, &forged).await.unwrap_err();
        assert_eq!(error.reason(), Reason::Malformed, "character {at}");
    }
}

#[tokio::test]
async fn a_cursor_outlives_the_row_that_it_points_to() {
    let w = World::new().await;
    let mut drafts = Vec::new();
    for _ in 0..4 {
        drafts.push(w.draft().await);
        w.clock.advance(Duration::from_secs(1));
    }
    let mine = EventFilter { status: Some(EventStatus::Draft), ..EventFilter::default() };
    let events = w.eventify.events();
    let first = events.list(&organizer(), &mine, &PageRequest::first(2)).await.unwrap();
    events.delete(&organizer(), drafts[1]).await.unwrap();
    let next = PageRequest::after(first.next_cursor.unwrap(), 2);
    let rest = events.list(&organizer(), &mine, &next).await.unwrap();
    assert_eq!(rest.data.iter().map(|e| e.id).collect::<Vec<_>>(), drafts[2..]);
    assert_eq!(rest.next_cursor, None);
}

#[tokio::test]
async fn only_what_is_published_and_upcoming_is_listed_by_default() {
    let w = World::new().await;
    w.draft().await;
    w.cancelled().await;
    let shown = w.published().await;
    let all = w.eventify.events().list(&anonymous(), &EventFilter::default(), &PageRequest::default()).await;
    assert_eq!(all.unwrap().data.iter().map(|e| e.id).collect::<Vec<_>>(), [shown]);
    w.clock.advance(10 * DAY + HOUR);
    let all = w.eventify.events().list(&anonymous(), &EventFilter::default(), &PageRequest::default()).await;
    assert!(all.unwrap().data.is_empty(), "it has started");
}

#[tokio::test]
async fn two_moves_at_one_instant_are_told_both() {
    let w = World::connected().await;
    let (id, of) = w.sale(5).await;
    w.buy(&attendee(), id, of, 1).await;
    w.update_event(id, moved("Opera")).await;
    w.run_jobs().await;
    w.update_event(id, moved("Arena")).await;
    w.run_jobs().await;
    let told = w.told(&attendee()).await;
    let bodies: Vec<&str> =
        told.iter().filter(|t| t.fact == FactName::EventUpdated).map(|t| t.body.as_str()).collect();
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    assert!(bodies.iter().any(|body| body.contains("Arena")));
    assert_eq!(w.wire.sent_of("event.updated").len(), 2);
}
