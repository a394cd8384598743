//! Who may do what: every operation that is not for everybody, asked by everybody. The answers are those of nobody, an
//! attendee (to whom the booking belongs), another organizer, the event's organizer, an admin and the app itself.

use eventify_core::account::SetRole;
use eventify_core::announcement::MakeAnnouncement;
use eventify_core::event::{CancelEvent, CreateCategory, ImportedItem, UpdateEvent};
use eventify_core::notification::PreferencesView;
use eventify_core::promo_code::{CheckPromoCode, CreatePromoCode, UpdatePromoCode};
use eventify_core::seat_map::{PutBlock, PutRow, PutSeatMap, PutSection};
use eventify_core::stats::{CurveRequest, StatsPeriod};
use eventify_core::ticket::Scan;
use eventify_core::ticket_type::UpdateTicketType;
use eventify_core::waitlist::JoinWaitlist;
use eventify_core::{BookingId, EventId, IfMatch, PageRequest, PromoCodeId, Role, TicketTypeId};

use crate::common::*;
use crate::operation::{Operation, operations, talk};

/// What an operation may be about: somebody's draft, and a published event with a booking and a ticket.
pub struct Props {
    draft: EventId,
    event: EventId,
    kind: TicketTypeId,
    held: BookingId,
    bought: BookingId,
    code: String,
    promo: PromoCodeId,
    seated: TicketTypeId,
    gone: TicketTypeId,
}

async fn props(w: &World) -> Props {
    let draft = w.draft().await;
    let event = w.published().await;
    let kind = w.paid(event, 10, 100).await;
    let held = w.hold(&attendee(), event, kind, 1).await.id;
    let bought = w.hold(&attendee(), event, kind, 1).await.id;
    let bought = w.eventify.bookings().confirm(&organizer(), bought).await.unwrap();
    let promo = w.eventify.promo_codes().create(&organizer(), event, promo("Summer")).await.unwrap().id;
    let gone = w.free(event, 1).await;
    w.buy(&other_attendee(), event, gone, 1).await;
    let seated = w.free(event, 1).await;
    w.eventify.seat_maps().put_section(&organizer(), event, 1, section(seated)).await.unwrap();
    w.mark().await;
    Props {
        draft,
        event,
        kind,
        held,
        bought: bought.id,
        code: bought.tickets[0].code.clone(),
        promo,
        seated,
        gone,
    }
}

pub fn of_events() -> Vec<Operation<Props>> {
    operations! {
        "make an event" [NotAuthenticated NotAllowed ok ok ok NotAuthenticated]
            |w, p, who| w.eventify.events().create(who, w.concert()).await;
        "see a draft" [EventNotFound EventNotFound EventNotFound ok ok ok]
            |w, p, who| w.eventify.events().get(who, p.draft).await;
        "publish a draft" [EventNotFound EventNotFound EventNotFound ok ok ok]
            |w, p, who| w.eventify.events().publish(who, p.draft).await;
        "delete a draft" [EventNotFound EventNotFound EventNotFound ok ok ok]
            |w, p, who| w.eventify.events().delete(who, p.draft).await;
        "delete an event" [NotAuthenticated NotEventOwner NotEventOwner EventNotDraft EventNotDraft EventNotDraft]
            |w, p, who| w.eventify.events().delete(who, p.event).await;
        "see an event" [ok ok ok ok ok ok] |w, p, who| w.eventify.events().get(who, p.event).await;
        "change an event" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.events().update(who, p.event, UpdateEvent::default(), IfMatch::Any).await;
        "cancel an event" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.events().cancel(who, p.event, CancelEvent::default()).await;
        "add to a schedule" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.events().add_schedule_item(who, p.event, talk(w)).await;
        "import a schedule" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok] |w, p, who| {
            let items = vec![ImportedItem { source_id: "1".to_owned(), item: talk(w) }];
            w.eventify.events().import_schedule(who, p.event, items).await
        };
        "make a category" [NotAuthenticated NotAllowed ok ok ok ok]
            |w, p, who| w.eventify.categories().create(who, CreateCategory { name: "Jazz".to_owned() }).await;
        "announce something" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok] |w, p, who| {
            let words = MakeAnnouncement { body: "Words".to_owned(), ..MakeAnnouncement::default() };
            w.eventify.announcements().make(who, p.event, words).await
        };
        "see what was announced" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.announcements().list(who, p.event, &PageRequest::default()).await;
        "make a ticket type" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.ticket_types().create(who, p.event, seats(1)).await;
        "change a ticket type" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok] |w, p, who| {
            w.eventify.ticket_types().update(who, p.event, p.kind, UpdateTicketType::default(), IfMatch::Any).await
        };
        "see ticket types" [ok ok ok ok ok ok]
            |w, p, who| w.eventify.ticket_types().list(who, p.event, &PageRequest::default()).await;
        "see ticket types of a draft" [EventNotFound EventNotFound EventNotFound ok ok ok]
            |w, p, who| w.eventify.ticket_types().list(who, p.draft, &PageRequest::default()).await;
    }
}

pub fn of_bookings() -> Vec<Operation<Props>> {
    operations! {
        "hold seats" [NotAuthenticated ok ok ok ok NotAuthenticated]
            |w, p, who| w.eventify.bookings().hold(who, lines(p.event, &[(p.kind, 1)])).await;
        "buy tickets" [NotAuthenticated ok ok ok ok NotAuthenticated]
            |w, p, who| w.eventify.bookings().buy(who, lines(p.event, &[(p.kind, 1)])).await;
        "see a booking" [NotAuthenticated ok BookingNotFound ok ok ok]
            |w, p, who| w.eventify.bookings().get(who, p.held).await;
        "mark a booking paid" [NotAuthenticated PaymentRequired BookingNotFound ok ok ok]
            |w, p, who| w.eventify.bookings().confirm(who, p.held).await;
        "cancel a booking" [NotAuthenticated ok BookingNotFound ok ok ok]
            |w, p, who| w.eventify.bookings().cancel(who, p.bought).await;
        "see one's bookings" [NotAuthenticated ok ok ok ok NotAuthenticated]
            |w, p, who| w.eventify.bookings().mine(who, &PageRequest::default()).await;
        "see one's tickets" [NotAuthenticated ok ok ok ok NotAuthenticated]
            |w, p, who| w.eventify.tickets().mine(who, &PageRequest::default()).await;
        "see a ticket" [NotAuthenticated ok TicketNotFound ok ok ok]
            |w, p, who| w.eventify.tickets().get(who, &p.code).await;
        "see a ticket's picture" [NotAuthenticated ok TicketNotFound ok ok ok]
            |w, p, who| w.eventify.tickets().qr_png(who, &p.code).await;
        "put a ticket into a calendar" [NotAuthenticated ok TicketNotFound ok ok ok]
            |w, p, who| w.eventify.tickets().paper(who, &p.code).await;
        "print a ticket" [NotAuthenticated ok TicketNotFound ok ok ok]
            |w, p, who| w.eventify.tickets().printed(who, &p.code).await;
        "validate a ticket" [NotAuthenticated ok ok ok ok ok]
            |w, p, who| w.eventify.tickets().validate(who, &p.code, Scan::default()).await;
        "check somebody in" [NotAuthenticated NotEventStaff NotEventStaff ok ok ok]
            |w, p, who| w.eventify.tickets().check_in(who, &p.code, Scan::default()).await;
        "see the attendees" [NotAuthenticated NotEventStaff NotEventStaff ok ok ok]
            |w, p, who| w.eventify.tickets().attendees(who, p.event, &PageRequest::default()).await;
        "see an event's public keys" [ok ok ok ok ok ok]
            |w, p, who| w.eventify.tickets().public_keys(who, p.event).await;
    }
}

pub fn of_numbers() -> Vec<Operation<Props>> {
    operations! {
        "see statistics" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.stats().of_event(who, p.event, &CurveRequest::default()).await;
        "see statistics of a draft" [EventNotFound EventNotFound EventNotFound ok ok ok]
            |w, p, who| w.eventify.stats().of_event(who, p.draft, &CurveRequest::default()).await;
        "see statistics of no event" [EventNotFound EventNotFound EventNotFound EventNotFound EventNotFound EventNotFound]
            |w, p, who| { let _ = p; w.eventify.stats().of_event(who, NOWHERE, &CurveRequest::default()).await };
        "see the sums of one's events" [NotAuthenticated NotAllowed ok ok ok NotAuthenticated]
            |w, p, who| { let _ = p; w.eventify.stats().of_organizer(who, StatsPeriod::default()).await };
        "take out the attendees" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.exports().attendees(who, p.event).await;
        "take out the attendees of a draft" [EventNotFound EventNotFound EventNotFound ok ok ok]
            |w, p, who| w.eventify.exports().attendees(who, p.draft).await;
        "take out the bookings" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.exports().bookings(who, p.event).await;
        "take out the bookings of no event" [EventNotFound EventNotFound EventNotFound EventNotFound EventNotFound EventNotFound]
            |w, p, who| { let _ = p; w.eventify.exports().bookings(who, NOWHERE).await };
    }
}

const NOWHERE: EventId = EventId::from_bytes([9; 16]);

pub fn of_sale_tools() -> Vec<Operation<Props>> {
    operations! {
        "make a promo code" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.promo_codes().create(who, p.event, promo("Autumn")).await;
        "make a promo code of a draft" [EventNotFound EventNotFound EventNotFound ok ok ok]
            |w, p, who| w.eventify.promo_codes().create(who, p.draft, promo("Autumn")).await;
        "see promo codes" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.promo_codes().list(who, p.event, &PageRequest::default()).await;
        "see a promo code" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.promo_codes().get(who, p.event, p.promo).await;
        "change a promo code" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok] |w, p, who| {
            w.eventify.promo_codes().update(who, p.event, p.promo, UpdatePromoCode::default(), IfMatch::Any).await
        };
        "delete a promo code" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.promo_codes().delete(who, p.event, p.promo).await;
        "wait for tickets" [NotAuthenticated ok ok ok ok NotAuthenticated] |w, p, who| {
            w.eventify.waitlists().join(who, p.event, p.gone, JoinWaitlist { quantity: 1 }).await
        };
        "see a place in line" [NotAuthenticated NotWaiting NotWaiting NotWaiting NotWaiting NotAuthenticated]
            |w, p, who| w.eventify.waitlists().mine(who, p.event, p.gone).await;
        "leave a line" [NotAuthenticated NotWaiting NotWaiting NotWaiting NotWaiting NotAuthenticated]
            |w, p, who| w.eventify.waitlists().leave(who, p.event, p.gone).await;
        "make a seat map" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.seat_maps().put(who, p.event, PutSeatMap::default()).await;
        "draw a section" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.seat_maps().put_section(who, p.event, 2, section(p.seated)).await;
        "draw a section of a draft" [EventNotFound EventNotFound EventNotFound TicketTypeNotFound TicketTypeNotFound TicketTypeNotFound]
            |w, p, who| w.eventify.seat_maps().put_section(who, p.draft, 2, section(p.seated)).await;
        "delete a section" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.seat_maps().delete_section(who, p.event, 1).await;
        "see a seat map" [ok ok ok ok ok ok] |w, p, who| w.eventify.seat_maps().get(who, p.event).await;
        "see rows of seats" [ok ok ok ok ok ok]
            |w, p, who| w.eventify.seat_maps().rows(who, p.event, 1, &PageRequest::default()).await;
        "see rows of a draft" [EventNotFound EventNotFound EventNotFound SectionNotFound SectionNotFound SectionNotFound]
            |w, p, who| w.eventify.seat_maps().rows(who, p.draft, 1, &PageRequest::default()).await;
        "check a promo code" [NotAuthenticated ok ok ok ok ok] |w, p, who| {
            w.eventify.promo_codes().check(who, p.event, &CheckPromoCode { code: "SUMMER".into() }).await
        };
        "check a promo code of a draft" [NotAuthenticated EventNotFound EventNotFound PromoUnknown PromoUnknown PromoUnknown]
            |w, p, who| {
                w.eventify.promo_codes().check(who, p.draft, &CheckPromoCode { code: "SUMMER".into() }).await
            };
    }
}

fn section(ticket_type_id: TicketTypeId) -> PutSection {
    let blocks = vec![PutBlock { ticket_type_id, from: 1, to: 4 }];
    let row = PutRow { label: "A".to_owned(), blocks, ..PutRow::default() };
    PutSection { name: "Stalls".to_owned(), rows: vec![row] }
}

fn promo(code: &str) -> CreatePromoCode {
    CreatePromoCode { percent_off: Some(10), ..CreatePromoCode::of(code) }
}

pub fn of_the_deployment() -> Vec<Operation<Props>> {
    operations! {
        "rotate keys" [NotAuthenticated NotAllowed NotAllowed NotAllowed ok ok]
            |w, p, who| w.eventify.tickets().rotate_keys(who).await;
        "read the trail" [NotAuthenticated NotAllowed NotAllowed NotAllowed ok ok]
            |w, p, who| w.eventify.audit().all(who, &PageRequest::default()).await;
        "read an event's trail" [NotAuthenticated NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.audit().of_event(who, p.event, &PageRequest::default()).await;
        "read a draft's trail" [EventNotFound EventNotFound EventNotFound ok ok ok]
            |w, p, who| w.eventify.audit().of_event(who, p.draft, &PageRequest::default()).await;
        "read the trail of an event that is gone" [EventNotFound EventNotFound EventNotFound EventNotFound ok ok]
            |w, p, who| w.eventify.audit().of_event(who, EventId::from_bytes([9; 16]), &PageRequest::default()).await;
        "see waiting jobs" [NotAuthenticated NotAllowed NotAllowed NotAllowed ok ok]
            |w, p, who| w.eventify.jobs().waiting(who, eventify_core::job::JobClass::Inside, &PageRequest::default()).await;
        "see dead letters" [NotAuthenticated NotAllowed NotAllowed NotAllowed ok ok]
            |w, p, who| w.eventify.jobs().dead(who, &PageRequest::default()).await;
        "give a role" [NotAuthenticated NotAllowed NotAllowed NotAllowed UserNotFound UserNotFound] |w, p, who| {
            w.eventify.accounts().set_role(who, id_of(&attendee()), SetRole { role: Role::Admin }).await
        };
        "promote an address" [NotAuthenticated NotAllowed NotAllowed NotAllowed UserNotFound UserNotFound]
            |w, p, who| w.eventify.accounts().promote(who, "nobody@example.org").await;
        "take a second factor from somebody" [NotAuthenticated NotAllowed NotAllowed NotAllowed UserNotFound UserNotFound]
            |w, p, who| w.eventify.accounts().remove_second_factor(who, id_of(&attendee())).await;
        "end somebody's account" [NotAuthenticated NotAllowed NotAllowed NotAllowed UserNotFound UserNotFound]
            |w, p, who| w.eventify.accounts().erase(who, id_of(&attendee())).await;
        "see one's API keys" [NotAuthenticated ok ok ok ok NotAuthenticated]
            |w, p, who| w.eventify.accounts().api_keys(who, &PageRequest::default()).await;
        "end one's other sessions" [NotAuthenticated UserNotFound UserNotFound UserNotFound UserNotFound NotAuthenticated]
            |w, p, who| w.eventify.accounts().end_other_sessions(who).await;
        "see one's history" [NotAuthenticated ok ok ok ok NotAuthenticated]
            |w, p, who| w.eventify.notifications().list(who, false, &PageRequest::default()).await;
        "choose what one is told" [NotAuthenticated ok ok ok ok NotAuthenticated]
            |w, p, who| w.eventify.notifications().set_preferences(who, PreferencesView::default()).await;
        "mark everything read" [NotAuthenticated ok ok ok ok NotAuthenticated]
            |w, p, who| w.eventify.notifications().mark_all_read(who).await;
        "list events" [ok ok ok ok ok ok]
            |w, p, who| w.eventify.events().list(who, &Default::default(), &PageRequest::default()).await;
        "list categories" [ok ok ok ok ok ok]
            |w, p, who| { let _ = who; w.eventify.categories().list(&PageRequest::default()).await };
    }
}

async fn ask_everybody(operations: Vec<Operation<Props>>) {
    let everybody = [anonymous(), attendee(), other_organizer(), organizer(), admin(), system()];
    for operation in operations {
        for (who, answer) in everybody.iter().zip(operation.answers) {
            let w = World::new().await;
            let props = props(&w).await;
            operation.expect(w, &props, who, answer).await;
        }
    }
}

#[tokio::test]
async fn events_are_their_organizers() {
    ask_everybody(of_events()).await;
}

#[tokio::test]
async fn bookings_are_their_persons() {
    ask_everybody(of_bookings()).await;
}

#[tokio::test]
async fn numbers_are_the_organizers() {
    ask_everybody(of_numbers()).await;
}

#[tokio::test]
async fn sale_tools_are_the_organizers() {
    ask_everybody(of_sale_tools()).await;
}

#[tokio::test]
async fn the_deployment_is_its_admins() {
    ask_everybody(of_the_deployment()).await;
}
