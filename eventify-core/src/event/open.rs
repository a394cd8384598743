//! How many events an organizer has that are not over.

use super::model::OpenEvents;
use crate::account::Erasure;
use crate::error::{Error, Reason};
use crate::id::UserId;
use crate::store::Key;
use crate::work::{Decision, Work};

/// What [`opened`] reads.
pub(super) fn reads(organizer_id: UserId) -> [Key; 2] {
    [Key::OpenEvents(organizer_id), Key::Erasure(organizer_id)]
}

/// An organizer has an event more. Nobody makes one for somebody whose account was erased.
pub(super) fn opened(work: &mut Work, organizer_id: UserId) -> Decision<()> {
    work.need(reads(organizer_id))?;
    if work.find::<Erasure>(&organizer_id)?.is_some() {
        return Err(Error::new(Reason::UserNotFound, "There is no such user.").into());
    }
    let count = work.find::<OpenEvents>(&organizer_id)?.map_or(0, |open| open.count);
    work.put(OpenEvents { organizer_id, count: count.saturating_add(1) });
    Ok(())
}

/// One of an organizer's events is over, or gone.
pub(super) fn closed(work: &mut Work, organizer_id: UserId) -> Decision<()> {
    let count = work.find::<OpenEvents>(&organizer_id)?.map_or(0, |open| open.count);
    if count > 1 {
        work.put(OpenEvents { organizer_id, count: count - 1 });
    } else if count == 1 {
        work.delete::<OpenEvents>(&organizer_id);
    }
    Ok(())
}
