//! Bookings over time: holds that end, races, seats that come back, and counters that stay exact.

use std::time::Duration;

use eventify_core::booking::BookingStatus;
use eventify_core::event::CreateEvent;
use eventify_core::ticket::Scan;
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{PageRequest, Reason, Role};

use crate::common::*;

const TICK: Duration = Duration::from_micros(1);

#[tokio::test]
async fn a_hold_ends_at_its_deadline_and_not_before() {
    let w = World::new().await;
    let (e, t) = w.sale(10).await;
    let held = w.hold(&attendee(), e, t, 4).await;
    assert_eq!(held.expires_at, Some(w.now().plus(HOUR / 4)));
    assert_eq!(w.counted(e, t).await, (10, 0, 4));
    w.pass(HOUR / 4 - TICK).await;
    assert_eq!(w.counted(e, t).await, (10, 0, 4));
    w.pass(TICK).await;
    assert_eq!(w.counted(e, t).await, (10, 0, 0));
    let seen = w.eventify.bookings().get(&attendee(), held.id).await.unwrap();
    assert_eq!((seen.status, seen.expires_at), (BookingStatus::Expired, None));
    assert_eq!(w.actions("booking.expired").await, 1);
    w.assert_sound("expired").await;
}

#[tokio::test]
async fn a_hold_lasts_as_long_as_the_deployment_says() {
    let mut settings = eventify_core::Settings::default();
    settings.hold_for = Duration::from_secs(60);
    let w = World::with(settings).await;
    let (e, t) = w.sale(10).await;
    w.hold(&attendee(), e, t, 4).await;
    w.pass(Duration::from_secs(60)).await;
    assert_eq!(w.counted(e, t).await, (10, 0, 0));
}

#[tokio::test]
async fn of_a_deadline_and_a_confirmation_exactly_one_wins_in_either_order() {
    for confirm_first in [true, false] {
        let w = World::new().await;
        let (e, t) = w.sale(2).await;
        let held = w.hold(&attendee(), e, t, 2).await.id;
        w.clock.advance(HOUR / 4);
        let (bookings, jobs, who) = (w.eventify.bookings(), w.eventify.jobs(), attendee());
        let confirmed = if confirm_first {
            tokio::join!(biased; bookings.confirm(&who, held), jobs.run_due()).0
        } else {
            tokio::join!(biased; jobs.run_due(), bookings.confirm(&who, held)).1
        };
        confirmed.unwrap();
        w.run_jobs().await;
        assert_eq!(w.counted(e, t).await, (2, 2, 0), "confirmed, or taken anew: never both, never neither");
        w.assert_sound("a race").await;
    }
}

#[tokio::test]
async fn seats_of_an_expired_hold_go_to_who_comes_first() {
    let w = World::new().await;
    let (e, t) = w.sale(3).await;
    let late = w.hold(&attendee(), e, t, 3).await.id;
    w.pass(HOUR).await;
    let quick = w.hold(&other_attendee(), e, t, 1).await.id;
    let error = w.eventify.bookings().confirm(&attendee(), late).await.unwrap_err();
    assert_eq!(error.reason(), Reason::BookingExpired);
    assert_eq!(w.counted(e, t).await, (3, 0, 1), "a hold takes all of its seats or none");
    w.eventify.bookings().cancel(&other_attendee(), quick).await.unwrap();
    let taken_anew = w.eventify.bookings().confirm(&attendee(), late).await.unwrap();
    assert_eq!((taken_anew.status, taken_anew.tickets.len()), (BookingStatus::Confirmed, 3));
    assert_eq!(w.counted(e, t).await, (3, 3, 0));
    w.pass(HOUR).await;
    assert_eq!(w.counted(e, t).await, (3, 3, 0), "no deadline is left behind");
    w.assert_sound("taken anew").await;
}

#[tokio::test]
async fn a_clock_that_goes_back_ends_no_hold_early() {
    let w = World::new().await;
    let (e, t) = w.sale(3).await;
    w.hold(&attendee(), e, t, 3).await;
    w.clock.turn_back(HOUR);
    w.run_jobs().await;
    assert_eq!(w.counted(e, t).await, (3, 0, 3));
    w.pass(HOUR + HOUR / 4).await;
    assert_eq!(w.counted(e, t).await, (3, 0, 0));
    w.assert_sound("a clock that went back").await;
}

#[tokio::test]
async fn a_purchase_of_what_is_free_is_tickets_and_of_what_costs_is_a_hold() {
    let w = World::new().await;
    let (e, free) = w.sale(10).await;
    let paid = w.paid(e, 10, 500).await;
    let purchase = w.buy(&attendee(), e, free, 3).await;
    assert_eq!((purchase.booking.status, purchase.tickets.len()), (BookingStatus::Confirmed, 3));
    let held = w.buy(&attendee(), e, paid, 2).await;
    assert_eq!((held.booking.status, held.tickets.len()), (BookingStatus::Held, 0));
    assert_eq!(held.booking.total, tenge(1_000));
    let paid_up = w.eventify.bookings().confirm(&organizer(), held.booking.id).await.unwrap();
    assert!(paid_up.tickets.iter().all(|ticket| ticket.user_id == id_of(&attendee())));
    w.assert_sound("purchases").await;
}

#[tokio::test]
async fn a_cancelled_booking_gives_its_seats_back_and_voids_its_tickets() {
    let w = World::new().await;
    let (e, t) = w.sale(10).await;
    let bought = w.buy(&attendee(), e, t, 3).await;
    let cancelled = w.eventify.bookings().cancel(&attendee(), bought.booking.id).await.unwrap();
    assert_eq!(cancelled.status, BookingStatus::Cancelled);
    assert_eq!(w.counted(e, t).await, (10, 0, 0));
    for ticket in &bought.tickets {
        let verdict =
            w.eventify.tickets().validate(&attendee(), &ticket.code, Scan::default()).await.unwrap();
        assert_eq!((verdict.valid, verdict.reason.as_str()), (false, "cancelled"));
    }
    w.assert_sound("cancelled").await;
}

#[tokio::test]
async fn types_share_the_capacity_of_their_event() {
    let w = World::new().await;
    let e = w.draft_of(CreateEvent { capacity: Some(5), ..w.concert() }).await;
    let (a, b) = (w.free(e, 4).await, w.free(e, 4).await);
    w.publish(e).await;
    w.buy(&attendee(), e, a, 2).await;
    w.hold(&attendee(), e, b, 2).await;
    let seen = w.eventify.ticket_types().get(&anonymous(), e, a).await.unwrap();
    assert_eq!(seen.available, 1, "two of its own are free, one of the event's");
    for (of, wanted) in [(a, 2), (b, 2)] {
        let error = w.eventify.bookings().hold(&attendee(), lines(e, &[(of, wanted)])).await.unwrap_err();
        assert_eq!(error.reason(), Reason::NotEnoughLeft);
    }
    let both = lines(e, &[(a, 1), (b, 1)]);
    assert!(w.eventify.bookings().hold(&attendee(), both).await.is_err(), "together they are two");
    w.hold(&attendee(), e, b, 1).await;
    w.assert_sound("capacity").await;
}

#[tokio::test]
async fn five_hundred_buyers_of_a_hundred_seats() {
    let w = World::new().await;
    let (e, t) = w.sale(100).await;
    let bookings = w.eventify.bookings();
    let buyer = |n: u16| {
        let mut bytes = [7; 16];
        bytes[..2].copy_from_slice(&n.to_be_bytes());
        eventify_core::Actor::user(eventify_core::UserId::from_bytes(bytes), Role::Attendee)
    };
    let buy = async |n: u16| bookings.buy(&buyer(n), lines(e, &[(t, 1)])).await;
    let answers = futures_util::future::join_all((0..500).map(buy)).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (100, 400));
    assert!(lost.into_iter().all(|l| l.unwrap_err().reason() == Reason::SoldOut));
    assert_eq!(w.counted(e, t).await, (100, 100, 0));
    w.assert_sound("a crowd").await;
}

#[tokio::test]
async fn the_counters_are_exact_when_everything_has_ended() {
    let w = World::new().await;
    let e = w.published().await;
    let per_person_max = Some(50);
    let t = w.type_of(e, CreateTicketType { per_person_max, ..seats(200) }).await;
    let mut ids = Vec::new();
    for n in 0..40u8 {
        ids.push(w.hold(&person(n + 10, Role::Attendee), e, t, u32::from(n % 4 + 1)).await.id);
    }
    for (n, id) in ids.iter().enumerate() {
        let who = person(u8::try_from(n).unwrap() + 10, Role::Attendee);
        match n % 3 {
            0 => drop(w.eventify.bookings().confirm(&who, *id).await.unwrap()),
            1 => drop(w.eventify.bookings().cancel(&who, *id).await.unwrap()),
            _ => {}
        }
    }
    w.pass(HOUR).await;
    let (_, sold, held) = w.counted(e, t).await;
    let tickets = w.eventify.tickets().attendees(&organizer(), e, &PageRequest::first(100)).await.unwrap();
    assert_eq!(held, 0);
    assert_eq!(usize::try_from(sold).unwrap(), tickets.data.len());
    w.assert_sound("everything has ended").await;
}

#[tokio::test]
async fn the_newest_booking_comes_first_and_everyone_sees_only_the_own() {
    let w = World::new().await;
    let (e, t) = w.sale(100).await;
    let mut mine = Vec::new();
    for _ in 0..5 {
        mine.push(w.buy(&attendee(), e, t, 2).await.booking.id);
        w.buy(&other_attendee(), e, t, 1).await;
        w.clock.advance(TICK);
    }
    mine.reverse();
    let first = w.eventify.bookings().mine(&attendee(), &PageRequest::first(3)).await.unwrap();
    let next = PageRequest::after(first.next_cursor.clone().unwrap(), 3);
    let rest = w.eventify.bookings().mine(&attendee(), &next).await.unwrap();
    let seen: Vec<_> = first.data.iter().chain(&rest.data).map(|b| b.id).collect();
    assert_eq!(seen, mine);
    assert!(first.data.iter().all(|b| b.tickets.len() == 2));
    let error = w.eventify.bookings().mine(&other_attendee(), &next).await.unwrap_err();
    assert_eq!(error.reason(), Reason::Malformed, "a cursor of another person's list");
}
