//! One lane: takes all that queued while its last commit was under way, and makes one commit of it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::sync::mpsc;

use super::batch::Batch;
use super::pending::Pending;
use super::turns::Rivals;
use super::{BATCH_COMMANDS_MAX, BATCH_WEIGHT_MAX, Core};
use crate::id::LaneId;
use crate::store::{Key, Versioned};

/// What a lane remembers between batches.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) core: Arc<Core>,
    pub(super) id: LaneId,
    /// Its mark as the store has it; `None` when it has to be read first.
    pub(super) mark: Option<Versioned>,
    pub(super) rivals: Rivals,
}

impl Lane {
    fn new(core: Arc<Core>) -> Self {
        let mut bytes = [0; 16];
        core.entropy.fill(&mut bytes);
        let id = LaneId::from_uuid(uuid::Builder::from_random_bytes(bytes).into_uuid());
        // Nobody else knows the id, so its mark is absent.
        Self { core, id, mark: Some(Versioned::absent(Key::LaneMark(id))), rivals: Rivals::default() }
    }
}

/// Runs until every sender is gone and everything received is answered.
pub(super) async fn run(core: Arc<Core>, mut queue: mpsc::Receiver<Box<dyn Pending>>) {
    let mut lane = Lane::new(core);
    let mut waiting = Vec::with_capacity(BATCH_COMMANDS_MAX);
    while queue.recv_many(&mut waiting, BATCH_COMMANDS_MAX).await > 0 {
        while !waiting.is_empty() {
            let planned = first_batch(&waiting);
            let contended = lane.contended(waiting.get(..planned).unwrap_or_default());
            if lane.take_turn(contended).await {
                while waiting.len() < BATCH_COMMANDS_MAX
                    && let Ok(command) = queue.try_recv()
                {
                    waiting.push(command);
                }
            }
            // Whoever queued meanwhile comes along, but not to where the turn does not reach.
            let batch = Batch::new(take_batch(&mut waiting, planned, |command| lane.may_come(command)));
            // A fault in one command must not take everybody's lane away. Its batch is lost unanswered, which the
            // callers are told; whether it was committed is read off the store before the next one.
            if AssertUnwindSafe(batch.run(&mut lane)).catch_unwind().await.is_err() {
                tracing::error!("a batch failed; its callers are told, and the lane goes on");
                lane.mark = None;
            }
            lane.end_turn();
        }
    }
    lane.retire().await;
}

/// Takes out what one commit may carry: the first ones, as planned, and of the others those that may come along. At one
/// place nobody overtakes anybody.
fn take_batch(
    waiting: &mut Vec<Box<dyn Pending>>,
    planned: usize,
    may_come: impl Fn(&dyn Pending) -> bool,
) -> Vec<Box<dyn Pending>> {
    let (mut batch, mut rest) = (Vec::new(), Vec::new());
    let (mut weight, mut full) = (0u32, false);
    for (nth, command) in waiting.drain(..).enumerate() {
        if nth >= planned && (full || !may_come(&*command)) {
            rest.push(command);
            continue;
        }
        let heavier = weight.saturating_add(command.weight());
        if nth >= planned && heavier > BATCH_WEIGHT_MAX {
            full = true;
            rest.push(command);
        } else {
            weight = heavier;
            batch.push(command);
        }
    }
    *waiting = rest;
    batch
}

/// How many of the waiting commands one commit may carry; at least one.
fn first_batch(waiting: &[Box<dyn Pending>]) -> usize {
    let weights = waiting.iter().scan(0u32, |sum, command| {
        *sum = sum.saturating_add(command.weight());
        Some(*sum)
    });
    weights.take_while(|sum| *sum <= BATCH_WEIGHT_MAX).count().max(1)
}
