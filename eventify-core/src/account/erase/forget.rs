//! The parts of an erasure, one chunk at a time: it goes on where it was interrupted.

use super::model::Erasure;
use crate::account::personal::{Whom, forgotten, forgotten_after};
use crate::context::Context;
use crate::job::JobWork;
use crate::store::{Index, Key};
use crate::work::{Decision, Halt, Work};

/// Where the records of a part are found.
pub(crate) fn personal_index(whom: &Whom, step: u8) -> Option<Index> {
    forgotten(step).map(|part| (part.find)(whom))
}

/// Forgets some records of a part, and says what is to be done next. `next` is where the part goes on.
pub(crate) fn erase_part(
    work: &mut Work,
    cx: &Context<'_>,
    whom: &Whom,
    step: u8,
    found: &[Key],
    next: Option<&[u8]>,
) -> Decision<Option<JobWork>> {
    work.need(found.iter().cloned())?;
    if let Some(forget) = forgotten(step).and_then(|part| part.forget) {
        let mut missing = false;
        for key in found {
            // Ask for the records of all of them before stopping, so that they are loaded together.
            match forget(work, cx, whom, key) {
                Err(Halt::Missing) => missing = true,
                forgot => forgot?,
            }
        }
        if missing {
            return Err(Halt::Missing);
        }
    }
    let &Whom { user_id, ref email } = whom;
    let rest = |step, after| JobWork::EraseUser { user_id, email: email.clone(), step, after };
    if let Some(after) = next {
        return Ok(Some(rest(step, Some(after.to_vec()))));
    }
    if let Some(part) = forgotten_after(step) {
        return Ok(Some(rest(part.number, None)));
    }
    if let Some(erasure) = work.find::<Erasure>(&user_id)? {
        work.put(Erasure { finished_at: Some(cx.now), ..(*erasure).clone() });
    }
    Ok(None)
}
