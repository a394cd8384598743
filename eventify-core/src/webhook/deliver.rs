//! One delivery: whether it may go now, and what came of it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::disable::disable;
use super::model::{
    DeliveryState, DisabledWhy, Failing, Webhook, WebhookAttempt, WebhookDelivery, WebhookOwner, WebhookState,
};
use super::watch;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::event::Event;
use crate::id::{WebhookDeliveryId, WebhookId};
use crate::job::{self, Job, JobState, JobWork};
use crate::store::Key;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// Whether a delivery may go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// It may.
    Open,
    /// Not before this.
    Later(Timestamp),
    /// Never: there is nothing to do any more.
    Closed,
    /// Never, though it was to arrive.
    GivenUp,
}

/// Those that wait for their turn do so for at most this part longer.
const CROWDED_PART: u32 = 4;
/// Those that waited for a webhook to come back are spread over this.
pub(super) const SPREAD: Duration = Duration::from_secs(30);

/// The longest that a webhook is left alone because it says so.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);
/// Far more than there is time for, unless each of them ends its worker.
const ATTEMPTS_MAX: u32 = 500;

/// What [`gate`] reads.
pub(crate) fn gate_reads(webhook_id: WebhookId, delivery_id: WebhookDeliveryId) -> [Key; 3] {
    [Key::Webhook(webhook_id), Key::WebhookDelivery(delivery_id), watch::key(webhook_id)]
}

/// Looks at a delivery before it is sent: whose event it is about now, and whether its webhook takes anything. To one at
/// which nothing arrives, one delivery goes at a time, with growing pauses; the others wait.
pub(crate) fn gate(
    work: &mut Work,
    cx: &Context<'_>,
    job: &Job,
    put_off: Option<Duration>,
) -> Decision<Gate> {
    let &JobWork::DeliverWebhook { webhook_id, delivery_id, .. } = &job.work else {
        return Ok(Gate::Closed);
    };
    work.need(gate_reads(webhook_id, delivery_id))?;
    let (Some(webhook), Some(delivery)) =
        (work.find::<Webhook>(&webhook_id)?, work.find::<WebhookDelivery>(&delivery_id)?)
    else {
        return Ok(Gate::Closed);
    };
    if !matches!(delivery.state, DeliveryState::Waiting) {
        return Ok(Gate::Closed);
    }
    // Attempts that nobody settled count too: those that took their process with them.
    let spent = job.attempts >= ATTEMPTS_MAX;
    // Whatever it is and whatever its webhook's state: there are so many places, for tests too.
    let crowded = || put_off.map(|pause| cx.now.plus(pause + job::chance(cx, pause / CROWDED_PART)));
    if delivery.is_test() && !spent {
        return Ok(crowded().map_or(Gate::Open, Gate::Later));
    }
    if spent || !webhook.is_active() || !is_theirs(work, &webhook, &delivery)? {
        work.put(WebhookDelivery { state: DeliveryState::Failed { at: cx.now }, ..(*delivery).clone() });
        return Ok(Gate::GivenUp);
    }
    if let Some(failing) = webhook.failing.filter(|failing| failing.hold_until > cx.now) {
        return watch::held_until(work, cx, &webhook, failing).map(Gate::Later);
    }
    if let Some(later) = crowded() {
        return Ok(Gate::Later(later));
    }
    if let Some(failing) = webhook.failing {
        // Whoever tries has until then to say how it went.
        let hold_until = cx.now.plus(cx.settings.job_lease_for);
        work.put(Webhook { failing: Some(Failing { hold_until, ..failing }), ..(*webhook).clone() });
    }
    Ok(Gate::Open)
}

/// Whether the owner may be told of it now: an event may be somebody else's since the fact.
fn is_theirs(work: &mut Work, webhook: &Webhook, delivery: &WebhookDelivery) -> Decision<bool> {
    let WebhookOwner::Organizer(user_id) = webhook.owner else { return Ok(true) };
    let Some(event_id) = delivery.event_id() else { return Ok(false) };
    Ok(work.find::<Event>(&event_id)?.is_some_and(|event| event.organizer_id == user_id))
}

/// How an attempt ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// The status of the answer, if there was one.
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
    /// Whether another attempt would end the same.
    pub(crate) for_ever: bool,
    /// How long the webhook wants to be left alone.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) took: Duration,
}

impl Outcome {
    pub(crate) const fn has_arrived(&self) -> bool {
        matches!(self.status, Some(200..=299))
    }
}

/// Writes down how an attempt to tell a webhook something ended.
pub(crate) struct SettleDelivery {
    /// As it was when the attempt began.
    pub(crate) job: Job,
    pub(crate) owner: WebhookOwner,
    pub(crate) webhook_id: WebhookId,
    pub(crate) delivery_id: WebhookDeliveryId,
    pub(crate) outcome: Outcome,
}

impl Command for SettleDelivery {
    /// Whether it was given up.
    type Reply = bool;
    const NAME: &'static str = "settle_webhook_delivery";

    fn lane(&self) -> LaneKey {
        self.owner.lane()
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Job(self.job.id));
        keys.extend(gate_reads(self.webhook_id, self.delivery_id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<bool> {
        work.need(gate_reads(self.webhook_id, self.delivery_id))?;
        let webhook = work.find::<Webhook>(&self.webhook_id)?;
        let delivery = work.find::<WebhookDelivery>(&self.delivery_id)?;
        let Some(job) = work.find::<Job>(&self.job.id)? else {
            return Ok(false);
        };
        if job.work != self.job.work {
            // A webhook's tests share one job, which sees to a later one by now.
            return Ok(false);
        }
        let (Some(webhook), Some(delivery)) = (webhook, delivery) else {
            work.delete::<Job>(&job.id);
            return Ok(false);
        };
        if !self.outcome.has_arrived() && *job != self.job {
            // It came late: another worker has it, and says how that goes.
            return Ok(false);
        }
        let retry_at = if self.outcome.has_arrived() {
            if webhook.failing.is_some() {
                work.put(Webhook { failing: None, ..(*webhook).clone() });
                watch::let_out(work, cx, &webhook)?;
            }
            None
        } else {
            self.failed(work, cx, &webhook, &delivery, &job)?
        };
        let state = match retry_at {
            Some(_) => DeliveryState::Waiting,
            None if self.outcome.has_arrived() => DeliveryState::Delivered { at: cx.now },
            None => DeliveryState::Failed { at: cx.now },
        };
        work.put(self.noted(cx, &delivery, state));
        match retry_at {
            Some(due_at) => {
                let last_error = self.outcome.error.clone();
                work.put(Job { state: JobState::Waiting, due_at, last_error, ..(*job).clone() });
            }
            None => work.delete::<Job>(&job.id),
        }
        Ok(matches!(state, DeliveryState::Failed { .. }))
    }
}

impl SettleDelivery {
    /// What follows from a failure for the webhook, and when the delivery is tried again, if ever.
    fn failed(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        webhook: &Webhook,
        delivery: &WebhookDelivery,
        job: &Job,
    ) -> Decision<Option<Timestamp>> {
        if self.outcome.status == Some(410) {
            disable(work, cx, webhook, DisabledWhy::Gone)?;
            return Ok(None);
        }
        if delivery.is_test() || matches!(webhook.state, WebhookState::Disabled { .. }) {
            return Ok(None);
        }
        let before = webhook.failing;
        let attempts = before.map_or(0, |failing| failing.attempts).saturating_add(1);
        let since = before.map_or(cx.now, |failing| failing.since);
        if since.plus(cx.settings.webhook_disable_after) <= cx.now {
            disable(work, cx, webhook, DisabledWhy::Failing)?;
            return Ok(None);
        }
        let asked = self.outcome.retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
        let hold_until = cx.now.plus(job::pause(attempts, cx).max(asked));
        let failing = Some(Failing { since, attempts, hold_until });
        work.put(Webhook { failing, ..webhook.clone() });
        let spent = self.outcome.for_ever || job.created_at.plus(cx.settings.webhook_retry_for) <= cx.now;
        Ok((!spent).then(|| hold_until.max(cx.now.plus(job::pause(job.attempts, cx)))))
    }

    fn noted(&self, cx: &Context<'_>, delivery: &WebhookDelivery, state: DeliveryState) -> WebhookDelivery {
        let mut newest = delivery.newest.clone();
        newest.push(WebhookAttempt {
            at: cx.now,
            status: self.outcome.status,
            duration_ms: u32::try_from(self.outcome.took.as_millis()).unwrap_or(u32::MAX),
            error: self.outcome.error.clone(),
        });
        let extra = newest.len().saturating_sub(WebhookDelivery::ATTEMPTS_KEPT);
        newest.drain(..extra);
        let attempts = delivery.attempts.saturating_add(1);
        WebhookDelivery { state, attempts, newest, ..delivery.clone() }
    }
}
