//! Conference programmes in and out: pure parsing and writing, no I/O, no clock, no panic.
//!
//! [`parse`] takes the bytes of a file and gives a [`Programme`]. It recognises, by content:
//!
//! - frab/pentabarf **schedule XML**, as most hacker conferences publish it
//!   ([XSD](https://github.com/voc/schedule/blob/master/validator/xsd/schedule.xml.xsd)),
//! - frab/pretalx **schedule JSON**
//!   ([schema](https://github.com/voc/schedule/blob/master/validator/json/schema.json)),
//! - **iCalendar** ([RFC 5545](https://www.rfc-editor.org/rfc/rfc5545)).
//!
//! Files in the wild are imperfect. What concerns one entry is a [`Problem`] with the place in the file, and the rest
//! is imported; only what concerns the whole file is a [`ScheduleError`]. Each [`Entry`] has a `source_id` by which a
//! later import updates it instead of adding it again. Entries that overlap in a room are all kept and listed in
//! [`Programme::overlaps`], because which one to drop is not this crate's to decide. Everything is bounded, see
//! [`limits`].
//!
//! [`write_ics`] writes an event and its programme as iCalendar.
//!
//! ```
//! use eventify_schedule::{Hints, parse};
//!
//! let file = br#"<schedule>
//!   <conference><title>Camp</title><time_zone_name>Europe/Berlin</time_zone_name></conference>
//!   <day date="2027-08-11" start="2027-08-11T10:00:00+02:00" end="2027-08-12T04:00:00+02:00">
//!     <room name="Tent">
//!       <event guid="a1"><start>22:00</start><duration>01:30</duration><title>Stars</title></event>
//!       <event guid="a2"><start>01:30</start><duration>00:45</duration><title>Owls</title></event>
//!       <event guid="a3"><start>12:00</start><title>Lunch</title></event>
//!     </room>
//!   </day>
//! </schedule>"#;
//!
//! let programme = parse(file, &Hints::default())?;
//! assert_eq!(programme.title, "Camp");
//! assert_eq!(programme.entries.len(), 2);
//! // The conference day ends at four in the morning, so the owls come after the stars.
//! assert_eq!(programme.entries[1].starts_at, "2027-08-12T01:30:00+02:00".parse()?);
//! assert_eq!(
//!     programme.problems[0].to_string(),
//!     "line 7, column 7: “Lunch” (a3): it has no duration (skipped)"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where things are
//!
//! One format, one file: `frab_xml`, `frab_json` (what they share: `frab`), `ics_read`, `ics_write`. Beneath them
//! `xml`, `json` and `content_line` know positions and bounds; `clock` and `ics_time` make instants of local times;
//! `collect` checks entries, names them and finds overlaps.
//!
//! Deliberately absent: reading files or fetching addresses; expanding repeating calendar events; Windows time zone
//! names; writing the frab formats; any rule about what an event may contain.

mod clock;
mod collect;
mod content_line;
mod error;
mod frab;
mod frab_json;
mod frab_xml;
mod ics_read;
mod ics_text;
mod ics_time;
mod ics_write;
mod json;
pub mod limits;
mod model;
mod parse;
mod problem;
mod text;
mod xml;

pub use error::ScheduleError;
pub use ics_write::{IcsEntry, IcsEvent, write_ics};
pub use model::{Entry, Format, Hints, Overlap, Programme};
pub use parse::parse;
pub use problem::{EntryName, Position, Problem, ProblemCode, Severity};
