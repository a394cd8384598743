//! What cannot be found out by trying, or by looking: promo codes, addresses, and codes at the door.

use eventify_core::promo_code::{CheckPromoCode, CreatePromoCode};
use eventify_core::staff::{AddDevice, GrantStaff, StaffRight};
use eventify_core::ticket::Scan;
use eventify_core::{Actor, Error, EventId, PageRequest, Reason};

use crate::common::*;

fn reason<T>(answer: Result<T, Error>) -> Option<Reason> {
    answer.err().map(|error| error.reason())
}

async fn check(w: &World, who: &Actor, e: EventId, code: &str) -> Option<Reason> {
    let request = CheckPromoCode { code: code.into() };
    reason(w.eventify.promo_codes().check(who, e, &request).await)
}

#[tokio::test]
async fn promo_codes_are_not_found_by_trying() {
    let w = World::new().await;
    let (e, t) = w.sale(50).await;
    let real = CreatePromoCode { ticket_type_ids: vec![t], ..CreatePromoCode::of("Spring-10") };
    w.eventify
        .promo_codes()
        .create(&organizer(), e, CreatePromoCode { percent_off: Some(10), ..real })
        .await
        .unwrap();
    let ada = attendee().from_origin("203.0.113.7");
    for n in 0..5 {
        assert_eq!(check(&w, &ada, e, &format!("guess-{n}")).await, Some(Reason::PromoUnknown));
    }
    // Booking with a code asks the same question.
    let with = |code: &str| eventify_core::booking::HoldTickets {
        promo_code: Some(code.into()),
        ..lines(e, &[(t, 1)])
    };
    for n in 5..11 {
        let guess = with(&format!("guess-{n}"));
        assert_eq!(reason(w.eventify.bookings().hold(&ada, guess).await), Some(Reason::PromoUnknown), "{n}");
    }
    assert_eq!(check(&w, &ada, e, "Spring-10").await, Some(Reason::TooManyAttempts), "also a right one");
    let right = w.eventify.bookings().hold(&ada, with("Spring-10")).await;
    assert_eq!(reason(right), Some(Reason::TooManyAttempts));
    w.buy(&ada, e, t, 1).await;
    // One person's guesses are not another's, up to fifty from one place.
    let eve = other_attendee().from_origin("203.0.113.7");
    assert_eq!(check(&w, &eve, e, "spring-10").await, None);
    w.clock.advance(HOUR);
    assert_eq!(check(&w, &ada, e, "spring-10").await, None, "it is forgotten");
    w.assert_sound("guesses").await;
}

#[tokio::test]
async fn whose_addresses_have_accounts_is_not_found_by_taking_people_on() {
    let w = World::new().await;
    w.register("Ada").await;
    let e = w.draft().await;
    let grant = async |name: &str| {
        let email = Some(email_of(name));
        let request = GrantStaff { user_id: None, email, right: StaffRight::Scanner };
        reason(w.eventify.staff(e).grant(&organizer(), request).await)
    };
    for n in 0..11 {
        assert_eq!(grant(&format!("nobody{n}")).await, Some(Reason::UserNotFound));
    }
    assert_eq!(grant("Ada").await, Some(Reason::TooManyAttempts));
    let by_id = GrantStaff { user_id: attendee().user_id(), email: None, right: StaffRight::Scanner };
    w.eventify.staff(e).grant(&organizer(), by_id).await.unwrap();
    w.clock.advance(HOUR);
    assert_eq!(grant("Ada").await, None);
}

/// A scanner, a manager and a device of an event.
async fn crew(w: &World, e: EventId) -> [Actor; 3] {
    for (who, right) in [(attendee(), StaffRight::Scanner), (other_attendee(), StaffRight::Manager)] {
        let request = GrantStaff { user_id: who.user_id(), email: None, right };
        w.eventify.staff(e).grant(&organizer(), request).await.unwrap();
    }
    let device = w.eventify.staff(e).add_device(&organizer(), AddDevice { name: "Phone".to_owned() }).await;
    [attendee(), other_attendee(), Actor::device(device.unwrap().id, e)]
}

#[tokio::test]
async fn the_door_sees_the_ends_of_codes_and_finds_by_whole_ones() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    let code = w.buy(&someone(1), e, t, 1).await.tickets[0].short_code.clone();
    let crew = crew(&w, e).await;
    let masked = format!("****-****-{}", &code[10..]);
    let page = PageRequest::default();
    for (nth, who) in crew.iter().enumerate() {
        let manages = nth == 1;
        let expected = if manages { &code } else { &masked };
        let list = w.eventify.tickets().attendees(who, e, &page).await.unwrap();
        assert_eq!(&list.data[0].short_code, expected, "{nth}");
        let whole = w.eventify.tickets().find_attendees(who, e, &code, &page).await.unwrap();
        assert_eq!(&whole.data[0].short_code, expected, "{nth}");
        for part in [&code[..4], &code[..9], &code[..13]] {
            let found = w.eventify.tickets().find_attendees(who, e, part, &page).await.unwrap();
            assert_eq!(found.data.len(), usize::from(manages), "{nth} {part}");
        }
        assert!(
            w.eventify.tickets().validate(who, &code, Scan::default()).await.unwrap().valid,
            "shown by its person"
        );
    }
}

#[tokio::test]
async fn a_device_says_of_another_events_ticket_that_it_is_one() {
    let w = World::new().await;
    let (e, _) = w.sale(5).await;
    let (other, t) = w.sale(5).await;
    let foreign = w.buy(&someone(1), other, t, 1).await.tickets[0].code.clone();
    let [_, _, device] = crew(&w, e).await;
    let tickets = w.eventify.tickets();
    w.mark().await;
    assert_eq!(reason(tickets.check_in(&device, &foreign, Scan::default()).await), Some(Reason::WrongEvent));
    assert_eq!(reason(tickets.check_out(&device, &foreign, Scan::default()).await), Some(Reason::WrongEvent));
    let seen = tickets.validate(&device, &foreign, Scan::default()).await.unwrap();
    assert_eq!((seen.valid, seen.reason.as_str(), seen.ticket.is_none()), (false, "wrong_event", true));
    w.assert_unchanged("another event's ticket").await;
}
