//! Whether what clients were told can have happened, in some order, and end in what the store holds now.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::oracle::{Answer, Ask, State};
use crate::id::{BookingId, EventId};
use crate::store::IdempotencyHash;
use crate::time::Timestamp;

/// What a client asked in a round, and what it was told: nothing, when the answer was lost or not waited for.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) ask: Ask,
    pub(super) key: Option<IdempotencyHash>,
    pub(super) answer: Option<Answer>,
    /// What a new booking is called, if there is one.
    pub(super) id: Option<BookingId>,
}

/// The answers that idempotency keys stand for, and until when.
pub(super) type Kept = BTreeMap<IdempotencyHash, (Answer, Timestamp)>;

/// What may have happened by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    Expire(BookingId),
    Sweep(BookingId),
    Complete(EventId),
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
}

/// How many ways are tried at most: far more than a round has that is not wrong.
const NODES_MAX: usize = 60_000;

/// Why there is no explanation.
#[derive(Debug)]
pub(super) enum Unexplained {
    No,
    TooManyWays,
}

impl Riddle<'_> {
    /// The world after the round.
    pub(super) fn solve(&self, state: &State, kept: &Kept) -> Result<(State, Kept), Unexplained> {
        let mut search = Search { riddle: self, seen: HashSet::new() };
        let all = (1u64 << (self.told.len() + self.hidden.len())) - 1;
        match search.go(state, kept, all) {
            Some(found) => Ok(found),
            None if search.seen.len() > NODES_MAX => Err(Unexplained::TooManyWays),
            None => Err(Unexplained::No),
        }
    }
}

struct Search<'a> {
    riddle: &'a Riddle<'a>,
    seen: HashSet<(u64, u64)>,
}

impl Search<'_> {
    fn go(&mut self, state: &State, kept: &Kept, left: u64) -> Option<(State, Kept)> {
        if left == 0 {
            return self.riddle.ends_so(state, kept).then(|| (state.clone(), kept.clone()));
        }
        let mut hasher = DefaultHasher::new();
        (state, kept).hash(&mut hasher);
        if !self.seen.insert((left, hasher.finish())) || self.seen.len() > NODES_MAX {
            return None;
        }
        let steps = self.riddle.told.len() + self.riddle.hidden.len();
        for step in (0..steps).filter(|step| left & (1 << step) != 0) {
            let rest = left & !(1 << step);
            let (mut after, mut kept_after) = (state.clone(), kept.clone());
            if !self.riddle.take(step, &mut after, &mut kept_after) {
                continue;
            }
            // What changes nothing may as well happen now.
            let idle = after == *state && kept_after == *kept;
            let found = self.go(&after, &kept_after, rest);
            if found.is_some() || (idle && self.riddle.is_certain(step)) {
                return found;
            }
        }
        // What nobody was told of may not have happened.
        for step in (0..steps).filter(|step| left & (1 << step) != 0) {
            if !self.riddle.is_certain(step) {
                return self.go(state, kept, left & !(1 << step));
            }
        }
        None
    }
}

impl Riddle<'_> {
    fn ends_so(&self, state: &State, kept: &Kept) -> bool {
        state == self.end && kept.iter().map(|(key, (_, until))| (key, until)).eq(self.end_kept)
    }

    /// Whether somebody was told that it happened, or was refused.
    fn is_certain(&self, step: usize) -> bool {
        self.told.get(step).is_some_and(|told| told.answer.is_some())
    }

    /// Lets one thing happen; whether that is what the client was told.
    fn take(&self, step: usize, state: &mut State, kept: &mut Kept) -> bool {
        let Some(told) = self.told.get(step) else {
            match self.hidden[step - self.told.len()] {
                Hidden::Expire(id) => state.expire(id, self.now),
                Hidden::Sweep(id) => state.sweep(id),
                Hidden::Complete(id) => state.complete(id, self.now),
            }
            return true;
        };
        let replay = told.key.as_ref().and_then(|key| kept.get(key)).filter(|(_, until)| self.now < *until);
        let answer = match replay {
            Some((answer, _)) => replayed(answer.clone()),
            None => {
                // An unknown booking that is not in the store was never made.
                let fresh = matches!(told.ask, Ask::Reserve { .. });
                let Some(id) = told.id.or_else(|| (!fresh).then(|| BookingId::from_bytes([0; 16]))) else {
                    return told.answer.as_ref().is_some_and(|a| self.refuses(told, a, state));
                };
                let answer = state.answer(&told.ask, id, self.now);
                if let Some(key) = told.key.filter(|_| !matches!(answer, Answer::Refused(..))) {
                    kept.insert(key, (answer.clone(), self.keep_until));
                }
                answer
            }
        };
        told.answer.as_ref().is_none_or(|given| *given == answer)
    }

    /// Whether a refused reservation would be refused so.
    fn refuses(&self, told: &Told, given: &Answer, state: &State) -> bool {
        let mut probe = state.clone();
        probe.answer(&told.ask, BookingId::from_bytes([0; 16]), self.now) == *given
    }
}

fn replayed(answer: Answer) -> Answer {
    match answer {
        Answer::Booking { id, status, tickets, .. } => {
            Answer::Booking { id, status, tickets, replayed: true }
        }
        Answer::CheckedIn { .. } => Answer::CheckedIn { replayed: true },
        other => other,
    }
}
