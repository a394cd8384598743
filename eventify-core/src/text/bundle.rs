//! The texts of one language.

use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::time::{TimeZoneName, Timestamp};

/// Something said, in one language.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    /// One line.
    pub title: String,
    /// A sentence or two.
    pub body: String,
}

impl fmt::Debug for Said {
    /// Without the words: they are for a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Said(…)")
    }
}

/// An instant by the clocks of a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The instant; `None` when it is not known yet.
    pub at: Option<Timestamp>,
    /// Where: an IANA time zone.
    pub time_zone: TimeZoneName,
}

/// What is filled into a text.
#[derive(Debug)]
pub(crate) enum Argument<'a> {
    /// A number, which decides about plurals too.
    Count(u64),
    /// What somebody wrote, or one of our own names for something.
    Text(&'a str),
    /// An instant, as a text of the language says it.
    Moment(&'a Moment),
    /// Nothing: the number 0.
    Absent,
}

/// What can be filled into a text.
pub(crate) trait Say {
    fn argument(&self) -> Argument<'_>;
}

impl Say for u32 {
    fn argument(&self) -> Argument<'_> {
        Argument::Count(u64::from(*self))
    }
}

impl Say for String {
    fn argument(&self) -> Argument<'_> {
        Argument::Text(self)
    }
}

impl Say for Moment {
    fn argument(&self) -> Argument<'_> {
        Argument::Moment(self)
    }
}

impl<T: Say> Say for Option<T> {
    fn argument(&self) -> Argument<'_> {
        self.as_ref().map_or(Argument::Absent, Say::argument)
    }
}

pub(super) struct Bundle(FluentBundle<FluentResource>);

impl Bundle {
    /// `None` for a tag that Fluent's plural rules have no way to read.
    pub(super) fn new(language: &Language) -> Option<Self> {
        let mut bundle = FluentBundle::new_concurrent(vec![language.tag().parse().ok()?]);
        // Text goes into mails and phones as it is: marks that isolate directions would be shown by some of them.
        bundle.set_use_isolating(false);
        Some(Self(bundle))
    }

    /// Adds texts, instead of those of the same name.
    pub(super) fn add(&mut self, resource: FluentResource) {
        self.0.add_resource_overriding(resource);
    }

    /// A text, if it is there and can be filled.
    pub(super) fn say(&self, name: &str, arguments: &[(&str, Argument<'_>)]) -> Option<Said> {
        let mut args = FluentArgs::with_capacity(arguments.len());
        for (name, argument) in arguments {
            args.set(*name, self.value(argument));
        }
        let message = self.0.get_message(name)?;
        let title = self.fill(message.value()?, &args)?;
        let body = match message.get_attribute("body") {
            Some(body) => self.fill(body.value(), &args)?,
            None => String::new(),
        };
        Some(Said { title, body })
    }

    fn fill(&self, pattern: &fluent_syntax::ast::Pattern<&str>, args: &FluentArgs<'_>) -> Option<String> {
        let mut errors = Vec::new();
        let text = self.0.format_pattern(pattern, Some(args), &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }

    fn value<'a>(&self, argument: &Argument<'a>) -> FluentValue<'a> {
        match argument {
            Argument::Count(count) => FluentValue::from(*count),
            Argument::Text(text) => FluentValue::from(*text),
            Argument::Moment(moment) => FluentValue::from(self.moment(moment)),
            Argument::Absent => FluentValue::from(0),
        }
    }

    pub(super) fn moment(&self, moment: &Moment) -> String {
        let phrase = |name: &str| self.say(name, &[]).map(|said| said.title);
        let Some(at) = moment.at else {
            return phrase("start-open").unwrap_or_else(|| "…".to_owned());
        };
        let local = at.to_jiff().to_zoned(moment.time_zone.to_jiff());
        let plain = || local.strftime("%Y-%m-%d, %H:%M (%Q)").to_string();
        let named = || {
            let month = phrase(&format!("month-{}", local.month()))?;
            let weekday = phrase(&format!("weekday-{}", local.weekday().to_monday_one_offset()))?;
            let (day, year) = (local.day().to_string(), local.year().to_string());
            let (time, zone) = (local.strftime("%H:%M").to_string(), moment.time_zone.to_string());
            let parts = [
                ("weekday", Argument::Text(&weekday)),
                ("day", Argument::Text(&day)),
                ("month", Argument::Text(&month)),
                ("year", Argument::Text(&year)),
                ("time", Argument::Text(&time)),
                ("zone", Argument::Text(&zone)),
            ];
            self.say("start", &parts).map(|said| said.title)
        };
        // A language of which only some texts are there may have no names of months: digits are read by everybody.
        named().unwrap_or_else(plain)
    }
}
