//! What a commit means to everybody else, in this process and in the others over the same store.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::Core;
use crate::store::{ChangeSet, Record, Signal, Signals};

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
        }
        if !signals.is_empty() {
            self.store.signal(self.id, &signals);
        }
    }

    async fn hear(&self, signal: Signal) {
        match signal {
            Signal::Told(user_id) => self.feeds.ring(user_id),
            Signal::JobDue => self.jobs_changed.notify_one(),
            Signal::NewKeys => self.look_for_keys().await,
            Signal::Missed => {
                self.feeds.ring_all();
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
    while let Some(signal) = signals.next().await {
        let Some(core) = core.upgrade() else { return };
        core.hear(signal).await;
    }
}
