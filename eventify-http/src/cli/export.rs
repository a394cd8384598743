//! Writing an event as a calendar.

use eventify_core::event::ScheduleItemView;
use eventify_core::{Actor, EventId, Eventify, PageRequest};
use eventify_paper::event_entry;
use eventify_schedule::{IcsEntry, IcsEvent, write_ics};

use super::args::ExportArgs;
use super::exit::Failure;
use super::out::{self, Out, Terminal};
use super::store::Missing;
use super::task::{self, Task};

/// Writes the calendar where it is wanted.
pub(crate) fn export(args: &ExportArgs) -> Result<(), Failure> {
    let task = Task::ExportIcs { event: args.event };
    let done = super::block_on(task::perform(&args.store.url()?, Missing::Refuse, &task, &Terminal))?;
    let calendar = done.ok_or_else(|| Failure::refused("no calendar was made"))?;
    match &args.output {
        None => out::raw(&calendar).map_err(|error| Failure::refused(format!("standard output: {error}"))),
        Some(file) => {
            std::fs::write(file, &calendar)
                .map_err(|error| Failure::refused(format!("{}: {error}", file.display())))?;
            Terminal.line(&format!("Wrote {}.", file.display()));
            Ok(())
        }
    }
}

/// The calendar of an event: the event itself, and an entry for everything in its schedule.
pub(crate) async fn ics(eventify: &Eventify, id: EventId) -> Result<String, Failure> {
    let actor = Actor::system();
    let event = eventify.events().get(&actor, id).await?.into_inner();
    let Some(whole) = event_entry(&event) else {
        return Err(Failure::refused("the event has no start and end yet, so it has no place in a calendar"));
    };
    let mut entries = Vec::new();
    let mut page = PageRequest::first(100);
    loop {
        let found = eventify.events().schedule(&actor, id, &page).await?;
        entries.extend(found.data.iter().map(entry));
        match found.next_cursor {
            Some(cursor) => page = PageRequest::after(cursor, 100),
            None => break,
        }
    }
    let calendar = IcsEvent { entries, ..whole };
    // The last change, not the present: an unchanged event gives the same bytes.
    Ok(write_ics(&calendar, event.updated_at.to_jiff()))
}

fn entry(item: &ScheduleItemView) -> IcsEntry {
    IcsEntry {
        uid: format!("{}@eventify", item.id),
        title: item.activity_name.clone(),
        description: None,
        speakers: item.speaker.iter().cloned().collect(),
        room: item.room.clone(),
        url: None,
        starts_at: item.starts_at.to_jiff(),
        ends_at: item.ends_at.to_jiff(),
    }
}
