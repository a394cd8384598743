//! Texts with places for a message's parts, escaped for where they stand.

use std::collections::BTreeMap;

use eventify_core::account::SecretText;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a place stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// The phone number with its `+`.
    Phone,
    /// The phone number's digits.
    Digits,
    /// The words.
    Text,
    /// The key of the message: the same for every attempt.
    Id,
    /// A setting that must not be seen.
    Secret(String),
}

/// A text with places in braces; `{{` and `}}` are braces.
#[derive(Debug, Clone)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    Word(String),
    Place(Place),
}

/// What is put into the places.
pub(super) struct Values<'a> {
    pub(super) phone: &'a str,
    pub(super) text: &'a str,
    pub(super) id: &'a str,
    pub(super) secrets: &'a BTreeMap<String, SecretText>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str, secrets: &BTreeMap<String, SecretText>) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut word = String::new();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let doubled = matches!(c, '{' | '}') && rest.next_if_eq(&c).is_some();
            match c {
                '{' if !doubled => {
                    let mut name = String::new();
                    loop {
                        match rest.next() {
                            Some('}') => break,
                            Some(c) => name.push(c),
                            None => {
                                return Err(
                                    "an opening brace has no closing one; write {{ for a brace".to_owned()
                                );
                            }
                        }
                    }
                    parts.push(Part::Word(std::mem::take(&mut word)));
                    parts.push(Part::Place(place(&name, secrets)?));
                }
                '}' if !doubled => {
                    return Err("a closing brace has no opening one; write }} for a brace".to_owned());
                }
                c => word.push(c),
            }
        }
        parts.push(Part::Word(word));
        Ok(Self { parts })
    }

    /// Whether words of people get into it.
    pub(super) fn has_text(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Place(Place::Text)))
    }

    /// The text with everything in its place, each value made safe by `escape`.
    pub(super) fn fill(&self, values: &Values<'_>, escape: fn(&str) -> String) -> String {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Word(word) => filled.push_str(word),
                Part::Place(place) => filled.push_str(&escape(values.of(place))),
            }
        }
        filled
    }
}

fn place(name: &str, secrets: &BTreeMap<String, SecretText>) -> Result<Place, String> {
    match name {
        "phone" => Ok(Place::Phone),
        "digits" => Ok(Place::Digits),
        "text" => Ok(Place::Text),
        "id" => Ok(Place::Id),
        name if secrets.contains_key(name) => Ok(Place::Secret(name.to_owned())),
        name => Err(format!("{{{name}}} is neither phone, digits, text, id nor a secret that is set")),
    }
}

impl Values<'_> {
    fn of(&self, place: &Place) -> &str {
        match place {
            Place::Phone => self.phone,
            Place::Digits => self.phone.trim_start_matches('+'),
            Place::Text => self.text,
            Place::Id => self.id,
            Place::Secret(name) => self.secrets.get(name).map(SecretText::expose).unwrap_or_default(),
        }
    }
}

/// For a place where nothing can be misunderstood.
pub(super) fn as_is(value: &str) -> String {
    value.to_owned()
}

/// All but what is unreserved in an address (RFC 3986 section 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// For a place in an address.
pub(super) fn for_url(value: &str) -> String {
    utf8_percent_encode(value, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn places_are_filled_and_braces_kept() {
        let secrets = BTreeMap::from([("key".to_owned(), SecretText::new("k&y"))]);
        let values = Values { phone: "+77011234567", text: "a b/ж{id}", id: "7", secrets: &secrets };
        for (template, escape, filled) in [
            ("{phone} {digits} {id}", as_is as fn(&str) -> String, "+77011234567 77011234567 7"),
            ("{{{text}}} {{id}}", as_is, "{a b/ж{id}} {id}"),
            ("?a={phone}&b={text}&k={key}", for_url, "?a=%2B77011234567&b=a%20b%2F%D0%B6%7Bid%7D&k=k%26y"),
            ("", as_is, ""),
        ] {
            assert_eq!(
                Template::parse(template, &secrets).unwrap().fill(&values, escape),
                filled,
                "{template}"
            );
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for wrong in ["{name}", "{", "{phone", "}", "{}", "{ phone}"] {
            assert!(Template::parse(wrong, &BTreeMap::new()).is_err(), "{wrong}");
        }
    }
}
