//! Words: what people are told, in their language.
//!
//! Records and jobs keep the name of a text and what is filled in ([`Words`]); words are made
//! when somebody looks, or when a message leaves. English, Russian and Kazakh are built in; a host adds languages, or says
//! things in its own way, with files of [Project Fluent](https://projectfluent.org):
//!
//! ```
//! use eventify_core::text::Texts;
//!
//! let texts = Texts::bundled().with("de", "de.ftl", "announcement = { $title }\n    .body = { $body }\n").unwrap();
//! assert_eq!(texts.languages().map(|l| l.tag()).collect::<Vec<_>>(), ["de", "en", "kk", "ru"]);
//!
//! // What is wrong is named by its file and line.
//! let wrong = Texts::bundled().with("de", "de.ftl", "announcement = { $titel }\n    .body = { $body }\n").unwrap_err();
//! assert_eq!(wrong.to_string(), "de.ftl:1: announcement has no $titel; it has $title, $body");
//! ```

mod bundle;
mod check;
mod known;
mod page;
mod speaker;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use bundle::Bundle;
pub(crate) use bundle::{Argument, Say};
pub use bundle::{Moment, Said};
pub use check::BadText;
pub use page::PageText;
pub use speaker::{Phrase, Speaker};

use crate::language::Language;
use crate::notification::Words;

/// The words of every language, by the names of texts.
pub struct Texts {
    bundles: BTreeMap<Language, Bundle>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.languages()).finish()
    }
}

/// The longest file of texts, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

const BUNDLED: [(&str, &str, &str); 3] = [
    ("en", "en.ftl", include_str!("../../texts/en.ftl")),
    ("ru", "ru.ftl", include_str!("../../texts/ru.ftl")),
    ("kk", "kk.ftl", include_str!("../../texts/kk.ftl")),
];

impl Texts {
    /// English, Russian and Kazakh.
    #[must_use]
    pub fn bundled() -> Self {
        let mut texts = Self { bundles: BTreeMap::new() };
        for (tag, file, source) in BUNDLED {
            // A test reads them; one that could not be read would be told in English, or by its name.
            let added = texts.add(tag, file, source);
            debug_assert!(added.is_ok(), "{added:?}");
        }
        texts
    }

    /// With the texts of a file too: for another language, or instead of those of the same name. What a language has no
    /// text for is said in English. `file` is what messages call it.
    ///
    /// # Errors
    /// [`BadText`] names the line: what Fluent cannot read; a tag that is no language; a text that nobody asks for, lacks its
    /// `.body`, or is filled with something that there is not.
    pub fn with(mut self, tag: &str, file: &str, source: &str) -> Result<Self, BadText> {
        self.add(tag, file, source)?;
        Ok(self)
    }

    /// With every file of a directory that ends in `.ftl`, each named after its language: `de.ftl`, `pt-br.ftl`. Waits for the
    /// file system.
    ///
    /// # Errors
    /// As [`Texts::with`], and for what cannot be read, is longer than 1 MiB, or is not UTF-8.
    pub fn with_directory(mut self, directory: &Path) -> Result<Self, BadText> {
        let broken = |path: &Path, error: &dyn fmt::Display| {
            BadText::of_file(&path.display().to_string(), format!("cannot be read: {error}"))
        };
        let listed = std::fs::read_dir(directory).map_err(|e| broken(directory, &e))?;
        let mut paths = Vec::new();
        for entry in listed {
            let path = entry.map_err(|e| broken(directory, &e))?.path();
            if path.extension().is_some_and(|extension| extension == "ftl") {
                paths.push(path);
            }
        }
        // In an order that does not depend on the file system.
        paths.sort();
        for path in paths {
            let name = path.display().to_string();
            let size = std::fs::metadata(&path).map_err(|e| broken(&path, &e))?.len();
            if size > FILE_BYTES_MAX {
                return Err(BadText::of_file(&name, "is longer than 1 MiB".to_owned()));
            }
            let source = std::fs::read_to_string(&path).map_err(|e| broken(&path, &e))?;
            let tag = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            self.add(tag, &name, &source)?;
        }
        Ok(self)
    }

    fn add(&mut self, tag: &str, file: &str, source: &str) -> Result<(), BadText> {
        let not_a_language = || BadText::of_file(file, format!("is named after no language: {tag:?}"));
        let language: Language = tag.parse().map_err(|_| not_a_language())?;
        let resource = check::read(file, source)?;
        let mut bundle = match self.bundles.remove(&language) {
            Some(bundle) => bundle,
            None => Bundle::new(&language).ok_or_else(not_a_language)?,
        };
        bundle.add(resource);
        self.bundles.insert(language, bundle);
        Ok(())
    }

    /// The languages that there are words in.
    pub fn languages(&self) -> impl Iterator<Item = &Language> {
        self.bundles.keys()
    }

    /// The language that an `Accept-Language` header likes best of these; `None` when it names none.
    #[must_use]
    pub fn preferred(&self, accept: &str) -> Option<Language> {
        Language::preferred(accept, self.languages())
    }

    /// What to say, in a language: its own texts, or those of the language without region or script, or English.
    #[must_use]
    pub fn say(&self, language: &Language, words: &Words) -> Said {
        self.text(language, words.name(), &words.arguments())
    }

    /// What a page says, in a language.
    #[must_use]
    pub fn of_page(&self, language: &Language, text: PageText) -> Said {
        self.text(language, text.name(), &[])
    }

    /// An instant by the clocks of a place, in a language.
    #[must_use]
    pub fn moment(&self, language: &Language, moment: &Moment) -> String {
        self.chain(language).next().map_or_else(String::new, |bundle| bundle.moment(moment))
    }

    /// The same for a text that is never kept.
    pub(crate) fn text(&self, language: &Language, name: &str, arguments: &[(&str, Argument<'_>)]) -> Said {
        let said = self.chain(language).find_map(|bundle| bundle.say(name, arguments));
        said.unwrap_or_else(|| Said { title: name.to_owned(), body: String::new() })
    }

    fn chain<'a>(&'a self, language: &'a Language) -> impl Iterator<Item = &'a Bundle> {
        let shorter = language.shorter();
        let english = std::iter::once("en");
        shorter.chain(english).filter_map(|tag| self.bundles.get(&tag.parse::<Language>().ok()?))
    }
}

#[cfg(test)]
mod tests;
