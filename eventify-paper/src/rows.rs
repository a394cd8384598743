//! What is said about a ticket beside its title and its code: labels and values.

use eventify_core::Timestamp;
use eventify_core::text::{Phrase, Speaker};
use eventify_core::ticket::TicketPaper;
use jiff::Zoned;

use crate::times::{instant, period};

/// A label and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Such as `Place`, in the ticket's language.
    pub label: String,
    /// What is to be read there.
    pub value: String,
    /// How many lines of a page it takes at most.
    pub lines_max: usize,
}

/// What a ticket says beside its title and its code, in reading order. Together they are never longer than a page.
#[must_use]
pub fn rows(ticket: &TicketPaper, speaker: Speaker<'_>) -> Vec<Row> {
    let local = |at: Timestamp| -> Zoned { at.to_jiff().to_zoned(ticket.time_zone.to_jiff()) };
    let (start, end) = (local(ticket.starts_at), local(ticket.ends_at));
    let row = |label, value, lines_max| Row { label: speaker.phrase(label), value, lines_max };
    let mut rows = vec![row(Phrase::When, period(speaker, &start, &end), 4)];
    if let Some(doors) = ticket.doors_at {
        rows.push(row(Phrase::Doors, instant(speaker, &local(doors), &start), 2));
    }
    let place: Vec<&str> = [&ticket.venue, &ticket.city].into_iter().flatten().map(String::as_str).collect();
    if !place.is_empty() {
        rows.push(row(Phrase::Place, place.join(", "), 5));
    }
    rows.push(row(Phrase::Ticket, ticket.ticket_type.clone(), 3));
    if let Some(seat) = &ticket.ticket.seat {
        rows.push(row(Phrase::Seat, speaker.seat(&seat.section, &seat.row, seat.seat.number), 3));
    }
    if let Some(holder) = &ticket.holder {
        rows.push(row(Phrase::Name, holder.clone(), 3));
    }
    if let Some(price) = ticket.price {
        let value = if price.is_zero() { speaker.phrase(Phrase::Free) } else { price.to_string() };
        rows.push(row(Phrase::Price, value, 1));
    }
    rows
}
