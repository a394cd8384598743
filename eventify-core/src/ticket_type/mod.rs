//! ticket_type.

mod model;

pub use model::{Inventory, Seats, TicketType};
