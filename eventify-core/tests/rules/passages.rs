//! Coming and going: doors that open at an hour, entries that are taken back, tickets that let in more than once.

use eventify_core::event::{CreateEvent, UpdateEvent};
use eventify_core::ticket::{Passages, Scan, TicketStatus, TicketView};
use eventify_core::ticket_type::{CreateTicketType, ReEntry, UpdateTicketType};
use eventify_core::{Actor, Answer, Change, Error, EventId, Reason, Settings, TicketTypeId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn doors() -> Vec<Row> {
    rows! {
        "a microsecond before the event's doors" => [NotYetValid] |w| {
            let code = with_doors(w, Some(9 * DAY), None).await;
            w.clock.advance(9 * DAY - MICROSECOND);
            admit(w, &organizer(), &code).await
        };
        "when the event's doors open" => [] |w| {
            let code = with_doors(w, Some(9 * DAY), None).await;
            w.clock.advance(9 * DAY);
            admit(w, &organizer(), &code).await
        };
        "when the event's doors are open and the type's are not" => [NotYetValid] |w| {
            let code = with_doors(w, Some(HOUR), Some(2 * HOUR)).await;
            w.clock.advance(HOUR);
            admit(w, &organizer(), &code).await
        };
        "when the type's doors open before the event's" => [] |w| {
            let code = with_doors(w, Some(2 * HOUR), Some(HOUR)).await;
            w.clock.advance(HOUR);
            admit(w, &organizer(), &code).await
        };
        "a cancelled ticket before the doors open" => [TicketCancelled] |w| {
            let (e, t) = of_doors(w, Some(9 * DAY), None).await;
            let bought = w.buy(&attendee(), e, t, 1).await;
            w.eventify.bookings().cancel(&attendee(), bought.booking.id).await.unwrap();
            w.mark().await;
            admit(w, &organizer(), &bought.tickets[0].code).await
        };
        "doors that open at the end" => [InvalidValue] |w| {
            let doors_at = w.concert().ends_at;
            w.eventify.events().create(&organizer(), CreateEvent { doors_at, ..w.concert() }).await
        };
        "doors that open during the event" => [] |w| {
            let doors_at = Some(w.now().plus(10 * DAY + 2 * HOUR));
            w.eventify.events().create(&organizer(), CreateEvent { doors_at, ..w.concert() }).await
        };
        "an end that is moved before the doors" => [InvalidValue] |w| {
            let doors_at = Some(w.now().plus(10 * DAY + 2 * HOUR));
            let id = w.draft_of(CreateEvent { doors_at, ..w.concert() }).await;
            let earlier = UpdateEvent { ends_at: doors_at, ..UpdateEvent::default() };
            w.eventify.events().update(&organizer(), id, earlier, eventify_core::IfMatch::Any).await
        };
    }
}

pub fn undoing() -> Vec<Row> {
    rows! {
        "a check-in, by the organizer" => [] |w| { let code = used(w).await; undo(w, &organizer(), &code).await };
        "a check-in, by an admin" => [] |w| { let code = used(w).await; undo(w, &admin(), &code).await };
        "a check-in, by the app" => [] |w| { let code = used(w).await; undo(w, &system(), &code).await };
        "a check-in, by its person" => [NotEventStaff] |w| { let code = used(w).await; undo(w, &attendee(), &code).await };
        "a check-in, by another organizer" => [NotEventStaff] |w| {
            let code = used(w).await;
            undo(w, &other_organizer(), &code).await
        };
        "a check-in, by nobody" => [NotAuthenticated] |w| { let code = used(w).await; undo(w, &anonymous(), &code).await };
        "a check-in that was not" => [NotCheckedIn] |w| { let code = good(w).await; undo(w, &organizer(), &code).await };
        "a check-in that was taken back" => [NotCheckedIn] |w| {
            let code = used(w).await;
            undo(w, &organizer(), &code).await.unwrap();
            w.mark().await;
            undo(w, &organizer(), &code).await
        };
        "a check-in, by an old code" => [Reissued] |w| {
            let code = used(w).await;
            w.eventify.tickets().reissue(&organizer(), &code).await.unwrap();
            w.mark().await;
            undo(w, &organizer(), &code).await
        };
        "the check-in of a cancelled ticket" => [TicketCancelled] |w| {
            let (e, t) = w.sale(5).await;
            let bought = w.buy(&attendee(), e, t, 1).await;
            w.eventify.bookings().cancel(&attendee(), bought.booking.id).await.unwrap();
            w.mark().await;
            undo(w, &organizer(), &bought.tickets[0].code).await
        };
        "a check-in to an event that was cancelled" => [EventCancelled] |w| {
            let (e, t) = w.sale(5).await;
            let code = w.used(e, t).await;
            w.cancel_event(e).await;
            undo(w, &organizer(), &code).await
        };
        "a check-in, by a code that nobody has" => [Unknown] |w| undo(w, &organizer(), "0000-0000-0000").await;
    }
}

pub fn going_out() -> Vec<Row> {
    rows! {
        "of where one may come in again" => [] |w| { let code = inside(w).await; leave(w, &organizer(), &code).await };
        "of where one comes in once" => [NoReEntry] |w| { let code = used(w).await; leave(w, &organizer(), &code).await };
        "without having come in" => [NotCheckedIn] |w| { let code = festival(w).await; leave(w, &organizer(), &code).await };
        "twice" => [NotCheckedIn] |w| {
            let code = inside(w).await;
            leave(w, &organizer(), &code).await.unwrap();
            w.mark().await;
            leave(w, &organizer(), &code).await
        };
        "and in again" => [] |w| {
            let code = inside(w).await;
            leave(w, &organizer(), &code).await.unwrap();
            admit(w, &organizer(), &code).await
        };
        "in again without having gone out" => [AlreadyUsed] |w| { let code = inside(w).await; admit(w, &organizer(), &code).await };
        "in again when the event is over" => [Expired] |w| {
            let code = inside(w).await;
            leave(w, &organizer(), &code).await.unwrap();
            w.pass(11 * DAY).await;
            admit(w, &organizer(), &code).await
        };
        "in again after its type was changed to let in once" => [AlreadyUsed] |w| {
            let (e, t) = in_out(w).await;
            let code = w.ticket(e, t).await;
            admit(w, &organizer(), &code).await.unwrap();
            leave(w, &organizer(), &code).await.unwrap();
            let once = UpdateTicketType { re_entry: Some(ReEntry::Once), ..UpdateTicketType::default() };
            w.change_type(e, t, once).await;
            admit(w, &organizer(), &code).await
        };
        "out by its person" => [NotEventStaff] |w| { let code = inside(w).await; leave(w, &attendee(), &code).await };
        "out by another organizer" => [NotEventStaff] |w| {
            let code = inside(w).await;
            leave(w, &other_organizer(), &code).await
        };
        "out by nobody" => [NotAuthenticated] |w| { let code = inside(w).await; leave(w, &anonymous(), &code).await };
        "out at another event's door" => [WrongEvent] |w| {
            let code = inside(w).await;
            let door = Scan { event_id: Some(w.published().await), ..Scan::default() };
            w.eventify.tickets().check_out(&organizer(), &code, door).await
        };
        "out with a cancelled ticket" => [TicketCancelled] |w| {
            let (e, t) = in_out(w).await;
            let bought = w.buy(&attendee(), e, t, 1).await;
            w.eventify.bookings().cancel(&attendee(), bought.booking.id).await.unwrap();
            w.mark().await;
            leave(w, &organizer(), &bought.tickets[0].code).await
        };
        "in and out as often as one may" => [TooManyPassages] |w| {
            let code = festival(w).await;
            for _ in 0..Passages::MAX / 2 {
                admit(w, &organizer(), &code).await.unwrap();
                leave(w, &organizer(), &code).await.unwrap();
            }
            w.mark().await;
            admit(w, &organizer(), &code).await
        };
        "cancelling the booking of somebody who went out" => [TicketAlreadyUsed] |w| {
            let (e, t) = in_out(w).await;
            let bought = w.buy(&attendee(), e, t, 1).await;
            admit(w, &organizer(), &bought.tickets[0].code).await.unwrap();
            leave(w, &organizer(), &bought.tickets[0].code).await.unwrap();
            w.mark().await;
            w.eventify.bookings().cancel(&attendee(), bought.booking.id).await
        };
    }
}

pub fn reissuing() -> Vec<Row> {
    rows! {
        "by its person" => [] |w| { let code = good(w).await; reissue(w, &attendee(), &code).await };
        "by the organizer" => [] |w| { let code = good(w).await; reissue(w, &organizer(), &code).await };
        "by an admin" => [] |w| { let code = good(w).await; reissue(w, &admin(), &code).await };
        "by a stranger" => [TicketNotFound] |w| { let code = good(w).await; reissue(w, &other_attendee(), &code).await };
        "by another organizer" => [TicketNotFound] |w| { let code = good(w).await; reissue(w, &other_organizer(), &code).await };
        "by nobody" => [NotAuthenticated] |w| { let code = good(w).await; reissue(w, &anonymous(), &code).await };
        "of a code that is none" => [TicketNotFound] |w| reissue(w, &attendee(), "0000-0000-0000").await;
        "of a code that was replaced" => [TicketNotFound] |w| {
            let code = good(w).await;
            reissue(w, &attendee(), &code).await.unwrap();
            w.mark().await;
            reissue(w, &attendee(), &code).await
        };
        "of a used ticket" => [] |w| { let code = used(w).await; reissue(w, &attendee(), &code).await };
        "of a cancelled ticket" => [TicketCancelled] |w| {
            let (e, t) = w.sale(5).await;
            let bought = w.buy(&attendee(), e, t, 1).await;
            w.eventify.bookings().cancel(&attendee(), bought.booking.id).await.unwrap();
            w.mark().await;
            reissue(w, &attendee(), &bought.tickets[0].code).await
        };
        "of a ticket of a cancelled event" => [EventCancelled] |w| {
            let (e, t) = w.sale(5).await;
            let code = w.ticket(e, t).await;
            w.cancel_event(e).await;
            reissue(w, &attendee(), &code).await
        };
        "of a ticket of an event that is over" => [EventNotPublished] |w| {
            let code = good(w).await;
            w.pass(11 * DAY).await;
            reissue(w, &attendee(), &code).await
        };
        "as often as a ticket may be" => [TooManyIssues] |w| {
            let mut code = good(w).await;
            for _ in 0..100 {
                code = reissue(w, &attendee(), &code).await.unwrap().code.clone();
            }
            w.mark().await;
            reissue(w, &attendee(), &code).await
        };
    }
}

const MICROSECOND: std::time::Duration = std::time::Duration::from_micros(1);

async fn of_doors(
    w: &World,
    event: Option<std::time::Duration>,
    of: Option<std::time::Duration>,
) -> (EventId, TicketTypeId) {
    let after = |wait: Option<std::time::Duration>| wait.map(|wait| w.now().plus(wait));
    let e = w.draft_of(CreateEvent { doors_at: after(event), ..w.concert() }).await;
    w.publish(e).await;
    let t = w.type_of(e, CreateTicketType { doors_at: after(of), ..seats(5) }).await;
    (e, t)
}

async fn with_doors(
    w: &World,
    event: Option<std::time::Duration>,
    of: Option<std::time::Duration>,
) -> String {
    let (e, t) = of_doors(w, event, of).await;
    w.ticket(e, t).await
}

async fn good(w: &World) -> String {
    let (e, t) = w.sale(5).await;
    w.ticket(e, t).await
}

async fn used(w: &World) -> String {
    let (e, t) = w.sale(5).await;
    w.used(e, t).await
}

async fn in_out(w: &World) -> (EventId, TicketTypeId) {
    let e = w.published().await;
    let t = w.type_of(e, CreateTicketType { re_entry: ReEntry::InOut, ..seats(5) }).await;
    (e, t)
}

/// The code of a ticket that lets in more than once.
async fn festival(w: &World) -> String {
    let (e, t) = in_out(w).await;
    w.ticket(e, t).await
}

async fn inside(w: &World) -> String {
    let code = festival(w).await;
    admit(w, &organizer(), &code).await.unwrap();
    w.mark().await;
    code
}

async fn admit(w: &World, who: &Actor, code: &str) -> Result<Answer<TicketView>, Error> {
    w.eventify.tickets().check_in(who, code, Scan::default()).await
}

async fn leave(w: &World, who: &Actor, code: &str) -> Result<Answer<TicketView>, Error> {
    w.eventify.tickets().check_out(who, code, Scan::default()).await
}

async fn undo(w: &World, who: &Actor, code: &str) -> Result<TicketView, Error> {
    w.eventify.tickets().undo_check_in(who, code).await
}

async fn reissue(w: &World, who: &Actor, code: &str) -> Result<Answer<TicketView>, Error> {
    w.eventify.tickets().reissue(who, code).await
}

#[tokio::test]
async fn doors_open_at_their_hour() {
    run(doors()).await;
}

#[tokio::test]
async fn taking_a_check_in_back_has_rules() {
    run(undoing()).await;
}

#[tokio::test]
async fn going_out_has_rules() {
    run(going_out()).await;
}

#[tokio::test]
async fn new_codes_have_rules() {
    run(reissuing()).await;
}

fn scan_of(scan_id: &str) -> Scan {
    Scan { scan_id: Some(scan_id.to_owned()), ..Scan::default() }
}

#[tokio::test]
async fn in_and_out_alternate_and_a_repeated_scan_gets_its_first_answer() {
    let w = World::new().await;
    let (e, t) = in_out(&w).await;
    let code = w.ticket(e, t).await;
    let tickets = w.eventify.tickets();
    let mut first = None;
    for round in 0..3 {
        let came = tickets.check_in(&organizer(), &code, scan_of(&format!("in {round}"))).await.unwrap();
        assert_eq!((came.status, came.used_at), (TicketStatus::Used, Some(w.now())));
        first.get_or_insert(came.into_inner());
        w.clock.advance(HOUR);
        let went = tickets.check_out(&organizer(), &code, scan_of(&format!("out {round}"))).await.unwrap();
        assert_eq!(went.status, TicketStatus::Left);
        w.clock.advance(HOUR);
    }
    w.mark().await;
    let again = tickets.check_in(&organizer(), &code, scan_of("in 0")).await.unwrap().into_inner();
    assert_eq!(Some(again), first);
    let again = tickets.check_out(&organizer(), &code, scan_of("out 1")).await.unwrap();
    assert_eq!(again.status, TicketStatus::Left);
    w.assert_unchanged("repeated scans").await;
    assert_eq!((w.actions("ticket.checked_in").await, w.actions("ticket.checked_out").await), (3, 3));
    let told = w.told(&attendee()).await;
    let told = told.iter().filter(|t| t.fact.as_str() == "ticket.checkin").count();
    assert_eq!(told, 1, "one is welcomed once");
}

#[tokio::test]
async fn what_was_taken_back_is_as_if_it_had_not_been() {
    let w = World::new().await;
    let (e, t) = in_out(&w).await;
    let code = w.ticket(e, t).await;
    admit(&w, &organizer(), &code).await.unwrap();
    leave(&w, &organizer(), &code).await.unwrap();
    assert_eq!(undo(&w, &organizer(), &code).await.unwrap().status, TicketStatus::Used);
    assert_eq!(admit(&w, &organizer(), &code).await.unwrap_err().reason(), Reason::AlreadyUsed);
    let active = undo(&w, &organizer(), &code).await.unwrap();
    assert_eq!((active.status, active.used_at), (TicketStatus::Active, None));
    admit(&w, &organizer(), &code).await.unwrap();
    assert_eq!(w.actions("ticket.check_in_undone").await, 2);
    w.assert_sound("an undone check-in").await;
}

#[tokio::test]
async fn a_late_repeat_of_a_scan_that_was_taken_back_lets_nobody_in() {
    let w = World::new().await;
    let code = good(&w).await;
    let tickets = w.eventify.tickets();
    let first = tickets.check_in(&organizer(), &code, scan_of("1")).await.unwrap().into_inner();
    undo(&w, &organizer(), &code).await.unwrap();
    w.mark().await;
    let late = tickets.check_in(&organizer(), &code, scan_of("1")).await.unwrap().into_inner();
    assert_eq!(late, first, "it gets the first answer");
    w.assert_unchanged("a late repeat").await;
    assert_eq!(tickets.get(&attendee(), &code).await.unwrap().status, TicketStatus::Active);
}

#[tokio::test]
async fn a_clock_that_goes_back_keeps_the_order_of_what_happened() {
    let w = World::with(Settings::default()).await;
    let (e, t) = in_out(&w).await;
    let code = w.ticket(e, t).await;
    admit(&w, &organizer(), &code).await.unwrap();
    w.clock.turn_back(HOUR);
    assert_eq!(leave(&w, &organizer(), &code).await.unwrap().status, TicketStatus::Left);
    assert_eq!(admit(&w, &organizer(), &code).await.unwrap().status, TicketStatus::Used);
}

#[tokio::test]
async fn the_doors_move_with_the_event() {
    let w = World::new().await;
    let start = w.concert().starts_at.unwrap();
    let e = w.draft_of(CreateEvent { doors_at: Some(start.minus(HOUR)), ..w.concert() }).await;
    let later = UpdateEvent { starts_at: Some(start.plus(HOUR)), ..UpdateEvent::default() };
    w.update_event(e, later).await;
    assert_eq!(w.event(e).await.doors_at, Some(start));
    let said =
        UpdateEvent { starts_at: Some(start), doors_at: Some(Change::To(start)), ..UpdateEvent::default() };
    w.update_event(e, said).await;
    assert_eq!(w.event(e).await.doors_at, Some(start));
    w.update_event(e, UpdateEvent { doors_at: Some(Change::Clear), ..UpdateEvent::default() }).await;
    assert_eq!(w.event(e).await.doors_at, None);
}
