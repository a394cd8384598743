//! iCalendar, read and written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]
#![allow(unreachable_pub, reason = "the support module is shared by several test crates")]

mod support;

use eventify_schedule::{
    Format, Hints, IcsEntry, IcsEvent, Position, ProblemCode, ScheduleError, parse, write_ics,
};
use support::{entries, problems, read};

const CALENDAR: &[u8] = include_bytes!("samples/calendar.ics");
const TROUBLES: &[u8] = include_bytes!("samples/troubles.ics");

#[test]
fn every_form_of_time_is_understood() {
    let calendar = read(CALENDAR);
    assert_eq!(calendar.format, Format::ICalendar);
    assert_eq!(calendar.title, "Waldcamp, the calendar");
    assert_eq!(calendar.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(problems(&calendar), Vec::<String>::new());
    assert_eq!(
        entries(&calendar),
        [
            "2027-08-11T08:00:00Z 2027-08-11T08:45:00Z [Großes Zelt] Opening: Hello, 森; and welcome (utc@example.org)",
            "2027-08-11T09:00:00Z 2027-08-11T10:30:00Z [Wiese] Zone (zone@example.org)",
            "2027-08-11T10:00:00Z 2027-08-11T10:30:00Z [-] Custom zone (custom@example.org)",
            "2027-08-11T11:00:00Z 2027-08-11T11:30:00Z [-] Floating (floating@example.org)",
            "2027-08-11T15:00:00Z 2027-08-11T15:30:00Z [-] Global zone (global@example.org)",
            "2027-08-11T22:00:00Z 2027-08-12T22:00:00Z [-] All day (day@example.org)",
            "2027-10-29T22:00:00Z 2027-10-31T23:00:00Z [-] Two days and an hour (days@example.org)",
        ]
    );
    let opening = &calendar.entries[0];
    assert_eq!(opening.description.as_deref(), Some("Tents\nand torches \\o/"), "not the alarm's");
    assert_eq!(opening.speakers, ["Lovelace, Ada"], "not the organizer, not every attendee");
    assert_eq!(opening.url.as_deref(), Some("https://camp.example.org/a;b,c"));
    assert_eq!(opening.position, Position::Line { line: 16, column: 1 });
}

#[test]
fn every_trouble_is_reported_and_the_rest_is_read() {
    let calendar = read(TROUBLES);
    assert_eq!(
        problems(&calendar),
        [
            "bad_structure: line 53, column 1: not a readable iCalendar line, or too long a one; it was passed over",
            "bad_structure: line 76, column 1: not a readable iCalendar line, or too long a one; it was passed over",
            "bad_structure: line 84, column 1: “Never closed” (open): its END:VEVENT is missing (skipped)",
            "missing_id: line 9, column 1: “No uid”: it has no id; a later import recognises it by its start, room and title only",
            "cancelled: line 14, column 1: “Cancelled” (cancelled): it is cancelled (skipped)",
            "recurring: line 21, column 1: “Weekly” (weekly): it repeats; only its first occurrence was imported",
            "recurring: line 35, column 1: “Replaced” (replaced): it repeats, and its first occurrence is replaced by another entry (skipped)",
            "bad_duration: line 49, column 1: “No end” (no-end): it has neither DTEND nor DURATION (skipped)",
            "bad_time: line 55, column 1: “No start” (no-start): it has no DTSTART (skipped)",
            "bad_time: line 59, column 1: “Bad date” (bad-date): its date “tomorrow” is not a readable date (skipped)",
            "bad_duration: line 65, column 1: “Bad duration” (bad-duration): its DURATION “an hour” is not readable (skipped)",
            "bad_duration: line 71, column 1: “Backwards” (backwards): it does not end after it starts (skipped)",
            "clock_change: line 78, column 1: “When clocks change” (clocks): the clocks change at its local time, which exists twice or not at all; check the time",
            "unknown_time_zone: line 21, column 1: time zone “W. Europe Standard Time” is not an IANA time zone; the calendar's own was assumed",
            "missing_title: file: the programme has no title",
        ]
    );
    assert_eq!(
        entries(&calendar),
        [
            "2027-08-11T06:00:00Z 2027-08-12T08:00:00Z [-] lower, case (lower@example.org)",
            "2027-08-11T06:00:00Z 2027-08-11T07:00:00Z [-] Weekly (weekly)",
            "2027-08-11T08:00:00Z 2027-08-11T09:00:00Z [-] No uid (2027-08-11T08:00:00Z No uid)",
            "2027-08-11T09:00:00Z 2027-08-11T10:00:00Z [-] Replacement (replaced#20270811T080000Z)",
            "2027-08-18T08:00:00Z 2027-08-18T09:00:00Z [-] Weekly, but later (weekly#20270818T080000)",
            "2027-10-31T00:30:00Z 2027-10-31T01:30:00Z [-] When clocks change (clocks)",
        ]
    );
    assert_eq!(calendar.entries_skipped, 8);
    assert_eq!(calendar.time_zone.as_deref(), Some("Europe/Berlin"), "the one zone that its entries name");
}

#[test]
fn hints_serve_where_the_calendar_is_silent() {
    let hints = Hints { time_zone: Some("America/New_York".into()), title: Some("Hinted".into()) };
    let calendar = parse(TROUBLES, &hints).unwrap();
    assert_eq!(
        (calendar.title.as_str(), calendar.time_zone.as_deref()),
        ("Hinted", Some("America/New_York"))
    );
    assert!(calendar.problems.iter().all(|problem| problem.code != ProblemCode::AssumedUtc));
    let lower = calendar.entries.iter().find(|entry| entry.source_id == "lower@example.org").unwrap();
    assert_eq!(lower.starts_at, "2027-08-11T08:00:00-04:00".parse().unwrap());
    let calendar = parse(CALENDAR, &hints).unwrap();
    assert_eq!(
        (calendar.title.as_str(), calendar.time_zone.as_deref()),
        ("Waldcamp, the calendar", Some("Europe/Berlin"))
    );
}

#[test]
fn without_any_zone_utc_is_assumed_and_said() {
    let ics = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:S\nDTSTART:20270811T080000\nDURATION:PT1H\nEND:VEVENT\n";
    let calendar = read(ics.as_bytes());
    assert_eq!(calendar.entries[0].starts_at, "2027-08-11T08:00:00Z".parse().unwrap());
    assert_eq!((calendar.time_zone, calendar.problems[0].code), (None, ProblemCode::AssumedUtc));
}

#[test]
fn a_day_lasts_as_long_as_the_clocks_make_it() {
    for (date, duration, hours) in [
        ("20270328", "P1D", 23),
        ("20271031", "P1D", 25),
        ("20271030", "P1W", 169),
        ("20270328", "PT24H", 24),
    ] {
        let ics = format!(
            "BEGIN:VCALENDAR\nX-WR-TIMEZONE:Europe/Berlin\nNAME:N\\, M\nBEGIN:VEVENT\nUID:1\nSUMMARY:S\n\
             DTSTART;VALUE=DATE:{date}\nDURATION:{duration}\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        let calendar = read(ics.as_bytes());
        assert_eq!(calendar.title, "N, M");
        let entry = &calendar.entries[0];
        assert_eq!(entry.ends_at.duration_since(entry.starts_at).as_hours(), hours, "{date} {duration}");
    }
}

#[test]
fn a_line_that_is_no_utf8_is_named() {
    let ics = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Gr\xF6\xDFe\r\nEND:VEVENT\r\n";
    let expected = ScheduleError::NotUtf8 { position: Position::Line { line: 3, column: 1 } };
    assert_eq!(parse(ics, &Hints::default()), Err(expected));
}

fn event() -> IcsEvent {
    IcsEvent {
        uid: "e@example.org".into(),
        title: "Waldcamp; Sommer, Sonne und ein Titel, der länger ist als eine Zeile der RFC 5545 — 森林"
            .into(),
        description: Some("First line.\r\nSecond \\ line;\ttab".into()),
        venue: Some("Wald, hinten".into()),
        url: Some("https://camp.example.org/?a=1,2;b".into()),
        starts_at: "2027-08-11T08:00:00Z".parse().unwrap(),
        ends_at: "2027-08-13T14:00:00Z".parse().unwrap(),
        time_zone: Some("Europe/Berlin".into()),
        revision: 7,
        is_cancelled: false,
        entries: vec![IcsEntry {
            uid: "e1@example.org".into(),
            title: "Opening".into(),
            description: Some("Ada Lovelace, Grace Hopper\n\nare not the speakers' line".into()),
            speakers: vec!["Ada Lovelace".into(), "Grace Hopper".into()],
            room: Some("Großes Zelt".into()),
            url: None,
            starts_at: "2027-08-11T08:00:00.25Z".parse().unwrap(),
            ends_at: "2027-08-11T08:45:00Z".parse().unwrap(),
        }],
    }
}

#[test]
fn a_written_calendar_is_as_the_rfc_wants_it() {
    let ics = write_ics(&event(), "2027-01-01T00:00:00Z".parse().unwrap());
    let expected = "\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Eventify//eventify-schedule//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:Waldcamp\\; Sommer\\, Sonne und ein Titel\\, der länger ist als\x20
 eine Zeile der RFC 5545 — 森林
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VEVENT
UID:e@example.org
DTSTART:20270811T080000Z
DTEND:20270813T140000Z
DTSTAMP:20270101T000000Z
LAST-MODIFIED:20270101T000000Z
SEQUENCE:7
SUMMARY:Waldcamp\\; Sommer\\, Sonne und ein Titel\\, der länger ist als eine\x20
 Zeile der RFC 5545 — 森林
DESCRIPTION:First line.\\nSecond \\\\ line\\;\ttab
LOCATION:Wald\\, hinten
URL:https://camp.example.org/?a=1,2;b
STATUS:CONFIRMED
X-EVENTIFY-EVENT:TRUE
END:VEVENT
BEGIN:VEVENT
UID:e1@example.org
DTSTART:20270811T080000Z
DTEND:20270811T084500Z
DTSTAMP:20270101T000000Z
LAST-MODIFIED:20270101T000000Z
SEQUENCE:7
RELATED-TO:e@example.org
SUMMARY:Opening
DESCRIPTION:Ada Lovelace\\, Grace Hopper\\n\\nAda Lovelace\\, Grace Hopper\\n\\na
 re not the speakers' line
LOCATION:Großes Zelt
STATUS:CONFIRMED
X-EVENTIFY-SPEAKER:Ada Lovelace
X-EVENTIFY-SPEAKER:Grace Hopper
END:VEVENT
END:VCALENDAR
";
    assert_eq!(ics, expected.replace('\n', "\r\n"));
}

#[test]
fn a_written_calendar_is_read_back() {
    let written = event();
    let calendar = read(write_ics(&written, "2027-01-01T00:00:00Z".parse().unwrap()).as_bytes());
    assert_eq!(problems(&calendar), Vec::<String>::new());
    assert_eq!(calendar.title, written.title);
    assert_eq!(calendar.description.as_deref(), Some("First line.\nSecond \\ line;\ttab"));
    assert_eq!(
        (calendar.venue, calendar.url, calendar.time_zone),
        (written.venue, written.url, written.time_zone)
    );
    assert_eq!((calendar.starts_at, calendar.ends_at), (Some(written.starts_at), Some(written.ends_at)));
    assert_eq!(calendar.entries.len(), 1);
    assert_eq!(calendar.entries[0].speakers, written.entries[0].speakers);
    assert_eq!(calendar.entries[0].description, written.entries[0].description);
}

#[test]
fn a_cancelled_event_is_written_as_such() {
    let cancelled = IcsEvent { is_cancelled: true, ..event() };
    let ics = write_ics(&cancelled, "2027-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(ics.matches("STATUS:CANCELLED\r\n").count(), 2);
    assert_eq!(problems(&read(ics.as_bytes())).len(), 2, "its entry is skipped, so there is none");
}

#[test]
fn of_several_calendars_the_first_is_the_programme() {
    let stamp = "2027-01-01T00:00:00Z".parse().unwrap();
    let other = IcsEvent { uid: "o@example.org".into(), title: "Other".into(), entries: vec![], ..event() };
    let both = [write_ics(&event(), stamp), write_ics(&other, stamp)].concat();
    let calendar = read(both.as_bytes());
    assert_eq!(calendar.title, event().title);
    let titles: Vec<_> = calendar.entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(titles, ["Opening", "Other"]);
}
