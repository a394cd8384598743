//! How much is to be done now, in numbers: of the whole store, whichever process does it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Jobs;
use super::line::Queue;
use super::model::{Job, JobClass};
use crate::error::Error;
use crate::eventify::of_kind;
use crate::store::{Index, Scan};

/// Jobs that are counted of each class at most, so that looking costs little: that many, or more.
const COUNTED_MAX: usize = 1_000;

/// What is to be done now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backlog {
    /// By who is needed for it.
    pub due: BTreeMap<JobClass, DueCount>,
    /// Dead letters; at most 1,000 are counted.
    pub dead: u64,
}

/// Jobs of a class whose time has come, and that nobody has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DueCount {
    /// How many; at most 1,000 are counted.
    pub count: u64,
    /// For how long the first one has been due.
    pub oldest: Duration,
}

impl Jobs<'_> {
    /// How much is to be done now.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn backlog(&self) -> Result<Backlog, Error> {
        let now = self.engine.core().clock.now();
        let mut backlog = Backlog::default();
        for class in JobClass::ALL {
            let due = self.due(&Queue::Of(class), COUNTED_MAX).await?;
            let oldest = due.first().map(|job| now.since(job.next_at())).unwrap_or_default();
            backlog.due.insert(class, DueCount { count: counted(due.len()), oldest });
        }
        let dead = self.engine.core().store.scan(&Scan::first(Index::JobsDead, COUNTED_MAX)).await?;
        backlog.dead = counted(of_kind::<Job>(&dead.items).count());
        Ok(backlog)
    }
}

fn counted(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
