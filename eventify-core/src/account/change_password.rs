//! Changing one's own password.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::grant::{Grant, open_session};
use super::model::{Credential, User};
use super::password::Password;
use super::throttle::{self, NoteFailure};
use super::view::{UserView, UserWithTokens};
use super::{Accounts, user_not_found};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::UserId;
use crate::store::{EmailKey, Key};
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// The old password and the new one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
        let wrong = || Error::new(Reason::InvalidCredentials, "The current password is wrong.");
        request.new_password.check_strength("new_password")?;
        let user = self.engine.load::<User>(&user_id).await?.ok_or_else(user_not_found)?;
        let keys = throttle::keys(&EmailKey::new(&user.email), actor);
        self.check_throttle(&keys).await?;
        let credential = self.engine.load::<Credential>(&user_id).await?.ok_or_else(wrong)?;
        if !self.engine.hasher.verify(&request.current_password, Some(&credential.password_hash)).await? {
            self.engine.executor.decide(NoteFailure { actor: actor.clone(), keys }).await?;
            return Err(wrong());
        }
        // As at login: guesses that were made at the same moment do not count.
        self.check_throttle(&keys).await?;
        let password_hash =
            self.engine.hasher.hash(&request.new_password, &*self.engine.core().entropy).await?;
        let command =
            SetPassword { actor: actor.clone(), user_id, password_hash, seen: credential.changed_at };
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
        keys.extend([Key::User(self.user_id), Key::Credential(self.user_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Grant> {
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        let credential = work.find::<Credential>(&self.user_id)?.ok_or_else(user_not_found)?;
        if credential.changed_at != self.seen {
            return Err(Error::new(Reason::InvalidCredentials, "The password was changed meanwhile.").into());
        }
        let password_hash = self.password_hash.clone();
        // Later than the one before even when the clock stands still: it is how a login notices the change.
        let changed_at = cx.now.max(credential.changed_at.plus(std::time::Duration::from_micros(1)));
        work.put(Credential { user_id: self.user_id, password_hash, changed_at });
        let mut user = (*user).clone();
        user.session_generation = user.session_generation.wrapping_add(1);
        user.updated_at = cx.now;
        work.put(user.clone());
        audit::record(work, cx, &self.actor, &audit::Act::new("user.password_changed", "user", user.id));
        Ok(open_session(work, cx, &user, self.actor.origin()))
    }
}
