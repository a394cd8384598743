//! Telling a webhook nothing any more, and its owner so.

use super::model::{DisabledWhy, Webhook, WebhookState};
use super::watch;
use crate::account::Erasure;
use crate::actor::Actor;
use crate::audit;
use crate::context::Context;
use crate::id::FactId;
use crate::notification::{self, FactName, Notice, Words};
use crate::work::{Decision, Work};

/// Disables a webhook that is not, and tells its organizer; of the deployment's, whoever made it.
pub(super) fn disable(
    work: &mut Work,
    cx: &Context<'_>,
    webhook: &Webhook,
    why: DisabledWhy,
) -> Decision<()> {
    if !webhook.is_active() {
        return Ok(());
    }
    let state = WebhookState::Disabled { at: cx.now, why };
    work.put(Webhook { state, failing: None, ..webhook.clone() });
    watch::let_out(work, cx, webhook)?;
    let act = audit::Act::new("webhook.disabled", "webhook", webhook.id);
    audit::record(work, cx, &Actor::system(), &act);
    let Some(user_id) = webhook.owner.organizer_id().or(webhook.created_by) else {
        return Ok(());
    };
    if work.find::<Erasure>(&user_id)?.is_some() {
        return Ok(());
    }
    let id = FactId::from_uuid(cx.new_uuid());
    let data = serde_json::json!({ "webhook_id": webhook.id, "why": why });
    let fact = notification::fact(cx, FactName::WebhookDisabled, id, None, &data);
    let words = match why {
        DisabledWhy::Failing => Words::WebhookFailing {},
        DisabledWhy::Gone => Words::WebhookGone {},
    };
    notification::tell(work, cx, &fact, &Notice::new(user_id, &words)).map(drop)
}
