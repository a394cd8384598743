//! Tickets on paper and in calendars.
//!
//! # On paper (feature `pdf`, on by default)
//!
//! One page of A4 with the event, the seat, the person and the QR code, in any language that the engine has words in: English,
//! Russian, Kazakh and those of its host ([`Texts`](eventify_core::text::Texts)).
//!
//! The engine says what is on a ticket ([`Tickets::printed`](eventify_core::ticket::Tickets::printed)); this crate draws it.
//! The same ticket gives the same bytes. The PDF carries its own fonts (parts of Noto Sans, under `font/`), is tagged for
//! screen readers as PDF/UA-1 asks, and its text can be searched and copied.
//!
//! The fonts know Latin, Greek and Cyrillic letters. Whatever else is in a text – emoji, Chinese, Arabic – is drawn as
//! `�`, one for each character that a reader sees; the text itself stays in the PDF, for those who copy it or have it
//! read to them. A text that is too long for its place is cut, with an ellipsis; it stays whole for them, too.

mod calendar;
#[cfg(feature = "pdf")]
mod face;
#[cfg(feature = "pdf")]
mod layout;
#[cfg(feature = "pdf")]
mod page;
#[cfg(feature = "pdf")]
mod picture;
mod rows;
mod times;

pub use calendar::{booking_ics, event_entry, event_ics, ticket_ics};
pub use rows::{Row, rows};

#[cfg(feature = "pdf")]
use eventify_core::text::Speaker;
#[cfg(feature = "pdf")]
use eventify_core::ticket::TicketPaper;

#[cfg(feature = "pdf")]
/// Why a ticket could not be drawn: a fault, never the ticket's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PaperError {
    /// The fonts that this crate carries cannot be read.
    #[error("the fonts cannot be read")]
    Font,
    /// The ticket's code does not fit a QR code.
    #[error("the ticket's code cannot be drawn: {0}")]
    Code(String),
    /// The PDF could not be written.
    #[error("the PDF cannot be written: {0}")]
    Pdf(String),
}

#[cfg(feature = "pdf")]
/// Draws a ticket as a PDF of one page. Takes a few milliseconds of computing.
///
/// # Errors
/// [`PaperError`]; none of them depends on the texts of the ticket.
pub fn ticket_pdf(ticket: &TicketPaper, speaker: Speaker<'_>) -> Result<Vec<u8>, PaperError> {
    page::draw(ticket, speaker)
}
