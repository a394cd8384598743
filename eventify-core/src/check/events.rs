//! Events, their categories and their schedules.

use std::collections::{BTreeSet, HashMap};

use super::walk::{Pages, Related, Walk};
use crate::announcement::{Announcement, AnnouncementLog};
use crate::event::{Category, Event, EventStatus, OpenEvents, Schedule, ScheduleItem, reminder_job};
use crate::id::{CategoryId, EventId, JobId, UserId};
use crate::job::{Job, JobWork, Telling};
use crate::staff::Staff;
use crate::store::{Key, Recorded, StoreError};
use crate::ticket_type::Inventory;

pub(super) async fn check(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let counted = events(walk).await?;
    categories(walk, &counted.in_category).await?;
    open_events(walk, counted.open).await?;
    schedules(walk).await?;
    reminders(walk).await?;
    announcements(walk).await?;
    staff(walk).await
}

/// How many events each category has, and how many that are not over each organizer.
#[derive(Default)]
struct Counted {
    in_category: HashMap<CategoryId, u32>,
    open: HashMap<UserId, u32>,
}

async fn events(walk: &mut Walk<'_>) -> Result<Counted, StoreError> {
    let mut counted = Counted::default();
    let mut pages = Pages::<Event>::new();
    while let Some(page) = pages.next(walk).await? {
        let of_event = |e: &Event| [Key::Inventory(e.id), Key::Job(completion_job(e))];
        let mut keys: BTreeSet<Key> = page.iter().flat_map(|e| of_event(e)).collect();
        keys.extend(page.iter().filter_map(|e| e.category_id).map(Key::Category));
        let related = walk.load(keys).await?;
        for event in page {
            if let Some(category) = event.category_id {
                *counted.in_category.entry(category).or_default() += 1;
            }
            if matches!(event.state.status(), EventStatus::Draft | EventStatus::Published) {
                *counted.open.entry(event.organizer_id).or_default() += 1;
            }
            event_itself(walk, &event, &related);
        }
    }
    Ok(counted)
}

/// The job that completes an event has the event's id.
const fn completion_job(event: &Event) -> JobId {
    JobId::from_uuid(event.id.uuid())
}

fn event_itself(walk: &mut Walk<'_>, event: &Event, related: &Related) {
    let key = || Key::Event(event.id);
    let report = &mut walk.report;
    let there = related.has::<Inventory>(&event.id);
    report.require(there, "event_inventory", key(), || "it has no inventory".to_owned());
    let there = event.category_id.is_none_or(|id| related.has::<Category>(&id));
    report.require(there, "event_category", key(), || "its category is not there".to_owned());
    let ordered = !matches!((event.starts_at, event.ends_at), (Some(start), Some(end)) if end <= start);
    report.require(ordered, "event_times", key(), || "it ends before it starts".to_owned());
    if event.state.status() == EventStatus::Published {
        let complete = !event.title.is_empty() && event.starts_at.is_some() && event.ends_at.is_some();
        report.require(complete, "event_complete", key(), || {
            "it is published without a title or times".to_owned()
        });
        let there = related.has::<Job>(&completion_job(event));
        report.require(there, "event_completion", key(), || "no job will complete it".to_owned());
    }
}

async fn categories(walk: &mut Walk<'_>, in_category: &HashMap<CategoryId, u32>) -> Result<(), StoreError> {
    let mut pages = Pages::<Category>::new();
    while let Some(page) = pages.next(walk).await? {
        for category in page {
            let events = in_category.get(&category.id).copied().unwrap_or(0);
            let message = || format!("it counts {} events, but has {events}", category.events);
            walk.report.require(category.events == events, "category_events", category.key(), message);
        }
    }
    Ok(())
}

async fn open_events(walk: &mut Walk<'_>, mut counted: HashMap<UserId, u32>) -> Result<(), StoreError> {
    let mut pages = Pages::<OpenEvents>::new();
    while let Some(page) = pages.next(walk).await? {
        for open in page {
            let events = counted.remove(&open.organizer_id).unwrap_or(0);
            let message = || format!("it counts {} events, but there are {events}", open.count);
            walk.report.require(open.count == events, "open_events", Recorded::key(&*open), message);
        }
    }
    for (organizer_id, events) in counted {
        let message = format!("it is not there, but the organizer has {events} events");
        walk.report.find("open_events", Key::OpenEvents(organizer_id), message);
    }
    Ok(())
}

async fn schedules(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<Schedule>::new();
    while let Some(page) = pages.next(walk).await? {
        let keys = page.iter().map(|schedule| Key::Event(schedule.event_id)).collect();
        let related = walk.load(keys).await?;
        for schedule in page {
            let Some(event) = related.get::<Event>(&schedule.event_id) else {
                walk.report.find("schedule_event", schedule.key(), "its event is not there");
                continue;
            };
            let outside = |item: &&ScheduleItem| {
                let early = event.starts_at.is_some_and(|start| item.starts_at < start);
                early || event.ends_at.is_some_and(|end| item.ends_at > end)
            };
            if let Some(item) = schedule.items.iter().find(outside) {
                let message = format!("item {} lies outside of its event", item.id);
                walk.report.find("schedule_within", schedule.key(), message);
            }
            if let Some((one, other)) = first_clash(&schedule.items) {
                let message = format!("items {} and {} are in one room at one time", one.id, other.id);
                walk.report.find("schedule_room", schedule.key(), message);
            }
        }
    }
    Ok(())
}

/// What reminds holders belongs to an event on sale that wants this reminder of this very start, and there is one. Whether a
/// reminder that is not there was sent or forgotten depends on the time, which nobody tells a check.
async fn reminders(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<Job>::new();
    while let Some(page) = pages.next(walk).await? {
        let related =
            walk.load(page.iter().filter_map(|job| reminded(job)).map(Key::Event).collect()).await?;
        for job in page {
            let JobWork::TellHolders { event_id, telling: Telling::Reminder { lead, starts_at }, .. } =
                job.work
            else {
                continue;
            };
            let wanted = related.get::<Event>(&event_id).is_some_and(|event| {
                let on_sale = event.state.status() == EventStatus::Published;
                on_sale && event.starts_at == Some(starts_at) && event.reminders.contains(&lead)
            });
            let only = job.id == reminder_job(event_id, lead);
            walk.report.require(wanted && only, "reminder_job", job.key(), || {
                format!("it reminds of a start of event {event_id} that is not so, or not wanted")
            });
        }
    }
    Ok(())
}

fn reminded(job: &Job) -> Option<EventId> {
    match job.work {
        JobWork::TellHolders { event_id, telling: Telling::Reminder { .. }, .. } => Some(event_id),
        _ => None,
    }
}

/// Announcements are of events that are there, and that count them.
async fn announcements(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<Announcement>::new();
    while let Some(page) = pages.next(walk).await? {
        let keys = page.iter().flat_map(|a| [Key::Event(a.event_id), Key::AnnouncementLog(a.event_id)]);
        let related = walk.load(keys.collect()).await?;
        for said in page {
            let there = related.has::<Event>(&said.event_id);
            walk.report
                .require(there, "announcement_event", said.key(), || "its event is not there".to_owned());
            let counted = related.has::<AnnouncementLog>(&said.event_id);
            let message = || "its event counts no announcements".to_owned();
            walk.report.require(counted, "announcement_log", said.key(), message);
        }
    }
    Ok(())
}

/// Whoever works somewhere works at an event that is there.
async fn staff(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<Staff>::new();
    while let Some(page) = pages.next(walk).await? {
        let related = walk.load(page.iter().map(|staff| Key::Event(staff.event_id)).collect()).await?;
        for staff in page {
            let there = related.has::<Event>(&staff.event_id);
            walk.report.require(there, "staff_event", staff.key(), || "its event is not there".to_owned());
        }
    }
    Ok(())
}

fn first_clash(items: &[ScheduleItem]) -> Option<(&ScheduleItem, &ScheduleItem)> {
    items.iter().enumerate().find_map(|(nth, item)| {
        let later = items.iter().skip(nth + 1);
        later.clone().find(|other| item.clashes_with(other)).map(|other| (item, other))
    })
}
