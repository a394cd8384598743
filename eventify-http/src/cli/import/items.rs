//! A programme's entries as a schedule takes them.

use eventify_core::Timestamp;
use eventify_core::event::{ImportedItem, PutScheduleItem};
use eventify_schedule::{Entry, Programme};

use crate::cli::out::{Out, inline};

// What a schedule takes; the engine would refuse longer ones.
const NAME_CHARS_MAX: usize = 300;
const SPEAKER_CHARS_MAX: usize = 500;
const ROOM_CHARS_MAX: usize = 100;

/// Every entry, in the programme's order.
pub(super) fn of(programme: &Programme, out: &dyn Out) -> Vec<ImportedItem> {
    programme.entries.iter().filter_map(|entry| item(entry, out)).collect()
}

fn item(entry: &Entry, out: &dyn Out) -> Option<ImportedItem> {
    let at = entry.position.to_string();
    let field = |name: &str, text: &str, max| cut(&format!("{at}: {name}"), text, max, out);
    let speakers = entry.speakers.join(", ");
    let item = PutScheduleItem {
        activity_name: field("title", &entry.title, NAME_CHARS_MAX),
        speaker: Some(speakers).filter(|s| !s.is_empty()).map(|s| field("speakers", &s, SPEAKER_CHARS_MAX)),
        starts_at: Timestamp::from_jiff(entry.starts_at).ok()?,
        ends_at: Timestamp::from_jiff(entry.ends_at).ok()?,
        room: entry.room.as_ref().map(|room| field("room", room, ROOM_CHARS_MAX)),
    };
    Some(ImportedItem { source_id: entry.source_id.clone(), item })
}

/// Cuts a text that is too long, and says so.
pub(super) fn cut(what: &str, text: &str, chars_max: usize, out: &dyn Out) -> String {
    let text = text.trim();
    if text.chars().nth(chars_max).is_none() {
        return text.to_owned();
    }
    out.note(&format!("note: {} is cut to {chars_max} characters", inline(what)));
    let kept: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::out::Kept;

    #[test]
    fn long_texts_are_cut_and_reported() {
        let out = Kept::default();
        assert_eq!(cut("title", " short ", 5, &out), "short");
        assert_eq!(cut("title", "żółta ślina", 7, &out), "żółta…");
        assert_eq!(out.into_lines().len(), 1);
    }
}
