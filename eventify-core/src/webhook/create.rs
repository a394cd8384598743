//! Making a webhook.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::access;
use super::model::{Webhook, WebhookList, WebhookOwner, WebhookState};
use super::view::{WebhookSecret, WebhookView};
use super::{Webhooks, sign};
use crate::account::Erasure;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Answer, Call, Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::WebhookId;
use crate::keyring::Secret;
use crate::notification::FactName;
use crate::store::Key;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// A new webhook.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
#[serde(deny_unknown_fields)]
pub struct CreateWebhook {
    /// Where to: an `https://` address that the whole internet can reach, without user and password; at most 2,048
    /// characters.
    pub url: String,
    /// The facts that are wanted, at least one; all when absent, those that come with later versions too.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub facts: Option<BTreeSet<FactName>>,
    /// Whether it is the deployment's, which is told of all events. For admins.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub deployment: bool,
}

impl std::fmt::Debug for CreateWebhook {
    /// Without the address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreateWebhook")
            .field("facts", &self.facts)
            .field("deployment", &self.deployment)
            .finish_non_exhaustive()
    }
}

const URL_CHARS_MAX: usize = 2_048;

/// Facts that other systems are never told of: they are somebody's account, or about webhooks themselves.
const UNTOLD: [FactName; 6] = [
    FactName::EmailVerification,
    FactName::PasswordReset,
    FactName::AccountChanged,
    FactName::WebhookTest,
    FactName::WebhookDisabled,
    FactName::Digest,
];

impl Webhooks<'_> {
    /// Makes a webhook, and the secret that everything sent to it is signed with. For organizers, who are told of their
    /// own events, and for admins, whose webhooks may be the deployment's. Closed to API keys: it would let one take out
    /// more than its scopes.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed` for an attendee, and for the deployment's by anybody but an admin,
    /// `user_not_found` for somebody whose account was erased, `invalid_value` (url, facts), `webhooks_off`,
    /// `too_many_webhooks` beyond ten, `idempotency_key_reused`.
    pub async fn create(
        &self,
        call: impl Into<Call>,
        request: CreateWebhook,
    ) -> Result<Answer<WebhookSecret>, Error> {
        let call = call.into();
        let owner = owner(call.actor(), request.deployment)?;
        let mut check = Check::new();
        let url = self.checked_url(&mut check, &request.url)?;
        check_facts(&mut check, request.facts.as_ref());
        check.finish()?;
        let command = Create { actor: call.actor().clone(), owner, url, facts: request.facts };
        let made = self.engine.executor.submit(&call, command).await?;
        let shown = WebhookSecret {
            secret: sign::secret_text(&self.engine.core().keyring(), &made),
            webhook: WebhookView::from(&*made),
        };
        Ok(made.map(|_| shown))
    }

    /// The address as it is to be stored.
    ///
    /// # Errors
    /// `webhooks_off`. What is wrong with the address is collected.
    pub(super) fn checked_url(&self, check: &mut Check, url: &str) -> Result<String, Error> {
        let sender = self.engine.core().outlets.webhooks.as_ref().ok_or_else(access::off)?;
        if url.chars().count() > URL_CHARS_MAX {
            check.length("url", url, URL_CHARS_MAX);
            return Ok(String::new());
        }
        Ok(sender.check_url(url).unwrap_or_else(|problem| {
            check.fail("url", problem);
            String::new()
        }))
    }
}

fn owner(actor: &Actor, deployment: bool) -> Result<WebhookOwner, Error> {
    if deployment {
        actor.require_admin()?;
        return Ok(WebhookOwner::Deployment);
    }
    actor.require_organizer()?;
    actor.require_user().map(WebhookOwner::Organizer)
}

pub(super) fn check_facts(check: &mut Check, facts: Option<&BTreeSet<FactName>>) {
    let Some(facts) = facts else { return };
    check.require(!facts.is_empty(), "facts", "must not be empty; leave it out to be told of all");
    for untold in facts.iter().filter(|fact| UNTOLD.contains(fact)) {
        check.fail("facts", format!("{} is told to no webhook", untold.as_str()));
    }
}

#[derive(Serialize)]
struct Create {
    #[serde(skip)]
    actor: Actor,
    owner: WebhookOwner,
    url: String,
    facts: Option<BTreeSet<FactName>>,
}

impl Command for Create {
    /// Without the secret, which follows from it.
    type Reply = Webhook;
    const NAME: &'static str = "create_webhook";

    fn lane(&self) -> LaneKey {
        self.owner.lane()
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::WebhookList(self.owner));
        keys.extend(self.owner.organizer_id().map(Key::Erasure));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Webhook> {
        access::require_on(cx)?;
        if let Some(id) = self.owner.organizer_id()
            && work.find::<Erasure>(&id)?.is_some()
        {
            return Err(Error::new(Reason::UserNotFound, "There is no such user.").into());
        }
        let list = work.find::<WebhookList>(&self.owner)?;
        let mut webhook_ids = list.map_or_else(Vec::new, |list| list.webhook_ids.clone());
        if webhook_ids.len() >= WebhookList::WEBHOOKS_MAX {
            let sentence = format!("There may be {} webhooks; delete one first.", WebhookList::WEBHOOKS_MAX);
            let error = Error::new(Reason::TooManyWebhooks, sentence);
            return Err(error.with("webhooks_max", WebhookList::WEBHOOKS_MAX).into());
        }
        let id = WebhookId::from_uuid(cx.new_uuid());
        webhook_ids.push(id);
        work.put(WebhookList { owner: self.owner, webhook_ids });
        let made = Webhook {
            id,
            owner: self.owner,
            url: self.url.clone(),
            facts: self.facts.clone(),
            seed: Secret::new(cx.random::<32>()),
            previous: None,
            state: WebhookState::Active,
            failing: None,
            created_by: self.actor.user_id(),
            created_at: cx.now,
            updated_at: cx.now,
        };
        work.put(made.clone());
        audit::record(work, cx, &self.actor, &audit::Act::new("webhook.created", "webhook", id));
        Ok(made)
    }
}
