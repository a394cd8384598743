//! Webhooks: addresses of other systems that are told of facts as they happen.
//!
//! Every fact is one job; the job finds out who wants it and writes one delivery per webhook; each delivery is sent by
//! itself, signed, and tried again with growing pauses until it arrives or is given up. What is sent again has the same
//! `webhook-id`.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::webhook::{CreateWebhook, WebhookDeliveryStatus};
//! use eventify_core::{Actor, Eventify, PageRequest, Role, store::MemoryStore};
//!
//! # use eventify_core::notification::DeliveryError;
//! # use eventify_core::webhook::{WebhookAnswer, WebhookRequest, WebhookSender};
//! # #[derive(Debug)]
//! # struct Sender; // an app takes the one of `eventify-notify`
//! # #[async_trait::async_trait]
//! # impl WebhookSender for Sender {
//! #     fn check_url(&self, url: &str) -> Result<String, String> { Ok(url.to_owned()) }
//! #     async fn send(&self, _: &WebhookRequest) -> Result<WebhookAnswer, DeliveryError> {
//! #         Ok(WebhookAnswer { status: 204, retry_after: None })
//! #     }
//! # }
//! # let sender = Sender;
//! let builder = Eventify::builder(MemoryStore::new()).webhooks(sender).without_worker();
//! let eventify = builder.start().await?;
//! let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! let request = CreateWebhook { url: "https://shop.example.org/hooks".into(), ..Default::default() };
//! let made = eventify.webhooks().create(&organizer, request).await?;
//! assert!(made.secret.expose().starts_with("whsec_")); // shown once
//!
//! eventify.webhooks().test(&organizer, made.webhook.id).await?;
//! while eventify.jobs().run_due().await? > 0 {}
//! let log = eventify.webhooks().deliveries(&organizer, made.webhook.id, &PageRequest::default()).await?;
//! assert_eq!(log.data[0].status, WebhookDeliveryStatus::Delivered);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod create;
mod delete;
mod deliver;
mod disable;
mod enable;
mod fan_out;
mod model;
mod personal;
mod port;
mod redeliver;
mod rotate;
mod send_test;
mod sign;
mod update;
mod view;
mod watch;

use std::sync::Arc;

use crate::actor::Actor;
use crate::error::Error;
use crate::etag::Fetched;
use crate::eventify::Engine;
use crate::id::WebhookId;
use crate::page::{Listing, PageRequest};
use crate::store::{Index, Kind, Version};

pub use create::CreateWebhook;
pub(crate) use deliver::{Gate, Outcome, SettleDelivery, gate, gate_reads};
pub(crate) use fan_out::{fan_out, fan_out_once, fan_out_some, job_of};
pub use model::{
    DeliveryState, DisabledWhy, Failing, PreviousSeed, Webhook, WebhookAttempt, WebhookDelivery, WebhookList,
    WebhookOwner, WebhookState,
};
pub(crate) use personal::PERSONAL;
pub use port::{WebhookAnswer, WebhookRequest, WebhookSender};
pub use rotate::RotateWebhookSecret;
pub(crate) use sign::request;
pub use update::UpdateWebhook;
pub use view::{WebhookDeliveryStatus, WebhookDeliveryView, WebhookSecret, WebhookStatus, WebhookView};
pub(crate) use watch::{watch, watch_reads};

/// What can be done with webhooks. From [`Eventify::webhooks`](crate::Eventify::webhooks).
#[derive(Debug, Clone, Copy)]
pub struct Webhooks<'a> {
    pub(crate) engine: &'a Engine,
}

impl Webhooks<'_> {
    /// The caller's webhooks, oldest first; for an admin everybody's, by id.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn list(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<WebhookView>, Error> {
        let index = if actor.is_admin() {
            Index::All(Kind::Webhook)
        } else {
            Index::WebhooksOf(WebhookOwner::Organizer(actor.require_user()?))
        };
        let found = self.engine.list::<Webhook>(index, false, page).await?;
        Ok(found.map(|webhook| WebhookView::from(&*webhook)))
    }

    /// One webhook. For its owner.
    ///
    /// # Errors
    /// `not_authenticated`, `webhook_not_found`.
    pub async fn get(&self, actor: &Actor, id: WebhookId) -> Result<Fetched<WebhookView>, Error> {
        let (webhook, version) = self.require(actor, id).await?;
        Ok(Fetched::new(WebhookView::from(&*webhook), version))
    }

    /// What a webhook was told lately, newest first, as long as `Settings::webhook_log_kept`. For its owner.
    ///
    /// # Errors
    /// `not_authenticated`, `webhook_not_found`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn deliveries(
        &self,
        actor: &Actor,
        id: WebhookId,
        page: &PageRequest,
    ) -> Result<Listing<WebhookDeliveryView>, Error> {
        self.require(actor, id).await?;
        let found = self.engine.list::<WebhookDelivery>(Index::DeliveriesOfWebhook(id), true, page).await?;
        Ok(found.map(|delivery| WebhookDeliveryView::from(&*delivery)))
    }

    async fn require(&self, actor: &Actor, id: WebhookId) -> Result<(Arc<Webhook>, Version), Error> {
        actor.require_somebody()?;
        let found = self.engine.fetch::<Webhook>(&id).await?;
        found.filter(|(webhook, _)| webhook.owner.is(actor)).ok_or_else(access::not_found)
    }
}
