//! Changing an event.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::access;
use super::cancellation::{CancellationPolicy, PutCancellation};
use super::model::{Event, EventState, Schedule};
use super::view::EventView;
use super::{Events, categories, fields, remind};
use crate::actor::Actor;
use crate::announcement::count_move;
use crate::audit;
use crate::change::Change;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::{Fetched, IfMatch};
use crate::id::{EventId, FactId, JobId};
use crate::job::{self, Job, JobWork, Sweep, Telling};
use crate::lead_time::LeadTime;
use crate::notification::{self, FactName, Urgent};
use crate::review::ReviewPolicy;
use crate::scope::Scope;
use crate::store::Key;
use crate::ticket_type::Inventory;
use crate::time::{TimeZoneName, Timestamp};
use crate::validate::{Check, present};
use crate::waitlist;
use crate::work::{Decision, Work};

/// What to change. An absent field stays as it is; `null` clears one that may be empty.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct UpdateEvent {
    /// At most 200 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub title: Option<String>,
    /// At most 20,000 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub description: Option<String>,
    /// The name of a category; made if there is none of this name.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub category: Option<Change<String>>,
    /// At most 20 of at most 50 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub tags: Option<Vec<String>>,
    /// At most 200 characters.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub venue: Option<Change<String>>,
    /// At most 100 characters.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub city: Option<Change<String>>,
    /// When it starts; a published event's start stays in the future.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub starts_at: Option<Timestamp>,
    /// When it ends.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub ends_at: Option<Timestamp>,
    /// When the doors open. When absent, it keeps its distance to the start.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub doors_at: Option<Change<Timestamp>>,
    /// An IANA time zone.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub time_zone: Option<TimeZoneName>,
    /// Seats over all ticket types: no less than are sold and held.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    pub capacity: Option<Change<u32>>,
    /// How long before the start its holders are reminded, as in [`CreateEvent`](super::CreateEvent); those whose time has
    /// passed are not sent.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub reminders: Option<Vec<LeadTime>>,
    /// When its reviews are shown. What waits for approval goes on waiting.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub review_policy: Option<ReviewPolicy>,
    /// Until when who booked may cancel, and what comes back. A booking keeps what was better for its person.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub cancellation: Option<PutCancellation>,
}

impl Events<'_> {
    /// Changes a draft or a published event. When a published event's time or place changes, its ticket holders are
    /// told (`event.updated`): at most [`AnnouncementLog::WITH_MOVES_PER_DAY_MAX`](crate::announcement::AnnouncementLog) times within
    /// 24 hours, counting announcements, but not counting moves by admins, who are not bounded.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_cancelled`, `event_not_published` (completed), `invalid_value`,
    /// `event_already_started`, `schedule_conflict` when the schedule would stick out, `quantity_below_sold`,
    /// `precondition_failed`, `too_many_announcements` with the time to wait.
    pub async fn update(
        &self,
        actor: &Actor,
        id: EventId,
        request: UpdateEvent,
        if_match: IfMatch,
    ) -> Result<Fetched<EventView>, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        let (request, cancellation) = checked(request)?;
        let command = ChangeEvent { actor: actor.clone(), id, request, cancellation, if_match };
        self.engine.executor.decide(command).await?;
        self.get(actor, id).await
    }
}

fn checked(mut request: UpdateEvent) -> Result<(UpdateEvent, Option<CancellationPolicy>), Error> {
    let mut check = Check::new();
    request.title = request.title.map(|t| fields::title(&mut check, &t));
    request.description = request.description.map(|d| fields::description(&mut check, &d));
    request.category =
        request.category.map(|c| c.into_option().map(|c| fields::category(&mut check, &c)).into());
    request.tags = request.tags.map(|t| fields::tags(&mut check, &t));
    request.venue = request.venue.map(|v| v.into_option().and_then(|v| fields::venue(&mut check, &v)).into());
    request.city = request.city.map(|c| c.into_option().and_then(|c| fields::city(&mut check, &c)).into());
    let cancellation = request.cancellation.take().map(|c| c.check(&mut check));
    fields::capacity(&mut check, request.capacity.and_then(Change::into_option));
    request.reminders = request.reminders.map(|leads| fields::reminders(&mut check, leads));
    check.finish()?;
    Ok((request, cancellation))
}

struct ChangeEvent {
    actor: Actor,
    id: EventId,
    request: UpdateEvent,
    cancellation: Option<CancellationPolicy>,
    if_match: IfMatch,
}

impl Command for ChangeEvent {
    type Reply = ();
    const NAME: &'static str = "update_event";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.id), Key::Inventory(self.id), Key::Schedule(self.id)]);
        keys.insert(Key::Job(completion_job(self.id)));
        keys.extend(
            self.request.category.iter().filter_map(Change::value).map(|name| categories::name_key(name)),
        );
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let before = access::find(work, self.id)?;
        access::require_manager(work, &self.actor, &before)?;
        before.state.require_editable()?;
        // Its rating is shown beside it: whoever reviews does not keep the organizer from editing.
        self.if_match.check(work.version_of(&Key::Event(self.id)))?;
        let mut event = (*before).clone();
        self.write_fields(&mut event);
        event.updated_at = cx.now;
        if let Some(category) = &self.request.category {
            event.category_id =
                self.move_category(work, cx, &before, category.value().map(String::as_str))?;
        }
        check_move(work, cx, &before, &event)?;
        if let Some(capacity) = self.request.capacity {
            let inventory = work.find::<Inventory>(&self.id)?.ok_or_else(access::event_not_found)?;
            let mut inventory = (*inventory).clone();
            inventory.resize(capacity.into_option())?;
            work.put(inventory);
            waitlist::wake(work, cx, self.id)?;
        }
        if matches!(before.state, EventState::Published { .. }) {
            remind::arrange(work, cx, &before, &event)?;
            follow_move(work, cx, &self.actor, (&before, &event))?;
        }
        work.put(event);
        let act = audit::Act::new("event.updated", "event", self.id).of_event(self.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

impl ChangeEvent {
    fn write_fields(&self, event: &mut Event) {
        let request = self.request.clone();
        event.title = request.title.unwrap_or_else(|| event.title.clone());
        event.description = request.description.unwrap_or_else(|| event.description.clone());
        event.tags = request.tags.unwrap_or_else(|| event.tags.clone());
        event.venue = request.venue.map_or_else(|| event.venue.clone(), Change::into_option);
        event.city = request.city.map_or_else(|| event.city.clone(), Change::into_option);
        event.doors_at =
            request.doors_at.map_or_else(|| moved_doors(event, request.starts_at), Change::into_option);
        event.starts_at = request.starts_at.or(event.starts_at);
        event.ends_at = request.ends_at.or(event.ends_at);
        event.reminders = request.reminders.unwrap_or_else(|| event.reminders.clone());
        event.review_policy = request.review_policy.unwrap_or(event.review_policy);
        event.cancellation = self.cancellation.clone().unwrap_or_else(|| event.cancellation.clone());
        event.time_zone = request.time_zone.unwrap_or_else(|| event.time_zone.clone());
    }

    fn move_category(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        before: &Event,
        name: Option<&str>,
    ) -> Decision<Option<crate::id::CategoryId>> {
        if let Some(old) = before.category_id {
            if let Some(name) = name
                && categories::is_named(work, old, name)?
            {
                return Ok(Some(old));
            }
            categories::leave(work, old)?;
        }
        name.map(|name| categories::join(work, cx, &self.actor, name)).transpose()
    }
}

/// The doors of an event that starts at another time: they open as long before it as they did.
fn moved_doors(event: &Event, starts_at: Option<Timestamp>) -> Option<Timestamp> {
    let doors = event.doors_at?;
    let (Some(old), Some(new)) = (event.starts_at, starts_at) else { return Some(doors) };
    let micros = doors.as_micros().saturating_add(new.as_micros().saturating_sub(old.as_micros()));
    Some(Timestamp::from_micros(micros).unwrap_or(doors))
}

/// Whether an event may have the times that it would have.
fn check_move(work: &mut Work, cx: &Context<'_>, before: &Event, after: &Event) -> Decision<()> {
    let times = |e: &Event| (e.starts_at, e.ends_at, e.doors_at);
    if times(before) == times(after) {
        return Ok(());
    }
    fields::check_times(after.starts_at, after.ends_at, after.doors_at)?;
    if matches!(before.state, EventState::Published { .. }) && before.starts_at != after.starts_at {
        let started = before.starts_at.is_some_and(|at| at <= cx.now);
        let backdated = after.starts_at.is_some_and(|at| at <= cx.now);
        if started || backdated {
            return Err(Error::new(Reason::EventAlreadyStarted, "The start of a running event stays.").into());
        }
    }
    if let (Some(start), Some(end)) = (after.starts_at, after.ends_at)
        && let Some(schedule) = work.find::<Schedule>(&after.id)?
        && let Some(outside) = schedule.items.iter().find(|item| item.starts_at < start || item.ends_at > end)
    {
        let sentence = format!("\"{}\" would lie outside of the event.", outside.activity_name);
        return Err(Error::new(Reason::ScheduleConflict, sentence).with("item", outside.id).into());
    }
    Ok(())
}

/// The job that completes an event when it is over.
pub(super) fn completion_job(id: EventId) -> JobId {
    JobId::from_uuid(id.uuid())
}

/// A published event that moves takes its completion with it, and its holders are told.
fn follow_move(
    work: &mut Work,
    cx: &Context<'_>,
    actor: &Actor,
    (before, after): (&Event, &Event),
) -> Decision<()> {
    if before.ends_at != after.ends_at
        && let Some(ends_at) = after.ends_at
        && let Some(job) = work.find::<Job>(&completion_job(after.id))?
    {
        work.put(Job { due_at: ends_at, ..(*job).clone() });
    }
    let times = |e: &Event| (e.starts_at, e.ends_at, e.doors_at, e.time_zone.clone());
    let place = |e: &Event| (times(e), e.venue.clone(), e.city.clone());
    if place(before) != place(after) {
        let inventory = work.find::<Inventory>(&after.id)?;
        // Nobody is told before somebody has a ticket: until then it is moved as often as it has to be. By an admin always: wherever
        // it was moved to last, somebody has to be able to say where it is.
        if inventory.is_some_and(|inventory| inventory.sold > 0) && !actor.is_admin() {
            count_move(work, cx, after.id)?;
        }
        // Each move is a fact of its own, also when the clock stands still between two: both are told.
        let id = FactId::from_uuid(cx.new_uuid());
        let data = serde_json::json!({
            "event_id": after.id, "title": after.title, "starts_at": after.starts_at, "ends_at": after.ends_at,
            "venue": after.venue, "city": after.city, "time_zone": after.time_zone,
        });
        let fact = notification::fact(cx, FactName::EventUpdated, id, Some(after.id), &data);
        notification::publish(work, cx, &fact);
        let was = Urgent::about(before.starts_at, before.ends_at);
        let telling = Telling::Change { fact: Box::new(fact), was };
        let tell = JobWork::TellHolders { event_id: after.id, telling, sweep: Sweep::default() };
        job::schedule(work, cx, JobId::from_uuid(id.uuid()), tell, cx.now);
    }
    Ok(())
}
