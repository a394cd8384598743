//! Getting out of line.

use std::collections::BTreeSet;

use super::model::{WaitlistEntry, WaitlistPlace};
use super::{Waitlists, not_waiting};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::id::{EventId, TicketTypeId, UserId};
use crate::scope::Scope;
use crate::store::{AllowanceKey, Key, WaitlistKey};
use crate::work::{Decision, Work};

impl Waitlists<'_> {
    /// Gives one's place on the waitlist of a ticket type up.
    ///
    /// # Errors
    /// `not_authenticated`, `not_waiting`.
    pub async fn leave(
        &self,
        actor: &Actor,
        event_id: EventId,
        ticket_type_id: TicketTypeId,
    ) -> Result<(), Error> {
        let actor = &*actor.within(Scope::BookingsWrite)?;
        let user_id = actor.require_user()?;
        let command = Leave { actor: actor.clone(), user_id, event_id, ticket_type_id };
        self.engine.executor.decide(command).await
    }
}

struct Leave {
    actor: Actor,
    user_id: UserId,
    event_id: EventId,
    ticket_type_id: TicketTypeId,
}

impl Leave {
    const fn person(&self) -> AllowanceKey {
        AllowanceKey { ticket_type_id: self.ticket_type_id, user_id: self.user_id }
    }
}

impl Command for Leave {
    type Reply = ();
    const NAME: &'static str = "leave_waitlist";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Inventory(self.event_id), Key::TicketType(self.ticket_type_id)]);
        keys.insert(Key::WaitlistPlace(self.person()));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let place = work.find::<WaitlistPlace>(&self.person())?.ok_or_else(not_waiting)?;
        let key = WaitlistKey { ticket_type_id: self.ticket_type_id, number: place.number };
        let entry = work.find::<WaitlistEntry>(&key)?.filter(|entry| entry.event_id == self.event_id);
        let entry = entry.ok_or_else(not_waiting)?;
        super::remove(work, &entry)?;
        // Whoever was behind may fit into what is free.
        super::wake(work, cx, self.event_id)?;
        let act = audit::Act::new("waitlist.left", "ticket_type", self.ticket_type_id);
        audit::record(work, cx, &self.actor, &act.of_event(self.event_id));
        Ok(())
    }
}
