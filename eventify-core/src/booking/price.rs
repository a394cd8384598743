//! What a booking costs: the prices and the discount of the moment, fixed on its lines.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::BookingLine;
use super::request::LineRequest;
use super::seats::check_sales;
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::event::Event;
use crate::id::{EventId, TicketTypeId};
use crate::money::{Money, MoneyError};
use crate::promo_code::PromoCode;
use crate::seat_map::{self, BookedSeat, SeatId, Wanted};
use crate::store::Key;
use crate::ticket_type::{self, TicketType};
use crate::work::{Decision, Work};

/// Tickets of one type, and their seats if they are named.
pub(super) struct Wish {
    pub(super) ticket_type_id: TicketTypeId,
    pub(super) quantity: u32,
    pub(super) seats: Vec<BookedSeat>,
}

impl From<&LineRequest> for Wish {
    fn from(line: &LineRequest) -> Self {
        Self { ticket_type_id: line.ticket_type_id, quantity: line.quantity, seats: Vec::new() }
    }
}

/// The named seats as lines, one for each ticket type.
///
/// # Errors
/// `seat_unknown`, `seat_taken`.
pub(super) fn named(work: &mut Work, event_id: EventId, seats: &[SeatId]) -> Decision<Vec<Wish>> {
    let mut by_type: BTreeMap<TicketTypeId, Vec<BookedSeat>> = BTreeMap::new();
    for (of, seat) in seat_map::named(work, event_id, seats)? {
        by_type.entry(of).or_default().push(seat);
    }
    let wish = |(ticket_type_id, seats): (TicketTypeId, Vec<BookedSeat>)| Wish {
        ticket_type_id,
        quantity: u32::try_from(seats.len()).unwrap_or(u32::MAX),
        seats,
    };
    Ok(by_type.into_iter().map(wish).collect())
}

/// The lines of a booking that is made now; those of types that are sold by seat with the best seats, unless they name
/// theirs.
///
/// # Errors
/// `ticket_type_not_found` also for a hidden one that the promo code does not name, `sales_not_started`,
/// `sales_ended`, `seats_not_together`, `promo_not_applicable` when the code does nothing for any line.
pub(super) fn lines(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    wanted: Vec<Wish>,
    promo: Option<&Arc<PromoCode>>,
) -> Decision<Vec<BookingLine>> {
    work.need(wanted.iter().map(|line| Key::TicketType(line.ticket_type_id)))?;
    prepare_best(work, event, &wanted)?;
    let mut lines: Vec<BookingLine> = Vec::with_capacity(wanted.len());
    let mut applies = promo.is_none();
    for line in wanted {
        let of = ticket_type::find(work, event.id, line.ticket_type_id)?;
        if of.hidden && !promo.is_some_and(|promo| promo.names(of.id)) {
            return Err(ticket_type::not_found().into());
        }
        check_sales(event, &of, cx)?;
        let unit_discount = promo.and_then(|promo| promo.discount_on(&of));
        applies |= of.hidden || unit_discount.is_some();
        let mut seats = line.seats;
        // Where fewer are left than are wanted, that is the answer.
        if let Some(best) = best_of(&of, line.quantity).filter(|_| seats.is_empty()) {
            let chosen: Vec<SeatId> = lines.iter().flat_map(|l| l.seats.iter().map(|s| s.seat)).collect();
            seats = seat_map::best(work, best, &chosen)?;
        }
        lines.push(BookingLine {
            ticket_type_id: line.ticket_type_id,
            quantity: line.quantity,
            unit_price: of.price,
            unit_discount,
            seats,
        });
    }
    if !applies {
        let error =
            Error::new(Reason::PromoNotApplicable, "The promo code changes nothing about these tickets.");
        return Err(error.at_field("promo_code").into());
    }
    Ok(lines)
}

/// Loads what the choice of the best seats may read, for all lines together.
fn prepare_best(work: &mut Work, event: &Event, wanted: &[Wish]) -> Decision<()> {
    let mut choices = Vec::new();
    for line in wanted.iter().filter(|line| line.seats.is_empty()) {
        let of = ticket_type::find(work, event.id, line.ticket_type_id)?;
        choices.extend(best_of(&of, line.quantity));
    }
    if choices.is_empty() { Ok(()) } else { seat_map::prepare(work, event.id, &choices, choices.len()) }
}

/// The choice of seats for a line that names none, where there are so many.
fn best_of(of: &TicketType, count: u32) -> Option<Wanted> {
    let best = Wanted { event_id: of.event_id, ticket_type_id: of.id, count, gaps_allowed: false };
    (of.seated && count <= of.seats.available()).then_some(best)
}

/// # Errors
/// `invalid_value` when the lines have different currencies or the sum is too large.
pub(super) fn total(lines: &[BookingLine]) -> Result<Money, Error> {
    let mut sum: Option<Money> = None;
    for (nth, line) in lines.iter().enumerate() {
        let field = |error: MoneyError| Error::invalid(format!("lines[{nth}]"), error.to_string());
        let amount = line.due().map_err(field)?;
        sum = Some(match sum {
            // What is free adds nothing, whatever its currency.
            Some(sum) if amount.is_zero() => sum,
            Some(sum) if sum.is_zero() => amount,
            Some(sum) => sum.plus(amount).map_err(field)?,
            None => amount,
        });
    }
    sum.ok_or_else(|| Error::new(Reason::EmptyBooking, "A booking needs at least one line."))
}
