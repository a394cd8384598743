//! What happens to an event by itself: it ends, and its holders hear of changes.

use super::model::{Event, EventState};
use super::open;
use crate::actor::Actor;
use crate::audit;
use crate::context::Context;
use crate::id::{EventId, UserId};
use crate::notification::{self, Fact, Notice};
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
    work.put(Event { state, updated_at: cx.now, ..(*event).clone() });
    let act = audit::Act::new("event.completed", "event", id).of_event(id);
    audit::record(work, cx, &Actor::system(), &act);
    Ok(None)
}

/// Tells some of an event's ticket holders that it was changed.
pub(crate) fn tell_holders(
    work: &mut Work,
    cx: &Context<'_>,
    id: EventId,
    fact: &Fact,
    holders: &[UserId],
) -> Decision<()> {
    let Some(event) = work.find::<Event>(&id)? else {
        return Ok(());
    };
    if !matches!(event.state, EventState::Published { .. }) {
        // Cancelled meanwhile: they hear of that instead.
        return Ok(());
    }
    work.need(holders.iter().flat_map(|user_id| notification::reads_once(fact.id, *user_id)))?;
    let title = format!("{} has changed", event.title);
    let place =
        [event.venue.as_deref(), event.city.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let body = format!("It now takes place {}{}.", when(&event), at(&place));
    for &user_id in holders {
        notification::tell_once(work, cx, fact, &Notice { user_id, title: &title, body: &body })?;
    }
    Ok(())
}

fn at(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(" at {place}") }
}

/// The start in the event's own time zone.
pub(crate) fn when(event: &Event) -> String {
    let Some(starts_at) = event.starts_at else {
        return "at a time to be announced".to_owned();
    };
    let local = starts_at.to_jiff().to_zoned(event.time_zone.to_jiff());
    format!("on {} ({})", local.strftime("%Y-%m-%d at %H:%M"), event.time_zone)
}
