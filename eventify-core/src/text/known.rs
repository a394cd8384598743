//! The names of all texts, and what is filled into each.

use super::speaker::Phrase;
use crate::notification::Words;

/// A text that somebody asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) name: &'static str,
    /// What is filled in.
    pub(super) arguments: &'static [&'static str],
    /// Whether there is something below its title.
    pub(super) has_body: bool,
}

/// Texts of messages that are kept nowhere: codes on their way to a mailbox.
const MAILED: &[(&str, &[&str])] =
    &[("email-verification", &["minutes", "code"]), ("password-reset", &["minutes", "code"])];

/// What the pages say that messages and payments lead to.
const PAGE: &[(&str, &[&str])] = &[
    ("unsubscribe-ask", &["kind", "channel"]),
    ("unsubscribe-done", &["kind", "channel"]),
    ("page-prove-address", &[]),
    ("page-address-proven", &[]),
    ("page-set-password", &[]),
    ("page-password-set", &[]),
    ("page-payment-open", &[]),
    ("page-payment-came", &[]),
    ("page-payment-returned", &[]),
    ("page-payment-failed", &[]),
    ("page-payment-expired", &[]),
    ("page-rehearsal", &[]),
];

/// Parts of other texts.
const PARTS: &[(&str, &[&str])] = &[
    ("start", &["weekday", "day", "month", "year", "time", "zone"]),
    ("start-open", &[]),
    ("unsubscribe-button", &[]),
    ("page-code-no-good", &[]),
    ("page-code", &[]),
    ("page-new-password", &[]),
    ("page-go-on", &[]),
    ("page-event-cancelled", &[]),
    ("digest", &["messages"]),
    ("page-rehearsal-pay", &[]),
    ("page-rehearsal-decline", &[]),
    ("mail-hello", &["name"]),
    ("mail-hello-nobody", &[]),
    ("paper-seat-at", &["section", "row", "number"]),
    ("paper-date", &["weekday", "day", "month", "year"]),
];

/// Names of months and days, which end in numbers from 1 on, and of what messages are about and come by.
const NAMES: &[(&str, &[&str])] = &[
    (
        "month-",
        &[
            "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8",
            "month-9", "month-10", "month-11", "month-12",
        ],
    ),
    (
        "kind-",
        &[
            "kind-purchase",
            "kind-check_in",
            "kind-event_cancelled",
            "kind-event_changed",
            "kind-reminder",
            "kind-payment",
            "kind-refund",
            "kind-review",
            "kind-announcement",
        ],
    ),
    ("channel-", &["channel-email", "channel-sms", "channel-push"]),
    (
        "weekday-",
        &["weekday-1", "weekday-2", "weekday-3", "weekday-4", "weekday-5", "weekday-6", "weekday-7"],
    ),
];

/// Every text there is.
pub(super) fn all() -> impl Iterator<Item = Known> {
    let with_body =
        Words::TEXTS.iter().chain(MAILED).chain(PAGE).map(|(name, arguments)| (*name, *arguments, true));
    let parts = PARTS.iter().map(|(name, arguments)| (*name, *arguments, false));
    let named = NAMES.iter().flat_map(|(_, names)| names.iter().map(|name| (*name, &[][..], false)));
    let phrases = Phrase::NAMES.iter().map(|name| (*name, &[][..], false));
    with_body.chain(parts).chain(named).chain(phrases).map(|(name, arguments, has_body)| Known {
        name,
        arguments,
        has_body,
    })
}

/// The text of this name.
pub(super) fn find(name: &str) -> Option<Known> {
    all().find(|known| known.name == name)
}
