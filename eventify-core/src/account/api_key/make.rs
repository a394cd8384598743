//! Making an API key.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::{ApiKey, ApiKeys};
use super::{ApiKeyView, hash_of, text_of};
use crate::account::model::User;
use crate::account::notice::notice;
use crate::account::password::Password;
use crate::account::second_factor::{Proof, Proven, prove, wrong_code};
use crate::account::secret_text::SecretText;
use crate::account::{Accounts, reauthenticate, user_not_found};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::{ApiKeyId, UserId};
use crate::notification::Words;
use crate::scope::Scope;
use crate::store::Key;
use crate::time::Timestamp;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// A new API key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What to call it; 1 to 100 characters.
    pub name: String,
    /// What it may be used for; at least one, and none that the person may not do.
    pub scopes: BTreeSet<Scope>,
    /// From when on it is refused: at most 366 days from now. 90 days if absent.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub expires_at: Option<Timestamp>,
    /// The account's password: a key outlives the session that it is made in.
    pub current_password: Password,
    /// What the authenticator app shows, if the account has a second factor.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub code: Option<SecretText>,
    /// Instead of it, a recovery code.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub recovery_code: Option<SecretText>,
}

/// A new key. The key itself is shown here and never again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CreatedApiKey {
    /// The key: `evk_` and 86 characters.
    pub key: SecretText,
    /// What is known of it from now on.
    #[serde(flatten)]
    pub api_key: ApiKeyView,
}

const NAME_CHARS_MAX: usize = 100;
/// Keys that a person may have.
const KEYS_MAX: usize = 20;
const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

impl Accounts<'_> {
    /// Makes a key that acts for the caller within its scopes, whatever happens to their sessions: until it is revoked,
    /// the password is reset by mail, or the person gets another role.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_value` (name, scopes, expires_at), `invalid_credentials`,
    /// `second_factor_required`, `invalid_code`, `too_many_attempts`, `not_allowed` for a scope above the caller's role,
    /// `too_many_api_keys` beyond 20 that have not expired.
    pub async fn create_api_key(&self, actor: &Actor, request: CreateApiKey) -> Result<CreatedApiKey, Error> {
        let user_id = actor.require_user()?;
        let now = self.engine.core().clock.now();
        let mut check = Check::new();
        let name = check.line("name", &request.name, NAME_CHARS_MAX);
        check.require(!request.scopes.is_empty(), "scopes", "must not be empty");
        let expires_at = request.expires_at.unwrap_or_else(|| now.plus(90 * DAY));
        let in_time = expires_at > now && expires_at <= now.plus(366 * DAY);
        check.require(in_time, "expires_at", "must be in the future, at most 366 days from now");
        check.finish()?;
        let proof = Proof::of(request.code, request.recovery_code)?;
        let (_, seen) = self.reauthenticate(actor, user_id, &request.current_password).await?;
        let (actor, scopes) = (actor.clone(), request.scopes);
        let command = Make { actor, user_id, seen, proof, name, scopes, expires_at };
        let (id, random) = self.engine.executor.decide(command).await?.ok_or_else(wrong_code)?;
        let made = self.engine.load::<ApiKeys>(&user_id).await?;
        let made = made.as_ref().and_then(|keys| keys.keys.iter().find(|key| key.id == id));
        let api_key = made.map(ApiKeyView::from).ok_or_else(super::revoke::not_found)?;
        Ok(CreatedApiKey { key: SecretText::new(text_of(user_id, id, random)), api_key })
    }
}

struct Make {
    actor: Actor,
    user_id: UserId,
    /// When the password was set that was compared.
    seen: Timestamp,
    proof: Option<Proof>,
    name: String,
    scopes: BTreeSet<Scope>,
    expires_at: Timestamp,
}

impl Command for Make {
    /// Nothing for a wrong code, which was counted.
    type Reply = Option<(ApiKeyId, [u8; 32])>;
    const NAME: &'static str = "create_api_key";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let id = self.user_id;
        keys.extend([Key::User(id), Key::ApiKeys(id), Key::Preferences(id)]);
        keys.extend([Key::Credential(id), Key::SecondFactor(id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Self::Reply> {
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        reauthenticate::still(work, user.id, self.seen)?;
        if prove(work, cx, &self.actor, &user, self.proof.as_ref())? == Proven::Wrong {
            return Ok(None);
        }
        if let Some(scope) = self.scopes.iter().find(|scope| scope.role() > user.role) {
            let sentence = format!("{scope} needs the role {}.", scope.role());
            return Err(Error::new(Reason::NotAllowed, sentence)
                .with("scope", scope)
                .at_field("scopes")
                .into());
        }
        let before = work.find::<ApiKeys>(&self.user_id)?;
        let mut keys = before.map_or_else(Vec::new, |before| before.keys.clone());
        keys.retain(|key| key.expires_at > cx.now);
        if keys.len() >= KEYS_MAX {
            let sentence = format!("A person may have {KEYS_MAX} API keys; revoke one first.");
            return Err(Error::new(Reason::TooManyApiKeys, sentence).with("api_keys_max", KEYS_MAX).into());
        }
        let (id, random) = (ApiKeyId::from_uuid(cx.new_uuid()), cx.random::<32>());
        keys.push(ApiKey {
            id,
            name: self.name.clone(),
            hash: hash_of(&text_of(self.user_id, id, random)),
            scopes: self.scopes.clone(),
            created_at: cx.now,
            expires_at: self.expires_at,
            used_at: None,
        });
        work.put(ApiKeys { user_id: self.user_id, keys });
        notice(work, cx, &user, &Words::AccountApiKeyMade {})?;
        audit::record(work, cx, &self.actor, &audit::Act::new("api_key.created", "api_key", id));
        Ok(Some((id, random)))
    }
}
