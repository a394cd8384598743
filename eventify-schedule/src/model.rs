//! A programme as it was read, whatever its format.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::problem::{Position, Problem};

/// What the caller knows about a file, for when the file itself does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// IANA name of the zone in which local times are meant. The file's own zone wins over it.
    pub time_zone: Option<String>,
    /// The programme's title. The file's own title wins over it.
    pub title: Option<String>,
}

/// The formats that [`parse`](crate::parse) recognises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// frab/pentabarf `schedule.xml`.
    FrabXml,
    /// frab/pretalx `schedule.json`.
    FrabJson,
    /// iCalendar, RFC 5545.
    ICalendar,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FrabXml => "frab schedule XML",
            Self::FrabJson => "frab schedule JSON",
            Self::ICalendar => "iCalendar",
        })
    }
}

/// A conference programme: what it says about the conference, its entries, and what was wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Programme {
    /// The format that was recognised.
    pub format: Format,
    /// The conference's title; never empty. When the file has none: [`Hints::title`], else the acronym, else a
    /// placeholder with a warning.
    pub title: String,
    /// The conference's short name (`31c3`).
    pub acronym: Option<String>,
    /// What the file says about the conference as a whole.
    pub description: Option<String>,
    /// Where the conference takes place.
    pub venue: Option<String>,
    /// The venue's city.
    pub city: Option<String>,
    /// The conference's web address, as written in the file.
    pub url: Option<String>,
    /// IANA name of the conference's time zone, valid in the bundled time zone database. `None` when neither the
    /// file nor the hints name one; the instants are then right all the same, from the offsets in the file, unless a
    /// problem says that UTC was assumed.
    pub time_zone: Option<String>,
    /// When the conference starts: no entry starts earlier. `None` only for a file with neither entries nor dates.
    pub starts_at: Option<Timestamp>,
    /// When the conference ends: no entry ends later. `None` only together with `starts_at`.
    pub ends_at: Option<Timestamp>,
    /// The entries, by start; at most [`ENTRIES_MAX`](crate::limits::ENTRIES_MAX). No two have the same `source_id`.
    pub entries: Vec<Entry>,
    /// How many entries of the file are not in `entries`. Each has a problem, as far as problems are listed.
    pub entries_skipped: usize,
    /// Pairs of entries that are in one room at one time. Both are in `entries`: which one to keep is the importer's
    /// decision. At most [`OVERLAPS_MAX`](crate::limits::OVERLAPS_MAX) pairs, by room and start.
    pub overlaps: Vec<Overlap>,
    /// Everything that was skipped, changed, assumed or is suspicious; at most
    /// [`PROBLEMS_MAX`](crate::limits::PROBLEMS_MAX), in the order in which they were found.
    pub problems: Vec<Problem>,
    /// How many more problems there were than are listed.
    pub problems_left_out: usize,
}

/// One talk, workshop or other item of a programme.
///
/// Texts are plain Unicode without control characters, as in the file (some tools put HTML or Markdown into
/// descriptions): escape them on output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What the entry is recognised by when the file is imported again: its `guid`, else its `id`, else its `UID`
    /// (with `RECURRENCE-ID` after a `#`), else its start, room and title. Unique in the programme.
    pub source_id: String,
    /// The title, one line, never empty.
    pub title: String,
    /// The subtitle, one line.
    pub subtitle: Option<String>,
    /// The short text.
    pub abstract_text: Option<String>,
    /// The long text.
    pub description: Option<String>,
    /// Names of those who speak, in the file's order.
    pub speakers: Vec<String>,
    /// The room's name.
    pub room: Option<String>,
    /// The entry's own web address, as written in the file.
    pub url: Option<String>,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends; always later than `starts_at`.
    pub ends_at: Timestamp,
    /// Where in the file it stands.
    pub position: Position,
}

/// Two entries in one room at one time, as indexes into [`Programme::entries`]. An entry that ends at the instant at
/// which the next starts does not overlap it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Overlap {
    /// The one that starts earlier (at the same instant: that stands first in the file).
    pub first: usize,
    /// The one that starts before the first has ended.
    pub second: usize,
}
