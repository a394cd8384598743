//! Promo codes: making them, buying with them, and what becomes of their uses.

use eventify_core::booking::{BookingView, HoldTickets};
use eventify_core::promo_code::{CheckPromoCode, CreatePromoCode, PromoCodeView, UpdatePromoCode};
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{
    Actor, Answer, Change, Error, EventId, IfMatch, PageRequest, PromoCodeId, Reason, Role, TicketTypeId,
};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn making() -> Vec<Row> {
    who_and_when().into_iter().chain(values()).collect()
}

fn who_and_when() -> Vec<Row> {
    rows! {
        "for a draft" => [] |w| { let e = w.draft().await; make(w, e, tenth()).await };
        "for a published event" => [] |w| { let e = w.published().await; make(w, e, tenth()).await };
        "for a cancelled event" => [EventCancelled] |w| { let e = w.cancelled().await; make(w, e, tenth()).await };
        "for a completed event" => [EventNotPublished] |w| { let e = w.completed().await; make(w, e, tenth()).await };
        "for an event that is not there" => [EventNotFound] |w| make(w, EventId::from_bytes([9; 16]), tenth()).await;
        "the same text twice, typed in another way" => [PromoExists] |w| {
            let e = w.published().await;
            promo(w, e, tenth()).await;
            make(w, e, CreatePromoCode { percent_off: Some(20), ..CreatePromoCode::of(" SPRÍNG-10") }).await
        };
        "the same text for another event" => [] |w| {
            let (a, b) = (w.published().await, w.published().await);
            promo(w, a, tenth()).await;
            make(w, b, tenth()).await
        };
        "a type of another event" => [TicketTypeNotFound] |w| {
            let (_, t) = w.sale(9).await;
            let e = w.published().await;
            make(w, e, CreatePromoCode { ticket_type_ids: vec![t], ..tenth() }).await
        };
        "changing one that is not there" => [PromoUnknown] |w| {
            let e = w.published().await;
            change(w, e, PromoCodeId::from_bytes([9; 16]), UpdatePromoCode::default()).await
        };
        "changing one of another event" => [PromoUnknown] |w| {
            let (a, b) = (w.published().await, w.published().await);
            let id = promo(w, a, tenth()).await;
            change(w, b, id, UpdatePromoCode::default()).await
        };
        "changing one of a cancelled event" => [EventCancelled] |w| {
            let e = w.published().await;
            let id = promo(w, e, tenth()).await;
            w.cancel_event(e).await;
            change(w, e, id, UpdatePromoCode::default()).await
        };
        "one that changed since it was read" => [PreconditionFailed] |w| {
            let (e, t) = paid(w).await;
            let id = promo(w, e, tenth()).await;
            let seen = IfMatch::Version(w.eventify.promo_codes().get(&organizer(), e, id).await?.version());
            held(w, &attendee(), e, t).await;
            w.eventify.promo_codes().update(&organizer(), e, id, UpdatePromoCode::default(), seen).await.map(drop)
        };
        "deleting one that nobody used" => [] |w| {
            let e = w.published().await;
            let id = promo(w, e, tenth()).await;
            w.eventify.promo_codes().delete(&organizer(), e, id).await
        };
        "deleting one that a booking uses" => [PromoInUse] |w| {
            let (e, t) = paid(w).await;
            let id = promo(w, e, tenth()).await;
            held(w, &attendee(), e, t).await;
            w.eventify.promo_codes().delete(&organizer(), e, id).await
        };
        "deleting one that is not there" => [PromoUnknown] |w| {
            let e = w.published().await;
            w.eventify.promo_codes().delete(&organizer(), e, PromoCodeId::from_bytes([9; 16])).await
        };
        "a draft with promo codes is deleted" => [] |w| {
            let e = w.draft().await;
            promo(w, e, tenth()).await;
            w.eventify.events().delete(&organizer(), e).await?;
            w.run_jobs().await;
            assert_eq!(w.everything().await.of::<eventify_core::promo_code::PromoCode>().count(), 0);
            Ok::<_, Error>(())
        };
    }
}

fn values() -> Vec<Row> {
    rows! {
        "nothing off and nothing opened" => [InvalidValue] |w| with(w, |p| p.percent_off = None).await;
        "0 percent" => [InvalidValue] |w| with(w, |p| p.percent_off = Some(0)).await;
        "1 percent" => [] |w| with(w, |p| p.percent_off = Some(1)).await;
        "100 percent" => [] |w| with(w, |p| p.percent_off = Some(100)).await;
        "101 percent" => [InvalidValue] |w| with(w, |p| p.percent_off = Some(101)).await;
        "an amount of nothing" => [InvalidValue] |w| amount(w, 0).await;
        "an amount below nothing" => [InvalidValue] |w| amount(w, -1).await;
        "an amount" => [] |w| amount(w, 1).await;
        "an amount above every price" => [InvalidValue] |w| amount(w, 1_000_000_000_001).await;
        "a percentage and an amount" => [InvalidValue] |w| with(w, |p| p.amount_off = Some(tenge(1))).await;
        "a text of 2 characters" => [InvalidValue] |w| with(w, |p| p.code = "ab".into()).await;
        "a text of 3 characters" => [] |w| with(w, |p| p.code = "жжж".into()).await;
        "a text of 40 characters" => [] |w| with(w, |p| p.code = "ж".repeat(40).as_str().into()).await;
        "a text of 41 characters" => [InvalidValue] |w| with(w, |p| p.code = "ж".repeat(41).as_str().into()).await;
        "a text with a line break" => [InvalidValue] |w| with(w, |p| p.code = "a\nbc".into()).await;
        "no uses" => [InvalidValue] |w| with(w, |p| p.uses_max = Some(0)).await;
        "a million uses" => [] |w| with(w, |p| p.uses_max = Some(1_000_000)).await;
        "a million and one uses" => [InvalidValue] |w| with(w, |p| p.uses_max = Some(1_000_001)).await;
        "none for a person" => [InvalidValue] |w| with(w, |p| p.per_person_max = Some(0)).await;
        "a time that ends when it begins" => [InvalidValue] |w| {
            let now = Some(w.now());
            with(w, |p| (p.starts_at, p.ends_at) = (now, now)).await
        };
        "101 ticket types" => [InvalidValue] |w| {
            with(w, |p| p.ticket_type_ids = vec![TicketTypeId::from_bytes([1; 16]); 101]).await
        };
        "a change to nothing" => [InvalidValue] |w| {
            let e = w.published().await;
            let id = promo(w, e, tenth()).await;
            change(w, e, id, UpdatePromoCode { percent_off: Some(Change::Clear), ..UpdatePromoCode::default() }).await
        };
        "a change from a percentage to an amount" => [] |w| {
            let e = w.published().await;
            let id = promo(w, e, tenth()).await;
            let amount_off = Some(Change::To(tenge(5)));
            change(w, e, id, UpdatePromoCode { percent_off: Some(Change::Clear), amount_off, ..UpdatePromoCode::default() }).await
        };
    }
}

pub fn using() -> Vec<Row> {
    in_time().into_iter().chain(what_it_is_for()).chain(how_often()).collect()
}

fn in_time() -> Vec<Row> {
    rows! {
        "a text that no code has" => [PromoUnknown] |w| { let (e, t) = paid(w).await; hold(w, &attendee(), e, t).await };
        "a text of another event's code" => [PromoUnknown] |w| {
            let (e, t) = paid(w).await;
            let other = w.published().await;
            promo(w, other, tenth()).await;
            hold(w, &attendee(), e, t).await
        };
        "a microsecond before its time" => [PromoNotApplicable] |w| window(w, Some(1), None).await;
        "when its time begins" => [] |w| window(w, Some(0), None).await;
        "a microsecond before its end" => [] |w| window(w, None, Some(1)).await;
        "when its time ends" => [PromoExpired] |w| window(w, None, Some(0)).await;
        "checked before its time" => [PromoNotApplicable] |w| checked_in_window(w, Some(1), None).await;
        "checked after its time" => [PromoExpired] |w| checked_in_window(w, None, Some(0)).await;
        "checked, and unknown" => [PromoUnknown] |w| { let e = w.published().await; ask(w, e).await };
        "checked when it is used up" => [PromoUsedUp] |w| {
            let (e, t) = paid(w).await;
            promo(w, e, CreatePromoCode { uses_max: Some(1), ..tenth() }).await;
            held(w, &attendee(), e, t).await;
            ask(w, e).await
        };
        "an expired hold whose code is over" => [BookingExpired] |w| {
            let (e, t) = paid(w).await;
            let ends_at = Some(w.now().plus(HOUR));
            promo(w, e, CreatePromoCode { ends_at, ..tenth() }).await;
            let id = held(w, &attendee(), e, t).await.id;
            w.pass(HOUR).await;
            w.eventify.bookings().confirm(&organizer(), id).await
        };
    }
}

fn what_it_is_for() -> Vec<Row> {
    rows! {
        "of another type" => [PromoNotApplicable] |w| {
            let (e, t) = paid(w).await;
            let other = w.paid(e, 9, 100).await;
            promo(w, e, CreatePromoCode { ticket_type_ids: vec![other], ..tenth() }).await;
            hold(w, &attendee(), e, t).await
        };
        "of one of two lines" => [] |w| {
            let (e, t) = paid(w).await;
            let other = w.paid(e, 9, 100).await;
            promo(w, e, CreatePromoCode { ticket_type_ids: vec![other], ..tenth() }).await;
            let both = HoldTickets { promo_code: spring(), ..lines(e, &[(t, 1), (other, 1)]) };
            let held = w.eventify.bookings().hold(&attendee(), both).await?;
            assert_eq!(held.total, tenge(1_000 + 90));
            Ok::<_, Error>(())
        };
        "something off what is free" => [PromoNotApplicable] |w| {
            let (e, t) = w.sale(9).await;
            promo(w, e, tenth()).await;
            hold(w, &attendee(), e, t).await
        };
        "an amount in another currency" => [PromoNotApplicable] |w| {
            let (e, t) = paid(w).await;
            let amount_off = Some(eventify_core::Money::new(5, "EUR".parse().unwrap()));
            promo(w, e, CreatePromoCode { percent_off: None, amount_off, ..tenth() }).await;
            hold(w, &attendee(), e, t).await
        };
        "a hidden type without a code" => [TicketTypeNotFound] |w| {
            let (e, t) = hidden(w).await;
            w.eventify.bookings().hold(&attendee(), lines(e, &[(t, 1)])).await
        };
        "a hidden type of the event's own organizer without a code" => [TicketTypeNotFound] |w| {
            let (e, t) = hidden(w).await;
            w.eventify.bookings().hold(&organizer(), lines(e, &[(t, 1)])).await
        };
        "a hidden type with a code for everything" => [TicketTypeNotFound] |w| {
            let (e, t) = hidden(w).await;
            promo(w, e, tenth()).await;
            hold(w, &attendee(), e, t).await
        };
        "a hidden type with its key" => [] |w| {
            let (e, t) = hidden(w).await;
            promo(w, e, CreatePromoCode { percent_off: None, ticket_type_ids: vec![t], ..tenth() }).await;
            hold(w, &attendee(), e, t).await
        };
        "a hidden type is read" => [TicketTypeNotFound] |w| {
            let (e, t) = hidden(w).await;
            w.eventify.ticket_types().get(&attendee(), e, t).await
        };
        "a hidden type as the event's only one" => [TicketTypeNotFound] |w| {
            let (e, _) = hidden(w).await;
            w.eventify.bookings().hold(&attendee(), HoldTickets::only(e, 1)).await
        };
    }
}

fn how_often() -> Vec<Row> {
    rows! {
        "the last use" => [] |w| { let (e, t) = limited(w, Some(2), None).await; hold(w, &attendee(), e, t).await };
        "one use too many" => [PromoUsedUp] |w| {
            let (e, t) = limited(w, Some(2), None).await;
            held(w, &attendee(), e, t).await;
            hold(w, &attendee(), e, t).await
        };
        "one use too many for a person" => [PromoUsedUp] |w| {
            let (e, t) = limited(w, None, Some(1)).await;
            held(w, &attendee(), e, t).await;
            hold(w, &attendee(), e, t).await
        };
        "as often as the others, for another person" => [] |w| {
            let (e, t) = limited(w, None, Some(1)).await;
            held(w, &attendee(), e, t).await;
            hold(w, &person(8, Role::Attendee), e, t).await
        };
        "after a hold that ran out" => [] |w| {
            let (e, t) = limited(w, Some(1), None).await;
            w.pass(HOUR).await;
            hold(w, &attendee(), e, t).await
        };
        "an expired hold whose use another has" => [BookingExpired] |w| {
            let (e, t) = paid(w).await;
            promo(w, e, CreatePromoCode { uses_max: Some(1), ..tenth() }).await;
            let id = held(w, &attendee(), e, t).await.id;
            w.pass(HOUR).await;
            held(w, &other_attendee(), e, t).await;
            w.eventify.bookings().confirm(&organizer(), id).await
        };
        "a limit lowered below what is in use" => [PromoUsedUp] |w| {
            let (e, t) = paid(w).await;
            let id = promo(w, e, tenth()).await;
            held(w, &attendee(), e, t).await;
            held(w, &attendee(), e, t).await;
            change(w, e, id, UpdatePromoCode { uses_max: Some(Change::To(1)), ..UpdatePromoCode::default() }).await?;
            w.mark().await;
            hold(w, &attendee(), e, t).await
        };
    }
}

fn tenth() -> CreatePromoCode {
    CreatePromoCode { percent_off: Some(10), ..CreatePromoCode::of("Spring-10") }
}

fn spring() -> Option<eventify_core::promo_code::PromoText> {
    Some("spring-10 ".into())
}

async fn make(w: &World, e: EventId, request: CreatePromoCode) -> Result<PromoCodeView, Error> {
    w.eventify.promo_codes().create(&organizer(), e, request).await
}

async fn with(w: &World, change: impl FnOnce(&mut CreatePromoCode)) -> Result<PromoCodeView, Error> {
    let (e, mut request) = (w.draft().await, tenth());
    change(&mut request);
    make(w, e, request).await
}

async fn amount(w: &World, amount_minor: i64) -> Result<PromoCodeView, Error> {
    with(w, |p| (p.percent_off, p.amount_off) = (None, Some(tenge(amount_minor)))).await
}

async fn promo(w: &World, e: EventId, request: CreatePromoCode) -> PromoCodeId {
    let made = make(w, e, request).await.unwrap();
    w.mark().await;
    made.id
}

async fn change(w: &World, e: EventId, id: PromoCodeId, request: UpdatePromoCode) -> Result<(), Error> {
    w.eventify.promo_codes().update(&organizer(), e, id, request, IfMatch::Any).await.map(drop)
}

async fn paid(w: &World) -> (EventId, TicketTypeId) {
    let e = w.published().await;
    (e, w.paid(e, 9, 1_000).await)
}

async fn hidden(w: &World) -> (EventId, TicketTypeId) {
    let e = w.published().await;
    (e, w.type_of(e, CreateTicketType { hidden: true, price: Some(tenge(1_000)), ..seats(9) }).await)
}

async fn hold(w: &World, who: &Actor, e: EventId, t: TicketTypeId) -> Result<Answer<BookingView>, Error> {
    w.eventify.bookings().hold(who, HoldTickets { promo_code: spring(), ..lines(e, &[(t, 1)]) }).await
}

async fn held(w: &World, who: &Actor, e: EventId, t: TicketTypeId) -> BookingView {
    let held = hold(w, who, e, t).await.unwrap();
    w.mark().await;
    held.into_inner()
}

/// A code of which another person has used one.
async fn limited(w: &World, uses_max: Option<u32>, per_person_max: Option<u32>) -> (EventId, TicketTypeId) {
    let (e, t) = paid(w).await;
    promo(w, e, CreatePromoCode { uses_max, per_person_max, ..tenth() }).await;
    held(w, &other_attendee(), e, t).await;
    (e, t)
}

async fn ask(w: &World, e: EventId) -> Result<(), Error> {
    let request = CheckPromoCode { code: "SPRING-10".into() };
    w.eventify.promo_codes().check(&attendee(), e, &request).await.map(drop)
}

/// A code that is good from or until so many microseconds from now.
async fn timed(w: &World, start: Option<u64>, end: Option<u64>) -> (EventId, TicketTypeId) {
    let (e, t) = paid(w).await;
    w.clock.advance(HOUR);
    let at = |micros: Option<u64>| micros.map(|m| w.now().plus(std::time::Duration::from_micros(m)));
    promo(w, e, CreatePromoCode { starts_at: at(start), ends_at: at(end), ..tenth() }).await;
    (e, t)
}

async fn window(w: &World, start: Option<u64>, end: Option<u64>) -> Result<Answer<BookingView>, Error> {
    let (e, t) = timed(w, start, end).await;
    hold(w, &attendee(), e, t).await
}

async fn checked_in_window(w: &World, start: Option<u64>, end: Option<u64>) -> Result<(), Error> {
    let (e, _) = timed(w, start, end).await;
    ask(w, e).await
}

#[tokio::test]
async fn making_promo_codes_has_rules() {
    run(making()).await;
}

#[tokio::test]
async fn using_promo_codes_has_rules() {
    run(using()).await;
}

#[tokio::test]
async fn a_use_is_counted_at_the_hold_and_given_back_when_the_booking_ends() {
    let w = World::new().await;
    let (e, t) = paid(&w).await;
    let id = promo(&w, e, CreatePromoCode { uses_max: Some(2), ..tenth() }).await;
    let used = async || w.eventify.promo_codes().get(&organizer(), e, id).await.unwrap().used;
    let one = held(&w, &attendee(), e, t).await;
    let two = held(&w, &attendee(), e, t).await;
    assert_eq!(used().await, 2);
    w.eventify.bookings().confirm(&organizer(), one.id).await.unwrap();
    w.pass(HOUR).await;
    assert_eq!(used().await, 1, "the hold ran out, the booking stands");
    let anew = w.eventify.bookings().confirm(&organizer(), two.id).await.unwrap();
    assert_eq!((anew.total, used().await), (tenge(900), 2));
    w.eventify.bookings().cancel(&attendee(), one.id).await.unwrap();
    assert_eq!(used().await, 1);
    w.cancel_event(e).await;
    w.run_jobs().await;
    assert_eq!(used().await, 0);
    w.assert_sound("every booking has ended").await;
}

#[tokio::test]
async fn the_discount_is_fixed_at_the_hold_and_never_more_than_the_price() {
    let w = World::new().await;
    let e = w.published().await;
    let t = w.paid(e, 9, 999).await;
    let id = promo(&w, e, CreatePromoCode { percent_off: Some(50), ..tenth() }).await;
    let before = held(&w, &attendee(), e, t).await;
    assert_eq!((before.total, before.lines[0].unit_discount), (tenge(499), Some(tenge(500))));
    assert_eq!(before.promo_code_id, Some(id));
    let all = UpdatePromoCode {
        percent_off: Some(Change::Clear),
        amount_off: Some(Change::To(tenge(5_000))),
        ..UpdatePromoCode::default()
    };
    change(&w, e, id, all).await.unwrap();
    let request = HoldTickets { promo_code: spring(), ..lines(e, &[(t, 2)]) };
    let bought = w.eventify.bookings().buy(&attendee(), request).await.unwrap();
    assert_eq!((bought.booking.total, bought.tickets.len()), (tenge(0), 2), "nothing is left to pay");
    let seen = w.eventify.bookings().get(&attendee(), before.id).await.unwrap();
    assert_eq!(seen.total, tenge(499));
    w.assert_sound("discounts").await;
}

#[tokio::test]
async fn hidden_types_are_seen_by_the_organizer_and_with_their_key() {
    let w = World::new().await;
    let (e, t) = hidden(&w).await;
    let open = w.paid(e, 9, 500).await;
    promo(&w, e, CreatePromoCode { ticket_type_ids: vec![t], ..tenth() }).await;
    let types = w.eventify.ticket_types();
    let listed = async |who: Actor| {
        let found = types.list(&who, e, &PageRequest::default()).await.unwrap();
        found.data.iter().map(|t| t.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(anonymous()).await, [open]);
    assert_eq!(listed(attendee()).await, [open]);
    assert_eq!(listed(organizer()).await.len(), 2);
    let request = CheckPromoCode { code: "spring-10".into() };
    let seen = w.eventify.promo_codes().check(&attendee(), e, &request).await.unwrap();
    let seen: Vec<_> = seen.ticket_types.iter().map(|p| (p.ticket_type.id, p.discount)).collect();
    assert_eq!(seen, [(t, Some(tenge(100)))]);
}

#[tokio::test]
async fn ten_thousand_promo_codes_are_enough() {
    let w = World::new().await;
    let e = w.draft().await;
    for chunk in 0..100 {
        let made = (0..100).map(|n| CreatePromoCode {
            percent_off: Some(10),
            ..CreatePromoCode::of(format!("code {}", chunk * 100 + n))
        });
        let made = futures_util::future::join_all(made.map(|request| make(&w, e, request))).await;
        assert!(made.iter().all(Result::is_ok));
    }
    let error = make(&w, e, tenth()).await.unwrap_err();
    assert_eq!(error.reason(), Reason::TooManyPromoCodes);
}
