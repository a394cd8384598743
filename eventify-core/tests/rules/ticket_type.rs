//! Ticket types: what may be sold.

use eventify_core::ticket_type::{CreateTicketType, TicketTypeView, UpdateTicketType};
use eventify_core::{Change, Error, EventId, Fetched, IfMatch, PageRequest, TicketTypeId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn making() -> Vec<Row> {
    rows! {
        "for a draft" => [] |w| { let e = w.draft().await; make(w, e, |_| ()).await };
        "for a published event" => [] |w| { let e = w.published().await; make(w, e, |_| ()).await };
        "for a cancelled event" => [EventCancelled] |w| { let e = w.cancelled().await; make(w, e, |_| ()).await };
        "for a completed event" => [EventNotPublished] |w| { let e = w.completed().await; make(w, e, |_| ()).await };
        "for an event that is not there" => [EventNotFound] |w| make(w, EventId::from_bytes([9; 16]), |_| ()).await;
        "by nobody" => [NotAuthenticated] |w| {
            let e = w.published().await;
            w.eventify.ticket_types().create(&anonymous(), e, seats(1)).await
        };
        "by another organizer" => [NotEventOwner] |w| {
            let e = w.published().await;
            w.eventify.ticket_types().create(&other_organizer(), e, seats(1)).await
        };
        "by another organizer, for a draft" => [EventNotFound] |w| {
            let e = w.draft().await;
            w.eventify.ticket_types().create(&other_organizer(), e, seats(1)).await
        };
        "a quantity of 0" => [InvalidValue] |w| with(w, |t| t.quantity = 0).await;
        "a quantity of 1" => [] |w| with(w, |t| t.quantity = 1).await;
        "a quantity of a million" => [] |w| with(w, |t| t.quantity = 1_000_000).await;
        "a quantity of a million and one" => [InvalidValue] |w| with(w, |t| t.quantity = 1_000_001).await;
        "a quantity of everything" => [InvalidValue] |w| with(w, |t| t.quantity = u32::MAX).await;
        "a negative price" => [InvalidValue] |w| with(w, |t| t.price = Some(tenge(-1))).await;
        "no price" => [] |w| with(w, |t| t.price = Some(tenge(0))).await;
        "the highest price" => [] |w| with(w, |t| t.price = Some(tenge(1_000_000_000_000))).await;
        "a higher price" => [InvalidValue] |w| with(w, |t| t.price = Some(tenge(1_000_000_000_001))).await;
        "a price that overflows" => [InvalidValue] |w| with(w, |t| t.price = Some(tenge(i64::MAX))).await;
        "a limit of 0" => [InvalidValue] |w| with(w, |t| t.per_person_max = Some(0)).await;
        "a limit of 1" => [] |w| with(w, |t| t.per_person_max = Some(1)).await;
        "a limit of a million and one" => [InvalidValue] |w| with(w, |t| t.per_person_max = Some(1_000_001)).await;
        "sales that end when they start" => [InvalidValue] |w| {
            let now = Some(w.now());
            with(w, |t| (t.sales_start, t.sales_end) = (now, now)).await
        };
        "a name of 100 characters" => [] |w| with(w, |t| t.name = "ж".repeat(100)).await;
        "a name of 101 characters" => [InvalidValue] |w| with(w, |t| t.name = "ж".repeat(101)).await;
        "no name" => [InvalidValue] |w| with(w, |t| t.name = " ".to_owned()).await;
        "the hundredth" => [] |w| {
            let e = w.draft().await;
            for _ in 0..99 {
                w.free(e, 1).await;
            }
            make(w, e, |_| ()).await
        };
        "the hundred and first" => [TooManyTicketTypes] |w| {
            let e = w.draft().await;
            for _ in 0..100 {
                w.free(e, 1).await;
            }
            make(w, e, |_| ()).await
        };
        "a draft with a hundred types is deleted" => [] |w| {
            let e = w.draft().await;
            for _ in 0..100 {
                w.free(e, 1).await;
            }
            w.eventify.events().delete(&organizer(), e).await
        };
    }
}

pub fn changing() -> Vec<Row> {
    rows! {
        "more seats" => [] |w| { let (e, t) = w.sale(1).await; change(w, e, t, quantity(1_000_000)).await };
        "too many seats" => [InvalidValue] |w| { let (e, t) = w.sale(1).await; change(w, e, t, quantity(1_000_001)).await };
        "as many seats as are sold and held" => [] |w| {
            let (e, t) = w.sale(10).await;
            w.buy(&attendee(), e, t, 2).await;
            w.hold(&attendee(), e, t, 1).await;
            change(w, e, t, quantity(3)).await
        };
        "one seat less than are sold and held" => [QuantityBelowSold] |w| {
            let (e, t) = w.sale(10).await;
            w.buy(&attendee(), e, t, 2).await;
            w.hold(&attendee(), e, t, 1).await;
            change(w, e, t, quantity(2)).await
        };
        "a type of another event" => [TicketTypeNotFound] |w| {
            let (_, t) = w.sale(10).await;
            let e = w.published().await;
            change(w, e, t, quantity(3)).await
        };
        "a type that is not there" => [TicketTypeNotFound] |w| {
            let e = w.published().await;
            change(w, e, TicketTypeId::from_bytes([9; 16]), quantity(3)).await
        };
        "a type that is not there is read" => [TicketTypeNotFound] |w| {
            let e = w.published().await;
            w.eventify.ticket_types().get(&organizer(), e, TicketTypeId::from_bytes([9; 16])).await
        };
        "the types of somebody's draft" => [EventNotFound] |w| {
            let e = w.draft().await;
            w.eventify.ticket_types().list(&attendee(), e, &PageRequest::default()).await
        };
        "of a cancelled event" => [EventCancelled] |w| {
            let (e, t) = w.sale(10).await;
            w.cancel_event(e).await;
            change(w, e, t, quantity(11)).await
        };
        "by another organizer" => [NotEventOwner] |w| {
            let (e, t) = w.sale(10).await;
            w.eventify.ticket_types().update(&other_organizer(), e, t, quantity(11), IfMatch::Any).await
        };
        "one that changed since it was read" => [PreconditionFailed] |w| {
            let (e, t) = w.sale(10).await;
            let seen = w.eventify.ticket_types().get(&organizer(), e, t).await?.version();
            w.hold(&attendee(), e, t, 1).await;
            let seen = IfMatch::Version(seen);
            w.eventify.ticket_types().update(&organizer(), e, t, quantity(11), seen).await
        };
        "sales that end before they start" => [InvalidValue] |w| {
            let e = w.published().await;
            let sales_start = Some(w.now().plus(DAY));
            let t = w.type_of(e, CreateTicketType { sales_start, ..seats(1) }).await;
            let sales_end = Some(Change::To(w.now()));
            change(w, e, t, UpdateTicketType { sales_end, ..UpdateTicketType::default() }).await
        };
        "a limit below what somebody has" => [] |w| {
            let (e, t) = w.sale(10).await;
            w.buy(&attendee(), e, t, 5).await;
            let per_person_max = Some(Change::To(2));
            change(w, e, t, UpdateTicketType { per_person_max, ..UpdateTicketType::default() }).await
        };
    }
}

async fn make(
    w: &World,
    e: EventId,
    change: impl FnOnce(&mut CreateTicketType),
) -> Result<TicketTypeView, Error> {
    let mut request = seats(10);
    change(&mut request);
    w.eventify.ticket_types().create(&organizer(), e, request).await
}

async fn with(w: &World, change: impl FnOnce(&mut CreateTicketType)) -> Result<TicketTypeView, Error> {
    let e = w.draft().await;
    make(w, e, change).await
}

async fn change(
    w: &World,
    e: EventId,
    t: TicketTypeId,
    request: UpdateTicketType,
) -> Result<Fetched<TicketTypeView>, Error> {
    w.eventify.ticket_types().update(&organizer(), e, t, request, IfMatch::Any).await
}

fn quantity(quantity: u32) -> UpdateTicketType {
    UpdateTicketType { quantity: Some(quantity), ..UpdateTicketType::default() }
}

#[tokio::test]
async fn making_a_ticket_type_has_rules() {
    run(making()).await;
}

#[tokio::test]
async fn changing_a_ticket_type_has_rules() {
    run(changing()).await;
}

#[tokio::test]
async fn a_refusal_says_with_which_numbers() {
    let w = World::new().await;
    let (e, t) = w.sale(10).await;
    w.buy(&attendee(), e, t, 2).await;
    w.hold(&attendee(), e, t, 3).await;
    let error = change(&w, e, t, quantity(4)).await.unwrap_err();
    assert_eq!((&error.details()["sold"], &error.details()["held"]), (&2.into(), &3.into()));
    let error = w.eventify.bookings().hold(&attendee(), lines(e, &[(t, 6)])).await.unwrap_err();
    assert_eq!((&error.details()["available"], &error.details()["held"]), (&5.into(), &3.into()));
}

#[tokio::test]
async fn a_price_changes_later_bookings_only() {
    let w = World::new().await;
    let e = w.published().await;
    let t = w.paid(e, 10, 500).await;
    let before = w.hold(&attendee(), e, t, 2).await;
    let price = Some(tenge(900));
    w.change_type(e, t, UpdateTicketType { price, ..UpdateTicketType::default() }).await;
    let after = w.hold(&attendee(), e, t, 2).await;
    assert_eq!((before.total, after.total), (tenge(1_000), tenge(1_800)));
    let confirmed = w.eventify.bookings().confirm(&organizer(), before.id).await.unwrap();
    assert_eq!(confirmed.total, tenge(1_000));
}
