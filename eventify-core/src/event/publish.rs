//! Putting an event on sale.

use std::collections::BTreeSet;

use super::Events;
use super::model::Event;
use super::update::completion_job;
use super::view::EventView;
use super::{access, remind};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::id::EventId;
use crate::job::{self, JobWork};
use crate::notification::{self, FactName};
use crate::scope::Scope;
use crate::store::Key;
use crate::work::{Decision, Work};

impl Events<'_> {
    /// `draft → published`: the event is listed, and its ticket types are on sale.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_not_draft`, `event_cancelled`, `invalid_value` (what is missing),
    /// `event_already_started` when the start is not in the future.
    pub async fn publish(&self, actor: &Actor, id: EventId) -> Result<Fetched<EventView>, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        self.engine.executor.decide(Publish { actor: actor.clone(), id }).await?;
        self.get(actor, id).await
    }
}

struct Publish {
    actor: Actor,
    id: EventId,
}

impl Command for Publish {
    type Reply = ();
    const NAME: &'static str = "publish_event";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Event(self.id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let event = access::find(work, self.id)?;
        access::require_manager(work, &self.actor, &event)?;
        let state = event.state.publish(cx.now)?;
        let (starts_at, ends_at) = event.check_complete()?;
        if starts_at <= cx.now {
            let sentence = "The event's start is not in the future.";
            return Err(Error::new(Reason::EventAlreadyStarted, sentence).at_field("starts_at").into());
        }
        job::schedule(work, cx, completion_job(self.id), JobWork::CompleteEvent(self.id), ends_at);
        let id = notification::fact_id(FactName::EventPublished, self.id.uuid(), 0);
        let data = serde_json::json!({ "event_id": self.id, "title": event.title, "starts_at": starts_at });
        notification::publish(
            work,
            cx,
            &notification::fact(cx, FactName::EventPublished, id, Some(self.id), &data),
        );
        let published = Event { state, updated_at: cx.now, ..(*event).clone() };
        remind::arrange(work, cx, &event, &published)?;
        work.put(published);
        let act = audit::Act::new("event.published", "event", self.id).of_event(self.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}
