//! Setting a new password without the old one, by a token that is mailed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::mail_token::{self, MailPurpose};
use super::model::{Credential, EmailClaim, MailTokens, User};
use super::notice::notice;
use super::password::Password;
use super::register::EMAIL_CHARS_MAX;
use super::secret_text::SecretText;
use super::throttle::{self, NoteFailure};
use super::{Accounts, api_key};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::eventify::of_kind;
use crate::id::{JobId, UserId};
use crate::job::{self, JobWork};
use crate::notification::{self, Words};
use crate::store::{EmailKey, Key};
use crate::validate::Check;
use crate::work::{Decision, Work};

/// Whose password is forgotten.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct RequestPasswordReset {
    /// The e-mail address of the account.
    pub email: String,
}

/// The token that was mailed, and the new password.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// The token; good once, for an hour, and until another one is mailed.
    pub token: SecretText,
    /// The password from now on; 8 to 128 characters.
    pub new_password: Password,
}

impl Accounts<'_> {
    /// Mails a token that sets a new password to the address, if it is an account's. The answer is the same, after the
    /// same work, whether anybody has the address: who it is is looked up by a job afterwards.
    ///
    /// # Errors
    /// `invalid_value` for what no account's address can be, `too_many_attempts` after three messages to one mailbox
    /// or fifty from one origin (with when to come back).
    pub async fn request_password_reset(
        &self,
        actor: &Actor,
        request: RequestPasswordReset,
    ) -> Result<(), Error> {
        let mut check = Check::new();
        let email = EmailKey::new(&check.line("email", &request.email, EMAIL_CHARS_MAX));
        check.finish()?;
        self.engine.executor.decide(RequestReset { actor: actor.clone(), email }).await
    }

    /// Sets a new password by the token that was mailed. All of the person's sessions and API keys end, and the address
    /// counts as proven. Logs nobody in: a second factor is still asked for.
    ///
    /// # Errors
    /// `weak_password`, `invalid_token`, `token_expired`, `too_many_attempts`.
    pub async fn reset_password(&self, actor: &Actor, request: ResetPassword) -> Result<(), Error> {
        request.new_password.check_strength("new_password")?;
        let keys = throttle::origin_keys(actor);
        self.check_throttle(&keys).await?;
        let found = self.check_reset_token(&request.token).await;
        if found.as_ref().is_err_and(|error| error.reason() == Reason::InvalidToken) {
            self.engine.executor.decide(NoteFailure { actor: actor.clone(), keys }).await?;
        }
        let user_id = found?;
        let password_hash =
            self.engine.hasher.hash(&request.new_password, &*self.engine.core().entropy).await?;
        let command = Reset { actor: actor.clone(), user_id, token: request.token, password_hash };
        self.engine.executor.decide(command).await
    }

    /// Before anything is hashed: a guess must not cost what a password costs.
    async fn check_reset_token(&self, token: &SecretText) -> Result<UserId, Error> {
        let user_id = mail_token::named(token)?;
        let loaded = self.engine.load_all([Key::User(user_id), Key::MailTokens(user_id)]).await?;
        let user = of_kind::<User>(&loaded).next().ok_or_else(mail_token::invalid)?;
        let tokens = of_kind::<MailTokens>(&loaded).next();
        let now = self.engine.core().clock.now();
        let tokens = tokens.map(|tokens| &**tokens);
        mail_token::check(tokens, MailPurpose::ResetPassword, token, user, now)?;
        Ok(user_id)
    }
}

struct RequestReset {
    actor: Actor,
    email: EmailKey,
}

impl Command for RequestReset {
    type Reply = ();
    const NAME: &'static str = "request_password_reset";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend(throttle::mail_keys(&self.email, &self.actor).into_iter().map(Key::Throttle));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let keys = throttle::mail_keys(&self.email, &self.actor);
        throttle::check(work, cx, &keys)?;
        throttle::count(work, cx, &self.actor, &keys)?;
        let origin = self.actor.origin().map(str::to_owned);
        let mail = JobWork::MailReset { email: self.email.clone(), origin };
        job::schedule(work, cx, JobId::from_uuid(cx.new_uuid()), mail, cx.now);
        Ok(())
    }
}

/// Mails a token to whoever has the address; does nothing when nobody has.
pub(crate) fn mail_reset(
    work: &mut Work,
    cx: &Context<'_>,
    email: &EmailKey,
    origin: Option<&str>,
) -> Decision<()> {
    let Some(claim) = work.find::<EmailClaim>(email)? else {
        return Ok(());
    };
    work.need([Key::User(claim.user_id), Key::MailTokens(claim.user_id)])?;
    let Some(user) = work.find::<User>(&claim.user_id)? else {
        return Ok(());
    };
    mail_token::issue(work, cx, &user, MailPurpose::ResetPassword)?;
    // Anybody may have asked: the trail says from where, not who.
    let who = origin.map_or_else(Actor::anonymous, |origin| Actor::anonymous().from_origin(origin));
    audit::record(work, cx, &who, &audit::Act::new("user.password_reset_requested", "user", user.id));
    Ok(())
}

struct Reset {
    actor: Actor,
    user_id: UserId,
    token: SecretText,
    password_hash: String,
}

impl Command for Reset {
    type Reply = ();
    const NAME: &'static str = "reset_password";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let id = self.user_id;
        keys.extend([Key::User(id), Key::Credential(id), Key::MailTokens(id), Key::Preferences(id)]);
        keys.extend([Key::ApiKeys(id), Key::PushSubscriptions(id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let tokens = work.find::<MailTokens>(&self.user_id)?;
        let user = work.find::<User>(&self.user_id)?.ok_or_else(mail_token::invalid)?;
        // Checked again: it may have been used while the password was hashed.
        mail_token::check(tokens.as_deref(), MailPurpose::ResetPassword, &self.token, &user, cx.now)?;
        mail_token::use_up(work, self.user_id, MailPurpose::ResetPassword)?;
        throttle::forgive(work, &EmailKey::new(&user.email))?;
        api_key::revoke_all(work, self.user_id)?;
        notification::forget_all_push(work, self.user_id)?;
        let before = work.find::<Credential>(&self.user_id)?;
        // Later than the one before even when the clock stands still: it is how a login notices the change.
        let just_after = before.map(|before| before.changed_at.plus(std::time::Duration::from_micros(1)));
        let changed_at = just_after.map_or(cx.now, |after| cx.now.max(after));
        let password_hash = self.password_hash.clone();
        work.put(Credential { user_id: self.user_id, password_hash, changed_at });
        let user = User {
            session_generation: user.session_generation.wrapping_add(1),
            email_verified_at: user.email_verified_at.or(Some(cx.now)),
            updated_at: cx.now,
            ..(*user).clone()
        };
        notice(work, cx, &user, &Words::AccountPasswordReset {})?;
        let who = audit::by(user.id, self.actor.origin());
        audit::record(work, cx, &who, &audit::Act::new("user.password_reset", "user", user.id));
        work.put(user);
        Ok(())
    }
}
