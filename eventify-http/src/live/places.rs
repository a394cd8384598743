//! How many feeds may be open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use eventify_core::{Error, Reason, UserId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Feeds;
use crate::error::{Problem, Result};

/// Sockets that may be open of those who have yet to say who they are: they have little time for it, and no feed's place.
const STRANGERS_MAX: usize = 256;

/// Counts feeds, in all and by person.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    people: Arc<Mutex<HashMap<UserId, usize>>>,
    all: usize,
    per_person_max: usize,
}

impl Places {
    pub(crate) fn new(feeds: &Feeds) -> Self {
        let all = feeds.feeds_max.min(Semaphore::MAX_PERMITS);
        let free = Arc::new(Semaphore::new(all));
        let strangers = Arc::new(Semaphore::new(STRANGERS_MAX.min(all)));
        Self { free, strangers, people: Arc::default(), all, per_person_max: feeds.per_person_max }
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        self.all.saturating_sub(self.free.available_permits())
    }

    /// A place for another one.
    ///
    /// # Errors
    /// 503 `overloaded` when there is none.
    pub(crate) fn enter(&self) -> Result<Place> {
        let permit = permit(&self.free)?;
        Ok(Place { places: self.clone(), person: None, _permit: permit })
    }

    /// A place for somebody who says nothing of who they are.
    ///
    /// # Errors
    /// As [`Self::enter`].
    pub(crate) fn wait(&self) -> Result<Stranger> {
        Ok(Stranger { _permit: permit(&self.strangers)? })
    }
}

fn permit(of: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
    let full = |_| Error::new(Reason::Overloaded, "Too many feeds are open now; try again in a moment.");
    Ok(of.clone().try_acquire_owned().map_err(full)?)
}

/// A place of somebody who has yet to say who they are.
#[derive(Debug)]
pub(crate) struct Stranger {
    _permit: OwnedSemaphorePermit,
}

/// One open feed.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    person: Option<UserId>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Says whose it is. A device at the door is nobody.
    ///
    /// # Errors
    /// 429 `too_many_feeds`.
    pub(crate) fn take_for(&mut self, person: Option<UserId>) -> Result<()> {
        let (Some(user_id), None) = (person, self.person) else {
            return Ok(());
        };
        let mut people = self.places.people.lock().unwrap_or_else(PoisonError::into_inner);
        let count = people.entry(user_id).or_default();
        if *count >= self.places.per_person_max {
            return Err(Problem::too_many_feeds(self.places.per_person_max));
        }
        *count += 1;
        self.person = Some(user_id);
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(user_id) = self.person else { return };
        let mut people = self.places.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = people.get_mut(&user_id) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                people.remove(&user_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn places_are_bounded_in_all_and_by_person_and_given_back() {
        let mut feeds = Feeds::default();
        (feeds.feeds_max, feeds.per_person_max) = (3, 2);
        let places = Places::new(&feeds);
        let (bob, eve) = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let enter = |who| {
            let mut place = places.enter()?;
            place.take_for(Some(who)).map(|()| place)
        };
        let held = [enter(bob).unwrap(), enter(bob).unwrap()];
        assert_eq!(enter(bob).unwrap_err().status().as_u16(), 429);
        let other = enter(eve).unwrap();
        assert_eq!(enter(eve).unwrap_err().status().as_u16(), 503);
        assert_eq!(places.open(), 3);
        drop(held);
        let again = enter(bob).unwrap();
        drop((other, again));
        assert_eq!(places.open(), 0);
        assert!(places.people.lock().unwrap().is_empty());
    }

    #[test]
    fn who_says_nothing_of_themselves_takes_nobodys_place() {
        let mut feeds = Feeds::default();
        let places = Places::new(&feeds);
        let strangers: Vec<_> = (0..STRANGERS_MAX).map(|_| places.wait().unwrap()).collect();
        assert_eq!(places.wait().unwrap_err().status().as_u16(), 503);
        assert_eq!(places.open(), 0);
        let _place = places.enter().unwrap();
        drop(strangers);
        places.wait().unwrap();
        feeds.feeds_max = 1;
        let places = Places::new(&feeds);
        let _stranger = places.wait().unwrap();
        places.wait().unwrap_err();
        places.enter().unwrap();
    }
}
