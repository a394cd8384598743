//! What a booking costs: the prices and the discount of the moment, fixed on its lines.

use std::sync::Arc;

use super::model::BookingLine;
use super::request::LineRequest;
use super::seats::check_sales;
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::event::Event;
use crate::money::{Money, MoneyError};
use crate::promo_code::PromoCode;
use crate::store::Key;
use crate::ticket_type;
use crate::work::{Decision, Work};

/// The lines of a booking that is made now.
///
/// # Errors
/// `ticket_type_not_found` also for a hidden one that the promo code does not name, `sales_not_started`,
/// `sales_ended`, `promo_not_applicable` when the code does nothing for any line.
pub(super) fn lines(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    wanted: &[LineRequest],
    promo: Option<&Arc<PromoCode>>,
) -> Decision<Vec<BookingLine>> {
    work.need(wanted.iter().map(|line| Key::TicketType(line.ticket_type_id)))?;
    let mut lines = Vec::with_capacity(wanted.len());
    let mut applies = promo.is_none();
    for line in wanted {
        let of = ticket_type::find(work, event.id, line.ticket_type_id)?;
        if of.hidden && !promo.is_some_and(|promo| promo.names(of.id)) {
            return Err(ticket_type::not_found().into());
        }
        check_sales(event, &of, cx)?;
        let unit_discount = promo.and_then(|promo| promo.discount_on(&of));
        applies |= of.hidden || unit_discount.is_some();
        lines.push(BookingLine {
            ticket_type_id: line.ticket_type_id,
            quantity: line.quantity,
            unit_price: of.price,
            unit_discount,
        });
    }
    if !applies {
        let error =
            Error::new(Reason::PromoNotApplicable, "The promo code changes nothing about these tickets.");
        return Err(error.at_field("promo_code").into());
    }
    Ok(lines)
}

/// # Errors
/// `invalid_value` when the lines have different currencies or the sum is too large.
pub(super) fn total(lines: &[BookingLine]) -> Result<Money, Error> {
    let mut sum: Option<Money> = None;
    for (nth, line) in lines.iter().enumerate() {
        let field = |error: MoneyError| Error::invalid(format!("lines[{nth}]"), error.to_string());
        let amount = line.unit_due().and_then(|due| due.times(line.quantity)).map_err(field)?;
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
