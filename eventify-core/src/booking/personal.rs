//! What bookings keep about people.

use super::model::Booking;
use super::view::BookingView;
use crate::account::Personal;
use crate::store::{Index, Recorded};

/// A booking names its person by id only, and the accounts rest on it: it stays.
pub(crate) const PERSONAL: Personal = Personal {
    number: 2,
    name: "bookings",
    find: |whom| Index::BookingsOfUser(whom.user_id),
    show: Some(|_, _, record| {
        serde_json::to_value(BookingView::new(Booking::unwrap(record)?, Vec::new())).ok()
    }),
    forget: None,
};
