//! Logging in.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::access_token;
use super::grant::{Grant, open_session};
use super::model::{Credential, EmailClaim, Throttle, User};
use super::notice::notice;
use super::password::{Hasher, Password};
use super::register::EMAIL_CHARS_MAX;
use super::second_factor::{self, Proof, Proven, wrong_code};
use super::secret_text::SecretText;
use super::throttle::{self, NoteFailure};
use super::view::Tokens;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::notification::Words;
use crate::store::{EmailKey, Key, Recorded};
use crate::time::Timestamp;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// A person who shows their password.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The e-mail address of the account.
    pub email: String,
    /// Its password.
    pub password: Password,
    /// What the authenticator app shows, for an account with a second factor.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub code: Option<SecretText>,
    /// Instead of it, a recovery code.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub recovery_code: Option<SecretText>,
}

impl Login {
    /// With a password alone.
    pub fn new(email: impl Into<String>, password: impl Into<Password>) -> Self {
        Self { email: email.into(), password: password.into(), code: None, recovery_code: None }
    }
}

impl Accounts<'_> {
    /// Opens a session. The actor says where the request comes from ([`Actor::from_origin`]).
    ///
    /// Answers the same, in the same time, for an unknown address and for a wrong password. After some failures the
    /// account and the origin have to wait, longer each time, at most 15 minutes. Wrong codes count like wrong
    /// passwords, and a code is good once.
    ///
    /// # Errors
    /// `invalid_credentials`, `second_factor_required` when the password is right and the account wants a code too (ask
    /// again with both), `invalid_code`, `too_many_attempts` (with when to come back), `invalid_value` for what no account's
    /// address can be.
    pub async fn login(&self, actor: &Actor, request: Login) -> Result<Tokens, Error> {
        // Failures are remembered by the address, so it must not be longer than one can be.
        let mut check = Check::new();
        let email = EmailKey::new(&check.line("email", &request.email, EMAIL_CHARS_MAX));
        check.finish()?;
        let proof = Proof::of(request.code, request.recovery_code)?;
        let keys = throttle::keys(&email, actor);
        self.check_throttle(&keys).await?;
        let claim = self.engine.load::<EmailClaim>(&email).await?;
        let credential = match &claim {
            Some(claim) => self.engine.load::<Credential>(&claim.user_id).await?,
            None => None,
        };
        let hash = credential.as_ref().map(|c| c.password_hash.as_str());
        let verified = self.engine.hasher.verify(&request.password, hash).await?;
        let Some(credential) = credential.filter(|_| verified) else {
            self.engine.executor.decide(NoteFailure { actor: actor.clone(), keys }).await?;
            return Err(Error::new(
                Reason::InvalidCredentials,
                "E-mail and password do not belong together.",
            ));
        };
        // The password is right, so guesses that were made at the same moment do not count any more.
        self.check_throttle(&keys).await?;
        let rehashed = if Hasher::is_outdated(&credential.password_hash) {
            Some(self.engine.hasher.hash(&request.password, &*self.engine.core().entropy).await?)
        } else {
            None
        };
        let seen = credential.changed_at;
        let command = OpenSession { actor: actor.clone(), email, seen, rehashed, proof };
        let grant = self.engine.executor.decide(command).await?.ok_or_else(wrong_code)?;
        self.tokens(&grant)
    }

    pub(super) async fn check_throttle(&self, keys: &[crate::store::ThrottleKey]) -> Result<(), Error> {
        let now = self.engine.core().clock.now();
        for key in keys {
            if let Some(throttle) = self.engine.load::<Throttle>(key).await? {
                throttle.check(now)?;
            }
        }
        Ok(())
    }

    pub(super) fn tokens(&self, grant: &Grant) -> Result<Tokens, Error> {
        let core = self.engine.core();
        access_token::issue(grant, &core.keyring(), &core.settings)
    }
}

/// After the password was found right.
struct OpenSession {
    actor: Actor,
    email: EmailKey,
    /// The password must not have been changed since it was compared.
    seen: Timestamp,
    rehashed: Option<String>,
    proof: Option<Proof>,
}

impl Command for OpenSession {
    /// Nothing for a wrong code, which was counted.
    type Reply = Option<Grant>;
    const NAME: &'static str = "login";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::EmailClaim(self.email.clone()));
        keys.extend(throttle::keys(&self.email, &self.actor).iter().map(Throttle::key_of));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Option<Grant>> {
        let changed =
            || Error::new(Reason::InvalidCredentials, "E-mail and password do not belong together.");
        let claim = work.find::<EmailClaim>(&self.email)?.ok_or_else(changed)?;
        let id = claim.user_id;
        work.need([Key::User(id), Key::Credential(id), Key::SecondFactor(id)])?;
        let user = work.find::<User>(&claim.user_id)?.ok_or_else(changed)?;
        let credential = work.find::<Credential>(&claim.user_id)?.ok_or_else(changed)?;
        if credential.changed_at != self.seen {
            return Err(changed().into());
        }
        let action = match second_factor::prove(work, cx, &self.actor, &user, self.proof.as_ref())? {
            Proven::Wrong => return Ok(None),
            Proven::NotAsked | Proven::ByCode => "session.opened",
            Proven::ByRecoveryCode(left) => {
                let left = u32::try_from(left).unwrap_or(u32::MAX);
                notice(work, cx, &user, &Words::AccountCodeUsed { left })?;
                "session.opened_with_recovery_code"
            }
        };
        if let Some(password_hash) = &self.rehashed {
            work.put(Credential { password_hash: password_hash.clone(), ..(*credential).clone() });
        }
        throttle::forgive(work, &self.email)?;
        let grant = open_session(work, cx, &user, self.actor.origin());
        let who = audit::by(user.id, self.actor.origin());
        audit::record(work, cx, &who, &audit::Act::new(action, "session", grant.session_id));
        Ok(Some(grant))
    }
}
