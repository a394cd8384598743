//! How core's types pass to Kotlin and Swift: what UniFFI's derives cannot say beside the types themselves.
//!
//! Views and requests derive where they are defined. Here is the rest: texts, which cross as they are in JSON; instants;
//! sets; what a partial update does to a value; and refusals, as one sealed error.

mod error;
mod text;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::{Duration, SystemTime};

use crate::account::{Password, RefreshSecret, SecretText};
use crate::change::Change;
use crate::id::{
    AnnouncementId, ApiKeyId, AuditId, BookingId, CategoryId, DeviceId, DisputeId, EventId, FactId, JobId,
    LedgerEntryId, NotificationId, PaymentId, PromoCodeId, PushSubscriptionId, RefundId, ReviewId,
    ScheduleItemId, SessionId, TicketId, TicketTypeId, TransferId, UserId, WebhookDeliveryId, WebhookId,
};
use crate::language::Language;
use crate::lead_time::LeadTime;
use crate::money::{Currency, Money};
use crate::notification::{
    Channel, DailyDigest, FactName, NoticeKind, OneTimeToken, Phone, QuietHours, TimeOfDay,
};
use crate::promo_code::PromoText;
use crate::scope::Scope;
use crate::staff::DeviceKey;
use crate::store::Version;
use crate::time::{TimeZoneName, Timestamp};

pub use error::{Failure, Refusal};
use text::{text_of, value_of};

/// Texts of a form of their own: they cross as they are in JSON, and one that is not of its form is refused by name.
macro_rules! texts {
    ($($name:ident)+) => {$(
        uniffi::custom_type!($name, String, {
            lower: |value| text_of(&value),
            try_lift: |text| Ok(value_of::<$name>(stringify!($name), text)?),
        });
    )+};
}

texts! {
    AnnouncementId ApiKeyId AuditId BookingId CategoryId DeviceId DisputeId EventId FactId JobId LedgerEntryId NotificationId
    PaymentId PromoCodeId PushSubscriptionId RefundId ReviewId ScheduleItemId SessionId TicketId TicketTypeId
    TransferId UserId WebhookDeliveryId WebhookId
    Currency Language LeadTime Phone PromoText TimeOfDay TimeZoneName
    DeviceKey Password RefreshSecret SecretText
}

uniffi::custom_type!(OneTimeToken, String, {
    lower: |token| token.expose().to_owned(),
    try_lift: |text| Ok(OneTimeToken::new(text)),
});

uniffi::custom_type!(Version, u64, {
    lower: |version| version.number(),
    try_lift: |number| Ok(Version::new(number)),
});

uniffi::custom_type!(Timestamp, SystemTime, {
    lower: |at| to_system(at),
    try_lift: |at| Ok(from_system(at)?),
});

/// The instant as the platforms have it.
fn to_system(at: Timestamp) -> SystemTime {
    let away = Duration::from_micros(at.as_micros().unsigned_abs());
    if at.as_micros() < 0 { SystemTime::UNIX_EPOCH - away } else { SystemTime::UNIX_EPOCH + away }
}

/// To the nearest microsecond: Swift's `Date` is a float, and would lose one otherwise.
fn from_system(at: SystemTime) -> Result<Timestamp, Refusal> {
    let micros =
        |away: Duration| i64::try_from(away.as_nanos().saturating_add(500) / 1_000).unwrap_or(i64::MAX);
    let micros = match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => micros(after),
        Err(before) => micros(before.duration()).saturating_neg(),
    };
    Timestamp::from_micros(micros).map_err(|e| text::refused("Timestamp", &e))
}

/// Sets, which have no order on the other side.
macro_rules! sets {
    ($($name:ident of $item:ident;)+) => {$(
        type $name = BTreeSet<$item>;
        uniffi::custom_type!($name, HashSet<$item>, {
            remote,
            lower: |set| set.into_iter().collect(),
            try_lift: |set| Ok(set.into_iter().collect()),
        });
    )+};
}

sets! {
    Scopes of Scope;
    FactNames of FactName;
}

type NoticeKinds = BTreeMap<NoticeKind, BTreeMap<Channel, bool>>;
uniffi::custom_type!(NoticeKinds, HashMap<NoticeKind, HashMap<Channel, bool>>, {
    remote,
    lower: |kinds| kinds.into_iter().map(|(kind, channels)| (kind, channels.into_iter().collect())).collect(),
    try_lift: |kinds| Ok(kinds.into_iter().map(|(kind, channels)| (kind, channels.into_iter().collect())).collect()),
});

type HeaderFields = BTreeMap<String, String>;
uniffi::custom_type!(HeaderFields, HashMap<String, String>, {
    remote,
    lower: |fields| fields.into_iter().collect(),
    try_lift: |fields| Ok(fields.into_iter().collect()),
});

type Histogram = [u32; 5];
uniffi::custom_type!(Histogram, Vec<u32>, {
    remote,
    lower: |counts| counts.to_vec(),
    try_lift: |counts| Ok(Histogram::try_from(counts).map_err(|_| text::refused("Histogram", &"must be five counts"))?),
});

/// What a partial update does to a value: a list of the value, or of none. Kotlin's `T??` could not clear anything.
macro_rules! changes {
    ($($name:ident of $item:ty;)+) => {$(
        type $name = Change<$item>;
        uniffi::custom_type!($name, Vec<$item>, {
            lower: |change| change.into_option().into_iter().collect(),
            try_lift: |values| Ok(Change::from(values.into_iter().next())),
        });
    )+};
}

changes! {
    CountChange of u32;
    DailyDigestChange of DailyDigest;
    FactNamesChange of FactNames;
    InstantChange of Timestamp;
    LanguageChange of Language;
    MoneyChange of Money;
    PercentChange of u8;
    PhoneChange of Phone;
    QuietHoursChange of QuietHours;
    TextChange of String;
}

#[cfg(test)]
mod tests;
