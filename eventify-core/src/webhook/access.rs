//! Whose webhook it is: read beside every rule that needs it.

use std::sync::Arc;

use super::model::{Webhook, WebhookDelivery, WebhookOwner};
use crate::actor::Actor;
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::{WebhookDeliveryId, WebhookId};
use crate::work::{Decision, Work};

impl WebhookOwner {
    /// Whether the actor may see and change the owner's webhooks: the organizer, or an admin.
    pub(super) fn is(self, actor: &Actor) -> bool {
        actor.is_admin() || self.organizer_id().is_some_and(|id| actor.user_id() == Some(id))
    }
}

/// The webhook, for a decision. Somebody else's does not exist.
///
/// # Errors
/// `not_authenticated`, `insufficient_scope` for an API key, `webhook_not_found`.
pub(super) fn find(work: &mut Work, actor: &Actor, id: WebhookId) -> Decision<Arc<Webhook>> {
    actor.require_somebody()?;
    let found = work.find::<Webhook>(&id)?.filter(|webhook| webhook.owner.is(actor));
    Ok(found.ok_or_else(not_found)?)
}

/// One of its deliveries.
///
/// # Errors
/// `webhook_delivery_not_found`.
pub(super) fn find_delivery(
    work: &mut Work,
    webhook: &Webhook,
    id: WebhookDeliveryId,
) -> Decision<Arc<WebhookDelivery>> {
    let found = work.find::<WebhookDelivery>(&id)?.filter(|delivery| delivery.webhook_id == webhook.id);
    let missing = || Error::new(Reason::WebhookDeliveryNotFound, "The webhook has no such delivery.");
    Ok(found.ok_or_else(missing)?)
}

/// # Errors
/// `webhooks_off`.
pub(super) fn require_on(cx: &Context<'_>) -> Result<(), Error> {
    if cx.outlets.webhooks.is_some() { Ok(()) } else { Err(off()) }
}

pub(super) fn off() -> Error {
    Error::new(Reason::WebhooksOff, "This deployment has no webhooks.")
}

pub(super) fn not_found() -> Error {
    Error::new(Reason::WebhookNotFound, "There is no such webhook.")
}
