//! An event's schedule: what happens when and where.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Events;
use super::access::{self, event_not_found};
use super::model::{Event, Schedule, ScheduleItem};
use super::view::ScheduleItemView;
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::{Fetched, IfMatch};
use crate::eventify::of_kind;
use crate::id::{EventId, ScheduleItemId};
use crate::page::{self, Listing, PageRequest};
use crate::scope::Scope;
use crate::store::Key;
use crate::time::Timestamp;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// One entry of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct PutScheduleItem {
    /// What happens; 1 to 300 characters.
    pub activity_name: String,
    /// Who speaks or plays; at most 500 characters.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub speaker: Option<String>,
    /// When it starts; not before the event.
    pub starts_at: Timestamp,
    /// When it ends; not after the event.
    pub ends_at: Timestamp,
    /// Where; at most 100 characters. Two in one room never overlap.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub room: Option<String>,
}

pub(super) fn checked(request: PutScheduleItem, prefix: &str) -> Result<PutScheduleItem, Error> {
    let mut check = Check::new();
    let field = |name: &str| format!("{prefix}{name}");
    let some = |text: String| Some(text).filter(|t| !t.is_empty());
    let activity_name = check.line(&field("activity_name"), &request.activity_name, 300);
    let speaker = request.speaker.and_then(|s| some(check.optional_line(&field("speaker"), &s, 500)));
    let room = request.room.and_then(|r| some(check.optional_line(&field("room"), &r, 100)));
    check.require(request.ends_at > request.starts_at, &field("ends_at"), "must be after starts_at");
    check.finish()?;
    Ok(PutScheduleItem { activity_name, speaker, room, ..request })
}

impl Events<'_> {
    /// The schedule, by start; empty for an event without one.
    ///
    /// # Errors
    /// `event_not_found`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn schedule(
        &self,
        actor: &Actor,
        id: EventId,
        page: &PageRequest,
    ) -> Result<Listing<ScheduleItemView>, Error> {
        let actor = &*actor.viewing(Scope::EventsRead);
        let loaded = self.engine.load_all([Key::Event(id), Key::Schedule(id)]).await?;
        let event = of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?;
        self.engine.require_visible(actor, event).await?;
        let items = of_kind::<Schedule>(&loaded).next().map_or(&[][..], |schedule| &schedule.items);
        let place = |item: &ScheduleItem| {
            let at = item.starts_at.as_micros().wrapping_sub(i64::MIN).cast_unsigned();
            [&at.to_be_bytes()[..], item.id.as_bytes()].concat()
        };
        let keyring = self.engine.core().keyring();
        let page = page::of_slice(items, page, place, &format!("schedule of {id}"), &keyring)?;
        Ok(page.map(ScheduleItemView::from))
    }

    /// One entry of the schedule.
    ///
    /// # Errors
    /// `event_not_found`, `schedule_item_not_found`.
    pub async fn schedule_item(
        &self,
        actor: &Actor,
        id: EventId,
        item: ScheduleItemId,
    ) -> Result<Fetched<ScheduleItemView>, Error> {
        let actor = &*actor.viewing(Scope::EventsRead);
        let loaded = self.engine.load_all([Key::Event(id), Key::Schedule(id)]).await?;
        let event = of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?;
        self.engine.require_visible(actor, event).await?;
        let schedule = of_kind::<Schedule>(&loaded).next().ok_or_else(item_not_found)?;
        let found = schedule.items.iter().find(|i| i.id == item).ok_or_else(item_not_found)?;
        let version = loaded.iter().find(|v| v.key == Key::Schedule(id)).map(|v| v.version);
        Ok(Fetched::new(ScheduleItemView::from(found), version.ok_or_else(item_not_found)?))
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_cancelled`, `event_not_published` (completed), `invalid_value`,
    /// `schedule_conflict` when it lies outside of the event or overlaps another one in its room (`item` names it).
    pub async fn add_schedule_item(
        &self,
        actor: &Actor,
        id: EventId,
        request: PutScheduleItem,
    ) -> Result<ScheduleItemView, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        self.change_schedule(actor, id, Change::Add(checked(request, "")?), IfMatch::Any)
            .await?
            .ok_or_else(item_not_found)
    }

    /// Replaces an entry.
    ///
    /// # Errors
    /// As [`Events::add_schedule_item`], and `schedule_item_not_found`, `precondition_failed`.
    pub async fn update_schedule_item(
        &self,
        actor: &Actor,
        id: EventId,
        item: ScheduleItemId,
        request: PutScheduleItem,
        if_match: IfMatch,
    ) -> Result<ScheduleItemView, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        let change = Change::Replace(item, checked(request, "")?);
        self.change_schedule(actor, id, change, if_match).await?.ok_or_else(item_not_found)
    }

    /// Takes an entry away.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_cancelled`, `schedule_item_not_found`.
    pub async fn remove_schedule_item(
        &self,
        actor: &Actor,
        id: EventId,
        item: ScheduleItemId,
    ) -> Result<(), Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        self.change_schedule(actor, id, Change::Remove(item), IfMatch::Any).await.map(drop)
    }

    async fn change_schedule(
        &self,
        actor: &Actor,
        event_id: EventId,
        change: Change,
        if_match: IfMatch,
    ) -> Result<Option<ScheduleItemView>, Error> {
        let command = ChangeSchedule { actor: actor.clone(), event_id, change, if_match };
        self.engine.executor.decide(command).await
    }
}

enum Change {
    Add(PutScheduleItem),
    Replace(ScheduleItemId, PutScheduleItem),
    Remove(ScheduleItemId),
}

struct ChangeSchedule {
    actor: Actor,
    event_id: EventId,
    change: Change,
    if_match: IfMatch,
}

impl Command for ChangeSchedule {
    type Reply = Option<ScheduleItemView>;
    const NAME: &'static str = "change_schedule";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::Schedule(self.event_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Option<ScheduleItemView>> {
        let event = access::find(work, self.event_id)?;
        access::require_manager(work, &self.actor, &event)?;
        event.state.require_editable()?;
        let schedule = work.find::<Schedule>(&self.event_id)?;
        self.if_match.check(work.version_of(&Key::Schedule(self.event_id)))?;
        let mut schedule = schedule.map_or_else(|| Schedule::empty(self.event_id), |s| (*s).clone());
        let (done, action) = match &self.change {
            Change::Add(put) => {
                let item = item_of(ScheduleItemId::from_uuid(cx.new_uuid()), put, None);
                insert(&mut schedule, &event, item.clone())?;
                (Some(item), "schedule.item_added")
            }
            Change::Replace(id, put) => {
                let old = take(&mut schedule, *id)?;
                let item = item_of(*id, put, old.source_id);
                insert(&mut schedule, &event, item.clone())?;
                (Some(item), "schedule.item_updated")
            }
            Change::Remove(id) => {
                take(&mut schedule, *id)?;
                (None, "schedule.item_removed")
            }
        };
        work.put(schedule);
        let act = audit::Act::new(action, "schedule", self.event_id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(done.as_ref().map(ScheduleItemView::from))
    }
}

pub(super) fn item_of(id: ScheduleItemId, put: &PutScheduleItem, source_id: Option<String>) -> ScheduleItem {
    ScheduleItem {
        id,
        activity_name: put.activity_name.clone(),
        speaker: put.speaker.clone(),
        starts_at: put.starts_at,
        ends_at: put.ends_at,
        room: put.room.clone(),
        source_id,
    }
}

fn take(schedule: &mut Schedule, id: ScheduleItemId) -> Result<ScheduleItem, Error> {
    let at = schedule.items.iter().position(|item| item.id == id).ok_or_else(item_not_found)?;
    Ok(schedule.items.remove(at))
}

/// Puts an entry into its place, if the rules allow it there.
pub(super) fn insert(schedule: &mut Schedule, event: &Event, item: ScheduleItem) -> Result<(), Error> {
    let early = event.starts_at.is_some_and(|start| item.starts_at < start);
    let late = event.ends_at.is_some_and(|end| item.ends_at > end);
    if early || late {
        let sentence = format!("\"{}\" lies outside of the event.", item.activity_name);
        let error = Error::new(Reason::ScheduleConflict, sentence);
        return Err(error.with("event_starts_at", event.starts_at).with("event_ends_at", event.ends_at));
    }
    if let Some(other) = schedule.items.iter().find(|other| other.clashes_with(&item)) {
        let room = item.room.as_deref().unwrap_or("");
        let sentence = format!("\"{}\" is in {room} at that time.", other.activity_name);
        return Err(Error::new(Reason::ScheduleConflict, sentence).with("item", other.id));
    }
    if schedule.items.len() >= Schedule::ITEMS_MAX {
        return Err(Error::invalid("schedule", format!("must have at most {} entries", Schedule::ITEMS_MAX)));
    }
    let at = schedule.items.partition_point(|other| (other.starts_at, other.id) < (item.starts_at, item.id));
    schedule.items.insert(at, item);
    Ok(())
}

fn item_not_found() -> Error {
    Error::new(Reason::ScheduleItemNotFound, "There is no such schedule item.")
}
