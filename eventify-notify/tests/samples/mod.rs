//! People and messages.

#![allow(dead_code, reason = "each test program uses a part")]

use eventify_core::notification::{FactName, Message, OneTimeToken, Recipient};
use eventify_core::seat_map::{BookedSeat, SeatId};
use eventify_core::ticket::{TicketPaper, TicketStatus, TicketView};
use eventify_core::{BookingId, EventId, Money, TicketId, TicketTypeId, Timestamp, UserId};

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Somebody who reads English.
pub(crate) fn person(email: &str) -> Recipient {
    Recipient {
        user_id: UserId::from_bytes([1; 16]),
        name: "Ada Lovelace".to_owned(),
        email: email.to_owned(),
        phone: None,
        language: "en".parse().unwrap(),
        push: Vec::new(),
    }
}

pub(crate) fn message(title: &str, body: &str) -> Message {
    Message {
        dedupe_key: "0190b6d2-7f6c-7a3e-8c1d-2f3a4b5c6d7e".to_owned(),
        fact: FactName::Announcement,
        event_id: None,
        title: title.to_owned(),
        body: body.to_owned(),
        tickets: Vec::new(),
        unsubscribe: None,
        token: None,
    }
}

/// What somebody is told who bought these tickets.
pub(crate) fn purchase(tickets: Vec<TicketPaper>) -> Message {
    Message {
        fact: FactName::TicketPurchased,
        event_id: Some(EventId::from_bytes([2; 16])),
        tickets,
        unsubscribe: Some(OneTimeToken::new("stop-7c1d".to_owned())),
        ..message("Your tickets", "Both are below.\n\nSee you there!")
    }
}

/// A ticket of its own number.
pub(crate) fn ticket(number: u8) -> TicketPaper {
    let seat = SeatId { section: 1, row: 3, number: number.into() };
    TicketPaper {
        ticket: TicketView {
            id: TicketId::from_bytes([number; 16]),
            code: format!(
                "EV1.AAEBAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9-{number}"
            ),
            short_code: format!("7KQ2-M4XB-{number:04}"),
            event_id: EventId::from_bytes([2; 16]),
            ticket_type_id: TicketTypeId::from_bytes([3; 16]),
            seat: Some(BookedSeat { seat, section: "Балкон".to_owned(), row: "C".to_owned() }),
            booking_id: BookingId::from_bytes([4; 16]),
            user_id: UserId::from_bytes([1; 16]),
            status: TicketStatus::Active,
            purchased_at: at("2027-03-01T10:00:00Z"),
            used_at: None,
        },
        title: "Қазақ джаз түні <live>".to_owned(),
        venue: Some("Дворец Республики".to_owned()),
        city: Some("Алматы".to_owned()),
        starts_at: at("2027-05-01T13:00:00Z"),
        ends_at: at("2027-05-01T16:30:00Z"),
        doors_at: None,
        time_zone: "Asia/Almaty".parse().unwrap(),
        is_event_cancelled: false,
        ticket_type: "Партер".to_owned(),
        price: Some(Money::new(450_000, "KZT".parse().unwrap())),
        holder: None,
        created_at: at("2027-02-01T10:00:00Z"),
        updated_at: at("2027-03-01T10:00:00Z"),
    }
}
