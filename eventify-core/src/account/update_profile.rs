//! Changing one's own profile.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::mail_token::{self, MailPurpose};
use super::model::{EmailClaim, User};
use super::notice::notice;
use super::register::{NAME_CHARS_MAX, check_email};
use super::throttle;
use super::view::UserView;
use super::{Accounts, user_not_found};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::{Fetched, IfMatch};
use crate::id::UserId;
use crate::store::{EmailKey, Key};
use crate::validate::Check;
use crate::work::{Decision, Work};

/// What to change; absent fields stay as they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateProfile {
    /// What to call the person; 1 to 100 characters.
    #[serde(default)]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(default)]
    pub email: Option<String>,
}

impl Accounts<'_> {
    /// Changes the caller's own profile. A new address is not proven yet: a token is mailed to it.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value`, `email_taken`, `precondition_failed`, `too_many_attempts` when too many
    /// messages went to the new address.
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
        let command = ChangeProfile { actor: actor.clone(), user_id, name, email, if_match };
        self.engine.executor.decide(command).await?;
        self.me(actor).await
    }
}

struct ChangeProfile {
    actor: Actor,
    user_id: UserId,
    name: Option<String>,
    email: Option<String>,
    if_match: IfMatch,
}

impl Command for ChangeProfile {
    type Reply = ();
    const NAME: &'static str = "update_profile";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::User(self.user_id));
        if let Some(email) = &self.email {
            let email = EmailKey::new(email);
            keys.extend([Key::MailTokens(self.user_id), Key::Preferences(self.user_id)]);
            keys.extend(throttle::mail_keys(&email, &self.actor).into_iter().map(Key::Throttle));
            keys.insert(Key::EmailClaim(email));
        }
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        self.if_match.check(work.version_of(&Key::User(self.user_id)))?;
        let mut changed = (*user).clone();
        if let Some(name) = &self.name {
            changed.name.clone_from(name);
        }
        if let Some(email) = &self.email {
            let is_another = claim_email(work, &user, email)?;
            changed.email.clone_from(email);
            if is_another {
                changed.email_verified_at = None;
                let keys = throttle::mail_keys(&EmailKey::new(email), &self.actor);
                throttle::check(work, cx, &keys)?;
                throttle::count(work, cx, &self.actor, &keys)?;
                mail_token::issue(work, cx, &changed, MailPurpose::VerifyEmail)?;
                notice(work, cx, &changed, "The e-mail address of your account was changed")?;
            }
        }
        changed.updated_at = cx.now;
        work.put(changed);
        audit::record(work, cx, &self.actor, &audit::Act::new("user.updated", "user", self.user_id));
        Ok(())
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
