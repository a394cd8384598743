//! frab/pentabarf `schedule.xml`:
//!
//! ```xml
//! <schedule>
//!   <conference><title>…</title><acronym>…</acronym><time_zone_name>Europe/Berlin</time_zone_name>…</conference>
//!   <day date="2026-12-27" start="2026-12-27T11:00:00+01:00" end="2026-12-28T04:00:00+01:00">
//!     <room name="Saal 1">
//!       <event guid="…" id="1">
//!         <date>2026-12-27T11:00:00+01:00</date><start>11:00</start><duration>00:30</duration>
//!         <title>…</title><persons><person>…</person></persons>…
//! ```
//!
//! Source: the [XSD](https://github.com/voc/schedule/blob/master/validator/xsd/schedule.xml.xsd) in voc/schedule, and
//! for older files the exports of frab and Pentabarf.

use crate::{
    collect::{Candidate, Collector, Frame},
    error::ScheduleError,
    frab::{Day, Schedule, Talk},
    limits::ENTRIES_MAX,
    model::{Format, Hints, Programme},
    xml::{Element, Tag, XmlReader},
};

/// Reads a document whose first element should be `<schedule>`.
pub(crate) fn read(text: &str, hints: &Hints) -> Result<Programme, ScheduleError> {
    let mut xml = XmlReader::new(text);
    match xml.next_child()? {
        Some(root) if root.name == "schedule" => {}
        _ => return Err(ScheduleError::UnknownFormat),
    }
    let mut schedule = Schedule::default();
    while let Some(tag) = xml.next_child()? {
        match tag.name.as_str() {
            "conference" => read_conference(&xml.read_element(tag)?, &mut schedule),
            "day" => {
                let day = read_day(&mut xml, &tag)?;
                schedule.add_day(day)?;
            }
            _ => xml.skip_element()?,
        }
    }
    schedule.interpret(Format::FrabXml, Collector::default(), hints)
}

fn read_conference(conference: &Element, schedule: &mut Schedule) {
    let text = |name: &str| conference.child_text(name);
    schedule.frame = Frame {
        title: text("title"),
        acronym: text("acronym"),
        description: text("description"),
        venue: text("venue"),
        city: text("city"),
        url: text("url").or_else(|| text("base_url")),
        bounds: None,
    };
    schedule.time_zone_name = text("time_zone_name");
    schedule.start = text("start");
    schedule.end = text("end");
    schedule.day_change = text("day_change");
}

fn read_day(xml: &mut XmlReader<'_>, tag: &Tag) -> Result<Day, ScheduleError> {
    let mut day = Day {
        date: tag.attribute("date"),
        start: tag.attribute("start"),
        end: tag.attribute("end"),
        talks: Vec::new(),
    };
    while let Some(tag) = xml.next_child()? {
        match tag.name.as_str() {
            "room" => {
                let room = tag.attribute("name");
                while let Some(tag) = xml.next_child()? {
                    read_event(xml, tag, room.as_deref(), &mut day)?;
                }
            }
            _ => read_event(xml, tag, None, &mut day)?,
        }
    }
    Ok(day)
}

/// Reads an element of a room, or of a day without rooms: an `event`, or something that is passed over.
fn read_event(
    xml: &mut XmlReader<'_>,
    tag: Tag,
    room: Option<&str>,
    day: &mut Day,
) -> Result<(), ScheduleError> {
    if tag.name != "event" {
        return xml.skip_element();
    }
    if day.talks.len() >= ENTRIES_MAX {
        return Err(ScheduleError::TooManyEntries);
    }
    let event = xml.read_element(tag)?;
    day.talks.push(talk(&event, room));
    Ok(())
}

fn talk(event: &Element, room: Option<&str>) -> Talk {
    let text = |name: &str| event.child_text(name);
    let attribute = |name: &str| event.tag.attribute(name).filter(|value| !value.trim().is_empty());
    let persons = event.child("persons").into_iter().flat_map(Element::children);
    let names = persons.filter(|person| person.tag.name == "person");
    let candidate = Candidate {
        source_id: attribute("guid").or_else(|| attribute("id")),
        title: text("title"),
        subtitle: text("subtitle"),
        abstract_text: text("abstract"),
        description: text("description"),
        speakers: names.map(Element::text).collect(),
        room: room.map(str::to_owned).filter(|room| !room.trim().is_empty()).or_else(|| text("room")),
        url: text("url"),
    };
    Talk {
        candidate,
        date: text("date"),
        start: text("start"),
        duration: text("duration"),
        end: text("end"),
        position: event.tag.position.clone(),
    }
}
