//! Whose booking it is, and who else may see to it.

use std::sync::Arc;

use super::model::Booking;
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::event::{self, Event};
use crate::id::BookingId;
use crate::work::{Decision, Work};

/// As whom an actor meets a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// The person who booked.
    Own,
    /// The event's organizer, an admin, or the system.
    Manager,
}

/// As whom the actor meets the booking.
///
/// # Errors
/// `not_authenticated`; `booking_not_found` for a stranger, to whom it does not exist.
pub(super) fn of(actor: &Actor, booking: &Booking, event: &Event) -> Result<Access, Error> {
    if event.is_managed_by(actor) {
        return Ok(Access::Manager);
    }
    if actor.require_user()? == booking.user_id { Ok(Access::Own) } else { Err(not_found()) }
}

/// The booking and its event, for a decision by this actor.
pub(super) fn find(
    work: &mut Work,
    actor: &Actor,
    id: BookingId,
) -> Decision<(Arc<Booking>, Arc<Event>, Access)> {
    let booking = work.find::<Booking>(&id)?.ok_or_else(not_found)?;
    let event = event::find(work, booking.event_id)?;
    let access = of(actor, &booking, &event)?;
    Ok((booking, event, access))
}

pub(super) fn not_found() -> Error {
    Error::new(Reason::BookingNotFound, "There is no such booking.")
}
