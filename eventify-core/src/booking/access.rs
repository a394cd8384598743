//! Whose booking it is, and who else may see to it.

use std::sync::Arc;

use super::model::Booking;
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::event::{self, Event, Standing};
use crate::id::BookingId;
use crate::work::{Decision, Work};

/// As whom an actor meets a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// The person who booked.
    Own,
    /// Whoever manages the event: also marks it paid.
    Manager,
    /// The organizer, an admin or the app itself: also gives its money back.
    Owner,
}

/// As whom an actor of this standing at the event meets the booking.
///
/// # Errors
/// `not_authenticated`; `booking_not_found` for a stranger, to whom it does not exist.
pub(super) fn of(actor: &Actor, booking: &Booking, standing: Standing) -> Result<Access, Error> {
    match standing {
        Standing::Owner => return Ok(Access::Owner),
        Standing::Manager => return Ok(Access::Manager),
        Standing::Scanner | Standing::Stranger => {}
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
    // Whoever booked meets the booking as its person, also where they work: their own money is not theirs to confirm.
    let own = actor.user_id() == Some(booking.user_id) && !event.is_owned_by(actor);
    let standing = if own { Standing::Stranger } else { event::standing(work, actor, &event)? };
    let access = of(actor, &booking, standing)?;
    Ok((booking, event, access))
}

pub(crate) fn not_found() -> Error {
    Error::new(Reason::BookingNotFound, "There is no such booking.")
}
