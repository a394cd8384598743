//! The languages in which people are told things.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language, as a BCP 47 tag in lower case such as `kk` or `pt-br`; 2 to 35 characters. Which ones there are words for is
/// another question: whoever has none in it is told in English.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "kk"))]
#[serde(into = "String", try_from = "String")]
pub struct Language(String);

/// The text is no language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a language tag such as en, ru or kk, of at most 35 characters")]
pub struct NotALanguage;

/// Ranges of an `Accept-Language` header that are looked at.
const RANGES_MAX: usize = 32;

impl Language {
    /// English: what everybody is told in whose own language there are no words for.
    #[must_use]
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.0
    }

    /// The one of these that an `Accept-Language` header likes best; `None` when it names none of them. A region or script that
    /// is not among them counts as its language.
    ///
    /// ```
    /// use eventify_core::Language;
    /// let among: Vec<Language> = ["en", "ru", "kk"].iter().map(|tag| tag.parse().unwrap()).collect();
    /// let liked = Language::preferred("de, kk-KZ;q=0.8, ru;q=0.9", &among);
    /// assert_eq!(liked.map(|l| l.to_string()).as_deref(), Some("ru"));
    /// assert_eq!(Language::preferred("*", &among), None);
    /// ```
    #[must_use]
    pub fn preferred<'a>(accept: &str, among: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let among: Vec<&Self> = among.into_iter().collect();
        let mut best: Option<(u16, &Self)> = None;
        for range in accept.split(',').take(RANGES_MAX) {
            let mut parts = range.split(';');
            let Some(wanted) = parts.next().and_then(|tag| tag.trim().parse::<Self>().ok()) else { continue };
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1_000, thousandths);
            let found = wanted.shorter().find_map(|tag| among.iter().find(|one| one.0 == tag));
            if let Some(found) = found.filter(|_| weight > best.map_or(0, |(most, _)| most)) {
                best = Some((weight, found));
            }
        }
        best.map(|(_, language)| language.clone())
    }

    /// This tag, then without its last part, and so on: `kk-cyrl-kz`, `kk-cyrl`, `kk`.
    pub(crate) fn shorter(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.0.as_str()), |tag| tag.rsplit_once('-').map(|(shorter, _)| shorter))
    }

    /// The language without region or script: `pt` of `pt-br`.
    #[must_use]
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl Default for Language {
    fn default() -> Self {
        Self::english()
    }
}

impl FromStr for Language {
    type Err = NotALanguage;

    fn from_str(text: &str) -> Result<Self, NotALanguage> {
        let tag = text.to_ascii_lowercase().replace('_', "-");
        let mut parts = tag.split('-');
        let is_primary =
            |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_rest = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let good = tag.len() <= 35 && parts.next().is_some_and(is_primary) && parts.all(is_rest);
        if good { Ok(Self(tag)) } else { Err(NotALanguage) }
    }
}

impl TryFrom<String> for Language {
    type Error = NotALanguage;

    fn try_from(text: String) -> Result<Self, NotALanguage> {
        text.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A weight of `Accept-Language`, `0` to `1` with up to three decimals, in thousandths; what is no weight is none.
fn thousandths(weight: &str) -> u16 {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let padded = format!("{decimals:0<3}");
    match (whole, padded.parse::<u16>()) {
        ("1", _) => 1_000,
        ("0", Ok(found)) if padded.len() == 3 => found,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, NotALanguage};

    #[test]
    fn headers_choose_a_language() {
        let among = ["en", "ru", "kk"].map(|tag| Language(tag.to_owned()));
        for (accept, tag) in [
            ("", None),
            ("ru", Some("ru")),
            ("kk-Cyrl-KZ", Some("kk")),
            ("RU_ru", Some("ru")),
            ("fr, de", None),
            ("en;q=0.5, kk;q=0.501", Some("kk")),
            ("ru;q=0, en;q=0.1", Some("en")),
            ("ru;q=0", None),
            ("kk, ru", Some("kk")),
            ("fr;q=1, ru; q=0.2", Some("ru")),
            ("ru;q=2", None),
            ("ru;q=-1, kk;q=x", None),
            ("ruski", None),
            ("*", None),
        ] {
            let liked = Language::preferred(accept, &among);
            assert_eq!(liked.as_ref().map(Language::tag), tag, "{accept}");
        }
    }

    #[test]
    fn tags_are_read_in_lower_case_or_refused() {
        for (text, read) in [
            ("en", Some("en")),
            ("pt_BR", Some("pt-br")),
            ("kk-Cyrl-KZ", Some("kk-cyrl-kz")),
            ("", None),
            ("e", None),
            ("-en", None),
            ("en-", None),
            ("en--us", None),
            ("русский", None),
            ("en-abcdefghi", None),
            ("en-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd", None),
        ] {
            let language: Result<Language, NotALanguage> = text.parse();
            assert_eq!(language.as_ref().map(Language::tag).ok(), read, "{text}");
        }
    }
}
