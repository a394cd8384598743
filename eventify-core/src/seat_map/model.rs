//! Seat maps: sections, rows, and what every seat of a row is.
//!
//! A row is the record that a sale decides on: it has all of its seats, so neighbours are seen and changed together. A
//! section knows of each row, and the map of each section, which runs of neighbouring free seats it has: the best seats
//! are found by key, from the map to a section to a row.

use serde::{Deserialize, Serialize};

use crate::id::{EventId, TicketTypeId};
use crate::store::{SeatRowKey, SeatSectionKey};

/// Names a seat of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct SeatId {
    /// The section's number, from 1.
    pub section: u16,
    /// The row's place in the section, from 1.
    pub row: u16,
    /// The seat's number in the row, as it is printed.
    pub number: u16,
}

/// A seat as tickets and bookings name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BookedSeat {
    /// Which seat.
    pub seat: SeatId,
    /// The section's name.
    pub section: String,
    /// The row's label.
    pub row: String,
}

/// What a seat is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum SeatStatus {
    /// To be had.
    Free,
    /// Reserved by a booking that is not confirmed yet.
    Held,
    /// A valid ticket is for it.
    Sold,
    /// Not for sale.
    Blocked,
}

impl SeatStatus {
    /// Whether a booking has it.
    #[must_use]
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Held | Self::Sold)
    }
}

/// The seat map of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatMap {
    /// The event.
    pub event_id: EventId,
    /// Whether a booking may leave no free seat without a free neighbour.
    pub no_single_gaps: bool,
    /// How many seats all sections have together, blocked ones among them.
    pub seats: u32,
    /// The sections, by number; the best ones first.
    pub sections: Vec<SectionSummary>,
}

impl SeatMap {
    /// The sections that one map may have.
    pub const SECTIONS_MAX: u16 = 100;
    /// The seats that one map may have.
    pub const SEATS_MAX: u32 = 1_000_000;

    /// A map without sections.
    #[must_use]
    pub const fn new(event_id: EventId) -> Self {
        Self { event_id, no_single_gaps: false, seats: 0, sections: Vec::new() }
    }
}

impl SeatMap {
    /// The most seats of a type that are ever together: as many as would be if nothing were taken, at most
    /// [`Runs::TOGETHER_MAX`].
    #[must_use]
    pub fn together_max(&self, of: TicketTypeId) -> u32 {
        let rooms = self.sections.iter().flat_map(|section| &section.rooms);
        let longest = rooms.filter(|room| room.ticket_type_id == of).map(|room| room.built.longest());
        longest.max().unwrap_or(0).min(Runs::TOGETHER_MAX)
    }
}

/// What a map knows of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionSummary {
    /// Its number.
    pub section: u16,
    /// Its seats.
    pub rooms: Vec<Room>,
}

/// A section of a seat map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatSection {
    /// The event and its number.
    pub key: SeatSectionKey,
    /// Its name; 1 to 100 characters.
    pub name: String,
    /// Its rows, in order; the best ones first. Their places count from 1.
    pub rows: Vec<RowSummary>,
}

impl SeatSection {
    /// The rows that one section may have.
    pub const ROWS_MAX: usize = 200;
    /// The seats that one section may have.
    pub const SEATS_MAX: usize = 20_000;
}

/// What a section knows of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowSummary {
    /// How many seats are free.
    pub free: u16,
    /// Which runs of neighbouring seats there are.
    pub rooms: Vec<Room>,
}

/// The runs of neighbouring seats of one ticket type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// The ticket type.
    pub ticket_type_id: TicketTypeId,
    /// The lengths of the free ones.
    pub runs: Runs,
    /// The lengths that they would have if nothing were taken.
    pub built: Runs,
}

/// A set of lengths of runs: 1 to 63 exactly, and whether there is one of 64 or more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs(u64);

impl Runs {
    /// So many seats may be asked for together.
    pub const TOGETHER_MAX: u32 = 50;

    fn add(&mut self, length: usize) {
        if let Some(bit) = length.checked_sub(1) {
            self.0 |= 1 << bit.min(63);
        }
    }

    /// The longest; 64 for a longer one, 0 when there is none.
    #[must_use]
    pub const fn longest(self) -> u32 {
        u64::BITS - self.0.leading_zeros()
    }

    /// Both sets.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether so many neighbours are in some run; when `no_gaps`, without leaving just one beside them.
    #[must_use]
    pub const fn hold(self, wanted: u32, no_gaps: bool) -> bool {
        if wanted == 0 || wanted > Self::TOGETHER_MAX {
            return false;
        }
        let fitting = self.0 >> (wanted - 1);
        if no_gaps { fitting & !0b10 != 0 } else { fitting != 0 }
    }
}

/// A row of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatRow {
    /// The event, the section's number and the row's place in it.
    pub key: SeatRowKey,
    /// What is written at its end; 1 to 20 characters.
    pub label: String,
    /// Its blocks, by number; an aisle is between two.
    pub blocks: Vec<SeatBlock>,
    /// The numbers of seats for wheelchairs or with easy access.
    pub accessible: Vec<u16>,
}

/// Neighbouring seats of one ticket type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatBlock {
    /// The ticket type.
    pub ticket_type_id: TicketTypeId,
    /// The number of the first seat; the others follow.
    pub first: u16,
    /// What each seat is.
    pub seats: Vec<SeatStatus>,
}

impl SeatBlock {
    fn index(&self, number: u16) -> Option<usize> {
        let index = usize::from(number.checked_sub(self.first)?);
        (index < self.seats.len()).then_some(index)
    }

    /// The runs of free seats: where each begins, and its length.
    pub(super) fn runs(&self) -> Vec<(usize, usize)> {
        self.runs_of(|seat| seat == SeatStatus::Free)
    }

    fn runs_of(&self, fits: impl Fn(SeatStatus) -> bool) -> Vec<(usize, usize)> {
        let mut runs = Vec::new();
        let mut start = None;
        for (at, seat) in self.seats.iter().chain([&SeatStatus::Blocked]).enumerate() {
            match (fits(*seat), start) {
                (true, None) => start = Some(at),
                (false, Some(begin)) => {
                    runs.push((begin, at - begin));
                    start = None;
                }
                _ => {}
            }
        }
        runs
    }

    pub(super) fn number(&self, index: usize) -> u16 {
        self.first.saturating_add(u16::try_from(index).unwrap_or(u16::MAX))
    }
}

impl SeatRow {
    /// The seats that one row may have.
    pub const SEATS_MAX: usize = 200;

    /// The ticket type of a seat and what it is; `None` when the row has no such seat.
    #[must_use]
    pub fn seat(&self, number: u16) -> Option<(TicketTypeId, SeatStatus)> {
        self.blocks.iter().find_map(|block| {
            let status = block.seats.get(block.index(number)?)?;
            Some((block.ticket_type_id, *status))
        })
    }

    /// Makes a seat something else.
    pub(super) fn set(&mut self, number: u16, status: SeatStatus) {
        for block in &mut self.blocks {
            if let Some(seat) = block.index(number).and_then(|index| block.seats.get_mut(index)) {
                *seat = status;
            }
        }
    }

    /// Every seat: its number, its ticket type, and what it is.
    pub fn seats(&self) -> impl Iterator<Item = (u16, TicketTypeId, SeatStatus)> {
        self.blocks.iter().flat_map(|block| {
            let numbered = block.seats.iter().enumerate();
            numbered.map(|(index, status)| (block.number(index), block.ticket_type_id, *status))
        })
    }

    /// What its section knows of it.
    #[must_use]
    pub fn summary(&self) -> RowSummary {
        let mut rooms: Vec<Room> = Vec::new();
        let mut free = 0u16;
        for block in &self.blocks {
            let (mut runs, mut built) = (Runs::default(), Runs::default());
            for (_, length) in block.runs() {
                free = free.saturating_add(u16::try_from(length).unwrap_or(u16::MAX));
                runs.add(length);
            }
            for (_, length) in block.runs_of(|seat| seat != SeatStatus::Blocked) {
                built.add(length);
            }
            merge(&mut rooms, Room { ticket_type_id: block.ticket_type_id, runs, built });
        }
        RowSummary { free, rooms }
    }

    /// The best so many neighbours of a type: in the shortest run that has them, the first of several; from its
    /// beginning. When `no_gaps`, in one where none is left alone beside them.
    #[must_use]
    pub fn best(&self, of: TicketTypeId, wanted: u32, no_gaps: bool) -> Option<Vec<u16>> {
        let wanted = usize::try_from(wanted).ok()?;
        let blocks = self.blocks.iter().filter(|block| block.ticket_type_id == of);
        let runs = blocks.flat_map(|block| block.runs().into_iter().map(move |run| (block, run)));
        let fits = |length: usize| length >= wanted && !(no_gaps && length == wanted + 1);
        let fitting = runs.filter(|(_, (_, length))| fits(*length));
        let (block, (start, _)) = fitting.min_by_key(|(_, (_, length))| *length)?;
        Some((start..start + wanted).map(|index| block.number(index)).collect())
    }

    /// A free seat without a free neighbour, beside one of these.
    #[must_use]
    pub fn left_alone(&self, beside: &[u16]) -> Option<u16> {
        let alone = |block: &SeatBlock| {
            let single = block.runs().into_iter().filter(|(_, length)| *length == 1);
            let numbers: Vec<u16> = single.map(|(at, _)| block.number(at)).collect();
            let mut touched = numbers.into_iter();
            touched.find(|number| {
                let neighbours = [number.checked_sub(1), number.checked_add(1)];
                let within = neighbours.into_iter().flatten().filter(|n| block.index(*n).is_some());
                within.into_iter().any(|neighbour| beside.contains(&neighbour))
            })
        };
        self.blocks.iter().find_map(alone)
    }

    /// Whether it has the same seats as another, whatever they are.
    #[must_use]
    pub fn is_laid_out_as(&self, other: &Self) -> bool {
        let layout = |row: &Self| {
            row.blocks.iter().map(|b| (b.ticket_type_id, b.first, b.seats.len())).collect::<Vec<_>>()
        };
        self.label == other.label && layout(self) == layout(other)
    }
}

impl SeatSection {
    /// What the map knows of it.
    #[must_use]
    pub fn summary(&self) -> SectionSummary {
        let mut rooms = Vec::new();
        for room in self.rows.iter().flat_map(|row| &row.rooms) {
            merge(&mut rooms, *room);
        }
        rooms.sort_unstable_by_key(|room| room.ticket_type_id);
        SectionSummary { section: self.key.section, rooms }
    }
}

fn merge(rooms: &mut Vec<Room>, more: Room) {
    match rooms.iter_mut().find(|room| room.ticket_type_id == more.ticket_type_id) {
        Some(room) => {
            room.runs = room.runs.or(more.runs);
            room.built = room.built.or(more.built);
        }
        None => rooms.push(more),
    }
}

/// Whether there is room for so many neighbours of a type.
pub(super) fn hold(rooms: &[Room], of: TicketTypeId, wanted: u32, no_gaps: bool) -> bool {
    rooms.iter().any(|room| room.ticket_type_id == of && room.runs.hold(wanted, no_gaps))
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: TicketTypeId = TicketTypeId::from_bytes([1; 16]);

    fn row(pattern: &str) -> SeatRow {
        let status = |c: char| match c {
            '.' => SeatStatus::Free,
            'h' => SeatStatus::Held,
            's' => SeatStatus::Sold,
            _ => SeatStatus::Blocked,
        };
        let mut blocks = Vec::new();
        let mut first = 1;
        for part in pattern.split('|') {
            let seats: Vec<SeatStatus> = part.chars().map(status).collect();
            let count = u16::try_from(seats.len()).unwrap_or(0);
            blocks.push(SeatBlock { ticket_type_id: T, first, seats });
            first += count;
        }
        let key = SeatRowKey { event_id: EventId::from_bytes([2; 16]), section: 1, row: 1 };
        SeatRow { key, label: "A".to_owned(), blocks, accessible: Vec::new() }
    }

    #[test]
    fn the_shortest_run_is_taken_from_its_beginning() {
        for (pattern, wanted, no_gaps, best) in [
            ("....", 2, false, Some(vec![1, 2])),
            ("....s..", 2, false, Some(vec![6, 7])),
            ("...|..", 2, false, Some(vec![4, 5])),
            ("...", 2, true, None),
            ("....", 2, true, Some(vec![1, 2])),
            ("...s....", 2, true, Some(vec![5, 6])),
            (".s.", 2, false, None),
            ("..|..", 3, false, None),
            ("...", 3, true, Some(vec![1, 2, 3])),
            ("s.s", 1, true, Some(vec![2])),
            ("b..h", 1, true, None),
        ] {
            let row = row(pattern);
            assert_eq!(row.best(T, wanted, no_gaps), best, "{wanted} of {pattern}");
            assert_eq!(hold(&row.summary().rooms, T, wanted, no_gaps), best.is_some(), "the summary agrees");
        }
    }

    #[test]
    fn what_is_left_alone_beside_a_seat_is_found() {
        assert_eq!(row("hh.s").left_alone(&[1, 2]), Some(3));
        assert_eq!(row("hh..").left_alone(&[1, 2]), None);
        assert_eq!(row(".hh|.").left_alone(&[2, 3]), Some(1));
        assert_eq!(row("hh|.").left_alone(&[1, 2]), None, "an aisle is between them");
        assert_eq!(row(".s.hh").left_alone(&[5]), None, "it was alone before");
    }

    #[test]
    fn what_is_together_at_most_does_not_depend_on_what_is_taken() {
        for (pattern, most) in [("....", 4), ("hs.s", 4), ("..b...", 3), ("..|...", 3), ("bb", 0)] {
            let summary = row(pattern).summary();
            let section = SectionSummary { section: 1, rooms: summary.rooms };
            let map = SeatMap { sections: vec![section], ..SeatMap::new(EventId::from_bytes([2; 16])) };
            assert_eq!(map.together_max(T), most, "{pattern}");
        }
    }

    #[test]
    fn very_long_runs_are_kept_too() {
        let long = row(&".".repeat(200));
        assert!(hold(&long.summary().rooms, T, 50, true));
        assert!(!hold(&long.summary().rooms, T, 51, true));
        assert_eq!(long.best(T, 50, true).map(|seats| seats.len()), Some(50));
        assert_eq!(long.summary().free, 200);
    }
}
