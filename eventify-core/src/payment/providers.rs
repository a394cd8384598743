//! The attached providers, and how they are asked: within a time limit, and never believed blindly.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;

use super::places::Places;
use super::port::{Charge, PaymentProvider, ProviderError};
use crate::error::{Error, Reason};
use crate::time::Timestamp;

/// The payments that staff takes and gives back without any provider being attached.
pub(crate) const OFFLINE: &str = "offline";
/// How long a caller waits for a provider.
pub(super) const CALL_MAX: Duration = Duration::from_secs(30);
const NAME_BYTES_MAX: usize = 32;
pub(super) const REFERENCE_CHARS_MAX: usize = 255;
const URL_CHARS_MAX: usize = 4_096;
const WORDS_CHARS_MAX: usize = 500;

/// Those who move money.
#[derive(Debug, Clone, Default)]
pub(crate) struct Providers(Vec<Arc<dyn PaymentProvider>>, Arc<Quiet>, Arc<Places>);

/// Keeps the log readable when somebody says the same for ever.
#[derive(Debug, Default)]
pub(super) struct Quiet(Mutex<BTreeMap<(String, &'static str), Said>>);

/// Since when, and how often it was not said since.
type Said = (Timestamp, u64);

/// How long the same is not said again.
const QUIET_FOR: Duration = Duration::from_secs(60);

impl Quiet {
    /// Whether it may be said now, and how often it was not since it was said last. There are as many things to say as providers and kinds.
    pub(super) fn may_say(&self, (provider, kind): (&str, &'static str), now: Timestamp) -> Option<u64> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match said.get_mut(&(provider.to_owned(), kind)) {
            Some((at, unsaid)) if now >= *at && now < at.plus(QUIET_FOR) => {
                *unsaid = unsaid.saturating_add(1);
                None
            }
            Some(last) => Some(std::mem::replace(last, (now, 0)).1),
            None => {
                said.insert((provider.to_owned(), kind), (now, 0));
                Some(0)
            }
        }
    }
}

impl Providers {
    pub(crate) fn add(&mut self, provider: Arc<dyn PaymentProvider>) {
        self.0.push(provider);
    }

    /// # Errors
    /// `invalid_value` for names that are not well-formed or not unique.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for (nth, provider) in self.0.iter().enumerate() {
            let name = provider.name();
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.chars().all(plain) {
                let sentence =
                    format!("{name:?} must be 1 to {NAME_BYTES_MAX} lower-case letters, digits and hyphens");
                return Err(Error::invalid("payment_provider", sentence));
            }
            if self.0.iter().take(nth).any(|other| other.name() == name) {
                return Err(Error::invalid("payment_provider", format!("{name:?} must be attached once")));
            }
            if name == OFFLINE && !provider.capabilities().by_hand {
                let sentence = format!("{name:?} must be a provider whose money is moved by hand");
                return Err(Error::invalid("payment_provider", sentence));
            }
        }
        Ok(())
    }

    pub(super) fn quiet(&self) -> &Quiet {
        &self.1
    }

    pub(super) fn places(&self) -> &Arc<Places> {
        &self.2
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Arc<dyn PaymentProvider>> {
        self.0.iter().find(|provider| provider.name() == name)
    }

    /// The one of this name, or the first one.
    ///
    /// # Errors
    /// `payment_method_unknown`.
    pub(super) fn choose(&self, name: Option<&str>) -> Result<&Arc<dyn PaymentProvider>, Error> {
        let found = name.map_or_else(|| self.0.first(), |name| self.find(name));
        found.ok_or_else(|| {
            let sentence = match name {
                Some(_) => "There is no such way to pay here.",
                None => "Nothing can be paid here: the organizer marks bookings paid.",
            };
            Error::new(Reason::PaymentMethodUnknown, sentence).at_field("payment_method")
        })
    }

    /// The one of this name, for whoever calls in its name.
    ///
    /// # Errors
    /// `not_found`.
    pub(super) fn called(&self, name: &str) -> Result<&Arc<dyn PaymentProvider>, Error> {
        let missing = || Error::new(Reason::NotFound, "There is no payment provider of this name here.");
        self.find(name).ok_or_else(missing)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<dyn PaymentProvider>> {
        self.0.iter()
    }
}

/// Waits for a provider's answer, for so long. One that hangs or panics is one that cannot be reached.
pub(super) async fn ask<T>(
    call: impl Future<Output = Result<T, ProviderError>>,
    patience: Duration,
) -> Result<T, ProviderError> {
    match tokio::time::timeout(patience, AssertUnwindSafe(call).catch_unwind()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(ProviderError::Unreachable("it panicked".to_owned())),
        Err(_) => Err(ProviderError::Unreachable(format!("no answer within {} s", patience.as_secs()))),
    }
}

/// A charge that can be kept: what is too long or odd is cut off or refused, whoever says it.
///
/// # Errors
/// [`ProviderError::Refused`] naming what is odd.
pub(super) fn sound(charge: Charge) -> Result<Charge, ProviderError> {
    let odd = |what: &str| Err(ProviderError::Refused(format!("its answer has an odd {what}")));
    let fits = |text: &str, max: usize| {
        let chars = text.chars().count();
        (1..=max).contains(&chars) && !text.chars().any(char::is_control)
    };
    if !fits(&charge.reference, REFERENCE_CHARS_MAX) {
        return odd("reference");
    }
    if charge.transaction.as_ref().is_some_and(|name| !fits(name, REFERENCE_CHARS_MAX)) {
        return odd("transaction");
    }
    let back = charge.refunded;
    if charge.amount.amount_minor < 0 || back.amount_minor < 0 || back.currency != charge.amount.currency {
        return odd("amount");
    }
    if charge.fee.is_some_and(|fee| fee.amount_minor < 0) {
        return odd("fee");
    }
    if charge.redirect_url.as_ref().is_some_and(|url| !fits(url, URL_CHARS_MAX)) {
        return odd("address");
    }
    let failure = charge.failure.as_deref().map(words).filter(|words| !words.is_empty());
    Ok(Charge { failure, ..charge })
}

/// Somebody else's words, as they may be kept.
pub(super) fn words(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(WORDS_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn the_same_is_said_once_a_minute() {
        let quiet = Quiet::default();
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000).unwrap();
        let said = |kind, seconds| quiet.may_say(("memory", kind), at(seconds));
        assert_eq!((said("a", 100), said("b", 100)), (Some(0), Some(0)));
        assert_eq!((said("a", 101), said("a", 159), said("b", 159)), (None, None, None));
        assert_eq!((said("a", 160), said("a", 161)), (Some(2), None));
        assert_eq!(said("b", 99), Some(1), "a clock that goes back silences nobody");
        assert_eq!(quiet.may_say(("other", "a"), at(161)), Some(0));
    }
}
