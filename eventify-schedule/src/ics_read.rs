//! Reads iCalendar, [RFC 5545](https://www.rfc-editor.org/rfc/rfc5545), as calendars and conference tools write it.
//!
//! Each `VEVENT` becomes an entry: `SUMMARY` its title, `LOCATION` its room, `UID` (with `RECURRENCE-ID`) its id.
//! Speakers are those of [`write_ics`](crate::write_ics), and attendees whose `ROLE` is `CHAIR` or `SPEAKER`; other
//! attendees and the organizer do not speak. Repeating events are not expanded: the first occurrence is imported.
//!
//! Local times are those of `TZID` (an IANA name, or an id that `X-LIC-LOCATION` explains), else of
//! `X-WR-TIMEZONE`, else of the hint, else of the first zone that an entry names.

use jiff::Timestamp;

use crate::{
    clock::{Clock, Fault},
    collect::{Candidate, Collector, Frame, Span},
    content_line::{ContentLine, Line, name_of, unfold},
    error::ScheduleError,
    ics_text::{EVENT_MARK, SPEAKER, without_speakers},
    ics_time::{DateValue, Zones},
    limits::{DEPTH_MAX, ENTRIES_MAX, LINE_BYTES_MAX, SPEAKERS_MAX},
    model::{Format, Hints, Programme},
    problem::{Position, ProblemCode},
};

/// Reads a file that begins with `BEGIN:VCALENDAR`.
pub(crate) fn read(bytes: &[u8], hints: &Hints) -> Result<Programme, ScheduleError> {
    let clock = Clock::from_hint(hints.time_zone.as_deref())?;
    let mut reading = Reading::default();
    for line in unfold(bytes) {
        reading.line(line)?;
    }
    reading.finish(clock, hints)
}

/// One `VEVENT` as it is written.
#[derive(Default)]
struct RawEvent {
    line: usize,
    candidate: Candidate,
    start: Option<DateValue>,
    end: Option<DateValue>,
    duration: Option<String>,
    recurrence_id: Option<DateValue>,
    is_cancelled: bool,
    is_recurring: bool,
    /// Its description begins with the speakers, as [`write_ics`](crate::write_ics) writes it.
    has_speakers_in_text: bool,
    /// It is the conference itself, as [`write_ics`](crate::write_ics) marks it.
    is_frame: bool,
}

#[derive(Default)]
struct Reading {
    collector: Collector,
    /// The components that are open, outermost first.
    open: Vec<String>,
    frame: Frame,
    zones: Zones,
    zone_name: Option<String>,
    event: Option<RawEvent>,
    events: Vec<RawEvent>,
}

impl Reading {
    fn line(&mut self, line: ContentLine) -> Result<(), ScheduleError> {
        let position = at(line.line);
        let text = String::from_utf8(line.bytes)
            .map_err(|_| ScheduleError::NotUtf8 { position: position.clone() })?;
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return Ok(());
        }
        let Some(name) = name_of(text) else {
            self.unreadable(position);
            return Ok(());
        };
        match name.as_str() {
            "BEGIN" => self.begin(text, line.line),
            "END" => self.end(text, line.line),
            _ => {
                self.property(&name, text, line.line);
                Ok(())
            }
        }
    }

    fn begin(&mut self, text: &str, line: usize) -> Result<(), ScheduleError> {
        let component = component_of(text);
        if self.open.len() >= DEPTH_MAX {
            return Err(ScheduleError::TooDeep { position: at(line) });
        }
        // Nothing nests inside an event but alarms; a second one means that the first was never closed.
        if component == "VEVENT" {
            self.drop_unfinished();
            self.event = Some(RawEvent { line, ..RawEvent::default() });
        }
        self.open.push(component);
        Ok(())
    }

    fn end(&mut self, text: &str, line: usize) -> Result<(), ScheduleError> {
        let component = component_of(text);
        let Some(depth) = self.open.iter().rposition(|open| *open == component) else {
            self.unreadable(at(line));
            return Ok(());
        };
        self.open.truncate(depth);
        if component == "VEVENT" {
            self.events.extend(self.event.take());
            // One more than is imported, because one may be the conference itself.
            if self.events.len() > ENTRIES_MAX + 1 {
                return Err(ScheduleError::TooManyEntries);
            }
        }
        Ok(())
    }

    /// Takes in a property of the calendar, a time zone or an event; others are not needed.
    fn property(&mut self, name: &str, text: &str, line: usize) {
        let is_needed = match self.open.last().map(String::as_str) {
            Some("VCALENDAR") => CALENDAR_PROPERTIES.contains(&name),
            Some("VTIMEZONE") => matches!(name, "TZID" | "X-LIC-LOCATION"),
            Some("VEVENT") => EVENT_PROPERTIES.contains(&name),
            _ => false,
        };
        if !is_needed {
            return;
        }
        let property = if text.len() <= LINE_BYTES_MAX { Line::parse(name, text) } else { None };
        let Some(property) = property else {
            self.unreadable(at(line));
            return;
        };
        match (&mut self.event, self.open.last().map(String::as_str)) {
            (_, Some("VTIMEZONE")) => self.zones.define(name, &property.value),
            (Some(event), Some("VEVENT")) => event.take(name, property),
            (_, Some("VCALENDAR")) => self.take_calendar(name, property.value),
            _ => {}
        }
    }

    fn take_calendar(&mut self, name: &str, value: String) {
        let field = match name {
            "X-WR-CALNAME" | "NAME" => &mut self.frame.title,
            "X-WR-CALDESC" => &mut self.frame.description,
            "X-WR-TIMEZONE" => &mut self.zone_name,
            _ => &mut self.frame.url,
        };
        // The first wins, and a file may hold several calendars.
        if field.is_none() && !value.trim().is_empty() {
            *field = Some(value);
        }
    }

    fn unreadable(&mut self, position: Position) {
        let fault = Fault::new(
            ProblemCode::BadStructure,
            "not a readable iCalendar line, or too long a one; it was passed over",
        );
        self.collector.warn(position, None, fault);
    }

    fn drop_unfinished(&mut self) {
        if let Some(event) = self.event.take() {
            let fault = Fault::new(ProblemCode::BadStructure, "its END:VEVENT is missing");
            self.collector.skip(at(event.line), event.candidate.name(), fault);
        }
    }

    fn finish(mut self, mut clock: Clock, hints: &Hints) -> Result<Programme, ScheduleError> {
        self.drop_unfinished();
        if let Some(fault) = self.zone_name.as_deref().and_then(|name| clock.set_zone(name)) {
            self.collector.warn(Position::File, None, fault);
        }
        // A calendar that names no zone of its own is meant in that of its entries.
        if clock.zone_name().is_none() {
            let mut starts = self.events.iter().filter_map(|event| event.start.as_ref());
            if let Some(name) = starts.find_map(|start| self.zones.zone_name_of(start)) {
                // The name was just found in the database.
                clock.set_zone(&name);
            }
        }
        let replaced = self.replaced_first_occurrences(&clock);
        let mut has_frame = false;
        for event in std::mem::take(&mut self.events) {
            // Of several calendars in one file, the first is the conference, and the others are part of it.
            if event.is_frame && !has_frame {
                has_frame = true;
                self.take_frame(event, &clock);
            } else {
                self.take_entry(event, &clock, &replaced)?;
            }
        }
        for (fault, line) in self.zones.unknown() {
            self.collector.warn(at(line), None, fault);
        }
        Ok(self.collector.finish(Format::ICalendar, self.frame, &clock, hints))
    }

    /// UID and instant of the occurrences that have a `VEVENT` of their own.
    fn replaced_first_occurrences(&mut self, clock: &Clock) -> Vec<(String, Timestamp)> {
        let mut replaced = Vec::new();
        for event in &self.events {
            let id =
                event.recurrence_id.as_ref().and_then(|id| self.zones.resolve(id, clock, event.line).ok());
            if let (Some((resolved, _)), Some(uid)) = (id, &event.candidate.source_id) {
                replaced.push((uid.clone(), resolved.at));
            }
        }
        replaced.sort_unstable();
        replaced
    }

    fn take_entry(
        &mut self,
        mut event: RawEvent,
        clock: &Clock,
        replaced: &[(String, Timestamp)],
    ) -> Result<(), ScheduleError> {
        let span = event.span(&mut self.zones, clock);
        let position = at(event.line);
        let name = event.candidate.name();
        if event.is_cancelled {
            self.collector.skip(position, name, Fault::new(ProblemCode::Cancelled, "it is cancelled"));
            return Ok(());
        }
        if event.is_recurring {
            let first = span.as_ref().ok().zip(event.candidate.source_id.clone());
            let first = first.map(|(span, uid)| (uid, span.starts_at));
            if first.is_some_and(|first| replaced.binary_search(&first).is_ok()) {
                let message = "it repeats, and its first occurrence is replaced by another entry";
                self.collector.skip(position, name, Fault::new(ProblemCode::Recurring, message));
                return Ok(());
            }
            let fault =
                Fault::new(ProblemCode::Recurring, "it repeats; only its first occurrence was imported");
            self.collector.warn(position.clone(), Some(name), fault);
        }
        if let (Some(uid), Some(recurrence)) = (&mut event.candidate.source_id, &event.recurrence_id) {
            uid.push('#');
            uid.push_str(&recurrence.value);
        }
        if event.has_speakers_in_text {
            let candidate = &mut event.candidate;
            let description = candidate.description.take();
            candidate.description = description.map(|text| without_speakers(&candidate.speakers, text));
        }
        self.collector.add(position, event.candidate, span)
    }

    fn take_frame(&mut self, event: RawEvent, clock: &Clock) {
        let span = event.span(&mut self.zones, clock).ok();
        self.frame.bounds = span.map(|span| (span.starts_at, span.ends_at));
        let frame = event.candidate;
        self.frame.title = frame.title.or(self.frame.title.take());
        self.frame.description = frame.description.or(self.frame.description.take());
        self.frame.url = frame.url.or(self.frame.url.take());
        self.frame.venue = frame.room;
    }
}

const CALENDAR_PROPERTIES: &[&str] = &["X-WR-CALNAME", "NAME", "X-WR-CALDESC", "X-WR-TIMEZONE", "URL"];

const EVENT_PROPERTIES: &[&str] = &[
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "URL",
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RECURRENCE-ID",
    "RRULE",
    "RDATE",
    "STATUS",
    "ATTENDEE",
    SPEAKER,
    EVENT_MARK,
];

impl RawEvent {
    fn take(&mut self, name: &str, property: Line) {
        let candidate = &mut self.candidate;
        match name {
            "DTSTART" => self.start = Some(DateValue::new(&property)),
            "DTEND" => self.end = Some(DateValue::new(&property)),
            "RECURRENCE-ID" => self.recurrence_id = Some(DateValue::new(&property)),
            "DURATION" => self.duration = Some(property.value),
            "RRULE" | "RDATE" => self.is_recurring = true,
            "STATUS" => self.is_cancelled = property.value.trim().eq_ignore_ascii_case("CANCELLED"),
            "ATTENDEE" => {
                let role = property.parameter("ROLE").unwrap_or_default();
                if role.eq_ignore_ascii_case("CHAIR") || role.eq_ignore_ascii_case("SPEAKER") {
                    let name = property.parameter("CN").map(str::to_owned);
                    self.add_speaker(name);
                }
            }
            "SUMMARY" => keep_first(&mut candidate.title, property.value),
            "DESCRIPTION" => keep_first(&mut candidate.description, property.value),
            "LOCATION" => keep_first(&mut candidate.room, property.value),
            "URL" => keep_first(&mut candidate.url, property.value),
            "UID" => keep_first(&mut candidate.source_id, property.value),
            SPEAKER => {
                self.has_speakers_in_text = true;
                self.add_speaker(Some(property.value));
            }
            EVENT_MARK => self.is_frame = true,
            _ => {}
        }
    }

    fn span(&self, zones: &mut Zones, clock: &Clock) -> Result<Span, Fault> {
        let (start, end) = (self.start.as_ref(), self.end.as_ref());
        zones.span(start, end, self.duration.as_deref(), clock, self.line)
    }

    fn add_speaker(&mut self, name: Option<String>) {
        // One more than is kept, so that the excess is noticed.
        if self.candidate.speakers.len() <= SPEAKERS_MAX {
            self.candidate.speakers.extend(name);
        }
    }
}

fn keep_first(field: &mut Option<String>, value: String) {
    if field.is_none() && !value.trim().is_empty() {
        *field = Some(value);
    }
}

fn component_of(text: &str) -> String {
    text.split_once(':').map(|(_, name)| name.trim().to_ascii_uppercase()).unwrap_or_default()
}

fn at(line: usize) -> Position {
    Position::Line { line, column: 1 }
}
