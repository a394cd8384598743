//! Running jobs: what the engine does itself is one decision; what needs the outside is leased, done, and settled.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::model::{Job, JobState, JobWork, Telling};
use crate::account::{self, Whom};
use crate::booking;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::event;
use crate::id::{BookingId, EventId, JobId, PromoCodeId, PushSubscriptionId, TicketId};
use crate::notification::{self, Fact, FactName, Preferences};
use crate::payment;
use crate::promo_code;
use crate::seat_map;
use crate::store::Key;
use crate::transfer;
use crate::waitlist::{self, Rest};
use crate::webhook::{self, Gate};
use crate::work::{Decision, Work};

/// Does a job that only the engine is needed for.
pub(super) struct RunJob {
    pub(super) job: Job,
    /// What a scan found for it to work on; checked again in the decision.
    pub(super) bookings: Vec<BookingId>,
    pub(super) tickets: Vec<TicketId>,
    pub(super) promo_codes: Vec<PromoCodeId>,
    pub(super) next: Option<Vec<u8>>,
    /// Whether the job goes on behind what was seen: not when this is only a part of it.
    pub(super) moves: bool,
    /// How many records had to be left out.
    pub(super) left_out: u32,
    /// What a scan found of a person.
    pub(super) personal: Vec<Key>,
}

impl RunJob {
    pub(super) const fn new(job: Job) -> Self {
        Self {
            job,
            bookings: Vec::new(),
            tickets: Vec::new(),
            promo_codes: Vec::new(),
            next: None,
            moves: true,
            left_out: 0,
            personal: Vec::new(),
        }
    }
}

impl Command for RunJob {
    /// Whether there was anything to do: another worker may have been faster.
    type Reply = bool;
    const NAME: &'static str = "run_job";

    fn lane(&self) -> LaneKey {
        self.job.work.lane()
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Job(self.job.id));
        keys.extend(self.bookings.iter().copied().map(Key::Booking));
        keys.extend(self.bookings.iter().copied().map(payment::reads_of_booking));
        keys.extend(self.tickets.iter().copied().map(Key::Ticket));
        match &self.job.work {
            JobWork::ExpireHold(booking_id, event_id) => {
                keys.extend([Key::Booking(*booking_id), Key::Event(*event_id), Key::Inventory(*event_id)]);
            }
            JobWork::ExpireTransfer(transfer_id, _) => {
                keys.insert(Key::Transfer(*transfer_id));
            }
            JobWork::CompleteEvent(id) | JobWork::SweepCancelledEvent { event_id: id, .. } => {
                keys.extend([Key::Event(*id), Key::Inventory(*id)]);
            }
            JobWork::TellHolders { event_id, .. } => {
                keys.insert(Key::Event(*event_id));
            }
            JobWork::ServeWaitlist { event_id, ticket_type_id, .. } => {
                keys.extend(waitlist::reads_of_serving(*event_id, *ticket_type_id));
            }
            JobWork::SweepDeletedEvent(id) => {
                keys.insert(seat_map::reads_of_deletion(*id));
                keys.extend(self.promo_codes.iter().copied().map(Key::PromoCode));
            }
            JobWork::MailReset { email, .. } => {
                keys.insert(Key::EmailClaim(email.clone()));
            }
            JobWork::EraseUser { user_id, .. } => {
                keys.insert(Key::Erasure(*user_id));
                keys.extend(self.personal.iter().cloned());
            }
            JobWork::FanOut { event_id, .. } => {
                keys.insert(Key::WebhookList(webhook::WebhookOwner::Deployment));
                keys.extend(event_id.map(Key::Event));
            }
            JobWork::EmptyDigest(user_id) => {
                keys.extend([Key::DigestBox(*user_id), Key::Preferences(*user_id)]);
            }
            JobWork::Deliver { .. }
            | JobWork::Publish { .. }
            | JobWork::DeliverToken { .. }
            | JobWork::DeliverDigest { .. }
            | JobWork::RefundPayment { .. }
            | JobWork::WatchPayment { .. }
            | JobWork::DeliverWebhook { .. } => {}
        }
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<bool> {
        let Some(job) = work.find::<Job>(&self.job.id)? else {
            return Ok(false);
        };
        let is_another = job.work != self.job.work;
        if is_another || job.due_at > cx.now || matches!(job.state, JobState::Dead { .. }) {
            // Gone on by another worker, moved, or given up, since it was found.
            return Ok(false);
        }
        let next = match &job.work {
            JobWork::ExpireHold(booking_id, _) => {
                booking::expire(work, cx, *booking_id)?;
                None
            }
            JobWork::ExpireTransfer(transfer_id, _) => {
                transfer::expire(work, cx, *transfer_id)?;
                None
            }
            JobWork::CompleteEvent(event_id) => {
                let later = event::complete(work, cx, *event_id)?;
                if later.is_none() {
                    waitlist::wake(work, cx, *event_id)?;
                }
                later.map(|at| Job { due_at: at, attempts: 0, ..(*job).clone() })
            }
            JobWork::SweepCancelledEvent { event_id, .. } => self.cancel_some(work, cx, &job, *event_id)?,
            &JobWork::ServeWaitlist { event_id, ticket_type_id, after } => {
                match waitlist::serve(work, cx, event_id, ticket_type_id, after)? {
                    Rest::Nothing => None,
                    Rest::Behind(after, due_at) => {
                        let rest = JobWork::ServeWaitlist { event_id, ticket_type_id, after };
                        Some(Job { work: rest, due_at, attempts: 0, ..(*job).clone() })
                    }
                }
            }
            JobWork::SweepDeletedEvent(event_id) => {
                promo_code::delete_with_event(work, *event_id, &self.promo_codes)?;
                let more = seat_map::delete_with_event(work, *event_id)? || !self.promo_codes.is_empty();
                more.then(|| Job { attempts: 0, ..(*job).clone() })
            }
            JobWork::TellHolders { event_id, telling, sweep } => {
                let is_first = self.moves && sweep.after.is_none();
                self.tell_some(work, cx, &job, (*event_id, telling, is_first))?
            }
            JobWork::MailReset { email, origin } => {
                account::mail_reset(work, cx, email, origin.as_deref())?;
                None
            }
            JobWork::EraseUser { user_id, email, step, .. } => {
                let whom = Whom { user_id: *user_id, email: email.clone() };
                let rest = account::erase_part(work, cx, &whom, *step, &self.personal, self.next.as_deref())?;
                rest.map(|rest| Job { work: rest, attempts: 0, ..(*job).clone() })
            }
            &JobWork::FanOut { event_id, ref facts } => fan_out(work, cx, &job, event_id, facts)?,
            JobWork::EmptyDigest(user_id) => notification::empty_digest(work, cx, *user_id).map(|()| None)?,
            JobWork::Deliver { .. }
            | JobWork::Publish { .. }
            | JobWork::DeliverToken { .. }
            | JobWork::DeliverDigest { .. }
            | JobWork::RefundPayment { .. }
            | JobWork::WatchPayment { .. }
            | JobWork::DeliverWebhook { .. } => return Ok(false),
        };
        match next {
            Some(next) => work.put(next),
            None => work.delete::<Job>(&job.id),
        }
        Ok(true)
    }
}

impl RunJob {
    fn cancel_some(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        job: &Job,
        event_id: EventId,
    ) -> Decision<Option<Job>> {
        booking::cancel_with_event(work, cx, event_id, &self.bookings)?;
        if !self.moves {
            // What was cancelled is found no more: it goes on where it is until there is nothing.
            return Ok(Some(Job { attempts: 0, ..job.clone() }));
        }
        if self.next.is_none() {
            // Nobody waits for it any more.
            waitlist::wake(work, cx, event_id)?;
        }
        Ok(self.behind(job, cx))
    }

    fn tell_some(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        job: &Job,
        (event_id, telling, is_first): (EventId, &Telling, bool),
    ) -> Decision<Option<Job>> {
        let step = event::Step { event_id, tickets: &self.tickets, is_first };
        Ok(match event::tell_holders(work, cx, &step, telling)? {
            false => None,
            true if self.moves => self.behind(job, cx),
            true => Some(job.clone()),
        })
    }

    fn behind(&self, job: &Job, cx: &Context<'_>) -> Option<Job> {
        job.behind(self.next.as_ref(), self.left_out, cx.now)
    }
}

/// Writes the next deliveries to webhooks, and answers with what is left to do.
fn fan_out(
    work: &mut Work,
    cx: &Context<'_>,
    job: &Job,
    event_id: Option<EventId>,
    facts: &[Fact],
) -> Decision<Option<Job>> {
    let facts = webhook::fan_out_some(work, cx, event_id, facts)?;
    let more = !facts.is_empty();
    Ok(more.then(|| Job { work: JobWork::FanOut { event_id, facts }, attempts: 0, ..job.clone() }))
}

/// Reserves a job for one worker, for a while.
pub(super) struct LeaseJob {
    pub(super) job: Job,
    /// Whether as many jobs as may be are on their way to the same webhook.
    pub(super) crowded: bool,
}

/// Whether a worker has a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Lease {
    /// This one has it.
    Taken,
    /// Another one was faster, or is at it.
    Missed,
    /// Nobody: it waits for the end of somebody's quiet hours or until its webhook is tried again, or has come to nothing.
    Postponed,
}

impl Command for LeaseJob {
    type Reply = Lease;
    const NAME: &'static str = "lease_job";

    fn lane(&self) -> LaneKey {
        self.job.work.lane()
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Job(self.job.id));
        if let JobWork::Deliver { user_id, .. } | JobWork::DeliverDigest { user_id, .. } = &self.job.work {
            keys.insert(Key::Preferences(*user_id));
        }
        if let JobWork::DeliverWebhook { webhook_id, delivery_id, .. } = &self.job.work {
            keys.extend(webhook::gate_reads(*webhook_id, *delivery_id));
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
        if waits_for_its_person(work, cx, &job)? {
            return Ok(Lease::Postponed);
        }
        if matches!(job.work, JobWork::DeliverWebhook { .. }) {
            match webhook::gate(work, cx, &job, self.crowded)? {
                Gate::Open => {}
                Gate::Later(due_at) => {
                    work.put(Job { state: JobState::Waiting, due_at, ..(*job).clone() });
                    return Ok(Lease::Postponed);
                }
                Gate::Closed => {
                    work.delete::<Job>(&job.id);
                    return Ok(Lease::Postponed);
                }
            }
        } else if job.attempts >= cx.settings.job_attempts_max {
            // Whoever had it never said how it went, as often as allowed: it may be what they died of.
            let last_error = Some("its worker ended before it was done".to_owned());
            work.put(Job { state: JobState::Dead { at: cx.now }, last_error, ..(*job).clone() });
            return Ok(Lease::Missed);
        }
        let until = cx.now.plus(cx.settings.job_lease_for);
        // Counted before it is tried, so that an attempt that takes the process with it counts too.
        let attempts = job.attempts.saturating_add(1);
        work.put(Job { state: JobState::Leased { until }, attempts, ..(*job).clone() });
        Ok(Lease::Taken)
    }
}

/// Whether a message has to wait, for the end of quiet hours or in its person's box; and sees to that.
fn waits_for_its_person(work: &mut Work, cx: &Context<'_>, job: &Job) -> Decision<bool> {
    let (user_id, fact, urgent) = match &job.work {
        JobWork::Deliver { user_id, message, urgent, .. } => (user_id, message.fact, *urgent),
        JobWork::DeliverDigest { user_id, .. } => (user_id, FactName::Digest, None),
        _ => return Ok(false),
    };
    let Some(chosen) = work.find::<Preferences>(user_id)? else { return Ok(false) };
    if notification::gather_for_digest(work, cx, job, &chosen)? {
        return Ok(true);
    }
    let due_at = chosen.sent_at(fact, urgent, cx.now);
    if due_at > cx.now {
        work.put(Job { state: JobState::Waiting, due_at, ..job.clone() });
    }
    Ok(due_at > cx.now)
}

/// How an attempt ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Attempt {
    Done {
        /// Browsers and phones that turned out to be gone.
        gone: Vec<PushSubscriptionId>,
    },
    /// It comes again after a while, as if it were new.
    Again {
        pause: Duration,
        error: Option<String>,
    },
    Failed {
        error: String,
        for_ever: bool,
    },
}

/// Writes down how an attempt ended.
pub(super) struct SettleJob {
    pub(super) job: Job,
    pub(super) attempt: Attempt,
}

/// Gives a job back that a worker reserved and will not do: it ends.
pub(super) struct ReturnJob {
    /// As it was before.
    pub(super) job: Job,
}

impl Command for ReturnJob {
    type Reply = ();
    const NAME: &'static str = "return_job";

    fn lane(&self) -> LaneKey {
        self.job.work.lane()
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Job(self.job.id));
    }

    fn run(&self, work: &mut Work, _cx: &Context<'_>) -> Decision<()> {
        let Some(job) = work.find::<Job>(&self.job.id)? else {
            return Ok(());
        };
        // Unless it was settled after all, or another worker has it.
        let reserved = matches!(job.state, JobState::Leased { .. });
        if reserved && job.attempts == self.job.attempts.saturating_add(1) {
            work.put(Job { state: JobState::Waiting, attempts: self.job.attempts, ..(*job).clone() });
        }
        Ok(())
    }
}

/// The pauses between attempts double from here …
const BACKOFF_FIRST: Duration = Duration::from_secs(2);
/// … up to here.
const BACKOFF_MAX: Duration = Duration::from_secs(3600);
const ERROR_CHARS_MAX: usize = 500;

impl Command for SettleJob {
    /// Whether it was given up.
    type Reply = bool;
    const NAME: &'static str = "settle_job";

    fn lane(&self) -> LaneKey {
        self.job.work.lane()
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Job(self.job.id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<bool> {
        let Some(job) = work.find::<Job>(&self.job.id)? else {
            return Ok(false);
        };
        let mut given_up = false;
        match &self.attempt {
            Attempt::Done { gone } => {
                if let JobWork::Deliver { user_id, .. } = &job.work
                    && !gone.is_empty()
                {
                    notification::forget_push(work, *user_id, gone)?;
                }
                work.delete::<Job>(&job.id);
            }
            Attempt::Again { pause, error } => {
                let last_error = error.as_deref().map(shortened);
                let due_at = cx.now.plus(*pause);
                work.put(Job { attempts: 0, last_error, state: JobState::Waiting, due_at, ..(*job).clone() });
            }
            Attempt::Failed { error, for_ever } => {
                let counted = matches!(job.state, JobState::Leased { .. });
                let attempts = if counted { job.attempts } else { job.attempts.saturating_add(1) };
                let dead = *for_ever || attempts >= cx.settings.job_attempts_max;
                given_up = dead;
                let last_error = Some(shortened(error));
                let (state, due_at) = if dead {
                    (JobState::Dead { at: cx.now }, job.due_at)
                } else {
                    (JobState::Waiting, cx.now.plus(pause(attempts, cx)))
                };
                work.put(Job { attempts, last_error, state, due_at, ..(*job).clone() });
            }
        }
        Ok(given_up)
    }
}

fn shortened(error: &str) -> String {
    error.chars().take(ERROR_CHARS_MAX).collect()
}

/// Between half and all of the doubled pause, so that what failed together does not come back together.
pub(crate) fn pause(attempts: u32, cx: &Context<'_>) -> Duration {
    let full = BACKOFF_FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(BACKOFF_MAX);
    let chance = u32::from(u16::from_le_bytes(cx.random::<2>()));
    full / 2 + (full / 2) * chance / u32::from(u16::MAX)
}

/// Gives a dead letter another life.
pub(super) struct RetryJob {
    pub(super) actor: crate::actor::Actor,
    pub(super) job_id: JobId,
}

impl Command for RetryJob {
    type Reply = Job;
    const NAME: &'static str = "retry_job";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Job(self.job_id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Job> {
        self.actor.require_admin()?;
        let missing = || crate::Error::new(crate::Reason::JobNotFound, "There is no such job.");
        let job = work.find::<Job>(&self.job_id)?.ok_or_else(missing)?;
        if !matches!(job.state, JobState::Dead { .. }) {
            return Err(crate::Error::new(crate::Reason::JobNotDead, "The job was not given up.").into());
        }
        let job = Job { state: JobState::Waiting, attempts: 0, due_at: cx.now, ..(*job).clone() };
        work.put(job.clone());
        let act = crate::audit::Act::new("job.retried", "job", job.id);
        crate::audit::record(work, cx, &self.actor, &act);
        Ok(job)
    }
}
