//! Finding out who shows an API key.

use std::collections::BTreeSet;
use std::time::Duration;

use subtle::ConstantTimeEq;

use super::model::{ApiKey, ApiKeys};
use super::{hash_of, named};
use crate::account::model::User;
use crate::account::{Accounts, Bearer};
use crate::actor::Actor;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::eventify::of_kind;
use crate::id::{ApiKeyId, UserId};
use crate::store::Key;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// A key's use is written down so often, not at each request.
const USE_EVERY: Duration = Duration::from_secs(3600);

impl Accounts<'_> {
    /// Whose key this is, with the person's present role and the key's scopes.
    pub(in crate::account) async fn authenticate_key(&self, shown: &str) -> Result<Bearer, Error> {
        let (user_id, id) = named(shown).ok_or_else(invalid)?;
        let loaded = self.engine.load_all([Key::User(user_id), Key::ApiKeys(user_id)]).await?;
        let user = of_kind::<User>(&loaded).next().ok_or_else(invalid)?;
        let keys = of_kind::<ApiKeys>(&loaded).next().ok_or_else(invalid)?;
        let key = keys.keys.iter().find(|key| key.id == id).ok_or_else(invalid)?;
        if !bool::from(key.hash.as_bytes().ct_eq(hash_of(shown).as_bytes())) {
            return Err(invalid());
        }
        let now = self.engine.core().clock.now();
        key.require_unexpired(now)?;
        if is_stale(key, now) && self.engine.executor.decide(NoteUse { user_id, id }).await.is_err() {
            // A store that takes no writes now may still answer reads, and the use is noted next time.
            tracing::debug!(%id, "the use of an API key cannot be noted");
        }
        let actor = Actor::api_key(user.id, user.role, id, key.scopes.iter().copied());
        Ok(Bearer { actor, good_for: Some(key.expires_at.since(now)) })
    }
}

/// The same words whatever is wrong with a key.
pub(in crate::account) fn invalid() -> Error {
    Error::new(Reason::InvalidToken, "The access token is not valid.")
}

impl ApiKey {
    /// # Errors
    /// `token_expired`.
    pub(in crate::account) fn require_unexpired(&self, now: Timestamp) -> Result<(), Error> {
        if now < self.expires_at {
            return Ok(());
        }
        Err(Error::new(Reason::TokenExpired, "The API key has expired; make another one."))
    }
}

fn is_stale(key: &ApiKey, now: Timestamp) -> bool {
    key.used_at.is_none_or(|used_at| now.since(used_at) >= USE_EVERY)
}

struct NoteUse {
    user_id: UserId,
    id: ApiKeyId,
}

impl Command for NoteUse {
    type Reply = ();
    const NAME: &'static str = "note_use_of_api_key";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::ApiKeys(self.user_id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let Some(found) = work.find::<ApiKeys>(&self.user_id)? else {
            return Ok(());
        };
        let mut keys = found.keys.clone();
        // Of a crowd of requests that found it stale, the first writes.
        let Some(key) = keys.iter_mut().find(|key| key.id == self.id && is_stale(key, cx.now)) else {
            return Ok(());
        };
        key.used_at = Some(cx.now);
        work.put(ApiKeys { user_id: self.user_id, keys });
        Ok(())
    }
}
