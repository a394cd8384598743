//! What webhooks keep about people.

use super::delete;
use super::model::{Webhook, WebhookOwner};
use super::view::WebhookView;
use crate::account::Personal;
use crate::store::{Index, Key, Recorded};

/// Who is gone is told nothing any more.
pub(crate) const PERSONAL: Personal = Personal {
    number: 120,
    name: "webhooks",
    find: |whom| Index::WebhooksOf(WebhookOwner::Organizer(whom.user_id)),
    show: Some(|_, _, record| serde_json::to_value(WebhookView::from(&**Webhook::unwrap(record)?)).ok()),
    forget: Some(|work, cx, _, key| {
        let Key::Webhook(id) = key else { return Ok(()) };
        match work.find::<Webhook>(id)? {
            Some(webhook) => delete::remove(work, cx, &webhook),
            None => Ok(()),
        }
    }),
};
