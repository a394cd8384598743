//! frab/pretalx `schedule.json`: the XML's content with rooms as an object of arrays.
//!
//! ```json
//! {"schedule": {"conference": {"title": "…", "acronym": "…", "time_zone_name": "Europe/Berlin", "days": [
//!     {"date": "2026-12-27", "day_start": "…", "day_end": "…", "rooms": {"Saal 1": [
//!         {"guid": "…", "id": 1, "date": "2026-12-27T11:00:00+01:00", "start": "11:00", "duration": "00:30",
//!          "title": "…", "persons": [{"public_name": "…"}]}]}}]}}}
//! ```
//!
//! The second version has no rooms in its days: `events`, an array beside `conference`, holds all entries, each with
//! `start` and `end` as full timestamps and `room` as an object with a `name`.
//!
//! Source: the JSON schemas of the
//! [first](https://github.com/voc/schedule/blob/master/validator/json/schema.json) and the
//! [second](https://github.com/voc/schedule/blob/master/validator/json/schema2.json) version in voc/schedule.

use serde_json::value::RawValue;

use crate::{
    clock::Fault,
    collect::{Candidate, Collector, Frame},
    error::ScheduleError,
    frab::{Day, Schedule, Talk},
    json::{Object, items_of, pointer, text_of},
    limits::{DAYS_MAX, ENTRIES_MAX, MEMBERS_MAX, SPEAKERS_MAX},
    model::{Format, Hints, Programme},
    problem::{EntryName, Position, ProblemCode},
    text::LineCursor,
};

/// Reads a document that should be an object with a `schedule`.
pub(crate) fn read(text: &str, hints: &Hints) -> Result<Programme, ScheduleError> {
    let root: &RawValue = serde_json::from_str(text).map_err(|error| malformed(text, &error))?;
    let root = Object::of(root).ok_or(ScheduleError::UnknownFormat)?;
    // Some tools leave the outermost object away.
    let (schedule, path) = match root.object("schedule") {
        Some(schedule) => (schedule, "/schedule"),
        None => (root, ""),
    };
    let conference = schedule.object("conference").ok_or(ScheduleError::UnknownFormat)?;
    let mut reading = Reading::default();
    read_conference(&schedule, &conference, &mut reading.schedule);
    if let Some(events) = schedule.get("events") {
        let mut day = Day::default();
        reading.events(events, "", &pointer(path, "events"), &mut day)?;
        reading.schedule.add_day(day)?;
    }
    let path = format!("{path}/conference/days");
    match conference.get("days").map(items_of) {
        Some(Some(days)) if days.len() > DAYS_MAX => return Err(ScheduleError::TooManyEntries),
        Some(Some(days)) => {
            for (index, day) in days.into_iter().enumerate() {
                reading.day(day, &format!("{path}/{index}"))?;
            }
        }
        Some(None) => reading.bad_structure(&path, "an array of days"),
        None => {}
    }
    reading.schedule.interpret(Format::FrabJson, reading.collector, hints)
}

fn malformed(text: &str, error: &serde_json::Error) -> ScheduleError {
    // serde_json counts columns in bytes.
    let lines_before = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let offset = lines_before.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
    let position = LineCursor::new(text.as_bytes()).at(offset.min(text.len()));
    // Its message ends in its own idea of the place.
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    ScheduleError::Malformed { format: Format::FrabJson, position, message }
}

fn read_conference(outer: &Object<'_>, conference: &Object<'_>, schedule: &mut Schedule) {
    schedule.frame = Frame {
        title: conference.text("title"),
        acronym: conference.text("acronym"),
        description: conference.text("description"),
        venue: conference.text("venue"),
        city: conference.text("city"),
        url: conference.text("url").or_else(|| outer.text("url")).or_else(|| outer.text("base_url")),
        bounds: None,
    };
    schedule.time_zone_name = conference.text("time_zone_name");
    schedule.start = conference.text("start");
    schedule.end = conference.text("end");
    schedule.day_change = conference.text("day_change");
}

#[derive(Default)]
struct Reading {
    schedule: Schedule,
    collector: Collector,
}

impl Reading {
    fn day(&mut self, value: &RawValue, path: &str) -> Result<(), ScheduleError> {
        let Some(object) = Object::of(value) else {
            self.bad_structure(path, "an object, a day");
            return Ok(());
        };
        let mut day = Day {
            date: object.text("date"),
            start: object.text("day_start"),
            end: object.text("day_end"),
            talks: Vec::new(),
        };
        if let Some(rooms) = object.get("rooms") {
            self.rooms(rooms, &pointer(path, "rooms"), &mut day)?;
        }
        self.schedule.add_day(day)
    }

    fn rooms(&mut self, value: &RawValue, path: &str, day: &mut Day) -> Result<(), ScheduleError> {
        let Some(rooms) = Object::of(value) else {
            // An empty object comes as an empty array from languages that do not tell them apart.
            if items_of(value).is_none_or(|items| !items.is_empty()) {
                self.bad_structure(path, &format!("an object with at most {MEMBERS_MAX} rooms"));
            }
            return Ok(());
        };
        for (room, value) in rooms.members() {
            self.events(value, room, &pointer(path, room), day)?;
        }
        Ok(())
    }

    fn events(
        &mut self,
        value: &RawValue,
        room: &str,
        path: &str,
        day: &mut Day,
    ) -> Result<(), ScheduleError> {
        let Some(events) = items_of(value) else {
            self.bad_structure(path, "an array of entries");
            return Ok(());
        };
        if day.talks.len() + events.len() > ENTRIES_MAX {
            return Err(ScheduleError::TooManyEntries);
        }
        for (index, event) in events.into_iter().enumerate() {
            let position = Position::Pointer(format!("{path}/{index}"));
            match Object::of(event) {
                Some(event) => day.talks.push(talk(&event, room, position)),
                None => {
                    let fault = Fault::new(ProblemCode::BadStructure, "expected an object, an entry");
                    self.collector.skip(position, EntryName::default(), fault);
                }
            }
        }
        Ok(())
    }

    fn bad_structure(&mut self, path: &str, expected: &str) {
        let fault = Fault::new(ProblemCode::BadStructure, format!("expected {expected}; it was passed over"));
        self.collector.warn(Position::Pointer(path.to_owned()), None, fault);
    }
}

fn talk(event: &Object<'_>, room: &str, position: Position) -> Talk {
    let own_room = || event.text("room").or_else(|| event.object("room")?.text("name"));
    let candidate = Candidate {
        source_id: event.text("guid").or_else(|| event.text("id")),
        title: event.text("title"),
        subtitle: event.text("subtitle"),
        abstract_text: event.text("abstract"),
        description: event.text("description"),
        speakers: event.get("persons").map(speakers).unwrap_or_default(),
        room: Some(room.to_owned()).filter(|room| !room.trim().is_empty()).or_else(own_room),
        url: event.text("url"),
    };
    Talk {
        position,
        candidate,
        date: event.text("date"),
        start: event.text("start"),
        duration: event.text("duration"),
        end: event.text("end"),
    }
}

/// frab writes `public_name` or `full_public_name`, pretalx `public_name`, newer files `name`; some write plain texts.
fn speakers(persons: &RawValue) -> Vec<String> {
    let persons = items_of(persons).unwrap_or_default();
    // One more than is kept, so that the excess is noticed.
    let persons = persons.into_iter().take(SPEAKERS_MAX + 1);
    let name = |person: &RawValue| match Object::of(person) {
        Some(person) => ["public_name", "name", "full_public_name"].iter().find_map(|key| person.text(key)),
        None => text_of(person),
    };
    persons.filter_map(name).collect()
}
