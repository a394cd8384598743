//! Making an event of a programme that was published elsewhere.

mod find;
mod items;

use std::io::Read;
use std::path::Path;

use data_encoding::BASE64;
use eventify_core::event::{CreateEvent, EventView, ImportReport, UpdateEvent};
use eventify_core::{
    Actor, Change, EventId, Eventify, IfMatch, Reason, Role, TimeZoneName, Timestamp, UserId,
};
use eventify_schedule::limits::FILE_BYTES_MAX;
use eventify_schedule::{Hints, ProblemCode, Programme, parse};
use serde::{Deserialize, Serialize};

use self::items::cut;
use super::args::ImportScheduleArgs;
use super::exit::Failure;
use super::out::{Out, inline};
use super::task::{Office, Task};

/// A programme's file, and what the operator says about it.
#[derive(Serialize, Deserialize)]
pub(crate) struct ScheduleFile {
    /// How messages call it.
    name: String,
    /// The file, in base 64: it may be anything.
    base64: String,
    organizer: String,
    event: Option<EventId>,
    time_zone: Option<TimeZoneName>,
    title: Option<String>,
    venue: Option<String>,
    city: Option<String>,
}

/// Reads the file here, whoever takes it over.
pub(crate) fn task(args: ImportScheduleArgs, _out: &dyn Out) -> Result<Task, Failure> {
    let name = match args.file.as_os_str().to_str() {
        Some("-") => "standard input".to_owned(),
        _ => args.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
    };
    let bytes =
        read(&args.file).map_err(|error| Failure::refused(format!("{}: {error}", args.file.display())))?;
    Ok(Task::ImportSchedule(Box::new(ScheduleFile {
        name,
        base64: BASE64.encode(&bytes),
        organizer: args.organizer,
        event: args.event,
        time_zone: args.time_zone,
        title: args.title,
        venue: args.venue,
        city: args.city,
    })))
}

/// At most one byte more than may be parsed: enough to be told that it is too much.
fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let most = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(file)?.take(most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// An import under way.
struct Import<'a> {
    eventify: &'a Eventify,
    file: &'a ScheduleFile,
    programme: &'a Programme,
    actor: Actor,
    organizer: UserId,
    /// From the first entry's start, or the conference's, to the last end.
    starts_at: Timestamp,
    ends_at: Timestamp,
    out: &'a dyn Out,
}

/// Takes a programme over: into the event that it was taken into before, or a new draft.
pub(crate) async fn import(office: &Office, file: &ScheduleFile, out: &dyn Out) -> Result<(), Failure> {
    let organizer = office.store.user(&file.organizer).await?.ok_or_else(|| {
        Failure::refused(format!("nobody is registered as {} (user_not_found)", inline(&file.organizer)))
            .hint("the organizer registers first: POST /api/auth/register")
    })?;
    let programme = understand(file, out)?;
    let (Some(starts_at), Some(ends_at)) = (
        programme.starts_at.and_then(|at| Timestamp::from_jiff(at).ok()),
        programme.ends_at.and_then(|at| Timestamp::from_jiff(at).ok()),
    ) else {
        return Err(nothing(file, "it has no dates between the years 1 and 9999"));
    };
    if organizer.role == Role::Attendee {
        out.note("note: the account is an attendee's; to make events itself, it becomes an organizer first");
    }
    let import = Import {
        eventify: office.engine().await?,
        file,
        programme: &programme,
        actor: Actor::system(),
        organizer: organizer.id,
        starts_at,
        ends_at,
        out,
    };
    let found = match file.event {
        Some(id) => Some(import.named(id).await?),
        None => import.find(&office.store).await?,
    };
    let (event, report) = match found {
        Some(event) => import.update(event).await?,
        None => import.create().await?,
    };
    import.tell(&event, &report)
}

/// Parses the file and tells what is wrong with it.
fn understand(file: &ScheduleFile, out: &dyn Out) -> Result<Programme, Failure> {
    let bytes = BASE64
        .decode(file.base64.as_bytes())
        .map_err(|error| Failure::refused(format!("the file was damaged on its way: {error}")))?;
    let hints =
        Hints { time_zone: file.time_zone.as_ref().map(ToString::to_string), title: file.title.clone() };
    let programme =
        parse(&bytes, &hints).map_err(|error| nothing(file, &format!("{error} ({})", error.code())))?;
    for problem in &programme.problems {
        // Which of two entries in one room stays is decided later, and told then.
        if problem.code != ProblemCode::Overlap {
            out.note(&format!("{}: {}", inline(&file.name), inline(&problem.to_string())));
        }
    }
    if programme.problems_left_out > 0 {
        out.note(&format!("{}: {} more problems", inline(&file.name), programme.problems_left_out));
    }
    if programme.entries.is_empty() {
        return Err(nothing(file, "it has no entry that could be taken over"));
    }
    Ok(programme)
}

fn nothing(file: &ScheduleFile, why: &str) -> Failure {
    Failure::refused(format!("nothing was imported from {}: {}", inline(&file.name), inline(why)))
}

impl Import<'_> {
    fn title(&self) -> String {
        let title = self.file.title.as_deref().unwrap_or(&self.programme.title);
        cut("title", title, 200, self.out)
    }

    async fn create(&self) -> Result<(EventView, ImportReport), Failure> {
        let text = |own: &Option<String>, read: &Option<String>, field: &str, max: usize| {
            own.as_ref().or(read.as_ref()).map(|text| cut(field, text, max, self.out))
        };
        let read_zone = self.programme.time_zone.as_deref().and_then(|zone| zone.parse().ok());
        let time_zone = self.file.time_zone.clone().or(read_zone);
        if time_zone.is_none() {
            self.out
                .note("note: the file names no time zone, so the event's is UTC; --time-zone names another");
        }
        let request = CreateEvent {
            title: Some(self.title()),
            description: text(&None, &self.programme.description, "description", 20_000),
            venue: text(&self.file.venue, &self.programme.venue, "venue", 200),
            city: text(&self.file.city, &self.programme.city, "city", 100),
            starts_at: Some(self.starts_at),
            ends_at: Some(self.ends_at),
            time_zone,
            ..CreateEvent::default()
        };
        let made = self.eventify.events().create_for(&self.actor, self.organizer, request).await?;
        let event = made.into_inner();
        let report = self.take_over(event.id).await?;
        Ok((event, report))
    }

    /// Brings an event up to date: its schedule, its times, and what the operator names. The rest of it belongs to the
    /// organizer, who may have put it better.
    async fn update(&self, event: EventView) -> Result<(EventView, ImportReport), Failure> {
        let old = (event.starts_at.unwrap_or(self.starts_at), event.ends_at.unwrap_or(self.ends_at));
        let new = (self.starts_at, self.ends_at);
        // The schedule lies within the event at every moment, so the event has room for both first.
        let both = (old.0.min(new.0), old.1.max(new.1));
        self.change(&event, both).await?;
        let report = self.take_over(event.id).await?;
        let current = self.eventify.events().get(&self.actor, event.id).await?.into_inner();
        match self.change(&current, new).await {
            Ok(()) => {}
            Err(error) if error.reason() == Reason::ScheduleConflict => {
                self.out.note("note: entries that were added by hand lie outside of the programme's times; the event keeps its own");
            }
            Err(error) => return Err(error.into()),
        }
        let event = self.eventify.events().get(&self.actor, event.id).await?.into_inner();
        Ok((event, report))
    }

    async fn change(
        &self,
        event: &EventView,
        (starts_at, ends_at): (Timestamp, Timestamp),
    ) -> Result<(), eventify_core::Error> {
        let differs = |new: &Option<String>, old: Option<&str>| {
            new.as_deref().filter(|new| Some(*new) != old).map(str::to_owned)
        };
        let file = self.file;
        let request = UpdateEvent {
            title: differs(&file.title, Some(&event.title)),
            venue: differs(&file.venue, event.venue.as_deref()).map(Change::To),
            city: differs(&file.city, event.city.as_deref()).map(Change::To),
            time_zone: file.time_zone.clone().filter(|zone| *zone != event.time_zone),
            starts_at: Some(starts_at).filter(|at| event.starts_at != Some(*at)),
            ends_at: Some(ends_at).filter(|at| event.ends_at != Some(*at)),
            ..UpdateEvent::default()
        };
        // Holders are told of a change, so there must be one.
        let nothing = request.title.is_none()
            && request.venue.is_none()
            && request.city.is_none()
            && request.time_zone.is_none()
            && request.starts_at.is_none()
            && request.ends_at.is_none();
        if nothing {
            return Ok(());
        }
        self.eventify.events().update(&self.actor, event.id, request, IfMatch::Any).await.map(drop)
    }

    async fn take_over(&self, event: EventId) -> Result<ImportReport, Failure> {
        let items = items::of(self.programme, self.out);
        Ok(self.eventify.events().import_schedule(&self.actor, event, items).await?)
    }

    fn tell(&self, event: &EventView, report: &ImportReport) -> Result<(), Failure> {
        let entries = &self.programme.entries;
        for (source_id, why) in &report.skipped {
            let entry = entries.iter().find(|entry| entry.source_id == *source_id);
            let place =
                entry.map_or_else(String::new, |entry| format!("{}: “{}”", entry.position, entry.title));
            let line = format!("{}: {place} ({source_id}): {why} (skipped)", self.file.name);
            self.out.note(&inline(&line));
        }
        let ImportReport { added, updated, unchanged, removed, .. } = report;
        let skipped = self.programme.entries_skipped + report.skipped.len();
        let times = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.to_string());
        self.out.line(&format!(
            "“{}”: {} to {}, {} ({}).",
            inline(&event.title),
            times(event.starts_at),
            times(event.ends_at),
            event.time_zone,
            self.programme.format,
        ));
        self.out.line(&format!(
            "imported event={} added={added} updated={updated} unchanged={unchanged} removed={removed} skipped={skipped}",
            event.id
        ));
        if added + updated + unchanged == 0 {
            return Err(nothing(self.file, "every entry was left out"));
        }
        Ok(())
    }
}
