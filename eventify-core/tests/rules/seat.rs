//! Seat maps: drawing them, and holding the very seats or the best ones.

use eventify_core::booking::{BookingView, HoldTickets};
use eventify_core::event::CreateEvent;
use eventify_core::seat_map::{PutBlock, PutRow, PutSeatMap, PutSection, SeatId, SeatStatus, SectionView};
use eventify_core::ticket::Scan;
use eventify_core::ticket_type::UpdateTicketType;
use eventify_core::{Answer, Error, EventId, IfMatch, PageRequest, TicketTypeId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn drawing() -> Vec<Row> {
    who_and_what().into_iter().chain(bounds()).chain(what_is_taken()).collect()
}

fn who_and_what() -> Vec<Row> {
    rows! {
        "a map of a draft" => [] |w| { let e = w.draft().await; map(w, e, true).await };
        "a map of a cancelled event" => [EventCancelled] |w| { let e = w.cancelled().await; map(w, e, true).await };
        "a section of a completed event" => [EventNotPublished] |w| {
            let (e, t) = w.sale(1).await;
            w.pass(11 * DAY).await;
            draw(w, e, 1, vec![row(t, 1, 4)]).await
        };
        "a section of an event that is not there" => [EventNotFound] |w| {
            let (_, t) = w.sale(1).await;
            draw(w, EventId::from_bytes([9; 16]), 1, vec![row(t, 1, 4)]).await
        };
        "seats of another event's type" => [TicketTypeNotFound] |w| {
            let (_, t) = w.sale(1).await;
            let e = w.published().await;
            draw(w, e, 1, vec![row(t, 1, 4)]).await
        };
        "seats of a type that was sold without" => [QuantityBelowSold] |w| {
            let (e, t) = w.sale(9).await;
            w.buy(&attendee(), e, t, 1).await;
            draw(w, e, 1, vec![row(t, 1, 4)]).await
        };
        "the quantity of a type that is sold by seat" => [InvalidValue] |w| {
            let (e, t) = hall(w).await;
            change(w, e, t, UpdateTicketType { quantity: Some(9), ..UpdateTicketType::default() }).await
        };
        "the price of a type that is sold by seat" => [] |w| {
            let (e, t) = hall(w).await;
            change(w, e, t, UpdateTicketType { price: Some(tenge(9)), ..UpdateTicketType::default() }).await
        };
        "a map that is not there" => [SeatMapNotFound] |w| {
            let e = w.published().await;
            w.eventify.seat_maps().get(&attendee(), e).await
        };
        "a map of somebody's draft" => [EventNotFound] |w| {
            let e = w.draft().await;
            w.eventify.seat_maps().get(&attendee(), e).await
        };
        "rows of a section that is not there" => [SectionNotFound] |w| {
            let (e, _) = hall(w).await;
            w.eventify.seat_maps().rows(&attendee(), e, 2, &PageRequest::default()).await
        };
        "deleting a section that is not there" => [SectionNotFound] |w| {
            let (e, _) = hall(w).await;
            w.eventify.seat_maps().delete_section(&organizer(), e, 2).await
        };
        "a draft with a seat map is deleted" => [] |w| {
            let e = w.draft().await;
            let t = w.free(e, 1).await;
            draw(w, e, 1, vec![row(t, 1, 4); 3]).await?;
            draw(w, e, 2, vec![row(t, 1, 4)]).await?;
            w.eventify.events().delete(&organizer(), e).await?;
            w.run_jobs().await;
            assert_eq!(w.everything().await.of::<eventify_core::seat_map::SeatRow>().count(), 0);
            assert_eq!(w.everything().await.of::<eventify_core::seat_map::SeatMap>().count(), 0);
            Ok::<_, Error>(())
        };
    }
}

fn bounds() -> Vec<Row> {
    rows! {
        "section 0" => [InvalidValue] |w| { let (e, t) = w.sale(1).await; draw(w, e, 0, vec![row(t, 1, 4)]).await };
        "section 100" => [] |w| { let (e, t) = w.sale(1).await; draw(w, e, 100, vec![row(t, 1, 4)]).await };
        "section 101" => [InvalidValue] |w| { let (e, t) = w.sale(1).await; draw(w, e, 101, vec![row(t, 1, 4)]).await };
        "no rows" => [InvalidValue] |w| { let (e, _) = w.sale(1).await; draw(w, e, 1, vec![]).await };
        "200 rows" => [] |w| { let (e, t) = w.sale(1).await; draw(w, e, 1, vec![row(t, 1, 4); 200]).await };
        "201 rows" => [InvalidValue] |w| { let (e, t) = w.sale(1).await; draw(w, e, 1, vec![row(t, 1, 4); 201]).await };
        "20,000 seats" => [] |w| { let (e, t) = w.sale(1).await; draw(w, e, 1, vec![row(t, 1, 100); 200]).await };
        "more than 20,000 seats" => [InvalidValue] |w| {
            let (e, t) = w.sale(1).await;
            draw(w, e, 1, vec![row(t, 1, 101); 200]).await
        };
        "a row of 200 seats" => [] |w| { let (e, t) = w.sale(1).await; draw(w, e, 1, vec![row(t, 1, 200)]).await };
        "a row of 201 seats" => [InvalidValue] |w| { let (e, t) = w.sale(1).await; draw(w, e, 1, vec![row(t, 1, 201)]).await };
        "seat 0" => [InvalidValue] |w| { let (e, t) = w.sale(1).await; draw(w, e, 1, vec![row(t, 0, 4)]).await };
        "seat 10,000" => [] |w| { let (e, t) = w.sale(1).await; draw(w, e, 1, vec![row(t, 9_999, 10_000)]).await };
        "seat 10,001" => [InvalidValue] |w| { let (e, t) = w.sale(1).await; draw(w, e, 1, vec![row(t, 9_999, 10_001)]).await };
        "a block that runs backwards" => [InvalidValue] |w| { let (e, t) = w.sale(1).await; draw(w, e, 1, vec![row(t, 4, 3)]).await };
        "blocks that overlap" => [InvalidValue] |w| {
            let (e, t) = w.sale(1).await;
            let blocks = vec![block(t, 1, 4), block(t, 4, 6)];
            draw(w, e, 1, vec![PutRow { blocks, ..row(t, 1, 1) }]).await
        };
        "21 blocks" => [InvalidValue] |w| {
            let (e, t) = w.sale(1).await;
            let blocks = (1..=21).map(|n| block(t, n, n)).collect();
            draw(w, e, 1, vec![PutRow { blocks, ..row(t, 1, 1) }]).await
        };
        "a blocked seat that the row has not" => [InvalidValue] |w| {
            let (e, t) = w.sale(1).await;
            draw(w, e, 1, vec![PutRow { blocked: vec![5], ..row(t, 1, 4) }]).await
        };
        "an accessible seat that the row has not" => [InvalidValue] |w| {
            let (e, t) = w.sale(1).await;
            draw(w, e, 1, vec![PutRow { accessible: vec![5], ..row(t, 1, 4) }]).await
        };
        "a label of 21 characters" => [InvalidValue] |w| {
            let (e, t) = w.sale(1).await;
            draw(w, e, 1, vec![PutRow { label: "ж".repeat(21), ..row(t, 1, 4) }]).await
        };
        "21 ticket types" => [InvalidValue] |w| {
            let (e, t) = w.sale(1).await;
            let mut rows = vec![row(t, 1, 4)];
            for _ in 0..20 {
                rows.push(row(w.free(e, 1).await, 1, 4));
            }
            draw(w, e, 1, rows).await
        };
    }
}

fn what_is_taken() -> Vec<Row> {
    rows! {
        "a row with a held seat drawn in another way" => [SeatTaken] |w| {
            let (e, t) = one_held(w).await;
            draw(w, e, 1, vec![row(t, 1, 9), row(t, 1, 8)]).await
        };
        "a row with a held seat drawn as it was" => [] |w| {
            let (e, t) = one_held(w).await;
            draw(w, e, 1, vec![row(t, 1, 8), row(t, 1, 20)]).await
        };
        "a row with a held seat left out" => [SeatTaken] |w| {
            let (e, _) = one_held(w).await;
            w.eventify.seat_maps().delete_section(&organizer(), e, 1).await
        };
        "a held seat blocked" => [SeatTaken] |w| {
            let (e, t) = one_held(w).await;
            draw(w, e, 1, vec![PutRow { blocked: vec![1], ..row(t, 1, 8) }, row(t, 1, 8)]).await
        };
        "a free seat blocked beside a held one" => [] |w| {
            let (e, t) = one_held(w).await;
            draw(w, e, 1, vec![PutRow { blocked: vec![2], ..row(t, 1, 8) }, row(t, 1, 8)]).await
        };
        "a section whose seats came back is deleted" => [] |w| {
            let (e, _) = one_held(w).await;
            w.pass(HOUR).await;
            w.eventify.seat_maps().delete_section(&organizer(), e, 1).await
        };
    }
}

pub fn holding() -> Vec<Row> {
    named().into_iter().chain(best()).collect()
}

fn named() -> Vec<Row> {
    rows! {
        "free seats" => [] |w| { let (e, _) = hall(w).await; hold(w, e, &[seat(1, 1), seat(2, 8)]).await };
        "a seat that somebody holds" => [SeatTaken] |w| { let (e, _) = one_held(w).await; hold(w, e, &[seat(1, 1)]).await };
        "a seat that came back" => [] |w| {
            let (e, _) = one_held(w).await;
            w.pass(HOUR).await;
            hold(w, e, &[seat(1, 1)]).await
        };
        "a blocked seat" => [SeatTaken] |w| {
            let (e, t) = w.sale(1).await;
            draw(w, e, 1, vec![PutRow { blocked: vec![2], ..row(t, 1, 4) }]).await?;
            w.mark().await;
            hold(w, e, &[seat(1, 2)]).await.map(drop)
        };
        "a seat that the row has not" => [SeatUnknown] |w| { let (e, _) = hall(w).await; hold(w, e, &[seat(1, 9)]).await };
        "a row that is not there" => [SeatUnknown] |w| { let (e, _) = hall(w).await; hold(w, e, &[seat(3, 1)]).await };
        "an event without seats" => [SeatUnknown] |w| { let (e, _) = w.sale(9).await; hold(w, e, &[seat(1, 1)]).await };
        "a seat twice" => [InvalidValue] |w| { let (e, _) = hall(w).await; hold(w, e, &[seat(1, 1), seat(1, 1)]).await };
        "seats and lines" => [InvalidValue] |w| {
            let (e, t) = hall(w).await;
            let both = HoldTickets { seat_ids: vec![seat(1, 1)], ..lines(e, &[(t, 1)]) };
            w.eventify.bookings().hold(&attendee(), both).await
        };
        "1,001 seats" => [TooManyLines] |w| {
            let (e, _) = hall(w).await;
            let seats: Vec<SeatId> = (1..=1_001).map(|n| seat(1, n)).collect();
            hold(w, e, &seats).await
        };
        "a seat beyond the hall's capacity" => [NotEnoughLeft] |w| {
            let e = w.draft_of(CreateEvent { capacity: Some(1), ..w.concert() }).await;
            let t = w.free(e, 1).await;
            w.publish(e).await;
            draw(w, e, 1, vec![row(t, 1, 4)]).await?;
            w.mark().await;
            hold(w, e, &[seat(1, 1), seat(1, 2)]).await.map(drop)
        };
        "an expired hold whose seat another has" => [BookingExpired] |w| {
            let (e, _) = hall(w).await;
            let id = held(w, e, &[seat(1, 1)]).await.id;
            w.pass(HOUR).await;
            held(w, e, &[seat(1, 1)]).await;
            w.eventify.bookings().confirm(&attendee(), id).await
        };
        "an expired hold whose seat is gone" => [BookingExpired] |w| {
            let (e, t) = hall(w).await;
            let id = held(w, e, &[seat(2, 1)]).await.id;
            w.pass(HOUR).await;
            draw(w, e, 1, vec![row(t, 1, 8)]).await?;
            w.mark().await;
            w.eventify.bookings().confirm(&attendee(), id).await.map(drop)
        };
    }
}

fn best() -> Vec<Row> {
    rows! {
        "all of a row" => [] |w| { let (e, t) = hall(w).await; best_of(w, e, t, 8).await };
        "more than a row has" => [SeatsNotTogether] |w| { let (e, t) = hall(w).await; best_of(w, e, t, 9).await };
        "more than a row has, in two lines" => [] |w| {
            let (e, t) = hall(w).await;
            w.eventify.bookings().hold(&attendee(), lines(e, &[(t, 5), (t, 4)])).await
        };
        "more than there are" => [NotEnoughLeft] |w| { let (e, t) = hall(w).await; best_of(w, e, t, 17).await };
        "51 together" => [SeatsNotTogether] |w| {
            let (e, t) = w.sale(1).await;
            draw(w, e, 1, vec![row(t, 1, 200)]).await?;
            w.mark().await;
            best_of(w, e, t, 51).await.map(drop)
        };
        "across an aisle" => [SeatsNotTogether] |w| {
            let (e, t) = w.sale(1).await;
            let blocks = vec![block(t, 1, 2), block(t, 3, 4)];
            draw(w, e, 1, vec![PutRow { blocks, ..row(t, 1, 1) }]).await?;
            w.mark().await;
            best_of(w, e, t, 3).await.map(drop)
        };
        "nothing is left" => [SoldOut] |w| {
            let (e, t) = hall(w).await;
            w.eventify.bookings().buy(&attendee(), lines(e, &[(t, 8), (t, 8)])).await.unwrap();
            w.mark().await;
            best_of(w, e, t, 1).await
        };
        "one left alone beside a booking" => [LeavesSingleSeat] |w| {
            let (e, _) = no_gaps(w).await;
            hold(w, e, &[seat(1, 2)]).await
        };
        "two left beside a booking" => [] |w| { let (e, _) = no_gaps(w).await; hold(w, e, &[seat(1, 3)]).await };
        "one left alone at the other end" => [LeavesSingleSeat] |w| {
            let (e, _) = no_gaps(w).await;
            hold(w, e, &[seat(1, 6), seat(1, 7)]).await
        };
        "the best ones would leave one alone everywhere" => [SeatsNotTogether] |w| {
            let (e, t) = no_gaps(w).await;
            best_of(w, e, t, 7).await
        };
        "a whole row in two lines, of which the first alone would leave one" => [] |w| {
            let (e, t) = no_gaps(w).await;
            let held = w.eventify.bookings().hold(&attendee(), lines(e, &[(t, 1), (t, 7)])).await?;
            assert!(held.lines.iter().flat_map(|line| &line.seats).all(|seat| seat.seat.row == 1));
            Ok::<_, Error>(held)
        };
        "one that was alone before" => [] |w| {
            let (e, _) = one_alone(w).await;
            hold(w, e, &[seat(1, 4), seat(1, 5)]).await
        };
    }
}

fn row(t: TicketTypeId, from: u16, to: u16) -> PutRow {
    PutRow { label: "A".to_owned(), blocks: vec![block(t, from, to)], ..PutRow::default() }
}

const fn block(ticket_type_id: TicketTypeId, from: u16, to: u16) -> PutBlock {
    PutBlock { ticket_type_id, from, to }
}

const fn seat(row: u16, number: u16) -> SeatId {
    SeatId { section: 1, row, number }
}

async fn map(w: &World, e: EventId, no_single_gaps: bool) -> Result<(), Error> {
    w.eventify.seat_maps().put(&organizer(), e, PutSeatMap { no_single_gaps }).await.map(drop)
}

async fn draw(w: &World, e: EventId, section: u16, rows: Vec<PutRow>) -> Result<SectionView, Error> {
    let request = PutSection { name: "Stalls".to_owned(), rows };
    w.eventify.seat_maps().put_section(&organizer(), e, section, request).await
}

/// Two rows of eight.
async fn hall(w: &World) -> (EventId, TicketTypeId) {
    let (e, t) = w.sale(1).await;
    draw(w, e, 1, vec![row(t, 1, 8), row(t, 1, 8)]).await.unwrap();
    w.mark().await;
    (e, t)
}

async fn one_held(w: &World) -> (EventId, TicketTypeId) {
    let (e, t) = hall(w).await;
    held(w, e, &[seat(1, 1)]).await;
    (e, t)
}

async fn no_gaps(w: &World) -> (EventId, TicketTypeId) {
    let (e, t) = hall(w).await;
    map(w, e, true).await.unwrap();
    w.mark().await;
    (e, t)
}

/// Seat 2 of the first row has no free neighbour.
async fn one_alone(w: &World) -> (EventId, TicketTypeId) {
    let (e, t) = hall(w).await;
    held(w, e, &[seat(1, 1), seat(1, 3)]).await;
    map(w, e, true).await.unwrap();
    w.mark().await;
    (e, t)
}

async fn hold(w: &World, e: EventId, seats: &[SeatId]) -> Result<Answer<BookingView>, Error> {
    w.eventify.bookings().hold(&attendee(), HoldTickets::named(e, seats.to_vec())).await
}

async fn held(w: &World, e: EventId, seats: &[SeatId]) -> BookingView {
    let held = hold(w, e, seats).await.unwrap();
    w.mark().await;
    held.into_inner()
}

async fn best_of(w: &World, e: EventId, t: TicketTypeId, count: u32) -> Result<Answer<BookingView>, Error> {
    w.eventify.bookings().hold(&attendee(), lines(e, &[(t, count)])).await
}

async fn change(w: &World, e: EventId, t: TicketTypeId, request: UpdateTicketType) -> Result<(), Error> {
    w.eventify.ticket_types().update(&organizer(), e, t, request, IfMatch::Any).await.map(drop)
}

#[tokio::test]
async fn drawing_seat_maps_has_rules() {
    run(drawing()).await;
}

#[tokio::test]
async fn holding_seats_has_rules() {
    run(holding()).await;
}

/// What every seat of the first section is, row by row.
async fn seen(w: &World, e: EventId) -> Vec<Vec<SeatStatus>> {
    let rows = w.eventify.seat_maps().rows(&attendee(), e, 1, &PageRequest::default()).await.unwrap();
    rows.data.into_iter().map(|row| row.blocks.into_iter().flat_map(|b| b.seats).collect()).collect()
}

#[tokio::test]
async fn a_seat_goes_from_free_to_sold_and_back_with_its_booking() {
    use SeatStatus::{Free, Held, Sold};
    let w = World::new().await;
    let (e, t) = w.sale(1).await;
    draw(&w, e, 1, vec![row(t, 1, 4)]).await.unwrap();
    assert_eq!(w.counted(e, t).await, (4, 0, 0), "the quantity is the number of seats");
    let held = held(&w, e, &[seat(1, 2), seat(1, 3)]).await;
    assert_eq!(seen(&w, e).await, [[Free, Held, Held, Free]]);
    let confirmed = w.eventify.bookings().confirm(&attendee(), held.id).await.unwrap();
    assert_eq!(seen(&w, e).await, [[Free, Sold, Sold, Free]]);
    let on_tickets: Vec<_> = confirmed.tickets.iter().map(|t| t.seat.clone().unwrap().seat).collect();
    assert_eq!(on_tickets, [seat(1, 2), seat(1, 3)]);
    assert_eq!(confirmed.tickets[0].seat.as_ref().unwrap().section, "Stalls");
    w.assert_sound("sold").await;
    w.eventify.bookings().cancel(&attendee(), held.id).await.unwrap();
    assert_eq!(seen(&w, e).await, [[Free; 4]]);
    w.assert_sound("given back").await;
}

#[tokio::test]
async fn the_best_seats_are_the_first_rows_tightest_ones() {
    let w = World::new().await;
    let (e, t) = hall(&w).await;
    held(&w, e, &[seat(1, 4)]).await;
    let booked = async |count| {
        let held = best_of(&w, e, t, count).await.unwrap();
        held.lines[0].seats.iter().map(|s| (s.seat.row, s.seat.number)).collect::<Vec<_>>()
    };
    assert_eq!(booked(3).await, [(1, 1), (1, 2), (1, 3)], "the run that they fill");
    assert_eq!(booked(2).await, [(1, 5), (1, 6)]);
    assert_eq!(booked(4).await, [(2, 1), (2, 2), (2, 3), (2, 4)], "the first row has no four any more");
    let view = w.eventify.seat_maps().get(&attendee(), e).await.unwrap();
    assert_eq!((view.seats, view.sections[0].free, view.sections[0].rows), (16, 6, 2));
    w.assert_sound("the best ones").await;
}

#[tokio::test]
async fn a_used_ticket_keeps_its_seat_when_the_event_is_cancelled() {
    use SeatStatus::{Free, Sold};
    let w = World::new().await;
    let (e, t) = w.sale(1).await;
    draw(&w, e, 1, vec![row(t, 1, 3)]).await.unwrap();
    let bought = w.buy(&attendee(), e, t, 3).await;
    w.eventify.tickets().check_in(&organizer(), &bought.tickets[1].code, Scan::default()).await.unwrap();
    w.cancel_event(e).await;
    w.run_jobs().await;
    assert_eq!(seen(&w, e).await, [[Free, Sold, Free]]);
    w.assert_sound("one was used").await;
}
