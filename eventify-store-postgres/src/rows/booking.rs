//! Bookings.

use eventify_core::booking::{Booking, BookingLine, BookingState};
use eventify_core::{Money, Timestamp};

use super::words::{Word, odd_state, take_word};
use crate::cells::{Bad, Cells};
use crate::columns::{Batch, Columns, Spec, group, table};

impl Columns for BookingState {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<Word>("status"));
        to.push(Spec::nullable::<Timestamp>("held_until"));
        to.push(Spec::nullable::<Timestamp>("status_since"));
        <Option<Money> as Columns>::list("refund", to);
    }
    fn put(&self, row: &mut Batch) {
        let (status, until, since) = match self {
            Self::Held { expires_at } => ("held", Some(expires_at), None),
            Self::Confirmed { at } => ("confirmed", None, Some(at)),
            Self::Cancelled { at, .. } => ("cancelled", None, Some(at)),
            Self::Expired { at } => ("expired", None, Some(at)),
        };
        row.put(&Word(status));
        row.put_option(until);
        row.put_option(since);
        Columns::put(&self.refund(), row);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let status = take_word(row)?;
        let (until, since) = (Columns::take(row)?, Columns::take(row)?);
        match (status.as_str(), until, since, Columns::take(row)?) {
            ("held", Some(expires_at), None, None) => Ok(Self::Held { expires_at }),
            ("confirmed", None, Some(at), None) => Ok(Self::Confirmed { at }),
            ("cancelled", None, Some(at), refund) => Ok(Self::Cancelled { at, refund }),
            ("expired", None, Some(at), None) => Ok(Self::Expired { at }),
            _ => Err(odd_state(&status)),
        }
    }
}

group! {
    BookingLine: ticket_type_id, quantity, unit_price, unit_discount, seats;
}

table! {
    Booking: id;
    fields event_id, user_id, state, total, cancellation, promo_code_id, from_waitlist, paid_elsewhere, created_at, tickets;
    list lines in "booking_lines" by booking_id carrying event_id;
}
