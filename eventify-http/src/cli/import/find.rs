//! Which event a programme was taken into before.

use std::collections::BTreeSet;

use eventify_core::event::{EventFilter, EventStatus, EventView, Schedule};
use eventify_core::{EventId, PageRequest, Timestamp};

use super::Import;
use crate::cli::exit::Failure;
use crate::cli::out::inline;
use crate::cli::store::OpenStore;

impl Import<'_> {
    /// The event that the operator names.
    pub(super) async fn named(&self, id: EventId) -> Result<EventView, Failure> {
        let event = self.eventify.events().get(&self.actor, id).await?.into_inner();
        if event.organizer_id != self.organizer {
            return Err(Failure::refused(format!(
                "the event {id} does not belong to {} (not_event_owner)",
                inline(&self.file.organizer)
            )));
        }
        Ok(event)
    }

    /// The organizer's event that this programme was taken into before.
    ///
    /// Titles return every year, times are moved, and some tools number their entries from 1: none of these alone says
    /// that it is the same. Two of them do: the title, the dates, and most of the entries. The newest of the best wins.
    pub(super) async fn find(&self, store: &OpenStore) -> Result<Option<EventView>, Failure> {
        let mut best: Option<(usize, EventView)> = None;
        for status in [EventStatus::Draft, EventStatus::Published] {
            let mut page = PageRequest::first(100);
            loop {
                let filter = EventFilter {
                    status: Some(status),
                    organizer: Some(self.organizer),
                    from: Some(Timestamp::MIN),
                    ..EventFilter::default()
                };
                let found = self.eventify.events().list(&self.actor, &filter, &page).await?;
                for event in found.data {
                    let alike = self.alike(&event, store).await?;
                    let known = best.as_ref().map(|(alike, event)| (*alike, event.created_at));
                    if alike >= 2 && known.is_none_or(|known| (alike, event.created_at) > known) {
                        best = Some((alike, event));
                    }
                }
                match found.next_cursor {
                    Some(cursor) => page = PageRequest::after(cursor, 100),
                    None => break,
                }
            }
        }
        Ok(best.map(|(_, event)| event))
    }

    async fn alike(&self, event: &EventView, store: &OpenStore) -> Result<usize, Failure> {
        let title = event.title == self.title() || event.title == self.programme.title;
        let dates = event.starts_at.is_none_or(|start| start < self.ends_at)
            && event.ends_at.is_none_or(|end| end > self.starts_at);
        if !title && !dates {
            return Ok(0);
        }
        let schedule = store.load::<Schedule>(&event.id).await?;
        let entries = schedule.is_some_and(|schedule| self.has_most_of(&schedule));
        Ok([title, dates, entries].into_iter().filter(|alike| *alike).count())
    }

    fn has_most_of(&self, schedule: &Schedule) -> bool {
        let ours: BTreeSet<&str> =
            self.programme.entries.iter().map(|entry| entry.source_id.as_str()).collect();
        let theirs: Vec<&str> = schedule.items.iter().filter_map(|item| item.source_id.as_deref()).collect();
        let common = theirs.iter().filter(|id| ours.contains(*id)).count();
        common > 0 && common * 2 >= theirs.len()
    }
}
