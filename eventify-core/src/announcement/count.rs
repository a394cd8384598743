//! How often a day the holders of an event are told something at its organizer's will.

use std::time::Duration;

use super::model::AnnouncementLog;
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::EventId;
use crate::work::{Decision, Work};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// One more, if the day has room for it.
pub(super) fn count(work: &mut Work, cx: &Context<'_>, event_id: EventId, max: usize) -> Decision<()> {
    let log = work.find::<AnnouncementLog>(&event_id)?;
    let mut recent = log.map_or_else(Vec::new, |log| log.recent.clone());
    recent.retain(|at| at.plus(DAY) > cx.now);
    // There is room again when so many of them are a day old that one fewer than may be is left.
    recent.sort_unstable();
    if let Some(last) = recent.len().checked_sub(max).and_then(|over| recent.get(over)) {
        let sentence = format!("An event tells those who have tickets something at most {max} times a day.");
        let error = Error::new(Reason::TooManyAnnouncements, sentence).with("per_day_max", max);
        return Err(error.retry_in(last.plus(DAY).since(cx.now)).into());
    }
    recent.push(cx.now);
    work.put(AnnouncementLog { event_id, recent });
    Ok(())
}

/// Another time or place is told as an announcement is: there is more room for it, so that who announces a lot can still move.
pub(crate) fn count_move(work: &mut Work, cx: &Context<'_>, event_id: EventId) -> Decision<()> {
    count(work, cx, event_id, AnnouncementLog::WITH_MOVES_PER_DAY_MAX)
}
