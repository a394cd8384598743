//! Webhooks: their owner's list names them and nothing else, and a job sees to what waits for them.

use std::sync::Arc;

use super::walk::{Pages, Walk};
use crate::job::{Job, JobWork};
use crate::store::{Key, Recorded, StoreError};
use crate::webhook::{DeliveryState, Webhook, WebhookDelivery, WebhookList, job_of};

pub(super) async fn check(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    webhooks(walk).await?;
    lists(walk).await?;
    deliveries(walk).await
}

async fn webhooks(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<Webhook>::new();
    while let Some(page) = pages.next(walk).await? {
        let related = walk.load(page.iter().map(|w| Key::WebhookList(w.owner)).collect()).await?;
        for webhook in page {
            let list = related.get::<WebhookList>(&webhook.owner);
            let listed = list.is_some_and(|list| list.webhook_ids.contains(&webhook.id));
            let message = || "its owner's list does not name it".to_owned();
            walk.report.require(listed, "webhook_list", webhook.key(), message);
        }
    }
    Ok(())
}

async fn lists(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<WebhookList>::new();
    while let Some(page) = pages.next(walk).await? {
        let named = page.iter().flat_map(|list| list.webhook_ids.iter().copied().map(Key::Webhook));
        let related = walk.load(named.collect()).await?;
        for list in page {
            let own = |id| related.get::<Webhook>(id).is_some_and(|webhook| webhook.owner == list.owner);
            let all = !list.webhook_ids.is_empty() && list.webhook_ids.iter().all(own);
            let message =
                || "it is empty, or names a webhook that is not there or somebody else's".to_owned();
            walk.report.require(all, "webhook_list", list.key(), message);
        }
    }
    Ok(())
}

async fn deliveries(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<WebhookDelivery>::new();
    while let Some(page) = pages.next(walk).await? {
        let keys = page.iter().flat_map(|d| [Key::Webhook(d.webhook_id), Key::Job(job_of(d))]);
        let related = walk.load(keys.collect()).await?;
        for delivery in page {
            // Those of a deleted webhook end by themselves.
            let waits = matches!(delivery.state, DeliveryState::Waiting)
                && related.has::<Webhook>(&delivery.webhook_id);
            let names_it = |job: &Arc<Job>| matches!(job.work, JobWork::DeliverWebhook { delivery_id, .. } if delivery_id == delivery.id);
            let seen_to = !waits || related.get::<Job>(&job_of(&delivery)).is_some_and(names_it);
            let message = || "it waits, and no job sees to it".to_owned();
            walk.report.require(seen_to, "webhook_delivery", delivery.key(), message);
        }
    }
    Ok(())
}
