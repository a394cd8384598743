//! Exchanging a refresh token for the next pair (RFC 9700 §4.14: rotation with replay detection).

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::grant::{Grant, RefreshSecret, extend_session};
use super::model::{RefreshToken, Session, User};
use super::view::Tokens;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::store::Key;
use crate::work::{Decision, Work};

/// A client that wants the next pair of tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The newest refresh token.
    pub refresh_token: RefreshSecret,
}

/// How long a client that lost the answer may ask again.
const GRACE: Duration = Duration::from_secs(10);

impl Accounts<'_> {
    /// Exchanges a refresh token. Each is good once; using one again revokes the session, except that the newest used
    /// one gets the same answer again within 10 seconds.
    ///
    /// # Errors
    /// `invalid_token`, `token_expired`, `session_revoked`.
    pub async fn refresh(&self, actor: &Actor, request: Refresh) -> Result<Tokens, Error> {
        let command = Rotate { actor: actor.clone(), token: request.refresh_token };
        match self.engine.executor.decide(command).await? {
            Rotation::Granted(grant) => self.tokens(&grant),
            Rotation::Replayed => Err(revoked()),
        }
    }
}

/// A replay is no plain refusal: it ends the session, and that must be written.
#[derive(Debug, Serialize, Deserialize)]
enum Rotation {
    Granted(Grant),
    Replayed,
}

struct Rotate {
    actor: Actor,
    token: RefreshSecret,
}

impl Command for Rotate {
    type Reply = Rotation;
    const NAME: &'static str = "refresh";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::RefreshToken(self.token.hash()));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Rotation> {
        let invalid = || Error::new(Reason::InvalidToken, "The refresh token is not valid.");
        let shown = work.find::<RefreshToken>(&self.token.hash())?.ok_or_else(invalid)?;
        let session = work.find::<Session>(&shown.session_id)?.ok_or_else(revoked)?;
        let user = work.find::<User>(&session.user_id)?.ok_or_else(revoked)?;
        if cx.now >= session.ends_at {
            return Err(Error::new(Reason::TokenExpired, "The session is over; log in again.").into());
        }
        if !session.is_live(user.session_generation, cx.now) {
            return Err(revoked().into());
        }
        let next = self.token.successor(cx.keyring);
        if session.newest_token == shown.hash {
            work.put(RefreshToken { used_at: Some(cx.now), ..(*shown).clone() });
            return Ok(Rotation::Granted(extend_session(work, cx, &user, &session, next)));
        }
        let in_grace = shown.used_at.filter(|used_at| cx.now.since(*used_at) <= GRACE);
        if let Some(used_at) = in_grace.filter(|_| session.newest_token == next.hash()) {
            let grant = Grant {
                user: (*user).clone(),
                session_id: session.id,
                refresh_token: next,
                issued_at: used_at,
            };
            return Ok(Rotation::Granted(grant));
        }
        // Somebody has an old token: the owner or a thief, and nobody can tell which. Both are logged out.
        work.put(Session { revoked_at: Some(cx.now), ..(*session).clone() });
        let who = audit::by(user.id, self.actor.origin());
        audit::record(work, cx, &who, &audit::Act::new("session.replayed", "session", session.id));
        Ok(Rotation::Replayed)
    }
}

fn revoked() -> Error {
    Error::new(Reason::SessionRevoked, "The session was ended; log in again.")
}
