//! The keys that are not plain ids.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::facets::fold;
use crate::id::{EventId, PromoCodeId, TicketTypeId, UserId};
use crate::time::Timestamp;

/// An e-mail address as it is compared: trimmed and case-folded.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EmailKey(String);

impl EmailKey {
    /// The key of an address.
    #[must_use]
    pub fn new(email: &str) -> Self {
        Self(email.trim().to_lowercase())
    }

    /// The key that [`Self::as_str`] gave: for a store that keeps it as text.
    #[must_use]
    pub const fn stored(key: String) -> Self {
        Self(key)
    }

    /// The folded address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EmailKey {
    /// Personal data stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailKey(…)")
    }
}

/// A category's name as it is compared: without case and diacritics.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CategoryNameKey(String);

impl CategoryNameKey {
    /// The key of a name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(fold(name.trim()))
    }

    /// The key that [`Self::as_str`] gave: for a store that keeps it as text.
    #[must_use]
    pub const fn stored(key: String) -> Self {
        Self(key)
    }

    /// The folded name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What failed logins are counted against.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ThrottleKey(String);

impl ThrottleKey {
    /// An account, by its e-mail address.
    #[must_use]
    pub fn account(email: &EmailKey) -> Self {
        Self(format!("account:{}", email.as_str()))
    }

    /// The address that requests come from; of an IPv6 address the first 64 bits, which are one customer's.
    #[must_use]
    pub fn origin(origin: &str) -> Self {
        match origin.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => {
                let [a, b, c, d, ..] = address.segments();
                Self(format!("origin:{a:x}:{b:x}:{c:x}:{d:x}::/64"))
            }
            _ => Self(format!("origin:{origin}")),
        }
    }

    /// What a person tries out, of one kind of secret: promo codes, addresses of accounts.
    #[must_use]
    pub fn probe(kind: &str, user_id: UserId) -> Self {
        Self(format!("probe:{kind}:{user_id}"))
    }

    /// What anybody tries out from where requests come from.
    #[must_use]
    pub fn probe_origin(origin: &str) -> Self {
        Self(format!("probe-{}", Self::origin(origin).0))
    }

    /// The messages that anybody asked to be sent to an address.
    #[must_use]
    pub fn mail(email: &EmailKey) -> Self {
        Self(format!("mail:{}", email.as_str()))
    }

    /// The messages that were asked for from where requests come from.
    #[must_use]
    pub fn mail_origin(origin: &str) -> Self {
        Self(format!("mail-{}", Self::origin(origin).0))
    }

    /// The key that [`Self::as_str`] gave: for a store that keeps it as text.
    #[must_use]
    pub const fn stored(key: String) -> Self {
        Self(key)
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ThrottleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ThrottleKey(…)")
    }
}

macro_rules! hashes {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name([u8; 32]);

        impl $name {
            /// From the 32 bytes of a SHA-256.
            #[must_use]
            pub const fn new(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The 32 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}

hashes! {
    /// The SHA-256 of a refresh token.
    TokenHash;
    /// The SHA-256 of who asked and of their idempotency key.
    IdempotencyHash;
}

/// A ticket's short code as a person types it: 12 characters of Crockford's base 32, shown as `XXXX-XXXX-XXXX`.
///
/// The first four say when it was drawn, in sixteenths of a second that come round every 18 hours, so that codes that are
/// drawn together lie together in a store; the other eight, 40 bits, are random.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ShortCode([u8; 8]);

impl fmt::Debug for ShortCode {
    /// It lets people in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShortCode(…)")
    }
}

/// No I, L, O, U: what people mistype is read as what was meant.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl ShortCode {
    /// The code that is stored as these bytes; 60 of the 64 bits count.
    #[must_use]
    pub const fn new(bytes: [u8; 8]) -> Self {
        let number = u64::from_be_bytes(bytes) & ((1 << 60) - 1);
        Self(number.to_be_bytes())
    }

    /// A code that is drawn now, from random bytes, of which 40 bits count.
    #[must_use]
    pub const fn draw(now: Timestamp, random: [u8; 8]) -> Self {
        let tick = now.as_micros().cast_unsigned() / 62_500;
        Self::new(((tick << 40) | (u64::from_be_bytes(random) & ((1 << 40) - 1))).to_be_bytes())
    }

    /// The bytes that it is stored as.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// Reads what a person typed: case, hyphens and spaces do not matter, `O` is 0, `I` and `L` are 1.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut number: u64 = 0;
        let mut digits = 0;
        for c in text.bytes().filter(|c| !matches!(c, b'-' | b' ')) {
            let c = match c.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            let value = CROCKFORD.iter().position(|&digit| digit == c)?;
            number = (number << 5) | u64::try_from(value).ok()?;
            digits += 1;
            if digits > 12 {
                return None;
            }
        }
        (digits == 12).then(|| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u64::from_be_bytes(self.0);
        for place in (0..12u32).rev() {
            let digit = usize::try_from((number >> (place * 5)) & 31).unwrap_or(0);
            write!(f, "{}", char::from(CROCKFORD[digit]))?;
            if place == 8 || place == 4 {
                f.write_str("-")?;
            }
        }
        Ok(())
    }
}

/// How many tickets of one type one person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AllowanceKey {
    /// The ticket type.
    pub ticket_type_id: TicketTypeId,
    /// The person.
    pub user_id: UserId,
}

/// How many bookings one person has open under one promo code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PromoUseKey {
    /// The promo code.
    pub promo_code_id: PromoCodeId,
    /// The person.
    pub user_id: UserId,
}

/// A section of an event's seat map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeatSectionKey {
    /// The event.
    pub event_id: EventId,
    /// The section's number.
    pub section: u16,
}

/// A row of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeatRowKey {
    /// The event.
    pub event_id: EventId,
    /// The section's number.
    pub section: u16,
    /// The row's place in the section.
    pub row: u16,
}

/// A day of an event's statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventDayKey {
    /// The event.
    pub event_id: EventId,
    /// The day, in days of UTC since 1970.
    pub day: i32,
}

/// A number on a waitlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WaitlistKey {
    /// The ticket type.
    pub ticket_type_id: TicketTypeId,
    /// The number.
    pub number: u32,
}
