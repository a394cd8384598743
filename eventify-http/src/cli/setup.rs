//! What settings have in common: secrets in files, and features that a build does not have.

use std::path::Path;

use eventify_core::account::SecretText;

use super::exit::{Exit, Failure};

/// The secret in a file that an option names, without the line's end.
pub(crate) fn secret(option: &str, file: &Path) -> Result<SecretText, Failure> {
    read(option, file).map(|text| SecretText::new(text.trim_end_matches(['\r', '\n'])))
}

/// The text of a file that an option names.
pub(crate) fn read(option: &str, file: &Path) -> Result<String, Failure> {
    let unreadable = |error| wrong(option, format!("{} cannot be read: {error}", file.display()));
    std::fs::read_to_string(file).map_err(unreadable)
}

/// An option that says what cannot be.
pub(crate) fn wrong(option: &str, why: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Usage, format!("{option}: {why}"))
}

/// Refuses what this build cannot do, if it is wanted.
#[cfg(not(all(
    feature = "email",
    feature = "kafka",
    feature = "nats",
    feature = "push",
    feature = "rabbitmq",
    feature = "sms",
    feature = "webhooks"
)))]
pub(crate) fn absent(feature: &str, wanted: bool) -> Result<(), Failure> {
    let why = || format!("this program was built without {feature} (feature `{feature}`)");
    if wanted { Err(Failure::new(Exit::Usage, why())) } else { Ok(()) }
}
