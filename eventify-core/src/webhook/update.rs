//! Changing a webhook: where to, and of what.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::Webhook;
use super::view::WebhookView;
use super::{Webhooks, access, create, watch};
use crate::actor::Actor;
use crate::audit;
use crate::change::Change;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::etag::{Fetched, IfMatch};
use crate::id::WebhookId;
use crate::notification::FactName;
use crate::store::Key;
use crate::validate::{Check, present};
use crate::work::{Decision, Work};

/// What to change. An absent field stays as it is.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
#[serde(deny_unknown_fields, default)]
pub struct UpdateWebhook {
    /// Where to, as in [`CreateWebhook`](super::CreateWebhook).
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub url: Option<String>,
    /// The facts that are wanted; all when `null`.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeSet<FactName>>))]
    pub facts: Option<Change<BTreeSet<FactName>>>,
}

impl std::fmt::Debug for UpdateWebhook {
    /// Without the address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UpdateWebhook").field("facts", &self.facts).finish_non_exhaustive()
    }
}

impl Webhooks<'_> {
    /// Changes a webhook, for what happens from now on and for what waits: it goes to the new address. For its owner.
    ///
    /// # Errors
    /// `not_authenticated`, `webhook_not_found`, `invalid_value` (url, facts), `webhooks_off` for another address,
    /// `precondition_failed`.
    pub async fn update(
        &self,
        actor: &Actor,
        id: WebhookId,
        request: UpdateWebhook,
        if_match: IfMatch,
    ) -> Result<Fetched<WebhookView>, Error> {
        let owner = self.require(actor, id).await?.0.owner;
        let mut check = Check::new();
        let url = request.url.map(|url| self.checked_url(&mut check, &url)).transpose()?;
        create::check_facts(&mut check, request.facts.as_ref().and_then(Change::value));
        check.finish()?;
        let (actor, facts, lane) = (actor.clone(), request.facts, owner.lane());
        self.engine.executor.decide(Update { actor: actor.clone(), lane, id, url, facts, if_match }).await?;
        self.get(&actor, id).await
    }
}

struct Update {
    actor: Actor,
    lane: LaneKey,
    id: WebhookId,
    url: Option<String>,
    facts: Option<Change<BTreeSet<FactName>>>,
    if_match: IfMatch,
}

impl Command for Update {
    type Reply = ();
    const NAME: &'static str = "update_webhook";

    fn lane(&self) -> LaneKey {
        self.lane
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Webhook(self.id), watch::key(self.id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let before = access::find(work, &self.actor, self.id)?;
        self.if_match.check(work.version_of(&Key::Webhook(self.id)))?;
        let mut after = Webhook { updated_at: cx.now, ..(*before).clone() };
        if let Some(url) = &self.url {
            if *url != before.url {
                // How the old address did says nothing of the new one.
                after.failing = None;
                watch::let_out(work, cx, &before)?;
            }
            after.url.clone_from(url);
        }
        if let Some(facts) = &self.facts {
            after.facts = facts.clone().into_option();
        }
        work.put(after);
        audit::record(work, cx, &self.actor, &audit::Act::new("webhook.updated", "webhook", self.id));
        Ok(())
    }
}
