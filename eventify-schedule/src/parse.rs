//! The way in: bounds, encoding, and which format it is.

use crate::{
    error::ScheduleError,
    frab_json, frab_xml, ics_read,
    limits::FILE_BYTES_MAX,
    model::{Hints, Programme},
    text::LineCursor,
};

/// Reads a programme in whichever format it is, recognised by its content.
///
/// An entry that cannot be imported is reported in [`Programme::problems`] with its position, and the rest is read.
/// The bounds are in [`limits`](crate::limits). Nothing panics, whatever the bytes are.
///
/// # Errors
///
/// Only what concerns the file as a whole, by [code](ScheduleError::code):
///
/// - `schedule_too_large`, `schedule_too_many_entries`, `schedule_too_deep`: a bound is exceeded.
/// - `schedule_not_utf8`: it is not UTF-8, with or without byte order mark.
/// - `schedule_format_unknown`: it is none of the formats.
/// - `schedule_malformed`: its XML or JSON syntax is broken, with the position.
/// - `schedule_doctype_refused`: its XML declares a document type, and with it perhaps entities.
/// - `time_zone_unknown`: the hints name a zone that does not exist.
pub fn parse(bytes: &[u8], hints: &Hints) -> Result<Programme, ScheduleError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(ScheduleError::TooLarge { bytes: bytes.len() });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let start = bytes.trim_ascii_start();
    if starts_with_ignoring_case(start, b"BEGIN:VCALENDAR") {
        // Its lines may be folded within a character, so whether it is UTF-8 shows only later.
        return ics_read::read(bytes, hints);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| ScheduleError::NotUtf8 {
        position: LineCursor::new(bytes).at(error.valid_up_to()),
    })?;
    match start.first() {
        Some(b'<') => frab_xml::read(text, hints),
        Some(b'{') => frab_json::read(text, hints),
        _ => Err(ScheduleError::UnknownFormat),
    }
}

fn starts_with_ignoring_case(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
