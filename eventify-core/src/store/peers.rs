//! Turns and signals between engines that share one store within a process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

use super::record::Key;
use super::signal::{EngineId, Signal, Signals};
use super::turn::Turn;

/// How long a turn is waited for.
const TURN_WAIT_MAX: Duration = Duration::from_secs(1);
/// Signals that a listener may be behind before it is told that it missed some.
const SIGNALS_BEHIND_MAX: usize = 4_096;

#[derive(Default)]
pub(super) struct Peers {
    turns: Mutex<BTreeMap<Key, Arc<Semaphore>>>,
    /// One for each who listens, so that nobody is woken for what they signalled themselves.
    listeners: Mutex<Vec<(EngineId, broadcast::Sender<Signal>)>>,
}

impl Peers {
    pub(super) async fn turn(&self, at: &BTreeSet<Key>) -> Option<Turn> {
        let places = self.places(at);
        let waited = places.iter().any(|place| place.available_permits() == 0);
        tokio::time::timeout(TURN_WAIT_MAX, all(places))
            .await
            .ok()
            .flatten()
            .map(|held| Turn::new(waited, held))
    }

    fn places(&self, at: &BTreeSet<Key>) -> Vec<Arc<Semaphore>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever holds or waits for a place shares it; the others are nobody's.
        turns.retain(|_, place| Arc::strong_count(place) > 1);
        at.iter()
            .map(|key| turns.entry(key.clone()).or_insert_with(|| Arc::new(Semaphore::new(1))).clone())
            .collect()
    }

    pub(super) fn signal(&self, from: EngineId, signals: &BTreeSet<Signal>) {
        let others: Vec<_> = {
            let mut listeners = self.listeners();
            listeners.retain(|(_, listener)| listener.receiver_count() > 0);
            listeners.iter().filter(|(id, _)| *id != from).map(|(_, other)| other.clone()).collect()
        };
        // Outside of the lock: whoever is woken may signal something.
        for (other, signal) in
            others.iter().flat_map(|other| signals.iter().map(move |signal| (other, signal)))
        {
            // Who listens no more misses nothing.
            let _ = other.send(*signal);
        }
    }

    pub(super) fn signals(&self, to: EngineId) -> Signals {
        let (listener, heard) = broadcast::channel(SIGNALS_BEHIND_MAX);
        self.listeners().push((to, listener));
        Box::pin(stream::unfold(heard, |mut heard| async move {
            match heard.recv().await {
                Ok(signal) => Some((signal, heard)),
                Err(broadcast::error::RecvError::Lagged(_)) => Some((Signal::Missed, heard)),
                Err(broadcast::error::RecvError::Closed) => None,
            }
        }))
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<(EngineId, broadcast::Sender<Signal>)>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One after another, in key order, so that two who want several never wait for each other. A semaphore is fair.
async fn all(places: Vec<Arc<Semaphore>>) -> Option<Vec<OwnedSemaphorePermit>> {
    let mut held = Vec::with_capacity(places.len());
    for place in places {
        held.push(place.acquire_owned().await.ok()?);
    }
    Some(held)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering::SeqCst;
    use std::task::{Context, Poll, Wake, Waker};

    use futures_util::future::join_all;
    use futures_util::{FutureExt, StreamExt};

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, SeqCst);
        }
    }

    #[test]
    fn nobody_is_woken_for_what_they_signalled_themselves() {
        let (peers, one, other) = (Peers::default(), EngineId::from_number(1), EngineId::from_number(2));
        let mut listeners = [one, other].map(|id| (peers.signals(id), Arc::new(Woken::default())));
        for (heard, woken) in &mut listeners {
            let waker = Waker::from(woken.clone());
            assert_eq!(heard.as_mut().poll_next(&mut Context::from_waker(&waker)), Poll::Pending);
        }
        peers.signal(one, &BTreeSet::from([Signal::JobDue]));
        let woken = listeners.each_ref().map(|(_, woken)| woken.0.load(SeqCst));
        assert_eq!(woken, [false, true]);
        let [own, others] = listeners.map(|(mut heard, _)| heard.next().now_or_never());
        assert_eq!((own, others), (None, Some(Some(Signal::JobDue))));
    }

    #[tokio::test(start_paused = true)]
    async fn turns_go_to_those_who_came_first() {
        let peers = Peers::default();
        let at = BTreeSet::from([Key::Keyring(())]);
        let first = peers.turn(&at).await.unwrap();
        let order = Mutex::new(Vec::new());
        let mut waiting: Vec<_> = (0..5)
            .map(|n| {
                let (peers, at, order) = (&peers, &at, &order);
                Box::pin(async move {
                    let held = peers.turn(at).await.unwrap();
                    assert!(held.waited());
                    order.lock().unwrap().push(n);
                })
            })
            .collect();
        // Who asks first stands first.
        for one in &mut waiting {
            assert!(one.now_or_never().is_none());
        }
        drop(first);
        waiting.reverse();
        join_all(waiting).await;
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
    }
}
