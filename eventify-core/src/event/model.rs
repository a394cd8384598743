//! The records of an event, and its states.

use serde::{Deserialize, Serialize};

use super::cancellation::CancellationPolicy;
use crate::error::{Error, Reason};
use crate::id::{CategoryId, EventId, ScheduleItemId, UserId};
use crate::lead_time::LeadTime;
use crate::review::ReviewPolicy;
use crate::store::CategoryNameKey;
use crate::time::{TimeZoneName, Timestamp};

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Who publishes it.
    pub organizer_id: UserId,
    /// Its title; empty only in a draft, at most 200 characters.
    pub title: String,
    /// What it is about; at most 20,000 characters.
    pub description: String,
    /// Where it is in its life.
    pub state: EventState,
    /// Its category.
    pub category_id: Option<CategoryId>,
    /// Free words, normalized; at most 20 of at most 50 characters.
    pub tags: Vec<String>,
    /// The house; at most 200 characters.
    pub venue: Option<String>,
    /// The city; at most 100 characters.
    pub city: Option<String>,
    /// When it starts; a draft may not know yet.
    pub starts_at: Option<Timestamp>,
    /// When it ends; after the start.
    pub ends_at: Option<Timestamp>,
    /// When the doors open; before the end. No ticket is good before. Tickets are good at once when `None`.
    pub doors_at: Option<Timestamp>,
    /// The time zone that its days are counted in.
    pub time_zone: TimeZoneName,
    /// How long before the start its holders are reminded, the longest first; at most [`Event::REMINDERS_MAX`].
    pub reminders: Vec<LeadTime>,
    /// When its reviews are shown.
    pub review_policy: ReviewPolicy,
    /// What holds for those who book now and cancel later.
    pub cancellation: CancellationPolicy,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How many events an organizer has that are not over: nobody leaves while there are any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenEvents {
    /// Whose they are.
    pub organizer_id: UserId,
    /// Drafts and events on sale.
    pub count: u32,
}

/// Where an event is in its life, with what it learned there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventState {
    /// Only its organizer sees it.
    Draft,
    /// On sale.
    Published {
        /// Since when.
        at: Timestamp,
    },
    /// Called off; every ticket is invalid.
    Cancelled {
        /// Since when.
        at: Timestamp,
        /// What the organizer told the holders.
        reason: String,
    },
    /// Over.
    Completed {
        /// Since when.
        at: Timestamp,
    },
}

/// The state's name, as in JSON and in searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    /// Only its organizer sees it.
    Draft,
    /// On sale.
    Published,
    /// Called off.
    Cancelled,
    /// Over.
    Completed,
}

impl EventStatus {
    /// Its number in index entries; stored, so never changed.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Draft => 1,
            Self::Published => 2,
            Self::Cancelled => 3,
            Self::Completed => 4,
        }
    }
}

impl std::str::FromStr for EventStatus {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "draft" => Ok(Self::Draft),
            "published" => Ok(Self::Published),
            "cancelled" => Ok(Self::Cancelled),
            "completed" => Ok(Self::Completed),
            _ => Err(Error::invalid("status", "must be draft, published, cancelled or completed")),
        }
    }
}

impl EventState {
    /// The state's name.
    #[must_use]
    pub const fn status(&self) -> EventStatus {
        match self {
            Self::Draft => EventStatus::Draft,
            Self::Published { .. } => EventStatus::Published,
            Self::Cancelled { .. } => EventStatus::Cancelled,
            Self::Completed { .. } => EventStatus::Completed,
        }
    }

    /// `draft → published`.
    ///
    /// # Errors
    /// `event_not_draft`, `event_cancelled`.
    pub fn publish(&self, at: Timestamp) -> Result<Self, Error> {
        match self {
            Self::Draft => Ok(Self::Published { at }),
            Self::Cancelled { .. } => Err(cancelled()),
            Self::Published { .. } | Self::Completed { .. } => {
                Err(Error::new(Reason::EventNotDraft, "The event was published already."))
            }
        }
    }

    /// `published → cancelled`.
    ///
    /// # Errors
    /// `event_not_published`, `event_cancelled`.
    pub fn cancel(&self, at: Timestamp, reason: String) -> Result<Self, Error> {
        self.require_published()?;
        Ok(Self::Cancelled { at, reason })
    }

    /// `published → completed`.
    ///
    /// # Errors
    /// `event_not_published`, `event_cancelled`.
    pub fn complete(&self, at: Timestamp) -> Result<Self, Error> {
        self.require_published()?;
        Ok(Self::Completed { at })
    }

    /// # Errors
    /// `event_not_published` for a draft or a completed event, `event_cancelled`.
    pub fn require_published(&self) -> Result<(), Error> {
        match self {
            Self::Published { .. } => Ok(()),
            Self::Cancelled { .. } => Err(cancelled()),
            Self::Draft => Err(Error::new(Reason::EventNotPublished, "The event is not published yet.")),
            Self::Completed { .. } => Err(Error::new(Reason::EventNotPublished, "The event is over.")),
        }
    }

    /// A draft or a published event may still be edited.
    ///
    /// # Errors
    /// `event_not_published`, `event_cancelled`.
    pub fn require_editable(&self) -> Result<(), Error> {
        if matches!(self, Self::Draft) { Ok(()) } else { self.require_published() }
    }
}

fn cancelled() -> Error {
    Error::new(Reason::EventCancelled, "The event was cancelled.")
}

impl Event {
    /// The reminders that one event may have.
    pub const REMINDERS_MAX: usize = 5;

    /// The reminders of an event whose organizer says nothing about them.
    pub const REMINDERS: [LeadTime; 2] = [LeadTime::DAY, LeadTime::HOUR];

    /// The words that a search looks into.
    #[must_use]
    pub fn searchable_text(&self) -> String {
        let mut text = format!("{}\n{}\n", self.title, self.venue.as_deref().unwrap_or(""));
        for tag in &self.tags {
            text.push_str(tag);
            text.push('\n');
        }
        text.push_str(&self.description);
        text
    }
}

/// A category of events, such as "Concert".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// Its name as it was given first; 1 to 100 characters.
    pub name: String,
    /// How many events are in it: it cannot be deleted while there are any.
    pub events: u32,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which category has a name: what makes names unique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryName {
    /// The folded name.
    pub name: CategoryNameKey,
    /// The category.
    pub category_id: CategoryId,
}

/// An event's schedule: one record, so that "no two in one room" rests on one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The event.
    pub event_id: EventId,
    /// The entries, by start; at most [`Schedule::ITEMS_MAX`].
    pub items: Vec<ScheduleItem>,
}

impl Schedule {
    /// The entries that one schedule may have.
    pub const ITEMS_MAX: usize = 2_000;
}

/// One entry of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleItem {
    /// Its id.
    pub id: ScheduleItemId,
    /// What happens; 1 to 300 characters.
    pub activity_name: String,
    /// Who speaks or plays; at most 500 characters.
    pub speaker: Option<String>,
    /// When it starts; not before the event.
    pub starts_at: Timestamp,
    /// When it ends; not after the event.
    pub ends_at: Timestamp,
    /// Where; two in one room never overlap.
    pub room: Option<String>,
    /// What an import calls it, so that importing again updates it.
    pub source_id: Option<String>,
}

impl ScheduleItem {
    /// Whether both are in one room at one time.
    #[must_use]
    pub fn clashes_with(&self, other: &Self) -> bool {
        let same_room = self.room.is_some() && self.room == other.room;
        same_room && self.id != other.id && self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}
