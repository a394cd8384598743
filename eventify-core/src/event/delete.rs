//! Deleting a draft.

use std::collections::BTreeSet;

use super::access;
use super::model::{Event, EventState, Schedule};
use super::{Events, categories, open};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::{EventId, JobId, TicketTypeId, derived_beside};
use crate::job::{self, JobWork};
use crate::page::PageRequest;
use crate::scope::Scope;
use crate::seat_map::SeatMap;
use crate::staff::Staff;
use crate::store::{Index, Key};
use crate::ticket_type::{Inventory, TicketType};
use crate::work::{Decision, Work};

impl Events<'_> {
    /// Deletes a draft, with its schedule, ticket types, staff and, soon after, promo codes and seat map. Anything else is
    /// cancelled instead.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_not_draft`.
    pub async fn delete(&self, actor: &Actor, id: EventId) -> Result<(), Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        // An event has fewer ticket types than a page has entries.
        let page = PageRequest::first(100);
        let types = self.engine.list::<TicketType>(Index::TicketTypesOfEvent(id), false, &page).await?;
        let types = types.data.iter().map(|t| t.id).collect();
        self.engine.executor.decide(Delete { actor: actor.clone(), id, types }).await
    }
}

/// The job that deletes what is left of a deleted event.
pub(crate) fn deletion_job(id: EventId) -> JobId {
    JobId::from_uuid(derived_beside(id.uuid(), &[b"deleted event", id.as_bytes()]))
}

struct Delete {
    actor: Actor,
    id: EventId,
    types: Vec<TicketTypeId>,
}

impl Command for Delete {
    type Reply = ();
    const NAME: &'static str = "delete_event";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.id), Key::Inventory(self.id), Key::Schedule(self.id)]);
        keys.insert(Key::Staff(self.id));
        keys.insert(Key::SeatMap(self.id));
        keys.extend(self.types.iter().copied().map(Key::TicketType));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let event = access::find(work, self.id)?;
        access::require_owner(work, &self.actor, &event)?;
        if !matches!(event.state, EventState::Draft) {
            return Err(
                Error::new(Reason::EventNotDraft, "Only a draft can be deleted; cancel it instead.").into()
            );
        }
        let inventory = work.find::<Inventory>(&self.id)?.ok_or_else(access::event_not_found)?;
        for id in &self.types {
            if work.find::<TicketType>(id)?.is_some_and(|t| t.event_id == self.id) {
                work.delete::<TicketType>(id);
            }
        }
        if usize::try_from(inventory.types).ok() != Some(self.types.len()) {
            // One was made since they were listed.
            let sentence = "The draft was changed meanwhile; try again.";
            return Err(Error::new(Reason::Contention, sentence).into());
        }
        if let Some(category) = event.category_id {
            categories::leave(work, category)?;
        }
        if work.find::<Schedule>(&self.id)?.is_some() {
            work.delete::<Schedule>(&self.id);
        }
        if work.find::<Staff>(&self.id)?.is_some() {
            work.delete::<Staff>(&self.id);
        }
        if inventory.promo_codes > 0 || work.find::<SeatMap>(&self.id)?.is_some() {
            job::schedule(work, cx, deletion_job(self.id), JobWork::SweepDeletedEvent(self.id), cx.now);
        }
        open::closed(work, event.organizer_id)?;
        work.delete::<Inventory>(&self.id);
        work.delete::<Event>(&self.id);
        let act = audit::Act::new("event.deleted", "event", self.id).of_event(self.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}
