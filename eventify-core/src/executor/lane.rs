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
                // Whoever queued meanwhile comes along.
                while waiting.len() < BATCH_COMMANDS_MAX
                    && let Ok(command) = queue.try_recv()
                {
                    waiting.push(command);
                }
            }
            let rest = waiting.split_off(first_batch(&waiting));
            let batch = Batch::new(std::mem::replace(&mut waiting, rest));
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

/// How many of the waiting commands one commit may carry; at least one.
fn first_batch(waiting: &[Box<dyn Pending>]) -> usize {
    let weights = waiting.iter().scan(0u32, |sum, command| {
        *sum = sum.saturating_add(command.weight());
        Some(*sum)
    });
    weights.take_while(|sum| *sum <= BATCH_WEIGHT_MAX).count().max(1)
}
