//! Checks of single values. Each names the field and the limit that was broken.

use serde::{Deserialize, Deserializer};

use crate::change::Change;
use crate::error::{Error, FieldError};

/// Collects what is wrong with a request, so that one answer names every field.
#[derive(Debug, Default)]
pub(crate) struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn fail(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    pub(crate) fn require(&mut self, holds: bool, field: &str, message: &str) {
        if !holds {
            self.fail(field, message);
        }
    }

    /// One line of text: trimmed, not empty, no control characters, at most `chars_max` characters.
    pub(crate) fn line(&mut self, field: &str, text: &str, chars_max: usize) -> String {
        let text = text.trim();
        if text.is_empty() {
            self.fail(field, "must not be empty");
        }
        self.optional_line(field, text, chars_max)
    }

    /// The same, and may be empty.
    pub(crate) fn optional_line(&mut self, field: &str, text: &str, chars_max: usize) -> String {
        let text = text.trim();
        self.length(field, text, chars_max);
        if text.chars().any(char::is_control) {
            self.fail(field, "must not contain control characters");
        }
        text.to_owned()
    }

    /// Text of several lines: no control characters but line breaks and tabs.
    pub(crate) fn text(&mut self, field: &str, text: &str, chars_max: usize) -> String {
        self.length(field, text, chars_max);
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.fail(field, "must not contain control characters other than line breaks and tabs");
        }
        text.to_owned()
    }

    pub(crate) fn length(&mut self, field: &str, text: &str, chars_max: usize) {
        // Bytes bound characters from above, so the count is only taken where it can matter.
        if text.len() > chars_max && text.chars().count() > chars_max {
            self.fail(field, format!("must be at most {chars_max} characters long"));
        }
    }

    pub(crate) fn finish(self) -> Result<(), Error> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::invalid_fields(self.errors)) }
    }
}

/// Tells "absent" (`None`, leave it) from "null" ([`Change::Clear`]) in a partial update.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<Change<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Change::deserialize(deserializer).map(Some)
}
