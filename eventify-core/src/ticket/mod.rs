//! ticket.

mod model;

pub use model::{CheckIn, ShortCodeClaim, Ticket, TicketState, TicketStatus};
