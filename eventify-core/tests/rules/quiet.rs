//! Quiet hours: when they are, what waits for their end, and what does not.

use std::time::Duration;

use eventify_core::announcement::MakeAnnouncement;
use eventify_core::event::{CancelEvent, CreateEvent, UpdateEvent};
use eventify_core::notification::{
    DeliveryError, FactName, PreferencesView, QuietHours, SendNotification, TimeOfDay,
};
use eventify_core::{Actor, Change, Error, EventId, TicketTypeId, Timestamp};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn choosing() -> Vec<Row> {
    rows! {
        "quiet hours across midnight" => [] |w| choose(w, &attendee(), Some(quiet("22:00", "08:00", "UTC"))).await;
        "quiet hours at noon" => [] |w| choose(w, &attendee(), Some(quiet("12:00", "13:30", "Asia/Almaty"))).await;
        "quiet hours that never end" => [InvalidValue] |w| choose(w, &attendee(), Some(quiet("08:00", "08:00", "UTC"))).await;
        "no quiet hours" => [] |w| choose(w, &attendee(), None).await;
        "nobody's quiet hours" => [NotAuthenticated] |w| choose(w, &anonymous(), None).await;
    }
}

fn quiet(from: &str, to: &str, zone: &str) -> QuietHours {
    let time = |text: &str| text.parse().unwrap();
    QuietHours { from: time(from), to: time(to), time_zone: zone.parse().unwrap() }
}

async fn choose(w: &World, who: &Actor, quiet_hours: Option<QuietHours>) -> Result<(), Error> {
    let change = PreferencesView { quiet_hours: Some(quiet_hours.into()), ..PreferencesView::default() };
    w.eventify.notifications().set_preferences(who, change).await.map(drop)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn quiet_hours_have_rules() {
    run(choosing()).await;
}

#[test]
fn times_of_day_are_hours_and_minutes() {
    for text in ["00:00", "08:05", "23:59"] {
        assert_eq!(text.parse::<TimeOfDay>().unwrap().to_string(), text);
    }
    for text in
        ["", "8:00", "08:0", "24:00", "12:60", "12.30", "12:30:00", " 12:30", "１２:30", "-1:00", "+1:00"]
    {
        assert!(text.parse::<TimeOfDay>().is_err(), "{text:?}");
    }
}

#[test]
fn quiet_hours_end_at_the_first_instant_that_is_not_quiet() {
    for (situation, hours, now, end) in [
        ("in the evening", ("22:00", "08:00", "UTC"), "2026-12-10T22:00:00Z", Some("2026-12-11T08:00:00Z")),
        ("a moment before", ("22:00", "08:00", "UTC"), "2026-12-10T21:59:59.999999Z", None),
        ("behind midnight", ("22:00", "08:00", "UTC"), "2026-12-11T00:00:00Z", Some("2026-12-11T08:00:00Z")),
        (
            "a moment before the end",
            ("22:00", "08:00", "UTC"),
            "2026-12-11T07:59:59.999999Z",
            Some("2026-12-11T08:00:00Z"),
        ),
        ("the end", ("22:00", "08:00", "UTC"), "2026-12-11T08:00:00Z", None),
        (
            "in another zone",
            ("22:00", "08:00", "Asia/Almaty"),
            "2026-12-10T17:00:00Z",
            Some("2026-12-11T03:00:00Z"),
        ),
        ("at noon", ("12:00", "13:30", "UTC"), "2026-12-10T12:00:00Z", Some("2026-12-10T13:30:00Z")),
        ("after noon", ("12:00", "13:30", "UTC"), "2026-12-10T13:30:00Z", None),
        ("until midnight", ("20:00", "00:00", "UTC"), "2026-12-10T23:00:00Z", Some("2026-12-11T00:00:00Z")),
        ("at midnight", ("20:00", "00:00", "UTC"), "2026-12-11T00:00:00Z", None),
        (
            "all day but a minute",
            ("08:01", "08:00", "UTC"),
            "2026-12-11T08:01:00Z",
            Some("2026-12-12T08:00:00Z"),
        ),
    ] {
        assert_ends(situation, hours, now, end);
    }
}

fn assert_ends(situation: &str, (from, to, zone): (&str, &str, &str), now: &str, end: Option<&str>) {
    assert_eq!(quiet(from, to, zone).end(at(now)), end.map(at), "{situation}");
}

#[test]
fn quiet_hours_end_also_when_the_clocks_change() {
    for (situation, hours, now, end) in [
        (
            "a night that is an hour shorter",
            ("22:00", "08:00", "Europe/Berlin"),
            "2027-03-27T22:00:00Z",
            Some("2027-03-28T06:00:00Z"),
        ),
        (
            "a night that is an hour longer",
            ("22:00", "08:00", "Europe/Berlin"),
            "2027-10-30T21:00:00Z",
            Some("2027-10-31T07:00:00Z"),
        ),
        (
            "clocks skip the end",
            ("22:00", "02:30", "Europe/Berlin"),
            "2027-03-28T00:30:00Z",
            Some("2027-03-28T01:00:00Z"),
        ),
        ("clocks skip all of it", ("02:10", "02:50", "Europe/Berlin"), "2027-03-28T01:05:00Z", None),
        (
            "clocks skip the beginning",
            ("02:30", "04:00", "Europe/Berlin"),
            "2027-03-28T01:00:00Z",
            Some("2027-03-28T02:00:00Z"),
        ),
        (
            "the first of two ends",
            ("22:00", "02:30", "Europe/Berlin"),
            "2027-10-31T00:10:00Z",
            Some("2027-10-31T00:30:00Z"),
        ),
        ("between two ends", ("22:00", "02:30", "Europe/Berlin"), "2027-10-31T00:40:00Z", None),
        (
            "clocks go back into it",
            ("22:00", "02:30", "Europe/Berlin"),
            "2027-10-31T01:10:00Z",
            Some("2027-10-31T01:30:00Z"),
        ),
    ] {
        assert_ends(situation, hours, now, end);
    }
}

/// Ada, who wants quiet from 22:00 to 08:00 UTC, at 22:30 on the 10th, with a ticket of an event that begins so long
/// afterwards. What she heard until then is delivered.
async fn at_night(ahead: Duration) -> (World, Actor, EventId, TicketTypeId) {
    let w = World::connected().await;
    let ada = w.verified("Ada").await;
    choose(&w, &ada, Some(quiet("22:00", "08:00", "UTC"))).await.unwrap();
    w.clock.set(at("2026-12-10T22:30:00Z"));
    let start = w.now().plus(ahead);
    let request = CreateEvent {
        starts_at: Some(start),
        ends_at: Some(start.plus(2 * HOUR)),
        reminders: Some(Vec::new()),
        ..w.concert()
    };
    let e = w.draft_of(request).await;
    w.publish(e).await;
    let t = w.free(e, 100).await;
    w.buy(&ada, e, t, 1).await;
    w.run_jobs().await;
    (w, ada, e, t)
}

/// How many messages of a fact were delivered.
fn delivered(w: &World, fact: FactName) -> usize {
    w.mail.delivered().iter().filter(|d| d.message.fact == fact).count()
}

async fn announce(w: &World, e: EventId) {
    let words = MakeAnnouncement { body: "Words".to_owned(), ..MakeAnnouncement::default() };
    w.eventify.announcements().make(&organizer(), e, words).await.unwrap();
    w.run_jobs().await;
}

#[tokio::test]
async fn what_can_wait_waits_and_the_history_does_not() {
    let (w, ada, e, _) = at_night(20 * DAY).await;
    assert_eq!(delivered(&w, FactName::TicketPurchased), 2, "who buys at night is awake");
    announce(&w, e).await;
    let words = SendNotification {
        user_id: id_of(&ada),
        title: "Words".to_owned(),
        body: String::new(),
        event_id: None,
    };
    w.eventify.notifications().send(&admin(), words).await.unwrap();
    w.run_jobs().await;
    assert_eq!(delivered(&w, FactName::Announcement), 0);
    assert_eq!(w.told(&ada).await.iter().filter(|n| n.fact == FactName::Announcement).count(), 2);
    w.clock.set(at("2026-12-11T07:59:59.999999Z"));
    w.run_jobs().await;
    assert_eq!(delivered(&w, FactName::Announcement), 0);
    w.pass(Duration::from_micros(1)).await;
    assert_eq!(delivered(&w, FactName::Announcement), 4, "two messages by e-mail and push");
    w.pass(DAY).await;
    assert_eq!(delivered(&w, FactName::Announcement), 4);
}

#[tokio::test]
async fn news_of_an_event_within_twelve_hours_does_not_wait() {
    let second = Duration::from_secs(1);
    for (ahead, at_once) in [(12 * HOUR, true), (12 * HOUR + second, false), (9 * HOUR, true), (DAY, false)] {
        for what in ["announced", "cancelled", "moved"] {
            let (w, _, e, _) = at_night(ahead).await;
            let fact = match what {
                "announced" => {
                    announce(&w, e).await;
                    FactName::Announcement
                }
                "cancelled" => {
                    w.eventify.events().cancel(&organizer(), e, CancelEvent::default()).await.unwrap();
                    FactName::EventCancelled
                }
                _ => {
                    let venue = Some(Change::To("Opera".to_owned()));
                    w.update_event(e, UpdateEvent { venue, ..UpdateEvent::default() }).await;
                    FactName::EventUpdated
                }
            };
            w.run_jobs().await;
            let sent = delivered(&w, fact);
            assert_eq!(sent, if at_once { 2 } else { 0 }, "{what} {ahead:?} ahead");
            // When it becomes urgent, or in the morning: whichever comes first.
            w.pass(second).await;
            let urgent = ahead <= 12 * HOUR + second;
            assert_eq!(
                delivered(&w, fact),
                if urgent { 2 } else { 0 },
                "{what} {ahead:?} ahead, a second later"
            );
            w.pass(10 * HOUR).await;
            assert_eq!(delivered(&w, fact), 2, "{what} {ahead:?} ahead, in the morning");
        }
    }
}

#[tokio::test]
async fn whoever_gets_ready_for_the_old_start_hears_of_the_move_at_once() {
    let (w, _, e, _) = at_night(10 * HOUR).await;
    let start = w.now().plus(30 * DAY);
    let later =
        UpdateEvent { starts_at: Some(start), ends_at: Some(start.plus(HOUR)), ..UpdateEvent::default() };
    w.update_event(e, later).await;
    w.run_jobs().await;
    assert_eq!(delivered(&w, FactName::EventUpdated), 2);
}

#[tokio::test]
async fn a_reminder_of_an_early_start_comes_when_it_was_asked_for() {
    let w = World::connected().await;
    let ada = w.verified("Ada").await;
    choose(&w, &ada, Some(quiet("22:00", "08:00", "UTC"))).await.unwrap();
    let start = at("2026-12-11T23:30:00Z");
    let request = CreateEvent { starts_at: Some(start), ends_at: Some(start.plus(HOUR)), ..w.concert() };
    let e = w.draft_of(request).await;
    w.publish(e).await;
    let t = w.free(e, 5).await;
    w.buy(&ada, e, t, 1).await;
    w.clock.set(start.minus(DAY));
    w.run_jobs().await;
    assert_eq!(delivered(&w, FactName::EventReminder), 0, "a day before, at half past eleven");
    w.clock.set(at("2026-12-11T08:00:00Z"));
    w.run_jobs().await;
    assert_eq!(delivered(&w, FactName::EventReminder), 2);
    w.clock.set(start.minus(HOUR));
    w.run_jobs().await;
    assert_eq!(delivered(&w, FactName::EventReminder), 4, "an hour before, quiet or not");
}

#[tokio::test]
async fn a_message_that_was_on_its_way_is_judged_again_when_its_turn_comes() {
    let w = World::connected().await;
    let ada = w.verified("Ada").await;
    let (e, t) = w.sale(5).await;
    w.buy(&ada, e, t, 1).await;
    w.run_jobs().await;
    w.clock.set(at("2026-11-22T21:59:58Z"));
    let busy = || DeliveryError::Transient("busy".to_owned());
    w.mail.fail_next([busy(), busy()]);
    announce(&w, e).await;
    assert_eq!(delivered(&w, FactName::Announcement), 0);
    choose(&w, &ada, Some(quiet("22:00", "08:00", "UTC"))).await.unwrap();
    let attempts = w.mail.attempts().len();
    w.pass(HOUR).await;
    assert_eq!(w.mail.attempts().len(), attempts, "the next attempt would wake her");
    let waiting = w.jobs("deliver").await;
    assert!(waiting.iter().all(|job| job.due_at == at("2026-11-23T08:00:00Z") && job.attempts == 1));
    choose(&w, &ada, None).await.unwrap();
    w.clock.set(at("2026-11-23T08:00:00Z"));
    w.run_jobs().await;
    assert_eq!(delivered(&w, FactName::Announcement), 2);
}

#[tokio::test]
async fn security_mail_never_waits() {
    let w = World::connected().await;
    let ada = w.verified("Ada").await;
    choose(&w, &ada, Some(quiet("00:01", "00:00", "UTC"))).await.unwrap();
    let before = w.mail.of_accounts().len();
    let request = eventify_core::account::ChangePassword {
        current_password: PASSWORD.into(),
        new_password: "another secret entirely".into(),
    };
    let session = w.session(&w.login("Ada").await).await;
    w.eventify.accounts().change_password(&session, request).await.unwrap();
    w.run_jobs().await;
    assert!(w.mail.of_accounts().len() > before);
}

#[tokio::test]
async fn a_change_of_kinds_leaves_quiet_hours_and_the_other_way_round() {
    let w = World::new().await;
    let notes = w.eventify.notifications();
    assert_eq!(notes.preferences(&attendee()).await.unwrap().quiet_hours, Some(Change::Clear));
    let hours = quiet("22:00", "08:00", "Asia/Almaty");
    choose(&w, &attendee(), Some(hours.clone())).await.unwrap();
    let json = r#"{"purchase": {"email": false}}"#;
    let chosen = notes.set_preferences(&attendee(), serde_json::from_str(json).unwrap()).await.unwrap();
    assert_eq!(chosen.quiet_hours, Some(Change::To(hours)));
    let shown = serde_json::to_value(&chosen).unwrap();
    assert_eq!(shown["purchase"]["email"], false);
    assert_eq!(shown["quiet_hours"]["from"], "22:00");
    let json = r#"{"quiet_hours": null}"#;
    let chosen = notes.set_preferences(&attendee(), serde_json::from_str(json).unwrap()).await.unwrap();
    assert_eq!(chosen.quiet_hours, Some(Change::Clear));
    assert!(
        !chosen.kinds[&eventify_core::notification::NoticeKind::Purchase]
            [&eventify_core::notification::Channel::Email]
    );
}
