//! What a store holds, in the oracle's words.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::oracle::{Booking, Event, State, Ticket, TicketState, TicketType};
use super::outside::Outside;
use super::snapshot::Snapshot;
use crate::account::User;
use crate::booking::{self, BookingState};
use crate::command::IdempotentReply;
use crate::event;
use crate::id::{BookingId, TicketId, UserId};
use crate::job::{Job, JobWork};
use crate::notification::{FactName, Notification, Preferences};
use crate::store::{EmailKey, IdempotencyHash, Kind};
use crate::ticket;
use crate::ticket_type::{self, Inventory};
use crate::time::Timestamp;

/// The kinds of records that the oracle speaks of.
pub(super) const KINDS: &[Kind] = &[
    Kind::User,
    Kind::Event,
    Kind::Inventory,
    Kind::TicketType,
    Kind::Booking,
    Kind::Ticket,
    Kind::Notification,
    Kind::Preferences,
    Kind::Job,
];

/// The store's content as the oracle sees it, and what left it.
pub(super) fn state_of(all: &Snapshot, outside: &Outside) -> State {
    let capacities: BTreeMap<_, _> = all.of::<Inventory>().map(|i| (i.event_id, i.capacity)).collect();
    let tickets: BTreeMap<TicketId, &ticket::Ticket> =
        all.of::<ticket::Ticket>().map(|t| (t.id, &**t)).collect();
    let told = all.of::<Notification>().filter(|n| n.fact == FactName::EventCancelled);
    State {
        events: all
            .of::<event::Event>()
            .map(|e| (e.id, event_of(e, capacities.get(&e.id).copied().flatten())))
            .collect(),
        types: all.of::<ticket_type::TicketType>().map(|t| (t.id, type_of(t))).collect(),
        bookings: all.of::<booking::Booking>().map(|b| (b.id, Arc::new(booking_of(b, &tickets)))).collect(),
        off: all.of::<Preferences>().map(|p| (p.user_id, p.off.clone())).collect(),
        emails: all.of::<User>().map(|u| EmailKey::new(&u.email).as_str().to_owned()).collect(),
        told: told.filter_map(|n| Some((n.user_id, n.event_id?))).collect(),
        notices: notices_of(all, outside),
    }
}

/// The facts that the oracle tells of.
const TOLD: [FactName; 4] = [
    FactName::TicketPurchased,
    FactName::TicketCheckin,
    FactName::EventCancelled,
    FactName::BookingCancelled,
];

fn notices_of(all: &Snapshot, outside: &Outside) -> BTreeMap<(UserId, FactName), [u32; 3]> {
    let mut notices: BTreeMap<_, [u32; 3]> = BTreeMap::new();
    for note in all.of::<Notification>().filter(|n| TOLD.contains(&n.fact)) {
        notices.entry((note.user_id, note.fact)).or_default()[usize::from(!note.shown)] += 1;
    }
    // What waits to go out, and what has gone.
    let mut messages = outside.seen().messages.clone();
    for job in all.of::<Job>() {
        if let JobWork::Deliver { channel, user_id, message, .. } = &job.work {
            let keys = messages.entry((*user_id, *channel, message.fact)).or_default();
            keys.insert(message.dedupe_key.clone());
        }
    }
    for ((user_id, _, fact), keys) in messages.into_iter().filter(|((_, _, fact), _)| TOLD.contains(fact)) {
        notices.entry((user_id, fact)).or_default()[2] += u32::try_from(keys.len()).unwrap_or(u32::MAX);
    }
    notices
}

fn event_of(event: &event::Event, capacity: Option<u32>) -> Event {
    Event {
        status: event.state.status(),
        capacity,
        starts_at: event.starts_at.unwrap_or(Timestamp::MIN),
        ends_at: event.ends_at.unwrap_or(Timestamp::MAX),
        venue: event.venue.clone().unwrap_or_default(),
    }
}

fn type_of(of: &ticket_type::TicketType) -> TicketType {
    TicketType {
        event: of.event_id,
        quantity: of.seats.quantity,
        price: of.price.amount_minor,
        per_person_max: of.per_person_max,
    }
}

fn booking_of(booking: &booking::Booking, tickets: &BTreeMap<TicketId, &ticket::Ticket>) -> Booking {
    let found = booking.tickets.iter().filter_map(|id| tickets.get(id));
    Booking {
        event: booking.event_id,
        user: booking.user_id,
        lines: booking.lines.iter().map(|line| (line.ticket_type_id, line.quantity)).collect(),
        total: booking.total.amount_minor,
        status: booking.state.status(),
        deadline: match booking.state {
            BookingState::Held { expires_at } => Some(expires_at),
            _ => None,
        },
        tickets: found.map(|t| Ticket { of: t.ticket_type_id, state: state_of_ticket(&t.state) }).collect(),
    }
}

fn state_of_ticket(state: &ticket::TicketState) -> TicketState {
    match state {
        ticket::TicketState::Active => TicketState::Active,
        ticket::TicketState::Used(check_in) | ticket::TicketState::Left { check_in, .. } => {
            TicketState::Used { scan: check_in.scan_id.clone() }
        }
        ticket::TicketState::Cancelled { .. } => TicketState::Cancelled,
    }
}

/// The keys that the store holds an answer to, and until when.
pub(super) fn replies_of(all: &Snapshot) -> BTreeMap<IdempotencyHash, Timestamp> {
    all.of::<IdempotentReply>().map(|reply| (reply.hash, reply.forget_at)).collect()
}

/// The codes that people type, by booking and place in it.
pub(super) fn codes_of(all: &Snapshot) -> BTreeMap<(BookingId, usize), String> {
    let codes: BTreeMap<TicketId, String> =
        all.of::<ticket::Ticket>().map(|t| (t.id, t.short_code.to_string())).collect();
    let places = all
        .of::<booking::Booking>()
        .flat_map(|b| b.tickets.iter().enumerate().map(|(nth, id)| ((b.id, nth), id)));
    places.filter_map(|(place, id)| Some((place, codes.get(id)?.clone()))).collect()
}
