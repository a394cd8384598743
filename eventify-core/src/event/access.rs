//! Who may do what with an event: read beside every rule that needs it.

use std::sync::Arc;

use super::model::{Event, EventState};
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::id::EventId;
use crate::work::{Decision, Work};

impl Event {
    /// Whether the actor is the event's organizer, an admin or the system.
    #[must_use]
    pub fn is_managed_by(&self, actor: &Actor) -> bool {
        actor.is_admin() || actor.user_id() == Some(self.organizer_id)
    }

    /// A draft is nobody's business but its organizer's: to everybody else it does not exist.
    ///
    /// # Errors
    /// `event_not_found`.
    pub(crate) fn require_visible(&self, actor: &Actor) -> Result<(), Error> {
        let hidden = matches!(self.state, EventState::Draft) && !self.is_managed_by(actor);
        if hidden { Err(event_not_found()) } else { Ok(()) }
    }

    /// # Errors
    /// `not_authenticated`, `event_not_found` for somebody else's draft, `not_event_owner`.
    pub(crate) fn require_manager(&self, actor: &Actor) -> Result<(), Error> {
        if self.is_managed_by(actor) {
            return Ok(());
        }
        self.require_visible(actor)?;
        actor.require_somebody()?;
        Err(Error::new(Reason::NotEventOwner, "Only the event's organizer may do this."))
    }
}

/// The event, for a decision.
pub(crate) fn find(work: &mut Work, id: EventId) -> Decision<Arc<Event>> {
    Ok(work.find::<Event>(&id)?.ok_or_else(event_not_found)?)
}

pub(crate) fn event_not_found() -> Error {
    Error::new(Reason::EventNotFound, "There is no such event.")
}
