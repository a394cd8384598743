//! Who waits for a provider at once: a provider may be slow, and those who want to pay are a crowd.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::providers::CALL_MAX;
use crate::id::PaymentId;

/// Charges of one provider that are begun at once, each for people who wait for it.
pub(super) const BEGINNING_MAX: usize = 64;
/// Charges of one provider that are asked about at once, because of what it said by itself.
const LOOKING_MAX: usize = 16;

/// The places before every provider. Those that jobs take are bounded where jobs are.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    /// The charges that are being begun; who else wants one of them waits for that.
    beginning: BTreeMap<PaymentId, watch::Receiver<()>>,
    /// How many of them are for people, by provider.
    people: BTreeMap<String, usize>,
    looking: BTreeMap<String, Arc<Semaphore>>,
}

/// Whether a charge may be begun now.
#[derive(Debug)]
pub(super) enum Entry {
    /// Nobody else is about it.
    First(Turn),
    /// Somebody else is; what changes is that they are no more.
    Second(watch::Receiver<()>),
    /// Too many others are begun with its provider.
    Full,
}

/// Somebody's turn to begin a charge, as long as it is held.
#[derive(Debug)]
pub(super) struct Turn {
    places: Arc<Places>,
    id: PaymentId,
    /// Whose place it takes.
    provider: Option<String>,
    /// Whoever waits is told by its end.
    _over: watch::Sender<()>,
}

impl Places {
    /// For somebody who waits for the answer.
    pub(super) fn enter(self: &Arc<Self>, provider: &str, id: PaymentId) -> Entry {
        self.enter_for(Some(provider), id)
    }

    /// For a job.
    pub(super) fn enter_as_job(self: &Arc<Self>, id: PaymentId) -> Entry {
        self.enter_for(None, id)
    }

    fn enter_for(self: &Arc<Self>, provider: Option<&str>, id: PaymentId) -> Entry {
        let mut taken = self.taken();
        if let Some(over) = taken.beginning.get(&id) {
            return Entry::Second(over.clone());
        }
        if let Some(provider) = provider {
            let people = taken.people.entry(provider.to_owned()).or_default();
            if *people >= BEGINNING_MAX {
                return Entry::Full;
            }
            *people += 1;
        }
        let (over, told) = watch::channel(());
        taken.beginning.insert(id, told);
        Entry::First(Turn { places: self.clone(), id, provider: provider.map(str::to_owned), _over: over })
    }

    /// A place to ask from, for somebody who waits as long as for the answer; `None` when none became free.
    pub(super) async fn look(&self, provider: &str) -> Option<OwnedSemaphorePermit> {
        let new = || Arc::new(Semaphore::new(LOOKING_MAX));
        let looking = self.taken().looking.entry(provider.to_owned()).or_insert_with(new).clone();
        tokio::time::timeout(CALL_MAX, looking.acquire_owned()).await.ok()?.ok()
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.beginning.remove(&self.id);
        if let Some(people) = self.provider.as_ref().and_then(|provider| taken.people.get_mut(provider)) {
            *people = people.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test fails by panicking")]

    use super::*;

    fn id(n: u8) -> PaymentId {
        PaymentId::from_bytes([n; 16])
    }

    #[tokio::test]
    async fn a_charge_is_begun_by_one_and_the_others_hear_of_the_end() {
        let places = Arc::new(Places::default());
        let Entry::First(turn) = places.enter("card", id(1)) else { panic!("it is free") };
        let Entry::Second(mut over) = places.enter_as_job(id(1)) else { panic!("it is taken") };
        drop(turn);
        assert!(over.changed().await.is_err(), "it is over");
        assert!(matches!(places.enter_as_job(id(1)), Entry::First(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_one_provider_says_by_itself_is_asked_about_by_so_many_at_once() {
        let places = Places::default();
        let mut taken = Vec::new();
        for _ in 0..LOOKING_MAX {
            taken.push(places.look("card").await);
        }
        assert!(taken.iter().all(Option::is_some));
        assert!(places.look("card").await.is_none(), "as long as for an answer, and none became free");
        assert!(places.look("transfer").await.is_some());
        taken.pop();
        assert!(places.look("card").await.is_some());
    }

    #[test]
    fn a_crowd_before_one_provider_is_bounded_and_takes_no_place_before_another() {
        let places = Arc::new(Places::default());
        let max = u8::try_from(BEGINNING_MAX).unwrap_or(u8::MAX);
        let mut turns: Vec<Entry> = (0..max).map(|n| places.enter("card", id(n))).collect();
        assert!(turns.iter().all(|entry| matches!(entry, Entry::First(_))));
        assert!(matches!(places.enter("card", id(max)), Entry::Full));
        assert!(matches!(places.enter("card", id(0)), Entry::Second(_)), "who waits takes none");
        assert!(matches!(places.enter("transfer", id(max)), Entry::First(_)));
        assert!(matches!(places.enter_as_job(id(max)), Entry::First(_)), "jobs have places of their own");
        turns.pop();
        assert!(matches!(places.enter("card", id(max)), Entry::First(_)));
    }
}
