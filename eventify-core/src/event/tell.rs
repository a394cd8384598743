//! What an event's ticket holders are told, some of them at a time.

use std::collections::BTreeSet;

use serde_json::json;

use super::model::{Event, EventState};
use super::remind;
use crate::announcement::Announcement;
use crate::context::Context;
use crate::id::{EventId, TicketId, TicketTypeId, UserId};
use crate::job::Telling;
use crate::lead_time::LeadTime;
use crate::notification::{self, Fact, FactName, Notice, Urgent, Words};
use crate::store::Key;
use crate::text::Moment;
use crate::ticket::{Ticket, TicketState};
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// Whom a job tells in one step.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) event_id: EventId,
    /// The tickets that are looked at: whoever holds one of them is told.
    pub(crate) tickets: &'a [TicketId],
    /// Whether it is the first step.
    pub(crate) is_first: bool,
}

/// What is told.
struct Told {
    fact: Fact,
    words: Words,
    /// Whether other systems are told too.
    published: bool,
    /// Only for those who have tickets of this type.
    only: Option<TicketTypeId>,
}

/// Tells the holders of some tickets, each once however many they hold. Answers whether there is any point in telling
/// the rest.
pub(crate) fn tell_holders(
    work: &mut Work,
    cx: &Context<'_>,
    step: &Step<'_>,
    telling: &Telling,
) -> Decision<bool> {
    let Some(event) = work.find::<Event>(&step.event_id)? else {
        return Ok(false);
    };
    let Some(told) = told(work, cx, &event, telling)? else {
        return Ok(false);
    };
    let holders = holders(work, step, &event, told.only)?;
    work.need(holders.iter().flat_map(|user_id| notification::reads_once(told.fact.id, *user_id)))?;
    if told.published && step.is_first {
        notification::publish_once(work, cx, &told.fact)?;
    }
    let urgent = urgent(&event, telling);
    for user_id in holders {
        let notice = Notice { urgent, ..Notice::new(user_id, &told.words) };
        notification::tell_once(work, cx, &told.fact, &notice)?;
    }
    Ok(true)
}

/// Whoever gets ready for the old start has to hear of a move as much as whoever could come to the new one.
fn urgent(event: &Event, telling: &Telling) -> Option<Urgent> {
    let now = Urgent::about(event.starts_at, event.ends_at);
    match telling {
        Telling::Change { was, .. } => now.map(|now| now.or(*was)),
        Telling::Reminder { .. } | Telling::Announcement(_) => now,
    }
}

/// What there is to tell by now, if anything: holders of a cancelled event hear of that instead of changes.
fn told(work: &mut Work, cx: &Context<'_>, event: &Event, telling: &Telling) -> Decision<Option<Told>> {
    Ok(match telling {
        Telling::Change { fact, .. } => change(event, fact),
        &Telling::Reminder { lead, starts_at } => reminder(cx, event, lead, starts_at),
        Telling::Announcement(id) => work.find::<Announcement>(id)?.map(|said| announcement(cx, &said)),
    })
}

fn change(event: &Event, fact: &Fact) -> Option<Told> {
    remind::is_on(event).then(|| Told {
        fact: fact.clone(),
        words: Words::EventChanged { event: event.title.clone(), start: start(event), place: place(event) },
        published: false,
        only: None,
    })
}

fn reminder(cx: &Context<'_>, event: &Event, lead: LeadTime, starts_at: Timestamp) -> Option<Told> {
    remind::is_timely(cx, event, lead, starts_at).then(|| {
        let id = remind::reminder_fact(event.id, lead, starts_at);
        let data =
            json!({ "event_id": event.id, "title": event.title, "starts_at": starts_at, "before": lead });
        Told {
            fact: notification::fact(cx, FactName::EventReminder, id, Some(event.id), &data),
            words: Words::EventSoon { event: event.title.clone(), start: start(event), place: place(event) },
            published: true,
            only: None,
        }
    })
}

fn announcement(cx: &Context<'_>, said: &Announcement) -> Told {
    let id = notification::fact_id(FactName::Announcement, said.id.uuid(), 0);
    let data = json!({ "event_id": said.event_id, "announcement_id": said.id });
    Told {
        fact: notification::fact(cx, FactName::Announcement, id, Some(said.event_id), &data),
        words: Words::Announcement { title: said.title.clone(), body: said.body.clone() },
        published: false,
        only: said.ticket_type_id,
    }
}

/// Who holds these tickets now.
fn holders(
    work: &mut Work,
    step: &Step<'_>,
    event: &Event,
    only: Option<TicketTypeId>,
) -> Decision<BTreeSet<UserId>> {
    work.need(step.tickets.iter().copied().map(Key::Ticket))?;
    let mut holders = BTreeSet::new();
    for id in step.tickets {
        let found = work.find::<Ticket>(id)?.filter(|t| t.event_id == event.id && is_held(event, t));
        let wanted = found.filter(|t| only.is_none_or(|only| t.ticket_type_id == only));
        holders.extend(wanted.map(|ticket| ticket.user_id));
    }
    Ok(holders)
}

/// Who gave a ticket back holds none; whose ticket went with the event had it until then.
fn is_held(event: &Event, ticket: &Ticket) -> bool {
    match (&ticket.state, &event.state) {
        (TicketState::Cancelled { at }, EventState::Cancelled { at: since, .. }) => at >= since,
        (TicketState::Cancelled { .. }, _) => false,
        _ => true,
    }
}

/// Whether it takes place then and there, as far as a message says it.
pub(crate) fn takes_place(event: &Event, when: &Moment, at: Option<&str>) -> bool {
    start(event) == *when && place(event).as_deref() == at
}

fn place(event: &Event) -> Option<String> {
    let named: Vec<&str> = [event.venue.as_deref(), event.city.as_deref()].into_iter().flatten().collect();
    (!named.is_empty()).then(|| named.join(", "))
}

/// The start, by the clocks of the event.
pub(crate) fn start(event: &Event) -> Moment {
    moment(event, event.starts_at)
}

/// An instant, by the clocks of the event.
pub(crate) fn moment(event: &Event, at: Option<Timestamp>) -> Moment {
    Moment { at, time_zone: event.time_zone.clone() }
}
