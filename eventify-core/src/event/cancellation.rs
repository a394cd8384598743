//! Until when who booked may cancel, and how much comes back.

use serde::{Deserialize, Serialize};

use super::model::Event;
use crate::lead_time::LeadTime;
use crate::time::{TimeZoneName, Timestamp};
use crate::validate::Check;

/// An event's terms for those who cancel a booking of their own. Whoever manages the event can cancel at any time, and
/// then everything comes back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CancellationPolicy {
    /// So long before the start it ends; nobody may cancel at all when `null`.
    pub until: Option<LeadTime>,
    /// What comes back, best first: the first step whose time has not come counts, nothing after the last.
    pub refund: Vec<RefundStep>,
}

/// What comes back to whoever cancels early enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct RefundStep {
    /// So long before the start it ends.
    pub until: LeadTime,
    /// The part of what was to be paid, 1 to 100.
    pub percent: u8,
}

impl Default for CancellationPolicy {
    /// Until the start, and everything comes back.
    fn default() -> Self {
        Self { until: Some(LeadTime::ZERO), refund: everything(LeadTime::ZERO) }
    }
}

fn everything(until: LeadTime) -> Vec<RefundStep> {
    vec![RefundStep { until, percent: 100 }]
}

/// Terms for those who cancel.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct PutCancellation {
    /// So long before the start it ends; at the start when absent, nobody may cancel at all when `null`.
    #[serde(default = "at_the_start")]
    pub until: Option<LeadTime>,
    /// What comes back: at most 5 steps, each later and with less than the one before, none later than `until`. Everything
    /// until the end when absent, nothing when empty.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub refund: Option<Vec<RefundStep>>,
}

#[allow(clippy::unnecessary_wraps, reason = "the field's default")]
const fn at_the_start() -> Option<LeadTime> {
    Some(LeadTime::ZERO)
}

const STEPS_MAX: usize = 5;

impl PutCancellation {
    /// The policy, if it makes sense; what is wrong with it goes to `check`.
    pub(super) fn check(self, check: &mut Check) -> CancellationPolicy {
        let Self { until, refund } = self;
        let refund = refund.unwrap_or_else(|| until.map(everything).unwrap_or_default());
        check.require(refund.len() <= STEPS_MAX, "cancellation.refund", "must be at most 5 steps");
        check.require(
            until.is_some() || refund.is_empty(),
            "cancellation.refund",
            "must be empty where nobody may cancel",
        );
        for (nth, step) in refund.iter().enumerate().take(STEPS_MAX) {
            let field = |name: &str| format!("cancellation.refund[{nth}].{name}");
            check.require((1..=100).contains(&step.percent), &field("percent"), "must be 1 to 100");
            let too_late = until.is_some_and(|until| until.is_longer_than(step.until));
            check.require(!too_late, &field("until"), "must not be later than the end of cancelling");
            let Some(before) = nth.checked_sub(1).and_then(|nth| refund.get(nth)) else { continue };
            check.require(
                before.until.is_longer_than(step.until),
                &field("until"),
                "must be later than the step before",
            );
            check.require(step.percent < before.percent, &field("percent"), "must be less than before");
        }
        CancellationPolicy { until, refund }
    }
}

impl CancellationPolicy {
    /// From when on who booked may not cancel any more; `None` when they never may.
    #[must_use]
    pub fn closes_at(&self, starts_at: Timestamp, zone: &TimeZoneName) -> Option<Timestamp> {
        self.until.map(|until| until.before(starts_at, zone))
    }

    /// The part that comes back to somebody who cancels now, 0 to 100.
    #[must_use]
    pub fn percent_at(&self, now: Timestamp, starts_at: Timestamp, zone: &TimeZoneName) -> u8 {
        let open = |step: &&RefundStep| now < step.until.before(starts_at, zone);
        self.refund.iter().find(open).map_or(0, |step| step.percent)
    }
}

impl Event {
    /// From when on who books now may not cancel any more; `None` when they never may, or the start is not known.
    #[must_use]
    pub fn cancellable_until(&self) -> Option<Timestamp> {
        self.cancellation.closes_at(self.starts_at?, &self.time_zone)
    }
}
