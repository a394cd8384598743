//! What always holds between the records of a store, whatever happened before: counted anew, one by one.

use std::collections::{BTreeMap, BTreeSet};

use super::sale_invariants;
use super::snapshot::Snapshot;
use crate::account::{Credential, EmailClaim, Erasure, Session, User};
use crate::booking::{Allowance, Booking, BookingState};
use crate::event::{Category, CategoryName, Event, EventState, Schedule};
use crate::id::{BookingId, EventId, TicketId, TicketTypeId, UserId};
use crate::job::{Job, JobWork};
use crate::notification::Notification;
use crate::store::{CategoryNameKey, EmailKey, ShortCode};
use crate::ticket::{ShortCodeClaim, Ticket, TicketState};
use crate::ticket_type::{Inventory, TicketType};
use crate::transfer::{Transfer, TransferState};

/// Every broken invariant, in words; none in a healthy store to which nobody is writing.
#[must_use]
pub fn violations(of: &Snapshot) -> Vec<String> {
    let mut found = Found::default();
    found.seats(of);
    found.allowances(of);
    found.bookings(of);
    found.short_codes(of);
    found.jobs(of);
    found.accounts(of);
    found.categories(of);
    found.schedules(of);
    found.notifications(of);
    found.0.extend(sale_invariants::violations(of));
    found.0
}

#[derive(Default)]
struct Found(Vec<String>);

/// Sold and held.
type Taken = (u32, u32);

impl Found {
    fn unless(&mut self, holds: bool, broken: impl FnOnce() -> String) {
        if !holds {
            self.0.push(broken());
        }
    }

    /// `sold + held ≤ quantity`, per type and per event, and both are what bookings and tickets add up to.
    fn seats(&mut self, of: &Snapshot) {
        let mut types: BTreeMap<TicketTypeId, Taken> = BTreeMap::new();
        for ticket in of.of::<Ticket>().filter(|t| is_good(t)) {
            types.entry(ticket.ticket_type_id).or_default().0 += 1;
        }
        for line in held(of).flat_map(|booking| &booking.lines) {
            types.entry(line.ticket_type_id).or_default().1 += line.quantity;
        }
        let mut events: BTreeMap<EventId, (Taken, u32)> = BTreeMap::new();
        for found in of.of::<TicketType>() {
            let (sold, held) = types.remove(&found.id).unwrap_or_default();
            let seats = found.seats;
            self.unless((seats.sold, seats.held) == (sold, held), || {
                format!("{:?} counts {seats:?}; it has {sold} sold, {held} held", found.id)
            });
            self.unless(seats.sold + seats.held <= seats.quantity, || {
                format!("{:?} is oversold: {seats:?}", found.id)
            });
            let event = events.entry(found.event_id).or_default();
            event.0.0 += sold;
            event.0.1 += held;
            event.1 += 1;
        }
        self.unless(types.is_empty(), || format!("seats of no ticket type: {types:?}"));
        for found in of.of::<Inventory>() {
            let ((sold, held), types) = events.remove(&found.event_id).unwrap_or_default();
            self.unless((found.sold, found.held, found.types) == (sold, held, types), || {
                format!("{found:?} counts wrongly: {sold} sold, {held} held, {types} types")
            });
            let capacity = found.capacity.unwrap_or(u32::MAX);
            self.unless(found.sold + found.held <= capacity, || format!("{found:?} is oversold"));
        }
        self.unless(events.is_empty(), || format!("ticket types of no inventory: {events:?}"));
    }

    /// What a person has of a type is what they hold of it and bought tickets of it, whosever those are by now.
    fn allowances(&mut self, of: &Snapshot) {
        let mut taken: BTreeMap<(TicketTypeId, UserId), u32> = BTreeMap::new();
        let buyers: BTreeMap<BookingId, UserId> = of.of::<Booking>().map(|b| (b.id, b.user_id)).collect();
        for ticket in of.of::<Ticket>().filter(|t| is_good(t)) {
            let buyer = buyers.get(&ticket.booking_id).copied().unwrap_or(ticket.user_id);
            *taken.entry((ticket.ticket_type_id, buyer)).or_default() += 1;
        }
        for booking in held(of) {
            for line in &booking.lines {
                *taken.entry((line.ticket_type_id, booking.user_id)).or_default() += line.quantity;
            }
        }
        for found in of.of::<Allowance>() {
            let right = taken.remove(&(found.key.ticket_type_id, found.key.user_id));
            self.unless(right == Some(found.taken), || format!("{found:?}, but the person has {right:?}"));
        }
        self.unless(taken.is_empty(), || format!("not counted at all: {taken:?}"));
    }

    /// One ticket per seat of a confirmed booking, none of any other.
    fn bookings(&mut self, of: &Snapshot) {
        let tickets: BTreeMap<TicketId, &Ticket> = of.of::<Ticket>().map(|t| (t.id, &**t)).collect();
        let given = of.of::<Transfer>().filter_map(|t| match t.state {
            TransferState::Accepted { user_id, .. } => Some((t.ticket_id, user_id)),
            _ => None,
        });
        let given: BTreeSet<(TicketId, UserId)> = given.collect();
        let mut owned = BTreeSet::new();
        for booking in of.of::<Booking>() {
            let own: Vec<&Ticket> =
                booking.tickets.iter().filter_map(|id| tickets.get(id).copied()).collect();
            owned.extend(own.iter().map(|t| t.id));
            self.unless(own.len() == booking.tickets.len(), || {
                format!("{:?} names tickets that are not there", booking.id)
            });
            let belong = own.iter().all(|t| {
                let theirs = t.user_id == booking.user_id || given.contains(&(t.id, t.user_id));
                theirs && (t.booking_id, t.event_id) == (booking.id, booking.event_id)
            });
            self.unless(belong, || format!("{:?} names somebody else's tickets", booking.id));
            self.booking_state(booking, &own);
        }
        self.unless(owned.len() == tickets.len(), || "there are tickets of no booking".to_owned());
    }

    fn booking_state(&mut self, booking: &Booking, own: &[&Ticket]) {
        let id = booking.id;
        let mut seats: BTreeMap<TicketTypeId, u32> = BTreeMap::new();
        for ticket in own {
            *seats.entry(ticket.ticket_type_id).or_default() += 1;
        }
        let mut lines: BTreeMap<TicketTypeId, u32> = BTreeMap::new();
        for line in &booking.lines {
            *lines.entry(line.ticket_type_id).or_default() += line.quantity;
        }
        match booking.state {
            BookingState::Confirmed { .. } => {
                self.unless(seats == lines, || format!("{id:?} has tickets {seats:?} for {lines:?}"));
                self.unless(own.iter().all(|t| is_good(t)), || {
                    format!("{id:?} is confirmed and has void tickets")
                });
            }
            BookingState::Cancelled { .. } => {
                self.unless(own.is_empty() || seats == lines, || {
                    format!("{id:?} lost tickets when it was cancelled")
                });
                let open = own.iter().any(|t| matches!(t.state, TicketState::Active));
                self.unless(!open, || format!("{id:?} is cancelled and has valid tickets"));
            }
            BookingState::Held { .. } | BookingState::Expired { .. } => {
                self.unless(own.is_empty(), || format!("{id:?} has tickets and is not confirmed"));
            }
        }
    }

    /// Every ticket has one short code, and no short code has no ticket.
    fn short_codes(&mut self, of: &Snapshot) {
        let tickets: BTreeMap<TicketId, &Ticket> = of.of::<Ticket>().map(|t| (t.id, &**t)).collect();
        let newest =
            |claim: &ShortCodeClaim| tickets.get(&claim.ticket_id).is_none_or(|t| t.issue <= claim.issue);
        let newest = of.of::<ShortCodeClaim>().filter(|claim| newest(claim));
        let claims: BTreeMap<ShortCode, TicketId> =
            newest.map(|claim| (claim.short_code, claim.ticket_id)).collect();
        let codes: BTreeMap<ShortCode, TicketId> = tickets.values().map(|t| (t.short_code, t.id)).collect();
        self.unless(claims == codes, || "short codes and tickets do not agree".to_owned());
    }

    /// What must happen later will: every hold expires, every published event completes.
    fn jobs(&mut self, of: &Snapshot) {
        let mut holds: BTreeSet<BookingId> = held(of).map(|booking| booking.id).collect();
        let published = of.of::<Event>().filter(|event| matches!(event.state, EventState::Published { .. }));
        let mut events: BTreeSet<EventId> = published.map(|event| event.id).collect();
        for job in of.of::<Job>() {
            match &job.work {
                JobWork::ExpireHold(id, _) => {
                    self.unless(holds.remove(id), || format!("a job expires {id:?}, which is not held"));
                }
                JobWork::CompleteEvent(id) => {
                    self.unless(events.remove(id), || {
                        format!("a job completes {id:?}, which is not published")
                    });
                }
                _ => {}
            }
        }
        self.unless(holds.is_empty(), || format!("nothing expires {holds:?}"));
        self.unless(events.is_empty(), || format!("nothing completes {events:?}"));
    }

    /// Every account has its address and its password, and every address its account.
    fn accounts(&mut self, of: &Snapshot) {
        let claims: BTreeMap<&EmailKey, UserId> =
            of.of::<EmailClaim>().map(|c| (&c.email, c.user_id)).collect();
        let keys: Vec<(EmailKey, UserId)> =
            of.of::<User>().map(|u| (EmailKey::new(&u.email), u.id)).collect();
        let emails: BTreeMap<&EmailKey, UserId> = keys.iter().map(|(email, id)| (email, *id)).collect();
        self.unless(claims == emails && keys.len() == emails.len(), || {
            "addresses and accounts do not agree".to_owned()
        });
        let users: BTreeSet<UserId> = of.of::<User>().map(|u| u.id).collect();
        let credentials: BTreeSet<UserId> = of.of::<Credential>().map(|c| c.user_id).collect();
        self.unless(users == credentials, || "passwords and accounts do not agree".to_owned());
        // Those of an account that is being erased go with the next chunks.
        let going = of.of::<Erasure>().filter(|e| e.finished_at.is_none()).map(|e| e.user_id);
        let known: BTreeSet<UserId> = users.iter().copied().chain(going).collect();
        let strangers = of.of::<Session>().filter(|s| !known.contains(&s.user_id));
        self.unless(strangers.count() == 0, || "there are sessions of nobody".to_owned());
    }

    /// Every category has its name, and counts its events.
    fn categories(&mut self, of: &Snapshot) {
        let mut events: BTreeMap<_, u32> = BTreeMap::new();
        for id in of.of::<Event>().filter_map(|event| event.category_id) {
            *events.entry(id).or_default() += 1;
        }
        let mut names: BTreeMap<_, _> = of.of::<CategoryName>().map(|n| (n.category_id, &n.name)).collect();
        for category in of.of::<Category>() {
            let counted = events.remove(&category.id).unwrap_or(0);
            self.unless(category.events == counted, || format!("{category:?} has {counted} events"));
            let named = names.remove(&category.id) == Some(&CategoryNameKey::new(&category.name));
            self.unless(named, || format!("{category:?} has not its name"));
        }
        self.unless(events.is_empty() && names.is_empty(), || {
            "there are names or events of no category".to_owned()
        });
    }

    /// Every schedule is in order, within its event, and no room is used twice at once.
    fn schedules(&mut self, of: &Snapshot) {
        let events: BTreeMap<EventId, &Event> = of.of::<Event>().map(|e| (e.id, &**e)).collect();
        for schedule in of.of::<Schedule>() {
            let items = &schedule.items;
            let id = schedule.event_id;
            self.unless(items.is_sorted_by_key(|i| (i.starts_at, i.id)), || {
                format!("the schedule of {id:?} is out of order")
            });
            let clash = items.iter().any(|one| items.iter().any(|other| one.clashes_with(other)));
            self.unless(!clash, || format!("the schedule of {id:?} uses a room twice"));
            let Some(event) = events.get(&id) else {
                self.0.push(format!("the schedule of {id:?} has no event"));
                continue;
            };
            let within = items.iter().all(|i| {
                event.starts_at.is_none_or(|start| i.starts_at >= start)
                    && event.ends_at.is_none_or(|end| i.ends_at <= end)
            });
            self.unless(within, || format!("the schedule of {id:?} sticks out"));
        }
    }

    /// One fact tells one person once.
    fn notifications(&mut self, of: &Snapshot) {
        let mut told = BTreeSet::new();
        for n in of.of::<Notification>() {
            self.unless(told.insert((n.fact_id, n.user_id)), || {
                format!("{:?} was told {:?} twice", n.user_id, n.fact_id)
            });
        }
    }
}

/// Whether a ticket takes a seat.
fn is_good(ticket: &Ticket) -> bool {
    !matches!(ticket.state, TicketState::Cancelled { .. })
}

fn held(of: &Snapshot) -> impl Iterator<Item = &Booking> {
    of.of::<Booking>()
        .map(|booking| &**booking)
        .filter(|booking| matches!(booking.state, BookingState::Held { .. }))
}
