//! What staff may do: every operation at an event, asked by everybody who works somewhere. The answers are those of a
//! scanner, a manager, a device of the published event, a manager of another event, a manager who was let go, and a
//! device of another event.

use eventify_core::announcement::MakeAnnouncement;
use eventify_core::event::{CancelEvent, UpdateEvent};
use eventify_core::promo_code::CreatePromoCode;
use eventify_core::seat_map::PutSeatMap;
use eventify_core::staff::{AddDevice, GrantStaff, StaffRight};
use eventify_core::stats::{CurveRequest, StatsPeriod};
use eventify_core::ticket::{Direction, OfflineScan, Scan, UploadScans};
use eventify_core::ticket_type::UpdateTicketType;
use eventify_core::{Actor, BookingId, EventId, IfMatch, PageRequest, Reason, Role, TicketTypeId};

use crate::common::*;
use crate::operation::{Operation, operations, talk};

/// A draft and a published event with a held and a bought booking, and who works there.
pub struct Props {
    draft: EventId,
    event: EventId,
    kind: TicketTypeId,
    held: BookingId,
    bought: BookingId,
    code: String,
    staff: Vec<Actor>,
}

pub fn operations() -> Vec<Operation<Props>> {
    at_events().into_iter().chain(at_the_door()).chain(for_owners()).collect()
}

fn at_events() -> Vec<Operation<Props>> {
    operations! {
        "see a draft" [ok ok EventNotFound EventNotFound EventNotFound EventNotFound]
            |w, p, who| w.eventify.events().get(who, p.draft).await;
        "see ticket types of a draft" [ok ok EventNotFound EventNotFound EventNotFound EventNotFound]
            |w, p, who| w.eventify.ticket_types().list(who, p.draft, &PageRequest::default()).await;
        "see the schedule of a draft" [ok ok EventNotFound EventNotFound EventNotFound EventNotFound]
            |w, p, who| w.eventify.events().schedule(who, p.draft, &PageRequest::default()).await;
        "publish a draft" [NotEventOwner ok EventNotFound EventNotFound EventNotFound EventNotFound]
            |w, p, who| w.eventify.events().publish(who, p.draft).await;
        "change an event" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.events().update(who, p.event, UpdateEvent::default(), IfMatch::Any).await;
        "add to a schedule" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.events().add_schedule_item(who, p.event, talk(w)).await;
        "import a schedule" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.events().import_schedule(who, p.event, Vec::new()).await;
        "announce something" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner] |w, p, who| {
            let words = MakeAnnouncement { body: "Words".to_owned(), ..MakeAnnouncement::default() };
            w.eventify.announcements().make(who, p.event, words).await
        };
        "see what was announced" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.announcements().list(who, p.event, &PageRequest::default()).await;
        "make a ticket type" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.ticket_types().create(who, p.event, seats(1)).await;
        "change a ticket type" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| {
                let types = w.eventify.ticket_types();
                types.update(who, p.event, p.kind, UpdateTicketType::default(), IfMatch::Any).await
            };
        "make a promo code" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner] |w, p, who| {
            let spring = CreatePromoCode { percent_off: Some(10), ..CreatePromoCode::of("Spring") };
            w.eventify.promo_codes().create(who, p.event, spring).await
        };
        "make a seat map" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.seat_maps().put(who, p.event, PutSeatMap::default()).await;
        "see promo codes" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.promo_codes().list(who, p.event, &PageRequest::default()).await;
        "see statistics" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.stats().of_event(who, p.event, &CurveRequest::default()).await;
        "see statistics of a draft" [NotEventOwner ok EventNotFound EventNotFound EventNotFound EventNotFound]
            |w, p, who| w.eventify.stats().of_event(who, p.draft, &CurveRequest::default()).await;
        "see the sums of all their events" [NotAllowed NotAllowed NotAllowed NotAllowed NotAllowed NotAllowed]
            |w, p, who| {
                let _ = p;
                w.eventify.stats().of_organizer(who, StatsPeriod::default()).await
            };
        "take out the attendees" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.exports().attendees(who, p.event).await;
        "take out the bookings" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.exports().bookings(who, p.event).await;
        "read the trail" [NotEventOwner ok NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.audit().of_event(who, p.event, &PageRequest::default()).await;
    }
}

fn at_the_door() -> Vec<Operation<Props>> {
    operations! {
        "check somebody in" [ok ok ok NotEventStaff NotEventStaff WrongEvent]
            |w, p, who| w.eventify.tickets().check_in(who, &p.code, Scan::default()).await;
        "check somebody out" [NoReEntry NoReEntry NoReEntry NotEventStaff NotEventStaff WrongEvent]
            |w, p, who| w.eventify.tickets().check_out(who, &p.code, Scan::default()).await;
        "take a check-in back" [NotCheckedIn NotCheckedIn NotCheckedIn NotEventStaff NotEventStaff NotEventStaff]
            |w, p, who| w.eventify.tickets().undo_check_in(who, &p.code).await;
        "issue a ticket anew" [TicketNotFound ok TicketNotFound TicketNotFound TicketNotFound TicketNotFound]
            |w, p, who| w.eventify.tickets().reissue(who, &p.code).await;
        "upload scans" [ok ok ok NotEventStaff NotEventStaff NotEventStaff] |w, p, who| {
            let scan = OfflineScan {
                scan_id: "1".to_owned(),
                code: p.code.clone(),
                scanned_at: w.now(),
                direction: Direction::In,
                gate: None,
                device: None,
            };
            w.eventify.tickets().upload_scans(who, p.event, UploadScans { scans: vec![scan] }).await
        };
        "load the door list" [ok ok ok NotEventStaff NotEventStaff NotEventStaff]
            |w, p, who| w.eventify.tickets().door_list(who, p.event, &PageRequest::default()).await;
        "look for somebody" [ok ok ok NotEventStaff NotEventStaff NotEventStaff]
            |w, p, who| w.eventify.tickets().find_attendees(who, p.event, "a", &PageRequest::default()).await;
        "see the attendees" [ok ok ok NotEventStaff NotEventStaff NotEventStaff]
            |w, p, who| w.eventify.tickets().attendees(who, p.event, &PageRequest::default()).await;
        "see a ticket" [ok ok ok TicketNotFound TicketNotFound TicketNotFound]
            |w, p, who| w.eventify.tickets().get(who, &p.code).await;
        "see a booking" [BookingNotFound ok NotAllowed BookingNotFound BookingNotFound NotAllowed]
            |w, p, who| w.eventify.bookings().get(who, p.held).await;
        "mark a booking paid" [BookingNotFound ok NotAllowed BookingNotFound BookingNotFound NotAllowed]
            |w, p, who| w.eventify.bookings().confirm(who, p.held).await;
        "cancel a booking that is paid" [BookingNotFound NotEventOwner NotAllowed BookingNotFound BookingNotFound NotAllowed]
            |w, p, who| w.eventify.bookings().cancel(who, p.bought).await;
        "cancel a hold" [BookingNotFound ok NotAllowed BookingNotFound BookingNotFound NotAllowed]
            |w, p, who| w.eventify.bookings().cancel(who, p.held).await;
        "hold seats for oneself" [ok ok NotAllowed ok ok NotAllowed]
            |w, p, who| w.eventify.bookings().hold(who, lines(p.event, &[(p.kind, 1)])).await;
        "see one's tickets" [ok ok NotAllowed ok ok NotAllowed] |w, p, who| {
            let _ = p;
            w.eventify.tickets().mine(who, &PageRequest::default()).await
        };
        "make an event" [NotAllowed NotAllowed NotAllowed NotAllowed NotAllowed NotAllowed] |w, p, who| {
            let _ = p;
            w.eventify.events().create(who, w.concert()).await
        };
    }
}

fn for_owners() -> Vec<Operation<Props>> {
    operations! {
        "cancel an event" [NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.events().cancel(who, p.event, CancelEvent::default()).await;
        "delete a draft" [NotEventOwner NotEventOwner EventNotFound EventNotFound EventNotFound EventNotFound]
            |w, p, who| w.eventify.events().delete(who, p.draft).await;
        "see the staff" [NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.staff(p.event).list(who, &PageRequest::default()).await;
        "see one of the staff" [NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.staff(p.event).get(who, id_of(&scanner())).await;
        "take somebody on" [NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.staff(p.event).grant(who, grant(&other_attendee(), StaffRight::Manager)).await;
        "let somebody go" [NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.staff(p.event).revoke(who, id_of(&scanner())).await;
        "see the devices" [NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.staff(p.event).devices(who, &PageRequest::default()).await;
        "add a device" [NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| w.eventify.staff(p.event).add_device(who, AddDevice { name: "Mine".to_owned() }).await;
        "revoke a device" [NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner NotEventOwner]
            |w, p, who| {
                let (id, _) = p.staff[2].as_device().unwrap();
                w.eventify.staff(p.event).revoke_device(who, id).await
            };
    }
}

fn scanner() -> Actor {
    person(6, Role::Attendee)
}

fn grant(who: &Actor, right: StaffRight) -> GrantStaff {
    GrantStaff { user_id: who.user_id(), email: None, right }
}

async fn device(w: &World, event: EventId) -> Actor {
    let phone = AddDevice { name: "Phone".to_owned() };
    let made = w.eventify.staff(event).add_device(&organizer(), phone).await.unwrap();
    let key = made.key.unwrap();
    w.eventify.authenticate_device(key.expose()).await.unwrap()
}

async fn props(w: &World) -> Props {
    let (draft, event, elsewhere) = (w.draft().await, w.published().await, w.published().await);
    let kind = w.paid(event, 10, 100).await;
    let held = w.hold(&attendee(), event, kind, 1).await.id;
    let bought = w.hold(&attendee(), event, kind, 1).await.id;
    let bought = w.eventify.bookings().confirm(&organizer(), bought).await.unwrap();
    let [manager, other, dismissed] = [7, 8, 9].map(|n| person(n, Role::Attendee));
    for at in [draft, event] {
        let staff = w.eventify.staff(at);
        staff.grant(&organizer(), grant(&scanner(), StaffRight::Scanner)).await.unwrap();
        staff.grant(&organizer(), grant(&manager, StaffRight::Manager)).await.unwrap();
        staff.grant(&organizer(), grant(&dismissed, StaffRight::Manager)).await.unwrap();
        staff.revoke(&organizer(), id_of(&dismissed)).await.unwrap();
    }
    w.eventify.staff(elsewhere).grant(&organizer(), grant(&other, StaffRight::Manager)).await.unwrap();
    let (phone, other_phone) = (device(w, event).await, device(w, elsewhere).await);
    w.mark().await;
    let code = bought.tickets[0].code.clone();
    let staff = vec![scanner(), manager, phone, other, dismissed, other_phone];
    Props { draft, event, kind, held, bought: bought.id, code, staff }
}

#[tokio::test]
async fn everybody_may_what_they_were_taken_on_for() {
    for operation in operations() {
        for (nth, answer) in operation.answers.into_iter().enumerate() {
            let w = World::new().await;
            let props = props(&w).await;
            let who = &props.staff[nth];
            operation.expect(w, &props, who, answer).await;
        }
    }
}

#[tokio::test]
async fn validation_shows_a_ticket_to_the_door_and_to_no_other() {
    let w = World::new().await;
    let props = props(&w).await;
    for (nth, (who, sees)) in props.staff.iter().zip([true, true, true, false, false, false]).enumerate() {
        let verdict = w.eventify.tickets().validate(who, &props.code, Scan::default()).await.unwrap();
        // A device says whether it is a ticket for its own door.
        assert_eq!((verdict.valid, verdict.ticket.is_some()), (nth < 5, sees), "{who:?}");
    }
}

#[tokio::test]
async fn a_manager_meets_an_own_booking_as_its_person() {
    let w = World::new().await;
    let props = props(&w).await;
    let manager = &props.staff[1];
    let own = w.hold(manager, props.event, props.kind, 1).await;
    let refused = w.eventify.bookings().confirm(manager, own.id).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::PaymentRequired, "nobody marks their own booking paid");
}
