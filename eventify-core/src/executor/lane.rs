//! One lane: takes all that queued while its last commit was under way, and makes one commit of it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use super::Core;
use super::line::Line;
use super::recall::Recall;
use super::turns::Rivals;
use crate::id::LaneId;
use crate::store::{Key, Versioned};

/// What a lane remembers between batches.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) core: Arc<Core>,
    pub(super) id: LaneId,
    /// Its mark as the store has it; `None` when it has to be read first.
    pub(super) mark: Option<Versioned>,
    pub(super) recall: Recall,
    pub(super) rivals: Rivals,
}

impl Lane {
    fn new(core: Arc<Core>) -> Self {
        let mut bytes = [0; 16];
        core.entropy.fill(&mut bytes);
        let id = LaneId::from_uuid(uuid::Builder::from_random_bytes(bytes).into_uuid());
        // Nobody else knows the id, so its mark is absent.
        let mark = Some(Versioned::absent(Key::LaneMark(id)));
        Self { core, id, mark, recall: Recall::default(), rivals: Rivals::default() }
    }
}

/// Runs until every sender is gone and everything received is answered.
pub(super) async fn run(core: Arc<Core>, mut line: Line) {
    let mut lane = Lane::new(core);
    while let Some(batch) = line.next(&mut lane).await {
        // A fault in one command must not take everybody's lane away. Its batch is lost unanswered, which the
        // callers are told; whether it was committed is read off the store before the next one.
        if AssertUnwindSafe(batch.run(&mut lane, &mut line)).catch_unwind().await.is_err() {
            tracing::error!("a batch failed; its callers are told, and the lane goes on");
            lane.mark = None;
            lane.recall.distrust();
            line.forget();
        }
        lane.end_turn();
    }
    lane.retire().await;
}
