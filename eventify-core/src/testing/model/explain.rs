//! Whether what clients were told can have happened, in some order, and end in what the store holds now.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::oracle::{Answer, Ask, Booking, Code, Name, State};
use crate::id::{BookingId, EventId, TicketTypeId, TransferId, UserId};
use crate::notification::{Channel, FactName, NoticeKind};
use crate::store::IdempotencyHash;
use crate::time::Timestamp;

/// What a client asked in a round, and what it was told: nothing, when the answer was lost or not waited for.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) ask: Ask,
    pub(super) key: Option<IdempotencyHash>,
    pub(super) answer: Option<Answer>,
    /// What is new is called so, if there is anything.
    pub(super) name: Option<Name>,
}

/// The answers that idempotency keys stand for, and until when.
pub(super) type Kept = BTreeMap<IdempotencyHash, (Answer, Timestamp)>;

/// What may have happened by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    Expire(BookingId),
    Sweep(BookingId),
    Complete(EventId),
    EndOffer(TransferId),
    /// What came back was offered to the next of those who wait.
    Offer(BookingId),
    /// Somebody waits no more: the event is over, or they have all that they may.
    Drop(UserId, TicketTypeId),
}

/// One round, to be explained.
pub(super) struct Riddle<'a> {
    pub(super) now: Timestamp,
    pub(super) keep_until: Timestamp,
    pub(super) told: &'a [Told],
    pub(super) hidden: &'a [Hidden],
    /// What the store holds in the end.
    pub(super) end: &'a State,
    /// The keys that it holds an answer to, and until when.
    pub(super) end_kept: &'a BTreeMap<IdempotencyHash, Timestamp>,
    /// Who wanted no mails of which kind, at some time in it.
    pub(super) refused: BTreeSet<(UserId, NoticeKind)>,
}

/// Who wants no mails of which kind before a round, or may not any more in it.
pub(super) fn refused(state: &State, told: &[Told]) -> BTreeSet<(UserId, NoticeKind)> {
    let before = state.off.iter().flat_map(|(user, off)| off.iter().map(|what| (*user, *what)));
    let now = told.iter().filter_map(|told| match told.ask {
        Ask::Choose { user, kind, channel, on: false } => Some((user, (kind, channel))),
        _ => None,
    });
    let mails = before.chain(now).filter(|(_, (_, channel))| *channel == Channel::Email);
    mails.map(|(user, (kind, _))| (user, kind)).collect()
}

/// How many ways are tried at most: far more than a round has that is not wrong.
const NODES_MAX: usize = 20_000;

/// Why there is no explanation.
#[derive(Debug)]
pub(super) enum Unexplained {
    No,
    TooManyWays,
}

impl Riddle<'_> {
    /// The world after the round.
    pub(super) fn solve(&self, state: &State, kept: &Kept) -> Result<(State, Kept), Unexplained> {
        let steps = self.told.len() + self.hidden.len();
        let touched: Vec<Touched> = (0..steps).map(|step| self.touched(step, state)).collect();
        let mut search = Search { riddle: self, groups: groups(&touched), touched, seen: HashSet::new() };
        match search.go(state, kept, (1 << steps) - 1) {
            Some(found) => Ok(found),
            None if search.seen.len() > NODES_MAX => Err(Unexplained::TooManyWays),
            None => Err(Unexplained::No),
        }
    }

    fn touched(&self, step: usize, state: &State) -> Touched {
        let event_of = |id: BookingId| {
            let booking = state.bookings.get(&id).or_else(|| self.end.bookings.get(&id));
            booking.map(|booking| booking.event)
        };
        let of_booking = |id: BookingId| Touched { event: event_of(id), booking: Some(id) };
        let of_event = |event| Touched { event, booking: None };
        let of_type = |id: TicketTypeId| of_event(state.types.get(&id).map(|t| t.event));
        let of_transfer = |id: TransferId| {
            let transfer = state.transfers.get(&id).or_else(|| self.end.transfers.get(&id));
            transfer.map_or_else(|| of_event(None), |transfer| of_booking(transfer.place.0))
        };
        let of_code = |code: &Code| of_booking(code.place.0);
        let Some(told) = self.told.get(step) else {
            return match self.hidden[step - self.told.len()] {
                Hidden::Expire(id) | Hidden::Sweep(id) | Hidden::Offer(id) => of_booking(id),
                Hidden::Complete(id) => of_event(Some(id)),
                Hidden::EndOffer(id) => of_transfer(id),
                Hidden::Drop(_, id) => of_type(id),
            };
        };
        match &told.ask {
            Ask::Reserve { event, .. } => {
                Touched { event: Some(*event), booking: told.name.map(Name::booking) }
            }
            Ask::Confirm { booking, .. } | Ask::Cancel { booking, .. } => of_booking(*booking),
            Ask::Pass { code, .. }
            | Ask::Undo { code, .. }
            | Ask::Reissue { code, .. }
            | Ask::Give { code, .. } => of_code(code),
            Ask::Accept { transfer, .. } | Ask::Withdraw { transfer, .. } => of_transfer(*transfer),
            Ask::Resize { ticket_type, .. } | Ask::Limit { ticket_type, .. } => of_type(*ticket_type),
            Ask::Join { event, .. }
            | Ask::Leave { event, .. }
            | Ask::Grant { event, .. }
            | Ask::Revoke { event, .. }
            | Ask::Uses { event, .. }
            | Ask::Capacity { event, .. }
            | Ask::Terms { event, .. }
            | Ask::Move { event, .. }
            | Ask::Publish { event }
            | Ask::CancelEvent { event } => of_event(Some(*event)),
            Ask::Choose { .. } | Ask::Register { .. } => of_event(None),
        }
    }
}

/// What a step is about.
struct Touched {
    /// `None` for what is about people: it matters to every event.
    event: Option<EventId>,
    booking: Option<BookingId>,
}

/// Steps by event. What happens to one event is nothing to another, so each is explained by itself, one after the
/// other; unless something in the round is about people.
fn groups(touched: &[Touched]) -> Vec<(Option<EventId>, u64)> {
    if touched.iter().any(|t| t.event.is_none()) {
        return vec![(None, u64::MAX)];
    }
    let mut groups: BTreeMap<Option<EventId>, u64> = BTreeMap::new();
    for (step, touched) in touched.iter().enumerate() {
        *groups.entry(touched.event).or_default() |= 1 << step;
    }
    groups.into_iter().collect()
}

struct Search<'a> {
    riddle: &'a Riddle<'a>,
    touched: Vec<Touched>,
    groups: Vec<(Option<EventId>, u64)>,
    seen: HashSet<(u64, u64)>,
}

impl Search<'_> {
    fn go(&mut self, state: &State, kept: &Kept, left: u64) -> Option<(State, Kept)> {
        let Some((_, group)) = self.groups.iter().find(|(_, group)| group & left != 0) else {
            let end = self.riddle.without_withdrawn(state);
            return self.riddle.ends_so(&end, kept).then(|| (end, kept.clone()));
        };
        let next = group & left;
        let mut hasher = DefaultHasher::new();
        (state, kept).hash(&mut hasher);
        if !self.seen.insert((left, hasher.finish())) || self.seen.len() > NODES_MAX {
            return None;
        }
        let steps = self.touched.len();
        for step in (0..steps).filter(|step| next & (1 << step) != 0) {
            let rest = left & !(1 << step);
            let (mut after, mut kept_after) = (state.clone(), kept.clone());
            if !self.riddle.take(step, &mut after, &mut kept_after) {
                continue;
            }
            let found =
                if self.may_end_so(step, &after, rest) { self.go(&after, &kept_after, rest) } else { None };
            // What changes nothing whenever it happens may as well happen now.
            if found.is_some() || self.riddle.changes_nothing(step) {
                return found;
            }
        }
        // What nobody was told of may not have happened.
        let unsure = (0..steps).find(|step| next & (1 << step) != 0 && !self.riddle.is_certain(*step))?;
        let rest = left & !(1 << unsure);
        if self.may_end_so(unsure, state, rest) { self.go(state, kept, rest) } else { None }
    }

    /// Whether what nothing is left to happen to is already as it is in the end.
    fn may_end_so(&self, step: usize, state: &State, left: u64) -> bool {
        let end = self.riddle.end;
        if let Some(id) = self.touched[step].booking {
            let mut others = self.touched.iter().enumerate().filter(|(n, _)| left & (1 << n) != 0);
            if !others.any(|(_, t)| t.booking == Some(id)) && state.bookings.get(&id) != end.bookings.get(&id)
            {
                return false;
            }
        }
        let group = self.groups.iter().find(|(_, group)| group & (1 << step) != 0);
        match group {
            Some((Some(event), group)) if group & left == 0 => state.is_as_in(end, *event),
            _ => true,
        }
    }
}

impl Riddle<'_> {
    /// The world without the mails that were about to leave when their kind was refused, or the offer that they tell of was
    /// over: only the store knows how many had left.
    fn without_withdrawn(&self, state: &State) -> State {
        let mut state = state.clone();
        for ((user, fact), [_, _, mailed]) in &mut state.notices {
            let Some([_, _, left]) = self.end.notices.get(&(*user, *fact)) else { continue };
            let refused = self.refused.contains(&(*user, fact.notice_kind()));
            let withdrawn = if refused { *mailed } else { self.offers_over(*user, *fact) };
            *mailed = (*mailed).min((*left).max(mailed.saturating_sub(withdrawn)));
        }
        state
    }

    /// Offers of whose time nothing is left, or may be.
    fn offers_over(&self, user: UserId, fact: FactName) -> u32 {
        let is_over = |booking: &Booking| {
            booking.user == user
                && booking.from_waitlist
                && booking.deadline.is_none_or(|until| until <= self.now)
        };
        match fact {
            FactName::WaitlistOffered => {
                u32::try_from(self.end.bookings.values().filter(|booking| is_over(booking)).count())
                    .unwrap_or(u32::MAX)
            }
            _ => 0,
        }
    }

    fn ends_so(&self, state: &State, kept: &Kept) -> bool {
        state == self.end && kept.iter().map(|(key, (_, until))| (key, until)).eq(self.end_kept)
    }

    /// Whether somebody was told that it happened, or was refused.
    fn is_certain(&self, step: usize) -> bool {
        self.told.get(step).is_some_and(|told| told.answer.is_some())
    }

    /// Whether the client was refused, or told an earlier answer again.
    fn changes_nothing(&self, step: usize) -> bool {
        let answer = self.told.get(step).and_then(|told| told.answer.as_ref());
        answer.is_some_and(Answer::changed_nothing)
    }

    /// Lets one thing happen; whether it does, and is what the client was told.
    fn take(&self, step: usize, state: &mut State, kept: &mut Kept) -> bool {
        let Some(told) = self.told.get(step) else {
            return match self.hidden[step - self.told.len()] {
                Hidden::Expire(id) => state.expire(id, self.now),
                Hidden::Sweep(id) => state.sweep(id),
                Hidden::Complete(id) => state.complete(id, self.now),
                Hidden::EndOffer(id) => state.end_offer(id, self.now),
                Hidden::Offer(id) => state.offer(id, &self.end.bookings[&id], self.now),
                Hidden::Drop(user, kind) => state.drop_from_line(user, kind, self.now),
            };
        };
        let replay = told.key.as_ref().and_then(|key| kept.get(key)).filter(|(_, until)| self.now < *until);
        let answer = match replay {
            Some((answer, _)) => answer.clone().again(),
            None => {
                // What nobody knows of and is not in the store was never made.
                let fresh = told.ask.makes_something();
                let Some(name) = told.name.or_else(|| (!fresh).then_some(Name::NONE)) else {
                    return told.answer.as_ref().is_some_and(|a| self.refuses(told, a, state));
                };
                let answer = state.answer(&told.ask, name, self.now);
                if let Some(key) = told.key.filter(|_| !matches!(answer, Answer::Refused(..))) {
                    kept.insert(key, (answer.clone(), self.keep_until));
                }
                answer
            }
        };
        told.answer.as_ref().is_none_or(|given| *given == answer)
    }

    /// Whether what is refused would be refused so.
    fn refuses(&self, told: &Told, given: &Answer, state: &State) -> bool {
        let mut probe = state.clone();
        probe.answer(&told.ask, Name::NONE, self.now) == *given
    }
}
