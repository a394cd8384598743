//! What came of one event.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Stats;
use super::curve::{Curve, CurveRequest};
use super::model::{EventDay, EventTally, Takings, TypeTally, add_takings};
use super::view::{EventStats, TakingsView, TypeStats, no_show_rate};
use crate::actor::Actor;
use crate::error::Error;
use crate::event::{Event, EventState, event_not_found};
use crate::eventify::of_kind;
use crate::id::{EventId, TicketTypeId};
use crate::page::PageRequest;
use crate::scope::Scope;
use crate::store::{EventDayKey, Index, Key};
use crate::ticket_type::{Inventory, TicketType};
use crate::time::Timestamp;
use crate::waitlist;

impl Stats<'_> {
    /// What came of an event so far, in all, by ticket type, and by hours or days. For its organizer, those who manage
    /// it, and admins. All numbers are of one state of the store.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `invalid_value` (`from`).
    pub async fn of_event(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: &CurveRequest,
    ) -> Result<EventStats, Error> {
        let actor = &*actor.within(Scope::EventsRead)?;
        let event = self.engine.load::<Event>(&event_id).await?.ok_or_else(event_not_found)?;
        self.engine.require_manager(actor, &event).await?;
        let now = self.engine.core().clock.now();
        let mut curve = Curve::new(request, event.time_zone.to_jiff(), event.created_at, now)?;
        // An event has fewer ticket types than a page has entries.
        let page = PageRequest::first(100);
        let index = Index::TicketTypesOfEvent(event_id);
        let types = self.engine.list::<TicketType>(index, false, &page).await?.data;
        let days = curve.days().map(|day| Key::EventDay(EventDayKey { event_id, day }));
        let own = [Key::Event(event_id), Key::Inventory(event_id), Key::EventTally(event_id)];
        let keys = own.into_iter().chain(types.iter().map(|of| Key::TicketType(of.id)));
        let loaded = self.engine.load_all(keys.chain(days)).await?;
        let event = of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?;
        let inventory = of_kind::<Inventory>(&loaded).next().ok_or_else(event_not_found)?;
        let tally = of_kind::<EventTally>(&loaded).next();
        for day in of_kind::<EventDay>(&loaded) {
            curve.add(day.key.day, &day.quarters);
        }
        if let Some(newest) = tally {
            curve.add(newest.day, &newest.quarters);
        }
        let known: BTreeMap<TicketTypeId, &Arc<TicketType>> =
            of_kind::<TicketType>(&loaded).map(|of| (of.id, of)).collect();
        let types: Vec<&Arc<TicketType>> = types.iter().filter_map(|of| known.get(&of.id).copied()).collect();
        let is_over = is_over(event, now);
        let (types, available) = by_type(inventory, tally.map(|tally| &**tally), &types, now, is_over);
        let all = sum(tally.into_iter().flat_map(|tally| tally.types.values()));
        Ok(EventStats {
            event_id,
            status: event.state.status(),
            as_of: now,
            capacity: inventory.capacity,
            sold: inventory.sold,
            held: inventory.held,
            available,
            checked_in: all.checked_in,
            inside: all.inside,
            no_show_rate: no_show_rate(inventory.sold.into(), all.checked_in.into()).filter(|_| is_over),
            takings: views(&all.takings),
            types,
            time_zone: event.time_zone.clone(),
            bucket: request.bucket,
            curve: curve.points(),
        })
    }
}

/// What came of each type, and how many of all can be booked now.
pub(super) fn by_type(
    inventory: &Inventory,
    tally: Option<&EventTally>,
    types: &[&Arc<TicketType>],
    now: Timestamp,
    is_over: bool,
) -> (Vec<TypeStats>, u32) {
    let left = waitlist::entitled_beside(inventory, types.iter().map(|of| &***of), now);
    let of_type = |of: &&Arc<TicketType>| {
        let counted = tally.and_then(|tally| tally.types.get(&of.id));
        type_stats(of, left, &counted.cloned().unwrap_or_default(), is_over)
    };
    let types: Vec<TypeStats> = types.iter().map(of_type).collect();
    let to_be_had = types.iter().map(|of| of.available).fold(0, u32::saturating_add);
    (types, to_be_had.min(left))
}

/// Whether it is over, and took place.
pub(super) fn is_over(event: &Event, now: Timestamp) -> bool {
    let ended = event.ends_at.is_some_and(|end| end <= now);
    ended && matches!(event.state, EventState::Published { .. } | EventState::Completed { .. })
}

/// What came of several types together.
pub(super) fn sum<'t>(types: impl Iterator<Item = &'t TypeTally>) -> TypeTally {
    types.fold(TypeTally::default(), |mut sum, of| {
        sum.checked_in = sum.checked_in.saturating_add(of.checked_in);
        sum.inside = sum.inside.saturating_add(of.inside);
        add_takings(&mut sum.takings, &of.takings);
        sum
    })
}

pub(super) fn views(takings: &[Takings]) -> Vec<TakingsView> {
    takings.iter().map(TakingsView::from).collect()
}

fn type_stats(of: &TicketType, left: u32, counted: &TypeTally, is_over: bool) -> TypeStats {
    TypeStats {
        ticket_type_id: of.id,
        name: of.name.clone(),
        quantity: of.seats.quantity,
        sold: of.seats.sold,
        held: of.seats.held,
        available: of.to_be_had().min(left),
        checked_in: counted.checked_in,
        inside: counted.inside,
        no_show_rate: no_show_rate(of.seats.sold.into(), counted.checked_in.into()).filter(|_| is_over),
        takings: views(&counted.takings),
    }
}
