//! Finding events: what can be asked, and how words are compared.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use crate::event::EventStatus;
use crate::id::{CategoryId, UserId};
use crate::time::Timestamp;

/// Which events to list, in order of their start. Everything asked must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventQuery {
    /// In this state.
    pub status: EventStatus,
    /// Every one of these folded words ([`words`]) begins a word of the title, description, tags or venue.
    pub words: Vec<String>,
    /// In this category.
    pub category: Option<CategoryId>,
    /// With this tag, folded.
    pub tag: Option<String>,
    /// In this city, folded.
    pub city: Option<String>,
    /// By this organizer.
    pub organizer: Option<UserId>,
    /// Starting at this instant or later.
    pub from: Option<Timestamp>,
    /// Starting before this instant.
    pub to: Option<Timestamp>,
}

impl EventQuery {
    /// All events in a state.
    #[must_use]
    pub const fn with_status(status: EventStatus) -> Self {
        Self {
            status,
            words: Vec::new(),
            category: None,
            tag: None,
            city: None,
            organizer: None,
            from: None,
            to: None,
        }
    }
}

/// Text as it is compared: compatibility-decomposed, without diacritics, in lower case.
///
/// `"Žižkov Café"` and `"zizkov cafe"` fold to the same text, and so do `"Ёлка"` and `"елка"`.
#[must_use]
pub fn fold(text: &str) -> String {
    let stripped = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    // Lower-casing can leave a mark of its own behind (Turkish İ).
    stripped.filter(|c| !is_combining_mark(*c)).collect()
}

/// The folded words of a text, by Unicode's word boundaries, each at most 40 characters, sorted and without
/// repetition; at most `words_max`, the first ones of the text.
#[must_use]
pub fn words(text: &str, words_max: usize) -> Vec<String> {
    let folded = fold(text);
    let mut found = std::collections::BTreeSet::new();
    for word in folded.unicode_words() {
        if found.len() == words_max {
            break;
        }
        found.insert(word.chars().take(40).collect::<String>());
    }
    found.into_iter().collect()
}
