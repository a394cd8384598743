//! What owners of webhooks see.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::{DeliveryState, DisabledWhy, Webhook, WebhookAttempt, WebhookDelivery, WebhookState};
use crate::account::SecretText;
use crate::id::{EventId, FactId, UserId, WebhookDeliveryId, WebhookId};
use crate::notification::FactName;
use crate::time::Timestamp;

/// A webhook as its owner sees it: everything but the secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct WebhookView {
    /// Its id.
    pub id: WebhookId,
    /// The organizer of whose events it is told; `null` for the deployment's, which is told of all.
    pub organizer_id: Option<UserId>,
    /// The address.
    pub url: String,
    /// The facts that are wanted; all when `null`.
    pub facts: Option<BTreeSet<FactName>>,
    /// Whether it is told anything.
    pub status: WebhookStatus,
    /// Why not, if it is disabled.
    pub disabled_why: Option<DisabledWhy>,
    /// Since when it is disabled.
    pub disabled_at: Option<Timestamp>,
    /// Since when every attempt failed, if the last one did.
    pub failing_since: Option<Timestamp>,
    /// Until when what is sent is signed with the secret before the present one too.
    pub previous_secret_until: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed by somebody.
    pub updated_at: Timestamp,
}

impl std::fmt::Debug for WebhookView {
    /// Without the address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookView")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Whether a webhook is told anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum WebhookStatus {
    /// It is.
    Active,
    /// It is not, until it is enabled again.
    Disabled,
}

/// A webhook with its new secret, which is shown here and never again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct WebhookSecret {
    /// The secret: `whsec_` and the base 64 of 32 bytes.
    pub secret: SecretText,
    /// The webhook.
    #[serde(flatten)]
    pub webhook: WebhookView,
}

impl From<&Webhook> for WebhookView {
    fn from(webhook: &Webhook) -> Self {
        let (status, disabled) = match webhook.state {
            WebhookState::Active => (WebhookStatus::Active, None),
            WebhookState::Disabled { at, why } => (WebhookStatus::Disabled, Some((at, why))),
        };
        Self {
            id: webhook.id,
            organizer_id: webhook.owner.organizer_id(),
            url: webhook.url.clone(),
            facts: webhook.facts.clone(),
            status,
            disabled_why: disabled.map(|(_, why)| why),
            disabled_at: disabled.map(|(at, _)| at),
            failing_since: webhook.failing.map(|failing| failing.since),
            previous_secret_until: webhook.previous.as_ref().map(|previous| previous.until),
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

/// One fact on its way to a webhook, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct WebhookDeliveryView {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The fact's id: what is sent has it as `id` and `webhook-id`, however often it is sent.
    pub fact_id: FactId,
    /// The fact's name, such as `ticket.purchased`.
    pub fact: FactName,
    /// The event that it is about.
    pub event_id: Option<EventId>,
    /// Whether it arrived.
    pub status: WebhookDeliveryStatus,
    /// How often it was tried.
    pub attempts: u32,
    /// The newest attempts, oldest first; at most 20.
    pub newest_attempts: Vec<WebhookAttempt>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it arrived or was given up.
    pub ended_at: Option<Timestamp>,
}

/// Whether something arrived at a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum WebhookDeliveryStatus {
    /// Not yet.
    Waiting,
    /// It did.
    Delivered,
    /// It did not, and is not tried any more.
    Failed,
}

impl From<&WebhookDelivery> for WebhookDeliveryView {
    fn from(delivery: &WebhookDelivery) -> Self {
        let (status, ended_at) = match delivery.state {
            DeliveryState::Waiting => (WebhookDeliveryStatus::Waiting, None),
            DeliveryState::Delivered { at } => (WebhookDeliveryStatus::Delivered, Some(at)),
            DeliveryState::Failed { at } => (WebhookDeliveryStatus::Failed, Some(at)),
        };
        Self {
            id: delivery.id,
            webhook_id: delivery.webhook_id,
            fact_id: delivery.fact.id,
            fact: delivery.fact.name,
            event_id: delivery.event_id(),
            status,
            attempts: delivery.attempts,
            newest_attempts: delivery.newest.clone(),
            created_at: delivery.created_at,
            ended_at,
        }
    }
}
