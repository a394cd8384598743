//! A sound store passes; each way of breaking a rule is found, and by its own rule.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod money;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Activity, check};
use crate::account::{Credential, EmailClaim, Register, User};
use crate::booking::{Allowance, Booking, BookingState, HoldTickets, LineRequest};
use crate::event::{Category, CategoryName, CreateEvent, Event, OpenEvents, PutScheduleItem, Schedule};
use crate::job::{Job, JobWork, Telling};
use crate::lead_time::LeadTime;
use crate::notification::{Channel, DigestBox, SendNotification};
use crate::promo_code::{CreatePromoCode, PromoCode, PromoText, PromoUse};
use crate::review::{EventRating, Review, ReviewState, SubmitReview};
use crate::seat_map::{PutBlock, PutRow, PutSection, SeatMap, SeatRow, SeatSection, SeatStatus};
use crate::staff::{GrantStaff, StaffRight};
use crate::stats::{EventTally, Quarter, TypeTally};
use crate::store::{
    ChangeSet, Commit, Expectation, Index, MemoryStore, Record, Recorded, Scan, ShortCode, Store, Version,
    Write,
};
use crate::testing::{MemoryNotifier, MemoryWebhooks};
use crate::ticket::{ShortCodeClaim, Ticket, TicketState};
use crate::ticket_type::{CreateTicketType, Inventory, TicketType};
use crate::waitlist::{JoinWaitlist, Waitlist, WaitlistEntry, WaitlistPlace};
use crate::webhook::{CreateWebhook, Webhook, WebhookList};
use crate::{Actor, EventId, Eventify, Money, PageRequest, Role, Timestamp, UserId};

/// As [`sound_store_of`], without seats and waitlists.
async fn sound_store() -> Arc<dyn Store> {
    sound_store_of(false, false).await
}

/// An account; a published event with a category, a schedule and two types; a confirmed booking of two, and a hold.
async fn sound_store_of(seated: bool, waited: bool) -> Arc<dyn Store> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let eventify = Eventify::builder_over(store.clone()).without_worker().start().await.unwrap();
    let ada = Register::new("Ada", "ada@example.org", "a long secret");
    let ada = eventify.accounts().register(&Actor::anonymous(), ada).await.unwrap();
    let organizer = Actor::user(UserId::from_uuid(uuid::Uuid::from_u128(1)), Role::Organizer);
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let event = CreateEvent {
        title: Some("Jazz".into()),
        category: Some("Concert".into()),
        starts_at: Some(at("2099-01-01T18:00:00Z")),
        ends_at: Some(at("2099-01-01T22:00:00Z")),
        capacity: Some(10),
        ..CreateEvent::default()
    };
    let event = eventify.events().create(&organizer, event).await.unwrap().id;
    for hour in ["18", "20"] {
        let item = PutScheduleItem {
            activity_name: "Set".into(),
            speaker: None,
            starts_at: at(&format!("2099-01-01T{hour}:00:00Z")),
            ends_at: at(&format!("2099-01-01T{hour}:30:00Z")),
            room: Some("Hall".into()),
        };
        eventify.events().add_schedule_item(&organizer, event, item).await.unwrap();
    }
    eventify.events().publish(&organizer, event).await.unwrap();
    let scanner = GrantStaff { user_id: Some(ada.id), email: None, right: StaffRight::Scanner };
    eventify.staff(event).grant(&organizer, scanner).await.unwrap();
    let buyer = Actor::user(ada.id, Role::Attendee);
    let promo = CreatePromoCode { percent_off: Some(10), ..CreatePromoCode::of("SPRING") };
    eventify.promo_codes().create(&organizer, event, promo).await.unwrap();
    for (price, seats, code) in [(0, 2, None), (500, 1, Some("spring".into()))] {
        let of = CreateTicketType {
            name: "Seat".into(),
            price: Some(Money::new(price, "KZT".parse().unwrap())),
            quantity: 5,
            ..CreateTicketType::default()
        };
        let of = eventify.ticket_types().create(&organizer, event, of).await.unwrap();
        if seated && price > 0 {
            let blocks = vec![PutBlock { ticket_type_id: of.id, from: 1, to: 5 }];
            let row = PutRow { label: "A".into(), blocks, ..PutRow::default() };
            let section = PutSection { name: "Stalls".into(), rows: vec![row] };
            eventify.seat_maps().put_section(&organizer, event, 1, section).await.unwrap();
        }
        let line = LineRequest { ticket_type_id: of.id, quantity: seats };
        let request = HoldTickets { promo_code: code, ..HoldTickets::new(event, vec![line]) };
        eventify.bookings().buy(&buyer, request).await.unwrap();
    }
    if waited {
        let all = CreateTicketType { name: "All".into(), quantity: 1, ..CreateTicketType::default() };
        let of = eventify.ticket_types().create(&organizer, event, all).await.unwrap().id;
        let line = LineRequest { ticket_type_id: of, quantity: 1 };
        eventify.bookings().hold(&organizer, HoldTickets::new(event, vec![line])).await.unwrap();
        eventify.waitlists().join(&buyer, event, of, JoinWaitlist { quantity: 1 }).await.unwrap();
    }
    reviewed(&eventify, &organizer, event).await;
    eventify.shut_down().await;
    store
}

/// A review by somebody who was let in.
async fn reviewed(eventify: &Eventify, organizer: &Actor, event_id: EventId) {
    let guest = Actor::user(UserId::from_uuid(uuid::Uuid::from_u128(2)), Role::Attendee);
    let free = eventify.ticket_types().list(organizer, event_id, &PageRequest::first(1)).await.unwrap();
    let line = LineRequest { ticket_type_id: free.data[0].id, quantity: 1 };
    let request = HoldTickets::new(event_id, vec![line]);
    let bought = eventify.bookings().buy(&guest, request).await.unwrap();
    let door = crate::ticket::Scan::default();
    eventify.tickets().check_in(organizer, &bought.tickets[0].code, door).await.unwrap();
    let words = SubmitReview { event_id, rating: 4, comment: String::new() };
    eventify.reviews().submit(&guest, words).await.unwrap();
}

/// Replaces records behind the engine's back; answers how to undo it.
async fn write(
    store: &dyn Store,
    before: Vec<Record>,
    after: impl Fn(&Record) -> Option<Record>,
) -> Vec<Write> {
    let keys: BTreeSet<_> = before.iter().map(Record::key).collect();
    let loaded = store.load(&keys).await.unwrap();
    let expect = |v: &crate::store::Versioned| Expectation { key: v.key.clone(), version: v.version };
    let writes = loaded.iter().map(|v| Write {
        key: v.key.clone(),
        before: v.record.clone(),
        after: v.record.as_ref().and_then(&after),
    });
    let set = ChangeSet {
        stamp: Version::new(77),
        expectations: loaded.iter().map(expect).collect(),
        writes: writes.collect(),
    };
    assert_eq!(store.commit(&set).await.unwrap(), Commit::Applied);
    let undo = |w: Write| Write { key: w.key, before: w.after, after: w.before };
    set.writes.into_iter().map(undo).collect()
}

async fn undo(store: &dyn Store, writes: Vec<Write>) {
    let keys = writes.iter().map(|w| w.key.clone()).collect();
    let loaded = store.load(&keys).await.unwrap();
    let expectations = loaded.into_iter().map(|v| Expectation { key: v.key, version: v.version });
    let set = ChangeSet { stamp: Version::new(78), expectations: expectations.collect(), writes };
    assert_eq!(store.commit(&set).await.unwrap(), Commit::Applied);
}

async fn all<R: Recorded>(store: &dyn Store) -> Vec<Record> {
    let scan = Scan::first(Index::All(R::KIND), 100);
    store.scan(&scan).await.unwrap().items.into_iter().filter_map(|v| v.record).collect()
}

/// The rules by which the store with these records changed is found wrong.
async fn found<R: Recorded + Clone>(store: &dyn Store, change: impl Fn(&mut R) -> Keep) -> Vec<&'static str> {
    let after = |record: &Record| {
        let mut changed = (**R::unwrap(record).unwrap()).clone();
        (change(&mut changed) == Keep::Yes).then(|| R::wrap(Arc::new(changed)))
    };
    let written = write(store, all::<R>(store).await, after).await;
    let report = check(store).await.unwrap();
    undo(store, written).await;
    assert!(check(store).await.unwrap().is_clean(), "it was undone");
    let mut rules: Vec<_> = report.findings.iter().map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

#[derive(PartialEq, Eq)]
enum Keep {
    Yes,
    No,
}
use Keep::{No, Yes};

/// Changes every record of a kind.
fn each<R>(change: impl Fn(&mut R)) -> impl Fn(&mut R) -> Keep {
    move |record| {
        change(record);
        Yes
    }
}

#[tokio::test]
async fn a_sound_store_passes() {
    let store = sound_store().await;
    let report = check(&*store).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert!(report.records > 10);
}

#[tokio::test]
async fn every_wrong_counter_is_found() {
    let store = &*sound_store().await;
    let wrong = found(store, each(|t: &mut TicketType| t.seats.sold += 1)).await;
    assert_eq!(wrong, ["inventory_sum", "sold_counter"]);
    let wrong = found(store, each(|t: &mut TicketType| t.seats.held += 1)).await;
    assert_eq!(wrong, ["held_counter", "inventory_sum"]);
    assert_eq!(found(store, each(|t: &mut TicketType| t.seats.quantity = 0)).await, ["never_oversold"]);
    assert_eq!(found(store, each(|i: &mut Inventory| i.sold += 1)).await, ["inventory_sum"]);
    assert_eq!(found(store, each(|i: &mut Inventory| i.types += 1)).await, ["inventory_sum"]);
    assert_eq!(found(store, each(|i: &mut Inventory| i.capacity = Some(2))).await, ["never_over_capacity"]);
    assert_eq!(found(store, each(|a: &mut Allowance| a.taken += 1)).await, ["allowance_sum"]);
    assert_eq!(found(store, |_: &mut Allowance| No).await, ["allowance_sum"]);
    assert_eq!(found(store, each(|c: &mut Category| c.events = 9)).await, ["category_events"]);
}

#[tokio::test]
async fn bookings_and_tickets_that_disagree_are_found() {
    let store = &*sound_store().await;
    let at = Timestamp::MIN;
    let void = |t: &mut Ticket| t.state = TicketState::Cancelled { at };
    let wrong = found(store, each(void)).await;
    assert_eq!(wrong, ["allowance_sum", "sold_counter", "stats_hours", "stats_types", "ticket_per_seat"]);
    let wrong = found(store, |_: &mut Ticket| No).await;
    let counted = ["allowance_sum", "short_code", "sold_counter", "stats_hours", "stats_types"];
    assert_eq!(wrong, [&counted[..], &["ticket_per_seat"]].concat());
    let forget = |b: &mut Booking| b.tickets.truncate(1);
    assert_eq!(found(store, each(forget)).await, ["ticket_booking", "ticket_per_seat"]);
    let raise = |b: &mut Booking| b.total.amount_minor += 1;
    assert_eq!(found(store, each(raise)).await, ["booking_paid", "booking_total"]);
    let end = |b: &mut Booking| b.state = BookingState::Cancelled { at, refund: None };
    let wrong = found(store, each(end)).await;
    let rules = [
        "allowance_sum",
        "booking_refund",
        "cancelled_tickets",
        "held_counter",
        "promo_person",
        "promo_uses",
    ];
    assert_eq!(wrong, rules);
    let hold = |b: &mut Booking| b.state = BookingState::Held { expires_at: at };
    let wrong = found(store, each(hold)).await;
    assert_eq!(wrong, ["allowance_sum", "held_counter", "hold_expiry", "hold_without_tickets"]);
    let forget = |j: &mut Job| if matches!(j.work, JobWork::ExpireHold(..)) { No } else { Yes };
    assert_eq!(found(store, forget).await, ["hold_expiry"]);
}

#[tokio::test]
async fn ratings_that_are_not_their_reviews_are_found() {
    let store = &*sound_store().await;
    assert_eq!(found(store, each(|r: &mut EventRating| r.counts[0] += 1)).await, ["rating_counters"]);
    assert_eq!(found(store, |_: &mut EventRating| No).await, ["rating_counters"]);
    assert_eq!(found(store, |_: &mut Review| No).await, ["rating_counters"]);
    assert_eq!(found(store, each(|r: &mut Review| r.rating = 5)).await, ["rating_counters"]);
    assert_eq!(
        found(store, each(|r: &mut Review| r.state = ReviewState::Pending)).await,
        ["rating_counters"]
    );
    assert_eq!(found(store, each(|r: &mut Review| r.rating = 6)).await, ["rating_counters", "review_rating"]);
}

#[tokio::test]
async fn claims_that_lead_nowhere_are_found() {
    let store = &*sound_store().await;
    assert_eq!(found(store, |_: &mut EmailClaim| No).await, ["email_claim"]);
    assert_eq!(found(store, each(|u: &mut User| u.email.push('x'))).await, ["email_claim"]);
    assert_eq!(found(store, |_: &mut User| No).await, ["credential_user", "email_claim"]);
    assert!(found(store, |_: &mut Credential| No).await.is_empty(), "an account may have no password");
    assert_eq!(found(store, |_: &mut CategoryName| No).await, ["category_name"]);
    assert_eq!(found(store, |_: &mut Category| No).await, ["category_name", "event_category"]);
    assert_eq!(found(store, |_: &mut ShortCodeClaim| No).await, ["short_code"]);
    let swap = |t: &mut Ticket| t.short_code = ShortCode::new([7; 8]);
    assert_eq!(found(store, each(swap)).await, ["short_code"]);
}

#[tokio::test]
async fn events_and_schedules_that_break_their_rules_are_found() {
    let store = &*sound_store().await;
    let backwards = |e: &mut Event| std::mem::swap(&mut e.starts_at, &mut e.ends_at);
    assert_eq!(found(store, each(backwards)).await, ["event_times", "reminder_job", "schedule_within"]);
    assert_eq!(found(store, each(|e: &mut Event| e.title.clear())).await, ["event_complete"]);
    assert_eq!(found(store, each(|e: &mut Event| e.category_id = None)).await, ["category_events"]);
    assert_eq!(found(store, |_: &mut Inventory| No).await, ["event_inventory"]);
    let forget = |j: &mut Job| if matches!(j.work, JobWork::CompleteEvent(_)) { No } else { Yes };
    assert_eq!(found(store, forget).await, ["event_completion"]);
    assert_eq!(found(store, each(|e: &mut Event| e.reminders.clear())).await, ["reminder_job"]);
    let elsewhere = |j: &mut Job| {
        if let JobWork::TellHolders { telling: Telling::Reminder { lead, .. }, .. } = &mut j.work {
            *lead = LeadTime::DAY;
        }
    };
    assert_eq!(found(store, each(elsewhere)).await, ["reminder_job"], "two jobs for one reminder");
    let early = |s: &mut Schedule| s.items[0].starts_at = Timestamp::MIN;
    assert_eq!(found(store, each(early)).await, ["schedule_within"]);
    let late = |s: &mut Schedule| s.items[0].ends_at = s.items[1].ends_at;
    assert_eq!(found(store, each(late)).await, ["schedule_room"]);
    let wrong = found(store, |_: &mut Event| No).await;
    let rules = [
        "category_events",
        "inventory_event",
        "open_events",
        "promo_event",
        "reminder_job",
        "review_event",
        "schedule_event",
        "staff_event",
        "type_event",
    ];
    assert_eq!(wrong, rules);
    assert_eq!(found(store, each(|o: &mut OpenEvents| o.count += 1)).await, ["open_events"]);
    assert_eq!(found(store, |_: &mut OpenEvents| No).await, ["open_events"]);
}

#[tokio::test]
async fn promo_codes_that_count_wrongly_are_found() {
    let store = &*sound_store().await;
    assert_eq!(found(store, each(|p: &mut PromoCode| p.used += 1)).await, ["promo_uses"]);
    assert_eq!(found(store, each(|p: &mut PromoCode| p.code = PromoText::new("x"))).await, ["promo_name"]);
    assert_eq!(found(store, |_: &mut PromoCode| No).await, ["promo_codes", "promo_there"]);
    assert_eq!(found(store, each(|u: &mut PromoUse| u.taken += 1)).await, ["promo_person"]);
    assert_eq!(found(store, |_: &mut PromoUse| No).await, ["promo_person"]);
    assert_eq!(found(store, each(|i: &mut Inventory| i.promo_codes = 9)).await, ["promo_codes"]);
    let deny = |b: &mut Booking| b.promo_code_id = None;
    assert_eq!(found(store, each(deny)).await, ["promo_person", "promo_uses"]);
}

#[tokio::test]
async fn statistics_that_count_wrongly_are_found() {
    let store = sound_store().await;
    let eventify = Eventify::builder_over(store.clone()).without_worker().start().await.unwrap();
    let organizer = Actor::user(UserId::from_uuid(uuid::Uuid::from_u128(1)), Role::Organizer);
    let bookings = all::<Booking>(&*store).await;
    let held =
        bookings.iter().filter_map(Booking::unwrap).find(|b| matches!(b.state, BookingState::Held { .. }));
    let paid = held.unwrap().id;
    eventify.bookings().confirm(&organizer, paid).await.unwrap();
    eventify.bookings().cancel(&organizer, paid).await.unwrap();
    eventify.shut_down().await;
    let store = &*store;
    let types = |change: fn(&mut TypeTally)| {
        move |t: &mut EventTally| {
            t.types.values_mut().for_each(change);
            Yes
        }
    };
    assert_eq!(found(store, types(|t| t.checked_in += 1)).await, ["stats_types"]);
    assert_eq!(found(store, types(|t| t.inside += 1)).await, ["stats_types"]);
    let take = |t: &mut TypeTally| t.takings.iter_mut().for_each(|sum| sum.gross_minor += 1);
    assert_eq!(found(store, types(take)).await, ["stats_types"]);
    let give = |t: &mut TypeTally| t.takings.iter_mut().for_each(|sum| sum.refunds_due_minor -= 1);
    assert_eq!(found(store, types(give)).await, ["stats_types"]);
    assert_eq!(found(store, types(|t| t.takings.clear())).await, ["stats_types"]);
    let quarters = |change: fn(&mut Quarter)| {
        move |t: &mut EventTally| {
            t.quarters.values_mut().for_each(change);
            Yes
        }
    };
    assert_eq!(found(store, quarters(|q| q.sold += 1)).await, ["stats_hours"]);
    assert_eq!(found(store, quarters(|q| q.cancelled += 1)).await, ["stats_hours"]);
    assert_eq!(found(store, quarters(|q| q.checked_in += 1)).await, ["stats_hours"]);
    assert_eq!(found(store, quarters(|q| q.takings.clear())).await, ["stats_hours"]);
    assert_eq!(found(store, each(|t: &mut EventTally| t.day += 1)).await, ["stats_hours"]);
    assert_eq!(found(store, |_: &mut EventTally| No).await, ["stats_hours", "stats_types"]);
    let keep = |b: &mut Booking| {
        if let BookingState::Cancelled { refund: Some(refund), .. } = &mut b.state {
            refund.amount_minor -= 1;
        }
    };
    assert_eq!(found(store, each(keep)).await, ["stats_hours", "stats_types"]);
    let cheaper = |b: &mut Booking| b.lines.iter_mut().for_each(|line| line.unit_price.amount_minor -= 1);
    let wrong = found(store, each(cheaper)).await;
    assert_eq!(wrong, ["booking_total", "stats_hours", "stats_types"]);
}

#[tokio::test]
async fn work_on_a_store_is_noticed() {
    let store = sound_store().await;
    let eventify = Eventify::builder_over(store.clone()).without_worker().start().await.unwrap();
    let calm = Activity::of(&*store).await.unwrap();
    assert_eq!(calm, Activity::of(&*store).await.unwrap());
    let bob = Register::new("Bob", "bob@example.org", "a long secret");
    eventify.accounts().register(&Actor::anonymous(), bob).await.unwrap();
    let running = Activity::of(&*store).await.unwrap();
    assert_ne!(calm, running);
    eventify.shut_down().await;
    let stopped = Activity::of(&*store).await.unwrap();
    assert!(stopped != calm && stopped != running);
}

#[tokio::test]
async fn seats_that_disagree_are_found() {
    let store = &*sound_store_of(true, false).await;
    let free = |r: &mut SeatRow| r.blocks[0].seats[0] = SeatStatus::Free;
    assert_eq!(found(store, each(free)).await, ["row_summary", "seat_owner", "seats_of_type"]);
    let sell = |r: &mut SeatRow| r.blocks[0].seats[4] = SeatStatus::Sold;
    assert_eq!(found(store, each(sell)).await, ["row_summary", "seat_owner", "seats_of_type"]);
    assert_eq!(found(store, |_: &mut SeatRow| No).await, ["seat_there", "seats_of_type"]);
    let forget = |s: &mut SeatSection| s.rows.clear();
    assert_eq!(found(store, each(forget)).await, ["row_summary", "section_summary"]);
    assert_eq!(found(store, |_: &mut SeatSection| No).await, ["row_summary", "section_there"]);
    assert_eq!(found(store, each(|m: &mut SeatMap| m.sections.clear())).await, ["section_summary"]);
    let grow = |t: &mut TicketType| t.seats.quantity += u32::from(t.seated);
    assert_eq!(found(store, each(grow)).await, ["seats_of_type"]);
    let name_twice = |b: &mut Booking| {
        for line in &mut b.lines {
            line.seats = line.seats.iter().chain(&line.seats).cloned().collect();
        }
    };
    assert_eq!(found(store, each(name_twice)).await, ["seat_once"]);
}

#[tokio::test]
async fn waitlists_that_disagree_are_found() {
    let store = &*sound_store_of(false, true).await;
    assert_eq!(found(store, each(|t: &mut TicketType| t.waiting += 1)).await, ["waitlist_count"]);
    assert_eq!(found(store, each(|i: &mut Inventory| i.waiting.clear())).await, ["waitlist_types"]);
    let wrong = found(store, |_: &mut WaitlistEntry| No).await;
    assert_eq!(wrong, ["waitlist_count", "waitlist_place", "waitlist_types"]);
    assert_eq!(found(store, |_: &mut WaitlistPlace| No).await, ["waitlist_place"]);
    assert_eq!(found(store, each(|p: &mut WaitlistPlace| p.number += 1)).await, ["waitlist_place"]);
    assert_eq!(found(store, each(|l: &mut Waitlist| l.tail = l.head)).await, ["waitlist_number"]);
}

#[tokio::test]
async fn webhooks_that_disagree_are_found() {
    let shared: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let builder = Eventify::builder_over(shared.clone()).webhooks(MemoryWebhooks::default());
    let eventify = builder.without_worker().start().await.unwrap();
    let request = CreateWebhook { url: "https://example.org".into(), deployment: true, facts: None };
    let made = eventify.webhooks().create(&Actor::system(), request).await.unwrap().webhook.id;
    eventify.webhooks().test(&Actor::system(), made).await.unwrap();
    eventify.shut_down().await;
    let store = &*shared;
    assert_eq!(found(store, |_: &mut WebhookList| No).await, ["webhook_list"]);
    assert_eq!(found(store, each(|l: &mut WebhookList| l.webhook_ids.clear())).await, ["webhook_list"]);
    assert_eq!(found(store, |_: &mut Webhook| No).await, ["webhook_list"]);
    let forget = |j: &mut Job| if matches!(j.work, JobWork::DeliverWebhook { .. }) { No } else { Yes };
    assert_eq!(found(store, forget).await, ["webhook_delivery"]);
}

#[tokio::test]
async fn a_digest_that_nobody_sends_is_found() {
    let shared: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let builder = Eventify::builder_over(shared.clone()).notifier(MemoryNotifier::new([Channel::Email]));
    let eventify = builder.without_worker().start().await.unwrap();
    let ada = Register::new("Ada", "ada@example.org", "a long secret");
    let ada = eventify.accounts().register(&Actor::anonymous(), ada).await.unwrap().id;
    let daily = r#"{"digest": {"at": "08:00", "time_zone": "UTC"}}"#;
    let (actor, daily) = (Actor::user(ada, Role::Attendee), serde_json::from_str(daily).unwrap());
    eventify.notifications().set_preferences(&actor, daily).await.unwrap();
    let words = SendNotification { user_id: ada, title: "Words".into(), body: String::new(), event_id: None };
    eventify.notifications().send(&Actor::system(), words).await.unwrap();
    while eventify.jobs().run_due().await.unwrap() > 0 {}
    eventify.shut_down().await;
    let store = &*shared;
    assert!(check(store).await.unwrap().is_clean());
    let forget = |j: &mut Job| if matches!(j.work, JobWork::EmptyDigest(_)) { No } else { Yes };
    assert_eq!(found(store, forget).await, ["digest_box"]);
    assert_eq!(found(store, each(|b: &mut DigestBox| b.drafts.clear())).await, ["digest_box"]);
}
