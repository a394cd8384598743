//! Texts of a form of their own, by what serde says of them.

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::Refusal;
use crate::error::Error;

/// The text that stands for a value in JSON.
pub(super) fn text_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        // No type of the list is anything else in JSON, and a test goes through all of them.
        _ => String::new(),
    }
}

/// # Errors
/// `invalid_value`, by the type's name: which field it is in is not known here.
pub(super) fn value_of<T: DeserializeOwned>(name: &str, text: String) -> Result<T, Refusal> {
    serde_json::from_value(Value::String(text)).map_err(|e| refused(name, &e))
}

/// A value that is not of its form.
pub(super) fn refused(name: &str, why: &dyn Display) -> Refusal {
    Refusal::from(Error::invalid(name, why.to_string()))
}
