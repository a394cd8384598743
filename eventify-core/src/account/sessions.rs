//! One's open sessions: seeing them, and ending those that one does not know.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::logout::EndSession;
use super::model::{Session, User};
use super::personal::Personal;
use super::{Accounts, user_not_found};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::{SessionId, UserId};
use crate::page::{Listing, PageRequest};
use crate::store::{Index, Key, Recorded};
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// A login that is still good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// Where the login came from, if known.
    pub origin: Option<String>,
    /// When the person logged in.
    pub created_at: Timestamp,
    /// When it was last refreshed: at the latest so long ago as an access token lives.
    pub used_at: Timestamp,
    /// When it ends at the latest.
    pub ends_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Accounts<'_> {
    /// The caller's sessions that are still good, newest first. Those that are over are left out, so a page may have
    /// fewer than it could.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn sessions(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<SessionView>, Error> {
        let user_id = actor.require_user()?;
        let user = self.engine.load::<User>(&user_id).await?.ok_or_else(user_not_found)?;
        let found = self.engine.list::<Session>(Index::SessionsOfUser(user_id), true, page).await?;
        let now = self.engine.core().clock.now();
        let live = |session: &&std::sync::Arc<Session>| session.is_live(user.session_generation, now);
        let data = found.data.iter().filter(live).map(|session| SessionView {
            id: session.id,
            origin: session.origin.clone(),
            created_at: session.created_at,
            used_at: session.used_at,
            ends_at: session.ends_at,
            current: actor.session_id() == Some(session.id),
        });
        Ok(Listing { data: data.collect(), next_cursor: found.next_cursor })
    }

    /// Ends one of the caller's sessions: its tokens are dead from now on.
    ///
    /// # Errors
    /// `not_authenticated`, `session_not_found` for somebody else's and for one that is over.
    pub async fn end_session(&self, actor: &Actor, session_id: SessionId) -> Result<(), Error> {
        let user_id = actor.require_user()?;
        let absent = || Error::new(Reason::SessionNotFound, "There is no such session.");
        let session = self.engine.load::<Session>(&session_id).await?;
        let user = self.engine.load::<User>(&user_id).await?.ok_or_else(user_not_found)?;
        let now = self.engine.core().clock.now();
        session
            .filter(|s| s.user_id == user_id && s.is_live(user.session_generation, now))
            .ok_or_else(absent)?;
        self.engine.executor.decide(EndSession { actor: actor.clone(), session_id }).await
    }

    /// Ends all of the caller's sessions but the one that asks.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `session_revoked` when the caller's own is over.
    pub async fn end_other_sessions(&self, actor: &Actor) -> Result<(), Error> {
        let user_id = actor.require_user()?;
        self.engine.executor.decide(EndOthers { actor: actor.clone(), user_id }).await
    }
}

struct EndOthers {
    actor: Actor,
    user_id: UserId,
}

impl Command for EndOthers {
    type Reply = ();
    const NAME: &'static str = "end_other_sessions";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::User(self.user_id));
        keys.extend(self.actor.session_id().map(Key::Session));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        let generation = user.session_generation.wrapping_add(1);
        if let Some(session_id) = self.actor.session_id() {
            let over = || Error::new(Reason::SessionRevoked, "The session was ended; log in again.");
            let session = work.find::<Session>(&session_id)?.ok_or_else(over)?;
            if session.user_id != user.id || !session.is_live(user.session_generation, cx.now) {
                return Err(over().into());
            }
            work.put(Session { generation, ..(*session).clone() });
        }
        work.put(User { session_generation: generation, updated_at: cx.now, ..(*user).clone() });
        audit::record(work, cx, &self.actor, &audit::Act::new("sessions.ended", "user", self.user_id));
        Ok(())
    }
}

/// Sessions say from where people log in.
pub(super) const PERSONAL: Personal = Personal {
    number: 1,
    name: "sessions",
    find: |whom| Index::SessionsOfUser(whom.user_id),
    show: Some(|_, _, record| {
        let session = Session::unwrap(record)?;
        Some(serde_json::json!({
            "id": session.id,
            "origin": session.origin,
            "created_at": session.created_at,
            "used_at": session.used_at,
            "ends_at": session.ends_at,
        }))
    }),
    forget: Some(|work, _, whom, key| {
        let Key::Session(id) = key else { return Ok(()) };
        if work.find::<Session>(id)?.is_some_and(|session| session.user_id == whom.user_id) {
            // Its refresh tokens lead nowhere now, and are swept when their time is over.
            work.delete::<Session>(id);
        }
        Ok(())
    }),
};
