//! The best seats together: found by key, from the map to a section to a row.

use std::collections::BTreeSet;

use super::model::{
    BookedSeat, Runs, SeatId, SeatMap, SeatRow, SeatSection, SeatStatus, SectionSummary, hold,
};
use super::take::booked;
use crate::error::{Error, Reason};
use crate::id::{EventId, TicketTypeId};
use crate::store::{Key, SeatRowKey, SeatSectionKey};
use crate::work::{Decision, Work};

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) event_id: EventId,
    pub(crate) ticket_type_id: TicketTypeId,
    pub(crate) count: u32,
    /// Whether a single seat may stay beside them, whatever the map says.
    pub(crate) gaps_allowed: bool,
}

/// Loads what [`best`] may read for these choices, so many of which are made one after another in one decision: in three
/// rounds, however many there are. A choice spoils one row for those behind it at most, so of each kind of choice as many
/// rows as there are choices are enough.
pub(crate) fn prepare(
    work: &mut Work,
    event_id: EventId,
    wanted: &[Wanted],
    choices_max: usize,
) -> Decision<()> {
    let most = choices_max.min(wanted.len());
    let Some(map) = work.find::<SeatMap>(&event_id)?.filter(|_| !wanted.is_empty()) else {
        return Ok(());
    };
    let kinds: BTreeSet<(TicketTypeId, u32, bool)> =
        wanted.iter().map(|w| (w.ticket_type_id, w.count, map.no_single_gaps && !w.gaps_allowed)).collect();
    let mut sections: BTreeSet<SeatSectionKey> = BTreeSet::new();
    for &(of, count, no_gaps) in &kinds {
        let fitting = map.sections.iter().filter(|s| hold(&s.rooms, of, count, no_gaps));
        let key = |number| SeatSectionKey { event_id, section: number };
        sections.extend(fitting.take(most).map(|s| key(s.section)));
    }
    work.need(sections.iter().copied().map(Key::SeatSection))?;
    let mut rows: BTreeSet<Key> = BTreeSet::new();
    for (of, count, no_gaps) in kinds {
        let mut left = most;
        for key in &sections {
            let Some(section) = work.find::<SeatSection>(key)?.filter(|_| left > 0) else { continue };
            let numbered = section.rows.iter().zip(1u16..);
            let fitting = numbered.filter(|(row, _)| hold(&row.rooms, of, count, no_gaps)).take(left);
            let key = |row| Key::SeatRow(SeatRowKey { event_id, section: key.section, row });
            let found: Vec<Key> = fitting.map(|(_, row)| key(row)).collect();
            left -= found.len();
            rows.extend(found);
        }
    }
    work.need(rows)
}

/// The best free seats together, without those that the same booking has chosen already: in the first section of the
/// map and the first row of it that has them; there in the shortest run, at its beginning.
///
/// # Errors
/// `seats_not_together` when nowhere are so many together.
pub(crate) fn best(work: &mut Work, wanted: Wanted, chosen: &[SeatId]) -> Decision<Vec<BookedSeat>> {
    let Wanted { event_id, ticket_type_id: of, count, gaps_allowed } = wanted;
    let map = work.find::<SeatMap>(&event_id)?.ok_or_else(|| not_together(count))?;
    let no_gaps = map.no_single_gaps && !gaps_allowed;
    // What is known of rows and sections is as it was before the booking: where it has chosen some, that is looked up.
    let chosen_in = |section: u16| chosen.iter().filter(move |seat| seat.section == section);
    let may_hold =
        |s: &&SectionSummary| hold(&s.rooms, of, count, no_gaps) || chosen_in(s.section).next().is_some();
    for summary in map.sections.iter().filter(may_hold) {
        let key = SeatSectionKey { event_id, section: summary.section };
        let section = work.find::<SeatSection>(&key)?.ok_or_else(|| not_together(count))?;
        let rows = section.rows.iter().zip(1u16..);
        let touched = |place: u16| chosen_in(summary.section).any(|seat| seat.row == place);
        for (_, place) in rows.filter(|(row, at)| hold(&row.rooms, of, count, no_gaps) || touched(*at)) {
            let key = SeatRowKey { event_id, section: summary.section, row: place };
            let row = work.find::<SeatRow>(&key)?.ok_or_else(|| not_together(count))?;
            let mut open = (*row).clone();
            for seat in chosen_in(summary.section).filter(|seat| seat.row == place) {
                open.set(seat.number, SeatStatus::Held);
            }
            if let Some(numbers) = open.best(of, count, no_gaps) {
                return numbers.into_iter().map(|number| booked(work, &row, number)).collect();
            }
        }
    }
    Err(not_together(count).into())
}

fn not_together(count: u32) -> Error {
    let most = Runs::TOGETHER_MAX;
    let sentence = if count > most {
        format!("At most {most} seats are looked for together; ask for several lines.")
    } else {
        format!("Nowhere are {count} seats together any more; ask for fewer, or for several lines.")
    };
    Error::new(Reason::SeatsNotTogether, sentence).with("together_max", most)
}
