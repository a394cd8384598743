//! Seeing one's API keys, and revoking one.

use std::collections::BTreeSet;

use super::ApiKeyView;
use super::model::ApiKeys;
use crate::account::Accounts;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::{ApiKeyId, UserId};
use crate::page::{self, Listing, PageRequest};
use crate::store::Key;
use crate::work::{Decision, Work};

impl Accounts<'_> {
    /// The caller's keys, oldest first, without the keys themselves.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn api_keys(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<ApiKeyView>, Error> {
        let user_id = actor.require_user()?;
        let found = self.engine.load::<ApiKeys>(&user_id).await?;
        let keys = found.as_ref().map_or(&[][..], |found| &found.keys);
        let place = |key: &super::ApiKey| key.id.as_bytes().to_vec();
        let list = format!("api_keys/{user_id}");
        let keyring = self.engine.core().keyring();
        Ok(page::of_slice(keys, page, place, &list, &keyring)?.map(ApiKeyView::from))
    }

    /// Revokes one of the caller's keys: it is refused from now on.
    ///
    /// # Errors
    /// `not_authenticated`, `api_key_not_found`.
    pub async fn revoke_api_key(&self, actor: &Actor, id: ApiKeyId) -> Result<(), Error> {
        let user_id = actor.require_user()?;
        self.engine.executor.decide(Revoke { actor: actor.clone(), user_id, id }).await
    }
}

/// Revokes every key of a person: what they rested on is not theirs alone any more, or is something else.
pub(in crate::account) fn revoke_all(work: &mut Work, user_id: UserId) -> Decision<()> {
    if work.find::<ApiKeys>(&user_id)?.is_some() {
        work.delete::<ApiKeys>(&user_id);
    }
    Ok(())
}

pub(super) fn not_found() -> Error {
    Error::new(Reason::ApiKeyNotFound, "There is no such API key.")
}

struct Revoke {
    actor: Actor,
    user_id: UserId,
    id: ApiKeyId,
}

impl Command for Revoke {
    type Reply = ();
    const NAME: &'static str = "revoke_api_key";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::ApiKeys(self.user_id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let before = work.find::<ApiKeys>(&self.user_id)?.ok_or_else(not_found)?;
        let rest: Vec<_> = before.keys.iter().filter(|key| key.id != self.id).cloned().collect();
        if rest.len() == before.keys.len() {
            return Err(not_found().into());
        }
        if rest.is_empty() {
            work.delete::<ApiKeys>(&self.user_id);
        } else {
            work.put(ApiKeys { user_id: self.user_id, keys: rest });
        }
        audit::record(work, cx, &self.actor, &audit::Act::new("api_key.revoked", "api_key", self.id));
        Ok(())
    }
}
