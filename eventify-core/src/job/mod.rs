//! Jobs: everything that must happen later, as records that are written with what makes it necessary.

mod model;

pub use model::{Job, JobState, JobWork};

use crate::context::Context;
use crate::id::JobId;
use crate::time::Timestamp;
use crate::work::Work;

/// Writes a job under an id that no job has had before.
pub(crate) fn schedule(work: &mut Work, cx: &Context<'_>, id: JobId, what: JobWork, due_at: Timestamp) {
    work.put(Job {
        id,
        work: what,
        due_at,
        attempts: 0,
        state: JobState::Waiting,
        last_error: None,
        created_at: cx.now,
    });
}
