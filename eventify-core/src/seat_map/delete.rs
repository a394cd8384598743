//! Deleting the seat map of an event that is gone, a section at a time.

use super::model::{SeatMap, SeatRow, SeatSection};
use super::put::rows_of;
use crate::id::EventId;
use crate::store::{Key, SeatSectionKey};
use crate::work::{Decision, Work};

/// What [`delete_with_event`] reads first.
pub(crate) const fn reads_of_deletion(event_id: EventId) -> Key {
    Key::SeatMap(event_id)
}

/// Deletes the last section of an event's map, and the map with the last one. Answers whether there was one.
pub(crate) fn delete_with_event(work: &mut Work, event_id: EventId) -> Decision<bool> {
    let Some(map) = work.find::<SeatMap>(&event_id)? else {
        return Ok(false);
    };
    let mut map = (*map).clone();
    let Some(last) = map.sections.pop() else {
        work.delete::<SeatMap>(&event_id);
        return Ok(true);
    };
    let key = SeatSectionKey { event_id, section: last.section };
    if let Some(section) = work.find::<SeatSection>(&key)? {
        for row in rows_of(work, Some(&section))? {
            work.delete::<SeatRow>(&row.key);
        }
        work.delete::<SeatSection>(&key);
    }
    work.put(map);
    Ok(true)
}
