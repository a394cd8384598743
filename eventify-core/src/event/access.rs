//! Who may do what with an event: read beside every rule that needs it.

use std::sync::Arc;

use super::model::{Event, EventState};
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::eventify::Engine;
use crate::id::EventId;
use crate::staff::{Staff, StaffRight};
use crate::work::{Decision, Work};

/// As whom an actor meets an event. Each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Anybody.
    Stranger,
    /// A person or a device at the door: validates, checks in, sees names.
    Scanner,
    /// Does everything but what is left to the owner.
    Manager,
    /// The organizer, an admin, or the app itself: also cancels, is paid out, and chooses the staff.
    Owner,
}

impl Event {
    /// Whether the actor is the event's organizer, an admin or the system.
    #[must_use]
    pub fn is_owned_by(&self, actor: &Actor) -> bool {
        actor.is_admin() || actor.user_id() == Some(self.organizer_id)
    }

    /// As whom the actor meets the event, given the event's staff.
    ///
    /// # Errors
    /// `device_revoked`.
    pub(crate) fn met_by(&self, actor: &Actor, staff: Option<&Staff>) -> Result<Standing, Error> {
        if self.is_owned_by(actor) {
            return Ok(Standing::Owner);
        }
        if let Some((device_id, _)) = actor.as_device().filter(|(_, event_id)| *event_id == self.id) {
            staff.map_or_else(|| Err(crate::staff::device_revoked()), |s| s.live_device(device_id))?;
            return Ok(Standing::Scanner);
        }
        let right = actor.user_id().and_then(|user_id| staff?.right_of(user_id));
        Ok(right.map_or(Standing::Stranger, |right| match right {
            StaffRight::Scanner => Standing::Scanner,
            StaffRight::Manager => Standing::Manager,
        }))
    }

    const fn is_draft(&self) -> bool {
        matches!(self.state, EventState::Draft)
    }
}

impl Standing {
    /// # Errors
    /// `event_not_found` for a stranger to a draft, `not_authenticated`, and `not_event_staff` or `not_event_owner`
    /// for somebody who may less.
    pub(crate) fn require(self, least: Self, actor: &Actor, event: &Event) -> Result<(), Error> {
        if self >= least {
            return Ok(());
        }
        if event.is_draft() && self == Self::Stranger {
            return Err(event_not_found());
        }
        actor.require_somebody()?;
        Err(match least {
            Self::Stranger | Self::Scanner => {
                Error::new(Reason::NotEventStaff, "Only the event's staff may do this.")
            }
            Self::Manager => Error::new(
                Reason::NotEventOwner,
                "Only the event's organizer and those who manage it may do this.",
            ),
            Self::Owner => Error::new(Reason::NotEventOwner, "Only the event's organizer may do this."),
        })
    }
}

/// As whom the actor meets the event, for a decision. Reads the event's staff, unless it is the owner who asks.
///
/// # Errors
/// `device_revoked`.
pub(crate) fn standing(work: &mut Work, actor: &Actor, event: &Event) -> Decision<Standing> {
    if event.is_owned_by(actor) {
        return Ok(Standing::Owner);
    }
    if actor.is_anonymous() {
        return Ok(Standing::Stranger);
    }
    let staff = work.find::<Staff>(&event.id)?;
    Ok(event.met_by(actor, staff.as_deref())?)
}

/// For what only the owner may do: cancelling, payouts, staff.
///
/// # Errors
/// `not_authenticated`, `event_not_found` for somebody else's draft, `not_event_owner`, `device_revoked`.
pub(crate) fn require_owner(work: &mut Work, actor: &Actor, event: &Event) -> Decision<()> {
    Ok(standing(work, actor, event)?.require(Standing::Owner, actor, event)?)
}

/// For what the owner and managers may do.
///
/// # Errors
/// As [`require_owner`].
pub(crate) fn require_manager(work: &mut Work, actor: &Actor, event: &Event) -> Decision<()> {
    Ok(standing(work, actor, event)?.require(Standing::Manager, actor, event)?)
}

/// For the door: the owner, managers, scanners and the event's devices.
///
/// # Errors
/// `not_authenticated`, `event_not_found` for somebody else's draft, `not_event_staff`, `device_revoked`.
pub(crate) fn require_door(work: &mut Work, actor: &Actor, event: &Event) -> Decision<()> {
    Ok(standing(work, actor, event)?.require(Standing::Scanner, actor, event)?)
}

/// A draft is nobody's business but its organizer's and staff's: to everybody else it does not exist.
///
/// # Errors
/// `event_not_found`.
pub(crate) fn require_visible(work: &mut Work, actor: &Actor, event: &Event) -> Decision<()> {
    if event.is_draft() && standing(work, actor, event)? == Standing::Stranger {
        return Err(event_not_found().into());
    }
    Ok(())
}

/// The same for what is only read.
impl Engine {
    /// # Errors
    /// `device_revoked`.
    pub(crate) async fn standing(&self, actor: &Actor, event: &Event) -> Result<Standing, Error> {
        if event.is_owned_by(actor) {
            return Ok(Standing::Owner);
        }
        if actor.is_anonymous() {
            return Ok(Standing::Stranger);
        }
        event.met_by(actor, self.load::<Staff>(&event.id).await?.as_deref())
    }

    /// # Errors
    /// As the `require` of its name.
    pub(crate) async fn require_owner(&self, actor: &Actor, event: &Event) -> Result<(), Error> {
        self.standing(actor, event).await?.require(Standing::Owner, actor, event)
    }

    /// # Errors
    /// As the `require` of its name.
    pub(crate) async fn require_manager(&self, actor: &Actor, event: &Event) -> Result<(), Error> {
        self.standing(actor, event).await?.require(Standing::Manager, actor, event)
    }

    /// # Errors
    /// As the `require` of its name.
    pub(crate) async fn require_door(&self, actor: &Actor, event: &Event) -> Result<(), Error> {
        self.standing(actor, event).await?.require(Standing::Scanner, actor, event)
    }

    /// # Errors
    /// As the `require` of its name.
    pub(crate) async fn require_visible(&self, actor: &Actor, event: &Event) -> Result<(), Error> {
        if event.is_draft() && self.standing(actor, event).await? == Standing::Stranger {
            return Err(event_not_found());
        }
        Ok(())
    }
}

/// The event, for a decision.
pub(crate) fn find(work: &mut Work, id: EventId) -> Decision<Arc<Event>> {
    Ok(work.find::<Event>(&id)?.ok_or_else(event_not_found)?)
}

pub(crate) fn event_not_found() -> Error {
    Error::new(Reason::EventNotFound, "There is no such event.")
}
