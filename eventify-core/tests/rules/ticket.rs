//! The door: who is let in, who may let in, and what else a code is good for.

use eventify_core::ticket::{Scan, TicketView};
use eventify_core::{Actor, Answer, Error, EventId, PageRequest, Reason, TicketTypeId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn check_in() -> Vec<Row> {
    who_and_which_door().into_iter().chain(when_and_which_code()).collect()
}

fn who_and_which_door() -> Vec<Row> {
    rows! {
        "a good ticket" => [] |w| { let code = good(w).await; admit(w, &organizer(), &code).await };
        "by an admin" => [] |w| { let code = good(w).await; admit(w, &admin(), &code).await };
        "by the app" => [] |w| { let code = good(w).await; admit(w, &system(), &code).await };
        "by nobody" => [NotAuthenticated] |w| { let code = good(w).await; admit(w, &anonymous(), &code).await };
        "by its own person" => [NotEventStaff] |w| { let code = good(w).await; admit(w, &attendee(), &code).await };
        "by another organizer" => [NotEventStaff] |w| { let code = good(w).await; admit(w, &other_organizer(), &code).await };
        "at the right door" => [] |w| {
            let (e, t) = w.sale(5).await;
            let code = w.ticket(e, t).await;
            scan(w, &organizer(), &code, Scan { event_id: Some(e), ..Scan::default() }).await
        };
        "at another door of the same organizer" => [WrongEvent] |w| {
            let code = good(w).await;
            let door = w.published().await;
            scan(w, &organizer(), &code, Scan { event_id: Some(door), ..Scan::default() }).await
        };
        "at another organizer's door" => [WrongEvent] |w| {
            let code = good(w).await;
            let door = others_event(w).await;
            scan(w, &other_organizer(), &code, Scan { event_id: Some(door), ..Scan::default() }).await
        };
        "at a door that is not there" => [EventNotFound] |w| {
            let code = good(w).await;
            scan(w, &organizer(), &code, Scan { event_id: Some(EventId::from_bytes([9; 16])), ..Scan::default() }).await
        };
        "at a door of another organizer's draft, of which nobody knows" => [EventNotFound] |w| {
            let code = good(w).await;
            let door = others_event(w).await;
            scan(w, &organizer(), &code, Scan { event_id: Some(door), ..Scan::default() }).await
        };
        "a used ticket" => [AlreadyUsed] |w| {
            let (e, t) = w.sale(5).await;
            let code = w.used(e, t).await;
            admit(w, &organizer(), &code).await
        };
        "a used ticket of an event that is over" => [AlreadyUsed] |w| {
            let (e, t) = w.sale(5).await;
            let code = w.used(e, t).await;
            w.pass(11 * DAY).await;
            admit(w, &organizer(), &code).await
        };
        "a cancelled ticket" => [TicketCancelled] |w| { let code = voided(w).await; admit(w, &organizer(), &code).await };
    }
}

fn when_and_which_code() -> Vec<Row> {
    rows! {
        "a ticket of a cancelled event, before anybody swept it" => [EventCancelled] |w| {
            let (e, t) = w.sale(5).await;
            let code = w.ticket(e, t).await;
            w.cancel_event(e).await;
            admit(w, &organizer(), &code).await
        };
        "a ticket of a cancelled event, afterwards" => [EventCancelled] |w| {
            let (e, t) = w.sale(5).await;
            let code = w.ticket(e, t).await;
            w.cancel_event(e).await;
            w.run_jobs().await;
            w.mark().await;
            admit(w, &organizer(), &code).await
        };
        "a microsecond before the event's end" => [] |w| {
            let code = good(w).await;
            w.clock.advance(10 * DAY + 3 * HOUR - std::time::Duration::from_micros(1));
            admit(w, &organizer(), &code).await
        };
        "at the event's end" => [Expired] |w| {
            let code = good(w).await;
            w.clock.advance(10 * DAY + 3 * HOUR);
            admit(w, &organizer(), &code).await
        };
        "after the event completed" => [Expired] |w| {
            let code = good(w).await;
            w.pass(11 * DAY).await;
            admit(w, &organizer(), &code).await
        };
        "a short code" => [] |w| {
            let (e, t) = w.sale(5).await;
            let bought = w.buy(&attendee(), e, t, 1).await;
            let typed = bought.tickets[0].short_code.to_lowercase().replace('-', " ").replace('0', "o");
            admit(w, &organizer(), &typed).await
        };
        "a short code that nobody has" => [Unknown] |w| admit(w, &organizer(), "0000-0000-0000").await;
        "no code" => [Unknown] |w| admit(w, &organizer(), "").await;
        "half a short code" => [Unknown] |w| admit(w, &organizer(), "0000-0000").await;
        "a code of a megabyte" => [BadSignature] |w| admit(w, &organizer(), &"A".repeat(1_000_000)).await;
        "a gate of 100 characters" => [] |w| gate(w, &"g".repeat(100)).await;
        "a gate of 101 characters" => [InvalidValue] |w| gate(w, &"g".repeat(101)).await;
        "a gate with a NUL" => [InvalidValue] |w| gate(w, "a\0b").await;
    }
}

pub fn reading() -> Vec<Row> {
    rows! {
        "by its person" => [] |w| { let code = good(w).await; w.eventify.tickets().get(&attendee(), &code).await };
        "by the organizer" => [] |w| { let code = good(w).await; w.eventify.tickets().get(&organizer(), &code).await };
        "by a stranger" => [TicketNotFound] |w| {
            let code = good(w).await;
            w.eventify.tickets().get(&other_attendee(), &code).await
        };
        "by nobody" => [NotAuthenticated] |w| {
            let code = good(w).await;
            w.eventify.tickets().get(&anonymous(), &code).await
        };
        "a code that is none" => [TicketNotFound] |w| w.eventify.tickets().get(&attendee(), "nonsense").await;
        "a picture for a stranger" => [TicketNotFound] |w| {
            let code = good(w).await;
            w.eventify.tickets().qr_svg(&other_attendee(), &code).await
        };
        "nobody's tickets" => [NotAuthenticated] |w| {
            w.eventify.tickets().mine(&anonymous(), &PageRequest::default()).await
        };
        "the attendees, by an attendee" => [NotEventStaff] |w| {
            let e = w.published().await;
            w.eventify.tickets().attendees(&attendee(), e, &PageRequest::default()).await
        };
        "the attendees, by nobody" => [NotAuthenticated] |w| {
            let e = w.published().await;
            w.eventify.tickets().attendees(&anonymous(), e, &PageRequest::default()).await
        };
        "the attendees of nothing" => [EventNotFound] |w| {
            w.eventify.tickets().attendees(&organizer(), EventId::from_bytes([9; 16]), &PageRequest::default()).await
        };
        "the keys of somebody's draft" => [EventNotFound] |w| {
            let e = w.draft().await;
            w.eventify.tickets().public_keys(&attendee(), e).await
        };
        "nobody rotates keys" => [NotAuthenticated] |w| w.eventify.tickets().rotate_keys(&anonymous()).await;
        "an organizer rotates keys" => [NotAllowed] |w| w.eventify.tickets().rotate_keys(&organizer()).await;
        "an admin rotates keys" => [] |w| w.eventify.tickets().rotate_keys(&admin()).await;
        "nobody validates" => [NotAuthenticated] |w| {
            let code = good(w).await;
            w.eventify.tickets().validate(&anonymous(), &code, Scan::default()).await
        };
    }
}

pub fn printing() -> Vec<Row> {
    rows! {
        "for its person" => [] |w| { let code = good(w).await; w.eventify.tickets().printed(&attendee(), &code).await };
        "for a stranger" => [TicketNotFound] |w| {
            let code = good(w).await;
            w.eventify.tickets().printed(&other_attendee(), &code).await
        };
        "for another organizer" => [TicketNotFound] |w| {
            let code = good(w).await;
            w.eventify.tickets().printed(&other_organizer(), &code).await
        };
        "a used one" => [] |w| {
            let (e, t) = w.sale(5).await;
            let code = w.used(e, t).await;
            w.eventify.tickets().printed(&attendee(), &code).await
        };
        "a void one" => [TicketCancelled] |w| {
            let code = voided(w).await;
            w.eventify.tickets().printed(&attendee(), &code).await
        };
        "a void one in a calendar" => [] |w| {
            let code = voided(w).await;
            w.eventify.tickets().paper(&attendee(), &code).await
        };
        "one of a cancelled event" => [EventCancelled] |w| {
            let (e, t) = w.sale(5).await;
            let code = w.ticket(e, t).await;
            w.cancel_event(e).await;
            w.eventify.tickets().printed(&attendee(), &code).await
        };
        "one of an event that is over" => [] |w| {
            let code = good(w).await;
            w.pass(11 * DAY).await;
            w.eventify.tickets().printed(&attendee(), &code).await
        };
        "a replaced code" => [TicketNotFound] |w| {
            let code = good(w).await;
            w.eventify.tickets().reissue(&attendee(), &code).await?;
            w.mark().await;
            w.eventify.tickets().printed(&attendee(), &code).await
        };
    }
}

async fn good(w: &World) -> String {
    let (e, t) = w.sale(5).await;
    w.ticket(e, t).await
}

async fn voided(w: &World) -> String {
    let (e, t) = w.sale(5).await;
    let bought = w.buy(&attendee(), e, t, 1).await;
    w.eventify.bookings().cancel(&attendee(), bought.booking.id).await.unwrap();
    w.mark().await;
    bought.tickets[0].code.clone()
}

async fn others_event(w: &World) -> EventId {
    let made = w.eventify.events().create(&other_organizer(), w.concert()).await.unwrap();
    w.mark().await;
    made.id
}

async fn scan(w: &World, who: &Actor, code: &str, scan: Scan) -> Result<Answer<TicketView>, Error> {
    w.eventify.tickets().check_in(who, code, scan).await
}

async fn admit(w: &World, who: &Actor, code: &str) -> Result<Answer<TicketView>, Error> {
    scan(w, who, code, Scan::default()).await
}

async fn gate(w: &World, gate: &str) -> Result<Answer<TicketView>, Error> {
    let code = good(w).await;
    scan(w, &organizer(), &code, Scan { gate: Some(gate.to_owned()), ..Scan::default() }).await
}

#[tokio::test]
async fn the_door_has_rules() {
    run(check_in()).await;
}

#[tokio::test]
async fn reading_tickets_has_rules() {
    run(reading()).await;
    run(printing()).await;
}

fn at(gate: &str, scan_id: &str) -> Scan {
    Scan {
        gate: Some(gate.to_owned()),
        device: Some("scanner".to_owned()),
        scan_id: Some(scan_id.to_owned()),
        ..Scan::default()
    }
}

#[tokio::test]
async fn the_same_scan_again_is_no_second_entry_and_another_one_is() {
    let w = World::new().await;
    let code = good(&w).await;
    let first = scan(&w, &organizer(), &code, at("North", "1")).await.unwrap();
    let entered_at = w.now();
    w.clock.advance(HOUR);
    let again = scan(&w, &organizer(), &code, at("South", "1")).await.unwrap();
    assert_eq!((again.used_at, again.clone().into_inner()), (Some(entered_at), first.into_inner()));
    for second in [at("South", "2"), Scan::default()] {
        let error = scan(&w, &organizer(), &code, second).await.unwrap_err();
        assert_eq!(error.reason(), Reason::AlreadyUsed);
        let details = error.details();
        assert_eq!(details["used_at"], entered_at.to_string());
        assert_eq!((&details["gate"], &details["device"]), (&"North".into(), &"scanner".into()));
    }
    assert_eq!(w.actions("ticket.checked_in").await, 1);
    let told = w.told(&attendee()).await;
    assert_eq!(told.iter().filter(|t| t.fact.as_str() == "ticket.checkin").count(), 1);
}

#[tokio::test]
async fn two_gates_at_once_let_one_person_in() {
    let w = World::new().await;
    let code = good(&w).await;
    let who = organizer();
    let (tickets, north, south) = (w.eventify.tickets(), at("North", "1"), at("South", "2"));
    let (one, two) = tokio::join!(tickets.check_in(&who, &code, north), tickets.check_in(&who, &code, south));
    let refused = [one.err(), two.err()].into_iter().flatten().map(|e| e.reason()).collect::<Vec<_>>();
    assert_eq!(refused, [Reason::AlreadyUsed]);
}

#[tokio::test]
async fn validation_says_what_the_door_would_and_changes_nothing() {
    let w = World::new().await;
    let (e, t) = w.sale(50).await;
    let elsewhere = w.published().await;
    let (good, used) = (w.ticket(e, t).await, w.used(e, t).await);
    let voided = voided(&w).await;
    let (gone, of) = w.sale(1).await;
    let called_off = w.ticket(gone, of).await;
    w.cancel_event(gone).await;
    let here = Scan::default();
    let there = Scan { event_id: Some(elsewhere), ..Scan::default() };
    let forged = format!("{}A", &good[..good.len() - 1]);
    for (code, scan, reason) in [
        (good.as_str(), &here, "valid"),
        (&good, &there, "wrong_event"),
        (&used, &here, "already_used"),
        (&voided, &here, "cancelled"),
        (&called_off, &here, "event_cancelled"),
        ("0000-0000-0000", &here, "unknown"),
        (&forged, &here, "bad_signature"),
    ] {
        for who in [organizer(), attendee(), other_attendee(), admin(), system()] {
            let verdict = w.eventify.tickets().validate(&who, code, scan.clone()).await.unwrap();
            assert_eq!((verdict.reason.as_str(), verdict.valid), (reason, reason == "valid"));
            if who == other_attendee() {
                assert_eq!(verdict.ticket, None, "a stranger learns nothing of the ticket");
            }
        }
    }
    w.assert_unchanged("validation").await;
    w.pass(11 * DAY).await;
    let verdict = w.eventify.tickets().validate(&organizer(), &good, Scan::default()).await.unwrap();
    assert_eq!(verdict.reason, "expired");
}

#[tokio::test]
async fn attendees_are_listed_by_purchase_with_names_and_states() {
    let w = World::new().await;
    let ada = w.register("Ada").await;
    let ada = Actor::user(ada.id, eventify_core::Role::Attendee);
    let (e, t): (EventId, TicketTypeId) = w.sale(5).await;
    w.buy(&ada, e, t, 1).await;
    w.clock.advance(HOUR);
    w.used(e, t).await;
    let list = w.eventify.tickets().attendees(&organizer(), e, &PageRequest::first(1)).await.unwrap();
    assert_eq!((list.data[0].name.as_str(), list.data[0].used_at), ("Ada", None));
    let next = PageRequest::after(list.next_cursor.unwrap(), 5);
    let list = w.eventify.tickets().attendees(&organizer(), e, &next).await.unwrap();
    assert_eq!((list.data.len(), list.data[0].used_at), (1, Some(w.now())));
}
