//! Changing one's own password.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::grant::{Grant, open_session};
use super::mail_token::{self, MailPurpose};
use super::model::{Credential, User};
use super::notice::notice;
use super::password::Password;
use super::reauthenticate;
use super::view::{UserView, UserWithTokens};
use super::{Accounts, user_not_found};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::id::UserId;
use crate::notification::Words;
use crate::store::Key;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// The old password and the new one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password so far.
    pub current_password: Password,
    /// The password from now on; 8 to 128 characters.
    pub new_password: Password,
}

impl Accounts<'_> {
    /// Changes the caller's password. All of the person's sessions end; the caller gets a new one.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_credentials` when the current password is wrong,
    /// `weak_password`, `too_many_attempts`.
    pub async fn change_password(
        &self,
        actor: &Actor,
        request: ChangePassword,
    ) -> Result<UserWithTokens, Error> {
        let user_id = actor.require_user()?;
        request.new_password.check_strength("new_password")?;
        let (_, seen) = self.reauthenticate(actor, user_id, &request.current_password).await?;
        let password_hash =
            self.engine.hasher.hash(&request.new_password, &*self.engine.core().entropy).await?;
        let command = SetPassword { actor: actor.clone(), user_id, password_hash, seen };
        let grant = self.engine.executor.decide(command).await?;
        Ok(UserWithTokens { user: UserView::from(&grant.user), tokens: Some(self.tokens(&grant)?) })
    }
}

struct SetPassword {
    actor: Actor,
    user_id: UserId,
    password_hash: String,
    seen: Timestamp,
}

impl Command for SetPassword {
    type Reply = Grant;
    const NAME: &'static str = "change_password";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let id = self.user_id;
        keys.extend([Key::User(id), Key::Credential(id), Key::MailTokens(id), Key::Preferences(id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Grant> {
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        let credential = reauthenticate::still(work, self.user_id, self.seen)?;
        let password_hash = self.password_hash.clone();
        // Later than the one before even when the clock stands still: it is how a login notices the change.
        let changed_at = cx.now.max(credential.changed_at.plus(std::time::Duration::from_micros(1)));
        work.put(Credential { user_id: self.user_id, password_hash, changed_at });
        let mut user = (*user).clone();
        user.session_generation = user.session_generation.wrapping_add(1);
        user.updated_at = cx.now;
        // Whoever waits for one may not be who changed it.
        mail_token::use_up(work, self.user_id, MailPurpose::ResetPassword)?;
        notice(work, cx, &user, &Words::AccountPasswordChanged {})?;
        work.put(user.clone());
        audit::record(work, cx, &self.actor, &audit::Act::new("user.password_changed", "user", user.id));
        Ok(open_session(work, cx, &user, self.actor.origin()))
    }
}
