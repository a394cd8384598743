//! Finding events: what can be asked, and how words are compared.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use super::index::EVENTS;
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
    /// Whether it looks for more than a state and a time: then what it visits is not bounded by what it finds.
    #[must_use]
    pub const fn is_search(&self) -> bool {
        let beside = self.category.is_some() || self.tag.is_some() || self.city.is_some();
        !self.words.is_empty() || beside || self.organizer.is_some()
    }

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

// The facets of `EVENTS`, its third byte.
pub(super) const FACET_ANY: u8 = b'*';
pub(super) const FACET_CATEGORY: u8 = b'c';
pub(super) const FACET_TAG: u8 = b't';
pub(super) const FACET_CITY: u8 = b'y';
pub(super) const FACET_ORGANIZER: u8 = b'o';
pub(super) const FACET_WORD: u8 = b'w';

/// Where the entries of a facet lie.
pub(super) fn facet_prefix(status: EventStatus, facet: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![EVENTS, status.number(), facet];
    out.extend_from_slice(value);
    if matches!(facet, FACET_TAG | FACET_CITY | FACET_WORD) {
        // Text never holds a NUL, so it ends the value and keeps "jazz" apart from "jazzy".
        out.push(0);
    }
    out
}

/// The parts of an event query as entry prefixes.
pub(super) struct Facets {
    /// Whole values: an entry is prefix + tail.
    pub(super) exact: Vec<Vec<u8>>,
    /// Beginnings of words: an entry is prefix + rest of the word + NUL + tail.
    pub(super) words: Vec<Vec<u8>>,
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
}

impl Facets {
    pub(super) fn of(query: &EventQuery) -> Self {
        let prefix = |facet, value: &[u8]| facet_prefix(query.status, facet, value);
        let mut exact = Vec::new();
        if let Some(category) = query.category {
            exact.push(prefix(FACET_CATEGORY, category.as_bytes()));
        }
        if let Some(organizer) = query.organizer {
            exact.push(prefix(FACET_ORGANIZER, organizer.as_bytes()));
        }
        if let Some(tag) = &query.tag {
            exact.push(prefix(FACET_TAG, tag.as_bytes()));
        }
        if let Some(city) = &query.city {
            exact.push(prefix(FACET_CITY, city.as_bytes()));
        }
        let mut words = Vec::new();
        for word in &query.words {
            let mut bytes = prefix(FACET_WORD, word.as_bytes());
            bytes.pop();
            words.push(bytes);
        }
        if exact.is_empty() && words.is_empty() {
            exact.push(prefix(FACET_ANY, &[]));
        }
        Self { exact, words, from: query.from, to: query.to }
    }
}
