//! Telling a webhook of facts again.

use std::collections::BTreeSet;

use super::model::{Webhook, WebhookState};
use super::view::WebhookView;
use super::{Webhooks, access, watch};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::etag::Fetched;
use crate::id::WebhookId;
use crate::store::Key;
use crate::work::{Decision, Work};

impl Webhooks<'_> {
    /// Tells a webhook of facts again that was disabled, and forgets how long one failed. What happened while it was
    /// disabled is not told later; what it should have been told before is in its log, and can be sent again. For its
    /// owner.
    ///
    /// # Errors
    /// `not_authenticated`, `webhook_not_found`.
    pub async fn enable(&self, actor: &Actor, id: WebhookId) -> Result<Fetched<WebhookView>, Error> {
        let lane = self.require(actor, id).await?.0.owner.lane();
        self.engine.executor.decide(Enable { actor: actor.clone(), lane, id }).await?;
        self.get(actor, id).await
    }
}

struct Enable {
    actor: Actor,
    lane: LaneKey,
    id: WebhookId,
}

impl Command for Enable {
    type Reply = ();
    const NAME: &'static str = "enable_webhook";

    fn lane(&self) -> LaneKey {
        self.lane
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Webhook(self.id), watch::key(self.id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let before = access::find(work, &self.actor, self.id)?;
        if before.is_active() && before.failing.is_none() {
            return Ok(());
        }
        let state = WebhookState::Active;
        work.put(Webhook { state, failing: None, updated_at: cx.now, ..(*before).clone() });
        watch::let_out(work, cx, &before)?;
        audit::record(work, cx, &self.actor, &audit::Act::new("webhook.enabled", "webhook", self.id));
        Ok(())
    }
}
