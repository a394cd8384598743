//! The rules of seats: two rows of plain numbers.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::{State, Verdict, no};
use crate::booking::BookingStatus;
use crate::error::Reason;
use crate::id::{EventId, TicketTypeId};
use crate::ticket::TicketStatus;

/// The seats of every event: the tens are the row, the better one first.
pub(in super::super) const ROWS: [RangeInclusive<u16>; 2] = [11..=14, 21..=22];

impl State {
    /// The seats of an event that somebody has.
    pub(super) fn taken_seats(&self, event: EventId) -> BTreeSet<u16> {
        let mut taken = BTreeSet::new();
        for booking in self.bookings.values().filter(|b| b.event == event) {
            if booking.status == BookingStatus::Held {
                taken.extend(&booking.seats);
            }
            let good = booking.tickets.iter().filter(|t| t.status != TicketStatus::Cancelled);
            taken.extend(good.filter_map(|ticket| ticket.seat));
        }
        taken
    }

    /// Named seats as a line.
    pub(super) fn named(&self, event: EventId, seats: &[u16]) -> Verdict<Vec<(TicketTypeId, u32)>> {
        let taken = self.taken_seats(event);
        for seat in seats {
            if !ROWS.iter().any(|row| row.contains(seat)) {
                return no(Reason::SeatUnknown);
            }
            if taken.contains(seat) {
                return no(Reason::SeatTaken);
            }
        }
        let of = self.types.iter().find(|(_, t)| t.event == event && t.seated).map(|(id, _)| *id);
        let count = u32::try_from(seats.len()).unwrap_or(0);
        Ok(of.map(|of| (of, count)).into_iter().collect())
    }

    /// Whether a seat beside those would be left without a free neighbour.
    pub(super) fn leaves_one_alone(&self, event: EventId, seats: &[u16]) -> bool {
        let mut taken = self.taken_seats(event);
        taken.extend(seats);
        let free = |seat: u16| ROWS.iter().any(|row| row.contains(&seat)) && !taken.contains(&seat);
        let alone = |seat: u16| free(seat) && !free(seat - 1) && !free(seat + 1);
        self.events[&event].no_single_gaps && seats.iter().any(|seat| alone(seat - 1) || alone(seat + 1))
    }

    /// The best so many together beside those that are chosen: in the first row that has them, its shortest run.
    pub(super) fn best_seats(
        &self,
        event: EventId,
        wanted: u32,
        chosen: &[u16],
        gaps_allowed: bool,
    ) -> Verdict<Vec<u16>> {
        let wanted = u16::try_from(wanted).unwrap_or(u16::MAX);
        let mut taken = self.taken_seats(event);
        taken.extend(chosen);
        let no_gaps = self.events[&event].no_single_gaps && !gaps_allowed;
        for row in ROWS {
            let mut best: Option<RangeInclusive<u16>> = None;
            for run in runs(&row, &taken) {
                let length = |run: &RangeInclusive<u16>| run.end() - run.start() + 1;
                let fits = length(&run) >= wanted && !(no_gaps && length(&run) == wanted + 1);
                if fits && best.as_ref().is_none_or(|best| length(&run) < length(best)) {
                    best = Some(run);
                }
            }
            if let Some(best) = best {
                return Ok((*best.start()..best.start() + wanted).collect());
            }
        }
        no(Reason::SeatsNotTogether)
    }
}

/// The runs of free seats of a row.
fn runs(row: &RangeInclusive<u16>, taken: &BTreeSet<u16>) -> Vec<RangeInclusive<u16>> {
    let mut runs: Vec<RangeInclusive<u16>> = Vec::new();
    for seat in row.clone().filter(|seat| !taken.contains(seat)) {
        match runs.last_mut() {
            Some(run) if *run.end() + 1 == seat => *run = *run.start()..=seat,
            _ => runs.push(seat..=seat),
        }
    }
    runs
}
