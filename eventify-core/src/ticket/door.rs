//! The door: whether a ticket is for it and for now.

use super::check_in::Scan;
use super::model::{Ticket, TicketState};
use crate::error::{Error, Reason};
use crate::event::{Event, EventState};
use crate::ticket_type::TicketType;
use crate::time::Timestamp;

/// Whether a ticket is for this door.
///
/// # Errors
/// `wrong_event`.
pub(super) fn check_door(ticket: &Ticket, scan: &Scan) -> Result<(), Error> {
    if scan.event_id.is_some_and(|at| at != ticket.event_id) {
        return Err(Error::new(Reason::WrongEvent, "The ticket is for another event."));
    }
    Ok(())
}

/// Whether the event takes place.
///
/// # Errors
/// `event_cancelled`.
pub(super) fn check_on(event: &Event) -> Result<(), Error> {
    if matches!(event.state, EventState::Cancelled { .. }) {
        return Err(Error::new(Reason::EventCancelled, "The event was cancelled."));
    }
    Ok(())
}

/// Whether a ticket may be good at this instant, whatever happened to it before.
///
/// # Errors
/// `event_cancelled`, `not_yet_valid` (with `doors_at`), `expired`.
pub(super) fn check_time(
    ticket: &Ticket,
    event: &Event,
    of: Option<&TicketType>,
    now: Timestamp,
) -> Result<(), Error> {
    check_on(event)?;
    // A ticket that was used or cancelled stays that, which tells the door more than "over" or "too early".
    if matches!(ticket.state, TicketState::Used(_) | TicketState::Cancelled { .. }) {
        return Ok(());
    }
    let doors = of.and_then(|of| of.doors_at).or(event.doors_at);
    if let Some(doors) = doors.filter(|doors| now < *doors) {
        let error = Error::new(Reason::NotYetValid, format!("The doors open at {doors}."));
        return Err(error.with("doors_at", doors));
    }
    if event.ends_at.is_some_and(|end| now >= end) {
        return Err(Error::new(Reason::Expired, "The event is over."));
    }
    Ok(())
}
