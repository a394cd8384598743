//! booking.

mod model;

pub use model::{Allowance, Booking, BookingLine, BookingState, BookingStatus};
