//! Samples of webhooks, and of what they were told.

use std::collections::BTreeSet;

use super::{event_id, hash, instant, some, text, user_id, uuid, wrap};
use crate::id::{EventId, FactId, WebhookDeliveryId, WebhookId};
use crate::job::JobWork;
use crate::keyring::Secret;
use crate::notification::{Fact, FactName};
use crate::store::{Kind, Record};
use crate::webhook::{
    DeliveryState, DisabledWhy, Failing, PreviousSeed, Webhook, WebhookAttempt, WebhookDelivery, WebhookList,
    WebhookOwner, WebhookState,
};

/// A record of one of these kinds.
pub(super) fn record(kind: Kind, n: u32) -> Record {
    match kind {
        Kind::Webhook => wrap(webhook(n)),
        Kind::WebhookList => wrap(list(n)),
        _ => wrap(delivery(n)),
    }
}

/// One of a few owners.
#[must_use]
pub fn webhook_owner(n: u32) -> WebhookOwner {
    if n.is_multiple_of(3) { WebhookOwner::Deployment } else { WebhookOwner::Organizer(user_id(n)) }
}

/// One of a few webhooks.
#[must_use]
pub fn webhook_id(n: u32) -> WebhookId {
    WebhookId::from_uuid(uuid(5_000_000 + n % 3))
}

pub(super) fn job(n: u32) -> JobWork {
    if n.is_multiple_of(3) {
        let after = some(n, vec![0, 1, 255]);
        return JobWork::WatchWebhook { owner: webhook_owner(n), webhook_id: webhook_id(n), after };
    }
    let (webhook_id, delivery_id) = (webhook_id(n), WebhookDeliveryId::from_uuid(uuid(n)));
    JobWork::DeliverWebhook { owner: webhook_owner(n), webhook_id, delivery_id }
}

fn webhook(n: u32) -> Webhook {
    let facts = |n: u32| FactName::ALL.iter().copied().take(usize::try_from(n % 5).unwrap_or(0));
    Webhook {
        id: WebhookId::from_uuid(uuid(n)),
        owner: webhook_owner(n),
        url: text(n),
        facts: some(n, facts(n).collect::<BTreeSet<_>>()),
        seed: Secret::new(hash(n)),
        previous: some(n + 1, PreviousSeed { seed: Secret::new(hash(n + 1)), until: instant(n) }),
        state: match n % 4 {
            0 => WebhookState::Disabled { at: instant(n), why: DisabledWhy::Failing },
            1 => WebhookState::Disabled { at: instant(n), why: DisabledWhy::Gone },
            _ => WebhookState::Active,
        },
        failing: some(n, Failing { since: instant(n), attempts: u32::MAX - n, hold_until: instant(n + 3) }),
        created_by: some(n, user_id(n)),
        created_at: instant(n),
        updated_at: instant(n + 3),
    }
}

fn list(n: u32) -> WebhookList {
    let owner = match n {
        0 => WebhookOwner::Deployment,
        n => WebhookOwner::Organizer(crate::UserId::from_uuid(uuid(n))),
    };
    WebhookList { owner, webhook_ids: (0..n % 4).map(|i| WebhookId::from_uuid(uuid(i))).collect() }
}

fn delivery(n: u32) -> WebhookDelivery {
    let attempt = |i: u32| WebhookAttempt {
        at: instant(i),
        status: some(i, u16::MAX),
        duration_ms: u32::MAX - i,
        error: some(i + 1, text(i)),
    };
    WebhookDelivery {
        id: WebhookDeliveryId::from_uuid(uuid(n)),
        webhook_id: webhook_id(n),
        fact: Fact {
            id: FactId::from_uuid(uuid(n + 1)),
            name: FactName::TicketPurchased,
            at: instant(n),
            event_id: some(n, event_id(n)).or(some(n / 2, EventId::from_uuid(uuid(n)))),
            data: serde_json::json!({ "title": text(n) }).to_string(),
        },
        state: match n % 3 {
            0 => DeliveryState::Waiting,
            1 => DeliveryState::Delivered { at: instant(n) },
            _ => DeliveryState::Failed { at: instant(n) },
        },
        attempts: u32::MAX - n,
        newest: (0..n % 4).map(attempt).collect(),
        created_at: instant(n),
        forget_at: instant(n + 3),
    }
}
