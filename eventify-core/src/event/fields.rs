//! The fields of an event: what each accepts.

use std::cmp::Reverse;

use super::model::Event;
use crate::error::Error;
use crate::lead_time::LeadTime;
use crate::time::Timestamp;
use crate::validate::Check;

const TITLE_CHARS_MAX: usize = 200;
const DESCRIPTION_CHARS_MAX: usize = 20_000;
const TAGS_MAX: usize = 20;
const TAG_CHARS_MAX: usize = 50;
const VENUE_CHARS_MAX: usize = 200;
const CITY_CHARS_MAX: usize = 100;
pub(super) const CATEGORY_CHARS_MAX: usize = 100;
const REMINDER_MINUTES_MAX: u32 = 30 * 24 * 60;
const CAPACITY_MAX: u32 = 1_000_000;

pub(super) fn title(check: &mut Check, title: &str) -> String {
    check.line("title", title, TITLE_CHARS_MAX)
}

pub(super) fn description(check: &mut Check, description: &str) -> String {
    check.text("description", description, DESCRIPTION_CHARS_MAX)
}

pub(super) fn venue(check: &mut Check, venue: &str) -> Option<String> {
    Some(check.optional_line("venue", venue, VENUE_CHARS_MAX)).filter(|v| !v.is_empty())
}

pub(super) fn city(check: &mut Check, city: &str) -> Option<String> {
    Some(check.optional_line("city", city, CITY_CHARS_MAX)).filter(|c| !c.is_empty())
}

pub(super) fn category(check: &mut Check, name: &str) -> String {
    check.line("category", name, CATEGORY_CHARS_MAX)
}

/// Trimmed, in lower case, without repetition, in the order given.
pub(super) fn tags(check: &mut Check, tags: &[String]) -> Vec<String> {
    check.require(tags.len() <= TAGS_MAX, "tags", "must be at most 20");
    let mut kept: Vec<String> = Vec::new();
    for (i, tag) in tags.iter().take(TAGS_MAX).enumerate() {
        let tag = check.line(&format!("tags[{i}]"), &tag.to_lowercase(), TAG_CHARS_MAX);
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    kept
}

/// The longest first, without repetition.
pub(super) fn reminders(check: &mut Check, mut leads: Vec<LeadTime>) -> Vec<LeadTime> {
    check.require(leads.len() <= Event::REMINDERS_MAX, "reminders", "must be at most 5");
    leads.truncate(Event::REMINDERS_MAX);
    for (i, lead) in leads.iter().enumerate() {
        let fits = *lead != LeadTime::ZERO && lead.nominal_minutes() <= REMINDER_MINUTES_MAX;
        check.require(fits, &format!("reminders[{i}]"), "must be PT1M to P30D");
    }
    leads.sort_by_key(|lead| Reverse((lead.nominal_minutes(), lead.to_bytes())));
    leads.dedup();
    leads
}

pub(super) fn capacity(check: &mut Check, capacity: Option<u32>) {
    let fits = capacity.is_none_or(|c| (1..=CAPACITY_MAX).contains(&c));
    check.require(fits, "capacity", "must be 1 to 1000000");
}

/// # Errors
/// `invalid_value` when the end is not after the start, or the doors do not open before the end.
pub(super) fn check_times(
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    doors_at: Option<Timestamp>,
) -> Result<(), Error> {
    let before = |one: Option<Timestamp>| one.is_none_or(|one| ends_at.is_none_or(|end| one < end));
    let mut check = Check::new();
    check.require(before(starts_at), "ends_at", "must be after starts_at");
    check.require(before(doors_at), "doors_at", "must be before ends_at");
    check.finish()
}

impl Event {
    /// # Errors
    /// `invalid_value`, naming every field that publishing needs and the event lacks.
    pub(super) fn check_complete(&self) -> Result<(Timestamp, Timestamp), Error> {
        let mut check = Check::new();
        check.require(!self.title.is_empty(), "title", "is needed to publish");
        check.require(self.starts_at.is_some(), "starts_at", "is needed to publish");
        check.require(self.ends_at.is_some(), "ends_at", "is needed to publish");
        check.finish()?;
        let missing = || Error::internal("an event lacks the times that were checked");
        Ok((self.starts_at.ok_or_else(missing)?, self.ends_at.ok_or_else(missing)?))
    }
}
