//! Changing one's own profile.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::{EmailClaim, User};
use super::register::{NAME_CHARS_MAX, check_email};
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
    /// Changes the caller's own profile.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value`, `email_taken`, `precondition_failed`.
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
        keys.extend(self.email.iter().map(|email| Key::EmailClaim(EmailKey::new(email))));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        self.if_match.check(work.version_of(&Key::User(self.user_id)))?;
        let mut changed = (*user).clone();
        if let Some(name) = &self.name {
            changed.name.clone_from(name);
        }
        if let Some(email) = &self.email {
            claim_email(work, &user, email)?;
            changed.email.clone_from(email);
        }
        changed.updated_at = cx.now;
        work.put(changed);
        audit::record(work, cx, &self.actor, &audit::Act::new("user.updated", "user", self.user_id));
        Ok(())
    }
}

fn claim_email(work: &mut Work, user: &User, email: &str) -> Decision<()> {
    let (old, new) = (EmailKey::new(&user.email), EmailKey::new(email));
    if old == new {
        return Ok(());
    }
    if work.find::<EmailClaim>(&new)?.is_some() {
        let taken = Error::new(Reason::EmailTaken, "Another account has this e-mail address.");
        return Err(taken.at_field("email").into());
    }
    work.find::<EmailClaim>(&old)?;
    work.delete::<EmailClaim>(&old);
    work.put(EmailClaim { email: new, user_id: user.id });
    Ok(())
}
