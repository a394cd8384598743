//! Deleting a webhook.

use std::collections::BTreeSet;

use super::model::{Webhook, WebhookList};
use super::{Webhooks, access, watch};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::id::WebhookId;
use crate::store::Key;
use crate::work::{Decision, Work};

impl Webhooks<'_> {
    /// Deletes a webhook: what waits for it is not sent any more. For its owner.
    ///
    /// # Errors
    /// `not_authenticated`, `webhook_not_found`.
    pub async fn delete(&self, actor: &Actor, id: WebhookId) -> Result<(), Error> {
        let lane = self.require(actor, id).await?.0.owner.lane();
        self.engine.executor.decide(Delete { actor: actor.clone(), lane, id }).await
    }
}

/// Takes a webhook off its owner's list. Jobs for it find nothing, and end.
pub(super) fn remove(work: &mut Work, cx: &Context<'_>, webhook: &Webhook) -> Decision<()> {
    let list = work.find::<WebhookList>(&webhook.owner)?;
    let mut webhook_ids = list.map_or_else(Vec::new, |list| list.webhook_ids.clone());
    webhook_ids.retain(|id| *id != webhook.id);
    if webhook_ids.is_empty() {
        work.delete::<WebhookList>(&webhook.owner);
    } else {
        work.put(WebhookList { owner: webhook.owner, webhook_ids });
    }
    work.delete::<Webhook>(&webhook.id);
    watch::let_out(work, cx, webhook)
}

struct Delete {
    actor: Actor,
    lane: LaneKey,
    id: WebhookId,
}

impl Command for Delete {
    type Reply = ();
    const NAME: &'static str = "delete_webhook";

    fn lane(&self) -> LaneKey {
        self.lane
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Webhook(self.id), watch::key(self.id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let webhook = access::find(work, &self.actor, self.id)?;
        remove(work, cx, &webhook)?;
        audit::record(work, cx, &self.actor, &audit::Act::new("webhook.deleted", "webhook", self.id));
        Ok(())
    }
}
