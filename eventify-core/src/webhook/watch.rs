//! What waits for a webhook at which nothing arrives: held back, so that it costs the store nothing however long that lasts,
//! and looked after by one job.

use std::time::Duration;

use super::deliver::SPREAD;
use super::model::{Failing, Webhook};
use crate::context::Context;
use crate::id::{JobId, WebhookDeliveryId, WebhookId, derived_beside};
use crate::job::{self, Job, JobState, JobWork};
use crate::store::Key;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// Once nothing has arrived for so long what waits is held back …
const HELD_AFTER: Duration = Duration::from_secs(600);
/// … until it is let out, at the latest after this, …
const HELD_FOR: Duration = Duration::from_secs(24 * 3600);
/// … and any part of this, so that they do not all come at once.
const HELD_SPREAD: Duration = Duration::from_secs(3600);
/// By when somebody has tried once they may. Where nobody has, the last one who tried was given up.
const TRIED_WITHIN: Duration = Duration::from_secs(120);

/// The job that looks after what is held back for a webhook.
fn watch_job(webhook_id: WebhookId) -> JobId {
    JobId::from_uuid(derived_beside(webhook_id.uuid(), &[b"webhook watch", webhook_id.as_bytes()]))
}

/// Its key, for whoever may let out what is held back.
pub(super) fn key(webhook_id: WebhookId) -> Key {
    Key::Job(watch_job(webhook_id))
}

/// The job that sees to a delivery, tests aside: they are not held back.
fn job_of(delivery_id: WebhookDeliveryId) -> JobId {
    JobId::from_uuid(delivery_id.uuid())
}

/// What [`watch`] reads.
pub(crate) fn watch_reads(webhook_id: WebhookId, waiting: &[WebhookDeliveryId]) -> impl Iterator<Item = Key> {
    let jobs = waiting.iter().map(|id| Key::Job(job_of(*id)));
    [Key::Webhook(webhook_id)].into_iter().chain(jobs)
}

/// Until when a delivery waits that may not go now, as another one tries. When that has gone on for a while it is held back.
pub(super) fn held_until(
    work: &mut Work,
    cx: &Context<'_>,
    webhook: &Webhook,
    failing: Failing,
) -> Decision<Timestamp> {
    if cx.now.since(failing.since) < HELD_AFTER {
        return Ok(failing.hold_until.plus(job::chance(cx, SPREAD)));
    }
    let id = watch_job(webhook.id);
    let is_watched = |job: &Job| !matches!(job.state, JobState::Dead { .. });
    if !work.find::<Job>(&id)?.is_some_and(|job| is_watched(&job)) {
        let watch = JobWork::WatchWebhook { owner: webhook.owner, webhook_id: webhook.id, after: None };
        job::schedule(work, cx, id, watch, failing.hold_until.plus(TRIED_WITHIN));
    }
    Ok(cx.now.plus(HELD_FOR + job::chance(cx, HELD_SPREAD)))
}

/// Has what is held back looked after at once, from the first one on: something arrived, or nothing will any more.
pub(super) fn let_out(work: &mut Work, cx: &Context<'_>, webhook: &Webhook) -> Decision<()> {
    let id = watch_job(webhook.id);
    if work.find::<Job>(&id)?.is_some() {
        let watch = JobWork::WatchWebhook { owner: webhook.owner, webhook_id: webhook.id, after: None };
        job::schedule(work, cx, id, watch, cx.now);
    }
    Ok(())
}

/// Looks after some of those that wait. While nothing arrives there is always one who tries; otherwise all are let out. Answers
/// where to go on, and when, if there is more to do.
pub(crate) fn watch(
    work: &mut Work,
    cx: &Context<'_>,
    webhook_id: WebhookId,
    waiting: &[WebhookDeliveryId],
    next: Option<Vec<u8>>,
) -> Decision<Option<(Option<Vec<u8>>, Timestamp)>> {
    work.need(watch_reads(webhook_id, waiting))?;
    let webhook = work.find::<Webhook>(&webhook_id)?;
    let behind = next.map(|next| (Some(next), cx.now));
    let Some(failing) = webhook.and_then(|webhook| webhook.failing) else {
        for id in waiting {
            send(work, cx, *id)?;
        }
        return Ok(behind);
    };
    let tried_by = failing.hold_until.plus(TRIED_WITHIN);
    if tried_by > cx.now {
        return Ok(Some((None, tried_by)));
    }
    for id in waiting {
        if send(work, cx, *id)? {
            return Ok(Some((None, cx.now.plus(HELD_AFTER))));
        }
    }
    Ok(behind)
}

/// Sends one on its way that is held back. Says whether it was.
fn send(work: &mut Work, cx: &Context<'_>, delivery_id: WebhookDeliveryId) -> Decision<bool> {
    // Whoever comes soon by themselves is not held back.
    let is_held = |job: &Job| job.state == JobState::Waiting && job.due_at > cx.now.plus(HELD_AFTER);
    let Some(job) = work.find::<Job>(&job_of(delivery_id))?.filter(|job| is_held(job)) else {
        return Ok(false);
    };
    work.put(Job { due_at: cx.now.plus(job::chance(cx, SPREAD)), ..(*job).clone() });
    Ok(true)
}
