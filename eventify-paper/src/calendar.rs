//! Events and tickets as calendars (iCalendar, RFC 5545).
//!
//! All instants are in UTC, which every calendar shows right in its owner's time zone, also across a change of the clocks:
//! an entry that happens once needs no rules of a zone.

use eventify_core::Timestamp;
use eventify_core::event::{EventStatus, EventView};
use eventify_core::text::Speaker;
use eventify_core::ticket::TicketPaper;
use eventify_schedule::{IcsEvent, write_ics};

/// An event's entry, its programme left out; `None` while it has no times.
#[must_use]
pub fn event_entry(event: &EventView) -> Option<IcsEvent> {
    Some(IcsEvent {
        uid: format!("{}@eventify", event.id),
        title: if event.title.is_empty() { event.id.to_string() } else { event.title.clone() },
        description: Some(event.description.clone()).filter(|text| !text.is_empty()),
        venue: place(event.venue.as_deref(), event.city.as_deref()),
        url: None,
        starts_at: event.starts_at?.to_jiff(),
        ends_at: event.ends_at?.to_jiff(),
        time_zone: Some(event.time_zone.to_string()),
        is_cancelled: event.status == EventStatus::Cancelled,
        revision: revision(event.created_at, event.updated_at),
        entries: Vec::new(),
    })
}

/// The calendar of an event; `None` while it has no times. The last change is when it was written, not the present: an
/// unchanged event gives the same bytes.
#[must_use]
pub fn event_ics(event: &EventView) -> Option<String> {
    event_entry(event).map(|entry| write_ics(&entry, event.updated_at.to_jiff()))
}

/// The calendar of a ticket: when and where its event is, and its seat. None of its codes are in it: calendars are shared. A
/// void one is an entry that is cancelled.
#[must_use]
pub fn ticket_ics(paper: &TicketPaper, speaker: Speaker<'_>) -> String {
    let entry = entry(paper, &paper.ticket.id.to_string(), said(paper, speaker).join("\n"));
    write_ics(&entry, paper.updated_at.to_jiff())
}

/// The calendar of tickets that were bought together: one entry, however many they are, as [`ticket_ics`] for a single one;
/// `None` when there are none.
#[must_use]
pub fn booking_ics(papers: &[TicketPaper], speaker: Speaker<'_>) -> Option<String> {
    let (first, more) = papers.split_first()?;
    if more.is_empty() {
        return Some(ticket_ics(first, speaker));
    }
    let lines: Vec<String> = papers.iter().map(|paper| said(paper, speaker).join(", ")).collect();
    let entry = entry(first, &first.ticket.booking_id.to_string(), lines.join("\n"));
    Some(write_ics(&entry, first.updated_at.to_jiff()))
}

/// What a ticket lets one in to.
fn said(paper: &TicketPaper, speaker: Speaker<'_>) -> Vec<String> {
    let seat =
        paper.ticket.seat.as_ref().map(|seat| speaker.seat(&seat.section, &seat.row, seat.seat.number));
    [Some(paper.ticket_type.clone()), seat].into_iter().flatten().collect()
}

fn entry(paper: &TicketPaper, id: &str, said: String) -> IcsEvent {
    IcsEvent {
        uid: format!("{id}@eventify"),
        title: paper.title.clone(),
        description: Some(said),
        venue: place(paper.venue.as_deref(), paper.city.as_deref()),
        url: None,
        starts_at: paper.starts_at.to_jiff(),
        ends_at: paper.ends_at.to_jiff(),
        time_zone: Some(paper.time_zone.to_string()),
        is_cancelled: paper.is_void(),
        revision: revision(paper.created_at, paper.updated_at),
        entries: Vec::new(),
    }
}

fn place(venue: Option<&str>, city: Option<&str>) -> Option<String> {
    let place: Vec<&str> = [venue, city].into_iter().flatten().collect();
    Some(place.join(", ")).filter(|text| !text.is_empty())
}

/// Calendars take an entry for newer than theirs when its number is larger. The seconds between making and the last change
/// grow with every change, without anybody counting.
fn revision(created_at: Timestamp, updated_at: Timestamp) -> u32 {
    u32::try_from(updated_at.since(created_at).as_secs()).unwrap_or(u32::MAX)
}
