//! Whatever the bytes are, the reader answers, and what it answers keeps its promises.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]

use std::collections::HashSet;

use eventify_schedule::{Hints, IcsEntry, IcsEvent, Programme, Severity, limits, parse, write_ics};
use jiff::{SignedDuration, Timestamp};
use proptest::{collection::vec, option, prelude::*, sample::select};

const SAMPLES: &[&[u8]] = &[
    include_bytes!("samples/camp.xml"),
    include_bytes!("samples/old.xml"),
    include_bytes!("samples/troubles.xml"),
    include_bytes!("samples/camp.json"),
    include_bytes!("samples/second.json"),
    include_bytes!("samples/troubles.json"),
    include_bytes!("samples/calendar.ics"),
    include_bytes!("samples/troubles.ics"),
];

/// Pieces that mean something to one of the readers.
const PIECES: &[&[u8]] = &[
    b"\xFF",
    b"\0",
    b"\n",
    b"\r\n ",
    b"<",
    b"</",
    b"/>",
    b"<![CDATA[",
    b"]]>",
    b"&",
    b";",
    b"&#x;",
    b"\"",
    b"'",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"null",
    b"-1",
    b"99999999999999999999",
    b"T",
    b"Z",
    b"9999-12-31",
    b"-009999-01-01",
    b"00:00",
    b"P9999999Y",
    b"-PT1H",
    b"BEGIN:VEVENT\n",
    b"END:VEVENT\n",
    b"\xEF\xBB\xBF",
    b"\xE2\x80\xA8",
    b"\\",
    b"#",
];

#[derive(Clone, Debug)]
enum Damage {
    Cut(usize),
    Remove(usize, usize),
    Insert(usize, &'static [u8]),
    Overwrite(usize, u8),
    Repeat(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = 0..6_000_usize;
    prop_oneof![
        1 => at.clone().prop_map(Damage::Cut),
        3 => (at.clone(), 1..80_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        6 => (at.clone(), select(PIECES)).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        6 => (at.clone(), any::<u8>()).prop_map(|(at, byte)| Damage::Overwrite(at, byte)),
        2 => (at, 1..400_usize).prop_map(|(at, length)| Damage::Repeat(at, length)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    if bytes.is_empty() {
        return;
    }
    let length_now = bytes.len();
    let place = |at: usize| at % length_now;
    match *damage {
        Damage::Cut(at) => bytes.truncate(place(at)),
        Damage::Remove(at, length) => {
            let at = place(at);
            bytes.drain(at..(at + length).min(length_now));
        }
        Damage::Insert(at, piece) => {
            let at = place(at);
            bytes.splice(at..at, piece.iter().copied());
        }
        Damage::Overwrite(at, byte) => bytes[place(at)] = byte,
        Damage::Repeat(at, length) => {
            let at = place(at);
            let piece = bytes[at..(at + length).min(length_now)].to_vec();
            bytes.splice(at..at, piece);
        }
    }
}

/// What every programme promises, whatever it was read from.
fn check(programme: &Programme) {
    assert!(!programme.title.is_empty());
    assert!(programme.entries.len() + programme.entries_skipped <= limits::ENTRIES_MAX + 1);
    assert!(programme.entries.is_sorted_by_key(|entry| entry.starts_at));
    let ids: HashSet<&str> = programme.entries.iter().map(|entry| entry.source_id.as_str()).collect();
    assert_eq!(ids.len(), programme.entries.len());
    for entry in &programme.entries {
        assert!(!entry.source_id.is_empty() && !entry.title.is_empty());
        assert!(entry.starts_at < entry.ends_at);
        assert!(Some(entry.starts_at) >= programme.starts_at && Some(entry.ends_at) <= programme.ends_at);
        assert!(entry.title.chars().count() <= limits::TITLE_CHARS_MAX);
        assert!(!entry.title.contains(char::is_control));
    }
    for overlap in &programme.overlaps {
        let (first, second) = (&programme.entries[overlap.first], &programme.entries[overlap.second]);
        assert!(overlap.first < overlap.second && first.room.is_some() && first.room == second.room);
        assert!(first.starts_at <= second.starts_at && second.starts_at < first.ends_at);
    }
    let skipped = programme.problems.iter().filter(|problem| problem.severity == Severity::Skipped).count();
    assert!(skipped == programme.entries_skipped || programme.problems_left_out > 0);
}

fn try_all(bytes: &[u8]) {
    for time_zone in [None, Some("Pacific/Apia".to_owned())] {
        if let Ok(programme) = parse(bytes, &Hints { time_zone, title: None }) {
            check(&programme);
            let event = as_event(&programme);
            let again = parse(write_ics(&event, Timestamp::UNIX_EPOCH).as_bytes(), &Hints::default());
            check(&again.expect("what was written can be read"));
        }
    }
}

/// A programme as one would export it.
fn as_event(programme: &Programme) -> IcsEvent {
    let entry = |entry: &eventify_schedule::Entry| IcsEntry {
        uid: entry.source_id.clone(),
        title: entry.title.clone(),
        description: entry.description.clone(),
        speakers: entry.speakers.clone(),
        room: entry.room.clone(),
        url: entry.url.clone(),
        starts_at: entry.starts_at,
        ends_at: entry.ends_at,
    };
    IcsEvent {
        uid: "event".into(),
        title: programme.title.clone(),
        description: programme.description.clone(),
        venue: programme.venue.clone(),
        url: programme.url.clone(),
        starts_at: programme.starts_at.unwrap_or_default(),
        ends_at: programme.ends_at.unwrap_or_default(),
        time_zone: programme.time_zone.clone(),
        revision: 0,
        is_cancelled: false,
        entries: programme.entries.iter().map(entry).collect(),
    }
}

/// One line, as the reader leaves lines: no control characters, single spaces.
fn line() -> impl Strategy<Value = String> {
    "\\PC{1,90}".prop_map(|text| format!("a {text}").split_whitespace().collect::<Vec<_>>().join(" "))
}

fn block() -> impl Strategy<Value = String> {
    vec(line(), 1..5).prop_map(|lines| lines.join("\n"))
}

fn slot() -> impl Strategy<Value = (Timestamp, Timestamp)> {
    (0..4_000_000_000_i64, 1..1_000_000_i64).prop_map(|(start, seconds)| {
        let start = Timestamp::from_second(start).unwrap();
        (start, start + SignedDuration::from_secs(seconds))
    })
}

fn entry() -> impl Strategy<Value = IcsEntry> {
    (line(), option::of(block()), vec(line(), 0..4), option::of(line()), slot()).prop_map(
        |(title, description, speakers, room, (starts_at, ends_at))| IcsEntry {
            uid: String::new(),
            title,
            description,
            speakers,
            room,
            url: None,
            starts_at,
            ends_at,
        },
    )
}

#[test]
fn every_beginning_of_every_sample() {
    for sample in SAMPLES {
        for end in 0..sample.len() {
            if let Ok(programme) = parse(&sample[..end], &Hints::default()) {
                check(&programme);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(bytes in vec(any::<u8>(), 0..400)) {
        try_all(&bytes);
    }

    #[test]
    fn arbitrary_bytes_behind_a_known_beginning(
        start in select(&["<schedule>", "<schedule><day date='2027-01-01'><event>", "{\"schedule\":", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n"][..]),
        pieces in vec(prop_oneof![select(PIECES).prop_map(<[u8]>::to_vec), vec(any::<u8>(), 0..20)], 0..40),
    ) {
        try_all(&[start.as_bytes(), &pieces.concat()].concat());
    }

    #[test]
    fn damaged_samples(sample in select(SAMPLES), damages in vec(damage(), 1..8)) {
        let mut bytes = sample.to_vec();
        for damage in &damages {
            apply(&mut bytes, damage);
        }
        try_all(&bytes);
    }

    #[test]
    fn what_is_written_is_read_back(
        title in line(), description in option::of(block()), venue in option::of(line()), slot in slot(),
        mut entries in vec(entry(), 0..6),
    ) {
        for (index, entry) in entries.iter_mut().enumerate() {
            entry.uid = format!("{index}@example.org");
        }
        entries.sort_by_key(|entry| entry.starts_at);
        let event = IcsEvent {
            uid: "e@example.org".into(), title, description, venue, url: None, starts_at: slot.0, ends_at: slot.1,
            time_zone: Some("Asia/Almaty".into()), revision: 0, is_cancelled: false, entries,
        };
        let ics = write_ics(&event, Timestamp::UNIX_EPOCH);
        for line in ics.split_terminator("\r\n") {
            prop_assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line:?}");
        }
        let oracle = icalendar::parser::unfold(&ics);
        let oracle = icalendar::parser::read_calendar(&oracle).map_err(TestCaseError::fail)?;
        prop_assert_eq!(oracle.components.len(), event.entries.len() + 1);
        let programme = parse(ics.as_bytes(), &Hints::default()).unwrap();
        let mut again = as_event(&programme);
        again.uid.clone_from(&event.uid);
        again.starts_at = event.starts_at;
        again.ends_at = event.ends_at;
        prop_assert_eq!(again, event);
    }
}
