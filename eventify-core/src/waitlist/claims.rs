//! What those who wait are entitled to: how much can ever be theirs, and what of an event's capacity is the lists'.

use std::sync::Arc;

use super::model::{Waitlist, WaitlistEntry};
use crate::context::Context;
use crate::error::Error;
use crate::event::event_not_found;
use crate::eventify::{Engine, of_kind};
use crate::id::{EventId, TicketTypeId};
use crate::seat_map::SeatMap;
use crate::store::{Key, WaitlistKey};
use crate::ticket_type::{Inventory, TicketType};
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// How many of a type can ever be offered together to one person, whatever comes back.
pub(super) fn most_together(work: &mut Work, of: &TicketType) -> Decision<u32> {
    let inventory = work.find::<Inventory>(&of.event_id)?.ok_or_else(event_not_found)?;
    let most = of.seats.quantity.min(inventory.capacity.unwrap_or(u32::MAX));
    if !of.seated {
        return Ok(most);
    }
    let map = work.find::<SeatMap>(&of.event_id)?;
    Ok(most.min(map.map_or(0, |map| map.together_max(of.id))))
}

/// What of an event's capacity newcomers leave to its lists: while people wait for a type, what is free of it is theirs,
/// and the capacity that it takes.
pub(crate) fn owed(work: &mut Work, cx: &Context<'_>, inventory: &Inventory) -> Decision<u32> {
    if inventory.capacity.is_none() {
        return Ok(0);
    }
    work.need(inventory.waiting.iter().copied().map(Key::TicketType))?;
    let mut owed = 0u32;
    for id in &inventory.waiting {
        owed = owed.saturating_add(work.find::<TicketType>(id)?.map_or(0, |of| claimed(&of, cx.now)));
    }
    Ok(owed)
}

/// How many tickets of all types together somebody who has not waited can book.
///
/// # Errors
/// Those of the store.
pub(crate) async fn entitled(engine: &Engine, inventory: &Inventory) -> Result<u32, Error> {
    let free = inventory.available();
    if inventory.capacity.is_none() || inventory.waiting.is_empty() {
        return Ok(free);
    }
    let loaded = engine.load_all(inventory.waiting.iter().copied().map(Key::TicketType)).await?;
    let waited_for = of_kind::<TicketType>(&loaded).map(|of| &**of);
    Ok(entitled_beside(inventory, waited_for, engine.core().clock.now()))
}

/// The same, of ticket types that are loaded already.
pub(crate) fn entitled_beside<'t>(
    inventory: &Inventory,
    types: impl Iterator<Item = &'t TicketType>,
    now: Timestamp,
) -> u32 {
    let free = inventory.available();
    if inventory.capacity.is_none() {
        return free;
    }
    let owed = types.filter(|of| inventory.waiting.contains(&of.id)).map(|of| claimed(of, now));
    free.saturating_sub(owed.fold(0, u32::saturating_add))
}

/// What those who wait for a type claim: what is free of it, until its sales are over and nothing is offered any more.
fn claimed(of: &TicketType, now: Timestamp) -> u32 {
    if of.sales_end.is_some_and(|end| now >= end) { 0 } else { of.seats.available() }
}

/// The other lists of an event whose capacity they share.
#[derive(Debug, Default)]
pub(super) struct Rivals {
    pub(super) types: Vec<TicketTypeId>,
    heads: Vec<(Timestamp, TicketTypeId, u32)>,
}

impl Rivals {
    /// What [`Rivals::find`] reads first.
    pub(super) fn need(work: &mut Work, event_id: EventId, own: TicketTypeId) -> Decision<()> {
        let types = Self::types(work, event_id, own)?;
        let keys = |id| [Key::TicketType(id), Key::Waitlist(id), Key::Job(super::serving_job(id))];
        work.need(types.into_iter().flat_map(keys))
    }

    fn types(work: &mut Work, event_id: EventId, own: TicketTypeId) -> Decision<Vec<TicketTypeId>> {
        let inventory = work.find::<Inventory>(&event_id)?.ok_or_else(event_not_found)?;
        let others =
            inventory.waiting.iter().copied().filter(|id| *id != own && inventory.capacity.is_some());
        Ok(others.collect())
    }

    /// The others, with who waits longest for each.
    pub(super) fn find(
        work: &mut Work,
        cx: &Context<'_>,
        event_id: EventId,
        own: TicketTypeId,
    ) -> Decision<Self> {
        Self::need(work, event_id, own)?;
        let types = Self::types(work, event_id, own)?;
        let mut firsts = Vec::new();
        for id in &types {
            if let Some(list) = work.find::<Waitlist>(id)? {
                firsts.push(WaitlistKey { ticket_type_id: *id, number: list.head });
            }
        }
        work.need(firsts.iter().copied().map(Key::WaitlistEntry))?;
        let mut heads = Vec::new();
        for key in firsts {
            // Whoever left was the first. Who is it now the list finds out by itself, and wakes the others then: until it
            // has, nobody passes it.
            let first: Option<Arc<WaitlistEntry>> = work.find::<WaitlistEntry>(&key)?;
            let since = first.map_or(Timestamp::MIN, |first| first.joined_at);
            if let Some(of) = work.find::<TicketType>(&key.ticket_type_id)? {
                heads.push((since, of.id, claimed(&of, cx.now)));
            }
        }
        Ok(Self { types, heads })
    }

    /// What of the capacity is owed to lists whose first waits longer than this one.
    pub(super) fn owed_before(&self, entry: &WaitlistEntry) -> u32 {
        let own = (entry.joined_at, entry.key.ticket_type_id);
        let longer = self.heads.iter().filter(|(at, id, _)| (*at, *id) < own);
        longer.map(|(_, _, free)| *free).fold(0, u32::saturating_add)
    }
}
