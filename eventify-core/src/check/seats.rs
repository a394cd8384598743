//! Named seats: rows, sections, maps, counters, bookings and tickets agree.

use std::collections::HashMap;

use super::walk::{Pages, Walk};
use crate::event::{Event, deletion_job};
use crate::id::{EventId, TicketTypeId};
use crate::job::Job;
use crate::seat_map::{SeatId, SeatMap, SeatRow, SeatSection, SeatStatus, row_key};
use crate::store::{Key, Recorded, SeatSectionKey, StoreError};

/// The seats that bookings and tickets name, and what each must be.
#[derive(Default)]
pub(super) struct Named(HashMap<(EventId, SeatId), SeatStatus>);

/// How many seats of a type are free, held and sold.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) free: u32,
    pub(super) held: u32,
    pub(super) sold: u32,
}

impl Named {
    /// Remembers what a seat must be.
    pub(super) fn add(&mut self, walk: &mut Walk<'_>, event_id: EventId, seat: SeatId, status: SeatStatus) {
        if self.0.insert((event_id, seat), status).is_some() {
            walk.report.find("seat_once", Key::SeatRow(row_key(event_id, seat)), "a seat has two owners");
        }
    }
}

/// Answers how many seats each ticket type has on the maps.
pub(super) async fn check(
    walk: &mut Walk<'_>,
    named: Named,
) -> Result<HashMap<TicketTypeId, Counted>, StoreError> {
    let counted = rows(walk, named).await?;
    let mut pages = Pages::<SeatSection>::new();
    while let Some(page) = pages.next(walk).await? {
        let related = walk.load(page.iter().map(|s| Key::SeatMap(s.key.event_id)).collect()).await?;
        for section in page {
            let map = related.get::<SeatMap>(&section.key.event_id);
            let known = map.is_some_and(|map| map.sections.contains(&section.summary()));
            walk.report.require(known, "section_summary", Recorded::key(&*section), || {
                "its map does not know its free seats".to_owned()
            });
        }
    }
    maps(walk).await?;
    Ok(counted)
}

async fn rows(walk: &mut Walk<'_>, named: Named) -> Result<HashMap<TicketTypeId, Counted>, StoreError> {
    let mut named = named.0;
    let mut counted: HashMap<TicketTypeId, Counted> = HashMap::new();
    let mut pages = Pages::<SeatRow>::new();
    while let Some(page) = pages.next(walk).await? {
        let section = |row: &SeatRow| SeatSectionKey { event_id: row.key.event_id, section: row.key.section };
        let related = walk.load(page.iter().map(|row| Key::SeatSection(section(row))).collect()).await?;
        for row in page {
            let found = related.get::<SeatSection>(&section(&row));
            let place = usize::from(row.key.row).checked_sub(1);
            let known = found.zip(place).and_then(|(found, place)| found.rows.get(place));
            walk.report.require(known == Some(&row.summary()), "row_summary", Recorded::key(&*row), || {
                "its section does not know its free seats".to_owned()
            });
            for (number, of, status) in row.seats() {
                let seat = SeatId { section: row.key.section, row: row.key.row, number };
                let owner = named.remove(&(row.key.event_id, seat));
                let right = owner == Some(status) || (owner.is_none() && !status.is_taken());
                walk.report.require(right, "seat_owner", Recorded::key(&*row), || {
                    format!("seat {number} is {status:?}, but its booking says {owner:?}")
                });
                let count = counted.entry(of).or_default();
                match status {
                    SeatStatus::Free => count.free += 1,
                    SeatStatus::Held => count.held += 1,
                    SeatStatus::Sold => count.sold += 1,
                    SeatStatus::Blocked => {}
                }
            }
        }
    }
    for (event_id, seat) in named.keys() {
        let key = Key::SeatRow(row_key(*event_id, *seat));
        walk.report.find("seat_there", key, "a booking names a seat that is not there");
    }
    Ok(counted)
}

async fn maps(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<SeatMap>::new();
    while let Some(page) = pages.next(walk).await? {
        let around = |map: &SeatMap| [Key::Event(map.event_id), Key::Job(deletion_job(map.event_id))];
        let related = walk.load(page.iter().flat_map(|map| around(map)).collect()).await?;
        for map in page {
            let going = related.has::<Job>(&deletion_job(map.event_id));
            let there = related.has::<Event>(&map.event_id) || going;
            walk.report.require(there, "seat_map_event", map.key(), || "its event is not there".to_owned());
            let key = |section| SeatSectionKey { event_id: map.event_id, section };
            let keys = map.sections.iter().map(|s| Key::SeatSection(key(s.section)));
            let sections = walk.load(keys.collect()).await?;
            for summary in &map.sections {
                let there = sections.has::<SeatSection>(&key(summary.section));
                walk.report.require(there, "section_there", map.key(), || {
                    format!("section {} is not there", summary.section)
                });
            }
        }
    }
    Ok(())
}
