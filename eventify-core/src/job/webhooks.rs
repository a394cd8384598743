//! Telling webhooks what waits for them.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tokio::time::Instant;

use super::Jobs;
use super::model::Job;
use super::settle::shortened;
use super::tally::{Ending, Way};
use crate::error::Error;
use crate::eventify::of_kind;
use crate::id::{WebhookDeliveryId, WebhookId};
use crate::notification::DeliveryError;
use crate::store::{Index, Key, Position, Scan};
use crate::webhook::{self, Outcome, SettleDelivery, Webhook, WebhookAnswer, WebhookDelivery, WebhookOwner};

/// Deliveries that one step of looking after a webhook sees to …
const WATCHED_MAX: usize = 100;
/// … and pages of its log that it looks through for them.
const WATCHED_PAGES_MAX: usize = 50;

impl Jobs<'_> {
    /// Makes one attempt that was reserved, and writes down how it went.
    pub(super) async fn tell_webhook(
        &self,
        job: Job,
        (owner, webhook_id, delivery_id): (WebhookOwner, WebhookId, WebhookDeliveryId),
    ) {
        let patience = self.engine.core().settings.job_lease_for / 2;
        let begun = Instant::now();
        let sending = AssertUnwindSafe(self.send_to_webhook(webhook_id, delivery_id)).catch_unwind();
        let sent = tokio::time::timeout(patience, sending).await;
        let took = || begun.elapsed();
        let failed = |error: String| Outcome {
            status: None,
            error: Some(shortened(&error)),
            for_ever: false,
            retry_after: None,
            took: took(),
        };
        let outcome = match sent {
            Ok(Ok(Ok(WebhookAnswer { status: status @ 200..=299, .. }))) => Outcome {
                status: Some(status),
                error: None,
                for_ever: false,
                retry_after: None,
                took: took(),
            },
            Ok(Ok(Ok(WebhookAnswer { status, retry_after }))) => {
                Outcome { status: Some(status), retry_after, ..failed(format!("it answered {status}")) }
            }
            Ok(Ok(Err(
                DeliveryError::Transient(error)
                | DeliveryError::Busy { why: error, .. }
                | DeliveryError::Away { why: error, .. },
            ))) => failed(error),
            Ok(Ok(Err(DeliveryError::Permanent(error)))) => Outcome { for_ever: true, ..failed(error) },
            Ok(Err(_)) => failed("the sender panicked".to_owned()),
            Err(_) => failed(format!("no answer within {} s", patience.as_secs())),
        };
        let (id, way) = (job.id, Some(&Way::Webhooks));
        let ending = match outcome.for_ever {
            _ if outcome.has_arrived() => Ending::Delivered,
            true => Ending::Refused,
            false => Ending::Failed,
        };
        self.engine.tally.attempt(way, ending, outcome.took);
        let settle = SettleDelivery { job, owner, webhook_id, delivery_id, outcome };
        match self.engine.executor.decide(settle).await {
            Ok(true) => self.engine.tally.gave_up(way),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%id, %error, "how a delivery to a webhook went cannot be written down; it is made again");
            }
        }
    }

    /// The next of those that wait for a webhook, behind a position, and the position behind them. What has arrived is passed over, so
    /// that a long log costs no more than reading it.
    pub(super) async fn waiting_for(
        &self,
        webhook_id: WebhookId,
        after: Option<Vec<u8>>,
    ) -> Result<(Vec<WebhookDeliveryId>, Option<Vec<u8>>), Error> {
        let log = Scan::first(Index::DeliveriesOfWebhook(webhook_id), WATCHED_MAX);
        let mut scan = Scan { after: after.map(Position), ..log };
        for _ in 0..WATCHED_PAGES_MAX {
            let page = self.engine.core().store.scan(&scan).await?;
            let told = of_kind::<WebhookDelivery>(&page.items);
            let waiting: Vec<_> =
                told.filter(|told| told.is_waiting() && !told.is_test()).map(|told| told.id).collect();
            scan.after = page.next;
            if !waiting.is_empty() || scan.after.is_none() {
                return Ok((waiting, scan.after.map(|position| position.0)));
            }
        }
        Ok((Vec::new(), scan.after.map(|position| position.0)))
    }

    /// What it answered.
    async fn send_to_webhook(
        &self,
        webhook_id: WebhookId,
        delivery_id: WebhookDeliveryId,
    ) -> Result<WebhookAnswer, DeliveryError> {
        let core = self.engine.core();
        let later = |error: Error| DeliveryError::Transient(error.to_string());
        let keys = [Key::Webhook(webhook_id), Key::WebhookDelivery(delivery_id)];
        let loaded = self.engine.load_all(keys).await.map_err(later)?;
        let gone = || DeliveryError::Permanent("it was deleted meanwhile".to_owned());
        let webhook = of_kind::<Webhook>(&loaded).next().ok_or_else(gone)?;
        let delivery = of_kind::<WebhookDelivery>(&loaded).next().ok_or_else(gone)?;
        let nobody = || DeliveryError::Transient("nothing is set up to deliver this".to_owned());
        let sender = core.outlets.webhooks.as_ref().ok_or_else(nobody)?;
        let odd = || DeliveryError::Permanent("it cannot be written as JSON".to_owned());
        let request =
            webhook::request(&core.keyring(), webhook, delivery, core.clock.now()).ok_or_else(odd)?;
        sender.send(&request).await
    }
}
