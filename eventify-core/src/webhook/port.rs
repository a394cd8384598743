//! The port to the outside: who brings what webhooks are told to where they are.

use std::fmt::{self, Debug};
use std::time::Duration;

use async_trait::async_trait;

use crate::notification::DeliveryError;

/// What a webhook is told: a POST with a JSON body. Signed already, so that no adapter ever sees a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookRequest {
    /// Where to.
    pub url: String,
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature` (Standard Webhooks), and `content-type`.
    pub headers: Vec<(&'static str, String)>,
    /// The body, to be sent byte for byte: it is what was signed.
    pub body: String,
}

impl fmt::Debug for WebhookRequest {
    /// Without the address and the body: people write secrets into addresses, and bodies name people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.headers.iter().find(|(name, _)| *name == "webhook-id").map(|(_, id)| id);
        f.debug_struct("WebhookRequest").field("id", &id).finish_non_exhaustive()
    }
}

/// What a webhook answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// The HTTP status: 200 to 299 is "it arrived", 410 "never again", everything else a failure.
    pub status: u16,
    /// How long it wants to be left alone, if it said so; more than an hour counts as one.
    pub retry_after: Option<Duration>,
}

/// Brings what webhooks are told to where they are.
///
/// - Called at least once per delivery; a repeat has the same `webhook-id`.
/// - Addresses are chosen by organizers, who are not trusted with the network that this runs in: an implementation
///   refuses whatever leads into it, follows no redirects, and bounds the time and what it reads.
#[async_trait]
pub trait WebhookSender: Debug + Send + Sync + 'static {
    /// Whether an address is one that it would ever send to, judged by its text alone. Answers with the address as it is
    /// to be stored.
    ///
    /// # Errors
    /// What is wrong with it, such as "must begin with https://".
    fn check_url(&self, url: &str) -> Result<String, String>;

    /// Sends a request, and answers with the status of the response, whatever it is.
    ///
    /// # Errors
    /// [`DeliveryError`] when there was no response, for whatever reason an attempt; permanent for an address that is never sent to. It names neither
    /// the address nor anything of the request.
    async fn send(&self, request: &WebhookRequest) -> Result<WebhookAnswer, DeliveryError>;
}
