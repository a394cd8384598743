//! Writes iCalendar, [RFC 5545](https://www.rfc-editor.org/rfc/rfc5545).
//!
//! The `icalendar` crate reads here but does not write: its writer asks the clock and the random generator where
//! a caller forgot to, and folds a line in time quadratic to its length.

use jiff::Timestamp;

use crate::ics_text::{EVENT_MARK, SPEAKER, with_speakers};

/// Longest line, in octets, without its end (RFC 5545 section 3.1).
const LINE_OCTETS_MAX: usize = 75;

/// An event to be written as a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IcsEvent {
    /// Stable and globally unique, such as `<event id>@<host>`: calendars recognise the event by it.
    pub uid: String,
    /// The title; also the calendar's name.
    pub title: String,
    /// The long text.
    pub description: Option<String>,
    /// Where it takes place.
    pub venue: Option<String>,
    /// Its web address, already a valid URI.
    pub url: Option<String>,
    /// When it starts. Fractions of a second are dropped, here and below.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// IANA name of the event's time zone, for calendars that want to know it. All instants are written in UTC.
    pub time_zone: Option<String>,
    /// Its revision and that of its entries (`SEQUENCE`, at most 2,147,483,647): calendars take the larger one for newer.
    pub revision: u32,
    /// Whether it was called off; all its entries are then written as cancelled too.
    pub is_cancelled: bool,
    /// Its programme.
    pub entries: Vec<IcsEntry>,
}

/// One item of an event's programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IcsEntry {
    /// Stable and globally unique, as for the event.
    pub uid: String,
    /// The title.
    pub title: String,
    /// The long text.
    pub description: Option<String>,
    /// Names of those who speak.
    pub speakers: Vec<String>,
    /// The room's name.
    pub room: Option<String>,
    /// Its web address, already a valid URI.
    pub url: Option<String>,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// Writes a calendar with one `VEVENT` for the event and one for each of its entries.
///
/// `written_at` becomes every `DTSTAMP` and `LAST-MODIFIED`, so equal input gives equal bytes. Lines end in CRLF and are folded at 75
/// octets. Line ends in texts become `\n`, other control characters are left out. [`parse`](crate::parse) reads the
/// result back: the event as the programme, the entries as its entries.
///
/// ```
/// # use eventify_schedule::{IcsEvent, write_ics};
/// let event = IcsEvent {
///     uid: "1@example.org".into(),
///     title: "Rust, and rest".into(),
///     description: None,
///     venue: Some("Town hall".into()),
///     url: None,
///     starts_at: "2026-12-27T10:00:00Z".parse()?,
///     ends_at: "2026-12-27T12:00:00Z".parse()?,
///     time_zone: Some("Europe/Berlin".into()),
///     revision: 0,
///     is_cancelled: false,
///     entries: vec![],
/// };
/// let ics = write_ics(&event, "2026-11-01T00:00:00Z".parse()?);
/// assert!(ics.contains("DTSTART:20261227T100000Z\r\n"));
/// assert!(ics.contains("SUMMARY:Rust\\, and rest\r\n"));
/// # Ok::<(), jiff::Error>(())
/// ```
pub fn write_ics(event: &IcsEvent, written_at: Timestamp) -> String {
    let mut out = Lines(String::new());
    out.raw("BEGIN", "VCALENDAR");
    out.raw("VERSION", "2.0");
    out.raw("PRODID", "-//Eventify//eventify-schedule//EN");
    out.raw("CALSCALE", "GREGORIAN");
    out.raw("METHOD", "PUBLISH");
    out.text("X-WR-CALNAME", &event.title);
    out.optional_text("X-WR-TIMEZONE", event.time_zone.as_deref());

    out.raw("BEGIN", "VEVENT");
    out.slot(&event.uid, event.starts_at, event.ends_at);
    out.change(event.revision, written_at);
    out.text("SUMMARY", &event.title);
    out.optional_text("DESCRIPTION", event.description.as_deref());
    out.optional_text("LOCATION", event.venue.as_deref());
    out.uri(event.url.as_deref());
    out.status(event.is_cancelled);
    out.raw(EVENT_MARK, "TRUE");
    out.raw("END", "VEVENT");

    for entry in &event.entries {
        out.entry(entry, event, written_at);
    }
    out.raw("END", "VCALENDAR");
    out.0
}

/// Content lines, folded.
struct Lines(String);

impl Lines {
    fn entry(&mut self, entry: &IcsEntry, event: &IcsEvent, written_at: Timestamp) {
        self.raw("BEGIN", "VEVENT");
        self.slot(&entry.uid, entry.starts_at, entry.ends_at);
        self.change(event.revision, written_at);
        self.text("RELATED-TO", &event.uid);
        self.text("SUMMARY", &entry.title);
        let description = with_speakers(&entry.speakers, entry.description.as_deref());
        self.optional_text("DESCRIPTION", description.as_deref());
        self.optional_text("LOCATION", entry.room.as_deref());
        self.uri(entry.url.as_deref());
        self.status(event.is_cancelled);
        for speaker in &entry.speakers {
            self.text(SPEAKER, speaker);
        }
        self.raw("END", "VEVENT");
    }

    fn slot(&mut self, uid: &str, starts_at: Timestamp, ends_at: Timestamp) {
        self.text("UID", uid);
        self.instant("DTSTART", starts_at);
        self.instant("DTEND", ends_at);
    }

    fn change(&mut self, revision: u32, written_at: Timestamp) {
        self.instant("DTSTAMP", written_at);
        self.instant("LAST-MODIFIED", written_at);
        // An integer of iCalendar has 31 bits (section 3.3.8).
        self.raw("SEQUENCE", &revision.min(i32::MAX.unsigned_abs()).to_string());
    }

    fn status(&mut self, is_cancelled: bool) {
        self.raw("STATUS", if is_cancelled { "CANCELLED" } else { "CONFIRMED" });
    }

    fn instant(&mut self, name: &str, at: Timestamp) {
        self.raw(name, &at.strftime("%Y%m%dT%H%M%SZ").to_string());
    }

    fn optional_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A TEXT value, escaped (section 3.3.11).
    fn text(&mut self, name: &str, text: &str) {
        let mut escaped = String::with_capacity(text.len());
        let mut previous = '\0';
        for c in text.chars() {
            match c {
                '\\' | ';' | ',' => escaped.extend(['\\', c]),
                '\n' if previous == '\r' => {}
                '\n' | '\r' => escaped.push_str("\\n"),
                '\t' => escaped.push(c),
                c if c.is_control() => {}
                c => escaped.push(c),
            }
            previous = c;
        }
        self.raw(name, &escaped);
    }

    /// A URI value has no escapes, so whatever could end the line is left out.
    fn uri(&mut self, uri: Option<&str>) {
        if let Some(uri) = uri {
            let uri: String = uri.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
            self.raw("URL", &uri);
        }
    }

    /// A line whose value is fit as it is, folded between characters.
    fn raw(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for c in name.chars().chain(":".chars()).chain(value.chars()) {
            if octets + c.len_utf8() > LINE_OCTETS_MAX {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(c);
            octets += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}
