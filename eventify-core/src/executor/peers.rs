//! What a commit means to everybody else, in this process and in the others over the same store.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};

use super::Core;
use crate::id::{EventId, UserId};
use crate::store::{ChangeSet, Key, Record, Signal, Signals, Write};

/// Bells that ring together when signals were missed …
const RUNG_MAX: usize = 64;
/// … and how long the next ones wait: five thousand people take two seconds.
const RUNG_EVERY: Duration = Duration::from_millis(25);

impl Core {
    /// After a commit: wakes whom it concerns.
    pub(super) fn tell(&self, set: &ChangeSet) {
        // A worker looks once a second by itself; only what is due before that is worth waking one for.
        let soon = self.clock.now().plus(Duration::from_secs(1));
        let mut signals = BTreeSet::new();
        for write in &set.writes {
            match (&write.before, &write.after) {
                (_, Some(Record::Job(job))) if job.next_at() <= soon => {
                    self.jobs_changed.notify_one();
                    // Where there is a worker it does the job; to call the others too would make them race for it.
                    if !self.has_worker {
                        signals.insert(Signal::JobDue);
                    }
                }
                (None, Some(Record::Notification(told))) if told.shown => {
                    self.feeds.ring(told.user_id);
                    signals.insert(Signal::Told(told.user_id));
                }
                (_, Some(Record::Keyring(keyring))) => {
                    self.keys.learn(keyring);
                    signals.insert(Signal::NewKeys);
                }
                _ => {}
            }
            // Whoever listens finds out by looking that they may no longer.
            if let Some(user_id) = shut_out(write) {
                self.feeds.ring(user_id);
                signals.insert(Signal::Told(user_id));
            }
            if let Some(event_id) = concerns(write)
                && self.watchers.changed(event_id)
            {
                signals.insert(Signal::Changed(event_id));
            }
        }
        if !signals.is_empty() {
            self.store.signal(self.id, &signals);
        }
    }

    async fn hear(&self, signal: Signal) {
        match signal {
            Signal::Told(user_id) => self.feeds.ring(user_id),
            Signal::Watched(event_id) => self.watchers.heard_of_one(event_id),
            Signal::Changed(event_id) => self.watchers.ring(event_id),
            Signal::JobDue => self.jobs_changed.notify_one(),
            Signal::NewKeys => self.look_for_keys().await,
            Signal::Missed => {
                self.jobs_changed.notify_one();
                self.look_for_keys().await;
            }
        }
    }

    async fn look_for_keys(&self) {
        if let Err(error) = self.keys.read_anew(&*self.store).await {
            // Whoever shows something signed with a new key makes this process look again.
            tracing::debug!(%error, "new keys cannot be read");
        }
    }
}

/// Who may have lost a session or a key by a write.
fn shut_out(write: &Write) -> Option<UserId> {
    match (write.before.as_ref()?, &write.after) {
        (Record::User(before), Some(Record::User(after))) => {
            (before.session_generation != after.session_generation).then_some(before.id)
        }
        (Record::User(before), _) => Some(before.id),
        (Record::Session(before), Some(Record::Session(after))) => {
            (before.revoked_at != after.revoked_at).then_some(before.user_id)
        }
        (Record::ApiKeys(before), Some(Record::ApiKeys(after))) => {
            let is_gone = |id| after.keys.iter().all(|key| key.id != id);
            before.keys.iter().any(|key| is_gone(key.id)).then_some(before.user_id)
        }
        (Record::ApiKeys(before), _) => Some(before.user_id),
        _ => None,
    }
}

/// The event that whoever watches sees differently after a write.
fn concerns(write: &Write) -> Option<EventId> {
    match (&write.key, &write.after) {
        (Key::Event(id) | Key::Inventory(id) | Key::EventTally(id) | Key::Staff(id), _) => Some(*id),
        (_, Some(Record::TicketType(of))) => Some(of.event_id),
        _ => None,
    }
}

/// Hears what other processes signal, until it is dropped.
#[derive(Debug)]
pub(crate) struct Ear(JoinHandle<()>);

impl Ear {
    /// Begins to listen, if the store has anything to hear.
    pub(crate) fn start(core: &Arc<Core>, runtime: &Handle) -> Option<Self> {
        let signals = core.store.signals(core.id)?;
        Some(Self(runtime.spawn(listen(Arc::downgrade(core), signals))))
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn listen(core: Weak<Core>, mut signals: Signals) {
    // Ends with this.
    let mut catching_up = JoinSet::new();
    while let Some(signal) = signals.next().await {
        let Some(heard) = core.upgrade() else { return };
        if signal == Signal::Missed {
            // Those who looked already may have missed something since: all of them look again.
            catching_up.abort_all();
            catching_up.spawn(ring_all(core.clone()));
        }
        heard.hear(signal).await;
        while catching_up.try_join_next().is_some() {}
    }
}

/// Has everybody who listens here look for news, some after others: thousands that look at once would take the store from those who
/// buy.
async fn ring_all(core: Weak<Core>) {
    let Some(all) = core.upgrade().map(|core| (core.feeds.all(), core.watchers.all())) else { return };
    let (people, events) = all;
    let (mut people, mut events) = (people.chunks(RUNG_MAX), events.chunks(RUNG_MAX));
    loop {
        let (some, others) = (people.next(), events.next());
        let Some(core) = core.upgrade().filter(|_| some.is_some() || others.is_some()) else { return };
        some.into_iter().flatten().for_each(|user_id| core.feeds.ring(*user_id));
        others.into_iter().flatten().for_each(|event_id| core.watchers.ring(*event_id));
        drop(core);
        tokio::time::sleep(RUNG_EVERY).await;
    }
}
