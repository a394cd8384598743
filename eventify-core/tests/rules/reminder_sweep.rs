//! Reminders to many: each holder once for each start, whatever happens meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;

use eventify_core::event::{CancelEvent, UpdateEvent};
use eventify_core::notification::{FactName, Notification};
use eventify_core::store::MemoryStore;
use eventify_core::testing::model::Snapshot;
use eventify_core::testing::{FakeClock, Fault, FaultPlan, FaultStore, SeededEntropy};
use eventify_core::{Clock, EventId, Eventify, TicketTypeId, UserId};

use crate::common::*;

/// Holders, of two tickets each: more than one step tells.
const HOLDERS: u16 = 130;

async fn crowded(w: &World) -> (EventId, TicketTypeId) {
    let (e, t) = w.sale(1_000).await;
    for n in 0..HOLDERS {
        w.eventify.bookings().buy(&someone(n), lines(e, &[(t, 2)])).await.unwrap();
    }
    (e, t)
}

fn counted(all: &Snapshot) -> BTreeMap<UserId, usize> {
    let mut counts = BTreeMap::new();
    for note in all.of::<Notification>().filter(|n| n.fact == FactName::EventReminder) {
        *counts.entry(note.user_id).or_default() += 1;
    }
    counts
}

async fn assert_reminded(w: &World, situation: &str, times: usize) {
    let told = counted(&w.everything().await);
    assert_eq!(told.len(), if times == 0 { 0 } else { usize::from(HOLDERS) }, "{situation}");
    assert!(told.values().all(|count| *count == times), "{situation}: {told:?}");
    w.assert_sound(situation).await;
}

fn moved(w: &World, by: std::time::Duration) -> UpdateEvent {
    let start = w.now().plus(by);
    let ends_at = Some(start.plus(HOUR));
    UpdateEvent { starts_at: Some(start), ends_at, ..UpdateEvent::default() }
}

async fn other_engine(w: &World, seed: u64) -> Eventify {
    Eventify::builder_over(w.store.clone())
        .clock(w.clock.clone())
        .entropy(SeededEntropy::new(seed))
        .without_worker()
        .start()
        .await
        .unwrap()
}

#[tokio::test]
async fn each_holder_is_reminded_once_a_day_and_once_an_hour_before() {
    let w = World::connected().await;
    crowded(&w).await;
    w.pass(9 * DAY - HOUR).await;
    assert_reminded(&w, "too early", 0).await;
    w.pass(HOUR).await;
    assert_reminded(&w, "a day before", 1).await;
    let note = w.told(&someone(0)).await;
    let note = note.iter().find(|n| n.fact == FactName::EventReminder).unwrap();
    assert_eq!(note.title, "Concert begins soon");
    assert!(note.body.ends_with("at Philharmonic, Almaty."), "{}", note.body);
    w.pass(23 * HOUR).await;
    assert_reminded(&w, "an hour before", 2).await;
    w.pass(2 * DAY).await;
    assert_reminded(&w, "over", 2).await;
    let facts = w.wire.sent_of("event.reminder");
    assert_eq!(facts.len(), 2);
    assert_ne!(facts[0].id, facts[1].id);
    assert_eq!(facts[0].data["before"], "P1D");
    assert_eq!(facts[1].data["before"], "PT1H");
}

#[tokio::test]
async fn another_start_is_another_reminder_and_the_same_is_none() {
    let w = World::new().await;
    let (e, _) = crowded(&w).await;
    w.pass(9 * DAY).await;
    assert_reminded(&w, "a day before", 1).await;
    w.update_event(e, moved(&w, 5 * DAY)).await;
    w.run_jobs().await;
    assert_reminded(&w, "moved", 1).await;
    w.update_event(e, moved(&w, DAY)).await;
    w.run_jobs().await;
    assert_reminded(&w, "moved back", 1).await;
    w.update_event(e, moved(&w, 5 * DAY)).await;
    w.pass(4 * DAY).await;
    assert_reminded(&w, "a day before the new start", 2).await;
    w.pass(23 * HOUR).await;
    assert_reminded(&w, "an hour before the new start", 3).await;
    w.pass(2 * DAY).await;
    assert_reminded(&w, "over", 3).await;
}

#[tokio::test]
async fn a_move_or_a_cancellation_ends_what_is_under_way() {
    for cancelled in [true, false] {
        let w = World::new().await;
        let (e, _) = crowded(&w).await;
        w.clock.advance(9 * DAY);
        w.eventify.jobs().run_due().await.unwrap();
        let first = counted(&w.everything().await).len();
        assert!(first > 0 && first < usize::from(HOLDERS), "{first}: it is under way");
        if cancelled {
            w.eventify.events().cancel(&organizer(), e, CancelEvent::default()).await.unwrap();
        } else {
            w.update_event(e, moved(&w, 20 * DAY)).await;
        }
        w.run_jobs().await;
        assert_eq!(counted(&w.everything().await).len(), first, "cancelled: {cancelled}");
        assert_eq!(w.jobs("tell_of_start").await.len(), if cancelled { 0 } else { 2 });
        w.assert_sound("ended").await;
    }
}

#[tokio::test]
async fn two_workers_and_a_process_for_each_step_remind_once() {
    let w = World::new().await;
    crowded(&w).await;
    w.clock.advance(9 * DAY);
    for step in 0.. {
        if w.jobs("tell_of_start").await.len() == 1 {
            break;
        }
        assert!(step < 50, "it never ends");
        // As after a crash, each step is the first of two new processes at once.
        let (one, two) = (other_engine(&w, 100 + step).await, other_engine(&w, 200 + step).await);
        let (one, two) = (one.jobs(), two.jobs());
        let (one, two) = tokio::join!(one.run_due(), two.run_due());
        one.unwrap();
        two.unwrap();
        w.assert_sound("between two steps").await;
    }
    assert_reminded(&w, "two workers", 1).await;
}

#[tokio::test]
async fn commits_that_fail_get_lost_or_come_late_remind_once() {
    let clock = FakeClock::default();
    let store = Arc::new(FaultStore::new(MemoryStore::new(), 7, FaultPlan::NONE));
    let builder = Eventify::builder_over(store.clone()).clock(clock.clone()).entropy(SeededEntropy::new(1));
    let eventify = builder.without_worker().start().await.unwrap();
    let start = clock.now().plus(10 * DAY);
    let draft = eventify_core::event::CreateEvent {
        title: Some("Concert".to_owned()),
        starts_at: Some(start),
        ends_at: Some(start.plus(HOUR)),
        ..Default::default()
    };
    let e = eventify.events().create(&organizer(), draft).await.unwrap().id;
    eventify.events().publish(&organizer(), e).await.unwrap();
    let t = eventify.ticket_types().create(&organizer(), e, seats(1_000)).await.unwrap().id;
    for n in 0..HOLDERS {
        eventify.bookings().buy(&someone(n), lines(e, &[(t, 2)])).await.unwrap();
    }
    clock.advance(9 * DAY);
    store.script([Fault::LostApplied, Fault::Conflict, Fault::LostNotApplied, Fault::LostAndLate(2)]);
    store.set_plan(FaultPlan::STORM);
    for _ in 0..200 {
        // A store that fails is the next round's business.
        let _ = eventify.jobs().run_due().await;
        clock.advance(std::time::Duration::from_secs(1));
    }
    store.set_plan(FaultPlan::NONE);
    store.let_late_commits_arrive().await;
    while eventify.jobs().run_due().await.unwrap() > 0 {}
    assert!(store.counts().lost_applied > 0, "{:?}", store.counts());
    let told = counted(&Snapshot::take(&*store).await.unwrap());
    assert_eq!(told.len(), usize::from(HOLDERS));
    assert!(told.values().all(|count| *count == 1));
}

#[tokio::test]
async fn who_comes_late_is_not_reminded_of_what_has_passed() {
    let w = World::new().await;
    let (e, t) = w.sale(10).await;
    w.buy(&attendee(), e, t, 1).await;
    let given_back = w.buy(&someone(1), e, t, 1).await.booking.id;
    w.eventify.bookings().cancel(&someone(1), given_back).await.unwrap();
    w.pass(9 * DAY).await;
    w.buy(&other_attendee(), e, t, 1).await;
    w.pass(HOUR).await;
    let reminders =
        async |who| w.told(&who).await.iter().filter(|n| n.fact == FactName::EventReminder).count();
    assert_eq!(reminders(attendee()).await, 1);
    assert_eq!(reminders(other_attendee()).await, 0, "bought when it had gone out");
    assert_eq!(reminders(someone(1)).await, 0, "gave the ticket back");
    w.pass(22 * HOUR).await;
    assert_eq!((reminders(attendee()).await, reminders(other_attendee()).await), (2, 1));
}

#[tokio::test]
async fn a_process_that_slept_sends_the_newest_and_nothing_after_the_start() {
    for (slept, sent) in [(9 * DAY + HOUR, 1), (10 * DAY - HOUR, 1), (10 * DAY, 0), (11 * DAY, 0)] {
        let w = World::connected().await;
        let (e, t) = w.sale(10).await;
        w.buy(&attendee(), e, t, 1).await;
        w.pass(slept).await;
        let told = w.told(&attendee()).await;
        let count = told.iter().filter(|n| n.fact == FactName::EventReminder).count();
        assert_eq!(count, sent, "slept {slept:?}");
        let facts = w.wire.sent_of("event.reminder");
        assert_eq!(facts.len(), sent, "slept {slept:?}");
        let newest = if slept < 10 * DAY - HOUR { "P1D" } else { "PT1H" };
        assert!(facts.iter().all(|fact| fact.data["before"] == newest));
        w.assert_sound("slept").await;
    }
}
