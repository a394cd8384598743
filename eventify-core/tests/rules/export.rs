//! What may be taken out of an event, by whom, and whether it is all of it.

use std::collections::BTreeSet;
use std::time::Duration;

use eventify_core::account::EraseAccount;
use eventify_core::booking::BookingStatus;
use eventify_core::export::{ExportedAttendee, ExportedBooking};
use eventify_core::staff::{GrantStaff, StaffRight};
use eventify_core::ticket::TicketStatus;
use eventify_core::{Actor, EventId, Role};

use crate::common::*;

/// All attendees, and in how many pieces they came.
async fn attendees(w: &World, who: &Actor, e: EventId) -> (Vec<ExportedAttendee>, usize) {
    let mut export = w.eventify.exports().attendees(who, e).await.unwrap();
    let (mut all, mut pieces) = (Vec::new(), 0);
    while let Some(piece) = w.eventify.exports().next_attendees(&mut export).await.unwrap() {
        assert!(piece.len() <= 200, "a piece has a bound");
        all.extend(piece);
        pieces += 1;
    }
    assert!(
        w.eventify.exports().next_attendees(&mut export).await.unwrap().is_none(),
        "the end stays the end"
    );
    (all, pieces)
}

async fn bookings(w: &World, who: &Actor, e: EventId) -> Vec<ExportedBooking> {
    let mut export = w.eventify.exports().bookings(who, e).await.unwrap();
    let mut all = Vec::new();
    while let Some(piece) = w.eventify.exports().next_bookings(&mut export).await.unwrap() {
        assert!(piece.len() <= 200, "a piece has a bound");
        all.extend(piece);
    }
    all
}

#[tokio::test]
async fn every_ticket_is_taken_out_once_with_whose_it_is() {
    let w = World::new().await;
    let (e, t) = w.sale(500).await;
    let ada = w.register("Ada").await;
    let bought = w.buy(&Actor::user(ada.id, Role::Attendee), e, t, 1).await;
    w.clock.advance(HOUR);
    let gone = w.buy(&attendee(), e, t, 2).await;
    w.eventify.bookings().cancel(&attendee(), gone.booking.id).await.unwrap();
    for n in 0..80 {
        w.eventify.bookings().buy(&someone(n), lines(e, &[(t, 5)])).await.unwrap();
    }
    let (all, pieces) = attendees(&w, &organizer(), e).await;
    assert_eq!((all.len(), pieces), (403, 3));
    assert_eq!(all.iter().map(|row| row.ticket_id).collect::<BTreeSet<_>>().len(), 403);
    let first = &all[0];
    assert_eq!((first.name.as_str(), first.email.as_deref()), ("Ada", Some("ada@example.org")));
    assert_eq!((first.ticket_id, first.ticket_type.as_str()), (bought.tickets[0].id, "Standard"));
    assert_eq!(all.iter().filter(|row| row.status == TicketStatus::Cancelled).count(), 2);
    let nobody = all.iter().find(|row| row.user_id == id_of(&attendee())).unwrap();
    assert_eq!((nobody.name.as_str(), nobody.email.as_deref()), ("", None), "an account of somebody else's");
    assert_eq!(w.actions("attendees.exported").await, 1, "one export, one entry");
}

#[tokio::test]
async fn every_booking_is_taken_out_with_what_was_to_be_paid() {
    let w = World::new().await;
    let e = w.published().await;
    let (paid, free) = (w.paid(e, 400, 1_000).await, w.free(e, 10).await);
    let sold = w.hold(&attendee(), e, paid, 2).await;
    w.eventify.bookings().confirm(&organizer(), sold.id).await.unwrap();
    w.clock.advance(HOUR);
    let both =
        w.eventify.bookings().hold(&other_attendee(), lines(e, &[(paid, 1), (free, 2)])).await.unwrap();
    w.clock.advance(HOUR);
    w.run_jobs().await;
    for n in 0..300 {
        w.eventify.bookings().hold(&someone(n), lines(e, &[(paid, 1)])).await.unwrap();
    }
    let all = bookings(&w, &organizer(), e).await;
    assert_eq!(all.len(), 302);
    let [first, second, third, ..] = &all[..] else { panic!("three bookings") };
    assert_eq!(
        (first.booking_id, first.status, first.total),
        (sold.id, BookingStatus::Confirmed, tenge(2_000))
    );
    assert_eq!((second.booking_id, second.status), (both.id, BookingStatus::Expired));
    let amounts: Vec<_> = second.lines.iter().map(|line| (line.quantity, line.amount.amount_minor)).collect();
    assert_eq!(amounts, [(1, 1_000), (2, 0)]);
    assert!(second.refund.is_none() && second.lines.iter().all(|line| line.refund.is_none()));
    assert_eq!(
        (third.status, third.status_at),
        (BookingStatus::Held, w.now().plus(Duration::from_secs(15 * 60)))
    );
    assert_eq!(w.actions("bookings.exported").await, 1);
}

#[tokio::test]
async fn a_manager_sees_names_and_no_addresses() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    let ada = w.register("Ada").await;
    w.buy(&Actor::user(ada.id, Role::Attendee), e, t, 1).await;
    let manager = w.register("Mia").await;
    let grant = GrantStaff { user_id: Some(manager.id), email: None, right: StaffRight::Manager };
    w.eventify.staff(e).grant(&organizer(), grant).await.unwrap();
    let manager = Actor::user(manager.id, Role::Attendee);
    let (seen, _) = attendees(&w, &manager, e).await;
    assert_eq!((seen[0].name.as_str(), seen[0].email.as_deref()), ("Ada", None));
    assert_eq!(bookings(&w, &manager, e).await[0].email, None);
    for owner in [organizer(), admin(), system()] {
        assert_eq!(attendees(&w, &owner, e).await.0[0].email.as_deref(), Some("ada@example.org"));
        assert_eq!(bookings(&w, &owner, e).await[0].email.as_deref(), Some("ada@example.org"));
    }
}

#[tokio::test]
async fn who_was_erased_is_an_id_in_an_export() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    w.buy(&ada, e, t, 1).await;
    let erase = EraseAccount { password: PASSWORD.into(), code: None, recovery_code: None };
    w.eventify.accounts().erase_me(&ada, erase).await.unwrap();
    let (seen, _) = attendees(&w, &organizer(), e).await;
    assert_eq!((seen[0].name.as_str(), seen[0].email.as_deref(), seen[0].user_id), ("", None, id_of(&ada)));
}

#[tokio::test]
async fn a_log_shows_neither_names_nor_addresses() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    w.buy(&Actor::user(w.register("Ada").await.id, Role::Attendee), e, t, 1).await;
    let shown =
        format!("{:?} {:?}", attendees(&w, &organizer(), e).await, bookings(&w, &organizer(), e).await);
    assert!(!shown.contains("Ada") && !shown.contains("example.org"), "{shown}");
}
