//! From what a person was told to words, in the language that they have now.

use std::collections::BTreeSet;

use super::model::{Notification, Preferences};
use super::view::NotificationView;
use super::words::Words;
use crate::error::Error;
use crate::eventify::of_kind;
use crate::executor::Core;
use crate::id::UserId;
use crate::language::Language;
use crate::store::Key;
use crate::text::{Argument, Said, Texts};

/// How one person is spoken to.
#[derive(Debug)]
pub(crate) struct Voice<'a> {
    texts: &'a Texts,
    language: Language,
}

impl<'a> Voice<'a> {
    /// In a language.
    pub(crate) const fn new(texts: &'a Texts, language: Language) -> Self {
        Self { texts, language }
    }

    /// In a person's language.
    pub(crate) async fn of(core: &'a Core, user_id: UserId) -> Result<Self, Error> {
        let loaded = core.store.load(&BTreeSet::from([Key::Preferences(user_id)])).await?;
        let chosen = of_kind::<Preferences>(&loaded).next().and_then(|chosen| chosen.language.clone());
        Ok(Self::new(&core.texts, chosen.unwrap_or_default()))
    }

    pub(crate) const fn language(&self) -> &Language {
        &self.language
    }

    /// A text that is kept nowhere, filled with other texts.
    pub(crate) fn phrase(&self, name: &str, parts: &[(&str, &str)]) -> Said {
        let parts: Vec<_> = parts.iter().map(|(name, text)| (*name, Argument::Text(text))).collect();
        self.texts.text(&self.language, name, &parts)
    }

    pub(crate) fn say(&self, words: &Words) -> Said {
        self.texts.say(&self.language, words)
    }

    /// Something of the history; what is not shown has no words.
    pub(crate) fn view(&self, told: &Notification) -> NotificationView {
        let nothing = || Said { title: String::new(), body: String::new() };
        let said = told.words.as_ref().map_or_else(nothing, |words| self.say(words));
        NotificationView::new(told, said)
    }
}
