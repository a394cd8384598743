//! What the iCalendar writer and reader agree on beyond the RFC.

/// Names one speaker of an entry. iCalendar has no property for them (`ATTENDEE` would make calendars send
/// invitations), so the names are in the description for people, and here for programs.
pub(crate) const SPEAKER: &str = "X-EVENTIFY-SPEAKER";

/// Marks the `VEVENT` that is the event itself, among those that are its entries.
pub(crate) const EVENT_MARK: &str = "X-EVENTIFY-EVENT";

/// A description whose first line names the speakers.
pub(crate) fn with_speakers(speakers: &[String], description: Option<&str>) -> Option<String> {
    if speakers.is_empty() {
        return description.map(str::to_owned);
    }
    let names = speakers.join(", ");
    Some(match description {
        Some(description) => format!("{names}\n\n{description}"),
        None => names,
    })
}

/// The description without what [`with_speakers`] added.
pub(crate) fn without_speakers(speakers: &[String], description: String) -> String {
    let names = speakers.join(", ");
    match description.strip_prefix(&names) {
        Some("") => String::new(),
        Some(rest) => rest.strip_prefix("\n\n").map(str::to_owned).unwrap_or(description),
        None => description,
    }
}
