//! The records of webhooks: who is told at which address, and what was told there lately.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::command::LaneKey;
use crate::id::{EventId, ParseIdError, UserId, WebhookDeliveryId, WebhookId};
use crate::keyring::Secret;
use crate::notification::{Fact, FactName};
use crate::store::Expires;
use crate::time::Timestamp;

/// Whose webhook it is, which is also what it is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum WebhookOwner {
    /// An organizer: facts of their own events.
    Organizer(UserId),
    /// The deployment: all facts.
    Deployment,
}

impl WebhookOwner {
    /// Where decisions about the owner's webhooks queue.
    pub(crate) const fn lane(self) -> LaneKey {
        match self {
            Self::Organizer(user_id) => LaneKey::User(user_id),
            Self::Deployment => LaneKey::Deployment,
        }
    }

    /// The organizer, if it is one.
    #[must_use]
    pub const fn organizer_id(self) -> Option<UserId> {
        match self {
            Self::Organizer(user_id) => Some(user_id),
            Self::Deployment => None,
        }
    }
}

impl fmt::Display for WebhookOwner {
    /// As keys and columns have it; `operator` sorts behind every id, as here.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organizer(user_id) => fmt::Display::fmt(user_id, f),
            Self::Deployment => f.write_str("operator"),
        }
    }
}

impl FromStr for WebhookOwner {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        if text == "operator" { Ok(Self::Deployment) } else { text.parse().map(Self::Organizer) }
    }
}

/// An address of another system that is told of facts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is.
    pub owner: WebhookOwner,
    /// The address.
    pub url: String,
    /// The facts that are wanted; all when `None`.
    pub facts: Option<BTreeSet<FactName>>,
    /// The secret follows from this under the deployment's key; it is stored nowhere.
    pub seed: Secret,
    /// What the secret before followed from, while it still signs too.
    pub previous: Option<PreviousSeed>,
    /// Whether it is told anything.
    pub state: WebhookState,
    /// Since when nothing arrives, if nothing does.
    pub failing: Option<Failing>,
    /// Who made it, if a person did.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed by somebody.
    pub updated_at: Timestamp,
}

/// What the secret before a rotation followed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSeed {
    /// As [`Webhook::seed`].
    pub seed: Secret,
    /// Until when it signs too.
    pub until: Timestamp,
}

/// Whether a webhook is told anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebhookState {
    /// It is.
    Active,
    /// It is not, until its owner says so.
    Disabled {
        /// Since when.
        at: Timestamp,
        /// Why.
        why: DisabledWhy,
    },
}

/// Why a webhook is told nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum DisabledWhy {
    /// Nothing arrived for days (`Settings::webhook_disable_after`).
    Failing,
    /// It answered 410 Gone.
    Gone,
}

impl DisabledWhy {
    /// Its word, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Gone => "gone",
        }
    }
}

/// Nothing arrives at a webhook: while this is so it is tried by one delivery at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    /// Since the first attempt that failed after the last one that did not.
    pub since: Timestamp,
    /// How many attempts failed since.
    pub attempts: u32,
    /// The next attempt is not made before this.
    pub hold_until: Timestamp,
}

impl Webhook {
    /// Whether it is told of facts.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.state, WebhookState::Active)
    }

    /// Whether its owner wants to be told of facts of this name.
    #[must_use]
    pub fn wants(&self, fact: FactName) -> bool {
        self.facts.as_ref().is_none_or(|wanted| wanted.contains(&fact))
    }
}

impl fmt::Debug for Webhook {
    /// Without the address: people write secrets into addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("id", &self.id)
            .field("owner", &self.owner)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The webhooks of one owner: one record, so that how many there are rests on one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookList {
    /// Whose they are.
    pub owner: WebhookOwner,
    /// Their ids, oldest first; at most [`WebhookList::WEBHOOKS_MAX`].
    pub webhook_ids: Vec<WebhookId>,
}

impl WebhookList {
    /// The webhooks that one owner may have.
    pub const WEBHOOKS_MAX: usize = 10;
}

/// One fact on its way to one webhook, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDelivery {
    /// Its id: follows from the webhook and the fact.
    pub id: WebhookDeliveryId,
    /// To which webhook.
    pub webhook_id: WebhookId,
    /// What is told, without what its owner may not see.
    pub fact: Fact,
    /// Whether it arrived.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// The newest attempts, oldest first; at most [`WebhookDelivery::ATTEMPTS_KEPT`].
    pub newest: Vec<WebhookAttempt>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it may be forgotten.
    pub forget_at: Timestamp,
}

impl WebhookDelivery {
    /// The attempts that are kept.
    pub const ATTEMPTS_KEPT: usize = 20;

    /// The event that it is about.
    #[must_use]
    pub const fn event_id(&self) -> Option<EventId> {
        self.fact.event_id
    }

    /// Whether a job sees to it still.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        matches!(self.state, DeliveryState::Waiting)
    }

    /// Whether it is a test: tried once, whatever the state of its webhook.
    #[must_use]
    pub const fn is_test(&self) -> bool {
        matches!(self.fact.name, FactName::WebhookTest)
    }
}

impl Expires for WebhookDelivery {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.forget_at)
    }
}

/// Whether something arrived at a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryState {
    /// Not yet: a job sees to it.
    Waiting,
    /// It did.
    Delivered {
        /// When.
        at: Timestamp,
    },
    /// It did not, and is not tried any more.
    Failed {
        /// When it was given up.
        at: Timestamp,
    },
}

/// One attempt to tell a webhook something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct WebhookAttempt {
    /// When it ended.
    pub at: Timestamp,
    /// The HTTP status of the answer, if there was one.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// Why it failed, if it did.
    pub error: Option<String>,
}
