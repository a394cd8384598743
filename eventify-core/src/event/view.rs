//! What others see of an event.

use serde::{Deserialize, Serialize};

use super::cancellation::CancellationPolicy;
use super::model::{Event, EventStatus, Schedule, ScheduleItem};
use crate::id::{CategoryId, EventId, ScheduleItemId, UserId};
use crate::lead_time::LeadTime;
use crate::review::{EventRating, ReviewPolicy};
use crate::time::{TimeZoneName, Timestamp};

/// An event as everybody sees it who may.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct EventView {
    /// Its id.
    pub id: EventId,
    /// Who publishes it.
    pub organizer_id: UserId,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Where it is in its life.
    pub status: EventStatus,
    /// The name of its category.
    pub category: Option<String>,
    /// Free words.
    pub tags: Vec<String>,
    /// The house.
    pub venue: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// When it starts.
    pub starts_at: Option<Timestamp>,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
    /// When the doors open; tickets are good at once when `null`.
    pub doors_at: Option<Timestamp>,
    /// The IANA time zone that its days are counted in.
    pub time_zone: TimeZoneName,
    /// Seats over all ticket types; no limit of its own when `null`.
    pub capacity: Option<u32>,
    /// What its visitors think of it.
    pub rating: Rating,
    /// How long before the start its holders are reminded: ISO 8601 durations, the longest first.
    pub reminders: Vec<LeadTime>,
    /// When its reviews are shown.
    pub review_policy: ReviewPolicy,
    /// Until when who booked may cancel, and what comes back.
    pub cancellation: CancellationPolicy,
    /// The instant from which on who books now may not cancel any more; `null` when they never may, or nobody knows the
    /// start yet.
    pub cancellable_until: Option<Timestamp>,
    /// Why it was cancelled, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cancel_reason: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What an event's approved reviews come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Rating {
    /// 1 to 5; `null` without reviews.
    pub average: Option<f64>,
    /// How many reviews.
    pub count: u32,
}

impl From<&EventRating> for Rating {
    fn from(rating: &EventRating) -> Self {
        Self { average: rating.average(), count: rating.count() }
    }
}

impl EventView {
    pub(super) fn new(event: &Event, category: Option<&str>, capacity: Option<u32>, rating: Rating) -> Self {
        let cancel_reason = match &event.state {
            super::model::EventState::Cancelled { reason, .. } => Some(reason.clone()),
            _ => None,
        };
        Self {
            id: event.id,
            organizer_id: event.organizer_id,
            title: event.title.clone(),
            description: event.description.clone(),
            status: event.state.status(),
            category: category.map(str::to_owned),
            tags: event.tags.clone(),
            venue: event.venue.clone(),
            city: event.city.clone(),
            starts_at: event.starts_at,
            ends_at: event.ends_at,
            doors_at: event.doors_at,
            time_zone: event.time_zone.clone(),
            capacity,
            rating,
            reminders: event.reminders.clone(),
            review_policy: event.review_policy,
            cancellation: event.cancellation.clone(),
            cancellable_until: event.cancellable_until(),
            cancel_reason,
            created_at: event.created_at,
            updated_at: event.updated_at,
        }
    }
}

/// A category of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CategoryView {
    /// Its id.
    pub id: CategoryId,
    /// Its name.
    pub name: String,
    /// How many events are in it.
    pub events: u32,
}

/// One entry of an event's schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ScheduleItemView {
    /// Its id.
    pub id: ScheduleItemId,
    /// What happens.
    pub activity_name: String,
    /// Who speaks or plays.
    pub speaker: Option<String>,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Where.
    pub room: Option<String>,
}

impl From<&ScheduleItem> for ScheduleItemView {
    fn from(item: &ScheduleItem) -> Self {
        Self {
            id: item.id,
            activity_name: item.activity_name.clone(),
            speaker: item.speaker.clone(),
            starts_at: item.starts_at,
            ends_at: item.ends_at,
            room: item.room.clone(),
        }
    }
}

impl Schedule {
    /// The schedule of an event that has none yet.
    pub(super) const fn empty(event_id: EventId) -> Self {
        Self { event_id, items: Vec::new() }
    }
}
