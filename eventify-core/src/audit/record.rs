//! Writing the trail: one entry per accepted change, in the same change set.

use super::model::AuditEntry;
use crate::actor::Actor;
use crate::context::Context;
use crate::id::{AuditId, EventId};
use crate::work::Work;

/// What was done to what.
#[derive(Debug)]
pub(crate) struct Act {
    action: &'static str,
    subject: &'static str,
    subject_id: String,
    event_id: Option<EventId>,
}

impl Act {
    #[allow(clippy::needless_pass_by_value, reason = "ids are copied")]
    pub(crate) fn new(action: &'static str, subject: &'static str, subject_id: impl ToString) -> Self {
        Self { action, subject, subject_id: subject_id.to_string(), event_id: None }
    }

    /// Belongs to an event: its organizer may read it.
    pub(crate) fn of_event(mut self, event_id: EventId) -> Self {
        self.event_id = Some(event_id);
        self
    }
}

/// Adds an entry to the trail.
pub(crate) fn record(work: &mut Work, cx: &Context<'_>, actor: &Actor, act: &Act) {
    work.put(AuditEntry {
        id: AuditId::from_uuid(cx.new_uuid()),
        at: cx.now,
        actor: actor.label(),
        action: act.action.to_owned(),
        subject: act.subject.to_owned(),
        subject_id: act.subject_id.clone(),
        event_id: act.event_id,
        origin: actor.origin().map(str::to_owned),
        api_key_id: actor.api_key_id(),
    });
}

/// A person as the trail names them.
pub(crate) fn by(user_id: crate::id::UserId, origin: Option<&str>) -> Actor {
    let actor = Actor::user(user_id, crate::actor::Role::Attendee);
    match origin {
        Some(origin) => actor.from_origin(origin),
        None => actor,
    }
}
