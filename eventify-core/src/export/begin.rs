//! Who may take something out; that they did is in the trail.

use std::collections::BTreeSet;

use super::{EventExport, Exports, Pieces};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::event::{self, Standing};
use crate::id::EventId;
use crate::store::{Index, Key, Recorded};
use crate::work::{Decision, Work};

impl Exports<'_> {
    /// Begins to take out a list of an event, and writes down that somebody does.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`.
    pub(super) async fn begin<R: Recorded>(
        &self,
        actor: &Actor,
        event_id: EventId,
        action: &'static str,
        list: Index,
    ) -> Result<EventExport<R>, Error> {
        let began_at = self.engine.core().clock.now();
        let begin = BeginExport { actor: actor.clone(), event_id, action };
        let shows_emails = self.engine.executor.decide(begin).await?;
        Ok(EventExport { event_id, began_at, pieces: Pieces::of(list), shows_emails })
    }
}

struct BeginExport {
    actor: Actor,
    event_id: EventId,
    action: &'static str,
}

impl Command for BeginExport {
    /// Whether people's addresses may be taken out, too.
    type Reply = bool;
    const NAME: &'static str = "begin_export";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Event(self.event_id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<bool> {
        let event = event::find(work, self.event_id)?;
        event::require_manager(work, &self.actor, &event)?;
        let standing = event::standing(work, &self.actor, &event)?;
        let act = audit::Act::new(self.action, "event", event.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(standing == Standing::Owner)
    }
}
