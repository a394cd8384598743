//! Making an event.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::cancellation::{CancellationPolicy, PutCancellation};
use super::model::{Event, EventState};
use super::view::EventView;
use super::{Events, categories, fields, open};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::etag::Fetched;
use crate::id::{EventId, UserId};
use crate::lead_time::LeadTime;
use crate::review::ReviewPolicy;
use crate::scope::Scope;
use crate::store::Key;
use crate::ticket_type::Inventory;
use crate::time::{TimeZoneName, Timestamp};
use crate::validate::Check;
use crate::work::{Decision, Work};

/// A new event. Only what publishing needs has to be there by then; a draft may lack it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct CreateEvent {
    /// At most 200 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub title: Option<String>,
    /// At most 20,000 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub description: Option<String>,
    /// The name of a category; made if there is none of this name.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub category: Option<String>,
    /// At most 20 of at most 50 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub tags: Option<Vec<String>>,
    /// At most 200 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub venue: Option<String>,
    /// At most 100 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub city: Option<String>,
    /// When it starts.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub starts_at: Option<Timestamp>,
    /// When it ends; after the start.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub ends_at: Option<Timestamp>,
    /// When the doors open, for tickets of types that say nothing else; before the end. No limit when `None`.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub doors_at: Option<Timestamp>,
    /// An IANA time zone; UTC when `None`.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub time_zone: Option<TimeZoneName>,
    /// Seats over all ticket types, 1 to 1,000,000; no limit of its own when `None`.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub capacity: Option<u32>,
    /// How long before the start its holders are reminded: at most 5 ISO 8601 durations of days, hours and minutes, from
    /// `PT1M` to `P30D`. `["P1D", "PT1H"]` when `None`; nobody is when it is empty.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub reminders: Option<Vec<LeadTime>>,
    /// When its reviews are shown; at once when `None`.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub review_policy: Option<ReviewPolicy>,
    /// Until when who booked may cancel, and what comes back; until the start and everything when `None`.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub cancellation: Option<PutCancellation>,
}

impl Events<'_> {
    /// Makes a draft that belongs to the caller.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed` for an attendee, `invalid_value`.
    pub async fn create(&self, actor: &Actor, request: CreateEvent) -> Result<Fetched<EventView>, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        actor.require_organizer()?;
        let organizer_id = actor.require_user()?;
        self.create_for(actor, organizer_id, request).await
    }

    /// Makes a draft that belongs to somebody else. For admins and the system.
    ///
    /// # Errors
    /// As [`Events::create`].
    pub async fn create_for(
        &self,
        actor: &Actor,
        organizer_id: UserId,
        request: CreateEvent,
    ) -> Result<Fetched<EventView>, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        actor.require_organizer()?;
        if actor.user_id() != Some(organizer_id) {
            actor.require_admin()?;
        }
        let command = MakeEvent { actor: actor.clone(), organizer_id, draft: Draft::check(request)? };
        let id = self.engine.executor.decide(command).await?;
        self.get(actor, id).await
    }
}

/// A checked request.
struct Draft {
    title: String,
    description: String,
    category: Option<String>,
    tags: Vec<String>,
    venue: Option<String>,
    city: Option<String>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    doors_at: Option<Timestamp>,
    time_zone: TimeZoneName,
    capacity: Option<u32>,
    reminders: Vec<LeadTime>,
    review_policy: ReviewPolicy,
    cancellation: CancellationPolicy,
}

impl Draft {
    fn check(request: CreateEvent) -> Result<Self, Error> {
        let mut check = Check::new();
        fields::capacity(&mut check, request.capacity);
        let draft = Self {
            title: request.title.map(|t| fields::title(&mut check, &t)).unwrap_or_default(),
            description: request.description.map(|d| fields::description(&mut check, &d)).unwrap_or_default(),
            category: request.category.map(|c| fields::category(&mut check, &c)),
            tags: request.tags.map(|t| fields::tags(&mut check, &t)).unwrap_or_default(),
            venue: request.venue.and_then(|v| fields::venue(&mut check, &v)),
            city: request.city.and_then(|c| fields::city(&mut check, &c)),
            starts_at: request.starts_at,
            ends_at: request.ends_at,
            doors_at: request.doors_at,
            time_zone: request.time_zone.unwrap_or_else(TimeZoneName::utc),
            capacity: request.capacity,
            reminders: request
                .reminders
                .map_or_else(|| Event::REMINDERS.to_vec(), |leads| fields::reminders(&mut check, leads)),
            review_policy: request.review_policy.unwrap_or_default(),
            cancellation: request.cancellation.map(|c| c.check(&mut check)).unwrap_or_default(),
        };
        check.finish()?;
        fields::check_times(draft.starts_at, draft.ends_at, draft.doors_at)?;
        Ok(draft)
    }
}

struct MakeEvent {
    actor: Actor,
    organizer_id: UserId,
    draft: Draft,
}

impl Command for MakeEvent {
    type Reply = EventId;
    const NAME: &'static str = "create_event";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.organizer_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend(open::reads(self.organizer_id));
        keys.extend(self.draft.category.iter().map(|name| categories::name_key(name)));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<EventId> {
        open::opened(work, self.organizer_id)?;
        let draft = &self.draft;
        let category_id = match &draft.category {
            Some(name) => Some(categories::join(work, cx, &self.actor, name)?),
            None => None,
        };
        let id = EventId::from_uuid(cx.new_uuid());
        work.put(Event {
            id,
            organizer_id: self.organizer_id,
            title: draft.title.clone(),
            description: draft.description.clone(),
            state: EventState::Draft,
            category_id,
            tags: draft.tags.clone(),
            venue: draft.venue.clone(),
            city: draft.city.clone(),
            starts_at: draft.starts_at,
            ends_at: draft.ends_at,
            doors_at: draft.doors_at,
            time_zone: draft.time_zone.clone(),
            reminders: draft.reminders.clone(),
            review_policy: draft.review_policy,
            cancellation: draft.cancellation.clone(),
            created_at: cx.now,
            updated_at: cx.now,
        });
        work.put(Inventory::new(id, draft.capacity));
        audit::record(work, cx, &self.actor, &audit::Act::new("event.created", "event", id).of_event(id));
        Ok(id)
    }
}
