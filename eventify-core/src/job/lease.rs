//! What needs the outside is leased to one worker, done, and settled: here whether it may go now, or at all.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::model::{Job, JobState, JobWork};
use super::settle::give_up;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::notification::{self, Channel, FactName, Preferences, Unsaid, still_said};
use crate::payment;
use crate::store::Key;
use crate::webhook::{self, Gate};
use crate::work::{Decision, Work};

/// Reserves a job for one worker, for a while.
pub(super) struct LeaseJob {
    pub(super) job: Job,
    /// For how long it waits, at least, when there are as many on their way to the same webhook as may be.
    pub(super) put_off: Option<Duration>,
}

/// Whether a worker has a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Lease {
    /// This one has it: the job as it is to be done, and settled.
    Taken(Box<Job>),
    /// Another one was faster, or is at it.
    Missed,
    /// Nobody: it waits for the end of somebody's quiet hours or until its webhook is tried again, or has come to nothing.
    Postponed,
    /// Nobody, ever.
    GivenUp,
}

impl Command for LeaseJob {
    type Reply = Lease;
    const NAME: &'static str = "lease_job";
    const BY_WORKER: bool = true;

    fn lane(&self) -> LaneKey {
        self.job.work.lane()
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Job(self.job.id));
        match &self.job.work {
            JobWork::Deliver { user_id, .. } | JobWork::DeliverDigest { user_id, .. } => {
                keys.insert(Key::Preferences(*user_id));
                keys.extend(unsaid(&self.job.work).iter().flat_map(Unsaid::reads));
            }
            JobWork::DeliverWebhook { webhook_id, delivery_id, .. } => {
                keys.extend(webhook::gate_reads(*webhook_id, *delivery_id));
            }
            _ => {}
        }
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Lease> {
        let Some(job) = work.find::<Job>(&self.job.id)? else {
            return Ok(Lease::Missed);
        };
        let free = match job.state {
            JobState::Waiting => job.due_at <= cx.now,
            JobState::Leased { until } => until <= cx.now,
            JobState::Dead { .. } => false,
        };
        if !free {
            return Ok(Lease::Missed);
        }
        let Some(work_left) = for_its_person(work, cx, &job)? else {
            return Ok(Lease::Postponed);
        };
        if matches!(job.work, JobWork::DeliverWebhook { .. }) {
            match webhook::gate(work, cx, &job, self.put_off)? {
                Gate::Open => {}
                Gate::Later(due_at) => {
                    work.put(Job { state: JobState::Waiting, due_at, ..(*job).clone() });
                    return Ok(Lease::Postponed);
                }
                Gate::Closed => {
                    work.delete::<Job>(&job.id);
                    return Ok(Lease::Postponed);
                }
                Gate::GivenUp => {
                    work.delete::<Job>(&job.id);
                    return Ok(Lease::GivenUp);
                }
            }
        } else if job.attempts >= cx.settings.job_attempts_max {
            // Whoever had it never said how it went, as often as allowed: it may be what they died of.
            give_up(work, cx, &job, "its worker ended before it was done")?;
            return Ok(Lease::GivenUp);
        }
        let state = JobState::Leased { until: cx.now.plus(cx.settings.job_lease_for) };
        // Counted before it is tried, so that an attempt that takes the process with it counts too.
        let attempts = job.attempts.saturating_add(1);
        let taken = Job { work: work_left, state, attempts, ..(*job).clone() };
        work.put(taken.clone());
        Ok(Lease::Taken(Box::new(taken)))
    }
}

/// What of a job is still to be done now. `None` when its person is to be left alone, or everything has come to nothing; and sees to
/// that.
fn for_its_person(work: &mut Work, cx: &Context<'_>, job: &Job) -> Decision<Option<JobWork>> {
    let Some(unsaid) = unsaid(&job.work) else { return Ok(Some(job.work.clone())) };
    let chosen = work.find::<Preferences>(&unsaid.user_id)?;
    let chosen = chosen.as_deref();
    let user_id = unsaid.user_id;
    let drafts = still_said(work, cx, chosen, unsaid)?;
    let Some(first) = drafts.first().cloned() else {
        work.delete::<Job>(&job.id);
        return Ok(None);
    };
    let mut left = job.work.clone();
    let (fact, urgent) = match &mut left {
        JobWork::Deliver { message, .. } => {
            **message = first;
            (message.fact, message.urgent)
        }
        _ => {
            let urgent = notification::urgency(&drafts, cx.now);
            left = JobWork::DeliverDigest { user_id, drafts };
            (FactName::Digest, urgent)
        }
    };
    let Some(chosen) = chosen else { return Ok(Some(left)) };
    if notification::gather_for_digest(work, cx, job, chosen)? {
        return Ok(None);
    }
    let due_at = chosen.sent_at(fact, urgent, cx.now);
    if due_at > cx.now {
        work.put(Job { state: JobState::Waiting, due_at, ..job.clone() });
        return Ok(None);
    }
    Ok(Some(left))
}

/// The messages of a job, if it brings any to a person.
fn unsaid(what: &JobWork) -> Option<Unsaid<'_>> {
    let (user_id, channel, drafts) = match what {
        JobWork::Deliver { user_id, channel, message, .. } => {
            (*user_id, *channel, std::slice::from_ref(&**message))
        }
        JobWork::DeliverDigest { user_id, drafts } => (*user_id, Channel::Email, drafts.as_slice()),
        _ => return None,
    };
    Some(Unsaid { user_id, channel, drafts })
}

/// Gives a job back that a worker reserved and will not do: it ends. One that may have moved money was begun all the same, and rests.
pub(super) struct ReturnJob {
    /// As it was reserved.
    pub(super) job: Job,
}

impl Command for ReturnJob {
    type Reply = ();
    const NAME: &'static str = "return_job";
    const BY_WORKER: bool = true;

    fn lane(&self) -> LaneKey {
        self.job.work.lane()
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Job(self.job.id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        // Unless it was settled after all, or another worker has it.
        if work.find::<Job>(&self.job.id)?.is_none_or(|job| *job != self.job) {
            return Ok(());
        }
        let (attempts, due_at) = match payment::rests_once_begun(&self.job.work) {
            Some(rest) => (self.job.attempts, cx.now.plus(rest)),
            None => (self.job.attempts.saturating_sub(1), self.job.due_at),
        };
        work.put(Job { state: JobState::Waiting, attempts, due_at, ..self.job.clone() });
        Ok(())
    }
}
