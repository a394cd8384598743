//! What is in a calendar, as a reader of calendars sees it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use eventify_core::event::EventView;
use eventify_core::ticket::TicketStatus;
use eventify_paper::{booking_ics, event_entry, event_ics, ticket_ics};
use eventify_schedule::{Hints, parse};
use serde_json::json;
use support::{CODE, at, speaker, ticket};

fn event() -> EventView {
    serde_json::from_value(json!({
        "id": "01978c5e-0000-7000-8000-000000000001", "organizer_id": "01978c5e-0000-7000-8000-000000000002",
        "title": "Джаз; ночь, у реки", "description": "Первая строка.\nВторая \\ строка: ".to_owned() + &"ы".repeat(200),
        "status": "published", "category": null, "tags": [], "venue": "Дворец", "city": "Алматы",
        "starts_at": "2027-03-28T00:30:00Z", "ends_at": "2027-03-28T02:30:00Z", "doors_at": null,
        "time_zone": "Europe/Berlin", "capacity": null, "reminders": ["P1D"], "rating": {"average": null, "count": 0},
        "review_policy": "at_once", "cancellation": {"until": "PT0S", "refund": []}, "cancellable_until": null,
        "created_at": "2027-01-01T00:00:00Z", "updated_at": "2027-01-01T00:02:05Z"
    }))
    .unwrap()
}

fn lines(ics: &str) -> Vec<&str> {
    ics.split_terminator("\r\n").collect()
}

#[test]
fn an_event_is_read_back_as_it_is() {
    let event = event();
    let ics = event_ics(&event).unwrap();
    assert!(lines(&ics).iter().all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{ics}");
    let read = parse(ics.as_bytes(), &Hints::default()).unwrap();
    assert_eq!(read.title, event.title);
    assert_eq!(read.description.as_ref(), Some(&event.description));
    assert_eq!(read.venue.as_deref(), Some("Дворец, Алматы"));
    // In the night in which the clocks go forward.
    assert_eq!(read.starts_at, Some(event.starts_at.unwrap().to_jiff()));
    assert_eq!(read.ends_at, Some(event.ends_at.unwrap().to_jiff()));
    for line in ["UID:01978c5e-0000-7000-8000-000000000001@eventify", "SEQUENCE:125", "STATUS:CONFIRMED"] {
        assert!(lines(&ics).contains(&line), "{line} is not in {ics}");
    }
    for line in ["DTSTAMP:20270101T000205Z", "LAST-MODIFIED:20270101T000205Z", "DTSTART:20270328T003000Z"] {
        assert!(lines(&ics).contains(&line), "{line} is not in {ics}");
    }
}

#[test]
fn a_change_is_newer_and_a_cancellation_is_said() {
    let mut event = event();
    let before = event_entry(&event).unwrap();
    event.updated_at = at("2027-01-01T00:02:06Z");
    let after = event_entry(&event).unwrap();
    assert_eq!((&after.uid, after.revision), (&before.uid, before.revision + 1));
    event.status = eventify_core::event::EventStatus::Cancelled;
    assert!(event_ics(&event).unwrap().contains("STATUS:CANCELLED\r\n"));
    event.updated_at = at("9999-01-01T00:00:00Z");
    assert!(event_ics(&event).unwrap().contains("SEQUENCE:2147483647\r\n"));
    event.starts_at = None;
    assert_eq!(event_ics(&event), None);
}

#[test]
fn a_ticket_has_its_seat_and_none_of_its_codes() {
    let mut mine = ticket();
    let ics = ticket_ics(&mine, speaker("kk"));
    assert!(!ics.contains(CODE) && !ics.contains(&mine.ticket.short_code), "{ics}");
    let whole = ics.replace("\r\n ", "");
    assert!(whole.contains("DESCRIPTION:Партер\\nБалкон\\, C-қатар\\, 12-орын\r\n"), "{whole}");
    assert!(whole.contains(&format!("UID:{}@eventify\r\n", mine.ticket.id)), "{whole}");
    assert!(whole.contains("STATUS:CONFIRMED\r\n"), "{whole}");
    mine.ticket.status = TicketStatus::Cancelled;
    assert!(ticket_ics(&mine, speaker("en")).contains("STATUS:CANCELLED\r\n"));
    mine.ticket.status = TicketStatus::Used;
    mine.is_event_cancelled = true;
    assert!(ticket_ics(&mine, speaker("en")).contains("STATUS:CANCELLED\r\n"));
}

#[test]
fn tickets_bought_together_are_one_entry() {
    let mine = ticket();
    assert_eq!(booking_ics(&[], speaker("en")), None);
    let alone = booking_ics(std::slice::from_ref(&mine), speaker("en")).unwrap();
    assert_eq!(alone, ticket_ics(&mine, speaker("en")));
    let mut friend = ticket();
    friend.ticket.seat = None;
    let both = booking_ics(&[mine.clone(), friend], speaker("en")).unwrap().replace("\r\n ", "");
    assert_eq!(both.matches("BEGIN:VEVENT").count(), 1, "{both}");
    assert!(both.contains(&format!("UID:{}@eventify\r\n", mine.ticket.booking_id)), "{both}");
    assert!(both.contains("DESCRIPTION:Партер\\, Балкон\\, row C\\, seat 12\\nПартер\r\n"), "{both}");
}
