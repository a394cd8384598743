//! Holding seats for somebody who waited for them.

use super::model::{Booking, BookingLine, BookingState};
use super::price;
use super::seats::{Move, move_seats};
use crate::actor::Actor;
use crate::audit;
use crate::context::Context;
use crate::event::Event;
use crate::id::{BookingId, JobId, TicketTypeId, UserId};
use crate::job::{self, JobWork};
use crate::notification::FactName;
use crate::seat_map::{self, Wanted};
use crate::ticket_type::{self, TicketType};
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// The seats that an offer looks for.
pub(crate) const fn offered_seats(of: &TicketType, count: u32) -> Wanted {
    Wanted { event_id: of.event_id, ticket_type_id: of.id, count, gaps_allowed: true }
}

/// Holds so many of a type in a person's name, at the price of the moment; those on a seat map together. Whether one
/// seat stays alone beside them does not matter: who waits takes what comes back.
///
/// # Errors
/// `per_person_limit`, `seats_not_together`; then nothing is written.
pub(crate) fn offer(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    (user_id, ticket_type_id, quantity): (UserId, TicketTypeId, u32),
    expires_at: Timestamp,
) -> Decision<Booking> {
    let of = ticket_type::find(work, event.id, ticket_type_id)?;
    let seats = if of.seated { seat_map::best(work, offered_seats(&of, quantity), &[])? } else { Vec::new() };
    let line = BookingLine { ticket_type_id, quantity, unit_price: of.price, unit_discount: None, seats };
    let lines = vec![line];
    let id = BookingId::from_uuid(cx.new_uuid());
    let booking = Booking {
        id,
        event_id: event.id,
        user_id,
        state: BookingState::Held { expires_at },
        total: price::total(&lines)?,
        cancellation: event.cancellation.clone(),
        lines,
        promo_code_id: None,
        from_waitlist: true,
        paid_elsewhere: false,
        created_at: cx.now,
        tickets: Vec::new(),
    };
    move_seats(work, cx, &booking, Move::Offer)?;
    job::schedule(work, cx, JobId::from_uuid(id.uuid()), JobWork::ExpireHold(id, event.id), expires_at);
    super::publish(work, cx, FactName::BookingHeld, &booking);
    let act = audit::Act::new("booking.held", "booking", id).of_event(event.id);
    audit::record(work, cx, &Actor::system(), &act);
    work.put(booking.clone());
    Ok(booking)
}
