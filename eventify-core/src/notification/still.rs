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

    /// Whether it is mailed to a proven address only: words about an event are anybody's who made one, and an address that
    /// nobody has proven may be that of somebody who never asked for them. An operator's own are about none.
    fn wants_proof(&self, draft: &Draft) -> bool {
        self.channel == Channel::Email && draft.fact == FactName::Announcement && draft.event_id.is_some()
    }
}

/// Those that are to be said now: none of a kind that its person refused meanwhile, no reminder of a start that was moved
/// or has come, no change of an event that was called off or changed again, no offer whose time is over, and no
/// announcement to an address that nobody has proven.
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
        if wanted && is_addressed(work, unsaid, draft)? && is_so(work, cx, draft)? {
            said.push(draft.clone());
        }
    }
    Ok(said)
}

fn is_addressed(work: &mut Work, unsaid: Unsaid<'_>, draft: &Draft) -> Decision<bool> {
    if !unsaid.wants_proof(draft) {
        return Ok(true);
    }
    // Whoever has no account any more is whoever delivers it to find out about.
    Ok(work.find::<User>(&unsaid.user_id)?.is_none_or(|user| user.email_verified_at.is_some()))
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
