//! What a step of the plan means, with what is there when it is done.

use std::time::Duration;

use super::client::Request;
use super::oracle::{self, Ask, Code, ORGANIZER, Place, Terms, USERS, address, user};
use super::plan::{By, Chosen, Op, Step};
use super::run::Run;
use crate::booking::BookingStatus;
use crate::event::EventStatus;
use crate::id::{BookingId, EventId, TicketTypeId, TransferId, UserId};
use crate::ticket::TicketStatus;
use crate::transfer::TransferStatus;

impl Run {
    /// What a step means; `None` when there is nothing to do it with.
    pub(super) fn request(&mut self, step: &Step) -> Option<Request> {
        let (ask, key) = match &step.op {
            Op::Repeat { request } => {
                let (ask, key) = pick(&self.keyed, *request)?;
                (ask.clone(), Some(key.clone()))
            }
            op => {
                let ask = self.resolve(op)?;
                let key = step.keyed.then(|| format!("request {}", self.keyed.len()));
                self.keyed.extend(key.clone().map(|key| (ask.clone(), key)));
                (ask, key)
            }
        };
        Some(self.fill_in(ask, key))
    }

    pub(super) fn fill_in(&self, ask: Ask, key: Option<String>) -> Request {
        let booking = match &ask {
            Ask::Confirm { booking, .. } | Ask::Cancel { booking, .. } => self.state.bookings.get(booking),
            _ => None,
        };
        let event = match &ask {
            Ask::Resize { ticket_type, .. } | Ask::Limit { ticket_type, .. } => {
                self.state.types[ticket_type].event
            }
            _ => self.stage.events[0],
        };
        let code = match &ask {
            Ask::Pass { code, .. }
            | Ask::Undo { code, .. }
            | Ask::Reissue { code, .. }
            | Ask::Give { code, .. } => self.codes.get(&code.place).and_then(|codes| codes.get(code.issue)),
            _ => None,
        };
        let owner = booking.map_or_else(|| user(0), |booking| booking.user);
        Request { ask, key, owner, event, code: code.cloned().unwrap_or_default() }
    }

    fn resolve(&self, op: &Op) -> Option<Ask> {
        match op {
            Op::Reserve { user: by, event, wish, at_once } => {
                let event = self.event(*event)?;
                let line = |(t, quantity): &(u8, u32)| Some((self.ticket_type(event, *t)?, *quantity));
                let lines = wish.lines.iter().filter_map(line).collect();
                let promo = wish.promo.map(str::to_owned);
                let wish = oracle::Wish { lines, seats: wish.seats.clone(), promo };
                Some(Ask::Reserve { user: user(*by), event, wish, at_once: *at_once })
            }
            Op::Confirm { booking, by_organizer } => {
                let booking = self.booking(|b| b.status == BookingStatus::Held, *booking)?;
                Some(Ask::Confirm { booking, by_organizer: *by_organizer })
            }
            Op::Cancel { booking, by_organizer } => {
                let open = |b: &oracle::Booking| b.status == BookingStatus::Confirmed || b.deadline.is_some();
                Some(Ask::Cancel { booking: self.booking(open, *booking)?, by_organizer: *by_organizer })
            }
            Op::Join { user: by, event, ticket_type, quantity } => {
                let event = self.event(*event)?;
                // Mostly where nobody can have so many.
                let too_few =
                    |id: &TicketTypeId| self.state.free(*id) < *quantity && !self.state.types[id].hidden;
                // Every other time behind somebody: long lines show who is passed.
                let behind = |id: &TicketTypeId| too_few(id) && self.state.lines.contains_key(id);
                let types = self.types(event);
                let ticket_type = if quantity.is_multiple_of(2) || !types.iter().any(behind) {
                    likely(&types, too_few, *ticket_type)?
                } else {
                    likely(&types, behind, *ticket_type)?
                };
                Some(Ask::Join { user: user(*by), event, ticket_type, quantity: *quantity })
            }
            Op::Leave { waiting, user: by, event, ticket_type } => {
                let waits = self.state.lines.iter().flat_map(|(of, line)| line.iter().map(|w| (w.user, *of)));
                let somebody = pick(&waits.collect::<Vec<_>>(), *waiting).copied();
                if let Some((user, ticket_type)) = somebody.filter(|_| !waiting.is_multiple_of(4)) {
                    let event = self.state.types[&ticket_type].event;
                    return Some(Ask::Leave { user, event, ticket_type });
                }
                let event = self.event(*event)?;
                let ticket_type = self.ticket_type(event, *ticket_type)?;
                Some(Ask::Leave { user: user(*by), event, ticket_type })
            }
            Op::Accept { by, transfer } => {
                let id = self.transfer(*transfer)?;
                let to = &self.state.transfers[&id].to;
                let taker = (0..USERS).find(|n| address(*n) == *to).map_or(ORGANIZER, user);
                Some(Ask::Accept { by: by.or(taker), transfer: id })
            }
            Op::Withdraw { by, transfer } => {
                let id = self.transfer(*transfer)?;
                Some(Ask::Withdraw { by: by.or(self.state.transfers[&id].from), transfer: id })
            }
            Op::Pass { .. } | Op::Undo { .. } | Op::Reissue { .. } | Op::Give { .. } => self.resolve_code(op),
            _ => self.resolve_managing(op),
        }
    }

    /// What is done with the code of a ticket.
    fn resolve_code(&self, op: &Op) -> Option<Ask> {
        match op {
            Op::Pass { by, ticket, scan, out } => {
                let before = if *out { TicketStatus::Used } else { TicketStatus::Active };
                let (code, _) = self.code(*ticket, |t| t.status == before)?;
                Some(Ask::Pass { by: by.or(ORGANIZER), code, scan: format!("scan {scan}"), out: *out })
            }
            Op::Undo { by, ticket } => {
                let (code, _) = self.code(*ticket, oracle::Ticket::is_used)?;
                Some(Ask::Undo { by: by.or(ORGANIZER), code })
            }
            Op::Reissue { by, ticket } => {
                let (code, owner) = self.code(*ticket, |t| t.status != TicketStatus::Cancelled)?;
                Some(Ask::Reissue { by: by.or(owner), code })
            }
            Op::Give { by, ticket, to } => {
                let (code, owner) = self.code(*ticket, |t| t.status == TicketStatus::Active)?;
                // Seldom to themselves.
                let to = if user(*to) == owner && !ticket.ticket.is_multiple_of(6) { to + 1 } else { *to };
                let to = if to < USERS { address(to) } else { oracle::NOBODY.to_owned() };
                Some(Ask::Give { from: by.or(owner), code, to })
            }
            _ => None,
        }
    }

    /// What the organizer does, and what people choose for themselves.
    fn resolve_managing(&self, op: &Op) -> Option<Ask> {
        match op {
            Op::Resize { event, ticket_type, quantity } => {
                let ticket_type = self.ticket_type(self.event(*event)?, *ticket_type)?;
                Some(Ask::Resize { ticket_type, quantity: *quantity })
            }
            Op::Limit { event, ticket_type, per_person_max } => {
                let ticket_type = self.ticket_type(self.event(*event)?, *ticket_type)?;
                Some(Ask::Limit { ticket_type, per_person_max: *per_person_max })
            }
            Op::Uses { event, uses_max } => {
                let (event, promo) = (self.event(*event)?, "half".to_owned());
                Some(Ask::Uses { event, promo, uses_max: *uses_max })
            }
            Op::Staff { event, user: whom, on } => {
                let (event, user) = (self.event(*event)?, user(*whom));
                Some(if *on { Ask::Grant { event, user } } else { Ask::Revoke { event, user } })
            }
            Op::Capacity { event, capacity } => {
                Some(Ask::Capacity { event: self.event(*event)?, capacity: *capacity })
            }
            Op::Terms { event, terms } => {
                Some(Ask::Terms { event: self.event(*event)?, terms: terms_of(*terms) })
            }
            Op::Move { event, venue } => {
                Some(Ask::Move { event: self.event(*event)?, venue: format!("venue {venue}") })
            }
            Op::Publish { event } => Some(Ask::Publish { event: self.event(*event)? }),
            Op::CancelEvent { event } => Some(Ask::CancelEvent { event: self.event(*event)? }),
            Op::Choose { user: n, kind, channel, on } => {
                Some(Ask::Choose { user: user(*n), kind: *kind, channel: *channel, on: *on })
            }
            Op::Register { email } => Some(Ask::Register { email: format!("new{email}@example.org") }),
            _ => None,
        }
    }

    /// One of the newest events, mostly one that is on sale.
    fn event(&self, n: u8) -> Option<EventId> {
        let events = &self.stage.events;
        let on_sale = |id: &EventId| self.state.events[id].status == EventStatus::Published;
        likely(&events[events.len().saturating_sub(4)..], on_sale, n)
    }

    fn ticket_type(&self, event: EventId, n: u8) -> Option<TicketTypeId> {
        pick(&self.types(event), n).copied()
    }

    /// The types of an event as they were made; those of one instant have no order of their own.
    fn types(&self, event: EventId) -> Vec<TicketTypeId> {
        let mut types: Vec<_> = self.state.types.iter().filter(|(_, t)| t.event == event).collect();
        types.sort_by_key(|(_, t)| (t.hidden, t.seated, t.price, t.re_entry));
        types.into_iter().map(|(id, _)| *id).collect()
    }

    /// One of the newest bookings of all, mostly one of these.
    fn booking(&self, these: impl Fn(&oracle::Booking) -> bool, n: u8) -> Option<BookingId> {
        let newest: Vec<BookingId> = self.state.bookings.keys().rev().take(12).copied().collect();
        likely(&newest, |id| these(&self.state.bookings[id]), n)
    }

    /// One of the newest transfers of all, mostly one that is open.
    fn transfer(&self, n: u8) -> Option<TransferId> {
        let newest: Vec<TransferId> = self.state.transfers.keys().rev().take(6).copied().collect();
        likely(&newest, |id| self.state.transfers[id].status == TransferStatus::Offered, n)
    }

    /// The code of a ticket that was sold lately, mostly of one of these, and whose it is.
    fn code(&self, chosen: Chosen, these: impl Fn(&oracle::Ticket) -> bool) -> Option<(Code, UserId)> {
        let sold = self.state.bookings.iter().rev().filter(|(_, b)| !b.tickets.is_empty()).take(8);
        let places = sold.flat_map(|(id, b)| (0..b.tickets.len()).map(|nth| (*id, nth)));
        let ticket = |(id, nth): &Place| &self.state.bookings[id].tickets[*nth];
        let place = likely(&places.collect::<Vec<_>>(), |place| these(ticket(place)), chosen.ticket)?;
        let (newest, owner) = (ticket(&place).issue, ticket(&place).owner);
        let issue = if chosen.old { newest.saturating_sub(1) } else { newest };
        Some((Code { place, issue }, owner))
    }
}

impl By {
    const fn or(self, right: UserId) -> UserId {
        match self {
            Self::Right => right,
            Self::Organizer => ORGANIZER,
            Self::User(n) => user(n),
        }
    }
}

/// What organizers promise to those who cancel.
fn terms_of(n: u8) -> Terms {
    let minutes = |count: u64| Duration::from_secs(count * 60);
    let (until, refund) = match n {
        0 => (Some(0), vec![(0, 100)]),
        1 => (Some(60), vec![(90, 80), (60, 33)]),
        2 => (Some(0), vec![(30, 50)]),
        _ => (None, Vec::new()),
    };
    let refund = refund.into_iter().map(|(before, percent)| (minutes(before), percent)).collect();
    Terms { until: until.map(minutes), refund }
}

/// Mostly one of those that are likely to lead somewhere.
fn likely<T: Copy>(among: &[T], these: impl Fn(&T) -> bool, n: u8) -> Option<T> {
    let promising: Vec<T> = among.iter().copied().filter(these).collect();
    let among = if promising.is_empty() || n.is_multiple_of(9) { among } else { &promising };
    pick(among, n / 3).copied()
}

fn pick<T>(among: &[T], n: u8) -> Option<&T> {
    among.get(usize::from(n).checked_rem(among.len())?)
}
