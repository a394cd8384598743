//! Logging out.

use std::collections::BTreeSet;

use super::Accounts;
use super::model::Session;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::SessionId;
use crate::store::Key;
use crate::work::{Decision, Work};

impl Accounts<'_> {
    /// Ends the caller's own session: its access and refresh tokens are dead from now on. Doing so twice is fine.
    ///
    /// # Errors
    /// `not_authenticated` without a session.
    pub async fn logout(&self, actor: &Actor) -> Result<(), Error> {
        let none = || Error::new(Reason::NotAuthenticated, "There is no session to end.");
        let session_id = actor.session_id().ok_or_else(none)?;
        self.engine.executor.decide(EndSession { actor: actor.clone(), session_id }).await
    }
}

pub(super) struct EndSession {
    pub(super) actor: Actor,
    pub(super) session_id: SessionId,
}

impl Command for EndSession {
    type Reply = ();
    const NAME: &'static str = "logout";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Session(self.session_id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let Some(session) = work.find::<Session>(&self.session_id)? else {
            return Ok(());
        };
        if session.revoked_at.is_none() && Some(session.user_id) == self.actor.user_id() {
            work.put(Session { revoked_at: Some(cx.now), ..(*session).clone() });
            audit::record(work, cx, &self.actor, &audit::Act::new("session.ended", "session", session.id));
        }
        Ok(())
    }
}
