//! Deliveries and facts: at least once, recognisable, patient with what fails and finished with what never works.

use std::collections::BTreeSet;
use std::time::Duration;

use eventify_core::job::Way;
use eventify_core::notification::{
    AddPushSubscription, Channel, DeliveryError, FcmSubscription, SendNotification,
};
use eventify_core::{Actor, PageRequest, Reason, Role, Settings};

use crate::common::*;

fn transient(words: &str) -> DeliveryError {
    DeliveryError::Transient(words.to_owned())
}

fn busy(pause: Option<Duration>) -> DeliveryError {
    DeliveryError::Busy { why: "no time".to_owned(), pause }
}

/// A world where Ada has just bought a ticket and nothing was delivered yet.
async fn purchase() -> (World, Actor) {
    let w = World::connected().await;
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    let (e, t) = w.sale(5).await;
    w.buy(&ada, e, t, 1).await;
    (w, ada)
}

#[tokio::test]
async fn each_channel_gets_each_fact_once_and_tries_again_with_the_same_key() {
    let (w, _) = purchase().await;
    w.mail.fail_next([transient("busy"), transient("busy")]);
    w.run_jobs().await;
    assert_eq!((w.mail.attempts().len(), w.mail.delivered().len()), (2, 0));
    w.pass(Duration::from_secs(2)).await;
    let delivered = w.mail.delivered();
    assert_eq!(delivered.len(), 2, "by e-mail and by push");
    assert_eq!(BTreeSet::from_iter(delivered.iter().map(|d| d.channel)).len(), 2);
    let keys: BTreeSet<_> = w.mail.attempts().iter().map(|d| d.message.dedupe_key.clone()).collect();
    assert_eq!((w.mail.attempts().len(), keys.len()), (4, 2));
    w.pass(DAY).await;
    assert_eq!(w.mail.attempts().len(), 4, "what was delivered is over");
}

#[tokio::test]
async fn pauses_double_with_chance_until_a_dead_letter_and_a_retry_starts_anew() {
    let mut settings = Settings::default();
    settings.job_attempts_max = 5;
    let mail = Mail::default();
    let notifier = mail.clone();
    let w = World::build(|b| b.settings(settings).notifier(notifier)).await;
    let ada = Actor::user(w.register("Ada").await.id, Role::Attendee);
    let (e, t) = w.sale(5).await;
    w.buy(&ada, e, t, 1).await;
    mail.fail_next((0..10).map(|n| transient(&format!("busy {n}"))));
    w.run_jobs().await;
    for attempts in 1..5u32 {
        let waiting = w.jobs("deliver").await;
        assert!(waiting.iter().all(|job| job.attempts == attempts && job.last_error.is_some()));
        let full = Duration::from_secs(1 << attempts);
        for job in &waiting {
            let pause = job.due_at.since(w.now());
            assert!(pause >= full / 2 && pause <= full, "pause {pause:?} after attempt {attempts}");
        }
        w.pass(full).await;
    }
    let jobs = w.eventify.jobs();
    let dead = jobs.dead(&admin(), &PageRequest::default()).await.unwrap().data;
    assert_eq!((dead.len(), dead[0].state.as_str(), dead[0].attempts), (2, "dead", 5));
    assert!(dead[0].last_error.as_deref().unwrap().starts_with("busy"));
    w.pass(30 * DAY).await;
    assert_eq!(mail.attempts().len(), 10, "dead letters are left alone");
    let again = jobs.retry(&admin(), dead[0].id).await.unwrap();
    assert_eq!((again.state.as_str(), again.attempts), ("waiting", 0));
    w.run_jobs().await;
    assert_eq!(mail.delivered().len(), 1);
    assert_eq!(jobs.dead(&admin(), &PageRequest::default()).await.unwrap().data.len(), 1);
}

#[tokio::test]
async fn who_has_no_time_is_asked_when_they_said_and_nothing_was_tried() {
    const MINUTE: Duration = Duration::from_secs(60);
    for (asked, least, most) in [
        (None, Duration::from_secs(1), Duration::from_secs(2)),
        (Some(Duration::ZERO), Duration::from_secs(1), Duration::from_secs(2)),
        (Some(2 * MINUTE), 2 * MINUTE, 4 * MINUTE),
        (Some(HOUR), HOUR, HOUR + 5 * MINUTE),
        (Some(DAY), HOUR, HOUR + 5 * MINUTE),
    ] {
        let (w, _) = purchase().await;
        w.mail.fail_next((0..2).map(|_| busy(asked)));
        w.run_jobs().await;
        let waiting = w.jobs("deliver").await;
        assert_eq!(waiting.len(), 2);
        for job in waiting {
            let pause = job.due_at.since(w.now());
            assert!(pause >= least && pause <= most, "{asked:?}: {pause:?}");
            assert_eq!((job.attempts, job.last_error.as_deref()), (0, Some("no time")));
        }
        w.pass(most).await;
        assert_eq!(w.mail.delivered().len(), 2, "{asked:?}");
    }
}

#[tokio::test]
async fn who_never_has_time_is_asked_less_and_less_often_and_for_a_week() {
    let (w, _) = purchase().await;
    w.mail.fail_next((0..100_000).map(|_| busy(None)));
    w.run_jobs().await;
    let mut asked = Vec::new();
    for _ in 0..12 {
        for _ in 0..60 {
            w.pass(Duration::from_secs(5)).await;
        }
        asked.push(w.mail.attempts().len());
    }
    // Two of them, each after 5 to 10 minutes.
    let last_half_hour = asked[11] - asked[5];
    assert!((6..=14).contains(&last_half_hour), "{asked:?}");
    assert!(w.jobs("deliver").await.iter().all(|job| job.attempts == 0));
    w.pass(7 * DAY).await;
    assert!(w.jobs("deliver").await.iter().all(|job| job.attempts == 1), "from now on it counts");
    for _ in 0..30 {
        w.pass(2 * HOUR).await;
    }
    let dead = w.eventify.jobs().dead(&admin(), &PageRequest::default()).await.unwrap().data;
    assert_eq!((dead.len(), dead[0].last_error.as_deref()), (2, Some("no time")));
}

#[tokio::test]
async fn what_never_works_is_a_dead_letter_at_once_and_disturbs_nobody() {
    let (w, _) = purchase().await;
    w.mail.fail_next([DeliveryError::Permanent("no such address".to_owned())]);
    w.run_jobs().await;
    assert_eq!(w.mail.delivered().len(), 1, "the other channel");
    let dead = w.eventify.jobs().dead(&admin(), &PageRequest::default()).await.unwrap().data;
    assert_eq!(dead[0].last_error.as_deref(), Some("no such address"));
    assert_eq!(dead[0].attempts, 1);
}

#[tokio::test]
async fn a_person_without_an_account_is_a_dead_letter() {
    let w = World::connected().await;
    let (e, t) = w.sale(5).await;
    w.buy(&attendee(), e, t, 1).await;
    w.run_jobs().await;
    assert!(w.mail.attempts().is_empty());
    let dead = w.eventify.jobs().dead(&admin(), &PageRequest::default()).await.unwrap().data;
    assert_eq!(dead.len(), 2);
}

#[tokio::test]
async fn a_push_message_comes_again_for_those_browsers_alone_that_were_not_reached() {
    let (w, ada) = purchase().await;
    let mut ids = Vec::new();
    for token in ["phone", "tablet", "laptop"] {
        let fcm = Some(FcmSubscription { token: token.into() });
        let request = AddPushSubscription { fcm, ..AddPushSubscription::default() };
        ids.push(w.eventify.notifications().add_push_subscription(&ada, request).await.unwrap().id);
    }
    let push = || w.mail.attempts().into_iter().filter(|d| d.channel == Channel::Push);
    let tried = || push().map(|d| d.recipient.push.iter().map(|to| to.id).collect::<Vec<_>>());
    w.mail.say_gone([ids[0]]);
    w.mail.leave_next([ids[1], ids[2]]);
    w.run_jobs().await;
    let left = w.jobs("deliver").await.remove(0);
    assert_eq!(left.attempts, 1);
    assert!(left.last_error.unwrap().contains("could not be reached"));
    // Another process goes on: nothing rests on what this one remembers.
    let again = w.eventify.notifications().remove_push_subscription(&ada, ids[0]).await;
    assert_eq!(again.unwrap_err().reason(), Reason::PushSubscriptionNotFound, "it was forgotten");
    w.mail.leave_next([ids[2]]);
    w.pass(HOUR).await;
    w.pass(HOUR).await;
    assert_eq!(tried().collect::<Vec<_>>(), [ids.clone(), ids[1..].to_vec(), vec![ids[2]]]);
    let keys: BTreeSet<_> = push().map(|d| d.message.dedupe_key).collect();
    assert_eq!((keys.len(), w.jobs("deliver").await.len()), (1, 0), "the same message");
    let counted = w.eventify.jobs().deliveries()[&Way::Channel("push")];
    assert_eq!((counted.delivered, counted.failed), (1, 2));
}

#[tokio::test]
async fn what_goes_to_nobody_is_done_and_not_counted() {
    let (w, ada) = purchase().await;
    w.mail.reach_nobody();
    let before = w.eventify.jobs().deliveries();
    w.run_jobs().await;
    assert_eq!((w.mail.attempts().len(), w.jobs("deliver").await.len()), (2, 0));
    assert_eq!(w.eventify.jobs().deliveries().get(&Way::Channel("push")), before.get(&Way::Channel("push")));
    // The last one that was left is removed before its turn.
    let fcm = Some(FcmSubscription { token: "phone".into() });
    let request = AddPushSubscription { fcm, ..AddPushSubscription::default() };
    let id = w.eventify.notifications().add_push_subscription(&ada, request).await.unwrap().id;
    w.mail.leave_next([id]);
    let words =
        SendNotification { user_id: id_of(&ada), title: "Hi".into(), body: String::new(), event_id: None };
    w.eventify.notifications().send(&admin(), words).await.unwrap();
    w.run_jobs().await;
    w.eventify.notifications().remove_push_subscription(&ada, id).await.unwrap();
    let tried = w.mail.attempts().len();
    w.pass(HOUR).await;
    assert_eq!((w.mail.attempts().len(), w.jobs("deliver").await.len()), (tried, 0));
}

#[tokio::test]
async fn a_very_long_error_is_cut() {
    let (w, _) = purchase().await;
    w.mail.fail_next([transient(&"ё".repeat(100_000))]);
    w.run_jobs().await;
    let jobs = w.jobs("deliver").await;
    assert_eq!(jobs[0].last_error.as_ref().unwrap().chars().count(), 500);
}

#[tokio::test]
async fn facts_leave_in_an_envelope_and_keep_their_id_when_repeated() {
    let (w, ada) = purchase().await;
    w.wire.fail_next([transient("no answer"), transient("no answer"), transient("no answer")]);
    w.run_jobs().await;
    w.pass(Duration::from_secs(2)).await;
    let names: BTreeSet<&str> = w.wire.sent().iter().map(|e| e.event.as_str()).collect();
    assert_eq!(names, BTreeSet::from(["booking.confirmed", "event.published", "ticket.purchased"]));
    for name in names {
        let sent = w.wire.sent_of(name);
        assert_eq!(sent.len(), 2, "{name}: once refused, once taken");
        assert_eq!(sent[0], sent[1], "{name}: the very same envelope");
    }
    let ids: BTreeSet<_> = w.wire.sent().iter().map(|e| e.id).collect();
    assert_eq!(ids.len(), 3);
    let purchased = serde_json::to_value(&w.wire.sent_of("ticket.purchased")[0]).unwrap();
    assert_eq!(purchased["event"], "ticket.purchased");
    assert_eq!(purchased["data"]["user_id"], id_of(&ada).to_string());
    assert_eq!(purchased["data"]["status"], "active");
    for field in ["ticket_id", "event_id", "ticket_type_id", "booking_id", "code", "purchased_at"] {
        assert!(purchased["data"][field].is_string(), "{field}");
    }
    let timestamp: eventify_core::Timestamp = purchased["timestamp"].as_str().unwrap().parse().unwrap();
    assert!(timestamp < w.now());
}

#[tokio::test]
async fn every_change_of_a_booking_is_a_fact() {
    let w = World::connected().await;
    let (e, t) = w.sale(9).await;
    let (kept, dropped) = (w.hold(&attendee(), e, t, 2).await.id, w.hold(&attendee(), e, t, 1).await.id);
    let late = w.hold(&attendee(), e, t, 1).await.id;
    let bookings = w.eventify.bookings();
    let confirmed = bookings.confirm(&attendee(), kept).await.unwrap();
    bookings.cancel(&attendee(), dropped).await.unwrap();
    let code = confirmed.tickets[0].code.clone();
    w.eventify.tickets().check_in(&organizer(), &code, Default::default()).await.unwrap();
    w.pass(HOUR).await;
    w.cancel_event(e).await;
    w.run_jobs().await;
    for (name, count) in [
        ("booking.held", 3),
        ("booking.confirmed", 1),
        ("booking.cancelled", 2),
        ("booking.expired", 1),
        ("ticket.purchased", 2),
        ("ticket.checkin", 1),
        ("event.cancelled", 1),
    ] {
        assert_eq!(w.wire.sent_of(name).len(), count, "{name}");
    }
    assert_eq!(w.wire.sent_of("booking.expired")[0].data["booking_id"], late.to_string());
}

#[tokio::test]
async fn without_outlets_nothing_waits_to_go_out() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    w.buy(&attendee(), e, t, 1).await;
    assert!(w.jobs("deliver").await.is_empty());
    assert!(w.jobs("publish").await.is_empty());
    assert_eq!(w.told(&attendee()).await.len(), 1, "the history is kept all the same");
}

#[tokio::test]
async fn a_job_of_a_worker_that_died_is_taken_over_when_its_lease_is_over() {
    use eventify_core::job::{Job, JobState};
    use eventify_core::store::{ChangeSet, Expectation, Key, Recorded, Version, Write};
    let (w, _) = purchase().await;
    let mut set = ChangeSet { stamp: Version::new(77), expectations: vec![], writes: vec![] };
    for job in w.jobs("deliver").await {
        let key = Key::Job(job.id);
        let stored = w.store.load(&[key.clone()].into()).await.unwrap().remove(0);
        set.expectations.push(Expectation { key: key.clone(), version: stored.version });
        let leased = Job { state: JobState::Leased { until: w.now().plus(Duration::from_secs(60)) }, ..job };
        set.writes.push(Write { key, before: stored.record, after: Some(Job::wrap(leased.into())) });
    }
    w.store.commit(&set).await.unwrap();
    w.pass(Duration::from_secs(59)).await;
    assert!(w.mail.attempts().is_empty());
    w.pass(Duration::from_secs(1)).await;
    assert_eq!(w.mail.delivered().len(), 2);
}

#[tokio::test]
async fn dead_letters_are_for_admins_and_only_the_dead_are_retried() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    w.hold(&attendee(), e, t, 1).await;
    let waiting = w
        .eventify
        .jobs()
        .waiting(&admin(), eventify_core::job::JobClass::Inside, &PageRequest::default())
        .await
        .unwrap()
        .data;
    assert_eq!(
        waiting.iter().map(|j| j.work.as_str()).collect::<Vec<_>>(),
        ["expire_hold", "tell_of_start", "tell_of_start", "complete_event"]
    );
    let error = w.eventify.jobs().retry(&admin(), waiting[0].id).await.unwrap_err();
    assert_eq!(error.reason(), Reason::JobNotDead);
}

#[tokio::test]
async fn one_publisher_that_is_down_neither_holds_up_nor_repeats_another() {
    use eventify_core::testing::MemoryPublisher;
    let (up, down) = (MemoryPublisher::named("up"), MemoryPublisher::named("down"));
    let (one, other) = (up.clone(), down.clone());
    let w = World::build(|builder| builder.publisher(one).publisher(other)).await;
    let (e, t) = w.sale(5).await;
    w.run_jobs().await;
    let before = up.published().len();
    down.fail_next(std::iter::repeat_n(transient("connection refused"), 2));
    w.buy(&attendee(), e, t, 1).await;
    w.run_jobs().await;
    assert_eq!(up.published().len(), before + 2, "booking.confirmed and ticket.purchased");
    assert_eq!(down.published().len(), before);
    assert_eq!(w.jobs("publish").await.len(), 2, "only what is down still waits");
    w.pass(HOUR).await;
    assert_eq!(up.published().len(), before + 2, "nothing twice");
    let ids =
        |publisher: &MemoryPublisher| -> BTreeSet<_> { publisher.published().iter().map(|e| e.id).collect() };
    assert_eq!(ids(&up), ids(&down), "the same facts");
    assert!(w.jobs("publish").await.is_empty());
}

#[tokio::test]
async fn publishers_are_told_apart_by_their_names() {
    use eventify_core::store::MemoryStore;
    use eventify_core::testing::MemoryPublisher;
    for (first, second, good) in [
        ("kafka", "amqp", true),
        ("kafka", "kafka", false),
        ("", "kafka", false),
        (&"k".repeat(40), "kafka", true),
        (&"k".repeat(41), "kafka", false),
    ] {
        let builder = eventify_core::Eventify::builder(MemoryStore::new()).without_worker();
        let publishers =
            builder.publisher(MemoryPublisher::named(first)).publisher(MemoryPublisher::named(second));
        let started = publishers.start().await;
        assert_eq!(
            started.as_ref().err().map(eventify_core::Error::reason),
            (!good).then_some(Reason::InvalidValue)
        );
    }
}
