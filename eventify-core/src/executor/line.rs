//! What queues at a lane, and what of it is decided ahead of its turn.
//!
//! While a commit is under way, the next batch is decided over the records as they are once that commit has succeeded.
//! Its change set expects exactly those, so it can be applied only if the commit was; and it is not sent, nor is anybody
//! answered, before that is known. If the commit came to nothing, so did what was decided ahead: it is decided anew.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::atomic::Ordering::SeqCst;

use futures_util::FutureExt;
use tokio::sync::mpsc;

use super::batch::Batch;
use super::drive::Idle;
use super::lane::Lane;
use super::pending::Pending;
use super::{BATCH_COMMANDS_MAX, BATCH_WEIGHT_MAX, Core};
use crate::store::ChangeSet;

/// Commands that are worth a load while a commit is under way; fewer wait for its end, and share a load then.
const AHEAD_COMMANDS_MIN: usize = 32;

/// A lane's queue.
pub(super) struct Line {
    queue: mpsc::Receiver<Box<dyn Pending>>,
    is_idle: Idle,
    waiting: Vec<Box<dyn Pending>>,
    /// The next batch, as far as it is decided on the assumption that the commit under way succeeds.
    ahead: Batch,
}

impl Line {
    pub(super) fn new(queue: mpsc::Receiver<Box<dyn Pending>>, is_idle: Idle) -> Self {
        Self { queue, is_idle, waiting: Vec::with_capacity(BATCH_COMMANDS_MAX), ahead: Batch::default() }
    }

    /// The next batch, of all that queued, with the turn that it needs; `None` when every sender is gone and everything
    /// received was given out.
    pub(super) async fn next(&mut self, lane: &mut Lane) -> Option<Batch> {
        if self.waiting.is_empty() && self.ahead.is_empty() {
            self.is_idle.store(true, SeqCst);
            self.queue.recv_many(&mut self.waiting, BATCH_COMMANDS_MAX).await;
            self.is_idle.store(false, SeqCst);
        }
        let mut batch = std::mem::take(&mut self.ahead);
        if batch.is_empty() {
            let planned = first_batch(&self.waiting);
            let contended = lane.contended(self.waiting.get(..planned).unwrap_or_default());
            if lane.take_turn(contended).await {
                self.drain();
            }
            // Whoever queued meanwhile comes along, but not to where the turn does not reach.
            batch.fill(&mut self.waiting, |nth, command| nth < planned || lane.may_come(command));
        } else {
            self.drain();
            batch.fill(&mut self.waiting, |_, _| true);
        }
        (!batch.is_empty()).then_some(batch)
    }

    /// Takes in what queued, without waiting for more.
    fn drain(&mut self) {
        while self.waiting.len() < BATCH_COMMANDS_MAX
            && let Ok(command) = self.queue.try_recv()
        {
            self.waiting.push(command);
        }
    }

    /// Waits for a commit, and decides meanwhile on what queues behind it.
    pub(super) async fn decide_during<T>(
        &mut self,
        commit: impl Future<Output = T>,
        core: &Core,
        set: &ChangeSet,
    ) -> T {
        let mut commit = pin!(commit);
        loop {
            tokio::select! {
                biased;
                // Nobody waits for a decision that rests on what they are to be told now: it goes on in its turn.
                done = &mut commit => return done,
                more = self.decide_some(core, set) => if !more { return commit.await },
            }
        }
    }

    /// Whether there may be more to decide. Loses nothing when it is given up.
    async fn decide_some(&mut self, core: &Core, set: &ChangeSet) -> bool {
        if !self.receive_some().await || !self.ahead.fill(&mut self.waiting, |_, _| true) {
            return false;
        }
        match AssertUnwindSafe(self.ahead.decide(core, Some(set))).catch_unwind().await {
            Ok(Ok(())) => self.ahead.is_open(),
            // They are told when it is their turn, if it is still so.
            Ok(Err(_)) => {
                self.ahead.forget();
                false
            }
            Err(_panic) => {
                tracing::error!("a batch failed before its turn; its callers are told, and the lane goes on");
                self.ahead = Batch::default();
                false
            }
        }
    }

    /// Whether so many wait that they are worth a load.
    async fn receive_some(&mut self) -> bool {
        let room = BATCH_COMMANDS_MAX.saturating_sub(self.ahead.len());
        if room < AHEAD_COMMANDS_MIN {
            return false;
        }
        while self.waiting.len() < AHEAD_COMMANDS_MIN {
            let lacking = room.saturating_sub(self.waiting.len());
            if self.queue.recv_many(&mut self.waiting, lacking).await == 0 {
                return false;
            }
        }
        true
    }

    /// After a commit that came to nothing: what rested on it is decided anew.
    pub(super) fn forget(&mut self) {
        self.ahead.forget();
    }
}

/// How many of the waiting commands one commit may carry; at least one.
fn first_batch(waiting: &[Box<dyn Pending>]) -> usize {
    let weights = waiting.iter().scan(0u32, |sum, command| {
        *sum = sum.saturating_add(command.weight());
        Some(*sum)
    });
    weights.take_while(|sum| *sum <= BATCH_WEIGHT_MAX).count().max(1)
}
