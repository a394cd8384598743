//! Schedules: within the event, and no room twice at once.

use std::time::Duration;

use eventify_core::event::{
    CreateEvent, ImportedItem, PutScheduleItem, Schedule, ScheduleItemView, UpdateEvent,
};
use eventify_core::{Actor, Error, EventId, IfMatch, PageRequest, ScheduleItemId};

use crate::common::*;
use crate::table::{Row, rows, run};

const MINUTE: u64 = 60;

/// An entry so many minutes after the start of the world's concert.
fn item(w: &World, from: u64, to: u64, room: &str) -> PutScheduleItem {
    let start = w.now().plus(10 * DAY);
    PutScheduleItem {
        activity_name: format!("Talk {from}"),
        speaker: None,
        starts_at: start.plus(Duration::from_secs(from * MINUTE)),
        ends_at: start.plus(Duration::from_secs(to * MINUTE)),
        room: Some(room.to_owned()).filter(|room| !room.is_empty()),
    }
}

async fn add(w: &World, who: &Actor, id: EventId, item: PutScheduleItem) -> Result<ScheduleItemView, Error> {
    let added = w.eventify.events().add_schedule_item(who, id, item).await;
    if added.is_ok() {
        w.mark().await;
    }
    added
}

pub fn adding() -> Vec<Row> {
    rows! {
        "the whole event" => [] |w| { let e = w.draft().await; add(w, &organizer(), e, item(w, 0, 180, "A")).await };
        "past the end" => [ScheduleConflict] |w| {
            let e = w.draft().await;
            add(w, &organizer(), e, item(w, 0, 181, "A")).await
        };
        "before the start" => [ScheduleConflict] |w| {
            let e = w.draft().await;
            let mut early = item(w, 0, 10, "A");
            early.starts_at = early.starts_at.minus(Duration::from_micros(1));
            add(w, &organizer(), e, early).await
        };
        "the same room at the same time" => [ScheduleConflict] |w| {
            let e = w.draft().await;
            add(w, &organizer(), e, item(w, 0, 60, "A")).await?;
            add(w, &organizer(), e, item(w, 59, 90, "A")).await
        };
        "the same room right after" => [] |w| {
            let e = w.draft().await;
            add(w, &organizer(), e, item(w, 0, 60, "A")).await?;
            add(w, &organizer(), e, item(w, 60, 90, "A")).await
        };
        "another room at the same time" => [] |w| {
            let e = w.draft().await;
            add(w, &organizer(), e, item(w, 0, 60, "A")).await?;
            add(w, &organizer(), e, item(w, 0, 60, "B")).await
        };
        "no room twice at the same time" => [] |w| {
            let e = w.draft().await;
            add(w, &organizer(), e, item(w, 0, 60, "")).await?;
            add(w, &organizer(), e, item(w, 0, 60, "")).await
        };
        "within another one" => [ScheduleConflict] |w| {
            let e = w.draft().await;
            add(w, &organizer(), e, item(w, 0, 60, "A")).await?;
            add(w, &organizer(), e, item(w, 20, 30, "A")).await
        };
        "an end at the start" => [InvalidValue] |w| {
            let e = w.draft().await;
            add(w, &organizer(), e, item(w, 10, 10, "A")).await
        };
        "an activity of 300 characters" => [] |w| named(w, &"a".repeat(300)).await;
        "an activity of 301 characters" => [InvalidValue] |w| named(w, &"a".repeat(301)).await;
        "no activity" => [InvalidValue] |w| named(w, "").await;
        "nobody adds" => [NotAuthenticated] |w| {
            let e = w.published().await;
            add(w, &anonymous(), e, item(w, 0, 60, "A")).await
        };
        "another organizer adds" => [NotEventOwner] |w| {
            let e = w.published().await;
            add(w, &other_organizer(), e, item(w, 0, 60, "A")).await
        };
        "an admin adds" => [] |w| { let e = w.published().await; add(w, &admin(), e, item(w, 0, 60, "A")).await };
        "to an event that is not there" => [EventNotFound] |w| {
            add(w, &organizer(), EventId::from_bytes([9; 16]), item(w, 0, 60, "A")).await
        };
        "to a cancelled event" => [EventCancelled] |w| {
            let e = w.cancelled().await;
            add(w, &organizer(), e, item(w, 0, 60, "A")).await
        };
        "to a completed event" => [EventNotPublished] |w| {
            let item = item(w, 0, 60, "A");
            let e = w.completed().await;
            add(w, &organizer(), e, item).await
        };
    }
}

pub fn changing() -> Vec<Row> {
    rows! {
        "an entry moves over itself" => [] |w| {
            let e = w.draft().await;
            let one = add(w, &organizer(), e, item(w, 0, 60, "A")).await?;
            let request = item(w, 30, 90, "A");
            w.eventify.events().update_schedule_item(&organizer(), e, one.id, request, IfMatch::Any).await
        };
        "an entry moves over another" => [ScheduleConflict] |w| {
            let e = w.draft().await;
            let one = add(w, &organizer(), e, item(w, 0, 60, "A")).await?;
            add(w, &organizer(), e, item(w, 60, 90, "A")).await?;
            let request = item(w, 30, 61, "A");
            w.eventify.events().update_schedule_item(&organizer(), e, one.id, request, IfMatch::Any).await
        };
        "an entry that is not there changes" => [ScheduleItemNotFound] |w| {
            let e = w.draft().await;
            let (id, request) = (ScheduleItemId::from_bytes([9; 16]), item(w, 0, 60, "A"));
            w.eventify.events().update_schedule_item(&organizer(), e, id, request, IfMatch::Any).await
        };
        "an entry that changed since it was read" => [PreconditionFailed] |w| {
            let e = w.draft().await;
            let one = add(w, &organizer(), e, item(w, 0, 60, "A")).await?;
            let seen = w.eventify.events().schedule_item(&organizer(), e, one.id).await?.version();
            add(w, &organizer(), e, item(w, 60, 70, "A")).await?;
            let (request, seen) = (item(w, 0, 50, "A"), IfMatch::Version(seen));
            w.eventify.events().update_schedule_item(&organizer(), e, one.id, request, seen).await
        };
        "an entry that is not there is read" => [ScheduleItemNotFound] |w| {
            let e = w.draft().await;
            w.eventify.events().schedule_item(&organizer(), e, ScheduleItemId::from_bytes([9; 16])).await
        };
        "an entry is taken away" => [] |w| {
            let e = w.draft().await;
            let one = add(w, &organizer(), e, item(w, 0, 60, "A")).await?;
            w.eventify.events().remove_schedule_item(&organizer(), e, one.id).await
        };
        "an entry is taken away twice" => [ScheduleItemNotFound] |w| {
            let e = w.draft().await;
            let one = add(w, &organizer(), e, item(w, 0, 60, "A")).await?;
            w.eventify.events().remove_schedule_item(&organizer(), e, one.id).await?;
            w.mark().await;
            w.eventify.events().remove_schedule_item(&organizer(), e, one.id).await
        };
        "somebody's draft's schedule" => [EventNotFound] |w| {
            let e = w.draft().await;
            w.eventify.events().schedule(&attendee(), e, &PageRequest::default()).await
        };
        "the event shrinks below its schedule" => [ScheduleConflict] |w| {
            let e = w.published().await;
            add(w, &organizer(), e, item(w, 0, 60, "A")).await?;
            let ends_at = Some(w.now().plus(10 * DAY + HOUR - Duration::from_micros(1)));
            let request = UpdateEvent { ends_at, ..UpdateEvent::default() };
            w.eventify.events().update(&organizer(), e, request, IfMatch::Any).await
        };
        "the event shrinks to its schedule" => [] |w| {
            let e = w.published().await;
            add(w, &organizer(), e, item(w, 0, 60, "A")).await?;
            let ends_at = Some(w.now().plus(10 * DAY + HOUR));
            let request = UpdateEvent { ends_at, ..UpdateEvent::default() };
            w.eventify.events().update(&organizer(), e, request, IfMatch::Any).await
        };
    }
}

async fn named(w: &World, name: &str) -> Result<ScheduleItemView, Error> {
    let e = w.draft().await;
    let activity_name = name.to_owned();
    add(w, &organizer(), e, PutScheduleItem { activity_name, ..item(w, 0, 60, "A") }).await
}

#[tokio::test]
async fn adding_to_a_schedule_has_rules() {
    run(adding()).await;
}

#[tokio::test]
async fn changing_a_schedule_has_rules() {
    run(changing()).await;
}

fn imported(source_id: &str, item: PutScheduleItem) -> ImportedItem {
    ImportedItem { source_id: source_id.to_owned(), item }
}

#[tokio::test]
async fn an_import_adds_updates_and_removes_and_leaves_alone_what_was_added_by_hand() {
    let w = World::new().await;
    let e = w.draft().await;
    let by_hand = add(&w, &organizer(), e, item(&w, 100, 110, "A")).await.unwrap();
    let events = w.eventify.events();
    let first = vec![imported("1", item(&w, 0, 10, "A")), imported("2", item(&w, 10, 20, "A"))];
    let report = events.import_schedule(&organizer(), e, first.clone()).await.unwrap();
    assert_eq!((report.added, report.skipped.len()), (2, 0));
    let report = events.import_schedule(&organizer(), e, first).await.unwrap();
    assert_eq!((report.added, report.unchanged), (0, 2));
    let second = vec![
        imported("2", item(&w, 10, 25, "A")),
        imported("3", item(&w, 90, 101, "A")),
        imported("4", item(&w, 0, 999, "B")),
        imported("5", PutScheduleItem { activity_name: "\0".to_owned(), ..item(&w, 0, 10, "B") }),
    ];
    let report = events.import_schedule(&organizer(), e, second).await.unwrap();
    assert_eq!((report.added, report.updated, report.unchanged, report.removed), (0, 1, 0, 1));
    let skipped: Vec<&str> = report.skipped.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(skipped, ["3", "4", "5"], "a clash with what was added by hand, too late, bad text");
    let all = events.schedule(&organizer(), e, &PageRequest::default()).await.unwrap().data;
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].id, by_hand.id);
    assert_eq!(w.actions("schedule.imported").await, 2, "an import that changes nothing leaves no trace");
    w.assert_sound("imports").await;
}

#[tokio::test]
async fn an_import_that_names_an_entry_twice_takes_the_first() {
    let w = World::new().await;
    let e = w.draft().await;
    let events = w.eventify.events();
    let twice = vec![imported("1", item(&w, 0, 10, "A")), imported("1", item(&w, 20, 30, "A"))];
    let report = events.import_schedule(&organizer(), e, twice.clone()).await.unwrap();
    assert_eq!((report.added, report.skipped.len()), (1, 1));
    let report = events.import_schedule(&organizer(), e, twice).await.unwrap();
    assert_eq!(
        (report.added, report.unchanged, report.skipped.len()),
        (0, 1, 1),
        "again and again, the same"
    );
}

#[tokio::test]
async fn a_schedule_has_at_most_its_number_of_entries() {
    let w = World::new().await;
    let e = w.draft_of(CreateEvent { ends_at: Some(w.now().plus(100 * DAY)), ..w.concert() }).await;
    let many = |count: u64| {
        let put = |n: u64| imported(&n.to_string(), item(&w, n, n + 1, "A"));
        (0..count).map(put).collect::<Vec<_>>()
    };
    let most = u64::try_from(Schedule::ITEMS_MAX).unwrap();
    let report = w.eventify.events().import_schedule(&organizer(), e, many(most + 1)).await.unwrap();
    assert_eq!((u64::from(report.added), report.skipped.len()), (most, 1));
    let error = add(&w, &organizer(), e, item(&w, 9_000, 9_001, "B")).await.unwrap_err();
    assert_eq!(error.reason(), eventify_core::Reason::InvalidValue);
}
