//! What is said about a ticket beside its title and its code: labels and values.

use eventify_core::Timestamp;
use eventify_core::ticket::TicketPaper;
use jiff::Zoned;

use crate::language::Language;

/// A label and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Such as `Place`, in the ticket's language.
    pub label: &'static str,
    /// What is to be read there.
    pub value: String,
    /// How many lines of a page it takes at most.
    pub lines_max: usize,
}

/// What a ticket says beside its title and its code, in reading order. Together they are never longer than a page.
#[must_use]
pub fn rows(ticket: &TicketPaper, language: Language) -> Vec<Row> {
    let words = language.words();
    let local = |at: Timestamp| -> Zoned { at.to_jiff().to_zoned(ticket.time_zone.to_jiff()) };
    let (start, end) = (local(ticket.starts_at), local(ticket.ends_at));
    let row = |label, value, lines_max| Row { label, value, lines_max };
    let mut rows = vec![row(words.when, language.period(&start, &end), 4)];
    if let Some(doors) = ticket.doors_at {
        rows.push(row(words.doors, language.instant(&local(doors), &start), 2));
    }
    let place: Vec<&str> = [&ticket.venue, &ticket.city].into_iter().flatten().map(String::as_str).collect();
    if !place.is_empty() {
        rows.push(row(words.place, place.join(", "), 5));
    }
    rows.push(row(words.ticket, ticket.ticket_type.clone(), 3));
    if let Some(seat) = &ticket.ticket.seat {
        rows.push(row(words.seat, language.seat(&seat.section, &seat.row, seat.seat.number), 3));
    }
    if let Some(holder) = &ticket.holder {
        rows.push(row(words.name, holder.clone(), 3));
    }
    if let Some(price) = ticket.price {
        let value = if price.is_zero() { words.free.to_owned() } else { price.to_string() };
        rows.push(row(words.price, value, 1));
    }
    rows
}
