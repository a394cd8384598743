//! Why a file could not be read at all.

use crate::{
    limits::{DAYS_MAX, DEPTH_MAX, ENTRIES_MAX, FILE_BYTES_MAX},
    model::Format,
    problem::Position,
};

/// Why a file could not be read at all. Trouble with single entries is no error but a
/// [`Problem`](crate::Problem).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The file is larger than [`FILE_BYTES_MAX`].
    #[error("the file has {bytes} bytes; at most {FILE_BYTES_MAX} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The file is not UTF-8.
    #[error("not UTF-8 text ({position}); save the file as UTF-8 and try again")]
    NotUtf8 {
        /// The first byte that does not belong to UTF-8.
        position: Position,
    },
    /// The file is none of the formats.
    #[error(
        "unknown format: expected frab/pentabarf schedule XML (<schedule>…), frab/pretalx schedule JSON \
         ({{\"schedule\": {{\"conference\": …}}}}) or iCalendar (BEGIN:VCALENDAR)"
    )]
    UnknownFormat,
    /// The format was recognised, but its syntax is broken.
    #[error("broken {format}, {position}: {message}")]
    Malformed {
        /// The format.
        format: Format,
        /// Where.
        position: Position,
        /// How.
        message: String,
    },
    /// The XML has a document type declaration. No schedule needs one, and entity bombs do.
    #[error("{position}: document type declarations are refused; remove <!DOCTYPE …>")]
    DoctypeRefused {
        /// Where.
        position: Position,
    },
    /// Nesting is deeper than [`DEPTH_MAX`].
    #[error("{position}: nested deeper than {DEPTH_MAX} levels")]
    TooDeep {
        /// Where.
        position: Position,
    },
    /// The file has more entries than [`ENTRIES_MAX`], or more days than [`DAYS_MAX`].
    #[error("more than {ENTRIES_MAX} entries or {DAYS_MAX} days")]
    TooManyEntries,
    /// [`Hints::time_zone`](crate::Hints::time_zone) is not in the time zone database.
    #[error("unknown time zone {name:?}; expected an IANA name such as Europe/Berlin")]
    UnknownTimeZone {
        /// The name.
        name: String,
    },
}

impl ScheduleError {
    /// A stable name for the kind of error, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "schedule_too_large",
            Self::NotUtf8 { .. } => "schedule_not_utf8",
            Self::UnknownFormat => "schedule_format_unknown",
            Self::Malformed { .. } => "schedule_malformed",
            Self::DoctypeRefused { .. } => "schedule_doctype_refused",
            Self::TooDeep { .. } => "schedule_too_deep",
            Self::TooManyEntries => "schedule_too_many_entries",
            Self::UnknownTimeZone { .. } => "time_zone_unknown",
        }
    }
}
