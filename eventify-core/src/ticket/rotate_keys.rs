//! New keys for new signatures.

use std::collections::BTreeSet;

use super::Tickets;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::keyring::Keyring;
use crate::store::Key;
use crate::work::{Decision, Work};

impl Tickets<'_> {
    /// Signs codes and access tokens with new keys from now on; what the old ones signed stays good. For admins.
    /// Other processes over the same store take the keys up when they hear of them, or meet something signed with one.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`.
    pub async fn rotate_keys(&self, actor: &Actor) -> Result<(), Error> {
        self.engine.executor.decide(RotateKeys { actor: actor.clone() }).await
    }
}

struct RotateKeys {
    actor: Actor,
}

impl Command for RotateKeys {
    type Reply = ();
    const NAME: &'static str = "rotate_keys";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Keyring(()));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        self.actor.require_admin()?;
        let keyring =
            work.find::<Keyring>(&())?.ok_or_else(|| Error::internal("the store has no keyring"))?;
        work.put(keyring.rotated(cx.now, cx.random::<32>(), cx.random::<32>()));
        audit::record(work, cx, &self.actor, &audit::Act::new("keys.rotated", "keyring", "deployment"));
        Ok(())
    }
}
