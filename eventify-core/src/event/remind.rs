//! Reminders: the jobs that an event has for them, and whether one of them is still right when its time has come.

use super::model::{Event, EventState};
use crate::context::Context;
use crate::id::{EventId, FactId, JobId, derived_beside};
use crate::job::{self, Job, JobWork, Sweep, Telling};
use crate::lead_time::LeadTime;
use crate::notification::{self, FactName};
use crate::store::Key;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// The job that reminds an event's holders so long before the start.
pub(crate) fn reminder_job(id: EventId, lead: LeadTime) -> JobId {
    JobId::from_uuid(derived_beside(id.uuid(), &[b"reminder", id.as_bytes(), &lead.to_bytes()]))
}

/// The fact that an event which starts then begins so soon: for another start it is another one.
pub(super) fn reminder_fact(id: EventId, lead: LeadTime, starts_at: Timestamp) -> FactId {
    let about = derived_beside(id.uuid(), &[id.as_bytes(), &lead.to_bytes()]);
    notification::fact_id(FactName::EventReminder, about, starts_at.as_micros().cast_unsigned())
}

/// When the holders of an event are reminded, whether that has been or not: only of one that is on sale. Of two times
/// that come to one instant the first counts.
fn plan(event: &Event) -> Vec<(LeadTime, Timestamp)> {
    let mut plan: Vec<(LeadTime, Timestamp)> = Vec::new();
    let (EventState::Published { .. }, Some(starts_at)) = (&event.state, event.starts_at) else {
        return plan;
    };
    for lead in &event.reminders {
        let at = lead.before(starts_at, &event.time_zone);
        if plan.iter().all(|(_, other)| *other != at) {
            plan.push((*lead, at));
        }
    }
    plan
}

fn planned(plan: &[(LeadTime, Timestamp)], lead: LeadTime) -> Option<Timestamp> {
    plan.iter().find(|(planned, _)| *planned == lead).map(|(_, at)| *at)
}

/// Makes, moves and drops the jobs of an event that changes: afterwards there is one for each reminder that is still to
/// come. What is under way for a start that stays goes on.
pub(super) fn arrange(work: &mut Work, cx: &Context<'_>, before: &Event, after: &Event) -> Decision<()> {
    let (was, is) = (plan(before), plan(after));
    let same_start = before.starts_at == after.starts_at;
    let mut changed: Vec<LeadTime> = was.iter().chain(&is).map(|(lead, _)| *lead).collect();
    changed.retain(|lead| !same_start || planned(&was, *lead) != planned(&is, *lead));
    let jobs = changed.iter().map(|lead| Key::Job(reminder_job(after.id, *lead)));
    work.need(jobs.collect::<Vec<_>>())?;
    for lead in changed {
        let id = reminder_job(after.id, lead);
        match planned(&is, lead).filter(|at| *at > cx.now).zip(after.starts_at) {
            Some((at, starts_at)) => {
                let telling = Telling::Reminder { lead, starts_at };
                let tell = JobWork::TellHolders { event_id: after.id, telling, sweep: Sweep::default() };
                job::schedule(work, cx, id, tell, at);
            }
            None if work.find::<Job>(&id)?.is_some() => work.delete::<Job>(&id),
            None => {}
        }
    }
    Ok(())
}

/// Whether holders are still to be reminded: not of a start that was moved or has come, and not when a later reminder
/// is due as well.
pub(super) fn is_timely(cx: &Context<'_>, event: &Event, lead: LeadTime, starts_at: Timestamp) -> bool {
    let plan = plan(event);
    let Some(at) = planned(&plan, lead).filter(|_| event.starts_at == Some(starts_at)) else {
        return false;
    };
    let overtaken = plan.iter().any(|(_, other)| *other > at && *other <= cx.now);
    cx.now < starts_at && !overtaken
}

/// Whether an event takes place.
pub(crate) fn is_on(event: &Event) -> bool {
    matches!(event.state, EventState::Published { .. })
}

/// Whether a reminder of a start that waited since it was made is still right.
pub(crate) fn is_ahead(cx: &Context<'_>, event: &Event, starts_at: Option<Timestamp>) -> bool {
    is_on(event) && event.starts_at == starts_at && starts_at.is_some_and(|starts_at| cx.now < starts_at)
}
