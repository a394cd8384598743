//! Reading events: one, and lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Events;
use super::access::event_not_found;
use super::model::{Category, CategoryName, Event, EventStatus};
use super::view::{EventView, Rating};
use crate::actor::Actor;
use crate::error::Error;
use crate::etag::Fetched;
use crate::eventify::of_kind;
use crate::id::{CategoryId, EventId, UserId};
use crate::page::{Listing, PageRequest};
use crate::review::EventRating;
use crate::scope::Scope;
use crate::store::{CategoryNameKey, EventQuery, Freshness, Index, Key, Version, Versioned, fold, words};
use crate::ticket_type::Inventory;
use crate::time::Timestamp;
use crate::validate::Check;

/// Which events to list. Everything asked must hold; by default the published ones that are still to come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(default)]
pub struct EventFilter {
    /// Words that begin words of the title, description, tags or venue, in any language, without regard to case and
    /// diacritics; at most 200 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub q: Option<String>,
    /// The name of a category.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub category: Option<String>,
    /// A tag.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub tag: Option<String>,
    /// A city.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub city: Option<String>,
    /// Starting at this instant or later; now when `None` and the status is published.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub from: Option<Timestamp>,
    /// Starting before this instant.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub to: Option<Timestamp>,
    /// In this state; published when `None`. Drafts are only shown to their organizer, and to admins.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub status: Option<EventStatus>,
    /// By this organizer.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub organizer: Option<UserId>,
}

/// Only what others publish may be a little old: whoever makes events sees their own at once.
fn freshness(actor: &Actor, query: &EventQuery) -> Freshness {
    let published = query.status != EventStatus::Draft;
    let others = query.organizer.is_none_or(|organizer| Some(organizer) != actor.user_id());
    let may_lag = published && others && !actor.is_organizer() && !actor.is_admin();
    if may_lag { Freshness::MayLag } else { Freshness::Newest }
}

impl Events<'_> {
    /// One event.
    ///
    /// # Errors
    /// `event_not_found`, also for somebody else's draft.
    pub async fn get(&self, actor: &Actor, id: EventId) -> Result<Fetched<EventView>, Error> {
        let actor = &*actor.viewing(Scope::EventsRead);
        // Of one moment, and at one go: nearly every reader may see it.
        let keys = [Key::Event(id), Key::EventRating(id), Key::Inventory(id)];
        let mut loaded = self.engine.load_all(keys).await?;
        let event = of_kind::<Event>(&loaded).next().cloned().ok_or_else(event_not_found)?;
        self.engine.require_visible(actor, &event).await?;
        // Whatever else changes the view, the capacity included, writes the event record too.
        let version = |key: Key| loaded.iter().find(|v| v.key == key).map_or(Version::ABSENT, |v| v.version);
        let (version, rating) = (version(Key::Event(id)), version(Key::EventRating(id)));
        loaded.extend(self.engine.load_all(event.category_id.map(Key::Category)).await?);
        let view = views_of(&[event], &loaded).into_iter().next().ok_or_else(event_not_found)?;
        Ok(Fetched::new(view, version).with_beside(rating))
    }

    /// An event that was published, for calendars: also when it is over or was called off.
    ///
    /// # Errors
    /// `event_not_found`, also for somebody else's draft; `event_not_published` for a draft of one's own.
    pub async fn announced(&self, actor: &Actor, id: EventId) -> Result<Fetched<EventView>, Error> {
        let actor = &*actor.viewing(Scope::EventsRead);
        let event = self.get(actor, id).await?;
        if event.status == EventStatus::Draft {
            return Err(Error::new(crate::Reason::EventNotPublished, "The event is not published yet."));
        }
        Ok(event)
    }

    /// A page of events, by their start.
    ///
    /// # Errors
    /// `invalid_value`, `malformed` (cursor), `not_allowed` for drafts of others.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Listing<EventView>, Error> {
        let actor = &*actor.viewing(Scope::EventsRead);
        let Some(query) = self.query(actor, filter).await? else {
            return Ok(Listing { data: Vec::new(), next_cursor: None });
        };
        let freshness = freshness(actor, &query);
        let found = self.engine.list_as_of::<Event>(freshness, Index::Events(query), false, page).await?;
        let data = self.views(&found.data).await?;
        Ok(Listing { data, next_cursor: found.next_cursor })
    }

    /// The filter as a query; `None` when it can match nothing.
    async fn query(&self, actor: &Actor, filter: &EventFilter) -> Result<Option<EventQuery>, Error> {
        let mut check = Check::new();
        for (field, value) in
            [("q", &filter.q), ("category", &filter.category), ("tag", &filter.tag), ("city", &filter.city)]
        {
            check.optional_line(field, value.as_deref().unwrap_or(""), 200);
        }
        check.finish()?;
        let status = filter.status.unwrap_or(EventStatus::Published);
        let mut query = EventQuery::with_status(status);
        query.organizer = filter.organizer;
        if status == EventStatus::Draft && !actor.is_admin() {
            let own = actor.require_user()?;
            if query.organizer.is_some_and(|organizer| organizer != own) {
                let reason = crate::Reason::NotAllowed;
                return Err(Error::new(reason, "Only the organizer sees the drafts."));
            }
            query.organizer = Some(own);
        }
        let now = self.engine.core().clock.now();
        query.from = filter.from.or((status == EventStatus::Published).then_some(now));
        query.to = filter.to;
        query.tag = filter.tag.as_deref().map(|tag| fold(tag.trim()));
        query.city = filter.city.as_deref().map(|city| fold(city.trim()));
        if let Some(text) = filter.q.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            query.words = words(text, 16);
            if query.words.is_empty() {
                return Ok(None);
            }
        }
        if let Some(name) = &filter.category {
            let Some(claim) = self.engine.load::<CategoryName>(&CategoryNameKey::new(name)).await? else {
                return Ok(None);
            };
            query.category = Some(claim.category_id);
        }
        Ok(Some(query))
    }

    /// Events with what belongs to them, loaded together.
    async fn views(&self, events: &[Arc<Event>]) -> Result<Vec<EventView>, Error> {
        let categories = events.iter().filter_map(|e| e.category_id).map(Key::Category);
        let inventories = events.iter().map(|e| Key::Inventory(e.id));
        let ratings = events.iter().map(|e| Key::EventRating(e.id));
        let loaded = self.engine.load_all(categories.chain(inventories).chain(ratings)).await?;
        Ok(views_of(events, &loaded))
    }
}

/// Events with what of the loaded belongs to them.
fn views_of(events: &[Arc<Event>], loaded: &[Versioned]) -> Vec<EventView> {
    let names: BTreeMap<CategoryId, &str> =
        of_kind::<Category>(loaded).map(|c| (c.id, c.name.as_str())).collect();
    let capacities: BTreeMap<EventId, Option<u32>> =
        of_kind::<Inventory>(loaded).map(|i| (i.event_id, i.capacity)).collect();
    let ratings: BTreeMap<EventId, Rating> =
        of_kind::<EventRating>(loaded).map(|rating| (rating.event_id, Rating::from(&**rating))).collect();
    let view = |event: &Arc<Event>| {
        let category = event.category_id.and_then(|id| names.get(&id).copied());
        let rating = ratings.get(&event.id).copied().unwrap_or_default();
        EventView::new(event, category, capacities.get(&event.id).copied().flatten(), rating)
    };
    events.iter().map(view).collect()
}
