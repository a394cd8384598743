//! Webhooks in memory: they remember what they were told, and fail when they are asked to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::notification::DeliveryError;
use crate::webhook::{WebhookAnswer, WebhookRequest, WebhookSender};

/// A sender that keeps every request and answers 200. Clones share what they keep.
#[derive(Debug, Clone, Default)]
pub struct MemoryWebhooks {
    sent: Arc<Mutex<Vec<WebhookRequest>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

/// To a request to an address.
type Answer = (String, Result<u16, DeliveryError>);

impl MemoryWebhooks {
    /// The next requests to an address are answered like this, one after another.
    pub fn answer_next(&self, url: &str, answers: impl IntoIterator<Item = Result<u16, DeliveryError>>) {
        let answers = answers.into_iter().map(|answer| (url.to_owned(), answer));
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).extend(answers);
    }

    /// What was sent so far, whatever the answer.
    #[must_use]
    pub fn sent(&self) -> Vec<WebhookRequest> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl WebhookSender for MemoryWebhooks {
    /// Takes whatever begins with `https://`.
    fn check_url(&self, url: &str) -> Result<String, String> {
        if url.starts_with("https://") {
            Ok(url.to_owned())
        } else {
            Err("must begin with https://".to_owned())
        }
    }

    async fn send(&self, request: &WebhookRequest) -> Result<WebhookAnswer, DeliveryError> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let next = answers.iter().position(|(url, _)| *url == request.url);
        match next.and_then(|next| answers.remove(next)) {
            Some((_, answer)) => answer.map(|status| WebhookAnswer { status, retry_after: None }),
            None => Ok(WebhookAnswer { status: 200, retry_after: None }),
        }
    }
}
