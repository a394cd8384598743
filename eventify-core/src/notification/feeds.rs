//! Who waits for news of a person's history, in this process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::error::{Error, Reason};
use crate::id::UserId;

/// Feeds that one person may have open in one process.
const FEEDS_PER_PERSON_MAX: usize = 64;

/// A bell per person who is listened for. `None` once the engine shuts down.
#[derive(Debug)]
pub(crate) struct Feeds(Mutex<Option<HashMap<UserId, watch::Sender<()>>>>);

impl Default for Feeds {
    fn default() -> Self {
        Self(Mutex::new(Some(HashMap::new())))
    }
}

impl Feeds {
    /// A bell that rings when the person was told something.
    ///
    /// # Errors
    /// `overloaded` when the person has too many, `shutting_down`.
    pub(super) fn open(&self, user_id: UserId) -> Result<watch::Receiver<()>, Error> {
        let mut bells = self.bells();
        let bells = bells.as_mut().ok_or_else(|| {
            Error::new(Reason::ShuttingDown, "The engine is shutting down; try again in a moment.")
        })?;
        let bell = bells.entry(user_id).or_default();
        if bell.receiver_count() >= FEEDS_PER_PERSON_MAX {
            let sentence = format!("One person may have at most {FEEDS_PER_PERSON_MAX} feeds open.");
            return Err(Error::new(Reason::Overloaded, sentence));
        }
        Ok(bell.subscribe())
    }

    /// Forgets a person whom nobody listens for any more.
    pub(super) fn close_unused(&self, user_id: UserId) {
        if let Some(bells) = self.bells().as_mut()
            && bells.get(&user_id).is_some_and(|bell| bell.receiver_count() == 0)
        {
            bells.remove(&user_id);
        }
    }

    /// The person was told something.
    pub(crate) fn ring(&self, user_id: UserId) {
        if let Some(bell) = self.bells().as_ref().and_then(|bells| bells.get(&user_id)) {
            bell.send_replace(());
        }
    }

    /// Anybody may have been told something.
    pub(crate) fn ring_all(&self) {
        for bell in self.bells().iter().flat_map(HashMap::values) {
            bell.send_replace(());
        }
    }

    /// Ends every feed.
    pub(crate) fn close(&self) {
        *self.bells() = None;
    }

    fn bells(&self) -> MutexGuard<'_, Option<HashMap<UserId, watch::Sender<()>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn people(feeds: &Feeds) -> usize {
        feeds.bells().as_ref().map_or(0, HashMap::len)
    }

    #[test]
    fn whom_nobody_listens_for_is_forgotten() {
        let (feeds, bob, eve) = (Feeds::default(), UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let (one, two, other) =
            (feeds.open(bob).unwrap(), feeds.open(bob).unwrap(), feeds.open(eve).unwrap());
        drop(one);
        feeds.close_unused(bob);
        feeds.ring(bob);
        assert!(two.has_changed().unwrap() && !other.has_changed().unwrap());
        drop(two);
        feeds.close_unused(bob);
        assert_eq!(people(&feeds), 1);
        feeds.ring_all();
        assert!(other.has_changed().unwrap());
    }

    #[test]
    fn nobody_opens_feeds_without_bound_or_after_the_end() {
        let (feeds, bob) = (Feeds::default(), UserId::from_bytes([1; 16]));
        let open: Vec<_> = (0..FEEDS_PER_PERSON_MAX).map(|_| feeds.open(bob).unwrap()).collect();
        assert_eq!(feeds.open(bob).unwrap_err().reason(), Reason::Overloaded);
        feeds.close();
        assert!(open.iter().all(|bell| bell.has_changed().is_err()), "their feeds end");
        assert_eq!(feeds.open(bob).unwrap_err().reason(), Reason::ShuttingDown);
    }
}
