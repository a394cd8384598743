//! Confirming a hold that is over: the very same, or nothing.

use eventify_core::booking::{BookingView, HoldTickets};
use eventify_core::promo_code::CreatePromoCode;
use eventify_core::seat_map::{PutBlock, PutRow, PutSection, SeatId};
use eventify_core::ticket_type::UpdateTicketType;
use eventify_core::{Answer, BookingId, Error, EventId, TicketTypeId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn confirming_late() -> Vec<Row> {
    seats_that_are_others().into_iter().chain(codes_that_are_others()).collect()
}

fn seats_that_are_others() -> Vec<Row> {
    rows! {
        "a seat that was not touched" => [] |w| { let (_, _, id) = over(w).await; confirm(w, id).await };
        "a seat of another ticket type" => [BookingExpired] |w| {
            let (e, t, id) = over(w).await;
            let other = w.free(e, 1).await;
            draw(w, e, vec![row("A", other, 8), row("B", t, 8)]).await;
            confirm(w, id).await
        };
        "a seat that is blocked" => [BookingExpired] |w| {
            let (e, t, id) = over(w).await;
            draw(w, e, vec![PutRow { blocked: vec![1], ..row("A", t, 8) }]).await;
            confirm(w, id).await
        };
        "a seat that is not there" => [BookingExpired] |w| {
            let (e, t, id) = over(w).await;
            let from_two = vec![PutBlock { ticket_type_id: t, from: 2, to: 8 }];
            draw(w, e, vec![PutRow { blocks: from_two, ..row("A", t, 8) }]).await;
            confirm(w, id).await
        };
        "a seat of a row with another name" => [BookingExpired] |w| {
            let (e, t, id) = over(w).await;
            draw(w, e, vec![row("B", t, 8)]).await;
            confirm(w, id).await
        };
        "a seat when the type is sold without seats again" => [BookingExpired] |w| {
            let (e, t, id) = over(w).await;
            w.eventify.seat_maps().delete_section(&organizer(), e, 1).await?;
            w.change_type(e, t, UpdateTicketType { quantity: Some(8), ..UpdateTicketType::default() }).await;
            confirm(w, id).await
        };
        "no seat when the type is sold by seat since" => [BookingExpired] |w| {
            let (e, t) = w.sale(4).await;
            let id = w.hold(&attendee(), e, t, 1).await.id;
            w.pass(HOUR).await;
            draw(w, e, vec![row("A", t, 8)]).await;
            confirm(w, id).await
        };
    }
}

fn codes_that_are_others() -> Vec<Row> {
    rows! {
        "the code that it was held with" => [] |w| {
            let (_, id) = with_code(w).await;
            w.eventify.bookings().confirm(&organizer(), id).await
        };
        "another code of the same text" => [BookingExpired] |w| {
            let (e, id) = with_code(w).await;
            let (codes, code) = (w.eventify.promo_codes(), percent_off(50));
            codes.delete(&organizer(), e, code.code.id(e)).await?;
            codes.create(&organizer(), e, percent_off(1)).await?;
            w.mark().await;
            w.eventify.bookings().confirm(&organizer(), id).await
        };
    }
}

fn row(label: &str, t: TicketTypeId, to: u16) -> PutRow {
    let blocks = vec![PutBlock { ticket_type_id: t, from: 1, to }];
    PutRow { label: label.to_owned(), blocks, ..PutRow::default() }
}

async fn draw(w: &World, e: EventId, rows: Vec<PutRow>) {
    let request = PutSection { name: "Stalls".to_owned(), rows };
    w.eventify.seat_maps().put_section(&organizer(), e, 1, request).await.unwrap();
    w.mark().await;
}

/// A hold of the first seat of a row of eight, whose time is over.
async fn over(w: &World) -> (EventId, TicketTypeId, BookingId) {
    let (e, t) = w.sale(1).await;
    draw(w, e, vec![row("A", t, 8)]).await;
    let first = SeatId { section: 1, row: 1, number: 1 };
    let held = w.eventify.bookings().hold(&attendee(), HoldTickets::named(e, vec![first])).await.unwrap();
    w.pass(HOUR).await;
    (e, t, held.id)
}

fn percent_off(percent: u8) -> CreatePromoCode {
    CreatePromoCode { percent_off: Some(percent), ..CreatePromoCode::of("Spring-10") }
}

/// A hold at half the price, whose time is over.
async fn with_code(w: &World) -> (EventId, BookingId) {
    let e = w.published().await;
    let t = w.paid(e, 4, 1_000).await;
    w.eventify.promo_codes().create(&organizer(), e, percent_off(50)).await.unwrap();
    let wanted = HoldTickets { promo_code: Some(percent_off(50).code), ..lines(e, &[(t, 1)]) };
    let held = w.eventify.bookings().hold(&attendee(), wanted).await.unwrap();
    w.pass(HOUR).await;
    (e, held.id)
}

async fn confirm(w: &World, id: BookingId) -> Result<Answer<BookingView>, Error> {
    w.eventify.bookings().confirm(&attendee(), id).await
}

#[tokio::test]
async fn confirming_what_is_over_has_rules() {
    run(confirming_late()).await;
}
