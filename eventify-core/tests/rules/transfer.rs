//! Transfers: who may give a ticket to whom, until when, and what becomes of its codes, its booking and its counters.

use eventify_core::event::UpdateEvent;
use eventify_core::review::SubmitReview;
use eventify_core::ticket::{Scan, TicketView};
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::transfer::{OfferTicket, TransferStatus, TransferView};
use eventify_core::{Actor, Answer, Error, EventId, PageRequest, Reason, Role, TransferId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn offering() -> Vec<Row> {
    by_whom_and_to_whom().into_iter().chain(what_is_offered()).collect()
}

fn by_whom_and_to_whom() -> Vec<Row> {
    rows! {
        "by its person" => [] |w| { let code = good(w).await; offer(w, &attendee(), &code, ADA).await };
        "by a stranger" => [TicketNotFound] |w| { let code = good(w).await; offer(w, &other_attendee(), &code, ADA).await };
        "by the organizer" => [TicketNotFound] |w| { let code = good(w).await; offer(w, &organizer(), &code, ADA).await };
        "by an admin" => [TicketNotFound] |w| { let code = good(w).await; offer(w, &admin(), &code, ADA).await };
        "by nobody" => [NotAuthenticated] |w| { let code = good(w).await; offer(w, &anonymous(), &code, ADA).await };
        "by the app" => [NotAuthenticated] |w| { let code = good(w).await; offer(w, &system(), &code, ADA).await };
        "with a code that is none" => [TicketNotFound] |w| offer(w, &attendee(), "0000-0000-0000", ADA).await;
        "with an old code" => [TicketNotFound] |w| {
            let code = good(w).await;
            w.eventify.tickets().reissue(&attendee(), &code).await.unwrap();
            w.mark().await;
            offer(w, &attendee(), &code, ADA).await
        };
        "to no address" => [InvalidValue] |w| { let code = good(w).await; offer(w, &attendee(), &code, "ada").await };
        "to an address of 255 characters" => [InvalidValue] |w| {
            let code = good(w).await;
            offer(w, &attendee(), &code, &format!("{}@b.kz", "a".repeat(250))).await
        };
        "to oneself" => [InvalidValue] |w| {
            let ada = person_of(w, "Ada").await;
            let code = ticket_of(w, &ada).await;
            offer(w, &ada, &code, " ADA@example.org ").await
        };
        "twice" => [TransferPending] |w| {
            let code = good(w).await;
            offer(w, &attendee(), &code, ADA).await.unwrap();
            w.mark().await;
            offer(w, &attendee(), &code, "bob@example.org").await
        };
        "anew when nobody accepted in time" => [] |w| {
            let code = good(w).await;
            offer(w, &attendee(), &code, ADA).await.unwrap();
            // The job that ends the first one has not come to it.
            w.clock.advance(3 * DAY);
            offer(w, &attendee(), &code, "bob@example.org").await
        };
    }
}

fn what_is_offered() -> Vec<Row> {
    rows! {
        "another ticket of an event that one has reviewed" => [AlreadyReviewed] |w| {
            let code = reviewed(w).await;
            offer(w, &attendee(), &code, ADA).await
        };
        "the same once the review was taken back" => [] |w| {
            let code = reviewed(w).await;
            let event = w.eventify.tickets().get(&attendee(), &code).await?.event_id;
            w.eventify.reviews().delete(&attendee(), event).await?;
            offer(w, &attendee(), &code, ADA).await
        };
        "a used ticket" => [TicketAlreadyUsed] |w| {
            let (e, t) = w.sale(5).await;
            let code = w.used(e, t).await;
            offer(w, &attendee(), &code, ADA).await
        };
        "a cancelled ticket" => [TicketCancelled] |w| {
            let (e, t) = w.sale(5).await;
            let bought = w.buy(&attendee(), e, t, 1).await;
            w.eventify.bookings().cancel(&attendee(), bought.booking.id).await.unwrap();
            w.mark().await;
            offer(w, &attendee(), &bought.tickets[0].code, ADA).await
        };
        "a ticket of a cancelled event" => [EventCancelled] |w| {
            let (e, t) = w.sale(5).await;
            let code = w.ticket(e, t).await;
            w.cancel_event(e).await;
            offer(w, &attendee(), &code, ADA).await
        };
        "a ticket of an event that has just ended" => [Expired] |w| {
            let code = good(w).await;
            w.clock.advance(10 * DAY + 3 * HOUR);
            offer(w, &attendee(), &code, ADA).await
        };
        "a ticket of an event that is completed" => [EventNotPublished] |w| {
            let code = good(w).await;
            w.pass(11 * DAY).await;
            offer(w, &attendee(), &code, ADA).await
        };
    }
}

pub fn accepting() -> Vec<Row> {
    by_whom_and_when().into_iter().chain(what_became_of_it()).collect()
}

fn by_whom_and_when() -> Vec<Row> {
    rows! {
        "by the person of the address" => [] |w| { let (ada, id, _) = offered(w).await; accept(w, &ada, id).await };
        "by another person" => [TransferNotFound] |w| {
            let (_, id, _) = offered(w).await;
            let bob = person_of(w, "Bob").await;
            accept(w, &bob, id).await
        };
        "by who offers" => [TransferNotFound] |w| { let (_, id, _) = offered(w).await; accept(w, &attendee(), id).await };
        "by the organizer" => [TransferNotFound] |w| { let (_, id, _) = offered(w).await; accept(w, &organizer(), id).await };
        "by an admin" => [TransferNotFound] |w| { let (_, id, _) = offered(w).await; accept(w, &admin(), id).await };
        "by nobody" => [NotAuthenticated] |w| { let (_, id, _) = offered(w).await; accept(w, &anonymous(), id).await };
        "a transfer that is not there" => [TransferNotFound] |w| {
            accept(w, &attendee(), TransferId::from_bytes([9; 16])).await
        };
        "twice" => [TransferClosed] |w| {
            let (ada, id, _) = offered(w).await;
            accept(w, &ada, id).await.unwrap();
            w.mark().await;
            accept(w, &ada, id).await
        };
        "what was withdrawn" => [TransferClosed] |w| {
            let (ada, id, _) = offered(w).await;
            w.eventify.transfers().withdraw(&attendee(), id).await.unwrap();
            w.mark().await;
            accept(w, &ada, id).await
        };
        "a microsecond before the deadline" => [] |w| {
            let (ada, id, _) = offered(w).await;
            w.clock.advance(3 * DAY - std::time::Duration::from_micros(1));
            accept(w, &ada, id).await
        };
        "at the deadline" => [TransferClosed] |w| {
            let (ada, id, _) = offered(w).await;
            w.clock.advance(3 * DAY);
            accept(w, &ada, id).await
        };
        "one that was over and replaced, after the clock was turned back" => [TransferClosed] |w| {
            let (ada, id, code) = offered(w).await;
            w.clock.advance(3 * DAY);
            offer(w, &attendee(), &code, "eve@example.org").await.unwrap();
            w.clock.turn_back(DAY);
            w.mark().await;
            accept(w, &ada, id).await
        };
        "after its job ended it" => [TransferClosed] |w| {
            let (ada, id, _) = offered(w).await;
            w.pass(3 * DAY).await;
            accept(w, &ada, id).await
        };
    }
}

fn what_became_of_it() -> Vec<Row> {
    rows! {
        "what its giver reviewed the event with meanwhile" => [AlreadyReviewed] |w| {
            let (ada, id, code) = offered(w).await;
            w.clock.advance(3 * DAY - HOUR);
            let event = w.eventify.tickets().get(&attendee(), &code).await.unwrap().event_id;
            let now = UpdateEvent { starts_at: Some(w.now().plus(HOUR / 2)), ..UpdateEvent::default() };
            w.update_event(event, now).await;
            w.clock.advance(HOUR / 2);
            review(w, event).await;
            accept(w, &ada, id).await
        };
        "what was used meanwhile" => [TicketAlreadyUsed] |w| {
            let (ada, id, code) = offered(w).await;
            w.eventify.tickets().check_in(&organizer(), &code, Scan::default()).await.unwrap();
            w.mark().await;
            accept(w, &ada, id).await
        };
        "what was issued anew meanwhile" => [] |w| {
            let (ada, id, code) = offered(w).await;
            w.eventify.tickets().reissue(&attendee(), &code).await.unwrap();
            accept(w, &ada, id).await
        };
        "what was cancelled meanwhile" => [TicketCancelled] |w| {
            let (ada, id, code) = offered(w).await;
            let booking = w.eventify.tickets().get(&attendee(), &code).await.unwrap().booking_id;
            w.eventify.bookings().cancel(&attendee(), booking).await.unwrap();
            w.mark().await;
            accept(w, &ada, id).await
        };
        "at an event that was cancelled meanwhile" => [EventCancelled] |w| {
            let (ada, id, code) = offered(w).await;
            let event = w.eventify.tickets().get(&attendee(), &code).await.unwrap().event_id;
            w.cancel_event(event).await;
            accept(w, &ada, id).await
        };
    }
}

pub fn proving() -> Vec<Row> {
    rows! {
        "by somebody who has not proven that the address is theirs" => [EmailNotVerified] |w| {
            let (squatter, id) = to_a_squatter(w).await;
            accept(w, &squatter, id).await
        };
        "looking at it without having proven the address" => [EmailNotVerified] |w| {
            let (squatter, id) = to_a_squatter(w).await;
            w.eventify.transfers().get(&squatter, id).await
        };
        "looking for offers without having proven the address" => [EmailNotVerified] |w| {
            let (squatter, _) = to_a_squatter(w).await;
            w.eventify.transfers().to_me(&squatter, &PageRequest::default()).await
        };
    }
}

pub fn ending() -> Vec<Row> {
    rows! {
        "withdrawing one's own" => [] |w| { let (_, id, _) = offered(w).await; withdraw(w, &attendee(), id).await };
        "withdrawing somebody else's" => [TransferNotFound] |w| {
            let (ada, id, _) = offered(w).await;
            withdraw(w, &ada, id).await
        };
        "withdrawing as an admin" => [TransferNotFound] |w| { let (_, id, _) = offered(w).await; withdraw(w, &admin(), id).await };
        "withdrawing as nobody" => [NotAuthenticated] |w| {
            let (_, id, _) = offered(w).await;
            withdraw(w, &anonymous(), id).await
        };
        "withdrawing twice" => [TransferClosed] |w| {
            let (_, id, _) = offered(w).await;
            withdraw(w, &attendee(), id).await.unwrap();
            w.mark().await;
            withdraw(w, &attendee(), id).await
        };
        "withdrawing what was accepted" => [TransferClosed] |w| {
            let (ada, id, _) = offered(w).await;
            accept(w, &ada, id).await.unwrap();
            w.mark().await;
            withdraw(w, &attendee(), id).await
        };
        "reading one's own" => [] |w| { let (_, id, _) = offered(w).await; w.eventify.transfers().get(&attendee(), id).await };
        "reading what is offered to one" => [] |w| { let (ada, id, _) = offered(w).await; w.eventify.transfers().get(&ada, id).await };
        "reading somebody else's" => [TransferNotFound] |w| {
            let (_, id, _) = offered(w).await;
            let bob = person_of(w, "Bob").await;
            w.eventify.transfers().get(&bob, id).await
        };
        "reading as nobody" => [NotAuthenticated] |w| {
            let (_, id, _) = offered(w).await;
            w.eventify.transfers().get(&anonymous(), id).await
        };
        "nobody's transfers" => [NotAuthenticated] |w| {
            w.eventify.transfers().mine(&anonymous(), &PageRequest::default()).await
        };
        "offers to nobody" => [NotAuthenticated] |w| {
            w.eventify.transfers().to_me(&anonymous(), &PageRequest::default()).await
        };
        "cancelling the booking of a ticket that one gave away" => [TicketTransferred] |w| {
            let (ada, id, _) = offered(w).await;
            let booking = accept(w, &ada, id).await.unwrap().booking_id;
            w.mark().await;
            w.eventify.bookings().cancel(&attendee(), booking).await
        };
        "cancelling the booking of a ticket that one was given" => [BookingNotFound] |w| {
            let (ada, id, _) = offered(w).await;
            let booking = accept(w, &ada, id).await.unwrap().booking_id;
            w.mark().await;
            w.eventify.bookings().cancel(&ada, booking).await
        };
        "cancelling it as the organizer" => [] |w| {
            let (ada, id, _) = offered(w).await;
            let booking = accept(w, &ada, id).await.unwrap().booking_id;
            w.eventify.bookings().cancel(&organizer(), booking).await
        };
    }
}

pub const ADA: &str = "ada@example.org";

async fn review(w: &World, event_id: EventId) {
    let words = SubmitReview { event_id, rating: 5, comment: String::new() };
    w.eventify.reviews().submit(&attendee(), words).await.unwrap();
    w.mark().await;
}

/// The code of an unused ticket of somebody who was let in with another one, and has reviewed the event.
async fn reviewed(w: &World) -> String {
    let (e, t) = w.sale(5).await;
    w.used(e, t).await;
    let code = w.ticket(e, t).await;
    review(w, e).await;
    code
}

async fn good(w: &World) -> String {
    ticket_of(w, &attendee()).await
}

async fn ticket_of(w: &World, who: &Actor) -> String {
    let (e, t) = w.sale(5).await;
    w.buy(who, e, t, 1).await.tickets[0].code.clone()
}

async fn person_of(w: &World, name: &str) -> Actor {
    w.verified(name).await
}

async fn offer(w: &World, who: &Actor, code: &str, email: &str) -> Result<Answer<TransferView>, Error> {
    w.eventify.transfers().offer(who, code, OfferTicket { email: email.to_owned() }).await
}

async fn accept(w: &World, who: &Actor, id: TransferId) -> Result<Answer<TicketView>, Error> {
    w.eventify.transfers().accept(who, id).await
}

async fn withdraw(w: &World, who: &Actor, id: TransferId) -> Result<(), Error> {
    w.eventify.transfers().withdraw(who, id).await
}

/// Ada, an offer of the attendee's to her, and the ticket's code.
pub async fn offered(w: &World) -> (Actor, TransferId, String) {
    let ada = person_of(w, "Ada").await;
    let code = good(w).await;
    let id = offer(w, &attendee(), &code, ADA).await.unwrap().id;
    w.mark().await;
    (ada, id, code)
}

/// An offer to Ada's address, with which somebody registered whose it may not be.
async fn to_a_squatter(w: &World) -> (Actor, TransferId) {
    let squatter = Actor::user(w.register("Ada").await.id, Role::Attendee);
    let code = good(w).await;
    let id = offer(w, &attendee(), &code, ADA).await.unwrap().id;
    w.mark().await;
    (squatter, id)
}

#[tokio::test]
async fn offering_a_ticket_has_rules() {
    run(offering()).await;
}

#[tokio::test]
async fn taking_a_ticket_over_has_rules() {
    run(accepting()).await;
}

#[tokio::test]
async fn an_offer_is_for_who_has_the_mail_of_its_address() {
    run(proving()).await;
}

#[tokio::test]
async fn an_offer_ends_by_rules() {
    run(ending()).await;
}

async fn verdict(w: &World, code: &str) -> String {
    w.eventify.tickets().validate(&organizer(), code, Scan::default()).await.unwrap().reason
}

#[tokio::test]
async fn the_old_code_dies_whichever_is_shown_first() {
    for old_first in [true, false] {
        let w = World::connected().await;
        let (ada, id, old) = offered(&w).await;
        assert_eq!(verdict(&w, &old).await, "valid", "until it is accepted it is the giver's");
        let hers = accept(&w, &ada, id).await.unwrap().into_inner();
        assert_eq!(hers.user_id, id_of(&ada));
        let shown = if old_first { [&old, &hers.code] } else { [&hers.code, &old] };
        for code in shown {
            let scanned = w.eventify.tickets().check_in(&organizer(), code, Scan::default()).await;
            let expected = if *code == old { Some(Reason::Reissued) } else { None };
            assert_eq!(scanned.err().map(|e| e.reason()), expected);
        }
        let error = w.eventify.tickets().get(&attendee(), &hers.short_code).await.unwrap_err();
        assert_eq!(error.reason(), Reason::TicketNotFound, "it is no business of the giver's any more");
        w.assert_sound("a transferred ticket").await;
    }
}

#[tokio::test]
async fn both_hear_of_it_and_each_sees_their_own() {
    let w = World::connected().await;
    let (ada, id, old) = offered(&w).await;
    let names = |told: Vec<Told>| told.iter().map(|t| t.fact.as_str()).collect::<Vec<_>>();
    assert_eq!(names(w.told(&ada).await), ["ticket.offered"]);
    let page = PageRequest::default();
    let offers = w.eventify.transfers().to_me(&ada, &page).await.unwrap().data;
    assert_eq!((offers.len(), offers[0].id), (1, id));
    let hers = accept(&w, &ada, id).await.unwrap().into_inner();
    assert!(names(w.told(&ada).await).contains(&"ticket.transferred"));
    assert!(names(w.told(&attendee()).await).contains(&"ticket.transferred"));
    assert!(w.eventify.transfers().to_me(&ada, &page).await.unwrap().data.is_empty());
    let given = w.eventify.transfers().mine(&attendee(), &page).await.unwrap().data;
    assert_eq!((given[0].status, given[0].expires_at), (TransferStatus::Accepted, None));
    assert_eq!(w.eventify.tickets().mine(&ada, &page).await.unwrap().data, std::slice::from_ref(&hers));
    assert!(w.eventify.tickets().mine(&attendee(), &page).await.unwrap().data.is_empty());
    for who in [attendee(), organizer()] {
        let booking = w.eventify.bookings().get(&who, hers.booking_id).await.unwrap();
        assert!(booking.tickets.is_empty(), "a booking shows no code of somebody else's");
    }
    assert!(w.eventify.bookings().mine(&attendee(), &page).await.unwrap().data[0].tickets.is_empty());
    assert_eq!((w.actions("ticket.offered").await, w.actions("ticket.transferred").await), (1, 1));
    w.run_jobs().await;
    assert_eq!((w.wire.sent_of("ticket.offered").len(), w.wire.sent_of("ticket.transferred").len()), (1, 1));
    assert_eq!(verdict(&w, &old).await, "reissued");
}

#[tokio::test]
async fn an_offer_waits_for_who_has_no_account_yet_and_says_nothing_of_who_has() {
    let w = World::new().await;
    let (one, two) = (good(&w).await, good(&w).await);
    person_of(&w, "Bob").await;
    let known = offer(&w, &attendee(), &one, "bob@example.org").await.unwrap().into_inner();
    let unknown = offer(&w, &attendee(), &two, ADA).await.unwrap().into_inner();
    assert_eq!((known.status, known.expires_at), (unknown.status, unknown.expires_at));
    let ada = person_of(&w, "Ada").await;
    accept(&w, &ada, unknown.id).await.unwrap();
    w.assert_sound("an offer that waited").await;
}

#[tokio::test]
async fn an_offer_that_nobody_accepts_ends_by_itself() {
    let w = World::new().await;
    let (_, id, code) = offered(&w).await;
    w.pass(3 * DAY).await;
    let ended = w.eventify.transfers().get(&attendee(), id).await.unwrap();
    assert_eq!(ended.status, TransferStatus::Expired);
    assert_eq!(w.actions("transfer.expired").await, 1);
    assert_eq!(verdict(&w, &code).await, "valid");
    offer(&w, &attendee(), &code, ADA).await.unwrap();
    w.assert_sound("an offer after another").await;
    let (e, t) = w.sale(5).await;
    let late = w.ticket(e, t).await;
    w.clock.advance(9 * DAY);
    let late = offer(&w, &attendee(), &late, ADA).await.unwrap();
    assert_eq!(late.expires_at, w.event(e).await.ends_at, "no longer than the event");
}

#[tokio::test]
async fn the_limit_per_person_is_the_buyers() {
    let w = World::new().await;
    let ada = person_of(&w, "Ada").await;
    let e = w.published().await;
    let t = w.type_of(e, CreateTicketType { per_person_max: Some(1), ..seats(5) }).await;
    w.buy(&ada, e, t, 1).await;
    let bought = w.buy(&attendee(), e, t, 1).await;
    let id = offer(&w, &attendee(), &bought.tickets[0].code, ADA).await.unwrap().id;
    accept(&w, &ada, id).await.unwrap();
    w.mark().await;
    let again = w.eventify.bookings().buy(&attendee(), lines(e, &[(t, 1)])).await.unwrap_err();
    assert_eq!(again.reason(), Reason::PerPersonLimit, "giving one away makes no room for another");
    w.assert_unchanged("the limit").await;
    w.eventify.bookings().cancel(&organizer(), bought.booking.id).await.unwrap();
    let fact = "booking.cancelled";
    for who in [&ada, &attendee()] {
        assert_eq!(w.told(who).await.iter().filter(|n| n.fact.as_str() == fact).count(), 1);
    }
    w.buy(&attendee(), e, t, 1).await;
    w.assert_sound("a limit after a transfer").await;
}

#[tokio::test]
async fn a_cancelled_event_tells_those_who_have_the_tickets_and_who_booked() {
    let w = World::new().await;
    let (ada, id, code) = offered(&w).await;
    let event = w.eventify.tickets().get(&attendee(), &code).await.unwrap().event_id;
    let hers = accept(&w, &ada, id).await.unwrap().into_inner();
    w.cancel_event(event).await;
    w.run_jobs().await;
    for who in [&ada, &attendee()] {
        let told = w.told(who).await;
        assert_eq!(told.iter().filter(|n| n.fact.as_str() == "event.cancelled").count(), 1);
    }
    assert_eq!(verdict(&w, &hers.code).await, "event_cancelled");
    w.assert_sound("a cancelled event").await;
}

#[tokio::test]
async fn accepting_and_checking_in_at_once_end_in_one_of_the_two() {
    let w = World::new().await;
    let (ada, id, code) = offered(&w).await;
    let staff = organizer();
    let (transfers, tickets) = (w.eventify.transfers(), w.eventify.tickets());
    let (taken, entered) =
        tokio::join!(transfers.accept(&ada, id), tickets.check_in(&staff, &code, Scan::default()));
    assert_ne!(taken.is_ok(), entered.is_ok());
    w.assert_sound("a race").await;
}
