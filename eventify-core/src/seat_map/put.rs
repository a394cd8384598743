//! Drawing the map: its own settings, and its sections with everything in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::model::{SeatMap, SeatRow, SeatSection, SeatStatus};
use super::rows::{PutRow, drawn, for_sale};
use super::view::{SeatMapView, SectionView};
use super::{SeatMaps, no_section};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::event;
use crate::id::{EventId, TicketTypeId};
use crate::scope::Scope;
use crate::store::{Key, SeatRowKey, SeatSectionKey};
use crate::ticket_type::{self, Seats, TicketType};
use crate::validate::Check;
use crate::waitlist;
use crate::work::{Decision, Work};

/// What holds for a whole map.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct PutSeatMap {
    /// Whether a booking may leave no free seat without a free neighbour.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub no_single_gaps: bool,
}

/// A section, with everything that is in it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct PutSection {
    /// 1 to 100 characters.
    pub name: String,
    /// Its rows, the best ones first: 1 to 200, together at most 20,000 seats.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub rows: Vec<PutRow>,
}

impl SeatMaps<'_> {
    /// Makes the event's seat map, or changes what holds for all of it. For its organizer.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `event_cancelled`, `event_not_published`
    /// (completed).
    pub async fn put(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: PutSeatMap,
    ) -> Result<Fetched<SeatMapView>, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        self.engine.executor.decide(PutMap { actor: actor.clone(), event_id, request }).await?;
        self.get(actor, event_id).await
    }

    /// Draws a section, or draws it anew. Its seats become the quantity of their ticket types, which from then on are
    /// sold by seat only. A row of which seats are taken stays as it is drawn; what is free in it may be blocked. For
    /// the event's organizer.
    ///
    /// # Errors
    /// As [`SeatMaps::put`], and `invalid_value`, `ticket_type_not_found`, `seat_taken` (with `row`),
    /// `quantity_below_sold` when tickets without a seat were sold of a type.
    pub async fn put_section(
        &self,
        actor: &Actor,
        event_id: EventId,
        section: u16,
        request: PutSection,
    ) -> Result<SectionView, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        let mut check = Check::new();
        check.require((1..=SeatMap::SECTIONS_MAX).contains(&section), "section", "must be 1 to 100");
        let name = check.line("name", &request.name, 100);
        check.require(!request.rows.is_empty(), "rows", "must be at least 1");
        check.finish()?;
        let key = SeatSectionKey { event_id, section };
        let rows = drawn(&request.rows, key)?;
        let command = Draw { actor: actor.clone(), key, name: Some(name), rows };
        let drawn = self.engine.executor.decide(command).await?;
        drawn.as_ref().map(SectionView::from).ok_or_else(no_section)
    }

    /// Takes a section out of the map, if none of its seats is taken. For the event's organizer.
    ///
    /// # Errors
    /// As [`SeatMaps::put`], and `section_not_found`, `seat_taken` (with `row`).
    pub async fn delete_section(&self, actor: &Actor, event_id: EventId, section: u16) -> Result<(), Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        let key = SeatSectionKey { event_id, section };
        let command = Draw { actor: actor.clone(), key, name: None, rows: Vec::new() };
        self.engine.executor.decide(command).await.map(drop)
    }
}

struct PutMap {
    actor: Actor,
    event_id: EventId,
    request: PutSeatMap,
}

impl Command for PutMap {
    type Reply = ();
    const NAME: &'static str = "put_seat_map";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::SeatMap(self.event_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let event = event::find(work, self.event_id)?;
        event::require_manager(work, &self.actor, &event)?;
        event.state.require_editable()?;
        let before = work.find::<SeatMap>(&self.event_id)?;
        let before = before.map_or_else(|| SeatMap::new(self.event_id), |map| (*map).clone());
        work.put(SeatMap { no_single_gaps: self.request.no_single_gaps, ..before });
        let act = audit::Act::new("seat_map.updated", "seat_map", self.event_id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

/// Draws a section, or deletes it when it has no name.
struct Draw {
    actor: Actor,
    key: SeatSectionKey,
    name: Option<String>,
    rows: Vec<SeatRow>,
}

impl Command for Draw {
    type Reply = Option<SeatSection>;
    const NAME: &'static str = "draw_section";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.key.event_id)
    }

    fn weight(&self) -> u32 {
        u32::try_from(SeatSection::ROWS_MAX).unwrap_or(u32::MAX)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let event_id = self.key.event_id;
        keys.extend([Key::Event(event_id), Key::Inventory(event_id)]);
        keys.extend([Key::SeatMap(event_id), Key::SeatSection(self.key)]);
        keys.extend(self.rows.iter().map(|row| Key::SeatRow(row.key)));
        keys.extend(self.types().map(Key::TicketType));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Self::Reply> {
        let event = event::find(work, self.key.event_id)?;
        event::require_manager(work, &self.actor, &event)?;
        event.state.require_editable()?;
        let before = work.find::<SeatSection>(&self.key)?;
        if before.is_none() && self.name.is_none() {
            return Err(no_section().into());
        }
        let rows_before = rows_of(work, before.as_deref())?;
        let rows = self.merged(&rows_before)?;
        self.resize_types(work, &rows_before, &rows)?;
        for row in rows_before.iter().skip(rows.len()) {
            work.delete::<SeatRow>(&row.key);
        }
        let drawn = self.name.clone().map(|name| {
            let rows = rows.iter().map(SeatRow::summary).collect();
            SeatSection { key: self.key, name, rows }
        });
        self.put_section(work, &rows_before, &rows, drawn.as_ref())?;
        rows.into_iter().for_each(|row| work.put(row));
        waitlist::wake(work, cx, self.key.event_id)?;
        let action = if drawn.is_some() { "seat_map.section_drawn" } else { "seat_map.section_deleted" };
        let subject = format!("{}/{}", self.key.event_id, self.key.section);
        let act = audit::Act::new(action, "section", subject).of_event(self.key.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(drawn)
    }
}

/// The rows that a section has now.
pub(super) fn rows_of(work: &mut Work, section: Option<&SeatSection>) -> Decision<Vec<Arc<SeatRow>>> {
    let Some(section) = section else {
        return Ok(Vec::new());
    };
    let key = |row| SeatRowKey { event_id: section.key.event_id, section: section.key.section, row };
    let keys: Vec<SeatRowKey> = section.rows.iter().zip(1u16..).map(|(_, row)| key(row)).collect();
    work.need(keys.iter().copied().map(Key::SeatRow))?;
    let mut rows = Vec::with_capacity(keys.len());
    for key in keys {
        rows.extend(work.find::<SeatRow>(&key)?);
    }
    Ok(rows)
}

impl Draw {
    fn types(&self) -> impl Iterator<Item = TicketTypeId> + '_ {
        self.rows.iter().flat_map(|row| row.blocks.iter().map(|block| block.ticket_type_id))
    }

    /// The new rows, with what is taken of the old ones.
    ///
    /// # Errors
    /// `seat_taken`.
    fn merged(&self, before: &[Arc<SeatRow>]) -> Result<Vec<SeatRow>, Error> {
        let mut rows = self.rows.clone();
        for (nth, old) in before.iter().enumerate() {
            let taken = old.seats().filter(|(_, _, status)| status.is_taken());
            let taken: Vec<(u16, SeatStatus)> = taken.map(|(number, _, status)| (number, status)).collect();
            if taken.is_empty() {
                continue;
            }
            let sentence = format!("Seats of row {} are taken; it stays as it is drawn.", old.label);
            let refused = || Error::new(Reason::SeatTaken, sentence.clone()).with("row", old.key.row);
            let new = rows.get_mut(nth).filter(|new| new.is_laid_out_as(old)).ok_or_else(refused)?;
            for (number, status) in taken {
                if new.seat(number).is_some_and(|(_, new)| new == SeatStatus::Blocked) {
                    return Err(refused().with("number", number));
                }
                new.set(number, status);
            }
        }
        Ok(rows)
    }

    /// The seats of a type are its quantity.
    fn resize_types(&self, work: &mut Work, before: &[Arc<SeatRow>], after: &[SeatRow]) -> Decision<()> {
        let old = for_sale(before.iter().map(|row| &**row));
        let new = for_sale(after.iter());
        let all: BTreeSet<TicketTypeId> = old.keys().chain(new.keys()).copied().collect();
        work.need(all.iter().copied().map(Key::TicketType))?;
        let count = |counts: &BTreeMap<TicketTypeId, u32>, id| counts.get(&id).copied().unwrap_or(0);
        for id in all {
            let found = ticket_type::find(work, self.key.event_id, id)?;
            let mut seats = found.seats;
            let others = if found.seated { seats.quantity.saturating_sub(count(&old, id)) } else { 0 };
            let quantity = others.saturating_add(count(&new, id));
            if quantity > Seats::QUANTITY_MAX {
                let error = Error::invalid("rows", "must not make more than 1000000 seats of a ticket type");
                return Err(error.with("ticket_type_id", id).into());
            }
            if !found.seated && seats.sold.saturating_add(seats.held) > 0 {
                let sentence = "Tickets of this type were sold or held without a seat.";
                let error = Error::new(Reason::QuantityBelowSold, sentence).with("ticket_type_id", id);
                return Err(error.with("sold", seats.sold).with("held", seats.held).into());
            }
            seats.resize(quantity)?;
            work.put(TicketType { seats, seated: true, ..(*found).clone() });
        }
        Ok(())
    }

    fn put_section(
        &self,
        work: &mut Work,
        before: &[Arc<SeatRow>],
        after: &[SeatRow],
        drawn: Option<&SeatSection>,
    ) -> Decision<()> {
        let event_id = self.key.event_id;
        let map = work.find::<SeatMap>(&event_id)?;
        let mut map = map.map_or_else(|| SeatMap::new(event_id), |map| (*map).clone());
        let count = |seats: usize| u32::try_from(seats).unwrap_or(u32::MAX);
        let old = count(before.iter().map(|row| row.seats().count()).sum());
        let new = count(after.iter().map(|row| row.seats().count()).sum());
        map.seats = map.seats.saturating_sub(old).saturating_add(new);
        if map.seats > SeatMap::SEATS_MAX {
            let words = format!("must not make more than {} seats of the map", SeatMap::SEATS_MAX);
            return Err(Error::invalid("rows", words).into());
        }
        map.sections.retain(|section| section.section != self.key.section);
        match drawn {
            Some(section) => {
                let at = map.sections.partition_point(|other| other.section < self.key.section);
                map.sections.insert(at, section.summary());
                work.put(section.clone());
            }
            None => work.delete::<SeatSection>(&self.key),
        }
        work.put(map);
        Ok(())
    }
}
