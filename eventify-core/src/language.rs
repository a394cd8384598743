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

#[cfg(test)]
mod tests {
    use super::{Language, NotALanguage};

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
