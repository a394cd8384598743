//! Coming and going: what a row of scans at the doors comes to, in whatever order they become known.

use serde::{Deserialize, Serialize};

use super::model::{CheckIn, Ticket, TicketState};
use crate::error::{Error, Reason};
use crate::id::{EventId, TicketId};
use crate::stats::Presence;
use crate::ticket_type::ReEntry;
use crate::time::Timestamp;

/// How a ticket's person came and went, by time. Kept where it is more than one entry: that one is in the ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passages {
    /// The ticket.
    pub ticket_id: TicketId,
    /// The event.
    pub event_id: EventId,
    /// Every scan that was a passage or would have been one; at most [`Passages::MAX`].
    pub list: Vec<Passage>,
}

/// One scan of a ticket on its way in or out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Which way.
    pub direction: Direction,
    /// When and where.
    pub scan: CheckIn,
    /// Taken back by the staff: remembered so that a repeated scan is known.
    pub undone: bool,
}

/// Which way somebody goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// In.
    #[default]
    In,
    /// Out, to come in again.
    Out,
}

impl Passages {
    /// The scans that are kept of one ticket.
    pub const MAX: usize = 200;

    /// What is known of a ticket: what is kept, or its one entry.
    pub(super) fn of(ticket: &Ticket, kept: Option<&Self>) -> Self {
        let none = || Self { ticket_id: ticket.id, event_id: ticket.event_id, list: Vec::new() };
        let mut known = kept.cloned().unwrap_or_else(none);
        if known.live().next().is_none() {
            let passage = |direction, scan| Passage { direction, scan, undone: false };
            if let Some(check_in) = ticket.state.check_in() {
                known.insert(passage(Direction::In, check_in.clone()));
            }
            if let TicketState::Left { check_in, at } = &ticket.state {
                known.insert(passage(Direction::Out, CheckIn { at: *at, ..check_in.clone() }));
            }
        }
        known
    }

    /// Adds a passage at its place in time.
    ///
    /// # Errors
    /// `too_many_passages`.
    pub(super) fn add(&mut self, passage: Passage) -> Result<(), Error> {
        if self.list.len() >= Self::MAX {
            let sentence = format!("A ticket may be scanned at most {} times.", Self::MAX);
            return Err(Error::new(Reason::TooManyPassages, sentence));
        }
        self.insert(passage);
        Ok(())
    }

    fn insert(&mut self, passage: Passage) {
        let place = |p: &Passage| (p.scan.at, p.direction, p.scan.scan_id.clone(), p.scan.device.clone());
        let at = self.list.partition_point(|known| place(known) <= place(&passage));
        self.list.insert(at, passage);
    }

    /// The passage of a device's scan that is known already.
    pub(super) fn repeated(
        &self,
        direction: Direction,
        device: Option<&str>,
        scan_id: Option<&str>,
    ) -> Option<&Passage> {
        let scan = (direction, device, Some(scan_id?));
        self.list.iter().find(|p| (p.direction, p.scan.device.as_deref(), p.scan.scan_id.as_deref()) == scan)
    }

    /// Not before anything that is known: what happens online keeps its order, whatever the clock does.
    pub(super) fn next_instant(&self, now: Timestamp) -> Timestamp {
        let last = self.list.last().map(|p| p.scan.at.plus(std::time::Duration::from_micros(1)));
        last.map_or(now, |last| last.max(now))
    }

    fn live(&self) -> impl DoubleEndedIterator<Item = &Passage> {
        self.list.iter().filter(|p| !p.undone)
    }

    /// The passages that somebody came in or went out with: of those in one direction in a row, the first.
    pub(super) fn counting(&self, re_entry: ReEntry) -> Vec<&Passage> {
        let mut before = Direction::Out;
        let mut counting = Vec::new();
        for passage in self.live() {
            if passage.direction != before {
                counting.push(passage);
            }
            before = passage.direction;
        }
        if re_entry == ReEntry::Once {
            counting.truncate(1);
        }
        counting
    }

    /// What statistics count of a ticket in a state that these led to.
    pub(super) fn presence<'t>(&self, state: &'t TicketState) -> Presence<'t> {
        let first = self.live().find(|passage| passage.direction == Direction::In);
        Presence { state, since: first.map(|passage| passage.scan.at) }
    }

    /// The state of a ticket whose person came and went like this.
    pub(super) fn state(&self, re_entry: ReEntry) -> TicketState {
        let counting = self.counting(re_entry);
        let last_in = counting.iter().rfind(|p| p.direction == Direction::In).map(|p| p.scan.clone());
        match (last_in, counting.last()) {
            (Some(check_in), Some(last)) if last.direction == Direction::Out => {
                TicketState::Left { check_in, at: last.scan.at }
            }
            (Some(check_in), _) => TicketState::Used(check_in),
            (None, _) => TicketState::Active,
        }
    }

    /// Takes back the last passage that counts; of a ticket that lets in once, every scan. Says which were taken back.
    ///
    /// # Errors
    /// `not_checked_in`.
    pub(super) fn undo(&mut self, re_entry: ReEntry) -> Result<Vec<Passage>, Error> {
        let none = || Error::new(Reason::NotCheckedIn, "Nobody came in with the ticket.");
        let last = self.counting(re_entry).last().map(|p| (*p).clone()).ok_or_else(none)?;
        let first = self.list.iter().position(|p| *p == last).unwrap_or(0);
        // What came behind it in the same direction did not count, and does not begin to.
        let mut undone = Vec::new();
        for passage in self.list.iter_mut().skip(first).filter(|passage| !passage.undone) {
            passage.undone = true;
            undone.push(passage.clone());
        }
        Ok(undone)
    }
}
