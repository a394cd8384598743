//! The rules once more, one after another over plain maps: too simple to be wrong.
//!
//! Nothing is counted in advance. What is sold or held is counted seat by seat whenever it matters.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::booking::BookingStatus;
use crate::error::Reason;
use crate::event::EventStatus;
use crate::id::{BookingId, EventId, TicketTypeId, UserId};
use crate::notification::{Channel, FactName, NoticeKind};
use crate::time::Timestamp;

/// What one client asks, of what is really there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Ask {
    Reserve { user: UserId, event: EventId, lines: Vec<(TicketTypeId, u32)>, at_once: bool },
    Confirm { booking: BookingId, by_organizer: bool },
    Cancel { booking: BookingId, by_organizer: bool },
    CheckIn { booking: BookingId, ticket: usize, scan: String },
    Resize { ticket_type: TicketTypeId, quantity: u32 },
    Capacity { event: EventId, capacity: Option<u32> },
    Move { event: EventId, venue: String },
    Publish { event: EventId },
    CancelEvent { event: EventId },
    Choose { user: UserId, kind: NoticeKind, channel: Channel, on: bool },
    Register { email: String },
}

/// What a client is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Answer {
    /// A booking, in this state, with so many tickets.
    Booking {
        id: BookingId,
        status: BookingStatus,
        tickets: usize,
        replayed: bool,
    },
    CheckedIn {
        replayed: bool,
    },
    Done,
    /// With the numbers that it gives: `available`, `held`, `sold`.
    Refused(Reason, [Option<u32>; 3]),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Event {
    pub(super) status: EventStatus,
    pub(super) capacity: Option<u32>,
    pub(super) starts_at: Timestamp,
    pub(super) ends_at: Timestamp,
    pub(super) venue: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct TicketType {
    pub(super) event: EventId,
    pub(super) quantity: u32,
    pub(super) price: i64,
    pub(super) per_person_max: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Booking {
    pub(super) event: EventId,
    pub(super) user: UserId,
    pub(super) lines: Vec<(TicketTypeId, u32)>,
    pub(super) total: i64,
    pub(super) status: BookingStatus,
    /// While it is held.
    pub(super) deadline: Option<Timestamp>,
    pub(super) tickets: Vec<Ticket>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Ticket {
    pub(super) of: TicketTypeId,
    pub(super) state: TicketState,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum TicketState {
    Active,
    Used { scan: Option<String> },
    Cancelled,
}

/// The world as clients can see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) events: BTreeMap<EventId, Event>,
    pub(super) types: BTreeMap<TicketTypeId, TicketType>,
    pub(super) bookings: BTreeMap<BookingId, Arc<Booking>>,
    pub(super) off: BTreeMap<UserId, BTreeSet<(NoticeKind, Channel)>>,
    pub(super) emails: BTreeSet<String>,
    /// Who was told that which event was cancelled.
    pub(super) told: BTreeSet<(UserId, EventId)>,
    /// How much of each fact is in a person's history, is not shown there, and went out by e-mail.
    pub(super) notices: BTreeMap<(UserId, FactName), [u32; 3]>,
}

const HOLD: Duration = Duration::from_secs(15 * 60);

type Verdict<T> = Result<T, Answer>;

fn no<T>(reason: Reason) -> Verdict<T> {
    Err(Answer::Refused(reason, [None; 3]))
}

impl State {
    /// Sold and held among the bookings that `counts` picks lines and tickets of.
    fn taken(&self, counts: impl Fn(&Booking, TicketTypeId) -> bool) -> (u32, u32) {
        let (mut sold, mut held) = (0, 0);
        for booking in self.bookings.values() {
            for ticket in &booking.tickets {
                if ticket.state != TicketState::Cancelled && counts(booking, ticket.of) {
                    sold += 1;
                }
            }
            if booking.status == BookingStatus::Held {
                for (of, quantity) in &booking.lines {
                    if counts(booking, *of) {
                        held += quantity;
                    }
                }
            }
        }
        (sold, held)
    }

    /// Whether everything about an event is as it is in another world.
    pub(super) fn is_as_in(&self, other: &Self, event: EventId) -> bool {
        let types = |s: &Self| s.types.iter().filter(|(_, t)| t.event == event).count();
        let bookings = |s: &Self| s.bookings.values().filter(|b| b.event == event).count();
        self.events.get(&event) == other.events.get(&event)
            && (types(self), bookings(self)) == (types(other), bookings(other))
            && self.types.iter().all(|(id, t)| t.event != event || other.types.get(id) == Some(t))
            && self.bookings.iter().all(|(id, b)| b.event != event || other.bookings.get(id) == Some(b))
    }

    /// Answers a client; a refusal changes nothing. `id` is what a new booking is called.
    pub(super) fn answer(&mut self, ask: &Ask, id: BookingId, now: Timestamp) -> Answer {
        let answer = match ask {
            Ask::Reserve { user, event, lines, at_once } => {
                self.reserve((id, *user, *event), lines, *at_once, now)
            }
            Ask::Confirm { booking, by_organizer } => self.confirm(*booking, *by_organizer, now),
            Ask::Cancel { booking, by_organizer } => self.cancel(*booking, *by_organizer, now),
            Ask::CheckIn { booking, ticket, scan } => self.check_in(*booking, *ticket, scan, now),
            Ask::Resize { ticket_type, quantity } => self.resize(*ticket_type, *quantity),
            Ask::Capacity { event, capacity } => self.set_capacity(*event, *capacity),
            Ask::Move { event, venue } => self.edit(*event, |e| e.venue.clone_from(venue)),
            Ask::Publish { event } => self.publish(*event, now),
            Ask::CancelEvent { event } => {
                self.published(*event).and_then(|()| self.edit(*event, |e| e.status = EventStatus::Cancelled))
            }
            Ask::Choose { user, kind, channel, on } => {
                let off = self.off.entry(*user).or_default();
                let changed =
                    if *on { off.remove(&(*kind, *channel)) } else { off.insert((*kind, *channel)) };
                let _ = changed;
                Ok(Answer::Done)
            }
            Ask::Register { email } if self.emails.insert(email.clone()) => Ok(Answer::Done),
            Ask::Register { .. } => no(Reason::EmailTaken),
        };
        answer.unwrap_or_else(|refused| refused)
    }

    fn published(&self, event: EventId) -> Verdict<()> {
        match self.events[&event].status {
            EventStatus::Published => Ok(()),
            EventStatus::Cancelled => no(Reason::EventCancelled),
            EventStatus::Draft | EventStatus::Completed => no(Reason::EventNotPublished),
        }
    }

    fn edit(&mut self, id: EventId, change: impl FnOnce(&mut Event)) -> Verdict<Answer> {
        if self.events[&id].status != EventStatus::Draft {
            self.published(id)?;
        }
        if let Some(event) = self.events.get_mut(&id) {
            change(event);
        }
        Ok(Answer::Done)
    }

    fn publish(&mut self, id: EventId, now: Timestamp) -> Verdict<Answer> {
        let event = &self.events[&id];
        match event.status {
            EventStatus::Draft if event.starts_at <= now => no(Reason::EventAlreadyStarted),
            EventStatus::Draft => self.edit(id, |e| e.status = EventStatus::Published),
            EventStatus::Cancelled => no(Reason::EventCancelled),
            EventStatus::Published | EventStatus::Completed => no(Reason::EventNotDraft),
        }
    }

    fn resize(&mut self, id: TicketTypeId, quantity: u32) -> Verdict<Answer> {
        self.edit(self.types[&id].event, |_| ())?;
        let (sold, held) = self.taken(|_, of| of == id);
        if quantity < sold + held {
            return Err(Answer::Refused(Reason::QuantityBelowSold, [None, Some(held), Some(sold)]));
        }
        if let Some(found) = self.types.get_mut(&id) {
            found.quantity = quantity;
        }
        Ok(Answer::Done)
    }

    fn set_capacity(&mut self, id: EventId, capacity: Option<u32>) -> Verdict<Answer> {
        self.edit(id, |_| ())?;
        let (sold, held) = self.taken(|b, _| b.event == id);
        if capacity.is_some_and(|capacity| capacity < sold + held) {
            return Err(Answer::Refused(Reason::QuantityBelowSold, [None, Some(held), Some(sold)]));
        }
        self.edit(id, |e| e.capacity = capacity)
    }

    /// Tells a person, by what they allow now.
    fn tell(&mut self, user: UserId, fact: FactName) {
        let off =
            |channel| self.off.get(&user).is_some_and(|off| off.contains(&(fact.notice_kind(), channel)));
        let (hidden, silent) = (off(Channel::InApp), off(Channel::Email));
        let [shown, not_shown, mailed] = self.notices.entry((user, fact)).or_default();
        *(if hidden { not_shown } else { shown }) += 1;
        *mailed += u32::from(!silent);
    }

    /// Whether the seats of these lines are free, for this person; `sells` when they are sold at once.
    fn room(&self, user: UserId, event: EventId, lines: &[(TicketTypeId, u32)], sells: bool) -> Verdict<()> {
        let mut per_type: BTreeMap<TicketTypeId, u32> = BTreeMap::new();
        for (of, quantity) in lines {
            *per_type.entry(*of).or_default() += quantity;
        }
        let (mut event_sold, mut event_held) = self.taken(|b, _| b.event == event);
        for (of, wanted) in per_type {
            let (own_sold, own_held) = self.taken(|b, kind| kind == of && b.user == user);
            let max = self.types[&of].per_person_max.unwrap_or(u32::MAX);
            if own_sold + own_held + wanted > max {
                return no(Reason::PerPersonLimit);
            }
            let (sold, held) = self.taken(|_, kind| kind == of);
            fits(wanted, self.types[&of].quantity, sold, held)?;
            let capacity = self.events[&event].capacity.unwrap_or(u32::MAX);
            fits(wanted, capacity, event_sold, event_held)?;
            if sells {
                event_sold += wanted;
            } else {
                event_held += wanted;
            }
        }
        Ok(())
    }

    fn reserve(
        &mut self,
        (id, user, event): (BookingId, UserId, EventId),
        lines: &[(TicketTypeId, u32)],
        at_once: bool,
        now: Timestamp,
    ) -> Verdict<Answer> {
        self.published(event)?;
        if now >= self.events[&event].ends_at {
            return no(Reason::SalesEnded);
        }
        let total = lines.iter().map(|(of, quantity)| self.types[of].price * i64::from(*quantity)).sum();
        let sells = at_once && total == 0;
        self.room(user, event, lines, sells)?;
        let mut booking = Booking {
            event,
            user,
            lines: lines.to_vec(),
            total,
            status: BookingStatus::Held,
            deadline: Some(now.plus(HOLD)),
            tickets: Vec::new(),
        };
        if sells {
            booking.issue();
            self.tell(user, FactName::TicketPurchased);
        }
        let answer = booking.shown(id);
        self.bookings.insert(id, Arc::new(booking));
        Ok(answer)
    }

    fn confirm(&mut self, id: BookingId, by_organizer: bool, now: Timestamp) -> Verdict<Answer> {
        let mut booking = (*self.bookings[&id]).clone();
        self.published(booking.event)?;
        match booking.status {
            BookingStatus::Confirmed | BookingStatus::Cancelled => return no(Reason::BookingNotHeld),
            _ if booking.total > 0 && !by_organizer => return no(Reason::PaymentRequired),
            BookingStatus::Held => {}
            // A hold that is over is a new purchase of the same seats.
            BookingStatus::Expired if now >= self.events[&booking.event].ends_at => {
                return no(Reason::SalesEnded);
            }
            BookingStatus::Expired
                if self.room(booking.user, booking.event, &booking.lines, true).is_ok() => {}
            BookingStatus::Expired => return no(Reason::BookingExpired),
        }
        booking.issue();
        self.tell(booking.user, FactName::TicketPurchased);
        let answer = booking.shown(id);
        self.bookings.insert(id, Arc::new(booking));
        Ok(answer)
    }

    fn cancel(&mut self, id: BookingId, by_organizer: bool, now: Timestamp) -> Verdict<Answer> {
        let mut booking = (*self.bookings[&id]).clone();
        let event = &self.events[&booking.event];
        if event.status == EventStatus::Cancelled {
            return no(Reason::EventCancelled);
        }
        match booking.status {
            BookingStatus::Confirmed if now >= event.starts_at && !by_organizer => {
                return no(Reason::CancellationClosed);
            }
            BookingStatus::Cancelled | BookingStatus::Expired => return no(Reason::BookingNotHeld),
            BookingStatus::Confirmed | BookingStatus::Held => {}
        }
        if booking.has_used_ticket() {
            return no(Reason::TicketAlreadyUsed);
        }
        if by_organizer && booking.status == BookingStatus::Confirmed {
            self.tell(booking.user, FactName::BookingCancelled);
        }
        booking.end(BookingStatus::Cancelled);
        self.bookings.insert(id, Arc::new(booking));
        Ok(Answer::Done)
    }

    fn check_in(&mut self, id: BookingId, nth: usize, scan: &str, now: Timestamp) -> Verdict<Answer> {
        let mut booking = (*self.bookings[&id]).clone();
        let event = &self.events[&booking.event];
        let over = event.status == EventStatus::Completed || now >= event.ends_at;
        let state = &mut booking.tickets[nth].state;
        match state {
            TicketState::Used { scan: first } if first.as_deref() == Some(scan) => {}
            _ if event.status == EventStatus::Cancelled => return no(Reason::EventCancelled),
            TicketState::Active if over => return no(Reason::Expired),
            TicketState::Active => {
                *state = TicketState::Used { scan: Some(scan.to_owned()) };
                self.tell(booking.user, FactName::TicketCheckin);
            }
            TicketState::Used { .. } => return no(Reason::AlreadyUsed),
            TicketState::Cancelled => return no(Reason::TicketCancelled),
        }
        self.bookings.insert(id, Arc::new(booking));
        Ok(Answer::CheckedIn { replayed: false })
    }

    // What happens by itself.

    /// The hold's deadline has passed.
    pub(super) fn expire(&mut self, id: BookingId, now: Timestamp) {
        let mut booking = (*self.bookings[&id]).clone();
        if booking.status == BookingStatus::Held && booking.deadline.is_some_and(|at| at <= now) {
            booking.end(BookingStatus::Expired);
            self.bookings.insert(id, Arc::new(booking));
        }
    }

    /// The event was cancelled, and the booking goes with it.
    pub(super) fn sweep(&mut self, id: BookingId) {
        let mut booking = (*self.bookings[&id]).clone();
        let open = matches!(booking.status, BookingStatus::Held | BookingStatus::Confirmed);
        if open && self.events[&booking.event].status == EventStatus::Cancelled {
            let holds_tickets = booking.status == BookingStatus::Confirmed;
            if holds_tickets && self.told.insert((booking.user, booking.event)) {
                self.tell(booking.user, FactName::EventCancelled);
            }
            booking.end(BookingStatus::Cancelled);
            self.bookings.insert(id, Arc::new(booking));
        }
    }

    /// The event is over.
    pub(super) fn complete(&mut self, id: EventId, now: Timestamp) {
        if let Some(event) = self.events.get_mut(&id)
            && event.status == EventStatus::Published
            && event.ends_at <= now
        {
            event.status = EventStatus::Completed;
        }
    }
}

fn fits(wanted: u32, quantity: u32, sold: u32, held: u32) -> Verdict<()> {
    let available = quantity - sold - held;
    if wanted <= available {
        Ok(())
    } else if available == 0 && held == 0 {
        no(Reason::SoldOut)
    } else {
        Err(Answer::Refused(Reason::NotEnoughLeft, [Some(available), Some(held), None]))
    }
}

impl Booking {
    fn issue(&mut self) {
        self.status = BookingStatus::Confirmed;
        self.deadline = None;
        for (of, quantity) in &self.lines {
            for _ in 0..*quantity {
                self.tickets.push(Ticket { of: *of, state: TicketState::Active });
            }
        }
    }

    pub(super) fn has_used_ticket(&self) -> bool {
        self.tickets.iter().any(|t| matches!(t.state, TicketState::Used { .. }))
    }

    fn end(&mut self, status: BookingStatus) {
        self.status = status;
        self.deadline = None;
        for ticket in self.tickets.iter_mut().filter(|t| t.state == TicketState::Active) {
            ticket.state = TicketState::Cancelled;
        }
    }

    fn shown(&self, id: BookingId) -> Answer {
        Answer::Booking { id, status: self.status, tickets: self.tickets.len(), replayed: false }
    }
}
