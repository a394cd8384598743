//! Events, their schedules and categories.

use eventify_core::event::{
    CancellationPolicy, Category, CategoryName, Event, EventState, OpenEvents, Schedule, ScheduleItem,
};
use eventify_core::store::{EVENT_WORDS_MAX, fold, words};
use eventify_core::{LeadTime, Timestamp};

use super::words::{Word, odd_state, take_word};
use crate::cells::{Bad, Cells, SqlType, Value, list};
use crate::columns::{Batch, Columns, Spec, documents, group, table};

impl Columns for EventState {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<Word>("status"));
        to.push(Spec::nullable::<Timestamp>("status_since"));
        to.push(Spec::nullable::<String>("cancel_reason"));
    }
    fn put(&self, row: &mut Batch) {
        let (status, since, reason) = match self {
            Self::Draft => ("draft", None, None),
            Self::Published { at } => ("published", Some(at), None),
            Self::Cancelled { at, reason } => ("cancelled", Some(at), Some(reason)),
            Self::Completed { at } => ("completed", Some(at), None),
        };
        row.put(&Word(status));
        row.put_option(since);
        row.put_option(reason);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let status = take_word(row)?;
        let (since, reason) = (Columns::take(row)?, Columns::take(row)?);
        match (status.as_str(), since, reason) {
            ("draft", None, None) => Ok(Self::Draft),
            ("published", Some(at), None) => Ok(Self::Published { at }),
            ("cancelled", Some(at), Some(reason)) => Ok(Self::Cancelled { at, reason }),
            ("completed", Some(at), None) => Ok(Self::Completed { at }),
            _ => Err(odd_state(&status)),
        }
    }
}

/// Each as an ISO 8601 duration.
impl Value for Vec<LeadTime> {
    const TYPE: SqlType = SqlType::Texts;
    fn encode(&self, out: &mut Vec<u8>) {
        self.iter().map(LeadTime::to_string).collect::<Vec<String>>().encode(out);
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let lead = |text: String| text.parse().map_err(|_| Bad::new(format!("{text:?} is no lead time")));
        Vec::<String>::decode(bytes)?.into_iter().map(lead).collect()
    }
}

documents! { CancellationPolicy }

/// The words that a search finds an event by.
struct Words(Vec<String>);

impl Value for Words {
    const TYPE: SqlType = SqlType::Lexemes;
    fn encode(&self, out: &mut Vec<u8>) {
        list(self.0.iter().map(String::as_str), out);
    }
    fn decode(_: &[u8]) -> Result<Self, Bad> {
        Err(Bad::new("words are only written"))
    }
}

table! {
    Event: id;
    fields organizer_id, title, description, state, category_id, tags, venue, city, starts_at, ends_at, doors_at,
    time_zone, reminders, review_policy, cancellation,
    created_at, updated_at;
    // A draft without a start sorts first.
    derive listed_at = |event| event.starts_at.unwrap_or(Timestamp::MIN);
    derive city_folded = |event| event.city.as_deref().map(fold);
    derive tags_folded = |event| event.tags.iter().map(|tag| fold(tag)).collect::<Vec<String>>();
    derive words = |event| Words(words(&event.searchable_text(), EVENT_WORDS_MAX));
}

group! {
    ScheduleItem: id, activity_name, speaker, starts_at, ends_at, room, source_id;
}

table! {
    Schedule: event_id;
    list items in "schedule_items" by event_id;
}

table! {
    Category: id;
    fields name, events, created_at;
}

table! {
    CategoryName: name;
    fields category_id;
}

table! {
    OpenEvents: organizer_id;
    fields count;
}
