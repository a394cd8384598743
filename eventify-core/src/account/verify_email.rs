//! Proving that mail to an address reaches its person.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::mail_token::{self, MailPurpose};
use super::model::{MailTokens, User};
use super::secret_text::SecretText;
use super::throttle::{self, NoteFailure};
use super::{Accounts, user_not_found};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::UserId;
use crate::store::{EmailKey, Key};
use crate::work::{Decision, Work};

/// The token that was mailed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct VerifyEmail {
    /// The token; good once, for 24 hours, and until another one is mailed.
    pub token: SecretText,
}

impl Accounts<'_> {
    /// Mails the caller a token that proves their address; nothing when it is proven already. Registering and changing
    /// the address do so by themselves.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `too_many_attempts` after three messages (with when to come back).
    pub async fn request_verification(&self, actor: &Actor) -> Result<(), Error> {
        let user_id = actor.require_user()?;
        self.engine.executor.decide(RequestVerification { actor: actor.clone(), user_id }).await
    }

    /// Proves an address by the token that was mailed to it. Whoever has the token may: it says whose it is.
    ///
    /// # Errors
    /// `invalid_token`, `token_expired`, `too_many_attempts`.
    pub async fn verify_email(&self, actor: &Actor, request: VerifyEmail) -> Result<(), Error> {
        let keys = throttle::origin_keys(actor);
        self.check_throttle(&keys).await?;
        let found = match mail_token::named(&request.token) {
            Ok(user_id) => {
                let command = Verify { actor: actor.clone(), user_id, token: request.token };
                self.engine.executor.decide(command).await
            }
            Err(error) => Err(error),
        };
        if found.as_ref().is_err_and(|error| error.reason() == Reason::InvalidToken) {
            self.engine.executor.decide(NoteFailure { actor: actor.clone(), keys }).await?;
        }
        found
    }
}

struct RequestVerification {
    actor: Actor,
    user_id: UserId,
}

impl Command for RequestVerification {
    type Reply = ();
    const NAME: &'static str = "request_verification";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::User(self.user_id), Key::MailTokens(self.user_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        if user.email_verified_at.is_some() {
            return Ok(());
        }
        let keys = throttle::mail_keys(&EmailKey::new(&user.email), &self.actor);
        throttle::check(work, cx, &keys)?;
        throttle::count(work, cx, &self.actor, &keys)?;
        mail_token::issue(work, cx, &user, MailPurpose::VerifyEmail)?;
        let act = audit::Act::new("user.verification_requested", "user", user.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

struct Verify {
    actor: Actor,
    user_id: UserId,
    token: SecretText,
}

impl Command for Verify {
    type Reply = ();
    const NAME: &'static str = "verify_email";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::User(self.user_id), Key::MailTokens(self.user_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let tokens = work.find::<MailTokens>(&self.user_id)?;
        let user = work.find::<User>(&self.user_id)?.ok_or_else(mail_token::invalid)?;
        mail_token::check(tokens.as_deref(), MailPurpose::VerifyEmail, &self.token, &user, cx.now)?;
        mail_token::use_up(work, self.user_id, MailPurpose::VerifyEmail)?;
        work.put(User { email_verified_at: Some(cx.now), updated_at: cx.now, ..(*user).clone() });
        let who = audit::by(user.id, self.actor.origin());
        audit::record(work, cx, &who, &audit::Act::new("user.email_verified", "user", user.id));
        Ok(())
    }
}
