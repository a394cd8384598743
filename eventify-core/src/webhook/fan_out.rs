//! From facts to those who want to be told of them: one delivery per webhook, so that one that is dead neither delays
//! nor repeats what others are told.

use std::slice;

use serde_json::Value;

use super::model::{DeliveryState, Webhook, WebhookDelivery, WebhookList, WebhookOwner};
use crate::context::Context;
use crate::event::Event;
use crate::id::{EventId, FactId, JobId, WebhookDeliveryId, WebhookId, derived_beside};
use crate::job::{self, Job, JobWork};
use crate::notification::Fact;
use crate::store::Key;
use crate::work::{Decision, Work};

/// Facts that one job carries.
const FACTS_MAX: usize = 100;
/// Deliveries that one step of a job writes, unless a single fact is wanted by more.
const STEP_DELIVERIES_MAX: usize = 100;

/// Tells webhooks of facts of one event, where there are webhooks at all: the decision that made the facts writes one job
/// and reads nothing.
pub(crate) fn fan_out(work: &mut Work, cx: &Context<'_>, facts: &[Fact]) {
    if cx.outlets.webhooks.is_none() {
        return;
    }
    for some in facts.chunks(FACTS_MAX) {
        let Some(first) = some.first() else { return };
        let tell = JobWork::FanOut { event_id: first.event_id, facts: some.to_vec() };
        job::schedule(work, cx, fan_out_job(first.id), tell, cx.now);
    }
}

/// The same for a fact that may have been told before.
pub(crate) fn fan_out_once(work: &mut Work, cx: &Context<'_>, fact: &Fact) -> Decision<()> {
    if cx.outlets.webhooks.is_some() && work.find::<Job>(&fan_out_job(fact.id))?.is_none() {
        fan_out(work, cx, slice::from_ref(fact));
    }
    Ok(())
}

/// The job that tells webhooks of facts of which this is the first.
fn fan_out_job(fact_id: FactId) -> JobId {
    JobId::from_uuid(derived_beside(fact_id.uuid(), &[b"webhooks", fact_id.as_bytes()]))
}

fn delivery_id(webhook_id: WebhookId, fact_id: FactId) -> WebhookDeliveryId {
    let parts: [&[u8]; 3] = [b"webhook", webhook_id.as_bytes(), fact_id.as_bytes()];
    WebhookDeliveryId::from_uuid(derived_beside(fact_id.uuid(), &parts))
}

/// Writes the deliveries of the first of some facts, and answers with the rest.
pub(crate) fn fan_out_some(
    work: &mut Work,
    cx: &Context<'_>,
    event_id: Option<EventId>,
    facts: &[Fact],
) -> Decision<Vec<Fact>> {
    let event = match event_id {
        Some(id) => work.find::<Event>(&id)?,
        None => None,
    };
    let organizer = event.map(|event| WebhookOwner::Organizer(event.organizer_id));
    let owners: Vec<WebhookOwner> = organizer.into_iter().chain([WebhookOwner::Deployment]).collect();
    work.need(owners.iter().copied().map(Key::WebhookList))?;
    let mut ids = Vec::new();
    for owner in owners {
        ids.extend(work.find::<WebhookList>(&owner)?.iter().flat_map(|list| list.webhook_ids.clone()));
    }
    let step = (STEP_DELIVERIES_MAX / ids.len().max(1)).max(1).min(facts.len());
    let (now, rest) = facts.split_at_checked(step).unwrap_or((facts, &[]));
    let deliveries = ids.iter().flat_map(|id| now.iter().map(|fact| delivery_id(*id, fact.id)));
    let deliveries: Vec<WebhookDeliveryId> = deliveries.collect();
    let webhooks = ids.iter().copied().map(Key::Webhook);
    work.need(webhooks.chain(deliveries.into_iter().map(Key::WebhookDelivery)))?;
    for id in ids {
        let Some(webhook) = work.find::<Webhook>(&id)?.filter(|webhook| webhook.is_active()) else {
            continue;
        };
        for fact in now.iter().filter(|fact| webhook.wants(fact.name)) {
            // A fact may be told twice: it is delivered once.
            if work.find::<WebhookDelivery>(&delivery_id(id, fact.id))?.is_none() {
                begin(work, cx, &webhook, fact);
            }
        }
    }
    Ok(rest.to_vec())
}

/// Writes a delivery that is not there yet, and the job that sees to it.
pub(super) fn begin(work: &mut Work, cx: &Context<'_>, webhook: &Webhook, fact: &Fact) -> WebhookDelivery {
    let begun = WebhookDelivery {
        id: delivery_id(webhook.id, fact.id),
        webhook_id: webhook.id,
        fact: shown(fact),
        state: DeliveryState::Waiting,
        attempts: 0,
        newest: Vec::new(),
        created_at: cx.now,
        forget_at: cx.now.plus(cx.settings.webhook_log_kept),
    };
    work.put(begun.clone());
    schedule(work, cx, webhook, &begun);
    begun
}

pub(super) fn schedule(work: &mut Work, cx: &Context<'_>, webhook: &Webhook, delivery: &WebhookDelivery) {
    let (owner, webhook_id, delivery_id) = (webhook.owner, webhook.id, delivery.id);
    let deliver = JobWork::DeliverWebhook { owner, webhook_id, delivery_id };
    job::schedule(work, cx, job_of(delivery), deliver, cx.now);
}

/// The job that sees to a delivery.
pub(crate) fn job_of(delivery: &WebhookDelivery) -> JobId {
    if delivery.is_test() { test_job(delivery.webhook_id) } else { JobId::from_uuid(delivery.id.uuid()) }
}

/// The job that sees to a webhook's tests: there is one, so that one waits at a time.
pub(super) fn test_job(webhook_id: WebhookId) -> JobId {
    JobId::from_uuid(derived_beside(webhook_id.uuid(), &[b"webhook test", webhook_id.as_bytes()]))
}

/// A fact as webhooks are told of it: without what lets somebody in. An organizer may look codes up; a copy of every one of
/// them in somebody's log lets in whoever reads the log.
fn shown(fact: &Fact) -> Fact {
    let mut data: Value = serde_json::from_str(&fact.data).unwrap_or(Value::Null);
    match data.as_object_mut().and_then(|data| data.remove("code")) {
        Some(_) => Fact { data: data.to_string(), ..fact.clone() },
        None => fact.clone(),
    }
}
