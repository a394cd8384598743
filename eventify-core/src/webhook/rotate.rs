//! Another secret, while the one before it is good for a while.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::model::{PreviousSeed, Webhook};
use super::view::{WebhookSecret, WebhookView};
use super::{Webhooks, access, sign};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::id::WebhookId;
use crate::keyring::Secret;
use crate::store::Key;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// How to change a secret.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct RotateWebhookSecret {
    /// For how many hours everything is signed with the old secret too: 0 (it leaked) to 168; 24 when absent.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub overlap_hours: Option<u32>,
}

const OVERLAP_HOURS: u32 = 24;
const OVERLAP_HOURS_MAX: u32 = 168;
const HOUR: Duration = Duration::from_secs(3600);

impl Webhooks<'_> {
    /// Makes another secret. For a while everything is signed with both, so that the other side can be changed without
    /// losing anything. Until that is over the same new secret is answered again, and nothing changes: the other side may
    /// have either. With 0 hours there is another one at once, and all before it end. For the webhook's owner.
    ///
    /// # Errors
    /// `not_authenticated`, `webhook_not_found`, `invalid_value` (overlap_hours), `idempotency_key_reused`.
    pub async fn rotate_secret(
        &self,
        call: impl Into<Call>,
        id: WebhookId,
        request: RotateWebhookSecret,
    ) -> Result<Answer<WebhookSecret>, Error> {
        let call = call.into();
        let lane = self.require(call.actor(), id).await?.0.owner.lane();
        let hours = request.overlap_hours.unwrap_or(OVERLAP_HOURS);
        let mut check = Check::new();
        check.require(hours <= OVERLAP_HOURS_MAX, "overlap_hours", "must be 0 to 168");
        check.finish()?;
        let command = Rotate { actor: call.actor().clone(), lane, id, hours };
        let rotated = self.engine.executor.submit(&call, command).await?;
        let shown = WebhookSecret {
            secret: sign::secret_text(&self.engine.core().keyring(), &rotated),
            webhook: WebhookView::from(&*rotated),
        };
        Ok(rotated.map(|_| shown))
    }
}

#[derive(Serialize)]
struct Rotate {
    #[serde(skip)]
    actor: Actor,
    #[serde(skip)]
    lane: LaneKey,
    id: WebhookId,
    hours: u32,
}

impl Command for Rotate {
    /// Without the secret, which follows from it.
    type Reply = Webhook;
    const NAME: &'static str = "rotate_webhook_secret";

    fn lane(&self) -> LaneKey {
        self.lane
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Webhook(self.id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Webhook> {
        let before = access::find(work, &self.actor, self.id)?;
        let is_rotating = before.previous.as_ref().is_some_and(|previous| previous.until > cx.now);
        // The other side may have either of the two, so that neither makes room for a third; and the old one ends when it was
        // to, however often somebody asks.
        if is_rotating && self.hours > 0 {
            return Ok((*before).clone());
        }
        let previous = PreviousSeed { seed: before.seed.clone(), until: cx.now.plus(HOUR * self.hours) };
        let previous = Some(previous).filter(|_| self.hours > 0);
        let seed = Secret::new(cx.random::<32>());
        let after = Webhook { seed, previous, updated_at: cx.now, ..(*before).clone() };
        work.put(after.clone());
        audit::record(work, cx, &self.actor, &audit::Act::new("webhook.secret_rotated", "webhook", self.id));
        Ok(after)
    }
}
