//! What a store holds, in the oracle's words.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::oracle::{
    self, Booking, Event, Pass, Place, Promo, State, Terms, Ticket, TicketType, Transfer, USERS, Waiting,
};
use super::outside::Outside;
use super::snapshot::Snapshot;
use crate::account::User;
use crate::booking::{self, BookingState};
use crate::command::IdempotentReply;
use crate::event::{self, CancellationPolicy, RefundStep};
use crate::id::{BookingId, EventId, PromoCodeId, TicketId, TicketTypeId, UserId};
use crate::job::{Job, JobWork};
use crate::keyring::Keyring;
use crate::lead_time::LeadTime;
use crate::notification::{FactName, Notification, Preferences};
use crate::promo_code::{Discount, PromoCode};
use crate::seat_map::SeatMap;
use crate::staff::Staff;
use crate::store::{EmailKey, IdempotencyHash, Kind};
use crate::ticket::{self, Direction, Passages, ShortCodeClaim};
use crate::ticket_type::{self, Inventory, ReEntry};
use crate::time::Timestamp;
use crate::transfer::{self, TransferState, hash_of};
use crate::waitlist::WaitlistEntry;

/// The kinds of records that the oracle speaks of.
pub(super) const KINDS: &[Kind] = &[
    Kind::Keyring,
    Kind::User,
    Kind::Event,
    Kind::Staff,
    Kind::Inventory,
    Kind::TicketType,
    Kind::PromoCode,
    Kind::SeatMap,
    Kind::Booking,
    Kind::Ticket,
    Kind::Passages,
    Kind::Transfer,
    Kind::WaitlistEntry,
    Kind::Notification,
    Kind::Preferences,
    Kind::Job,
];

/// The store's content as the oracle sees it, and what left it.
pub(super) fn state_of(all: &Snapshot, outside: &Outside) -> State {
    let told = all.of::<Notification>().filter(|n| n.fact == FactName::EventCancelled);
    let named: BTreeMap<PromoCodeId, String> = all.of::<PromoCode>().map(|p| (p.id, text_of(p))).collect();
    State {
        events: events_of(all),
        types: all.of::<ticket_type::TicketType>().map(|t| (t.id, type_of(t))).collect(),
        promos: all.of::<PromoCode>().map(|p| ((p.event_id, text_of(p)), promo_of(p))).collect(),
        bookings: bookings_of(all, &named),
        lines: lines_of(all),
        transfers: transfers_of(all),
        off: all.of::<Preferences>().map(|p| (p.user_id, p.off.clone())).collect(),
        emails: all.of::<User>().map(|u| EmailKey::new(&u.email).as_str().to_owned()).collect(),
        told: told.filter_map(|n| Some((n.user_id, n.event_id?))).collect(),
        notices: notices_of(all, outside),
    }
}

fn events_of(all: &Snapshot) -> BTreeMap<EventId, Event> {
    let capacities: BTreeMap<_, _> = all.of::<Inventory>().map(|i| (i.event_id, i.capacity)).collect();
    let no_gaps: BTreeMap<_, _> = all.of::<SeatMap>().map(|m| (m.event_id, m.no_single_gaps)).collect();
    let staff: BTreeMap<_, _> = all.of::<Staff>().map(|s| (s.event_id, s)).collect();
    let event_of = |event: &event::Event| Event {
        status: event.state.status(),
        capacity: capacities.get(&event.id).copied().flatten(),
        starts_at: event.starts_at.unwrap_or(Timestamp::MIN),
        ends_at: event.ends_at.unwrap_or(Timestamp::MAX),
        venue: event.venue.clone().unwrap_or_default(),
        no_single_gaps: no_gaps.get(&event.id).copied().unwrap_or_default(),
        terms: terms_of(&event.cancellation, event),
        staff: staff.get(&event.id).iter().flat_map(|s| s.grants.iter().map(|g| g.user_id)).collect(),
    };
    all.of::<event::Event>().map(|event| (event.id, event_of(event))).collect()
}

fn terms_of(policy: &CancellationPolicy, event: &event::Event) -> Terms {
    let start = event.starts_at.unwrap_or(Timestamp::MIN);
    let before = |time: LeadTime| start.since(time.before(start, &event.time_zone));
    let step = |step: &RefundStep| (before(step.until), step.percent);
    Terms { until: policy.until.map(before), refund: policy.refund.iter().map(step).collect() }
}

/// The facts that the oracle tells of.
const TOLD: [FactName; 9] = [
    FactName::TicketPurchased,
    FactName::TicketCheckin,
    FactName::TicketReissued,
    FactName::TicketOffered,
    FactName::TicketTransferred,
    FactName::EventCancelled,
    FactName::BookingCancelled,
    FactName::WaitlistOffered,
    FactName::WaitlistEnded,
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
            keys.insert(job.id.to_string());
        }
    }
    for ((user_id, _, fact), keys) in messages.into_iter().filter(|((_, _, fact), _)| TOLD.contains(fact)) {
        notices.entry((user_id, fact)).or_default()[2] += u32::try_from(keys.len()).unwrap_or(u32::MAX);
    }
    notices
}

fn type_of(of: &ticket_type::TicketType) -> TicketType {
    TicketType {
        event: of.event_id,
        quantity: of.seats.quantity,
        price: of.price.amount_minor,
        per_person_max: of.per_person_max,
        hidden: of.hidden,
        seated: of.seated,
        re_entry: of.re_entry == ReEntry::InOut,
        skips: of.waitlist_skips,
    }
}

/// A code as clients type it.
fn text_of(promo: &PromoCode) -> String {
    promo.code.as_str().to_lowercase()
}

fn promo_of(promo: &PromoCode) -> Promo {
    let (percent_off, amount_off) = match promo.terms.discount {
        Some(Discount::Percent(percent)) => (percent.into(), 0),
        Some(Discount::Amount(amount)) => (0, amount.amount_minor),
        None => (0, 0),
    };
    Promo {
        percent_off,
        amount_off,
        types: promo.terms.ticket_type_ids.clone(),
        ends_at: promo.terms.ends_at,
        uses_max: promo.terms.uses_max,
        per_person_max: promo.terms.per_person_max,
    }
}

fn bookings_of(all: &Snapshot, promos: &BTreeMap<PromoCodeId, String>) -> BTreeMap<BookingId, Arc<Booking>> {
    let passages: BTreeMap<TicketId, &Passages> = all.of::<Passages>().map(|p| (p.ticket_id, &**p)).collect();
    let tickets: BTreeMap<TicketId, Ticket> =
        all.of::<ticket::Ticket>().map(|t| (t.id, ticket_of(t, passages.get(&t.id).copied()))).collect();
    let events: BTreeMap<EventId, &event::Event> = all.of::<event::Event>().map(|e| (e.id, &**e)).collect();
    let booking_of = |booking: &booking::Booking| Booking {
        event: booking.event_id,
        user: booking.user_id,
        lines: booking.lines.iter().map(|line| (line.ticket_type_id, line.quantity)).collect(),
        total: booking.total.amount_minor,
        promo: booking.promo_code_id.and_then(|id| promos.get(&id).cloned()),
        from_waitlist: booking.from_waitlist,
        seats: booking.seat_ids().map(|seat| seat.row * 10 + seat.number).collect(),
        status: booking.state.status(),
        terms: terms_of(&booking.cancellation, events[&booking.event_id]),
        refund: booking.state.refund().map(|refund| refund.amount_minor),
        deadline: match booking.state {
            BookingState::Held { expires_at } => Some(expires_at),
            _ => None,
        },
        tickets: booking.tickets.iter().filter_map(|id| tickets.get(id).cloned()).collect(),
    };
    all.of::<booking::Booking>().map(|booking| (booking.id, Arc::new(booking_of(booking)))).collect()
}

fn ticket_of(ticket: &ticket::Ticket, passages: Option<&Passages>) -> Ticket {
    let pass = |out, scan: &ticket::CheckIn, undone| {
        let scan = scan.scan_id.clone().unwrap_or_default();
        Pass { out, scan, undone }
    };
    // A ticket that lets in once keeps its entry itself.
    let passes = match passages {
        Some(passages) => {
            passages.list.iter().map(|p| pass(p.direction == Direction::Out, &p.scan, p.undone)).collect()
        }
        None => ticket.state.check_in().iter().map(|scan| pass(false, scan, false)).collect(),
    };
    Ticket {
        of: ticket.ticket_type_id,
        seat: ticket.seat.as_ref().map(|seat| seat.seat.row * 10 + seat.seat.number),
        owner: ticket.user_id,
        issue: usize::from(ticket.issue),
        status: ticket.state.status(),
        passes,
        offered: ticket.transfer,
    }
}

/// Who waits for what: a snapshot is in the order of keys, and so of numbers.
fn lines_of(all: &Snapshot) -> BTreeMap<TicketTypeId, Vec<Waiting>> {
    let mut lines: BTreeMap<TicketTypeId, Vec<Waiting>> = BTreeMap::new();
    for entry in all.of::<WaitlistEntry>() {
        lines.entry(entry.key.ticket_type_id).or_default().push(Waiting {
            user: entry.user_id,
            quantity: entry.quantity,
            since: entry.joined_at,
        });
    }
    lines
}

fn transfers_of(all: &Snapshot) -> BTreeMap<crate::id::TransferId, Transfer> {
    let places = places_of(all);
    // What is over names nobody, but still knows whose it was.
    let keyring = all.of::<Keyring>().next();
    let known: Vec<String> = (0..USERS).map(oracle::address).chain([oracle::NOBODY.to_owned()]).collect();
    let is_to = |transfer: &transfer::Transfer, address: &str| {
        keyring.is_some_and(|keyring| hash_of(keyring, &EmailKey::new(address)) == transfer.to_hash)
    };
    let whose = |transfer: &transfer::Transfer| {
        let open = transfer.to_email.as_ref().map(|email| email.as_str().to_owned());
        open.or_else(|| known.iter().find(|address| is_to(transfer, address)).cloned()).unwrap_or_default()
    };
    let transfer_of = |transfer: &transfer::Transfer| Transfer {
        event: transfer.event_id,
        place: places.get(&transfer.ticket_id).copied().unwrap_or((BookingId::from_bytes([0; 16]), 0)),
        from: transfer.from_user_id,
        to: whose(transfer),
        status: transfer.state.status(),
        deadline: match transfer.state {
            TransferState::Offered { expires_at } => Some(expires_at),
            _ => None,
        },
        taken_by: match transfer.state {
            TransferState::Accepted { user_id, .. } => Some(user_id),
            _ => None,
        },
    };
    all.of::<transfer::Transfer>().map(|transfer| (transfer.id, transfer_of(transfer))).collect()
}

/// Where tickets are: in which booking, and as which of it.
fn places_of(all: &Snapshot) -> BTreeMap<TicketId, Place> {
    let of = |b: &Arc<booking::Booking>| {
        let booking = b.id;
        b.tickets.iter().enumerate().map(move |(nth, id)| (*id, (booking, nth))).collect::<Vec<_>>()
    };
    all.of::<booking::Booking>().flat_map(of).collect()
}

/// The keys that the store holds an answer to, and until when.
pub(super) fn replies_of(all: &Snapshot) -> BTreeMap<IdempotencyHash, Timestamp> {
    all.of::<IdempotentReply>().map(|reply| (reply.hash, reply.forget_at)).collect()
}

/// The codes that people type, in the order in which they were issued.
pub(super) fn codes_of(all: &Snapshot) -> BTreeMap<Place, Vec<String>> {
    let places = places_of(all);
    let mut claims: Vec<_> = all.of::<ShortCodeClaim>().collect();
    claims.sort_unstable_by_key(|claim| claim.issue);
    let mut codes: BTreeMap<Place, Vec<String>> = BTreeMap::new();
    for claim in claims {
        if let Some(place) = places.get(&claim.ticket_id) {
            codes.entry(*place).or_default().push(claim.short_code.to_string());
        }
    }
    codes
}
