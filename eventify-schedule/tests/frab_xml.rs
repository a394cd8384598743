//! frab/pentabarf schedule XML.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]
#![allow(unreachable_pub, reason = "the support module is shared by several test crates")]

mod support;

use eventify_schedule::{Format, Hints, Overlap, Position, ProblemCode, ScheduleError, Severity, parse};
use support::{entries, problems, read};

const CAMP: &str = include_str!("samples/camp.xml");
const OLD: &str = include_str!("samples/old.xml");
const TROUBLES: &str = include_str!("samples/troubles.xml");

#[test]
fn a_current_file_is_read_in_full() {
    let camp = read(CAMP.as_bytes());
    assert_eq!(camp.format, Format::FrabXml);
    assert_eq!(camp.title, "Waldcamp & Friends 2027");
    assert_eq!(camp.acronym.as_deref(), Some("waldcamp27"));
    assert_eq!(camp.url.as_deref(), Some("https://camp.example.org/2027/"));
    assert_eq!(camp.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(camp.starts_at, "2027-08-11T10:00:00+02:00".parse().ok());
    assert_eq!(camp.ends_at, "2027-08-13T14:30:00+02:00".parse().ok());
    assert_eq!((problems(&camp), camp.entries_skipped), (vec![], 0));
    assert_eq!(
        entries(&camp),
        [
            "2027-08-11T08:00:00Z 2027-08-11T08:45:00Z [Großes Zelt] Opening: “Hello, 森” (aaaaaaaa-0000-4000-8000-000000000101)",
            "2027-08-11T23:30:00Z 2027-08-12T00:20:00Z [Großes Zelt] Night sounds (aaaaaaaa-0000-4000-8000-000000000102)",
            "2027-08-12T10:00:00Z 2027-08-13T12:30:00Z [Wiese] Sleep-out (aaaaaaaa-0000-4000-8000-000000000103)",
        ]
    );
    let opening = &camp.entries[0];
    assert_eq!(opening.subtitle.as_deref(), Some("Where is the water?"));
    assert_eq!(opening.abstract_text.as_deref(), Some("Welcome!"));
    assert_eq!(opening.description.as_deref(), Some("Tents & <b>torches</b>.\nSecond line."));
    assert_eq!(opening.speakers, ["Ada Lovelace", "Grace Hopper"]);
    assert_eq!(opening.url.as_deref(), Some("https://camp.example.org/2027/talk/101/"));
    assert_eq!(opening.position, Position::Line { line: 17, column: 7 });
    assert_eq!(camp.entries[2].description.as_deref(), Some("Bring a warm bag…"), "markup is passed over");
}

#[test]
fn an_old_file_has_local_times_and_a_day_change() {
    let hints = Hints { time_zone: Some("Europe/Zurich".into()), ..Hints::default() };
    let old = parse(OLD.as_bytes(), &hints).unwrap();
    assert_eq!(old.time_zone.as_deref(), Some("Europe/Zurich"));
    assert_eq!((old.venue.as_deref(), old.city.as_deref()), (Some("Alte Hütte"), Some("Bern")));
    assert_eq!(problems(&old), Vec::<String>::new());
    assert_eq!(
        entries(&old),
        [
            "2006-12-27T21:00:00Z 2006-12-27T22:30:00Z [Stube] Abend (11)",
            "2006-12-28T00:00:00Z 2006-12-28T00:15:00Z [Stube] Mitternacht und eins (13)",
            "2006-12-28T00:30:00Z 2006-12-28T01:15:00Z [Stube] Nacht (12)",
        ]
    );
}

#[test]
fn without_any_zone_utc_is_assumed_and_said() {
    let old = read(OLD.as_bytes());
    assert_eq!(old.time_zone, None);
    assert_eq!(old.starts_at, "2006-12-27T22:00:00Z".parse().ok());
    let expected = "assumed_utc: file: nothing says in which time zone its local times are; UTC was assumed";
    assert_eq!(problems(&old), [expected]);
}

#[test]
fn every_trouble_is_reported_and_the_rest_is_read() {
    let programme = read(TROUBLES.as_bytes());
    assert_eq!(
        problems(&programme),
        [
            "unknown_time_zone: file: time zone \"Mars/Olympus\" is not an IANA time zone and was ignored",
            "bad_duration: line 5, column 1: “No duration” (no-duration): it has no duration (skipped)",
            "missing_title: line 6, column 1: entry no-title: it has no title (skipped)",
            "missing_id: line 7, column 1: “No id”: it has no id; a later import recognises it by its start, room and title only",
            "bad_time: line 9, column 1: “No start” (no-start): it has neither a date nor a start (skipped)",
            "bad_time: line 10, column 1: “Bad start” (bad-start): its start “half past ten” is no time of day (hh:mm) (skipped)",
            "bad_duration: line 11, column 1: “Bad duration” (bad-duration): its duration “long” is not readable (hh:mm) (skipped)",
            "bad_duration: line 12, column 1: “Zero” (zero): its duration “00:00” is not positive (skipped)",
            "bad_duration: line 13, column 1: “Negative” (negative): its duration “-00:30” is not positive (skipped)",
            "bad_duration: line 14, column 1: “Years” (years): it lasts longer than 366 days (skipped)",
            "bad_time: line 36, column 1: “Dateless” (dateless): neither it nor its day has a readable date (skipped)",
            "duplicate_id: line 30, column 1: “Twice” (twice): it repeats the entry at line 29, column 1 (skipped)",
            "duplicate_id: line 31, column 1: “Twice” (twice): its id is also that of the entry at line 29, column 1; it was given the id \"twice#2\"",
            "overlap: line 25, column 1: “Overlapping” (overlapping): in room “B <1>” it starts before “Own room” (own-room, line 21, column 1) has ended",
            "assumed_utc: file: nothing says in which time zone its local times are; UTC was assumed",
        ]
    );
    assert_eq!(
        entries(&programme),
        [
            "2027-01-01T09:05:00Z 2027-01-01T09:30:00Z [A] Minutes (minutes)",
            "2027-01-01T10:00:00Z 2027-01-01T10:30:00Z [A] No id (2027-01-01T10:00:00Z A No id)",
            "2027-01-01T10:30:00Z 2027-01-01T11:00:00Z [A] Id only (7)",
            "2027-01-01T11:00:00Z 2027-01-01T11:30:00Z [-] Roomless (roomless)",
            "2027-01-01T11:00:00Z 2027-01-01T11:30:00Z [B <1>] Own room (own-room)",
            "2027-01-01T11:29:00Z 2027-01-01T11:59:00Z [B <1>] Overlapping (overlapping)",
            "2027-01-01T11:59:00Z 2027-01-01T12:29:00Z [B <1>] Q&A &nbsp; touching (touching)",
            "2027-01-01T14:00:00Z 2027-01-01T14:30:00Z [C] Twice (twice)",
            "2027-01-01T15:00:00Z 2027-01-01T15:30:00Z [C] Twice (twice#2)",
        ]
    );
    assert_eq!(programme.overlaps, [Overlap { first: 4, second: 5 }], "indexes of “Own room”, “Overlapping”");
    assert_eq!(programme.entries_skipped, 10);
    let skipped = programme.problems.iter().filter(|problem| problem.severity == Severity::Skipped);
    assert_eq!(skipped.count(), programme.entries_skipped);
}

/// A conference day with one entry, read in Berlin.
fn start_of(conference: &str, day: &str, event: &str) -> Result<String, ProblemCode> {
    let file = format!(
        "<schedule><conference><time_zone_name>Europe/Berlin</time_zone_name>{conference}</conference>\
         <day {day}><room name='A'><event id='1'><title>T</title><duration>1:00</duration>{event}</event></room></day>\
         </schedule>"
    );
    let hints = Hints { title: Some("Hinted".into()), ..Hints::default() };
    let programme = parse(file.as_bytes(), &hints).unwrap();
    assert_eq!(programme.title, "Hinted");
    match programme.entries.first() {
        Some(entry) => Ok(entry.starts_at.to_string()),
        None => Err(programme.problems[0].code),
    }
}

/// A conference day from 11:00 to 04:00 the next morning.
const LONG_DAY: &str = "date='2027-01-09' start='2027-01-09T11:00:00+01:00' end='2027-01-10T04:00:00+01:00'";

#[test]
fn days_that_end_after_midnight() {
    for (start, starts_at) in [
        ("11:00", "2027-01-09T10:00:00Z"),
        ("23:30", "2027-01-09T22:30:00Z"),
        ("00:00", "2027-01-09T23:00:00Z"),
        ("01:30", "2027-01-10T00:30:00Z"),
        ("03:59:59", "2027-01-10T02:59:59Z"),
        // Before the day begins, but not within its last hours: an early entry of the day itself.
        ("09:00", "2027-01-09T08:00:00Z"),
    ] {
        let event = format!("<start>{start}</start>");
        assert_eq!(start_of("", LONG_DAY, &event), Ok(starts_at.to_owned()), "{start}");
    }
}

#[test]
fn days_that_say_less_about_their_end() {
    let change = "<day_change>04:00</day_change>";
    for (conference, day, start, starts_at) in [
        ("", "date='2027-01-09' end='2027-01-10T04:00:00+01:00'", "01:30", "2027-01-10T00:30:00Z"),
        ("", "date='2027-01-09' start='2027-01-09T11:00'", "01:30", "2027-01-10T00:30:00Z"),
        ("", "start='2027-01-09T11:00:00+01:00'", "12:00", "2027-01-09T11:00:00Z"),
        (
            "",
            "date='2027-01-09' start='2027-01-09T10:00Z' end='2027-01-10T03:00Z'",
            "01:30",
            "2027-01-10T00:30:00Z",
        ),
        (change, "date='2027-01-09'", "03:59", "2027-01-10T02:59:00Z"),
        (change, "date='2027-01-09'", "04:00", "2027-01-09T03:00:00Z"),
        ("", "date='2027-01-09'", "01:30", "2027-01-09T00:30:00Z"),
        ("", "date='2027-01-09'", "25:30", "2027-01-10T00:30:00Z"),
    ] {
        let event = format!("<start>{start}</start>");
        assert_eq!(start_of(conference, day, &event), Ok(starts_at.to_owned()), "{conference} {day} {start}");
    }
}

#[test]
fn a_date_of_its_own_is_meant_as_it_stands() {
    for (event, starts_at) in [
        ("<date>2027-01-10</date><start>01:30</start>", "2027-01-10T00:30:00Z"),
        ("<date>2027-01-10T01:30:00+01:00</date><start>01:30</start>", "2027-01-10T00:30:00Z"),
        ("<date>2027-01-10T01:30:00</date>", "2027-01-10T00:30:00Z"),
        ("<date>2027-01-10T01:30:00Z</date>", "2027-01-10T01:30:00Z"),
        ("<start>2027-01-10T01:30:00+01:00</start>", "2027-01-10T00:30:00Z"),
        ("<date>nonsense</date><start>12:00</start>", "2027-01-09T11:00:00Z"),
    ] {
        assert_eq!(start_of("", LONG_DAY, event), Ok(starts_at.to_owned()), "{event}");
    }
    for (day, event) in [
        ("date='9999-12-31'", "<start>25:30</start>"),
        ("date='01/09/2027'", "<start>12:00</start>"),
        ("", "<date>2027-01-10</date>"),
    ] {
        assert_eq!(start_of("", day, event), Err(ProblemCode::BadTime), "{day} {event}");
    }
}

#[test]
fn offsets_stand_in_for_a_missing_zone() {
    let file = "<schedule><conference><title>T</title></conference>\
        <day date='2027-01-09' start='2027-01-09T11:00:00+05:30'><room name='A'>\
        <event id='1'><title>T</title><start>12:00</start><duration>1:00</duration></event></room></day></schedule>";
    let programme = read(file.as_bytes());
    assert_eq!(programme.entries[0].starts_at, "2027-01-09T12:00:00+05:30".parse().unwrap());
    assert_eq!((programme.time_zone.as_deref(), problems(&programme).len()), (None, 0));
}

#[test]
fn the_conference_dates_serve_when_there_are_no_entries() {
    let file = "<schedule><conference><title>T</title><start>2027-03-27</start><end>2027-03-28</end>\
        <time_zone_name>Europe/Berlin</time_zone_name></conference></schedule>";
    let programme = read(file.as_bytes());
    assert_eq!(programme.starts_at, "2027-03-27T00:00:00+01:00".parse().ok());
    assert_eq!(programme.ends_at, "2027-03-29T00:00:00+02:00".parse().ok());
    assert_eq!(problems(&programme), ["no_entries: file: no entry could be imported"]);
}

#[test]
fn times_that_the_clock_change_doubles_or_drops_are_reported() {
    for (start, starts_at) in
        [("2027-03-28T02:30:00", "2027-03-28T01:30:00Z"), ("2027-10-31T02:30:00", "2027-10-31T00:30:00Z")]
    {
        let file = format!(
            "<schedule><conference><title>T</title><time_zone_name>Europe/Berlin</time_zone_name></conference>\
             <day><event id='1'><title>T</title><duration>1:00</duration><date>{start}</date></event></day></schedule>"
        );
        let programme = read(file.as_bytes());
        assert_eq!(programme.entries[0].starts_at.to_string(), starts_at);
        assert_eq!(programme.problems[0].code, ProblemCode::ClockChange);
    }
}

#[test]
fn overlaps_are_found_per_room_in_every_pair() {
    let event = |id: &str, start: &str, duration: &str| {
        format!(
            "<event id='{id}'><title>{id}</title><start>{start}</start><duration>{duration}</duration></event>"
        )
    };
    let file = format!(
        "<schedule><conference><title>T</title><time_zone_name>UTC</time_zone_name></conference>\
         <day date='2027-01-09'><room name='A'>{}{}{}{}</room><room name='B'>{}</room></day></schedule>",
        event("all", "10:00", "3:00"),
        event("early", "10:00", "1:00"),
        event("late", "11:00", "2:00"),
        event("after", "13:00", "1:00"),
        event("elsewhere", "10:00", "4:00"),
    );
    let programme = read(file.as_bytes());
    let title = |index: usize| programme.entries[index].title.as_str();
    let pairs: Vec<_> =
        programme.overlaps.iter().map(|pair| (title(pair.first), title(pair.second))).collect();
    assert_eq!(pairs, [("all", "early"), ("all", "late")]);
}

#[test]
fn broken_syntax_is_named_with_its_place() {
    for (file, position) in [
        ("<schedule>\n <day>\n </room></schedule>", Position::Line { line: 3, column: 2 }),
        ("<schedule><day>", Position::Line { line: 1, column: 16 }),
        ("<schedule>\n<day date=2027>", Position::Line { line: 2, column: 1 }),
    ] {
        match parse(file.as_bytes(), &Hints::default()) {
            Err(ScheduleError::Malformed { format: Format::FrabXml, position: found, .. }) => {
                assert_eq!(found, position, "{file}");
            }
            other => panic!("{file}: {other:?}"),
        }
    }
}
