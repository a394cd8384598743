//! Instants and time zones.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant in UTC with microsecond precision, between the years 0001 and 9999.
///
/// Microseconds because that is what every backend can keep: what a decision saw is exactly what is stored.
/// In JSON an RFC 3339 string (`"2026-11-21T09:00:00Z"`); in binary records the microseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = DateTime))]
pub struct Timestamp(i64);

/// Why a text is not an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Not RFC 3339 with an offset or `Z`.
    #[error("must be an RFC 3339 instant with an offset, like 2026-11-21T09:00:00Z")]
    Malformed,
    /// Outside of [`Timestamp::MIN`] to [`Timestamp::MAX`].
    #[error("must lie between 0001-01-01T00:00:00Z and 9999-12-30T22:00:00Z")]
    OutOfRange,
}

impl Timestamp {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_135_596_800_000_000);
    /// 9999-12-30T22:00:00Z, the last instant that has a civil time in every zone.
    pub const MAX: Self = Self(253_402_207_200_000_000);

    /// The instant that many microseconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`TimestampError::OutOfRange`].
    pub const fn from_micros(micros: i64) -> Result<Self, TimestampError> {
        if micros < Self::MIN.0 || micros > Self::MAX.0 {
            return Err(TimestampError::OutOfRange);
        }
        Ok(Self(micros))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This instant moved forward, stopping at [`Timestamp::MAX`].
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros).min(Self::MAX.0))
    }

    /// This instant moved back, stopping at [`Timestamp::MIN`].
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(micros).max(Self::MIN.0))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same instant in the calendar library, for civil time.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        // Cannot fail: our range lies within jiff's. MIN keeps the function total all the same.
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MIN)
    }

    /// From the calendar library, cut to microseconds.
    ///
    /// # Errors
    /// [`TimestampError::OutOfRange`].
    pub fn from_jiff(instant: jiff::Timestamp) -> Result<Self, TimestampError> {
        Self::from_micros(instant.as_microsecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_jiff(), f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        // A longer text than any instant needs is refused before it is parsed.
        if text.len() > 64 || text.starts_with('-') {
            return Err(TimestampError::Malformed);
        }
        text.parse::<jiff::Timestamp>().map_err(|error| classify(text, &error)).and_then(Self::from_jiff)
    }
}

/// jiff says "out of range" only in prose, so the shape of the text decides which of the two it was.
fn classify(text: &str, _error: &jiff::Error) -> TimestampError {
    let bytes = text.as_bytes();
    let dated = bytes.len() >= 20
        && bytes.iter().take(4).all(u8::is_ascii_digit)
        && bytes.get(4) == Some(&b'-')
        && (text.starts_with("9999-12-3") || text.starts_with("0000-"));
    if dated { TimestampError::OutOfRange } else { TimestampError::Malformed }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            text.parse().map_err(de::Error::custom)
        } else {
            Self::from_micros(i64::deserialize(deserializer)?).map_err(de::Error::custom)
        }
    }
}

/// The name of an IANA time zone that the bundled database knows, such as `Asia/Almaty`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct TimeZoneName(String);

/// The text names no time zone of the IANA database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an IANA time zone such as Asia/Almaty")]
pub struct UnknownTimeZone;

impl TimeZoneName {
    /// Coordinated Universal Time, the default.
    #[must_use]
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The name that [`Self::as_str`] gave: for a store that keeps it as text. Reading a record must not depend on the
    /// zone database's edition, so it is taken as it is.
    #[must_use]
    pub const fn stored(name: String) -> Self {
        Self(name)
    }

    /// The name, in the database's own spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The zone's rules.
    #[must_use]
    pub fn to_jiff(&self) -> jiff::tz::TimeZone {
        // The name was checked on the way in; a record of a database that knew more zones falls back to UTC.
        jiff::tz::TimeZone::get(&self.0).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

impl FromStr for TimeZoneName {
    type Err = UnknownTimeZone;

    fn from_str(text: &str) -> Result<Self, UnknownTimeZone> {
        if text.is_empty() || text.len() > 64 {
            return Err(UnknownTimeZone);
        }
        let zone = jiff::tz::TimeZone::get(text).map_err(|_| UnknownTimeZone)?;
        zone.iana_name().map(|name| Self(name.to_owned())).ok_or(UnknownTimeZone)
    }
}

impl fmt::Display for TimeZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TimeZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TimeZoneName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let human = deserializer.is_human_readable();
        let text = String::deserialize(deserializer)?;
        // A stored name is taken as it is: reading a record must not depend on the zone database's edition.
        if human { text.parse().map_err(de::Error::custom) } else { Ok(Self(text)) }
    }
}
