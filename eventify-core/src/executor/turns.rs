//! Turns at what other processes change under a lane's hands.
//!
//! A lane works on the assumption that nobody else changes what it reads. At an event that several processes sell at
//! once that is wrong most of the time, and all but one do their work in vain. So a lane remembers where it was too
//! late, and waits for its turn there; what queues meanwhile makes its next batch larger.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::lane::Lane;
use super::pending::Pending;
use crate::store::{ChangeSet, Commit, Key, Kind, StoreError, Turn};

/// How long a place counts as contended after the last sign of it.
const HOT_FOR: Duration = Duration::from_secs(5);
/// How long no turn is asked for after one did not come: its holder may hang.
const SHUNNED_FOR: Duration = Duration::from_secs(5);
/// No turn is worth waiting for any longer; the store gives up earlier by itself.
const TURN_WAIT_MAX: Duration = Duration::from_secs(3);
/// Places that a lane remembers.
const PLACES_MAX: usize = 1_024;

/// What a lane knows of the contention around it.
#[derive(Debug, Default)]
pub(super) struct Rivals {
    places: HashMap<Key, Place>,
    mine: Option<(BTreeSet<Key>, Turn)>,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    /// Others change it too.
    Hot(Instant),
    /// A turn at it did not come.
    Shunned(Instant),
}

impl Place {
    const fn until(self) -> Instant {
        match self {
            Self::Hot(until) | Self::Shunned(until) => until,
        }
    }
}

fn is_event(place: &Key) -> bool {
    place.kind() == Kind::Event
}

impl Rivals {
    fn note(&mut self, places: impl IntoIterator<Item = Key>) {
        let now = Instant::now();
        for key in places {
            if self.places.len() >= PLACES_MAX {
                self.places.retain(|_, place| place.until() > now);
            }
            if !self.is_shunned(&key, now) && self.places.len() < PLACES_MAX {
                self.places.insert(key, Place::Hot(now + HOT_FOR));
            }
        }
    }

    fn is_hot(&self, key: &Key, now: Instant) -> bool {
        matches!(self.places.get(key), Some(Place::Hot(until)) if *until > now)
    }

    fn is_shunned(&self, key: &Key, now: Instant) -> bool {
        matches!(self.places.get(key), Some(Place::Shunned(until)) if *until > now)
    }
}

impl Lane {
    /// Remembers where these commands were too late.
    pub(super) fn note_conflict(&mut self, commands: &[Box<dyn Pending>], moved: &[Key]) {
        let concerned = commands.iter().filter(|command| {
            let mut reads = BTreeSet::new();
            command.reads(&mut reads);
            moved.iter().any(|key| reads.contains(key))
        });
        let places: BTreeSet<Key> = concerned.map(|command| command.lane().place()).collect();
        self.rivals.note(places);
    }

    /// Where these commands need a turn: where they have rivals, and if that is at an event, at all of their events. With
    /// a turn at some of them, the commit would lock the others' rows out of order, and wait for those who wait for it.
    pub(super) fn contended(&self, commands: &[Box<dyn Pending>]) -> BTreeSet<Key> {
        if self.rivals.places.is_empty() {
            return BTreeSet::new();
        }
        let now = Instant::now();
        let places: BTreeSet<Key> = commands.iter().map(|command| command.lane().place()).collect();
        let (events, others): (BTreeSet<Key>, BTreeSet<Key>) = places.into_iter().partition(is_event);
        let mut at: BTreeSet<Key> = others.into_iter().filter(|key| self.rivals.is_hot(key, now)).collect();
        // A turn that does not come at one of them does not come at all of them.
        if events.iter().any(|key| self.rivals.is_hot(key, now))
            && !events.iter().any(|key| self.rivals.is_shunned(key, now))
        {
            at.extend(events);
        }
        at
    }

    /// Whether a command may join a batch for which the turn in hand was taken.
    pub(super) fn may_come(&self, command: &dyn Pending) -> bool {
        let Some((mine, _)) = &self.rivals.mine else { return true };
        let place = command.lane().place();
        // A turn that is at no event holds no rows, so others may come with it unless they need one of their own.
        mine.contains(&place) || (!mine.iter().any(is_event) && !self.rivals.is_hot(&place, Instant::now()))
    }

    /// Commits; a turn in hand ends with it, so that the next one need not wait until this lane has answered everybody.
    pub(super) fn commit_in_turn<'s>(
        &mut self,
        set: &'s ChangeSet,
    ) -> impl Future<Output = Result<Commit, StoreError>> + use<'s> {
        let (store, mine) = (self.core.store.clone(), self.rivals.mine.take());
        async move {
            match mine {
                Some((_, turn)) => store.commit_in_turn(set, turn).await,
                None => store.commit(set).await,
            }
        }
    }

    /// Whether nobody else was seen where this lane works for a while.
    pub(super) fn is_alone(&self) -> bool {
        let now = Instant::now();
        self.rivals.places.values().all(|place| place.until() <= now)
    }

    /// Waits for the lane's turn at these places, and says whether it had to ask.
    pub(super) async fn take_turn(&mut self, at: BTreeSet<Key>) -> bool {
        if at.is_empty() || self.rivals.mine.as_ref().is_some_and(|(mine, _)| at.is_subset(mine)) {
            return false;
        }
        // Never waits with a turn in hand: those who wait for it may have what this one waits for.
        self.end_turn();
        let asked = Instant::now();
        let hot: Vec<Key> = at.iter().filter(|key| self.rivals.is_hot(key, asked)).cloned().collect();
        match tokio::time::timeout(TURN_WAIT_MAX, self.core.store.turn(&at)).await {
            Ok(Ok(Some(turn))) => {
                if turn.waited() {
                    self.rivals.note(hot);
                }
                self.rivals.mine = Some((at, turn));
            }
            // A store without turns answers at once, and is not asked again for a while either.
            Ok(Ok(None) | Err(_)) | Err(_) => {
                let shunned = Place::Shunned(Instant::now() + SHUNNED_FOR);
                self.rivals.places.extend(at.into_iter().map(|key| (key, shunned)));
            }
        }
        true
    }

    /// Lets the next one have its turn.
    pub(super) fn end_turn(&mut self) {
        self.rivals.mine = None;
    }
}
