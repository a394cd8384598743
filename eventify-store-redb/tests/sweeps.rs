//! A damaged ticket in a real file, and the work over all of an event's tickets: the rest is done.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use eventify_core::announcement::MakeAnnouncement;
use eventify_core::booking::{BookingStatus, HoldTickets};
use eventify_core::event::{CancelEvent, CreateEvent};
use eventify_core::store::{Key, Store, encode_record};
use eventify_core::testing::FakeClock;
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Actor, BookingId, Clock, EventId, Eventify, PageRequest, Role, TicketId, UserId};
use eventify_store_redb::RedbStore;

fn person(n: u8) -> Actor {
    Actor::user(UserId::from_bytes([n; 16]), if n == 1 { Role::Organizer } else { Role::Attendee })
}

async fn engine(path: &Path, clock: &FakeClock) -> Eventify {
    let builder = Eventify::builder(RedbStore::open(path).unwrap()).clock(clock.clone());
    builder.without_worker().start().await.unwrap()
}

/// An event with a ticket for each of three people.
async fn sale(eventify: &Eventify, clock: &FakeClock) -> (EventId, Vec<(BookingId, TicketId)>) {
    let start = clock.now().plus(Duration::from_secs(10 * 86_400));
    let draft = CreateEvent {
        title: Some("Concert".into()),
        starts_at: Some(start),
        ends_at: Some(start.plus(Duration::from_secs(3_600))),
        ..CreateEvent::default()
    };
    let id = eventify.events().create(&person(1), draft).await.unwrap().id;
    let seats = CreateTicketType { name: "Seat".into(), quantity: 9, ..CreateTicketType::default() };
    eventify.ticket_types().create(&person(1), id, seats).await.unwrap();
    eventify.events().publish(&person(1), id).await.unwrap();
    let mut bought = Vec::new();
    for n in 2..5 {
        let bookings = eventify.bookings();
        let purchase = bookings.buy(&person(n), HoldTickets::only(id, 1)).await.unwrap();
        bought.push((purchase.booking.id, purchase.tickets[0].id));
    }
    (id, bought)
}

/// Flips a byte of a record wherever the file has it.
async fn damage(path: &Path, ticket: TicketId) {
    let store = RedbStore::open(path).unwrap();
    let found = store.load(&[Key::Ticket(ticket)].into()).await.unwrap().remove(0);
    drop(store);
    let mut record = Vec::new();
    encode_record(&found.record.unwrap(), &mut record).unwrap();
    let mut file = fs::read(path).unwrap();
    let places: Vec<usize> = (0..file.len().saturating_sub(record.len()))
        .filter(|at| file[*at..*at + record.len()] == record[..])
        .collect();
    assert!(!places.is_empty(), "the record is in the file");
    for at in places {
        file[at + record.len() / 2] ^= 0x10;
    }
    fs::write(path, file).unwrap();
}

#[tokio::test]
async fn a_damaged_ticket_keeps_nobody_else_from_being_told_and_cancelled() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("eventify.redb");
    let clock = FakeClock::default();
    let eventify = engine(&path, &clock).await;
    let (id, bought) = sale(&eventify, &clock).await;
    eventify.shut_down().await;
    drop(eventify);
    damage(&path, bought[1].1).await;

    let eventify = engine(&path, &clock).await;
    let words = MakeAnnouncement { body: "Words".into(), ..MakeAnnouncement::default() };
    eventify.announcements().make(&person(1), id, words).await.unwrap();
    while eventify.jobs().run_due().await.unwrap() > 0 {}
    eventify.events().cancel(&person(1), id, CancelEvent::default()).await.unwrap();
    while eventify.jobs().run_due().await.unwrap() > 0 {}
    for (n, (booking, _)) in (2..).zip(&bought) {
        let history =
            eventify.notifications().list(&person(n), false, &PageRequest::default()).await.unwrap();
        let told = history.data.iter().filter(|note| note.body == "Words").count();
        assert_eq!(told, usize::from(n != 3), "person {n}");
        if n != 3 {
            let seen = eventify.bookings().get(&person(n), *booking).await.unwrap();
            assert_eq!(seen.status, BookingStatus::Cancelled, "person {n}");
        }
    }
    let dead = eventify.jobs().dead(&Actor::system(), &PageRequest::default()).await.unwrap().data;
    let mut ends: Vec<&str> = dead.iter().map(|job| job.work.as_str()).collect();
    ends.sort_unstable();
    assert_eq!(ends, ["sweep_cancelled_event", "tell_of_announcement"]);
    let error = dead[0].last_error.as_deref().unwrap();
    assert!(error.starts_with("done, but for 1 record"), "{error}");
    eventify.shut_down().await;
}
