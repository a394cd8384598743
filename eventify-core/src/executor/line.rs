//! What queues at a lane, and what of it is decided ahead of its turn.
//!
//! While a commit is under way, the next batch is decided over the records as they are once that commit has succeeded.
//! Its change set expects exactly those, so it can be applied only if the commit was, and nobody is answered before that
//! is known. If the commit came to nothing, so did what was decided ahead: it is decided anew.
//!
//! What was decided ahead is sent when the commit before it is answered; or before, to a store that can make use of the
//! time until that is durable ([`Store::may_follow`](crate::store::Store::may_follow)). At most one batch is sent so.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::atomic::Ordering::SeqCst;

use futures_util::FutureExt;
use tokio::sync::mpsc;

use super::batch::Batch;
use super::drive::Idle;
use super::lane::Lane;
use super::pending::Pending;
use super::{BATCH_COMMANDS_MAX, BATCH_WEIGHT_MAX};
use crate::store::{ChangeSet, Version};

/// Commands that are worth a load while a commit is under way; fewer wait for its end, and share a load then.
const AHEAD_COMMANDS_MIN: usize = 32;
/// Commands that are worth a commit of their own before the one under way is durable.
const FOLLOWING_COMMANDS_MIN: usize = 8;

/// Whether what is decided ahead goes to the store before the commit under way is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follow {
    /// Not known yet: the store is asked.
    Asked,
    /// As soon as it is decided.
    AtOnce,
    /// The store cannot do that, or one batch went so already.
    InTurn,
}

impl Follow {
    const fn commands_min(self) -> usize {
        match self {
            Self::AtOnce => FOLLOWING_COMMANDS_MIN,
            Self::Asked | Self::InTurn => AHEAD_COMMANDS_MIN,
        }
    }
}

/// A lane's queue.
pub(super) struct Line {
    queue: mpsc::Receiver<Box<dyn Pending>>,
    is_idle: Idle,
    waiting: Vec<Box<dyn Pending>>,
    /// The batch behind the commit under way, if it is with the store already.
    sent: Batch,
    /// The one behind that, as far as it is decided on the assumption that those succeed.
    ahead: Batch,
}

impl Line {
    pub(super) fn new(queue: mpsc::Receiver<Box<dyn Pending>>, is_idle: Idle) -> Self {
        let (sent, ahead) = Default::default();
        Self { queue, is_idle, waiting: Vec::with_capacity(BATCH_COMMANDS_MAX), sent, ahead }
    }

    /// The next batch, of all that queued, with the turn that it needs; `None` when every sender is gone and everything
    /// received was given out.
    pub(super) async fn next(&mut self, lane: &mut Lane) -> Option<Batch> {
        if !self.sent.is_empty() {
            return Some(std::mem::take(&mut self.sent));
        }
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
        lane: &Lane,
        set: &ChangeSet,
    ) -> T {
        // What was sent behind an earlier try of this one does not rest on it.
        if !self.sent.is_empty() {
            return commit.await;
        }
        let mut commit = pin!(commit);
        let (mut follow, mut is_more) = (Follow::Asked, true);
        loop {
            tokio::select! {
                biased;
                // Nobody waits for a decision that rests on what they are to be told now: it goes on in its turn.
                done = &mut commit => return done,
                may = lane.core.store.may_follow(), if follow == Follow::Asked => {
                    follow = if may { Follow::AtOnce } else { Follow::InTurn };
                    // Fewer are worth it now.
                    is_more |= may;
                }
                more = self.decide_some(lane, set, follow), if is_more => is_more = more,
            }
            if follow == Follow::AtOnce && self.ahead.is_decided() {
                self.send(lane, set).await;
                (follow, is_more) = (Follow::InTurn, true);
            }
        }
    }

    /// Hands in what was decided ahead.
    async fn send(&mut self, lane: &Lane, set: &ChangeSet) {
        let mut batch = std::mem::take(&mut self.ahead);
        batch.send(lane, set).await;
        self.sent = batch;
    }

    /// Whether there may be more to decide. Loses nothing when it is given up.
    async fn decide_some(&mut self, lane: &Lane, set: &ChangeSet, follow: Follow) -> bool {
        if !self.receive_some(follow.commands_min()).await || !self.ahead.fill(&mut self.waiting, |_, _| true)
        {
            return false;
        }
        let under_way: Vec<&ChangeSet> = std::iter::once(set).chain(self.sent.sent_set()).collect();
        match AssertUnwindSafe(self.ahead.decide(lane, &under_way)).catch_unwind().await {
            Ok(Ok(())) => self.ahead.is_open(),
            // They are told when it is their turn, if it is still so.
            Ok(Err(_)) => {
                self.ahead.forget();
                false
            }
            Err(_panic) => {
                tracing::error!("a batch failed before its turn; its callers are told, and the lane goes on");
                self.ahead = Batch::default();
                lane.recall.distrust();
                false
            }
        }
    }

    /// Whether so many wait that they are worth it.
    async fn receive_some(&mut self, commands_min: usize) -> bool {
        let room = BATCH_COMMANDS_MAX.saturating_sub(self.ahead.len());
        if room < commands_min {
            return false;
        }
        while self.waiting.len() < commands_min {
            let lacking = room.saturating_sub(self.waiting.len());
            if self.queue.recv_many(&mut self.waiting, lacking).await == 0 {
                return false;
            }
        }
        true
    }

    /// By which one sees that what was sent was applied.
    pub(super) fn sent_stamp(&self) -> Option<Version> {
        self.sent.sent_set().map(|set| set.stamp)
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
