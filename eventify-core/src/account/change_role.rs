//! Becoming an organizer, and what admins make of people.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::grant::{Grant, RefreshSecret, extend_session};
use super::model::{EmailClaim, Session, User};
use super::view::{UserView, UserWithTokens};
use super::{Accounts, api_key, user_not_found};
use crate::actor::{Actor, Role};
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::UserId;
use crate::store::{EmailKey, Key};
use crate::work::{Decision, Work};

/// A person's new role.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct SetRole {
    /// The role.
    pub role: Role,
}

impl Accounts<'_> {
    /// Makes the caller an organizer, by their own word. The caller's other sessions and API keys end; this session gets
    /// fresh tokens.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `session_revoked`.
    pub async fn become_organizer(&self, actor: &Actor) -> Result<UserWithTokens, Error> {
        let user_id = actor.require_user()?;
        self.change(ChangeRole { actor: actor.clone(), user_id, wish: Wish::BecomeOrganizer }).await
    }

    /// Gives a person a role. The person's sessions and API keys end.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed` for anybody but an admin, `user_not_found`, `session_revoked`, and
    /// `last_admin` when an admin takes the role from themselves.
    pub async fn set_role(
        &self,
        actor: &Actor,
        user_id: UserId,
        request: SetRole,
    ) -> Result<UserWithTokens, Error> {
        self.change(ChangeRole { actor: actor.clone(), user_id, wish: Wish::Set(request.role) }).await
    }

    /// Makes the account with this address an admin: for the operator's command line.
    ///
    /// # Errors
    /// `not_allowed` for anybody but the system or an admin, `user_not_found`.
    pub async fn promote(&self, actor: &Actor, email: &str) -> Result<UserView, Error> {
        actor.require_admin()?;
        let claim =
            self.engine.load::<EmailClaim>(&EmailKey::new(email)).await?.ok_or_else(user_not_found)?;
        let changed = self.set_role(actor, claim.user_id, SetRole { role: Role::Admin }).await?;
        Ok(changed.user)
    }

    async fn change(&self, command: ChangeRole) -> Result<UserWithTokens, Error> {
        let changed = self.engine.executor.decide(command).await?;
        let tokens = changed.grant.map(|grant| self.tokens(&grant)).transpose()?;
        Ok(UserWithTokens { user: UserView::from(&changed.user), tokens })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Changed {
    user: User,
    /// For the caller's own session.
    grant: Option<Grant>,
}

#[derive(Debug, Clone, Copy)]
enum Wish {
    BecomeOrganizer,
    Set(Role),
}

struct ChangeRole {
    actor: Actor,
    user_id: UserId,
    wish: Wish,
}

impl Command for ChangeRole {
    type Reply = Changed;
    const NAME: &'static str = "change_role";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::User(self.user_id), Key::ApiKeys(self.user_id)]);
        keys.extend(self.actor.user_id().map(Key::User));
        keys.extend(self.actor.session_id().map(Key::Session));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Changed> {
        if let Wish::Set(_) = self.wish {
            self.actor.require_admin()?;
        }
        let session = self.own_session(work, cx)?;
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        let role = match self.wish {
            // An admin already may do what an organizer may.
            Wish::BecomeOrganizer => user.role.max(Role::Organizer),
            Wish::Set(role) => role,
        };
        let own = self.actor.user_id() == Some(user.id);
        if own && user.role == Role::Admin && role != Role::Admin {
            return Err(Error::new(Reason::LastAdmin, "Another admin has to take this role from you.").into());
        }
        let mut changed = (*user).clone();
        if role != user.role {
            changed.role = role;
            changed.session_generation = changed.session_generation.wrapping_add(1);
            changed.updated_at = cx.now;
            work.put(changed.clone());
            api_key::revoke_all(work, user.id)?;
            audit::record(work, cx, &self.actor, &audit::Act::new(act_of(role), "user", user.id));
        }
        let grant = session.map(|(caller, session)| {
            let caller = if own { &changed } else { &*caller };
            let session = Session { generation: caller.session_generation, ..(*session).clone() };
            extend_session(work, cx, caller, &session, RefreshSecret::random(cx))
        });
        Ok(Changed { user: changed, grant })
    }
}

/// The trail says which role it was.
const fn act_of(role: Role) -> &'static str {
    match role {
        Role::Attendee => "user.became_attendee",
        Role::Organizer => "user.became_organizer",
        Role::Admin => "user.became_admin",
    }
}

impl ChangeRole {
    /// The caller and their session, which goes on with fresh tokens; every other session of a changed account is
    /// over. One that is over already stays so, however recently it was good.
    fn own_session(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Option<(Arc<User>, Arc<Session>)>> {
        let (Some(caller), Some(session_id)) = (self.actor.user_id(), self.actor.session_id()) else {
            return Ok(None);
        };
        let over = || Error::new(Reason::SessionRevoked, "The session was ended; log in again.");
        let caller = work.find::<User>(&caller)?.ok_or_else(user_not_found)?;
        let session = work.find::<Session>(&session_id)?.ok_or_else(over)?;
        if session.user_id != caller.id || !session.is_live(caller.session_generation, cx.now) {
            return Err(over().into());
        }
        Ok(Some((caller, session)))
    }
}
