//! Whether what waited is still to be said: a night or a day is long enough for it to be refused, or to be so no more.

use super::model::{Channel, Draft, FactName, Preferences};
use super::words::Words;
use crate::account::User;
use crate::context::Context;
use crate::event::{self, Event};
use crate::id::{EventId, UserId};
use crate::store::Key;
use crate::work::{Decision, Work};

/// The event without which a message is not so.
fn rests_on(draft: &Draft) -> Option<EventId> {
    let rests = matches!(draft.words, Words::EventSoon { .. } | Words::EventChanged { .. });
    draft.event_id.filter(|_| rests)
}

/// Messages that are about to leave, all of them to one person by one channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unsaid<'a> {
    pub(crate) user_id: UserId,
    pub(crate) channel: Channel,
    pub(crate) drafts: &'a [Draft],
}

impl Unsaid<'_> {
    /// What [`still_said`] reads, beside the preferences.
    pub(crate) fn reads(&self) -> impl Iterator<Item = Key> {
        let person =
            self.drafts.iter().any(|draft| self.wants_proof(draft)).then_some(Key::User(self.user_id));
        self.drafts.iter().filter_map(rests_on).map(Key::Event).chain(person)
    }

    /// Whether it has words that are mailed to a proven address only: anybody may make an event, and an address that nobody has
    /// proven may be that of somebody who never asked for them.
    fn wants_proof(&self, draft: &Draft) -> bool {
        self.channel == Channel::Email && has_own_words(draft)
    }
}

/// Whether an organizer wrote some of it. What operators send themselves is about no event.
fn has_own_words(draft: &Draft) -> bool {
    match &draft.words {
        Words::EventCancelled { reason, .. } => reason.is_some(),
        Words::ReviewAnswered { .. } => true,
        _ => draft.fact == FactName::Announcement && draft.event_id.is_some(),
    }
}

/// What happened, without those words. Nothing is left of what consists of them.
fn without_own_words(draft: &Draft) -> Option<Draft> {
    let words = match draft.words.clone() {
        Words::EventCancelled { event, .. } => Words::EventCancelled { event, reason: None },
        Words::ReviewAnswered { event, .. } => Words::ReviewAnswered { event, reply: String::new() },
        _ => return None,
    };
    Some(Draft { words, ..draft.clone() })
}

/// Those that are to be said now: none of a kind that its person refused meanwhile, no reminder of a start that was moved
/// or has come, no change of an event that was called off or changed again, no offer whose time is over, and none of an
/// organizer's own words to an address that nobody has proven.
pub(crate) fn still_said(
    work: &mut Work,
    cx: &Context<'_>,
    chosen: Option<&Preferences>,
    unsaid: Unsaid<'_>,
) -> Decision<Vec<Draft>> {
    work.need(unsaid.reads())?;
    let mut said = Vec::with_capacity(unsaid.drafts.len());
    for draft in unsaid.drafts {
        let wanted = chosen.is_none_or(|chosen| chosen.allow(draft.fact.notice_kind(), unsaid.channel));
        if wanted && is_so(work, cx, draft)? {
            said.extend(for_its_address(work, unsaid, draft)?);
        }
    }
    Ok(said)
}

/// As much of it as is for where it goes.
fn for_its_address(work: &mut Work, unsaid: Unsaid<'_>, draft: &Draft) -> Decision<Option<Draft>> {
    if !unsaid.wants_proof(draft) {
        return Ok(Some(draft.clone()));
    }
    // Whoever has no account any more is whoever delivers it to find out about.
    let user = work.find::<User>(&unsaid.user_id)?;
    let is_unproven = user.is_some_and(|user| user.email_verified_at.is_none());
    Ok(if is_unproven { without_own_words(draft) } else { Some(draft.clone()) })
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
