//! How an attempt ended, and what becomes of the job.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::model::{Job, JobState, JobWork};
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::id::{JobId, PushSubscriptionId};
use crate::store::Key;
use crate::time::Timestamp;
use crate::work::{Decision, Work};
use crate::{notification, payment};

/// How an attempt ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Attempt {
    Done {
        /// Browsers and phones that turned out to be gone.
        gone: Vec<PushSubscriptionId>,
        /// Whether there was nobody to bring anything to.
        nobody: bool,
    },
    /// Some of a person's browsers and phones were reached: it comes again for the others alone.
    Partly {
        /// As above.
        gone: Vec<PushSubscriptionId>,
        /// The others.
        left: Vec<PushSubscriptionId>,
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
    /// Nobody knows whether it was done: it failed, and is not tried again before this is over.
    Unanswered {
        error: String,
        pause: Duration,
    },
    /// Nothing was tried.
    Busy {
        error: String,
        /// Not before this is over.
        pause: Option<Duration>,
    },
    /// Nothing was tried: whoever takes what goes this way is away.
    Away {
        error: String,
        /// Until somebody asks again.
        pause: Duration,
    },
}

/// Writes down how an attempt ended.
pub(super) struct SettleJob {
    /// As it was when the attempt began.
    pub(super) job: Job,
    pub(super) attempt: Attempt,
}

/// The pauses between attempts double from here …
const BACKOFF_FIRST: Duration = Duration::from_secs(2);
/// … up to here.
const BACKOFF_MAX: Duration = Duration::from_secs(3600);
/// Those for whom there was no time wait for a part of the time that they have waited already, from here …
const BUSY_MIN: Duration = Duration::from_secs(1);
/// … up to here, and at most as long again: many that wait for one who is away must not keep the store busy with that.
const BUSY_MAX: Duration = Duration::from_secs(300);
/// That part.
const BUSY_PART: u32 = 4;
/// Whoever has had no time for so long is treated as if they had been asked.
pub(super) const BUSY_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
const ERROR_CHARS_MAX: usize = 500;

impl Command for SettleJob {
    /// Whether it was given up.
    type Reply = bool;
    const NAME: &'static str = "settle_job";
    const BY_WORKER: bool = true;

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
        if let Attempt::Done { gone, .. } | Attempt::Partly { gone, .. } = &self.attempt
            && let JobWork::Deliver { user_id, .. } = &job.work
            && !gone.is_empty()
        {
            notification::forget_push(work, *user_id, gone)?;
        }
        if let Attempt::Done { .. } = &self.attempt {
            // Done is done, whoever has it by now; but who was asked to look after a payment meanwhile has to look again, also when they do so
            // already and have not said how that goes.
            let is_anew = *job != self.job && !matches!(job.state, JobState::Dead { .. });
            if !(is_anew && matches!(job.work, JobWork::WatchPayment { .. })) {
                work.delete::<Job>(&job.id);
            }
            return Ok(false);
        }
        if *job != self.job {
            // It came late: another worker has it, and says how that goes.
            return Ok(false);
        }
        match &self.attempt {
            Attempt::Done { .. } => Ok(false),
            Attempt::Partly { left, .. } => {
                let error = "some of the browsers and phones could not be reached".to_owned();
                self.rest(left).failed(work, cx, (error, false, Duration::ZERO))
            }
            Attempt::Again { pause, error } => {
                let error = error.as_deref().map(shortened);
                work.put(self.again(0, error, cx.now.plus(*pause)));
                Ok(false)
            }
            Attempt::Busy { error, pause } if cx.now.since(self.job.created_at) < BUSY_FOR => {
                let (attempts, error) = (self.job.attempts.saturating_sub(1), shortened(error));
                work.put(self.again(attempts, Some(error), cx.now.plus(self.put_off(*pause, cx))));
                Ok(false)
            }
            Attempt::Away { error, pause } if cx.now.since(self.job.created_at) < BUSY_FOR => {
                let (attempts, error) = (self.job.attempts.saturating_sub(1), shortened(error));
                work.put(self.again(attempts, Some(error), cx.now.plus(asked_after(*pause))));
                Ok(false)
            }
            Attempt::Busy { error, .. } | Attempt::Away { error, .. } => {
                self.failed(work, cx, (shortened(error), false, Duration::ZERO))
            }
            Attempt::Unanswered { error, pause } => self.failed(work, cx, (shortened(error), false, *pause)),
            Attempt::Failed { error, for_ever } => {
                self.failed(work, cx, (shortened(error), *for_ever, Duration::ZERO))
            }
        }
    }
}

impl SettleJob {
    /// The same for those alone that are left.
    fn rest(&self, left: &[PushSubscriptionId]) -> Self {
        let mut job = self.job.clone();
        if let JobWork::Deliver { address, .. } = &mut job.work {
            *address = Some(notification::places(left));
        }
        Self { job, attempt: self.attempt.clone() }
    }

    /// Tries again after a while, and not before so long, if that is not often enough. Returns whether it is given up.
    fn failed(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        (error, for_ever, pause_min): (String, bool, Duration),
    ) -> Decision<bool> {
        let job = self.job.clone();
        let counted = matches!(job.state, JobState::Leased { .. });
        let attempts = if counted { job.attempts } else { job.attempts.saturating_add(1) };
        if for_ever || attempts >= cx.settings.job_attempts_max {
            give_up(work, cx, &Job { attempts, ..job }, &error)?;
            return Ok(true);
        }
        work.put(self.again(attempts, Some(error), cx.now.plus(pause(attempts, cx).max(pause_min))));
        Ok(false)
    }

    /// How long it waits for somebody to have time for it, who may have said how long that takes.
    fn put_off(&self, asked: Option<Duration>, cx: &Context<'_>) -> Duration {
        let waited = cx.now.since(self.job.created_at);
        let full = (waited / BUSY_PART).clamp(BUSY_MIN, BUSY_MAX);
        let full = full.max(asked.unwrap_or_default().min(BACKOFF_MAX));
        full + chance(cx, full.min(BUSY_MAX))
    }

    fn again(&self, attempts: u32, last_error: Option<String>, due_at: Timestamp) -> Job {
        Job { attempts, last_error, state: JobState::Waiting, due_at, ..self.job.clone() }
    }
}

/// Leaves a job to people: as a dead letter, or where what it was about is listed.
pub(super) fn give_up(work: &mut Work, cx: &Context<'_>, job: &Job, error: &str) -> Decision<()> {
    if payment::given_up(work, cx, job, error)? {
        work.delete::<Job>(&job.id);
    } else {
        let last_error = Some(error.to_owned());
        work.put(Job { state: JobState::Dead { at: cx.now }, last_error, ..job.clone() });
    }
    Ok(())
}

/// As much of what went wrong as is kept: it may be the other side's words, and of any length.
pub(super) fn shortened(error: &str) -> String {
    error.chars().take(ERROR_CHARS_MAX).collect()
}

/// Between half and all of the doubled pause, so that what failed together does not come back together.
pub(crate) fn pause(attempts: u32, cx: &Context<'_>) -> Duration {
    let full = BACKOFF_FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(BACKOFF_MAX);
    full / 2 + chance(cx, full / 2)
}

/// When somebody who is away is asked again. Few wait for that, one of them at a time, so that the pause need not grow by itself.
pub(super) fn asked_after(pause: Duration) -> Duration {
    pause.clamp(BUSY_MIN, BACKOFF_MAX)
}

/// Any part of a duration.
pub(crate) fn chance(cx: &Context<'_>, of: Duration) -> Duration {
    of * u32::from(u16::from_le_bytes(cx.random::<2>())) / u32::from(u16::MAX)
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
