//! Who waits for news of what, in this process.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::error::{Error, Reason};

/// Feeds that one person, or one event, may have open in one process.
const FEEDS_PER_BELL_MAX: usize = 64;

/// A bell for each of those who are listened for. `None` once no more feeds are opened.
#[derive(Debug)]
pub(crate) struct Bells<K>(Mutex<Option<HashMap<K, watch::Sender<()>>>>);

impl<K> Default for Bells<K> {
    fn default() -> Self {
        Self(Mutex::new(Some(HashMap::new())))
    }
}

impl<K: Copy + Eq + Hash> Bells<K> {
    /// A bell that rings when there is something new.
    ///
    /// # Errors
    /// `overloaded` when too many listen for the same, `shutting_down`.
    pub(crate) fn open(&self, of: K) -> Result<watch::Receiver<()>, Error> {
        let mut bells = self.bells();
        let bells = bells.as_mut().ok_or_else(|| {
            Error::new(Reason::ShuttingDown, "The engine is shutting down; try again in a moment.")
        })?;
        let bell = bells.entry(of).or_default();
        if bell.receiver_count() >= FEEDS_PER_BELL_MAX {
            let sentence = format!("One person or event may have at most {FEEDS_PER_BELL_MAX} feeds open.");
            return Err(Error::new(Reason::Overloaded, sentence));
        }
        Ok(bell.subscribe())
    }

    /// Forgets those whom nobody listens for any more.
    pub(crate) fn close_unused(&self, of: K) {
        if let Some(bells) = self.bells().as_mut()
            && bells.get(&of).is_some_and(|bell| bell.receiver_count() == 0)
        {
            bells.remove(&of);
        }
    }

    /// There is something new.
    pub(crate) fn ring(&self, of: K) {
        if let Some(bell) = self.bells().as_ref().and_then(|bells| bells.get(&of)) {
            bell.send_replace(());
        }
    }

    /// Everybody who is listened for.
    pub(crate) fn all(&self) -> Vec<K> {
        self.bells().iter().flat_map(HashMap::keys).copied().collect()
    }

    /// Ends every feed.
    pub(crate) fn close(&self) {
        *self.bells() = None;
    }

    fn bells(&self) -> MutexGuard<'_, Option<HashMap<K, watch::Sender<()>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::id::UserId;

    fn people(feeds: &Bells<UserId>) -> usize {
        feeds.bells().as_ref().map_or(0, HashMap::len)
    }

    #[test]
    fn whom_nobody_listens_for_is_forgotten() {
        let (feeds, bob, eve) = (Bells::default(), UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let (one, two, other) =
            (feeds.open(bob).unwrap(), feeds.open(bob).unwrap(), feeds.open(eve).unwrap());
        drop(one);
        feeds.close_unused(bob);
        feeds.ring(bob);
        assert!(two.has_changed().unwrap() && !other.has_changed().unwrap());
        drop(two);
        feeds.close_unused(bob);
        assert_eq!(people(&feeds), 1);
        assert_eq!(feeds.all(), [eve]);
        feeds.ring(eve);
        assert!(other.has_changed().unwrap());
    }

    #[test]
    fn nobody_opens_feeds_without_bound_or_after_the_end() {
        let (feeds, bob) = (Bells::default(), UserId::from_bytes([1; 16]));
        let open: Vec<_> = (0..FEEDS_PER_BELL_MAX).map(|_| feeds.open(bob).unwrap()).collect();
        assert_eq!(feeds.open(bob).unwrap_err().reason(), Reason::Overloaded);
        feeds.close();
        assert!(open.iter().all(|bell| bell.has_changed().is_err()), "their feeds end");
        assert_eq!(feeds.open(bob).unwrap_err().reason(), Reason::ShuttingDown);
    }
}
