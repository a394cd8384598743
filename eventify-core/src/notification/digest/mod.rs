//! A person's digest: what can wait is gathered, and goes out in one mail a day.
//!
//! A mail that can wait lies in its person's box from the moment at which it would have left; a job empties the box at the
//! person's time, or when the first of them can wait no longer. Everything moves in one commit each: a mail is in one
//! place, whatever ends when.

mod gather;
mod model;

use jiff::ToSpan;
use serde::{Deserialize, Serialize};

pub(crate) use gather::{arrange, empty, emptying, gather};
pub use model::DigestBox;

use super::quiet::TimeOfDay;
use super::{Attached, Channel, Draft, FactName, NoticeKind, Preferences, Urgent};
use crate::time::{TimeZoneName, Timestamp};

/// When a person gets their digest, by the clocks of their time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct DailyDigest {
    /// At this time of day, once a day: where the clocks skip it, as much later; where they show it twice, the first time.
    pub at: TimeOfDay,
    /// An IANA time zone.
    pub time_zone: TimeZoneName,
}

impl DailyDigest {
    /// The next time behind an instant. `None` at the end of the calendar.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let (zone, now) = (self.time_zone.to_jiff(), now.to_jiff());
        let today = now.to_zoned(zone.clone()).date();
        let on = |days: i64| {
            let day = today.checked_add(days.days()).ok()?;
            let at = zone.to_ambiguous_zoned(day.to_datetime(self.at.to_jiff())).compatible().ok()?;
            Some(at.timestamp()).filter(|at| *at > now)
        };
        // Yesterday's may come after midnight, where clocks skip it.
        let next = (-1..=2).filter_map(on).min()?;
        Timestamp::from_jiff(next).ok()
    }
}

impl FactName {
    /// Whether a mail about it may wait for a day: nothing that its person bought, pays or has to confirm.
    #[must_use]
    pub const fn may_be_gathered(self) -> bool {
        let apart =
            matches!(self.notice_kind(), NoticeKind::Purchase | NoticeKind::Payment | NoticeKind::Security);
        self.may_wait() && !apart && !matches!(self, Self::Digest)
    }
}

impl Preferences {
    /// When the digest leaves that a message goes with; `None` for one that goes by itself. That is also what would become
    /// urgent before.
    pub(crate) fn gathered_until(
        &self,
        channel: Channel,
        message: &Draft,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let waits = channel == Channel::Email
            && message.fact.may_be_gathered()
            && message.attached == Attached::Nothing;
        let next = self.digest.as_ref().filter(|_| waits)?.next(now)?;
        let leaves = self.sent_at(FactName::Digest, None, next);
        message.urgent.is_none_or(|urgent| now >= urgent.until || leaves <= urgent.from).then_some(next)
    }
}

/// When the first of several messages can wait no longer, of those whose time is not over.
pub(crate) fn urgency(drafts: &[Draft], now: Timestamp) -> Option<Urgent> {
    let to_come = drafts.iter().filter_map(|draft| draft.urgent).filter(|urgent| now < urgent.until);
    to_come.reduce(|one, other| one.or(Some(other)))
}
