//! The rules once more, one after another over plain maps: too simple to be wrong.
//!
//! Nothing is counted in advance. What is sold or held, how often a promo code is in use, which seats are taken: it is
//! counted one by one whenever it matters.

mod ask;
mod booking;
mod cancel;
mod door;
mod event;
mod line;
mod price;
mod seats;
mod transfer;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

pub(super) use ask::{Answer, Ask, Code, Place, Wish};
pub(super) use cancel::Terms;
pub(super) use seats::ROWS;

use crate::booking::BookingStatus;
use crate::error::Reason;
use crate::event::EventStatus;
use crate::id::{BookingId, EventId, TicketTypeId, TransferId, UserId};
use crate::notification::{Channel, FactName, NoticeKind};
use crate::ticket::TicketStatus;
use crate::time::Timestamp;
use crate::transfer::TransferStatus;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Event {
    pub(super) status: EventStatus,
    pub(super) capacity: Option<u32>,
    pub(super) starts_at: Timestamp,
    pub(super) ends_at: Timestamp,
    pub(super) venue: String,
    /// No booking may leave a single seat.
    pub(super) no_single_gaps: bool,
    /// Who may let people in, besides the organizer.
    pub(super) staff: BTreeSet<UserId>,
    /// Until when people may cancel.
    pub(super) terms: Terms,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct TicketType {
    pub(super) event: EventId,
    pub(super) quantity: u32,
    pub(super) price: i64,
    pub(super) per_person_max: Option<u32>,
    pub(super) hidden: bool,
    pub(super) seated: bool,
    /// People may go out and come in again.
    pub(super) re_entry: bool,
    /// Those who wait for more than is free are passed.
    pub(super) skips: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Promo {
    pub(super) percent_off: i64,
    pub(super) amount_off: i64,
    /// The types that it is for; every visible one when there are none.
    pub(super) types: Vec<TicketTypeId>,
    pub(super) ends_at: Option<Timestamp>,
    pub(super) uses_max: Option<u32>,
    pub(super) per_person_max: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Booking {
    pub(super) event: EventId,
    pub(super) user: UserId,
    pub(super) lines: Vec<(TicketTypeId, u32)>,
    pub(super) total: i64,
    pub(super) promo: Option<String>,
    pub(super) from_waitlist: bool,
    pub(super) seats: Vec<u16>,
    pub(super) status: BookingStatus,
    /// As the event's were when it was made.
    pub(super) terms: Terms,
    /// What comes back, of one that had tickets.
    pub(super) refund: Option<i64>,
    /// While it is held.
    pub(super) deadline: Option<Timestamp>,
    pub(super) tickets: Vec<Ticket>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Ticket {
    pub(super) of: TicketTypeId,
    pub(super) seat: Option<u16>,
    pub(super) owner: UserId,
    pub(super) issue: usize,
    pub(super) status: TicketStatus,
    /// Every time that somebody came or went with it.
    pub(super) passes: Vec<Pass>,
    /// The offer to somebody else that is open.
    pub(super) offered: Option<TransferId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Pass {
    pub(super) out: bool,
    pub(super) scan: String,
    pub(super) undone: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Transfer {
    pub(super) event: EventId,
    pub(super) place: Place,
    pub(super) from: UserId,
    pub(super) to: String,
    pub(super) status: TransferStatus,
    /// While it is offered.
    pub(super) deadline: Option<Timestamp>,
    pub(super) taken_by: Option<UserId>,
}

/// Somebody in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Waiting {
    pub(super) user: UserId,
    pub(super) quantity: u32,
    pub(super) since: Timestamp,
}

/// The world as clients can see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) events: BTreeMap<EventId, Event>,
    pub(super) types: BTreeMap<TicketTypeId, TicketType>,
    pub(super) promos: BTreeMap<(EventId, String), Promo>,
    pub(super) bookings: BTreeMap<BookingId, Arc<Booking>>,
    /// Who waits for which type, in order.
    pub(super) lines: BTreeMap<TicketTypeId, Vec<Waiting>>,
    pub(super) transfers: BTreeMap<TransferId, Transfer>,
    pub(super) off: BTreeMap<UserId, BTreeSet<(NoticeKind, Channel)>>,
    pub(super) emails: BTreeSet<String>,
    /// Who was told that which event was cancelled.
    pub(super) told: BTreeSet<(UserId, EventId)>,
    /// How much of each fact is in a person's history, is not shown there, and went out by e-mail.
    pub(super) notices: BTreeMap<(UserId, FactName), [u32; 3]>,
}

/// Who publishes everything.
pub(super) const ORGANIZER: UserId = UserId::from_bytes([0xEE; 16]);
/// How many people buy.
pub(super) const USERS: u8 = 4;

/// Somebody who buys.
pub(super) const fn user(n: u8) -> UserId {
    UserId::from_bytes([n % USERS + 1; 16])
}

/// The address of somebody who buys.
pub(super) fn address(n: u8) -> String {
    format!("person{}@example.org", n % USERS)
}

/// An address of no account.
pub(super) const NOBODY: &str = "nobody@example.org";

/// The last of them has not proven their address.
pub(super) const fn is_verified(n: u8) -> bool {
    n + 1 < USERS
}

/// Whose address it is.
fn owner_of(address_: &str) -> Option<UserId> {
    (0..USERS).find(|n| address(*n) == address_).map(user)
}

/// How long a hold lasts.
pub(super) const HOLD: Duration = Duration::from_secs(15 * 60);
/// How long something is offered to somebody who waited, long before the event.
pub(super) const OFFER: Duration = Duration::from_secs(40 * 60);
/// How many people wait for a type at most.
pub(super) const LINE_MAX: usize = 3;
/// The seats of the longest row.
const ROW_MAX: u32 = 4;
/// How long a ticket is offered to somebody else.
pub(super) const GIFT: Duration = Duration::from_secs(25 * 60);

type Verdict<T> = Result<T, Answer>;

fn no<T>(reason: Reason) -> Verdict<T> {
    Err(Answer::Refused(reason, [None; 3]))
}

/// What is made in a step is called so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name(pub(super) uuid::Uuid);

impl Name {
    pub(super) const NONE: Self = Self(uuid::Uuid::nil());

    pub(super) const fn booking(self) -> BookingId {
        BookingId::from_uuid(self.0)
    }

    pub(super) const fn transfer(self) -> TransferId {
        TransferId::from_uuid(self.0)
    }
}

impl State {
    /// Whether everything about an event is as it is in another world.
    pub(super) fn is_as_in(&self, other: &Self, event: EventId) -> bool {
        let types = |s: &Self| s.types.iter().filter(|(_, t)| t.event == event).count();
        let bookings = |s: &Self| s.bookings.values().filter(|b| b.event == event).count();
        let transfers = |s: &Self| s.transfers.values().filter(|t| t.event == event).count();
        self.events.get(&event) == other.events.get(&event)
            && (types(self), bookings(self), transfers(self))
                == (types(other), bookings(other), transfers(other))
            && self.types.iter().all(|(id, t)| {
                t.event != event
                    || other.types.get(id) == Some(t) && self.lines.get(id) == other.lines.get(id)
            })
            && self.transfers.iter().all(|(id, t)| t.event != event || other.transfers.get(id) == Some(t))
            && self.bookings.iter().all(|(id, b)| b.event != event || other.bookings.get(id) == Some(b))
    }

    /// Answers a client; a refusal changes nothing. `name` is what something new is called.
    pub(super) fn answer(&mut self, ask: &Ask, name: Name, now: Timestamp) -> Answer {
        let answer = match ask {
            Ask::Reserve { user, event, wish, at_once } => {
                self.reserve((name.booking(), *user, *event), wish, *at_once, now)
            }
            Ask::Confirm { booking, by_organizer } => self.confirm(*booking, *by_organizer, now),
            Ask::Cancel { booking, by_organizer } => self.cancel(*booking, *by_organizer, now),
            Ask::Join { user, event, ticket_type, quantity } => {
                self.join(*user, *event, (*ticket_type, *quantity), now)
            }
            Ask::Leave { user, ticket_type, .. } => self.leave(*user, *ticket_type),
            Ask::Pass { by, code, scan, out } => self.pass(*by, *code, (scan, *out), now),
            Ask::Undo { by, code } => self.undo(*by, *code),
            Ask::Reissue { by, code } => self.reissue(*by, *code),
            Ask::Give { from, code, to } => self.give((name.transfer(), *from), *code, to, now),
            Ask::Accept { by, transfer } => self.accept(*by, *transfer, now),
            Ask::Withdraw { by, transfer } => self.withdraw(*by, *transfer),
            _ => self.manage(ask, now),
        };
        answer.unwrap_or_else(|refused| refused)
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

    /// A booking, to be changed and kept.
    fn copy(&self, id: BookingId) -> Booking {
        (*self.bookings[&id]).clone()
    }

    fn keep(&mut self, id: BookingId, booking: Booking) {
        self.bookings.insert(id, Arc::new(booking));
    }
}
