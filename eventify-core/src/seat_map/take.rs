//! Seats that change hands: rows, sections and the map stay in step, in one decision.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::model::{BookedSeat, SeatId, SeatMap, SeatRow, SeatSection, SeatStatus};
use crate::error::{Error, Reason};
use crate::id::{EventId, TicketTypeId};
use crate::store::{Key, SeatRowKey, SeatSectionKey};
use crate::work::{Decision, Work};

/// The row of a seat.
pub(crate) const fn row_key(event_id: EventId, seat: SeatId) -> SeatRowKey {
    SeatRowKey { event_id, section: seat.section, row: seat.row }
}

const fn section_key(event_id: EventId, section: u16) -> SeatSectionKey {
    SeatSectionKey { event_id, section }
}

/// Everything that a change of these seats reads.
pub(crate) fn reads(event_id: EventId, seats: impl IntoIterator<Item = SeatId>) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    for seat in seats {
        keys.insert(Key::SeatRow(row_key(event_id, seat)));
        keys.insert(Key::SeatSection(section_key(event_id, seat.section)));
        keys.insert(Key::SeatMap(event_id));
    }
    keys
}

/// Makes seats that are one thing another.
///
/// # Errors
/// `seat_unknown` (with `seat`), `seat_taken` (with `seat`) when one is to be taken and is not free.
pub(crate) fn turn(
    work: &mut Work,
    event_id: EventId,
    seats: &[SeatId],
    from: SeatStatus,
    to: SeatStatus,
) -> Decision<()> {
    work.need(reads(event_id, seats.iter().copied()))?;
    let mut rows: BTreeMap<SeatRowKey, Vec<SeatId>> = BTreeMap::new();
    for seat in seats {
        rows.entry(row_key(event_id, *seat)).or_default().push(*seat);
    }
    let mut changed = Vec::new();
    for (key, seats) in rows {
        let unknown = || unknown(seats.first().copied());
        let mut row = (*work.find::<SeatRow>(&key)?.ok_or_else(unknown)?).clone();
        for seat in &seats {
            let (_, status) = row.seat(seat.number).ok_or_else(|| self::unknown(Some(*seat)))?;
            if status != from {
                return Err(taken(*seat, status, from).into());
            }
            row.set(seat.number, to);
        }
        changed.push(row);
    }
    put_rows(work, event_id, changed)
}

fn taken(seat: SeatId, status: SeatStatus, from: SeatStatus) -> Error {
    if from != SeatStatus::Free {
        return Error::internal("a seat is not what its booking says");
    }
    let sentence = match status {
        SeatStatus::Blocked => "This seat is not for sale.",
        _ => "Somebody else has this seat.",
    };
    Error::new(Reason::SeatTaken, sentence).with("seat", seat)
}

fn unknown(seat: Option<SeatId>) -> Error {
    Error::new(Reason::SeatUnknown, "The event has no such seat.").with("seat", seat)
}

/// Writes rows, and what their sections and the map know of them.
pub(super) fn put_rows(work: &mut Work, event_id: EventId, rows: Vec<SeatRow>) -> Decision<()> {
    let mut sections: BTreeMap<u16, SeatSection> = BTreeMap::new();
    for row in rows {
        let number = row.key.section;
        let section = match sections.entry(number) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => {
                let found = work.find::<SeatSection>(&section_key(event_id, number))?;
                place.insert((*found.ok_or_else(|| unknown(None))?).clone())
            }
        };
        let place = usize::from(row.key.row).checked_sub(1);
        if let Some(known) = place.and_then(|place| section.rows.get_mut(place)) {
            *known = row.summary();
        }
        work.put(row);
    }
    let map = work.find::<SeatMap>(&event_id)?.ok_or_else(|| unknown(None))?;
    let mut after = (*map).clone();
    for section in sections.into_values() {
        let known = section.summary();
        if let Some(before) = after.sections.iter_mut().find(|s| s.section == known.section) {
            *before = known;
        }
        let stored = work.find::<SeatSection>(&section.key)?;
        if stored.as_deref() != Some(&section) {
            work.put(section);
        }
    }
    if *map != after {
        work.put(after);
    }
    Ok(())
}

/// The seats as bookings name them, by the row's ticket type.
///
/// # Errors
/// `seat_unknown`, `seat_taken`.
pub(crate) fn named(
    work: &mut Work,
    event_id: EventId,
    seats: &[SeatId],
) -> Decision<Vec<(TicketTypeId, BookedSeat)>> {
    work.need(reads(event_id, seats.iter().copied()))?;
    let mut found = Vec::with_capacity(seats.len());
    for seat in seats {
        let row = work.find::<SeatRow>(&row_key(event_id, *seat))?.ok_or_else(|| unknown(Some(*seat)))?;
        let (of, status) = row.seat(seat.number).ok_or_else(|| unknown(Some(*seat)))?;
        if status != SeatStatus::Free {
            return Err(taken(*seat, status, SeatStatus::Free).into());
        }
        found.push((of, booked(work, &row, seat.number)?));
    }
    Ok(found)
}

/// Whether seats are still what a booking says that is over: of its ticket type, under the same names.
///
/// # Errors
/// `seat_unknown` (with `seat`).
pub(crate) fn require_as_booked(
    work: &mut Work,
    event_id: EventId,
    of: TicketTypeId,
    seats: &[BookedSeat],
) -> Decision<()> {
    work.need(reads(event_id, seats.iter().map(|booked| booked.seat)))?;
    for seat in seats {
        let id = seat.seat;
        let row = work.find::<SeatRow>(&row_key(event_id, id))?.ok_or_else(|| unknown(Some(id)))?;
        let (now_of, _) = row.seat(id.number).ok_or_else(|| unknown(Some(id)))?;
        if now_of != of || booked(work, &row, id.number)? != *seat {
            let sentence = "The seat map was drawn anew; this seat is another one now.";
            return Err(Error::new(Reason::SeatUnknown, sentence).with("seat", id).into());
        }
    }
    Ok(())
}

/// A seat of a row as bookings name it.
pub(super) fn booked(work: &mut Work, row: &Arc<SeatRow>, number: u16) -> Decision<BookedSeat> {
    let SeatRowKey { event_id, section, row: place } = row.key;
    let found = work.find::<SeatSection>(&section_key(event_id, section))?.ok_or_else(|| unknown(None))?;
    let seat = SeatId { section, row: place, number };
    Ok(BookedSeat { seat, section: found.name.clone(), row: row.label.clone() })
}

/// Refuses a booking that leaves a free seat alone beside its own, where the map does not allow that.
///
/// # Errors
/// `leaves_single_seat` (with `seat`, the one that is left).
pub(crate) fn require_no_gaps(work: &mut Work, event_id: EventId, seats: &[SeatId]) -> Decision<()> {
    let map = work.find::<SeatMap>(&event_id)?.ok_or_else(|| unknown(None))?;
    if !map.no_single_gaps {
        return Ok(());
    }
    let mut rows: BTreeMap<SeatRowKey, Vec<u16>> = BTreeMap::new();
    for seat in seats {
        rows.entry(row_key(event_id, *seat)).or_default().push(seat.number);
    }
    for (key, numbers) in rows {
        let row = work.find::<SeatRow>(&key)?.ok_or_else(|| unknown(None))?;
        if let Some(number) = row.left_alone(&numbers) {
            let seat = SeatId { section: key.section, row: key.row, number };
            let error =
                Error::new(Reason::LeavesSingleSeat, "This would leave a single seat between others.");
            return Err(error.with("seat", seat).into());
        }
    }
    Ok(())
}
