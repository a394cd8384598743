//! Files that are too large, too deep, in no known format, or made to do harm.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]

use eventify_schedule::{Hints, Position, ProblemCode, Programme, ScheduleError, limits, parse};

fn code(file: impl AsRef<[u8]>) -> &'static str {
    match parse(file.as_ref(), &Hints::default()) {
        Ok(_) => "ok",
        Err(error) => error.code(),
    }
}

/// A day in one room, of these entries.
fn xml(events: &str) -> Programme {
    let file = format!(
        "<schedule><conference><title>T</title><time_zone_name>UTC</time_zone_name></conference>\
         <day date='2027-01-01'><room name='A'>{events}</room></day></schedule>"
    );
    parse(file.as_bytes(), &Hints::default()).unwrap()
}

#[test]
fn only_the_three_formats_are_taken() {
    for file in [
        "",
        " \n",
        "hello",
        "<html><body/></html>",
        "<!-- only a comment -->",
        "{}",
        "{\"schedule\": []}",
        "{\"schedule\": {\"conference\": 1}}",
        "[]",
        "BEGIN:VCARD\nEND:VCARD",
        "title,start\nA,B",
    ] {
        assert_eq!(code(file), "schedule_format_unknown", "{file}");
    }
    let message = ScheduleError::UnknownFormat.to_string();
    for expected in ["<schedule>", "\"schedule\": {\"conference\"", "BEGIN:VCALENDAR"] {
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn other_encodings_are_refused() {
    let utf16: Vec<u8> = "<schedule/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(code([b"\xFF\xFE".as_slice(), &utf16].concat()), "schedule_not_utf8");
    let latin1 = b"<schedule>\n<conference><title>Gr\xF6\xDFe</title></conference></schedule>";
    let expected = ScheduleError::NotUtf8 { position: Position::Line { line: 2, column: 22 } };
    assert_eq!(parse(latin1, &Hints::default()), Err(expected));
}

#[test]
fn an_unknown_zone_in_the_hints_is_the_callers_mistake() {
    let hints = Hints { time_zone: Some("Berlin".into()), ..Hints::default() };
    for file in ["<schedule/>", "{\"conference\": {}}", "BEGIN:VCALENDAR\nEND:VCALENDAR"] {
        let error = parse(file.as_bytes(), &hints).unwrap_err();
        assert_eq!(error, ScheduleError::UnknownTimeZone { name: "Berlin".into() });
    }
}

#[test]
fn entity_bombs_never_go_off() {
    let bomb = "<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY lol2 '&lol;&lol;&lol;'>]>\
        <schedule><conference><title>&lol2;</title></conference></schedule>";
    assert_eq!(code(bomb), "schedule_doctype_refused");
    let external = "<!DOCTYPE schedule SYSTEM 'file:///etc/passwd'><schedule/>";
    assert_eq!(code(external), "schedule_doctype_refused");
    let undeclared = xml(
        "<event id='1'><title>&lol2;&#0;&#x110000;&#65;</title><start>1:00</start><duration>1</duration></event>",
    );
    assert_eq!(undeclared.entries[0].title, "&lol2;&#0;&#x110000;A");
}

#[test]
fn nesting_is_bounded() {
    for depth in [100, 200_000] {
        assert_eq!(code("<schedule>".repeat(depth)), "schedule_too_deep");
        assert_eq!(code(format!("<schedule><day><event>{}", "<a>".repeat(depth))), "schedule_too_deep");
        assert_eq!(code("BEGIN:VCALENDAR\n".repeat(depth)), "schedule_too_deep");
        assert_eq!(code(format!("BEGIN:VCALENDAR\n{}", "BEGIN:VEVENT\n".repeat(depth))), "schedule_too_deep");
        let json = format!("{{\"schedule\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(code(json), "schedule_format_unknown", "JSON is not descended into");
    }
}

#[test]
fn size_is_bounded() {
    assert_eq!(code(vec![b' '; limits::FILE_BYTES_MAX + 1]), "schedule_too_large");
    let events = limits::ENTRIES_MAX + 1;
    let days = limits::DAYS_MAX + 1;
    for file in [
        format!("<schedule><day><room name='A'>{}</room></day></schedule>", "<event/>".repeat(events)),
        format!("<schedule>{}</schedule>", "<day/>".repeat(days)),
        format!("{{\"conference\":{{\"days\":[{}0]}}}}", "0,".repeat(days)),
        format!("{{\"conference\":{{\"days\":[{{\"rooms\":{{\"A\":[{}0]}}}}]}}}}", "0,".repeat(events)),
        format!("BEGIN:VCALENDAR\n{}", "BEGIN:VEVENT\nEND:VEVENT\n".repeat(events)),
        format!("BEGIN:VCALENDAR\n{}", "BEGIN:VEVENT\nSTATUS:CANCELLED\nEND:VEVENT\n".repeat(events + 1)),
    ] {
        assert_eq!(code(&file), "schedule_too_many_entries", "{}", &file[..60]);
    }
    let full = format!("<schedule><day>{}</day></schedule>", "<event/>".repeat(limits::ENTRIES_MAX));
    let full = parse(full.as_bytes(), &Hints::default()).unwrap();
    assert_eq!(full.entries_skipped, limits::ENTRIES_MAX);
    assert_eq!(full.problems.len(), limits::PROBLEMS_MAX, "problems are counted beyond their bound");
    assert!(full.problems_left_out > limits::ENTRIES_MAX - limits::PROBLEMS_MAX);
}

#[test]
fn long_texts_are_cut_between_characters_and_reported() {
    let event = format!(
        "<event id='{}'><title>{}</title><start>1:00</start><duration>1:00</duration><url>https://e/{}</url>\
         <description>{}</description><persons>{}<person>{}</person></persons></event>",
        "1".repeat(2000),
        "ä".repeat(10_000),
        "u".repeat(5_000),
        "森\n".repeat(200_000),
        "<person>A</person>".repeat(limits::SPEAKERS_MAX),
        "excess"
    );
    let programme = xml(&event);
    let entry = &programme.entries[0];
    assert_eq!(entry.source_id, "1".repeat(limits::TITLE_CHARS_MAX));
    assert_eq!(entry.title, "ä".repeat(limits::TITLE_CHARS_MAX));
    assert_eq!(entry.description.as_ref().unwrap().chars().count(), limits::TEXT_CHARS_MAX);
    assert_eq!((entry.speakers.len(), &entry.url), (limits::SPEAKERS_MAX, &None));
    assert_eq!(programme.problems.len(), 5);
    assert!(programme.problems.iter().all(|problem| problem.code == ProblemCode::TooLong));
}

#[test]
fn many_overlaps_and_equal_ids_stay_cheap() {
    let event = |index: usize| {
        format!("<event id='1'><title>{index}</title><start>1:00</start><duration>1:00</duration></event>")
    };
    let programme = xml(&(0..5_000).map(event).collect::<String>());
    assert_eq!(programme.entries.len(), 5_000);
    assert_eq!(programme.overlaps.len(), limits::OVERLAPS_MAX);
    assert_eq!(programme.entries[4_999].source_id, "1#5000");
}
