//! Offering what is free to those who wait: in order, some of them at a time.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::claims::{Rivals, most_together};
use super::model::{Waitlist, WaitlistEntry};
use super::{remove, wake_these};
use crate::booking::{self, Booking, check_sales};
use crate::context::Context;
use crate::error::Reason;
use crate::event;
use crate::event::{Event, EventState, event_not_found};
use crate::id::{EventId, TicketTypeId};
use crate::notification::{self, FactName, Notice, Words};
use crate::seat_map;
use crate::store::{AllowanceKey, Key, WaitlistKey};
use crate::ticket_type::{self, Inventory, TicketType};
use crate::time::Timestamp;
use crate::work::{Decision, Halt, Work};

/// Numbers that one decision looks at.
const STEP_NUMBERS_MAX: u32 = 50;
/// Offers that one decision makes.
const STEP_OFFERS_MAX: u32 = 20;

/// What is left to do for a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing, until something comes back.
    Nothing,
    /// Look at those behind this number, from this instant on.
    Behind(u32, Timestamp),
}

/// What [`serve`] surely reads.
pub(crate) fn reads_of_serving(event_id: EventId, id: TicketTypeId) -> [Key; 5] {
    let of_event = Key::Event(event_id);
    [of_event, Key::Inventory(event_id), Key::SeatMap(event_id), Key::TicketType(id), Key::Waitlist(id)]
}

/// How it went with one of those who wait.
enum Met {
    Offered,
    /// They may have no more; or the event is over.
    Dropped,
    TooLittle,
}

/// Offers what is free to the next of those who wait behind a number.
pub(crate) fn serve(
    work: &mut Work,
    cx: &Context<'_>,
    event_id: EventId,
    id: TicketTypeId,
    after: u32,
) -> Decision<Rest> {
    work.need(reads_of_serving(event_id, id))?;
    let (Some(event), Some(list)) = (work.find::<Event>(&event_id)?, work.find::<Waitlist>(&id)?) else {
        return Ok(Rest::Nothing);
    };
    let first = list.head.max(after.saturating_add(1));
    let end = list.tail.min(first.saturating_add(STEP_NUMBERS_MAX));
    let entries = entries(work, event_id, id, first..end)?;
    let rivals = Rivals::find(work, cx, event_id, id)?;
    let on_sale = event.state.require_published().is_ok();
    if on_sale {
        let of = ticket_type::find(work, event_id, id)?;
        prepare_seats(work, &of, &entries)?;
        match check_sales(&event, &of, cx) {
            Err(error) if error.reason() == Reason::SalesNotStarted => {
                return Ok(Rest::Behind(0, of.sales_start.unwrap_or(cx.now)));
            }
            Err(_) => return Ok(Rest::Nothing),
            Ok(()) => {}
        }
    }
    let (mut offers, mut gone, mut stopped) = (0, 0, None);
    for (number, entry) in &entries {
        let Some(entry) = entry else { continue };
        let met = if on_sale {
            meet(work, cx, &event, entry, &rivals)?
        } else {
            drop_one(work, cx, &event, entry, &Words::WaitlistEndedCancelled { event: event.title.clone() })?
        };
        match met {
            Met::Offered => offers += 1,
            Met::Dropped => gone += 1,
            Met::TooLittle if ticket_type::find(work, event_id, id)?.waitlist_skips => {}
            Met::TooLittle => {
                stopped = Some(*number);
                break;
            }
        }
        if offers == STEP_OFFERS_MAX {
            break;
        }
    }
    let seen = entries.last().map_or(first, |(number, _)| number.saturating_add(1));
    if move_head(work, &list, first, seen)? || offers + gone > 0 {
        // What this list does not need any more may be another's.
        wake_these(work, cx, event_id, &rivals.types)?;
    }
    let room = room(work, event_id, id)?;
    let more = stopped.is_none() && (end < list.tail || offers == STEP_OFFERS_MAX) && (room > 0 || !on_sale);
    // Whoever was passed is not looked at again; whoever was offered something is gone.
    let behind = if offers == STEP_OFFERS_MAX { after } else { end.saturating_sub(1) };
    Ok(if more { Rest::Behind(behind, cx.now) } else { Rest::Nothing })
}

type Numbered = Vec<(u32, Option<Arc<WaitlistEntry>>)>;

/// Those who wait with these numbers, and everything that an offer to them reads but seats.
fn entries(
    work: &mut Work,
    event_id: EventId,
    id: TicketTypeId,
    numbers: std::ops::Range<u32>,
) -> Decision<Numbered> {
    let key = |number| WaitlistKey { ticket_type_id: id, number };
    let rivals = Rivals::need(work, event_id, id);
    work.need(numbers.clone().map(|number| Key::WaitlistEntry(key(number))))?;
    rivals?;
    let mut found = Vec::new();
    for number in numbers {
        found.push((number, work.find::<WaitlistEntry>(&key(number))?));
    }
    let people = found.iter().filter_map(|(_, entry)| entry.as_ref()).map(|entry| entry.user_id);
    let person = |user_id| AllowanceKey { ticket_type_id: id, user_id };
    let keys = people.flat_map(|user_id| {
        let own = [Key::Allowance(person(user_id)), Key::WaitlistPlace(person(user_id))];
        own.into_iter().chain([notification::reads(user_id)])
    });
    work.need(keys)?;
    Ok(found)
}

/// Loads what offers of seats to these read, for all of them together.
fn prepare_seats(work: &mut Work, of: &TicketType, entries: &Numbered) -> Decision<()> {
    if !of.seated {
        return Ok(());
    }
    let free = of.seats.available();
    let fitting = entries.iter().filter_map(|(_, entry)| entry.as_ref()).filter(|e| e.quantity <= free);
    let choice = |e: &Arc<WaitlistEntry>| booking::offered_seats(of, e.quantity);
    let offers = usize::try_from(STEP_OFFERS_MAX).unwrap_or(usize::MAX);
    let fitting: Vec<_> = fitting.map(choice).collect();
    seat_map::prepare(work, of.event_id, &fitting, offers)
}

/// The list begins where somebody waits. Answers whether that is somewhere else now.
fn move_head(work: &mut Work, list: &Waitlist, first: u32, seen: u32) -> Decision<bool> {
    let mut head = list.head;
    if first > head {
        return Ok(false);
    }
    while head < seen.min(list.tail) {
        let key = WaitlistKey { ticket_type_id: list.ticket_type_id, number: head };
        if work.find::<WaitlistEntry>(&key)?.is_some() {
            break;
        }
        head += 1;
    }
    if head != list.head {
        work.put(Waitlist { head, ..list.clone() });
    }
    Ok(head != list.head)
}

fn room(work: &mut Work, event_id: EventId, id: TicketTypeId) -> Decision<u32> {
    let inventory = work.find::<Inventory>(&event_id)?.ok_or_else(event_not_found)?;
    let of = work.find::<TicketType>(&id)?.ok_or_else(ticket_type::not_found)?;
    Ok(of.seats.available().min(inventory.available()))
}

/// Takes somebody off the list, and tells them why – but for an event that is simply over.
fn drop_one(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    entry: &WaitlistEntry,
    why: &Words,
) -> Decision<Met> {
    remove(work, entry)?;
    if matches!(event.state, EventState::Completed { .. }) {
        return Ok(Met::Dropped);
    }
    let of = entry.key.ticket_type_id;
    let id = notification::fact_id(FactName::WaitlistEnded, of.uuid(), u64::from(entry.key.number));
    let data = json!({ "ticket_type_id": of, "user_id": entry.user_id });
    let fact = notification::fact(cx, FactName::WaitlistEnded, id, Some(event.id), &data);
    notification::publish(work, cx, &fact);
    notification::tell(work, cx, &fact, &Notice::new(entry.user_id, why))?;
    Ok(Met::Dropped)
}

/// Offers somebody what they wait for, if it is there.
fn meet(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    entry: &WaitlistEntry,
    rivals: &Rivals,
) -> Decision<Met> {
    let id = entry.key.ticket_type_id;
    let of = ticket_type::find(work, event.id, id)?;
    let most = most_together(work, &of)?.min(of.per_person_max.unwrap_or(u32::MAX));
    if entry.quantity > most {
        // Nobody else waits for what never comes.
        let wanted = entry.quantity;
        let why = Words::WaitlistEndedTooMany { event: event.title.clone(), wanted, most };
        return drop_one(work, cx, event, entry, &why);
    }
    let inventory = work.find::<Inventory>(&event.id)?.ok_or_else(event_not_found)?;
    let shared = inventory.available().saturating_sub(rivals.owed_before(entry));
    if entry.quantity > of.seats.available().min(shared) {
        return Ok(Met::TooLittle);
    }
    let expires_at = deadline(cx, event);
    let offered = booking::offer(work, cx, event, (entry.user_id, id, entry.quantity), expires_at);
    match offered {
        Ok(booking) => {
            remove(work, entry)?;
            tell(work, cx, event, &booking, expires_at)?;
            Ok(Met::Offered)
        }
        // They bought elsewhere meanwhile as many as they may have.
        Err(Halt::Rejected(error)) if error.reason() == Reason::PerPersonLimit => {
            let why = Words::WaitlistEndedHasEnough { event: event.title.clone() };
            drop_one(work, cx, event, entry, &why)
        }
        Err(Halt::Rejected(error)) if error.reason() == Reason::SeatsNotTogether => Ok(Met::TooLittle),
        Err(halt) => Err(halt),
    }
}

/// A day, or near the start a quarter of what is left until then; never less than an ordinary hold.
fn deadline(cx: &Context<'_>, event: &Event) -> Timestamp {
    let left = event.starts_at.map_or(Duration::MAX, |start| start.since(cx.now));
    cx.now.plus((left / 4).min(cx.settings.waitlist_offer_for).max(cx.settings.hold_for))
}

fn tell(
    work: &mut Work,
    cx: &Context<'_>,
    event: &Event,
    booking: &Booking,
    expires_at: Timestamp,
) -> Decision<()> {
    let id = notification::fact_id(FactName::WaitlistOffered, booking.id.uuid(), 0);
    let data = json!({ "booking_id": booking.id, "expires_at": expires_at });
    let fact = notification::fact(cx, FactName::WaitlistOffered, id, Some(event.id), &data);
    notification::publish(work, cx, &fact);
    let words = Words::WaitlistOffered {
        event: event.title.clone(),
        tickets: booking.seats(),
        until: event::moment(event, Some(expires_at)),
    };
    notification::tell(work, cx, &fact, &Notice::new(booking.user_id, &words)).map(drop)
}
