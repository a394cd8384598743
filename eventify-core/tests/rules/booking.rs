//! Bookings: what is refused, and why.

use eventify_core::booking::{BookingView, HoldTickets};
use eventify_core::event::CreateEvent;
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Actor, Answer, BookingId, Error, EventId, Money, PageRequest, Role, TicketTypeId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn requests() -> Vec<Row> {
    the_shape_of_a_request().into_iter().chain(what_a_request_names()).collect()
}

fn the_shape_of_a_request() -> Vec<Row> {
    rows! {
        "nobody holds" => [NotAuthenticated] |w| {
            let (e, t) = w.sale(10).await;
            hold(w, &anonymous(), lines(e, &[(t, 1)])).await
        };
        "the app holds for nobody" => [NotAuthenticated] |w| {
            let (e, t) = w.sale(10).await;
            hold(w, &system(), lines(e, &[(t, 1)])).await
        };
        "an organizer holds" => [] |w| { let (e, t) = w.sale(10).await; hold(w, &organizer(), lines(e, &[(t, 1)])).await };
        "no line" => [EmptyBooking] |w| { let (e, _) = w.sale(10).await; hold(w, &attendee(), lines(e, &[])).await };
        "20 lines" => [] |w| { let (e, t) = w.sale(99).await; hold(w, &attendee(), lines(e, &[(t, 1); 20])).await };
        "21 lines" => [TooManyLines] |w| {
            let (e, t) = w.sale(99).await;
            hold(w, &attendee(), lines(e, &[(t, 1); 21])).await
        };
        "1,000 seats" => [] |w| { let (e, t) = w.sale(2_000).await; hold(w, &attendee(), lines(e, &[(t, 500), (t, 500)])).await };
        "1,001 seats" => [TooManyLines] |w| {
            let (e, t) = w.sale(2_000).await;
            hold(w, &attendee(), lines(e, &[(t, 500), (t, 501)])).await
        };
        "quantities that overflow together" => [TooManyLines] |w| {
            let (e, t) = w.sale(2_000).await;
            hold(w, &attendee(), lines(e, &[(t, u32::MAX), (t, u32::MAX)])).await
        };
        "a line of 0" => [InvalidValue] |w| {
            let (e, t) = w.sale(10).await;
            hold(w, &attendee(), lines(e, &[(t, 1), (t, 0)])).await
        };
        "seats of the only type" => [] |w| { let (e, _) = w.sale(10).await; hold(w, &attendee(), only(e, 2)).await };
        "seats of no type" => [TicketTypeNotFound] |w| {
            let e = w.published().await;
            hold(w, &attendee(), only(e, 2)).await
        };
    }
}

fn what_a_request_names() -> Vec<Row> {
    rows! {
        "seats of one of several types" => [InvalidValue] |w| {
            let (e, _) = w.sale(10).await;
            w.free(e, 10).await;
            hold(w, &attendee(), only(e, 2)).await
        };
        "seats and lines" => [InvalidValue] |w| {
            let (e, t) = w.sale(10).await;
            hold(w, &attendee(), HoldTickets { seats: Some(1), ..lines(e, &[(t, 1)]) }).await
        };
        "no seats" => [InvalidValue] |w| { let (e, _) = w.sale(10).await; hold(w, &attendee(), only(e, 0)).await };
        "an event that is not there" => [EventNotFound] |w| {
            let (_, t) = w.sale(10).await;
            hold(w, &attendee(), lines(EventId::from_bytes([9; 16]), &[(t, 1)])).await
        };
        "a type that is not there" => [TicketTypeNotFound] |w| {
            let (e, _) = w.sale(10).await;
            hold(w, &attendee(), lines(e, &[(TicketTypeId::from_bytes([9; 16]), 1)])).await
        };
        "a type of another event" => [TicketTypeNotFound] |w| {
            let (_, t) = w.sale(10).await;
            let (e, _) = w.sale(10).await;
            hold(w, &attendee(), lines(e, &[(t, 1)])).await
        };
        "two currencies" => [InvalidValue] |w| {
            let e = w.published().await;
            let (a, b) = (w.paid(e, 5, 100).await, priced(w, e, "EUR").await);
            hold(w, &attendee(), lines(e, &[(a, 1), (b, 1)])).await
        };
        "what is free has every currency" => [] |w| {
            let e = w.published().await;
            let (a, b) = (w.free(e, 5).await, priced(w, e, "EUR").await);
            hold(w, &attendee(), lines(e, &[(a, 1), (b, 1)])).await
        };
        "the highest price a thousand times" => [] |w| {
            let e = w.published().await;
            let t = w.paid(e, 1_000, 1_000_000_000_000).await;
            hold(w, &attendee(), lines(e, &[(t, 1_000)])).await
        };
    }
}

pub fn sales() -> Vec<Row> {
    on_sale_and_left().into_iter().chain(lines_and_limits()).collect()
}

fn on_sale_and_left() -> Vec<Row> {
    rows! {
        "a draft" => [EventNotPublished] |w| {
            let e = w.draft().await;
            let t = w.free(e, 10).await;
            hold(w, &attendee(), lines(e, &[(t, 1)])).await
        };
        "a cancelled event" => [EventCancelled] |w| {
            let (e, t) = w.sale(10).await;
            w.cancel_event(e).await;
            hold(w, &attendee(), lines(e, &[(t, 1)])).await
        };
        "a completed event" => [EventNotPublished] |w| {
            let (e, t) = w.sale(10).await;
            w.pass(11 * DAY).await;
            hold(w, &attendee(), lines(e, &[(t, 1)])).await
        };
        "a microsecond before sales begin" => [SalesNotStarted] |w| window(w, Some(1), None).await;
        "when sales begin" => [] |w| window(w, Some(0), None).await;
        "a microsecond before sales end" => [] |w| window(w, None, Some(1)).await;
        "when sales end" => [SalesEnded] |w| window(w, None, Some(0)).await;
        "while the event runs" => [] |w| {
            let (e, t) = w.sale(10).await;
            w.pass(10 * DAY + 3 * HOUR - TICK).await;
            hold(w, &attendee(), lines(e, &[(t, 1)])).await
        };
        "when the event is over and nobody has noticed yet" => [SalesEnded] |w| {
            let (e, t) = w.sale(10).await;
            w.clock.advance(10 * DAY + 3 * HOUR);
            hold(w, &attendee(), lines(e, &[(t, 1)])).await
        };
        "the last seats" => [] |w| { let (e, t) = w.sale(10).await; hold(w, &attendee(), lines(e, &[(t, 10)])).await };
        "more than there ever were" => [NotEnoughLeft] |w| {
            let (e, t) = w.sale(10).await;
            hold(w, &attendee(), lines(e, &[(t, 11)])).await
        };
        "more than there are left" => [NotEnoughLeft] |w| {
            let (e, t) = w.sale(10).await;
            w.buy(&attendee(), e, t, 9).await;
            hold(w, &attendee(), lines(e, &[(t, 2)])).await
        };
        "everything is sold" => [SoldOut] |w| {
            let (e, t) = w.sale(10).await;
            w.buy(&attendee(), e, t, 10).await;
            hold(w, &attendee(), lines(e, &[(t, 1)])).await
        };
        "everything is sold or held" => [NotEnoughLeft] |w| {
            let (e, t) = w.sale(10).await;
            w.buy(&attendee(), e, t, 9).await;
            w.hold(&attendee(), e, t, 1).await;
            hold(w, &attendee(), lines(e, &[(t, 1)])).await
        };
    }
}

fn lines_and_limits() -> Vec<Row> {
    rows! {
        "one line of two is sold out" => [SoldOut] |w| {
            let (e, a) = w.sale(10).await;
            let b = w.free(e, 1).await;
            w.buy(&attendee(), e, b, 1).await;
            hold(w, &attendee(), lines(e, &[(a, 1), (b, 1)])).await
        };
        "two lines of one type are more than are left" => [NotEnoughLeft] |w| {
            let (e, t) = w.sale(3).await;
            hold(w, &attendee(), lines(e, &[(t, 2), (t, 2)])).await
        };
        "the event's capacity is less than its types' seats" => [NotEnoughLeft] |w| {
            let e = w.draft_of(CreateEvent { capacity: Some(3), ..w.concert() }).await;
            let (a, b) = (w.free(e, 10).await, w.free(e, 10).await);
            w.publish(e).await;
            w.buy(&attendee(), e, a, 2).await;
            hold(w, &attendee(), lines(e, &[(b, 2)])).await
        };
        "the event is full, not the type" => [SoldOut] |w| {
            let e = w.draft_of(CreateEvent { capacity: Some(3), ..w.concert() }).await;
            let (a, b) = (w.free(e, 10).await, w.free(e, 10).await);
            w.publish(e).await;
            w.buy(&attendee(), e, a, 3).await;
            hold(w, &attendee(), lines(e, &[(b, 1)])).await
        };
        "as many as one person may have" => [] |w| limited(w, 3).await;
        "one more than one person may have" => [PerPersonLimit] |w| limited(w, 4).await;
        "another person's tickets do not count" => [] |w| {
            let (e, t) = sale_with_limit(w, 2).await;
            w.buy(&other_attendee(), e, t, 2).await;
            hold(w, &attendee(), lines(e, &[(t, 2)])).await
        };
        "held ones count" => [PerPersonLimit] |w| {
            let (e, t) = sale_with_limit(w, 2).await;
            w.hold(&attendee(), e, t, 1).await;
            w.buy(&attendee(), e, t, 1).await;
            hold(w, &attendee(), lines(e, &[(t, 1)])).await
        };
        "expired ones do not count" => [] |w| {
            let (e, t) = sale_with_limit(w, 2).await;
            w.hold(&attendee(), e, t, 2).await;
            w.pass(HOUR).await;
            hold(w, &attendee(), lines(e, &[(t, 2)])).await
        };
        "cancelled ones do not count" => [] |w| {
            let (e, t) = sale_with_limit(w, 2).await;
            let bought = w.buy(&attendee(), e, t, 2).await;
            w.eventify.bookings().cancel(&attendee(), bought.booking.id).await?;
            hold(w, &attendee(), lines(e, &[(t, 2)])).await
        };
    }
}

pub fn confirming() -> Vec<Row> {
    rows! {
        "a free hold" => [] |w| { let b = free_hold(w).await; confirm(w, &attendee(), b).await };
        "a booking that is not there" => [BookingNotFound] |w| confirm(w, &attendee(), BookingId::from_bytes([9; 16])).await;
        "somebody else's hold" => [BookingNotFound] |w| { let b = free_hold(w).await; confirm(w, &other_attendee(), b).await };
        "nobody confirms" => [NotAuthenticated] |w| { let b = free_hold(w).await; confirm(w, &anonymous(), b).await };
        "nobody confirms what is not there" => [NotAuthenticated] |w| {
            confirm(w, &anonymous(), BookingId::from_bytes([9; 16])).await
        };
        "a hold of another organizer's event" => [BookingNotFound] |w| {
            let b = free_hold(w).await;
            confirm(w, &other_organizer(), b).await
        };
        "what is to be paid" => [PaymentRequired] |w| { let b = paid_hold(w).await; confirm(w, &attendee(), b).await };
        "the organizer marks it paid" => [] |w| { let b = paid_hold(w).await; confirm(w, &organizer(), b).await };
        "an admin marks it paid" => [] |w| { let b = paid_hold(w).await; confirm(w, &admin(), b).await };
        "the app marks it paid" => [] |w| { let b = paid_hold(w).await; confirm(w, &system(), b).await };
        "a confirmed booking" => [BookingNotHeld] |w| {
            let b = free_hold(w).await;
            confirm(w, &attendee(), b).await?;
            w.mark().await;
            confirm(w, &attendee(), b).await
        };
        "a cancelled hold" => [BookingNotHeld] |w| {
            let b = free_hold(w).await;
            w.eventify.bookings().cancel(&attendee(), b).await?;
            w.mark().await;
            confirm(w, &attendee(), b).await
        };
        "a hold of a cancelled event" => [EventCancelled] |w| {
            let (e, t) = w.sale(2).await;
            let b = w.hold(&attendee(), e, t, 2).await.id;
            w.cancel_event(e).await;
            confirm(w, &attendee(), b).await
        };
        "a hold of a completed event" => [EventNotPublished] |w| {
            let b = free_hold(w).await;
            w.pass(11 * DAY).await;
            confirm(w, &attendee(), b).await
        };
    }
}

pub fn confirming_late() -> Vec<Row> {
    rows! {
        "a hold past its time that nobody has ended yet" => [] |w| {
            let b = free_hold(w).await;
            w.clock.advance(HOUR);
            confirm(w, &attendee(), b).await
        };
        "an expired hold whose seats are there" => [] |w| {
            let b = free_hold(w).await;
            w.pass(HOUR).await;
            confirm(w, &attendee(), b).await
        };
        "an expired hold whose seats are sold" => [BookingExpired] |w| {
            let (e, t) = w.sale(2).await;
            let b = w.hold(&attendee(), e, t, 2).await.id;
            w.pass(HOUR).await;
            w.buy(&other_attendee(), e, t, 1).await;
            confirm(w, &attendee(), b).await
        };
        "an expired hold of somebody who has enough by now" => [BookingExpired] |w| {
            let (e, t) = sale_with_limit(w, 2).await;
            let b = w.hold(&attendee(), e, t, 2).await.id;
            w.pass(HOUR).await;
            w.buy(&attendee(), e, t, 1).await;
            confirm(w, &attendee(), b).await
        };
        "an expired hold when the event is over and nobody has noticed yet" => [SalesEnded] |w| {
            let b = free_hold(w).await;
            w.pass(HOUR).await;
            w.clock.advance(10 * DAY + 2 * HOUR);
            confirm(w, &attendee(), b).await
        };
    }
}

pub fn cancelling() -> Vec<Row> {
    rows! {
        "a hold" => [] |w| { let b = free_hold(w).await; cancel(w, &attendee(), b).await };
        "tickets" => [] |w| { let b = bought(w).await; cancel(w, &attendee(), b).await };
        "a booking that is not there" => [BookingNotFound] |w| cancel(w, &attendee(), BookingId::from_bytes([9; 16])).await;
        "somebody else's" => [BookingNotFound] |w| { let b = bought(w).await; cancel(w, &other_attendee(), b).await };
        "nobody cancels" => [NotAuthenticated] |w| { let b = bought(w).await; cancel(w, &anonymous(), b).await };
        "a cancelled one" => [BookingNotHeld] |w| {
            let b = bought(w).await;
            cancel(w, &attendee(), b).await?;
            w.mark().await;
            cancel(w, &attendee(), b).await
        };
        "an expired one" => [BookingNotHeld] |w| {
            let b = free_hold(w).await;
            w.pass(HOUR).await;
            cancel(w, &attendee(), b).await
        };
        "a microsecond before the start" => [] |w| {
            let b = bought(w).await;
            w.pass(10 * DAY - TICK).await;
            cancel(w, &attendee(), b).await
        };
        "at the start" => [CancellationClosed] |w| {
            let b = bought(w).await;
            w.pass(10 * DAY).await;
            cancel(w, &attendee(), b).await
        };
        "by the organizer after the start" => [] |w| {
            let b = bought(w).await;
            w.pass(10 * DAY).await;
            cancel(w, &organizer(), b).await
        };
        "a hold after the start" => [] |w| {
            let (e, t) = w.sale(2).await;
            w.pass(10 * DAY).await;
            let b = w.hold(&attendee(), e, t, 2).await.id;
            cancel(w, &attendee(), b).await
        };
        "with a used ticket" => [TicketAlreadyUsed] |w| { let b = one_used(w).await; cancel(w, &attendee(), b).await };
        "with a used ticket, by the organizer" => [TicketAlreadyUsed] |w| {
            let b = one_used(w).await;
            cancel(w, &organizer(), b).await
        };
        "of a cancelled event" => [EventCancelled] |w| {
            let (e, t) = w.sale(2).await;
            let b = w.buy(&attendee(), e, t, 2).await.booking.id;
            w.cancel_event(e).await;
            cancel(w, &attendee(), b).await
        };
        "of another organizer's event" => [BookingNotFound] |w| {
            let b = bought(w).await;
            cancel(w, &other_organizer(), b).await
        };
    }
}

pub fn reading() -> Vec<Row> {
    rows! {
        "one's own" => [] |w| { let b = bought(w).await; w.eventify.bookings().get(&attendee(), b).await };
        "the organizer's event's" => [] |w| { let b = bought(w).await; w.eventify.bookings().get(&organizer(), b).await };
        "as an admin" => [] |w| { let b = bought(w).await; w.eventify.bookings().get(&admin(), b).await };
        "somebody else's" => [BookingNotFound] |w| {
            let b = bought(w).await;
            w.eventify.bookings().get(&other_attendee(), b).await
        };
        "as nobody" => [NotAuthenticated] |w| { let b = bought(w).await; w.eventify.bookings().get(&anonymous(), b).await };
        "nobody's own" => [NotAuthenticated] |w| w.eventify.bookings().mine(&anonymous(), &PageRequest::default()).await;
        "none of one's own" => [] |w| w.eventify.bookings().mine(&attendee(), &PageRequest::default()).await;
    }
}

const TICK: std::time::Duration = std::time::Duration::from_micros(1);

async fn hold(w: &World, who: &Actor, request: HoldTickets) -> Result<Answer<BookingView>, Error> {
    w.eventify.bookings().hold(who, request).await
}

async fn confirm(w: &World, who: &Actor, id: BookingId) -> Result<Answer<BookingView>, Error> {
    w.eventify.bookings().confirm(who, id).await
}

async fn cancel(w: &World, who: &Actor, id: BookingId) -> Result<BookingView, Error> {
    w.eventify.bookings().cancel(who, id).await
}

fn only(event_id: EventId, seats: u32) -> HoldTickets {
    HoldTickets::only(event_id, seats)
}

async fn priced(w: &World, e: EventId, currency: &str) -> TicketTypeId {
    let price = Some(Money::new(100, currency.parse().unwrap()));
    w.type_of(e, CreateTicketType { price, ..seats(5) }).await
}

/// A hold when sales begin or end so many microseconds from now.
async fn window(w: &World, start: Option<u64>, end: Option<u64>) -> Result<Answer<BookingView>, Error> {
    let e = w.published().await;
    w.clock.advance(HOUR);
    let at =
        |micros: Option<u64>| micros.map(|micros| w.now().plus(std::time::Duration::from_micros(micros)));
    let request = CreateTicketType { sales_start: at(start), sales_end: at(end), ..seats(10) };
    let t = w.type_of(e, request).await;
    hold(w, &attendee(), lines(e, &[(t, 1)])).await
}

async fn sale_with_limit(w: &World, max: u32) -> (EventId, TicketTypeId) {
    let e = w.published().await;
    let per_person_max = Some(max);
    (e, w.type_of(e, CreateTicketType { per_person_max, ..seats(100) }).await)
}

/// Of three that one person may have.
async fn limited(w: &World, wanted: u32) -> Result<Answer<BookingView>, Error> {
    let (e, t) = sale_with_limit(w, 3).await;
    hold(w, &attendee(), lines(e, &[(t, 1), (t, wanted - 1)])).await
}

async fn free_hold(w: &World) -> BookingId {
    let (e, t) = w.sale(10).await;
    w.hold(&attendee(), e, t, 2).await.id
}

async fn paid_hold(w: &World) -> BookingId {
    let e = w.published().await;
    let t = w.paid(e, 10, 500).await;
    w.hold(&attendee(), e, t, 2).await.id
}

async fn bought(w: &World) -> BookingId {
    let (e, t) = w.sale(10).await;
    w.buy(&attendee(), e, t, 2).await.booking.id
}

async fn one_used(w: &World) -> BookingId {
    let (e, t) = w.sale(10).await;
    let bought = w.buy(&attendee(), e, t, 2).await;
    let scan = eventify_core::ticket::Scan::default();
    w.eventify.tickets().check_in(&organizer(), &bought.tickets[1].code, scan).await.unwrap();
    w.mark().await;
    bought.booking.id
}

#[tokio::test]
async fn requests_have_rules() {
    run(requests()).await;
}

#[tokio::test]
async fn sales_have_rules() {
    run(sales()).await;
}

#[tokio::test]
async fn confirming_has_rules() {
    run(confirming()).await;
    run(confirming_late()).await;
}

#[tokio::test]
async fn cancelling_a_booking_has_rules() {
    run(cancelling()).await;
}

#[tokio::test]
async fn reading_bookings_has_rules() {
    run(reading()).await;
}

#[tokio::test]
async fn payments_that_are_off_ask_nobody_for_money() {
    let mut settings = eventify_core::Settings::default();
    settings.payments = eventify_core::PaymentPolicy::Off;
    let w = World::with(settings).await;
    let e = w.published().await;
    let t = w.paid(e, 10, 500).await;
    assert_eq!(w.buy(&attendee(), e, t, 2).await.tickets.len(), 2);
    let held = w.hold(&person(9, Role::Attendee), e, t, 1).await;
    confirm(&w, &person(9, Role::Attendee), held.id).await.unwrap();
}
