//! frab/pretalx schedule JSON.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]
#![allow(unreachable_pub, reason = "the support module is shared by several test crates")]

mod support;

use eventify_schedule::{Format, Hints, Overlap, Position, ScheduleError, parse};
use support::{entries, problems, read};

const CAMP: &str = include_str!("samples/camp.json");
const SECOND: &str = include_str!("samples/second.json");
const TROUBLES: &str = include_str!("samples/troubles.json");

#[test]
fn a_current_file_is_read_in_full() {
    let camp = read(CAMP.as_bytes());
    assert_eq!(camp.format, Format::FrabJson);
    assert_eq!(camp.title, "Waldcamp & Friends 2027");
    assert_eq!(camp.acronym.as_deref(), Some("waldcamp27"));
    assert_eq!(camp.url.as_deref(), Some("https://camp.example.org/2027/schedule/"));
    assert_eq!(camp.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(
        camp.starts_at,
        "2027-08-11T10:00:00+02:00".parse().ok(),
        "not the day's technical start at 04:00"
    );
    assert_eq!((problems(&camp), camp.entries_skipped), (vec![], 0));
    assert_eq!(
        entries(&camp),
        [
            "2027-08-11T08:00:00Z 2027-08-11T08:45:00Z [Großes Zelt] Opening: “Hello, 森” (aaaaaaaa-0000-4000-8000-000000000101)",
            "2027-08-11T23:30:00Z 2027-08-12T00:20:00Z [Großes Zelt] Night sounds (102)",
        ]
    );
    let opening = &camp.entries[0];
    assert_eq!(opening.speakers, ["Ada Lovelace", "Grace Hopper", "Margaret Hamilton", "Annie Easley"]);
    assert_eq!(opening.description.as_deref(), Some("Tents & torches.\nSecond line."));
    assert_eq!(
        opening.position,
        Position::Pointer("/schedule/conference/days/0/rooms/Großes Zelt/0".to_owned())
    );
    assert_eq!((&camp.entries[1].subtitle, &camp.entries[1].description), (&None, &None));
}

#[test]
fn both_forms_of_one_schedule_give_the_same_entry() {
    let (xml, json) = (read(include_bytes!("samples/camp.xml")), read(CAMP.as_bytes()));
    let (mut one, mut other) = (xml.entries[1].clone(), json.entries[1].clone());
    one.source_id = String::new();
    other.source_id = String::new();
    other.position = one.position.clone();
    assert_eq!(one, other);
}

#[test]
fn the_second_version_is_read_too() {
    let programme = read(SECOND.as_bytes());
    assert_eq!(problems(&programme), Vec::<String>::new());
    assert_eq!(
        entries(&programme),
        [
            "2027-08-11T08:00:00Z 2027-08-11T08:40:00Z [Saal] Flat (g1)",
            "2027-08-11T09:00:00Z 2027-08-11T09:10:00Z [Saal] Local (g2)",
        ]
    );
    assert_eq!(programme.entries[0].position, Position::Pointer("/schedule/events/0".to_owned()));
}

#[test]
fn the_outermost_object_may_be_missing() {
    let bare = "{\"conference\": {\"title\": \"Bare\", \"days\": null}}";
    assert_eq!(read(bare.as_bytes()).title, "Bare");
    let marked = ["\u{feff} ".as_bytes(), CAMP.as_bytes()].concat();
    assert_eq!(read(&marked), read(CAMP.as_bytes()), "a byte order mark changes nothing");
}

#[test]
fn every_trouble_is_reported_and_the_rest_is_read() {
    let programme = read(TROUBLES.as_bytes());
    assert_eq!(programme.title, "tr", "the acronym serves as title");
    assert_eq!(
        problems(&programme),
        [
            "bad_structure: /schedule/conference/days/0/rooms/A~1B ~0/1: unnamed entry: expected an object, an entry (skipped)",
            "bad_structure: /schedule/conference/days/0/rooms/C: expected an array of entries; it was passed over",
            "bad_structure: /schedule/conference/days/1: expected an object, a day; it was passed over",
            "bad_structure: /schedule/conference/days/2/rooms: expected an object with at most 1000 rooms; it was passed over",
            "missing_title: /schedule/conference/days/0/rooms/A~1B ~0/2: entry 2: it has no title (skipped)",
            "bad_time: /schedule/conference/days/0/rooms/A~1B ~0/3: “Numbers” (3): its start “12” is no time of day (hh:mm) (skipped)",
            "overlap: /schedule/conference/days/0/rooms/A~1B ~0/4: “Early” (4): in room “A/B ~” it starts before “Fine” (1, /schedule/conference/days/0/rooms/A~1B ~0/0) has ended",
            "assumed_utc: file: nothing says in which time zone its local times are; UTC was assumed",
        ]
    );
    assert_eq!(
        entries(&programme),
        [
            "2027-01-01T10:00:00Z 2027-01-01T10:30:00Z [A/B ~] Fine (1)",
            "2027-01-01T10:15:00Z 2027-01-01T10:45:00Z [A/B ~] Early (4)",
        ]
    );
    assert_eq!(programme.overlaps, [Overlap { first: 0, second: 1 }]);
    assert_eq!(programme.entries_skipped, 3);
}

#[test]
fn broken_syntax_is_named_with_its_place() {
    match parse("{\"schedule\":\n {\"ä\": ]}".as_bytes(), &Hints::default()) {
        Err(ScheduleError::Malformed { format: Format::FrabJson, position, message }) => {
            assert_eq!(position, Position::Line { line: 2, column: 8 });
            assert_eq!(message, "expected value");
        }
        other => panic!("{other:?}"),
    }
}
