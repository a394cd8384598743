//! Calling an event off.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Events;
use super::access;
use super::model::Event;
use super::update::completion_job;
use super::view::EventView;
use super::{open, remind};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::etag::Fetched;
use crate::id::{EventId, FactId, JobId};
use crate::job::{self, Job, JobWork, Sweep};
use crate::notification::{self, FactName};
use crate::scope::Scope;
use crate::store::Key;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// Why an event is called off.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct CancelEvent {
    /// What the ticket holders are told; at most 1,000 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub reason: String,
}

impl Events<'_> {
    /// `published → cancelled`: every ticket is invalid from this moment on. Bookings are cancelled, seats given back
    /// and holders told by a job that goes on where it was interrupted.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_not_published`, `event_cancelled`, `invalid_value`.
    pub async fn cancel(
        &self,
        actor: &Actor,
        id: EventId,
        request: CancelEvent,
    ) -> Result<Fetched<EventView>, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        let mut check = Check::new();
        let reason = check.text("reason", request.reason.trim(), 1_000);
        check.finish()?;
        self.engine.executor.decide(Cancel { actor: actor.clone(), id, reason }).await?;
        self.get(actor, id).await
    }
}

struct Cancel {
    actor: Actor,
    id: EventId,
    reason: String,
}

/// The fact that an event was cancelled: there is one, however many are told of it.
pub(crate) fn cancellation_fact(id: EventId) -> FactId {
    notification::fact_id(FactName::EventCancelled, id.uuid(), 0)
}

impl Command for Cancel {
    type Reply = ();
    const NAME: &'static str = "cancel_event";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.id), Key::Job(completion_job(self.id))]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let event = access::find(work, self.id)?;
        access::require_owner(work, &self.actor, &event)?;
        let state = event.state.cancel(cx.now, self.reason.clone())?;
        let completion = completion_job(self.id);
        if work.find::<Job>(&completion)?.is_some() {
            work.delete::<Job>(&completion);
        }
        let id = cancellation_fact(self.id);
        let sweep = JobWork::SweepCancelledEvent { event_id: self.id, sweep: Sweep::default() };
        job::schedule(work, cx, JobId::from_uuid(id.uuid()), sweep, cx.now);
        let data = serde_json::json!({ "event_id": self.id, "title": event.title, "reason": self.reason });
        notification::publish(
            work,
            cx,
            &notification::fact(cx, FactName::EventCancelled, id, Some(self.id), &data),
        );
        open::closed(work, event.organizer_id)?;
        let cancelled = Event { state, updated_at: cx.now, ..(*event).clone() };
        remind::arrange(work, cx, &event, &cancelled)?;
        work.put(cancelled);
        let act = audit::Act::new("event.cancelled", "event", self.id).of_event(self.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}
