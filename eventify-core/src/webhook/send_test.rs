//! A fact that is none, to see whether a webhook works.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::fan_out::{begin, test_job};
use super::model::{DeliveryState, WebhookDelivery};
use super::view::WebhookDeliveryView;
use super::{Webhooks, access};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::id::{FactId, WebhookId};
use crate::job::{Job, JobWork};
use crate::notification::{self, FactName};
use crate::store::Key;
use crate::work::{Decision, Work};

impl Webhooks<'_> {
    /// Sends `webhook.test` to a webhook, disabled or not; tried once. What came of it is in the log, under the id that
    /// this answers with; while a test waits already, it is that one's. For the webhook's owner.
    ///
    /// # Errors
    /// `not_authenticated`, `webhook_not_found`, `webhooks_off`, `idempotency_key_reused`.
    pub async fn test(
        &self,
        call: impl Into<Call>,
        id: WebhookId,
    ) -> Result<Answer<WebhookDeliveryView>, Error> {
        let call = call.into();
        let lane = self.require(call.actor(), id).await?.0.owner.lane();
        let command = Test { actor: call.actor().clone(), lane, id };
        let sent = self.engine.executor.submit(&call, command).await?;
        let view = WebhookDeliveryView::from(&*sent);
        Ok(sent.map(|_| view))
    }
}

#[derive(Serialize)]
struct Test {
    #[serde(skip)]
    actor: Actor,
    #[serde(skip)]
    lane: LaneKey,
    id: WebhookId,
}

impl Command for Test {
    type Reply = WebhookDelivery;
    const NAME: &'static str = "test_webhook";

    fn lane(&self) -> LaneKey {
        self.lane
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Webhook(self.id), Key::Job(test_job(self.id))]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<WebhookDelivery> {
        let webhook = access::find(work, &self.actor, self.id)?;
        access::require_on(cx)?;
        if let Some(waiting) = waiting(work, self.id)? {
            return Ok((*waiting).clone());
        }
        let data = serde_json::json!({ "webhook_id": webhook.id });
        let id = FactId::from_uuid(cx.new_uuid());
        let fact = notification::fact(cx, FactName::WebhookTest, id, None, &data);
        let sent = begin(work, cx, &webhook, &fact);
        audit::record(work, cx, &self.actor, &audit::Act::new("webhook.tested", "webhook", self.id));
        Ok(sent)
    }
}

/// The test that has not been sent yet, if there is one.
fn waiting(work: &mut Work, id: WebhookId) -> Decision<Option<Arc<WebhookDelivery>>> {
    let Some(job) = work.find::<Job>(&test_job(id))? else { return Ok(None) };
    let JobWork::DeliverWebhook { delivery_id, .. } = job.work else { return Ok(None) };
    let test = work.find::<WebhookDelivery>(&delivery_id)?;
    Ok(test.filter(|test| matches!(test.state, DeliveryState::Waiting)))
}
