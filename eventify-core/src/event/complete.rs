//! What happens to an event by itself: it ends.

use super::model::{Event, EventState};
use super::{open, remind};
use crate::actor::Actor;
use crate::audit;
use crate::context::Context;
use crate::id::EventId;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// Completes an event that is over; says when to come back for one that is not.
pub(crate) fn complete(work: &mut Work, cx: &Context<'_>, id: EventId) -> Decision<Option<Timestamp>> {
    let Some(event) = work.find::<Event>(&id)? else {
        return Ok(None);
    };
    if !matches!(event.state, EventState::Published { .. }) {
        return Ok(None);
    }
    if let Some(ends_at) = event.ends_at.filter(|ends_at| *ends_at > cx.now) {
        return Ok(Some(ends_at));
    }
    let state = event.state.complete(cx.now)?;
    open::closed(work, event.organizer_id)?;
    let completed = Event { state, updated_at: cx.now, ..(*event).clone() };
    remind::arrange(work, cx, &event, &completed)?;
    work.put(completed);
    let act = audit::Act::new("event.completed", "event", id).of_event(id);
    audit::record(work, cx, &Actor::system(), &act);
    Ok(None)
}
