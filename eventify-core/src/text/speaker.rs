//! What stands around what people are told: in mails, and on tickets.

use jiff::civil::Date;

use super::Texts;
use super::bundle::Argument;
use crate::language::Language;

macro_rules! phrases {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)+) => {
        /// What stands around what people are told.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Phrase { $($(#[$doc])* $variant,)+ }

        impl Phrase {
            /// The names of all of them in files of texts.
            pub(super) const NAMES: &[&str] = &[$($name),+];

            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

phrases! {
    /// In a mail: to the event's page.
    SeeEvent = "mail-see-event";
    /// To the page that proves an address.
    ConfirmAddress = "mail-confirm-address";
    /// To the page that sets a new password.
    SetPassword = "mail-set-password";
    /// Why somebody gets a mail.
    Reason = "mail-reason";
    /// What ends mails of this kind.
    Unsubscribe = "mail-unsubscribe";
    /// On a ticket: from when to when.
    When = "paper-when";
    /// From when on people are let in.
    Doors = "paper-doors";
    /// Where it is.
    Place = "paper-place";
    /// Which ticket it is.
    Ticket = "paper-ticket";
    /// Which seat.
    Seat = "paper-seat";
    /// Whose it is.
    Name = "paper-name";
    /// What it costs.
    Price = "paper-price";
    /// Nothing.
    Free = "paper-free";
    /// The code that a person can type.
    Code = "paper-code";
    /// The picture of the code, for those who do not see it.
    Picture = "paper-picture";
    /// What to do with the code.
    Advice = "paper-advice";
}

/// Says things in one language, as its host has them said. From [`Texts::in_language`].
#[derive(Debug, Clone, Copy)]
pub struct Speaker<'a> {
    texts: &'a Texts,
    language: &'a Language,
}

impl Texts {
    /// Whoever speaks a language. What there are no words for in it is said in English.
    #[must_use]
    pub const fn in_language<'a>(&'a self, language: &'a Language) -> Speaker<'a> {
        Speaker { texts: self, language }
    }
}

impl<'a> Speaker<'a> {
    /// The language.
    #[must_use]
    pub const fn language(self) -> &'a Language {
        self.language
    }

    /// A phrase.
    #[must_use]
    pub fn phrase(self, phrase: Phrase) -> String {
        self.said(phrase.name(), &[])
    }

    /// Greets a person by their name, if there is one.
    #[must_use]
    pub fn hello(self, name: &str) -> String {
        if name.is_empty() {
            return self.said("mail-hello-nobody", &[]);
        }
        self.said("mail-hello", &[("name", Argument::Text(name))])
    }

    /// A seat, such as `Balcony, row C, seat 12`.
    #[must_use]
    pub fn seat(self, section: &str, row: &str, number: u16) -> String {
        // As a text: a number would be written as the language writes large ones.
        let number = number.to_string();
        let parts = [("section", section), ("row", row), ("number", number.as_str())];
        self.said("paper-seat-at", &parts.map(|(name, text)| (name, Argument::Text(text))))
    }

    /// A day, such as `Saturday, 1 May 2027`.
    #[must_use]
    pub fn date(self, date: Date) -> String {
        let weekday = self.said(&format!("weekday-{}", date.weekday().to_monday_one_offset()), &[]);
        let month = self.said(&format!("month-{}", date.month()), &[]);
        let (day, year) = (date.day().to_string(), date.year().to_string());
        let parts = [("weekday", &weekday), ("day", &day), ("month", &month), ("year", &year)];
        self.said("paper-date", &parts.map(|(name, text)| (name, Argument::Text(text))))
    }

    fn said(self, name: &str, arguments: &[(&str, Argument<'_>)]) -> String {
        self.texts.text(self.language, name, arguments).title
    }
}
