//! What was wrong with a file that could still be read: where, with which entry, and what became of it.

use std::fmt;

use serde::Serialize;

/// Something in the file that the organizer should know about. The rest of the file is imported anyway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What became of the entry.
    pub severity: Severity,
    /// The kind of trouble, for programs.
    pub code: ProblemCode,
    /// Where in the file.
    pub position: Position,
    /// The entry that it is about, as far as it is known.
    pub entry: Option<EntryName>,
    /// The trouble in words, for people; without position and entry, which [`Display`](fmt::Display) adds.
    pub message: String,
}

/// What became of the entry that a [`Problem`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It could not be imported and is not in the programme.
    Skipped,
    /// It is in the programme, but something about it was assumed, changed or is suspicious.
    Warning,
}

/// The kind of a [`Problem`]. Its [`as_str`](ProblemCode::as_str) is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemCode {
    /// An entry, or the whole programme, has no title.
    MissingTitle,
    /// An entry has no id that it could be recognised by; one was made of its start, room and title.
    MissingId,
    /// Two entries carry the same id.
    DuplicateId,
    /// An entry's start or date is missing or unreadable.
    BadTime,
    /// An entry's duration or end is missing, unreadable, not positive or too long.
    BadDuration,
    /// A local time exists twice or not at all, because the clocks change there.
    ClockChange,
    /// A time zone's name is not in the IANA time zone database.
    UnknownTimeZone,
    /// Local times without any zone were read as UTC.
    AssumedUtc,
    /// Two entries are in one room at one time.
    Overlap,
    /// The entry is marked as cancelled.
    Cancelled,
    /// The entry repeats; only its first occurrence was imported.
    Recurring,
    /// A text or list is longer than its bound and was cut.
    TooLong,
    /// A part of the file does not have the shape that its format prescribes.
    BadStructure,
    /// The file is well formed but holds no entry.
    NoEntries,
}

impl ProblemCode {
    /// The code as it appears in JSON.
    ///
    /// ```
    /// assert_eq!(eventify_schedule::ProblemCode::DuplicateId.as_str(), "duplicate_id");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingTitle => "missing_title",
            Self::MissingId => "missing_id",
            Self::DuplicateId => "duplicate_id",
            Self::BadTime => "bad_time",
            Self::BadDuration => "bad_duration",
            Self::ClockChange => "clock_change",
            Self::UnknownTimeZone => "unknown_time_zone",
            Self::AssumedUtc => "assumed_utc",
            Self::Overlap => "overlap",
            Self::Cancelled => "cancelled",
            Self::Recurring => "recurring",
            Self::TooLong => "too_long",
            Self::BadStructure => "bad_structure",
            Self::NoEntries => "no_entries",
        }
    }
}

/// How an entry is called in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EntryName {
    /// Its id there, if it has one.
    pub source_id: Option<String>,
    /// Its title, if it has one.
    pub title: Option<String>,
}

/// A place in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// The file as a whole.
    File,
    /// A place in a text, both counted from 1, the column in characters.
    Line {
        /// The line.
        line: usize,
        /// The character in the line.
        column: usize,
    },
    /// A value in a JSON document, as a JSON pointer
    /// ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)).
    Pointer(String),
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("file"),
            Self::Line { line, column } => write!(f, "line {line}, column {column}"),
            Self::Pointer(pointer) => f.write_str(pointer),
        }
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.title, &self.source_id) {
            (Some(title), Some(id)) => write!(f, "“{title}” ({id})"),
            (Some(title), None) => write!(f, "“{title}”"),
            (None, Some(id)) => write!(f, "entry {id}"),
            (None, None) => f.write_str("unnamed entry"),
        }
    }
}

/// One line for a terminal: position, entry, trouble.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.position)?;
        if let Some(entry) = &self.entry {
            write!(f, "{entry}: ")?;
        }
        f.write_str(&self.message)?;
        match self.severity {
            Severity::Skipped => f.write_str(" (skipped)"),
            Severity::Warning => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn codes_are_the_same_in_words_and_in_json() {
        use ProblemCode::*;
        for code in [
            MissingTitle,
            MissingId,
            DuplicateId,
            BadTime,
            BadDuration,
            ClockChange,
            UnknownTimeZone,
            AssumedUtc,
            Overlap,
            Cancelled,
            Recurring,
            TooLong,
            BadStructure,
            NoEntries,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
