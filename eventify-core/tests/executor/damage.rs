//! Long work over records of which some are damaged: the rest is done, and what is not is there to see.

use std::collections::BTreeSet;

use eventify_core::announcement::MakeAnnouncement;
use eventify_core::booking::{Booking, BookingState};
use eventify_core::event::CancelEvent;
use eventify_core::job::JobView;
use eventify_core::notification::{FactName, Notification};
use eventify_core::store::Key;
use eventify_core::testing::model::Snapshot;
use eventify_core::{PageRequest, UserId};

use crate::common::{admin, id_of, lines, organizer, someone};
use crate::rigged::*;

const GUESTS: u16 = 230;

/// A shop with a ticket for each guest.
async fn busy(store: &Rigged) -> (Shop, Vec<Booking>) {
    let shop = shop(store.clone(), 1_000).await;
    for n in 0..GUESTS {
        let line = lines(shop.event, &[(shop.kind, 1)]);
        shop.eventify.bookings().buy(&someone(n), line).await.unwrap();
    }
    let all = Snapshot::take(store.memory()).await.unwrap();
    let mut bookings: Vec<Booking> = all.of::<Booking>().map(|booking| (**booking).clone()).collect();
    bookings.sort_by_key(|booking| (booking.created_at, booking.id));
    (shop, bookings)
}

async fn work_off(shop: &Shop) {
    for _ in 0..100 {
        if shop.eventify.jobs().run_due().await.unwrap() == 0 {
            return;
        }
    }
    panic!("jobs never end");
}

async fn dead(shop: &Shop) -> Vec<JobView> {
    shop.eventify.jobs().dead(&admin(), &PageRequest::default()).await.unwrap().data
}

async fn open(store: &Rigged) -> BTreeSet<UserId> {
    let all = Snapshot::take(store.memory()).await.unwrap();
    let open = all.of::<Booking>().filter(|b| matches!(b.state, BookingState::Confirmed { .. }));
    open.map(|booking| booking.user_id).collect()
}

/// Who was told of a fact; nobody twice.
async fn told(store: &Rigged, fact: FactName) -> BTreeSet<UserId> {
    let all = Snapshot::take(store.memory()).await.unwrap();
    let notes: Vec<UserId> = all.of::<Notification>().filter(|n| n.fact == fact).map(|n| n.user_id).collect();
    let people = BTreeSet::from_iter(notes.iter().copied());
    assert_eq!(people.len(), notes.len(), "somebody was told twice");
    people
}

#[tokio::test]
async fn a_cancelled_event_steps_over_damage_and_goes_on_when_it_is_mended() {
    let store = Rigged::new();
    let (shop, bookings) = busy(&store).await;
    // A booking that no page can show, two whose tickets cannot be read, and one in the last page.
    let damaged = [&bookings[0], &bookings[1], &bookings[150], &bookings[229]];
    store.corrupt(Key::Booking(damaged[0].id));
    store.corrupt(Key::Ticket(damaged[1].tickets[0]));
    store.corrupt(Key::Ticket(damaged[2].tickets[0]));
    store.corrupt(Key::Booking(damaged[3].id));
    shop.eventify.events().cancel(&organizer(), shop.event, CancelEvent::default()).await.unwrap();
    work_off(&shop).await;
    let left: BTreeSet<UserId> = damaged.iter().map(|booking| booking.user_id).collect();
    assert_eq!(open(&store).await, left, "everybody else's is cancelled");
    assert_eq!(told(&store, FactName::EventCancelled).await.len(), usize::from(GUESTS) - 4);
    assert_eq!(shop.counted().await, (4, 0));
    let end = dead(&shop).await;
    assert_eq!((end.len(), end[0].work.as_str()), (1, "sweep_cancelled_event"));
    let words = end[0].last_error.as_deref().unwrap();
    assert!(words.starts_with("done, but for 4 records"), "{words}");

    store.calm();
    shop.eventify.jobs().retry(&admin(), end[0].id).await.unwrap();
    work_off(&shop).await;
    assert!(open(&store).await.is_empty());
    assert_eq!(told(&store, FactName::EventCancelled).await.len(), usize::from(GUESTS));
    assert_eq!(shop.counted().await, (0, 0));
    assert!(dead(&shop).await.is_empty());
    assert_sound(store.memory()).await;
}

#[tokio::test]
async fn an_announcement_steps_over_damage_and_reaches_the_rest_once() {
    let store = Rigged::new();
    let (shop, bookings) = busy(&store).await;
    // A ticket that no page can show, and somebody whose preferences cannot be read.
    store.corrupt(Key::Ticket(bookings[3].tickets[0]));
    store.corrupt(Key::Preferences(bookings[120].user_id));
    let words = MakeAnnouncement { body: "Words".to_owned(), ..MakeAnnouncement::default() };
    shop.eventify.announcements().make(&organizer(), shop.event, words).await.unwrap();
    work_off(&shop).await;
    let heard = told(&store, FactName::Announcement).await;
    assert_eq!(heard.len(), usize::from(GUESTS) - 2);
    assert!(!heard.contains(&bookings[3].user_id) && !heard.contains(&bookings[120].user_id));
    let end = dead(&shop).await;
    assert!(end[0].last_error.as_deref().unwrap().starts_with("done, but for 2 records"), "{end:?}");

    store.calm();
    shop.eventify.jobs().retry(&admin(), end[0].id).await.unwrap();
    work_off(&shop).await;
    assert_eq!(told(&store, FactName::Announcement).await.len(), usize::from(GUESTS));
    assert!(dead(&shop).await.is_empty());
    assert!(heard.contains(&id_of(&someone(0))));
}

#[tokio::test]
async fn damage_everywhere_ends_as_well() {
    let store = Rigged::new();
    let (shop, bookings) = busy(&store).await;
    for booking in &bookings {
        store.corrupt(if booking.id.as_bytes()[15].is_multiple_of(2) {
            Key::Booking(booking.id)
        } else {
            Key::Ticket(booking.tickets[0])
        });
    }
    shop.eventify.events().cancel(&organizer(), shop.event, CancelEvent::default()).await.unwrap();
    work_off(&shop).await;
    assert_eq!(open(&store).await.len(), usize::from(GUESTS));
    let end = dead(&shop).await;
    assert!(end[0].last_error.as_deref().unwrap().starts_with("done, but for 230 records"), "{end:?}");
}
