//! Every bound of this crate in one place, the unit last in the name.
//!
//! A programme comes from a stranger's server, so each loop, list and text that it fills has a limit. The
//! largest real programmes (a congress with all its assemblies) are about 5 MiB and 3,000 entries.

/// Largest file that is read, in bytes. A larger one is refused before anything in it is looked at.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Most entries of one programme. A file with more is refused as a whole: half a programme helps nobody.
pub const ENTRIES_MAX: usize = 20_000;

/// Most days of one programme.
pub const DAYS_MAX: usize = 1_000;

/// Most members of one JSON object, and so most rooms of one day in the JSON format.
pub const MEMBERS_MAX: usize = 1_000;

/// Deepest nesting of XML elements or iCalendar components.
pub const DEPTH_MAX: usize = 32;

/// Most XML nodes (elements and texts) that are kept of one entry; what follows is passed over.
pub const ENTRY_NODES_MAX: usize = 10_000;

/// Longest iCalendar line that is looked at, in bytes, unfolded. A longer one is passed over, with a warning.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;

/// Longest title, subtitle or source id, in characters. Longer ones are cut, with a warning.
pub const TITLE_CHARS_MAX: usize = 500;

/// Longest room, speaker, venue or city, in characters. Longer ones are cut, with a warning.
pub const NAME_CHARS_MAX: usize = 200;

/// Longest abstract or description, in characters. Longer ones are cut, with a warning.
pub const TEXT_CHARS_MAX: usize = 20_000;

/// Longest web address, in characters. A longer one is left out, with a warning: half an address is none.
pub const URL_CHARS_MAX: usize = 2_000;

/// Most speakers of one entry. The rest is left out, with a warning.
pub const SPEAKERS_MAX: usize = 100;

/// Longest entry, in days.
pub const ENTRY_DAYS_MAX: i64 = 366;

/// Most problems that are listed one by one; the others are counted in
/// [`Programme::problems_left_out`](crate::Programme::problems_left_out).
pub const PROBLEMS_MAX: usize = 1_000;

/// Most overlapping pairs that are listed.
pub const OVERLAPS_MAX: usize = 10_000;
