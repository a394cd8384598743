//! What can be asked for: lines of ticket types, within bounds.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Reason};
use crate::id::{EventId, TicketTypeId};
use crate::promo_code::PromoText;
use crate::seat_map::SeatId;

/// Seats to reserve.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct HoldTickets {
    /// The event.
    pub event_id: EventId,
    /// What to reserve: 1 to 20 lines, together at most 1,000 seats. May be absent for an event with one ticket type,
    /// with `seats` instead.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub lines: Vec<LineRequest>,
    /// So many of an event's only ticket type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub seats: Option<u32>,
    /// The very seats, instead of lines, of an event with a seat map; at most 1,000. Lines of ticket types that are sold
    /// by seat get the best seats, together for each line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub seat_ids: Vec<SeatId>,
    /// A promo code of the event, for a discount or for hidden ticket types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub promo_code: Option<PromoText>,
}

impl HoldTickets {
    /// Some lines of an event.
    #[must_use]
    pub const fn new(event_id: EventId, lines: Vec<LineRequest>) -> Self {
        Self { event_id, lines, seats: None, seat_ids: Vec::new(), promo_code: None }
    }

    /// So many of an event's only ticket type.
    #[must_use]
    pub const fn only(event_id: EventId, seats: u32) -> Self {
        Self { event_id, lines: Vec::new(), seats: Some(seats), seat_ids: Vec::new(), promo_code: None }
    }

    /// The very seats.
    #[must_use]
    pub const fn named(event_id: EventId, seat_ids: Vec<SeatId>) -> Self {
        Self { event_id, lines: Vec::new(), seats: None, seat_ids, promo_code: None }
    }
}

/// So many tickets of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct LineRequest {
    /// The ticket type.
    pub ticket_type_id: TicketTypeId,
    /// How many; at least 1.
    pub quantity: u32,
}

/// Tickets of one type, or the very seats, to be bought at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct BuyTickets {
    /// The ticket type; with `quantity`.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub ticket_type_id: Option<TicketTypeId>,
    /// How many; at least 1.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub quantity: Option<u32>,
    /// The very seats, instead of a type and a quantity, of an event with a seat map; at most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub seat_ids: Vec<SeatId>,
    /// A promo code of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub promo_code: Option<PromoText>,
}

impl BuyTickets {
    /// The same for an event: as one line, or as seats.
    ///
    /// # Errors
    /// `invalid_value` for neither, for a half, or for both.
    pub fn of(self, event_id: EventId) -> Result<HoldTickets, Error> {
        let wanted = match (self.ticket_type_id, self.quantity, self.seat_ids) {
            (None, None, seats) if !seats.is_empty() => HoldTickets::named(event_id, seats),
            (Some(ticket_type_id), Some(quantity), seats) if seats.is_empty() => {
                HoldTickets::new(event_id, vec![LineRequest { ticket_type_id, quantity }])
            }
            (_, _, seats) if !seats.is_empty() => {
                let words = "must not be given together with ticket_type_id or quantity";
                return Err(Error::invalid("seat_ids", words));
            }
            (None, _, _) => return Err(Error::invalid("ticket_type_id", "must be given, or seat_ids")),
            (Some(_), _, _) => return Err(Error::invalid("quantity", "must be given, or seat_ids")),
        };
        Ok(HoldTickets { promo_code: self.promo_code, ..wanted })
    }
}

const LINES_MAX: usize = 20;
const SEATS_MAX: u32 = 1_000;

pub(super) fn check_lines(lines: &[LineRequest]) -> Result<(), Error> {
    if lines.is_empty() {
        return Err(Error::new(Reason::EmptyBooking, "A booking needs at least one line.").at_field("lines"));
    }
    if lines.len() > LINES_MAX {
        let sentence = format!("A booking may have at most {LINES_MAX} lines.");
        return Err(Error::new(Reason::TooManyLines, sentence).at_field("lines"));
    }
    for (nth, line) in lines.iter().enumerate() {
        if line.quantity == 0 {
            return Err(Error::invalid(format!("lines[{nth}].quantity"), "must be at least 1"));
        }
    }
    if lines.iter().map(|line| u64::from(line.quantity)).sum::<u64>() > u64::from(SEATS_MAX) {
        let sentence = format!("A booking may have at most {SEATS_MAX} seats.");
        return Err(Error::new(Reason::TooManyLines, sentence).at_field("lines"));
    }
    Ok(())
}

/// # Errors
/// `invalid_value`, `too_many_lines`.
pub(super) fn check_seats(request: &HoldTickets) -> Result<(), Error> {
    if !request.lines.is_empty() || request.seats.is_some() {
        return Err(Error::invalid("seat_ids", "must not be given together with lines or seats"));
    }
    if request.seat_ids.len() > usize::try_from(SEATS_MAX).unwrap_or(usize::MAX) {
        let sentence = format!("A booking may have at most {SEATS_MAX} seats.");
        return Err(Error::new(Reason::TooManyLines, sentence).at_field("seat_ids"));
    }
    let distinct: BTreeSet<&SeatId> = request.seat_ids.iter().collect();
    if distinct.len() != request.seat_ids.len() {
        return Err(Error::invalid("seat_ids", "must not name a seat twice"));
    }
    Ok(())
}
