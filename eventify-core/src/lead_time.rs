//! How long before an event's start something is: days of the calendar, and minutes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::{TimeZoneName, Timestamp};

/// A time before an event's start, such as `P7D` or `PT36H` (ISO 8601); 0 to 366 days.
///
/// Days are those of the calendar in the event's time zone: `P1D` before Sunday at 10:00 is Saturday at 10:00, also in
/// the night in which the clocks change. Hours and minutes are exact.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, example = "P7D"))]
pub struct LeadTime(Parts);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Parts {
    days: u16,
    minutes: u32,
}

/// The text is no time before a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be weeks, days, hours and minutes like P7D or PT36H, at most 366 days in all")]
pub struct BadLeadTime;

const DAY_MINUTES: u32 = 24 * 60;
const MINUTES_MAX: u32 = 366 * DAY_MINUTES;

impl LeadTime {
    /// The start itself: `PT0S`.
    pub const ZERO: Self = Self(Parts { days: 0, minutes: 0 });

    /// A day of the calendar: `P1D`.
    pub const DAY: Self = Self(Parts { days: 1, minutes: 0 });

    /// An hour: `PT1H`.
    pub const HOUR: Self = Self(Parts { days: 0, minutes: 60 });

    /// So many days of the calendar before the start.
    ///
    /// # Errors
    /// [`BadLeadTime`] beyond 366.
    pub fn days(days: u16) -> Result<Self, BadLeadTime> {
        Self::new(i64::from(days), 0)
    }

    /// So many minutes before the start.
    ///
    /// # Errors
    /// [`BadLeadTime`] beyond 366 days.
    pub fn minutes(minutes: u32) -> Result<Self, BadLeadTime> {
        Self::new(0, i64::from(minutes))
    }

    fn new(days: i64, minutes: i64) -> Result<Self, BadLeadTime> {
        let days = u16::try_from(days).map_err(|_| BadLeadTime)?;
        let minutes = u32::try_from(minutes).map_err(|_| BadLeadTime)?;
        let made = Self(Parts { days, minutes });
        if made.nominal_minutes() <= MINUTES_MAX { Ok(made) } else { Err(BadLeadTime) }
    }

    /// In minutes, a day being 24 hours.
    #[must_use]
    pub const fn nominal_minutes(self) -> u32 {
        (self.0.days as u32 * DAY_MINUTES).saturating_add(self.0.minutes)
    }

    /// The same for the same time, and for no other.
    pub(crate) const fn to_bytes(self) -> [u8; 6] {
        let ([a, b], [c, d, e, f]) = (self.0.days.to_be_bytes(), self.0.minutes.to_be_bytes());
        [a, b, c, d, e, f]
    }

    /// Compares two by their length, a day being 24 hours.
    #[must_use]
    pub fn is_longer_than(self, other: Self) -> bool {
        self.nominal_minutes() > other.nominal_minutes()
    }

    /// The instant that is so long before the start. A local time that the clocks skip is the hour after it, one that
    /// they repeat is the first of the two.
    #[must_use]
    pub fn before(self, starts_at: Timestamp, zone: &TimeZoneName) -> Timestamp {
        if self.0.days == 0 {
            // The same instant in every zone.
            let micros = i64::from(self.0.minutes) * 60_000_000;
            return Timestamp::from_micros(starts_at.as_micros() - micros).unwrap_or(Timestamp::MIN);
        }
        let start = starts_at.to_jiff().to_zoned(zone.to_jiff());
        let span = jiff::Span::new().days(i64::from(self.0.days)).minutes(i64::from(self.0.minutes));
        let earlier = start.checked_sub(span).ok();
        // Only at the very beginning of time is there nothing before.
        earlier.and_then(|at| Timestamp::from_jiff(at.timestamp()).ok()).unwrap_or(Timestamp::MIN)
    }
}

impl FromStr for LeadTime {
    type Err = BadLeadTime;

    fn from_str(text: &str) -> Result<Self, BadLeadTime> {
        // The calendar library reads more than ISO 8601, and months, whose length nobody could agree on.
        if text.len() > 32 || !text.starts_with('P') {
            return Err(BadLeadTime);
        }
        let span: jiff::Span = text.parse().map_err(|_| BadLeadTime)?;
        let smaller = (span.get_seconds(), span.get_milliseconds(), span.get_microseconds());
        let larger = (span.get_years(), span.get_months());
        if smaller != (0, 0, 0) || span.get_nanoseconds() != 0 || larger != (0, 0) {
            return Err(BadLeadTime);
        }
        let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
        Self::new(days, i64::from(span.get_hours()) * 60 + span.get_minutes())
    }
}

impl fmt::Display for LeadTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { days, minutes } = self.0;
        let (hours, minutes) = (minutes / 60, minutes % 60);
        f.write_str("P")?;
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if self.0.minutes > 0 {
            f.write_str("T")?;
        }
        if hours > 0 {
            write!(f, "{hours}H")?;
        }
        if minutes > 0 {
            write!(f, "{minutes}M")?;
        }
        if *self == Self::ZERO { f.write_str("T0S") } else { Ok(()) }
    }
}

impl fmt::Debug for LeadTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for LeadTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.0.days, self.0.minutes).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for LeadTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse()
        } else {
            let (days, minutes) = <(u16, u32)>::deserialize(deserializer)?;
            Self::new(i64::from(days), i64::from(minutes))
        };
        read.map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::LeadTime;

    #[test]
    fn texts_are_read_and_written_in_one_form() {
        for (text, written) in [
            ("PT0S", Some("PT0S")),
            ("P0D", Some("PT0S")),
            ("PT0M", Some("PT0S")),
            ("P7D", Some("P7D")),
            ("P2W", Some("P14D")),
            ("P1W1D", Some("P8D")),
            ("PT36H", Some("PT36H")),
            ("PT90M", Some("PT1H30M")),
            ("P1DT12H", Some("P1DT12H")),
            ("P366D", Some("P366D")),
            ("PT8784H", Some("PT8784H")),
            ("P366DT1M", None),
            ("P367D", None),
            ("PT8785H", None),
            ("P99999D", None),
            ("-P1D", None),
            ("P-1D", None),
            ("P1M", None),
            ("P1Y", None),
            ("PT1S", None),
            ("PT1M30S", None),
            ("+P1D", None),
            (" P1D", None),
            ("P1D ", None),
            ("PT99999999999999999999H", None),
            ("PT0.0000000000000000000000000000000000001H", None),
            ("PT0.5H", Some("PT30M")),
            ("P1.5D", None),
            ("1 day", None),
            ("P", None),
            ("PT", None),
            ("", None),
            ("7", None),
        ] {
            let read = text.parse::<LeadTime>().ok().map(|lead| lead.to_string());
            assert_eq!(read.as_deref(), written, "{text}");
        }
    }

    #[test]
    fn days_are_days_of_the_place_and_hours_are_hours() {
        for (zone, start, lead, instant) in [
            ("Asia/Almaty", "2027-05-01T13:00:00Z", "P7D", "2027-04-24T13:00:00Z"),
            ("UTC", "2027-05-01T13:00:00Z", "PT0S", "2027-05-01T13:00:00Z"),
            // The clocks go forward on 28 March 2027, and back on 31 October.
            ("Europe/Berlin", "2027-03-28T08:00:00Z", "P1D", "2027-03-27T09:00:00Z"),
            ("Europe/Berlin", "2027-03-28T08:00:00Z", "PT24H", "2027-03-27T08:00:00Z"),
            ("Europe/Berlin", "2027-10-31T09:00:00Z", "P1D", "2027-10-30T08:00:00Z"),
            ("Europe/Berlin", "2027-10-31T09:00:00Z", "PT24H", "2027-10-30T09:00:00Z"),
            // 02:30 is skipped on the 28th, and comes twice on the 31st.
            ("Europe/Berlin", "2027-03-29T00:30:00Z", "P1D", "2027-03-28T01:30:00Z"),
            ("Europe/Berlin", "2027-11-01T01:30:00Z", "P1D", "2027-10-31T00:30:00Z"),
            ("Europe/Berlin", "2027-03-29T00:30:00Z", "P1DT1H", "2027-03-28T00:30:00Z"),
            ("Europe/Berlin", "2027-03-28T01:30:00Z", "PT1H", "2027-03-28T00:30:00Z"),
            ("Europe/Berlin", "2027-10-31T01:30:00Z", "PT1H", "2027-10-31T00:30:00Z"),
            ("America/New_York", "2027-03-30T16:00:00Z", "P30D", "2027-02-28T17:00:00Z"),
            // A day that Samoa skipped.
            ("Pacific/Apia", "2011-12-30T22:00:00Z", "P1D", "2011-12-30T22:00:00Z"),
            ("UTC", "0001-01-01T10:00:00Z", "P1D", "0001-01-01T00:00:00Z"),
        ] {
            let lead: LeadTime = lead.parse().unwrap();
            let found = lead.before(start.parse().unwrap(), &zone.parse().unwrap());
            assert_eq!(found, instant.parse().unwrap(), "{lead} before {start} in {zone}");
        }
    }
}
