//! Waitlists: getting in line, being offered what comes back in order, and never being overtaken.

use std::time::Duration;

use eventify_core::booking::{BookingStatus, BookingView};
use eventify_core::event::{CreateEvent, UpdateEvent};
use eventify_core::notification::FactName;
use eventify_core::ticket_type::{CreateTicketType, UpdateTicketType};
use eventify_core::waitlist::{JoinWaitlist, WaitlistEntry, WaitlistView};
use eventify_core::{Actor, BookingId, Change, Error, EventId, PageRequest, Role, TicketTypeId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn waiting() -> Vec<Row> {
    joining().into_iter().chain(when_and_where()).chain(being_in_line()).collect()
}

fn joining() -> Vec<Row> {
    rows! {
        "for what is sold out" => [] |w| { let (e, t) = sold_out(w, 4).await; join(w, &eve(), e, t, 4).await };
        "for what is there" => [WaitlistNotNeeded] |w| { let (e, t) = w.sale(4).await; join(w, &eve(), e, t, 4).await };
        "for more than is left" => [] |w| {
            let (e, t) = w.sale(4).await;
            w.buy(&attendee(), e, t, 2).await;
            join(w, &eve(), e, t, 3).await
        };
        "for what is there, behind others" => [] |w| {
            let (e, t) = w.sale(4).await;
            w.buy(&attendee(), e, t, 2).await;
            wait(w, &eve(), e, t, 3).await;
            join(w, &other_attendee(), e, t, 1).await
        };
        "for what the hall is too full for" => [] |w| {
            let e = w.draft_of(CreateEvent { capacity: Some(2), ..w.concert() }).await;
            let (a, b) = (w.free(e, 9).await, w.free(e, 9).await);
            w.publish(e).await;
            w.buy(&attendee(), e, a, 2).await;
            join(w, &eve(), e, b, 1).await
        };
        "for more than there ever were" => [InvalidValue] |w| { let (e, t) = sold_out(w, 4).await; join(w, &eve(), e, t, 5).await };
        "for none" => [InvalidValue] |w| { let (e, t) = sold_out(w, 4).await; join(w, &eve(), e, t, 0).await };
        "for 50" => [] |w| { let (e, t) = sold_out(w, 60).await; join(w, &eve(), e, t, 50).await };
        "for 51" => [InvalidValue] |w| { let (e, t) = sold_out(w, 60).await; join(w, &eve(), e, t, 51).await };
        "twice" => [AlreadyWaiting] |w| {
            let (e, t) = sold_out(w, 4).await;
            wait(w, &eve(), e, t, 1).await;
            join(w, &eve(), e, t, 1).await
        };
        "for two types" => [] |w| {
            let (e, a) = sold_out(w, 4).await;
            let b = w.free(e, 1).await;
            w.buy(&attendee(), e, b, 1).await;
            wait(w, &eve(), e, a, 1).await;
            join(w, &eve(), e, b, 1).await
        };
        "for more than one person may have" => [PerPersonLimit] |w| {
            let e = w.published().await;
            let t = w.type_of(e, CreateTicketType { per_person_max: Some(3), ..seats(4) }).await;
            w.buy(&eve(), e, t, 2).await;
            w.buy(&attendee(), e, t, 2).await;
            join(w, &eve(), e, t, 2).await
        };
    }
}

fn when_and_where() -> Vec<Row> {
    rows! {
        "for a draft's tickets" => [EventNotPublished] |w| {
            let e = w.draft().await;
            let t = w.free(e, 1).await;
            join(w, &eve(), e, t, 1).await
        };
        "for a cancelled event's tickets" => [EventCancelled] |w| {
            let (e, t) = sold_out(w, 4).await;
            w.cancel_event(e).await;
            join(w, &eve(), e, t, 1).await
        };
        "when sales are over" => [SalesEnded] |w| {
            let e = w.published().await;
            let sales_end = Some(w.now().plus(HOUR));
            let t = w.type_of(e, CreateTicketType { sales_end, ..seats(1) }).await;
            w.buy(&attendee(), e, t, 1).await;
            w.pass(HOUR).await;
            join(w, &eve(), e, t, 1).await
        };
        "before sales begin" => [SalesNotStarted] |w| {
            let e = w.published().await;
            let sales_start = Some(w.now().plus(HOUR));
            let t = w.type_of(e, CreateTicketType { sales_start, ..seats(1) }).await;
            join(w, &eve(), e, t, 1).await
        };
        "for a hidden type" => [TicketTypeNotFound] |w| {
            let e = w.published().await;
            let t = w.type_of(e, CreateTicketType { hidden: true, ..seats(1) }).await;
            join(w, &eve(), e, t, 1).await
        };
        "for a type of another event" => [TicketTypeNotFound] |w| {
            let (_, t) = sold_out(w, 4).await;
            let e = w.published().await;
            join(w, &eve(), e, t, 1).await
        };
        "by nobody" => [NotAuthenticated] |w| { let (e, t) = sold_out(w, 4).await; join(w, &anonymous(), e, t, 1).await };
    }
}

fn being_in_line() -> Vec<Row> {
    rows! {
        "leaving" => [] |w| {
            let (e, t) = sold_out(w, 4).await;
            wait(w, &eve(), e, t, 1).await;
            w.eventify.waitlists().leave(&eve(), e, t).await
        };
        "leaving without being there" => [NotWaiting] |w| {
            let (e, t) = sold_out(w, 4).await;
            w.eventify.waitlists().leave(&eve(), e, t).await
        };
        "leaving what another waits for" => [NotWaiting] |w| {
            let (e, t) = sold_out(w, 4).await;
            wait(w, &eve(), e, t, 1).await;
            w.eventify.waitlists().leave(&attendee(), e, t).await
        };
        "leaving by another event's path" => [NotWaiting] |w| {
            let (e, t) = sold_out(w, 4).await;
            wait(w, &eve(), e, t, 1).await;
            let other = w.published().await;
            w.eventify.waitlists().leave(&eve(), other, t).await
        };
        "looking without being there" => [NotWaiting] |w| {
            let (e, t) = sold_out(w, 4).await;
            w.eventify.waitlists().mine(&eve(), e, t).await
        };
        "a newcomer takes what came back" => [NotEnoughLeft] |w| {
            let (e, t) = one_back(w).await;
            w.eventify.bookings().hold(&other_attendee(), lines(e, &[(t, 1)])).await
        };
        "a newcomer buys at once what came back" => [NotEnoughLeft] |w| {
            let (e, t) = one_back(w).await;
            w.eventify.bookings().buy(&other_attendee(), lines(e, &[(t, 1)])).await
        };
        "an expired hold takes what came back" => [BookingExpired] |w| {
            let (e, t) = w.sale(2).await;
            let held = w.hold(&attendee(), e, t, 2).await.id;
            wait(w, &eve(), e, t, 2).await;
            w.clock.advance(HOUR);
            w.run_jobs().await;
            w.mark().await;
            w.eventify.bookings().confirm(&attendee(), held).await
        };
        "an offer in time" => [] |w| {
            let offer = offered(w).await;
            w.pass(DAY - TICK).await;
            w.eventify.bookings().confirm(&eve(), offer).await
        };
        "an offer too late" => [OfferExpired] |w| {
            let offer = offered(w).await;
            w.pass(DAY).await;
            w.eventify.bookings().confirm(&eve(), offer).await
        };
        "somebody else's offer" => [BookingNotFound] |w| {
            let offer = offered(w).await;
            w.eventify.bookings().confirm(&attendee(), offer).await
        };
    }
}

const TICK: Duration = Duration::from_micros(1);

fn eve() -> Actor {
    person(7, Role::Attendee)
}

async fn sold_out(w: &World, quantity: u32) -> (EventId, TicketTypeId) {
    let (e, t) = w.sale(quantity).await;
    w.buy(&attendee(), e, t, quantity).await;
    (e, t)
}

async fn join(
    w: &World,
    who: &Actor,
    e: EventId,
    t: TicketTypeId,
    quantity: u32,
) -> Result<WaitlistView, Error> {
    w.eventify.waitlists().join(who, e, t, JoinWaitlist { quantity }).await
}

async fn wait(w: &World, who: &Actor, e: EventId, t: TicketTypeId, quantity: u32) {
    join(w, who, e, t, quantity).await.unwrap();
    w.run_jobs().await;
    w.mark().await;
}

/// One ticket came back that Eve waits for two of.
async fn one_back(w: &World) -> (EventId, TicketTypeId) {
    let (e, t) = w.sale(3).await;
    w.buy(&attendee(), e, t, 2).await;
    let last = w.buy(&attendee(), e, t, 1).await.booking.id;
    wait(w, &eve(), e, t, 2).await;
    give_back(w, last).await;
    (e, t)
}

async fn give_back(w: &World, id: BookingId) {
    w.eventify.bookings().cancel(&attendee(), id).await.unwrap();
    w.run_jobs().await;
    w.mark().await;
}

async fn bookings_of(w: &World, who: &Actor) -> Vec<BookingView> {
    w.eventify.bookings().mine(who, &PageRequest::default()).await.unwrap().data
}

/// What came back is offered to Eve.
async fn offered(w: &World) -> BookingId {
    let (e, t) = w.sale(1).await;
    let bought = w.buy(&attendee(), e, t, 1).await.booking.id;
    wait(w, &eve(), e, t, 1).await;
    give_back(w, bought).await;
    bookings_of(w, &eve()).await[0].id
}

#[tokio::test]
async fn waiting_has_rules() {
    run(waiting()).await;
}

#[tokio::test]
async fn what_comes_back_goes_to_the_first_and_what_they_leave_to_the_next() {
    let w = World::new().await;
    let (e, t) = w.sale(2).await;
    let bought = w.buy(&attendee(), e, t, 2).await.booking.id;
    for n in 0..3 {
        wait(&w, &someone(n), e, t, 1).await;
    }
    let place = w.eventify.waitlists().mine(&someone(2), e, t).await.unwrap();
    assert_eq!((place.ahead_max, place.quantity), (2, 1));
    let seen = w.eventify.ticket_types().get(&attendee(), e, t).await.unwrap();
    assert_eq!((seen.waiting, seen.available), (3, 0));
    give_back(&w, bought).await;
    assert_eq!(w.counted(e, t).await, (2, 0, 2), "offers are holds");
    let first = bookings_of(&w, &someone(0)).await;
    assert!(first[0].from_waitlist && first[0].status == BookingStatus::Held);
    assert_eq!(first[0].expires_at, Some(w.now().plus(DAY)));
    let told = w.told(&someone(0)).await;
    assert_eq!(told[0].fact, FactName::WaitlistOffered);
    assert!(bookings_of(&w, &someone(2)).await.is_empty(), "not yet");
    w.eventify.bookings().confirm(&someone(1), bookings_of(&w, &someone(1)).await[0].id).await.unwrap();
    w.pass(DAY).await;
    assert_eq!(bookings_of(&w, &someone(0)).await[0].status, BookingStatus::Expired);
    assert_eq!(bookings_of(&w, &someone(2)).await[0].status, BookingStatus::Held);
    assert_eq!(w.counted(e, t).await, (2, 1, 1));
    w.assert_sound("the next had their turn").await;
    w.pass(DAY).await;
    assert_eq!(w.buy(&attendee(), e, t, 1).await.tickets.len(), 1, "nobody waits any more");
}

#[tokio::test]
async fn nobody_is_passed_unless_the_type_says_so() {
    for skips in [false, true] {
        let w = World::new().await;
        let e = w.published().await;
        let t = w.type_of(e, CreateTicketType { waitlist_skips: skips, ..seats(3) }).await;
        let two = w.buy(&attendee(), e, t, 2).await.booking.id;
        let one = w.buy(&attendee(), e, t, 1).await.booking.id;
        wait(&w, &someone(0), e, t, 3).await;
        wait(&w, &someone(1), e, t, 2).await;
        wait(&w, &someone(2), e, t, 1).await;
        give_back(&w, two).await;
        let has = async |n| bookings_of(&w, &someone(n)).await.len();
        assert_eq!([has(0).await, has(1).await, has(2).await], [0, usize::from(skips), 0]);
        w.assert_sound("two came back").await;
        give_back(&w, one).await;
        let after = if skips { [0, 1, 1] } else { [1, 0, 0] };
        assert_eq!([has(0).await, has(1).await, has(2).await], after);
        w.assert_sound("three came back").await;
        if !skips {
            let passing = UpdateTicketType { waitlist_skips: Some(true), ..UpdateTicketType::default() };
            w.change_type(e, t, passing).await;
        }
    }
}

#[tokio::test]
async fn who_joins_for_less_passes_only_where_that_is_allowed() {
    for skips in [false, true] {
        let w = World::new().await;
        let e = w.published().await;
        let t = w.type_of(e, CreateTicketType { waitlist_skips: skips, ..seats(2) }).await;
        w.buy(&attendee(), e, t, 1).await;
        wait(&w, &someone(0), e, t, 2).await;
        wait(&w, &someone(1), e, t, 1).await;
        assert_eq!(bookings_of(&w, &someone(1)).await.len(), usize::from(skips));
        w.assert_sound("joined").await;
    }
}

#[tokio::test]
async fn who_leaves_lets_the_next_one_have_it() {
    let w = World::new().await;
    let (e, t) = w.sale(2).await;
    w.buy(&attendee(), e, t, 1).await;
    wait(&w, &someone(0), e, t, 2).await;
    wait(&w, &someone(1), e, t, 1).await;
    w.eventify.waitlists().leave(&someone(0), e, t).await.unwrap();
    w.run_jobs().await;
    assert_eq!(bookings_of(&w, &someone(1)).await.len(), 1);
    w.assert_sound("left").await;
}

#[tokio::test]
async fn more_seats_and_a_larger_hall_are_offered_too() {
    let w = World::new().await;
    let e = w.draft_of(CreateEvent { capacity: Some(1), ..w.concert() }).await;
    let t = w.free(e, 1).await;
    w.publish(e).await;
    w.buy(&attendee(), e, t, 1).await;
    // Joins for as many as there are.
    wait(&w, &someone(0), e, t, 1).await;
    w.change_type(e, t, UpdateTicketType { quantity: Some(2), ..UpdateTicketType::default() }).await;
    w.run_jobs().await;
    assert!(bookings_of(&w, &someone(0)).await.is_empty(), "the hall is full");
    w.update_event(e, UpdateEvent { capacity: Some(Change::To(2)), ..UpdateEvent::default() }).await;
    w.run_jobs().await;
    assert_eq!(bookings_of(&w, &someone(0)).await.len(), 1);
    w.assert_sound("larger").await;
}

#[tokio::test]
async fn an_offer_near_the_start_lasts_a_quarter_of_what_is_left() {
    let w = World::new().await;
    let (e, t) = w.sale(1).await;
    let bought = w.buy(&attendee(), e, t, 1).await.booking.id;
    wait(&w, &eve(), e, t, 1).await;
    w.pass(10 * DAY - 4 * HOUR).await;
    give_back(&w, bought).await;
    assert_eq!(bookings_of(&w, &eve()).await[0].expires_at, Some(w.now().plus(HOUR)));
}

#[tokio::test]
async fn who_bought_elsewhere_all_they_may_have_is_passed() {
    let w = World::new().await;
    let e = w.published().await;
    let t = w.type_of(e, CreateTicketType { per_person_max: Some(1), ..seats(2) }).await;
    let (one, two) = (w.buy(&attendee(), e, t, 1).await, w.buy(&other_attendee(), e, t, 1).await);
    wait(&w, &someone(0), e, t, 1).await;
    wait(&w, &someone(1), e, t, 1).await;
    w.eventify.bookings().cancel(&attendee(), one.booking.id).await.unwrap();
    w.run_jobs().await;
    let offer = bookings_of(&w, &someone(0)).await[0].id;
    wait(&w, &attendee(), e, t, 1).await;
    w.eventify.bookings().confirm(&someone(0), offer).await.unwrap();
    w.eventify.bookings().cancel(&other_attendee(), two.booking.id).await.unwrap();
    w.run_jobs().await;
    assert_eq!(bookings_of(&w, &someone(1)).await.len(), 1);
    w.assert_sound("in order").await;
}

#[tokio::test]
async fn a_list_ends_with_its_event() {
    for cancelled in [true, false] {
        let w = World::new().await;
        let (e, t) = sold_out(&w, 1).await;
        for n in 0..120 {
            join(&w, &someone(n), e, t, 1).await.unwrap();
        }
        if cancelled {
            w.cancel_event(e).await;
        } else {
            w.clock.advance(11 * DAY);
        }
        w.run_jobs().await;
        assert_eq!(w.everything().await.of::<WaitlistEntry>().count(), 0);
        assert_eq!(w.eventify.ticket_types().get(&organizer(), e, t).await.unwrap().waiting, 0);
        w.assert_sound("over").await;
    }
}
