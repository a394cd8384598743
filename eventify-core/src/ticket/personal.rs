//! What tickets keep about people.

use super::model::Ticket;
use crate::account::Personal;
use crate::store::{Index, Recorded};

/// A ticket names its person by id only, and stays good. An archive lies about for years, so it has no codes.
pub(crate) const PERSONAL: Personal = Personal {
    number: 3,
    name: "tickets",
    find: |whom| Index::TicketsOfUser(whom.user_id),
    show: Some(|_, _, record| {
        let ticket = Ticket::unwrap(record)?;
        Some(serde_json::json!({
            "id": ticket.id,
            "event_id": ticket.event_id,
            "ticket_type_id": ticket.ticket_type_id,
            "booking_id": ticket.booking_id,
            "status": ticket.state.status(),
            "purchased_at": ticket.purchased_at,
            "used_at": ticket.state.check_in().map(|check_in| check_in.at),
        }))
    }),
    forget: None,
};
