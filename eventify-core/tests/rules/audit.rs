//! The trail: one entry per accepted change, none for a refusal (every table checks that), nothing secret.

use std::future::Future;

use eventify_core::account::{ChangePassword, SetRole, UpdateProfile};
use eventify_core::event::{CreateCategory, PutScheduleItem, UpdateEvent};
use eventify_core::notification::{PreferencesView, SendNotification};
use eventify_core::promo_code::{CreatePromoCode, PromoText, UpdatePromoCode};
use eventify_core::seat_map::{PutBlock, PutRow, PutSeatMap, PutSection};
use eventify_core::ticket::Scan;
use eventify_core::ticket_type::UpdateTicketType;
use eventify_core::waitlist::JoinWaitlist;
use eventify_core::{Actor, EventId, IfMatch, PageRequest, Role};

use crate::common::*;

/// The entries that something adds, by action.
async fn added<T, E: std::fmt::Debug>(w: &World, change: impl Future<Output = Result<T, E>>) -> Vec<String> {
    let before = w.trail().await.len();
    change.await.unwrap();
    let trail = w.trail().await;
    // Ids of one instant have no order among batches, so the newest are found by being new.
    let mut actions: Vec<String> = trail.iter().map(|entry| entry.action.clone()).collect();
    assert!(actions.len() >= before);
    actions.sort();
    actions
}

/// That a change adds exactly one entry, with this action.
macro_rules! one {
    ($w:expr, $action:literal, $change:expr) => {{
        let before = $w.actions($action).await;
        let all = $w.trail().await.len();
        added(&$w, $change).await;
        assert_eq!($w.actions($action).await, before + 1, $action);
        assert_eq!($w.trail().await.len(), all + 1, "{}: nothing else", $action);
    }};
}

#[tokio::test]
async fn every_change_of_an_account_leaves_one_entry() {
    let w = World::new().await;
    let accounts = w.eventify.accounts();
    let ada = w.register("Ada").await;
    let me = Actor::user(ada.id, Role::Attendee);
    assert_eq!(w.actions("user.registered").await, 1);
    one!(w, "session.opened", accounts.login(&anonymous(), credentials("Ada", PASSWORD)));
    let session = w.session(&w.login("Ada").await).await;
    one!(w, "session.ended", accounts.logout(&session));
    let name = UpdateProfile { name: Some("Ada L".to_owned()), ..UpdateProfile::default() };
    one!(w, "user.updated", accounts.update_me(&me, name, IfMatch::Any));
    one!(w, "user.became_organizer", accounts.become_organizer(&me));
    one!(w, "user.became_admin", accounts.set_role(&system(), ada.id, SetRole { role: Role::Admin }));
    one!(w, "user.became_attendee", accounts.set_role(&system(), ada.id, SetRole { role: Role::Attendee }));
    let request = ChangePassword { current_password: PASSWORD.into(), new_password: "another secret".into() };
    one!(w, "user.password_changed", accounts.change_password(&me, request));
    one!(
        w,
        "preferences.updated",
        w.eventify.notifications().set_preferences(&me, PreferencesView::default())
    );
    let words =
        SendNotification { user_id: ada.id, title: "Words".to_owned(), body: String::new(), event_id: None };
    one!(w, "notification.sent", w.eventify.notifications().send(&admin(), words));
    one!(w, "keys.rotated", w.eventify.tickets().rotate_keys(&admin()));
}

#[tokio::test]
async fn every_change_of_an_event_leaves_one_entry() {
    let w = World::new().await;
    let (events, types) = (w.eventify.events(), w.eventify.ticket_types());
    let who = organizer();
    one!(w, "event.created", events.create(&who, w.concert()));
    let e = w.draft().await;
    one!(
        w,
        "category.created",
        w.eventify.categories().create(&who, CreateCategory { name: "Jazz".to_owned() })
    );
    let jazz = w.eventify.categories().list(&PageRequest::default()).await.unwrap().data[0].id;
    one!(w, "category.deleted", w.eventify.categories().delete(&who, jazz));
    one!(w, "event.published", events.publish(&who, e));
    one!(w, "event.updated", events.update(&who, e, UpdateEvent::default(), IfMatch::Any));
    one!(w, "ticket_type.created", types.create(&who, e, seats(9)));
    let t = w.free(e, 9).await;
    one!(w, "ticket_type.updated", types.update(&who, e, t, UpdateTicketType::default(), IfMatch::Any));
    let talk = PutScheduleItem {
        activity_name: "Talk".to_owned(),
        speaker: None,
        starts_at: w.now().plus(10 * DAY),
        ends_at: w.now().plus(10 * DAY + HOUR),
        room: None,
    };
    one!(w, "schedule.item_added", events.add_schedule_item(&who, e, talk.clone()));
    let item = events.schedule(&who, e, &PageRequest::default()).await.unwrap().data[0].id;
    one!(w, "schedule.item_updated", events.update_schedule_item(&who, e, item, talk, IfMatch::Any));
    one!(w, "schedule.item_removed", events.remove_schedule_item(&who, e, item));
    let draft = w.draft().await;
    one!(w, "event.deleted", events.delete(&who, draft));
    one!(w, "event.cancelled", events.cancel(&who, e, Default::default()));
}

#[tokio::test]
async fn every_change_of_a_promo_code_leaves_one_entry() {
    let w = World::new().await;
    let (e, codes, who) = (w.draft().await, w.eventify.promo_codes(), organizer());
    let ten = CreatePromoCode { percent_off: Some(10), ..CreatePromoCode::of("Spring-10") };
    let id = PromoText::new("spring-10").id(e);
    one!(w, "promo_code.created", codes.create(&who, e, ten));
    one!(w, "promo_code.updated", codes.update(&who, e, id, UpdatePromoCode::default(), IfMatch::Any));
    one!(w, "promo_code.deleted", codes.delete(&who, e, id));
    let shown = serde_json::to_string(&w.trail().await).unwrap() + &w.as_logged().await;
    assert!(!shown.to_lowercase().contains("spring-10"), "the code itself is nowhere");
}

#[tokio::test]
async fn every_change_of_a_seat_map_leaves_one_entry() {
    let w = World::new().await;
    let (e, t) = w.sale(9).await;
    let (maps, who) = (w.eventify.seat_maps(), organizer());
    let blocks = vec![PutBlock { ticket_type_id: t, from: 1, to: 4 }];
    let row = PutRow { label: "A".to_owned(), blocks, ..PutRow::default() };
    one!(w, "seat_map.updated", maps.put(&who, e, PutSeatMap { no_single_gaps: true }));
    let section = PutSection { name: "Stalls".to_owned(), rows: vec![row] };
    one!(w, "seat_map.section_drawn", maps.put_section(&who, e, 1, section));
    one!(w, "seat_map.section_deleted", maps.delete_section(&who, e, 1));
}

#[tokio::test]
async fn every_change_of_a_waitlist_leaves_one_entry() {
    let w = World::new().await;
    let (e, t) = w.sale(1).await;
    w.buy(&other_attendee(), e, t, 1).await;
    let (lists, who) = (w.eventify.waitlists(), attendee());
    one!(w, "waitlist.joined", lists.join(&who, e, t, JoinWaitlist { quantity: 1 }));
    one!(w, "waitlist.left", lists.leave(&who, e, t));
}

#[tokio::test]
async fn every_change_of_a_booking_leaves_one_entry() {
    let w = World::new().await;
    let (e, t) = w.sale(9).await;
    let (bookings, who) = (w.eventify.bookings(), attendee());
    one!(w, "booking.held", bookings.hold(&who, lines(e, &[(t, 1)])));
    one!(w, "booking.confirmed", bookings.buy(&who, lines(e, &[(t, 1)])));
    let held = w.hold(&who, e, t, 1).await.id;
    one!(w, "booking.confirmed", bookings.confirm(&who, held));
    one!(w, "booking.cancelled", bookings.cancel(&who, held));
    let code = w.ticket(e, t).await;
    one!(w, "ticket.checked_in", w.eventify.tickets().check_in(&organizer(), &code, Scan::default()));
    w.clock.advance(HOUR);
    one!(w, "booking.expired", w.eventify.jobs().run_due());
    w.clock.advance(11 * DAY);
    one!(w, "event.completed", w.eventify.jobs().run_due());
}

#[tokio::test]
async fn what_changes_nothing_leaves_nothing() {
    let w = World::new().await;
    let (e, t) = w.sale(9).await;
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    w.eventify.accounts().become_organizer(&ada).await.unwrap();
    let code = w.ticket(e, t).await;
    let scan = Scan { scan_id: Some("1".to_owned()), ..Scan::default() };
    w.eventify.tickets().check_in(&organizer(), &code, scan.clone()).await.unwrap();
    let before = w.trail().await.len();
    w.eventify.accounts().become_organizer(&ada).await.unwrap();
    w.eventify.tickets().check_in(&organizer(), &code, scan).await.unwrap();
    w.eventify.events().get(&attendee(), e).await.unwrap();
    assert_eq!(w.trail().await.len(), before);
}

#[tokio::test]
async fn an_entry_says_who_what_which_when_and_from_where() {
    let w = World::new().await;
    let (e, t) = w.sale(9).await;
    let who = attendee().from_origin("2001:db8::1");
    let booking = w.buy(&who, e, t, 1).await.booking.id;
    let newest = w.eventify.audit().of_event(&organizer(), e, &PageRequest::first(100)).await.unwrap().data;
    let entry = newest.iter().find(|entry| entry.action == "booking.confirmed").unwrap();
    assert_eq!(entry.actor, id_of(&who).to_string());
    assert_eq!((entry.subject.as_str(), &entry.subject_id), ("booking", &booking.to_string()));
    assert_eq!((entry.at, entry.event_id, entry.origin.as_deref()), (w.now(), Some(e), Some("2001:db8::1")));
    assert!(newest.iter().all(|entry| entry.event_id == Some(e)));
    let long = attendee().from_origin("x".repeat(1_000_000));
    w.buy(&long, e, t, 1).await;
    assert!(w.trail().await.iter().all(|entry| entry.origin.as_ref().is_none_or(|o| o.len() <= 64)));
}

#[tokio::test]
async fn the_trail_is_paged_newest_first() {
    let w = World::new().await;
    let mut made: Vec<EventId> = Vec::new();
    for _ in 0..5 {
        made.push(w.draft().await);
        w.clock.advance(HOUR);
    }
    made.reverse();
    let mut seen = Vec::new();
    let mut page = PageRequest::first(2);
    loop {
        let found = w.eventify.audit().all(&admin(), &page).await.unwrap();
        seen.extend(found.data.into_iter().filter_map(|entry| entry.event_id));
        let Some(next) = found.next_cursor else { break };
        page = PageRequest::after(next, 2);
    }
    assert_eq!(seen, made);
}
