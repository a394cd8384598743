//! Sending again what arrived, or did not.

use std::collections::BTreeSet;

use serde::Serialize;

use super::fan_out::{job_of, schedule};
use super::model::{DeliveryState, WebhookDelivery};
use super::view::WebhookDeliveryView;
use super::{Webhooks, access};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::{WebhookDeliveryId, WebhookId};
use crate::job::Job;
use crate::store::Key;
use crate::work::{Decision, Work};

impl Webhooks<'_> {
    /// Sends something again that arrived or was given up: the same text under the same `webhook-id`, newly signed. For
    /// the webhook's owner.
    ///
    /// # Errors
    /// `not_authenticated`, `webhook_not_found`, `webhook_delivery_not_found`, `webhooks_off`, `webhook_disabled`
    /// (enable it first; a test is sent all the same), `webhook_delivery_waiting` (also a test while
    /// another one waits), `idempotency_key_reused`.
    pub async fn redeliver(
        &self,
        call: impl Into<Call>,
        id: WebhookId,
        delivery_id: WebhookDeliveryId,
    ) -> Result<Answer<WebhookDeliveryView>, Error> {
        let call = call.into();
        let lane = self.require(call.actor(), id).await?.0.owner.lane();
        let command = Redeliver { actor: call.actor().clone(), lane, id, delivery_id };
        let again = self.engine.executor.submit(&call, command).await?;
        let view = WebhookDeliveryView::from(&*again);
        Ok(again.map(|_| view))
    }
}

#[derive(Serialize)]
struct Redeliver {
    #[serde(skip)]
    actor: Actor,
    #[serde(skip)]
    lane: LaneKey,
    id: WebhookId,
    delivery_id: WebhookDeliveryId,
}

impl Command for Redeliver {
    type Reply = WebhookDelivery;
    const NAME: &'static str = "redeliver_to_webhook";

    fn lane(&self) -> LaneKey {
        self.lane
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Webhook(self.id), Key::WebhookDelivery(self.delivery_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<WebhookDelivery> {
        let webhook = access::find(work, &self.actor, self.id)?;
        let before = access::find_delivery(work, &webhook, self.delivery_id)?;
        access::require_on(cx)?;
        if !webhook.is_active() && !before.is_test() {
            return Err(
                Error::new(Reason::WebhookDisabled, "The webhook is disabled; enable it first.").into()
            );
        }
        if matches!(before.state, DeliveryState::Waiting) || work.find::<Job>(&job_of(&before))?.is_some() {
            let sentence = "It is on its way already.";
            return Err(Error::new(Reason::WebhookDeliveryWaiting, sentence).into());
        }
        let forget_at = cx.now.plus(cx.settings.webhook_log_kept);
        let again = WebhookDelivery { state: DeliveryState::Waiting, forget_at, ..(*before).clone() };
        work.put(again.clone());
        schedule(work, cx, &webhook, &again);
        let act = audit::Act::new("webhook.redelivered", "webhook_delivery", self.delivery_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(again)
    }
}
