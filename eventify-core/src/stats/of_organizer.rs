//! What came of all events of an organizer.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Stats;
use super::model::{EventTally, Takings};
use super::of_event::{is_over, sum, views};
use super::view::{EventCounts, OrganizerStats, no_show_rate};
use crate::actor::Actor;
use crate::error::Error;
use crate::event::{Event, EventStatus};
use crate::eventify::of_kind;
use crate::id::{EventId, UserId};
use crate::money::{Money, MoneyError};
use crate::scope::Scope;
use crate::store::{EventQuery, Index, Key, Scan};
use crate::ticket_type::Inventory;
use crate::time::Timestamp;

/// Events that are read at once.
const PAGE_EVENTS_MAX: usize = 100;
/// Events that one answer sums up.
const EVENTS_MAX: usize = 10_000;

/// Which events are summed up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct StatsPeriod {
    /// Those that start at this instant or later.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub from: Option<Timestamp>,
    /// Those that start before this instant.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub to: Option<Timestamp>,
}

impl Stats<'_> {
    /// What came of the caller's own events so far: those that were published, at most 10,000. The sums are formed from
    /// each event's own counters, a hundred events at a time; a counter per organizer would make the sales of all their
    /// events wait for each other.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed` for an attendee, `invalid_value` (`from`) when there are more events, or their
    /// sums are beyond what an amount can be.
    pub async fn of_organizer(&self, actor: &Actor, period: StatsPeriod) -> Result<OrganizerStats, Error> {
        let actor = &*actor.within(Scope::EventsRead)?;
        actor.require_organizer()?;
        let organizer_id = actor.require_user()?;
        if let (Some(from), Some(to)) = (period.from, period.to)
            && from >= to
        {
            return Err(Error::invalid("from", "must be before to"));
        }
        let as_of = self.engine.core().clock.now();
        let mut all = Sum::new(as_of);
        for status in [EventStatus::Published, EventStatus::Completed, EventStatus::Cancelled] {
            self.add_all(&mut all, organizer_id, status, period).await?;
        }
        Ok(OrganizerStats {
            organizer_id,
            as_of,
            events: all.events,
            sold: all.sold,
            held: all.held,
            checked_in: all.checked_in,
            no_show_rate: no_show_rate(all.over_sold, all.over_checked_in),
            takings: views(&all.takings),
        })
    }

    /// Adds the events that are at a point of their life.
    async fn add_all(
        &self,
        all: &mut Sum,
        organizer_id: UserId,
        status: EventStatus,
        period: StatsPeriod,
    ) -> Result<(), Error> {
        let mut query = EventQuery::with_status(status);
        query.organizer = Some(organizer_id);
        (query.from, query.to) = (period.from, period.to);
        let mut scan = Scan::first(Index::Events(query), PAGE_EVENTS_MAX);
        loop {
            let page = self.engine.core().store.scan(&scan).await?;
            let events = of_kind::<Event>(&page.items).map(|event| event.id);
            let keys = events.flat_map(|id| [Key::Event(id), Key::Inventory(id), Key::EventTally(id)]);
            // All that is counted of an event is of one state of the store.
            let loaded = self.engine.load_all(keys).await?;
            let inventories: Vec<_> = of_kind::<Inventory>(&loaded).collect();
            let tallies: Vec<_> = of_kind::<EventTally>(&loaded).collect();
            for event in of_kind::<Event>(&loaded) {
                let inventory = inventories.iter().find(|inventory| inventory.event_id == event.id);
                let tally = tallies.iter().find(|tally| tally.event_id == event.id);
                all.add(status, event, inventory.map(|i| &***i), tally.map(|t| &***t))?;
            }
            match page.next {
                Some(next) => scan.after = Some(next),
                None => return Ok(()),
            }
        }
    }
}

struct Sum {
    as_of: Timestamp,
    /// Those that were counted: one that ends meanwhile is found once more.
    seen: BTreeSet<EventId>,
    events: EventCounts,
    sold: u64,
    held: u64,
    checked_in: u64,
    over_sold: u64,
    over_checked_in: u64,
    takings: Vec<Takings>,
}

impl Sum {
    fn new(as_of: Timestamp) -> Self {
        Self {
            as_of,
            seen: BTreeSet::new(),
            events: EventCounts::default(),
            sold: 0,
            held: 0,
            checked_in: 0,
            over_sold: 0,
            over_checked_in: 0,
            takings: Vec::new(),
        }
    }

    fn add(
        &mut self,
        status: EventStatus,
        event: &Event,
        inventory: Option<&Inventory>,
        tally: Option<&EventTally>,
    ) -> Result<(), Error> {
        if !self.seen.insert(event.id) {
            return Ok(());
        }
        if self.seen.len() > EVENTS_MAX {
            let message = format!("must leave at most {EVENTS_MAX} events: ask for a shorter period");
            return Err(Error::invalid("from", message));
        }
        let events = &mut self.events;
        let of_status = match status {
            EventStatus::Cancelled => &mut events.cancelled,
            EventStatus::Completed => &mut events.completed,
            EventStatus::Published | EventStatus::Draft => &mut events.published,
        };
        *of_status += 1;
        let (sold, held) = inventory.map_or((0, 0), |inventory| (inventory.sold, inventory.held));
        let counted = sum(tally.into_iter().flat_map(|tally| tally.types.values()));
        self.sold += u64::from(sold);
        self.held += u64::from(held);
        self.checked_in += u64::from(counted.checked_in);
        if is_over(event, self.as_of) {
            self.over_sold += u64::from(sold);
            self.over_checked_in += u64::from(counted.checked_in);
        }
        self.add_takings(&counted.takings).map_err(|error| {
            Error::invalid("from", format!("must leave fewer events: {error}; ask for a shorter period"))
        })
    }

    fn add_takings(&mut self, more: &[Takings]) -> Result<(), MoneyError> {
        let mut sums = std::mem::take(&mut self.takings);
        for each in more {
            let known = sums.iter_mut().find(|sum| sum.currency == each.currency);
            let Some(sum) = known else {
                sums.push(*each);
                continue;
            };
            let plus = |a, b| Money::new(a, each.currency).plus(Money::new(b, each.currency));
            sum.gross_minor = plus(sum.gross_minor, each.gross_minor)?.amount_minor;
            sum.refunds_due_minor = plus(sum.refunds_due_minor, each.refunds_due_minor)?.amount_minor;
        }
        sums.sort_by(|a, b| a.currency.code().cmp(b.currency.code()));
        self.takings = sums;
        Ok(())
    }
}
