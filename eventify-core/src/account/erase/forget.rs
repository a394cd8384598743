//! The parts of an erasure, one chunk at a time: it goes on where it was interrupted.

use super::model::Erasure;
use crate::account::personal::{forgotten, forgotten_after};
use crate::context::Context;
use crate::id::UserId;
use crate::job::JobWork;
use crate::store::{Index, Key};
use crate::work::{Decision, Work};

/// Where the records of a part are found.
pub(crate) fn personal_index(user_id: UserId, step: u8) -> Option<Index> {
    forgotten(step).map(|part| (part.find)(user_id))
}

/// Forgets some records of a part, and says what is to be done next. `next` is where the part goes on.
pub(crate) fn erase_part(
    work: &mut Work,
    cx: &Context<'_>,
    user_id: UserId,
    step: u8,
    found: &[Key],
    next: Option<&[u8]>,
) -> Decision<Option<JobWork>> {
    work.need(found.iter().cloned())?;
    if let Some(forget) = forgotten(step).and_then(|part| part.forget) {
        for key in found {
            forget(work, cx, user_id, key)?;
        }
    }
    if let Some(after) = next {
        return Ok(Some(JobWork::EraseUser { user_id, step, after: Some(after.to_vec()) }));
    }
    if let Some(part) = forgotten_after(step) {
        return Ok(Some(JobWork::EraseUser { user_id, step: part.number, after: None }));
    }
    if let Some(erasure) = work.find::<Erasure>(&user_id)? {
        work.put(Erasure { finished_at: Some(cx.now), ..(*erasure).clone() });
    }
    Ok(None)
}
