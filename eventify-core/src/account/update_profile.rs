//! Changing one's own profile.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::mail_token::{self, MailPurpose};
use super::model::{EmailClaim, User};
use super::notice::{notice, notice_at_old_address};
use super::password::Password;
use super::register::{NAME_CHARS_MAX, check_email};
use super::second_factor::{self, Proof, Proven as ByFactor, wrong_code};
use super::secret_text::SecretText;
use super::view::UserView;
use super::{Accounts, reauthenticate, throttle, user_not_found};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::{Fetched, IfMatch};
use crate::id::UserId;
use crate::notification::Words;
use crate::store::{EmailKey, Key};
use crate::time::Timestamp;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// What to change; absent fields stay as they are. Another e-mail address needs the password, and a code if the account
/// has a second factor: whoever has the address can have the account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct UpdateProfile {
    /// What to call the person; 1 to 100 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub name: Option<String>,
    /// The e-mail address.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub email: Option<String>,
    /// The account's password, for another address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub current_password: Option<Password>,
    /// What the authenticator app shows, for another address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub code: Option<SecretText>,
    /// Instead of it, a recovery code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub recovery_code: Option<SecretText>,
}

impl Accounts<'_> {
    /// Changes the caller's own profile. A new address is not proven yet: a token is mailed to it. The old one is told.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value`, `email_taken`, `precondition_failed`, `too_many_attempts` when too many
    /// messages went to the new address; for another address also `password_required`, `invalid_credentials`,
    /// `second_factor_required`, `invalid_code`, and `too_many_attempts` after wrong ones.
    pub async fn update_me(
        &self,
        actor: &Actor,
        request: UpdateProfile,
        if_match: IfMatch,
    ) -> Result<Fetched<UserView>, Error> {
        let user_id = actor.require_user()?;
        let mut check = Check::new();
        let name = request.name.map(|name| check.line("name", &name, NAME_CHARS_MAX));
        let email = request.email.map(|email| check_email(&mut check, &email));
        check.finish()?;
        let proof = Proof::of(request.code, request.recovery_code)?;
        let proven = match &email {
            Some(email) => self.prove_for(actor, user_id, email, request.current_password, proof).await?,
            None => None,
        };
        let command = ChangeProfile { actor: actor.clone(), user_id, name, email, proven, if_match };
        self.engine.executor.decide(command).await?.then_some(()).ok_or_else(wrong_code)?;
        self.me(actor).await
    }

    /// The password's proof, where it is another address.
    async fn prove_for(
        &self,
        actor: &Actor,
        user_id: UserId,
        email: &str,
        password: Option<Password>,
        proof: Option<Proof>,
    ) -> Result<Option<Proven>, Error> {
        let user = self.engine.load::<User>(&user_id).await?.ok_or_else(user_not_found)?;
        if EmailKey::new(&user.email) == EmailKey::new(email) {
            return Ok(None);
        }
        let password = password.ok_or_else(password_required)?;
        let (_, seen) = self.reauthenticate(actor, user_id, &password).await?;
        Ok(Some((seen, proof)))
    }
}

fn password_required() -> Error {
    let sentence = "Another e-mail address needs the account's password.";
    Error::new(Reason::PasswordRequired, sentence).at_field("current_password")
}

/// When the password was set that was compared, and the second factor.
type Proven = (Timestamp, Option<Proof>);

struct ChangeProfile {
    actor: Actor,
    user_id: UserId,
    name: Option<String>,
    email: Option<String>,
    proven: Option<Proven>,
    if_match: IfMatch,
}

impl Command for ChangeProfile {
    /// Whether it was done; not for a wrong code, which was counted.
    type Reply = bool;
    const NAME: &'static str = "update_profile";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::User(self.user_id));
        if let Some(email) = &self.email {
            let (email, id) = (EmailKey::new(email), self.user_id);
            keys.extend([Key::MailTokens(id), Key::Preferences(id)]);
            keys.extend([Key::Credential(id), Key::SecondFactor(id)]);
            keys.extend(throttle::mail_keys(&email, &self.actor).into_iter().map(Key::Throttle));
            keys.insert(Key::EmailClaim(email));
        }
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<bool> {
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        self.if_match.check(work.version_of(&Key::User(self.user_id)))?;
        if let Some((seen, proof)) = &self.proven {
            reauthenticate::still(work, user.id, *seen)?;
            if second_factor::prove(work, cx, &self.actor, &user, proof.as_ref())? == ByFactor::Wrong {
                return Ok(false);
            }
        }
        let mut changed = (*user).clone();
        if let Some(name) = &self.name {
            changed.name.clone_from(name);
        }
        if let Some(email) = &self.email {
            let is_another = claim_email(work, &user, email)?;
            changed.email.clone_from(email);
            if is_another {
                if self.proven.is_none() {
                    return Err(password_required().into());
                }
                changed.email_verified_at = None;
                let keys = throttle::mail_keys(&EmailKey::new(email), &self.actor);
                throttle::check(work, cx, &keys)?;
                throttle::count(work, cx, &self.actor, &keys)?;
                mail_token::issue(work, cx, &changed, MailPurpose::VerifyEmail)?;
                notice(work, cx, &changed, &Words::AccountEmailChanged {})?;
                notice_at_old_address(work, cx, &user);
            }
        }
        changed.updated_at = cx.now;
        work.put(changed);
        audit::record(work, cx, &self.actor, &audit::Act::new("user.updated", "user", self.user_id));
        Ok(true)
    }
}

/// Whether it is another address than before.
fn claim_email(work: &mut Work, user: &User, email: &str) -> Decision<bool> {
    let (old, new) = (EmailKey::new(&user.email), EmailKey::new(email));
    if old == new {
        return Ok(false);
    }
    if work.find::<EmailClaim>(&new)?.is_some() {
        let taken = Error::new(Reason::EmailTaken, "Another account has this e-mail address.");
        return Err(taken.at_field("email").into());
    }
    work.find::<EmailClaim>(&old)?;
    work.delete::<EmailClaim>(&old);
    work.put(EmailClaim { email: new, user_id: user.id });
    Ok(true)
}
