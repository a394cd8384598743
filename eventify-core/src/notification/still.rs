//! Whether what waited is still to be said: a night or a day is long enough for it to be refused, or to be so no more.

use super::model::{Channel, Draft, Preferences};
use super::words::Words;
use crate::context::Context;
use crate::event::{self, Event};
use crate::id::EventId;
use crate::store::Key;
use crate::work::{Decision, Work};

/// The event without which a message is not so.
fn rests_on(draft: &Draft) -> Option<EventId> {
    let rests = matches!(draft.words, Words::EventSoon { .. } | Words::EventChanged { .. });
    draft.event_id.filter(|_| rests)
}

/// What [`still_said`] reads, beside the preferences.
pub(crate) fn reads_of_saying(drafts: &[Draft]) -> impl Iterator<Item = Key> {
    drafts.iter().filter_map(rests_on).map(Key::Event)
}

/// Those that are to be said now: none of a kind that its person refused meanwhile, no reminder of a start that was moved
/// or has come, no change of an event that was called off or changed again, no offer whose time is over.
pub(crate) fn still_said(
    work: &mut Work,
    cx: &Context<'_>,
    chosen: Option<&Preferences>,
    (channel, drafts): (Channel, &[Draft]),
) -> Decision<Vec<Draft>> {
    work.need(reads_of_saying(drafts))?;
    let mut said = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let wanted = chosen.is_none_or(|chosen| chosen.allow(draft.fact.notice_kind(), channel));
        if wanted && is_so(work, cx, draft)? {
            said.push(draft.clone());
        }
    }
    Ok(said)
}

fn is_so(work: &mut Work, cx: &Context<'_>, draft: &Draft) -> Decision<bool> {
    if let Words::WaitlistOffered { until, .. } = &draft.words {
        return Ok(until.at.is_none_or(|until| cx.now < until));
    }
    let Some(event_id) = rests_on(draft) else { return Ok(true) };
    let Some(event) = work.find::<Event>(&event_id)? else { return Ok(false) };
    Ok(match &draft.words {
        Words::EventSoon { start, .. } => event::is_ahead(cx, &event, start.at),
        // Of two changes the older one may come to be said last.
        Words::EventChanged { start, place, .. } => {
            event::is_on(&event) && event::takes_place(&event, start, place.as_deref())
        }
        _ => event::is_on(&event),
    })
}
