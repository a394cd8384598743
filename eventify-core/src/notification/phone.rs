//! Phone numbers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A phone number with its country, as `+77011234567` (E.164): 7 to 15 digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "+77011234567"))]
#[serde(into = "String", try_from = "String")]
pub struct Phone(String);

/// The text is no phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a phone number with its country such as +77011234567, of 7 to 15 digits")]
pub struct NotAPhone;

impl Phone {
    /// The number, as `+77011234567`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Phone {
    /// Personal data stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

impl FromStr for Phone {
    type Err = NotAPhone;

    /// What people write between the digits is left out.
    fn from_str(text: &str) -> Result<Self, NotAPhone> {
        let is_between = |c: char| matches!(c, ' ' | '-' | '(' | ')' | '.' | '\u{a0}');
        if text.len() > 64 {
            return Err(NotAPhone);
        }
        let number: String = text.chars().filter(|c| !is_between(*c)).collect();
        let digits = number.strip_prefix('+').ok_or(NotAPhone)?;
        // No country's number begins with 0.
        let good = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if good { Ok(Self(number)) } else { Err(NotAPhone) }
    }
}

impl TryFrom<String> for Phone {
    type Error = NotAPhone;

    fn try_from(text: String) -> Result<Self, NotAPhone> {
        text.parse()
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

#[cfg(test)]
mod tests {
    use super::Phone;

    #[test]
    fn numbers_have_their_country_or_are_refused() {
        for (text, read) in [
            ("+77011234567", Some("+77011234567")),
            ("+7 (701) 123-45-67", Some("+77011234567")),
            ("+49.30.1234567", Some("+49301234567")),
            ("+1234567", Some("+1234567")),
            ("+123456", None),
            ("+123456789012345", Some("+123456789012345")),
            ("+1234567890123456", None),
            ("87011234567", None),
            ("+07011234567", None),
            ("++77011234567", None),
            ("+7701123456x", None),
            ("+٧٧٠١١٢٣٤٥٦٧", None),
            ("", None),
            ("+", None),
        ] {
            let phone: Option<Phone> = text.parse().ok();
            assert_eq!(phone.as_ref().map(Phone::as_str), read, "{text}");
        }
    }
}
