//! What a check found.

use std::fmt;

use super::FINDINGS_MAX;
use crate::store::Key;

/// What [`check`](super::check) found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// How many records were looked at.
    pub records: u64,
    /// What is wrong; the first [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    /// How many findings there are.
    pub findings_total: u64,
}

/// One thing that is wrong. Names records by their ids; holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken; stable, in `snake_case`.
    pub rule: &'static str,
    /// The record that breaks it.
    pub key: Key,
    /// What is wrong, for people.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {} ({})", self.key, self.message, self.rule)
    }
}

impl CheckReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.findings_total == 0
    }

    pub(super) fn find(&mut self, rule: &'static str, key: Key, message: impl Into<String>) {
        self.findings_total += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { rule, key, message: message.into() });
        }
    }

    pub(super) fn require(
        &mut self,
        holds: bool,
        rule: &'static str,
        key: Key,
        message: impl FnOnce() -> String,
    ) {
        if !holds {
            self.find(rule, key, message());
        }
    }
}
