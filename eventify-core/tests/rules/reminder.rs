//! Reminders: what an event may ask for, when they are due by its own clocks, and which jobs there are for them.

use std::time::Duration;

use eventify_core::event::{CreateEvent, UpdateEvent};
use eventify_core::job::{JobWork, Telling};
use eventify_core::{Error, EventId, LeadTime, Timestamp};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn choosing() -> Vec<Row> {
    rows! {
        "no reminders" => [] |w| make(w, &[]).await;
        "five reminders" => [] |w| make(w, &["P30D", "P7D", "P1D", "PT1H", "PT1M"]).await;
        "a reminder at the start" => [InvalidValue] |w| make(w, &["PT0S"]).await;
        "a reminder more than a month ahead" => [InvalidValue] |w| make(w, &["P30DT1M"]).await;
        "six reminders" => [InvalidValue] |w| make(w, &["P30D", "P7D", "P1D", "PT2H", "PT1H", "PT1M"]).await;
        "six reminders in a change" => [InvalidValue] |w| {
            let id = w.published().await;
            change(w, id, &["P30D", "P7D", "P1D", "PT2H", "PT1H", "PT1M"]).await
        };
        "other reminders of a draft" => [] |w| {
            let id = w.draft().await;
            change(w, id, &["PT5M"]).await
        };
        "other reminders of an event that is over" => [EventNotPublished] |w| {
            let id = w.completed().await;
            change(w, id, &["PT5M"]).await
        };
        "other reminders of a cancelled event" => [EventCancelled] |w| {
            let id = w.cancelled().await;
            change(w, id, &["PT5M"]).await
        };
    }
}

fn leads(texts: &[&str]) -> Vec<LeadTime> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

async fn make(w: &World, reminders: &[&str]) -> Result<(), Error> {
    let request = CreateEvent { reminders: Some(leads(reminders)), ..w.concert() };
    w.eventify.events().create(&organizer(), request).await.map(drop)
}

async fn change(w: &World, id: EventId, reminders: &[&str]) -> Result<(), Error> {
    let request = UpdateEvent { reminders: Some(leads(reminders)), ..UpdateEvent::default() };
    let any = eventify_core::IfMatch::Any;
    w.eventify.events().update(&organizer(), id, request, any).await.map(drop)
}

/// The jobs that remind, as how long before the start and when; the earliest first.
async fn planned(w: &World) -> Vec<(String, Timestamp)> {
    let mut jobs = w.jobs("tell_of_start").await;
    jobs.sort_by_key(|job| job.due_at);
    let plan = jobs.iter().map(|job| match &job.work {
        JobWork::TellHolders { telling: Telling::Reminder { lead, .. }, .. } => {
            (lead.to_string(), job.due_at)
        }
        other => panic!("{other:?} reminds of nothing"),
    });
    plan.collect()
}

async fn assert_planned(w: &World, situation: &str, expected: &[(&str, Timestamp)]) {
    let expected: Vec<(String, Timestamp)> = expected.iter().map(|(l, at)| ((*l).to_owned(), *at)).collect();
    assert_eq!(planned(w).await, expected, "{situation}");
    w.assert_sound(situation).await;
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn reminders_have_rules() {
    run(choosing()).await;
}

#[tokio::test]
async fn an_event_that_says_nothing_reminds_a_day_and_an_hour_before() {
    let w = World::new().await;
    let id = w.draft().await;
    assert_planned(&w, "a draft", &[]).await;
    assert_eq!(w.event(id).await.reminders, [LeadTime::DAY, LeadTime::HOUR]);
    let start = w.now().plus(10 * DAY);
    w.publish(id).await;
    let expected = [("P1D", start.minus(DAY)), ("PT1H", start.minus(HOUR))];
    assert_planned(&w, "published", &expected).await;
}

#[tokio::test]
async fn the_longest_comes_first_and_none_twice() {
    let w = World::new().await;
    let request = CreateEvent { reminders: Some(leads(&["PT60M", "P1D", "PT1H", "P2D"])), ..w.concert() };
    let id = w.draft_of(request).await;
    let shown: Vec<String> = w.event(id).await.reminders.iter().map(LeadTime::to_string).collect();
    assert_eq!(shown, ["P2D", "P1D", "PT1H"]);
    change(&w, id, &["PT24H", "P1D"]).await.unwrap();
    w.publish(id).await;
    let start = w.now().plus(10 * DAY);
    assert_planned(&w, "two ways to say one instant", &[("P1D", start.minus(DAY))]).await;
}

#[tokio::test]
async fn what_has_passed_before_publishing_is_not_sent() {
    let w = World::new().await;
    let soon = w.now().plus(2 * HOUR);
    let request = CreateEvent { starts_at: Some(soon), ends_at: Some(soon.plus(HOUR)), ..w.concert() };
    let id = w.draft_of(request).await;
    w.publish(id).await;
    assert_planned(&w, "on the day", &[("PT1H", soon.minus(HOUR))]).await;
    let now = w.now().plus(HOUR);
    let request = CreateEvent { starts_at: Some(now), ends_at: Some(now.plus(HOUR)), ..w.concert() };
    let id = w.draft_of(request).await;
    w.publish(id).await;
    assert_planned(&w, "exactly an hour before", &[("PT1H", soon.minus(HOUR))]).await;
}

#[tokio::test]
async fn jobs_follow_every_change_and_end_with_the_event() {
    let w = World::new().await;
    let id = w.published().await;
    let start = w.now().plus(10 * DAY);
    let moved = |by: Duration| UpdateEvent {
        starts_at: Some(start.plus(by)),
        ends_at: Some(start.plus(by + HOUR)),
        ..UpdateEvent::default()
    };
    w.update_event(id, moved(5 * DAY)).await;
    let later = start.plus(5 * DAY);
    assert_planned(&w, "moved", &[("P1D", later.minus(DAY)), ("PT1H", later.minus(HOUR))]).await;
    change(&w, id, &["P3D", "PT1H", "PT5M"]).await.unwrap();
    let five = later.minus(Duration::from_secs(300));
    let three = later.minus(3 * DAY);
    assert_planned(&w, "others", &[("P3D", three), ("PT1H", later.minus(HOUR)), ("PT5M", five)]).await;
    w.update_event(id, UpdateEvent { title: Some("Words".to_owned()), ..UpdateEvent::default() }).await;
    assert_eq!(planned(&w).await.len(), 3, "words move nothing");
    w.clock.set(later.minus(2 * DAY));
    w.run_jobs().await;
    assert_planned(&w, "one was sent", &[("PT1H", later.minus(HOUR)), ("PT5M", five)]).await;
    change(&w, id, &["P3D", "PT1H"]).await.unwrap();
    assert_planned(&w, "what was sent does not come back", &[("PT1H", later.minus(HOUR))]).await;
    change(&w, id, &[]).await.unwrap();
    assert_planned(&w, "none", &[]).await;
    change(&w, id, &["PT1H"]).await.unwrap();
    w.cancel_event(id).await;
    assert_planned(&w, "cancelled", &[]).await;
    let over = w.completed().await;
    assert_planned(&w, "over", &[]).await;
    assert_ne!(over, id);
}

#[tokio::test]
async fn another_time_zone_moves_days() {
    let w = World::new().await;
    let start = at("2027-03-28T08:00:00Z");
    let request = CreateEvent {
        starts_at: Some(start),
        ends_at: Some(start.plus(HOUR)),
        time_zone: Some("Asia/Almaty".parse().unwrap()),
        reminders: Some(leads(&["P1D"])),
        ..w.concert()
    };
    let id = w.draft_of(request).await;
    w.publish(id).await;
    assert_planned(&w, "in Almaty", &[("P1D", at("2027-03-27T08:00:00Z"))]).await;
    let zone = Some("Europe/Berlin".parse().unwrap());
    w.update_event(id, UpdateEvent { time_zone: zone, ..UpdateEvent::default() }).await;
    assert_planned(&w, "in Berlin", &[("P1D", at("2027-03-27T09:00:00Z"))]).await;
}
