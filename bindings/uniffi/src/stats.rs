//! What came of events, in numbers.

use eventify_core::EventId;
use eventify_core::ffi::Refusal;
use eventify_core::stats::{CurveRequest, EventStats, OrganizerStats, StatsPeriod};

use std::sync::Arc;

use crate::actor::Actor;
use crate::feed::{StatsFeed, opened};
use crate::shared::Shared;

/// What came of events, in numbers.
#[derive(Debug, uniffi::Object)]
pub struct Stats(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Stats {
    /// What came of an event so far, in all, by ticket type, and by hours or days. For its organizer, those who manage
    /// it, and admins. All numbers are of one state of the store.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `invalid_value` (`from`).
    pub async fn of_event(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: CurveRequest,
    ) -> Result<EventStats, Refusal> {
        Ok(self.0.engine()?.stats().of_event(actor, event_id, &request).await?)
    }

    /// What came of the caller's own events so far: those that were published, at most 10,000. The sums are formed from
    /// each event's own counters, a hundred events at a time; a counter per organizer would make the sales of all their
    /// events wait for each other.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed` for an attendee, `invalid_value` (`from`) when there are more events, or their
    /// sums are beyond what an amount can be.
    #[uniffi::method(default(period))]
    pub async fn of_organizer(&self, actor: &Actor, period: StatsPeriod) -> Result<OrganizerStats, Refusal> {
        Ok(self.0.engine()?.stats().of_organizer(actor, period).await?)
    }

    /// What an event comes to, at once and then as it changes. For those who manage the event, with the sales; for its
    /// scanners, the door alone. Called `watch` in Kotlin, where a cancelled coroutine would lose it, and in Swift.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `event_not_found`, `not_event_staff`, `device_revoked`, `overloaded`
    /// (64 feeds of one event), `shutting_down`; within the feed also `session_revoked`, and `invalid_token` and
    /// `token_expired` of an API key.
    pub async fn open_feed(&self, actor: &Actor, event_id: EventId) -> Result<Arc<StatsFeed>, Refusal> {
        Ok(opened(self.0.engine()?.stats().watch(actor, event_id).await?))
    }
}
