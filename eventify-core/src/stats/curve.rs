//! What happened when: quarters of an hour put together to hours and days of a time zone.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::model::{Quarter, begins, place};
use super::view::{CurvePoint, TakingsView};
use crate::error::Error;
use crate::time::Timestamp;

/// How long the parts of a curve are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// Hours of the event's time zone.
    Hour,
    /// Days of the event's time zone.
    #[default]
    Day,
}

impl FromStr for Bucket {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "hour" => Ok(Self::Hour),
            "day" => Ok(Self::Day),
            _ => Err(Error::invalid("bucket", "must be hour or day")),
        }
    }
}

/// Which part of what happened is wanted, and how finely.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CurveRequest {
    /// From the hour or day of this instant on. When `None`, from the event's making on, but no more than may be asked
    /// for: 31 days by hours, 366 by days.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub from: Option<Timestamp>,
    /// To this instant; now when `None`.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub to: Option<Timestamp>,
    /// How long the parts are.
    pub bucket: Bucket,
}

const DAY: Duration = Duration::from_secs(24 * 3_600);
const HOUR: Duration = Duration::from_secs(3_600);
/// The shortest time there is.
const MOMENT: Duration = Duration::from_micros(1);

impl Bucket {
    /// How long a curve may be.
    const fn span_days_max(self) -> u32 {
        match self {
            Self::Hour => 31,
            Self::Day => 366,
        }
    }

    /// When the hour or day of an instant begins.
    fn floor(self, zone: &TimeZone, at: Timestamp) -> Timestamp {
        let civil = at.to_jiff().to_zoned(zone.clone());
        let begin = match self {
            Self::Day => civil.start_of_day().ok().and_then(|day| Timestamp::from_jiff(day.timestamp()).ok()),
            Self::Hour => {
                let offset = i64::from(civil.offset().seconds());
                let into = (at.as_seconds() + offset).rem_euclid(3_600);
                Timestamp::from_micros((at.as_seconds() - into) * 1_000_000).ok()
            }
        };
        // At the ends of time there is no whole day; the instant itself keeps the function total.
        begin.unwrap_or(at)
    }

    /// When the one behind begins; later than `begin`, whatever the clocks do there.
    fn next(self, zone: &TimeZone, begin: Timestamp) -> Timestamp {
        match self {
            Self::Hour => self.floor(zone, begin.plus(HOUR)),
            Self::Day => {
                let civil = begin.to_jiff().to_zoned(zone.clone());
                let next = civil.tomorrow().and_then(|day| day.start_of_day());
                let next = next.ok().and_then(|day| Timestamp::from_jiff(day.timestamp()).ok());
                next.unwrap_or_else(|| begin.plus(DAY))
            }
        }
    }
}

/// A curve to be drawn: its parts, empty.
pub(super) struct Curve {
    bucket: Bucket,
    zone: TimeZone,
    from: Timestamp,
    to: Timestamp,
    parts: BTreeMap<Timestamp, Quarter>,
}

impl Curve {
    /// # Errors
    /// `invalid_value` for a period that is none, or too long.
    pub(super) fn new(
        request: &CurveRequest,
        zone: TimeZone,
        made_at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let bucket = request.bucket;
        let days = bucket.span_days_max();
        // What happens at this very instant has happened.
        let now = now.plus(MOMENT);
        let to =
            request.to.unwrap_or_else(|| request.from.map_or(now, |from| from.plus(DAY * days).min(now)));
        // A day may be 25 hours long, and one that has begun is shown whole.
        let earliest = to.minus(DAY * (days - 1));
        let from = request.from.unwrap_or_else(|| made_at.max(earliest).min(to.minus(MOMENT)));
        if from >= to {
            return Err(Error::invalid("from", "must be before to, and in the past"));
        }
        if to.since(from) > DAY * days {
            return Err(Error::invalid("from", format!("must be at most {days} days before to")));
        }
        let from = bucket.floor(&zone, from);
        let mut parts = BTreeMap::new();
        let mut begin = from;
        while begin < to && begin < Timestamp::MAX {
            parts.insert(begin, Quarter::default());
            begin = bucket.next(&zone, begin);
        }
        Ok(Self { bucket, zone, from, to: begin, parts })
    }

    /// The days of UTC that it has a part of.
    pub(super) fn days(&self) -> RangeInclusive<i32> {
        place(self.from).0..=place(self.to).0
    }

    /// Draws what happened on a day of UTC.
    pub(super) fn add(&mut self, day: i32, quarters: &BTreeMap<u8, Quarter>) {
        for (nth, quarter) in quarters {
            let at = begins(day, *nth);
            if self.from <= at && at < self.to {
                self.parts.entry(self.bucket.floor(&self.zone, at)).or_default().add(quarter);
            }
        }
    }

    pub(super) fn points(&self) -> Vec<CurvePoint> {
        let point = |(starts_at, quarter): (&Timestamp, &Quarter)| CurvePoint {
            starts_at: *starts_at,
            sold: quarter.sold,
            cancelled: quarter.cancelled,
            checked_in: quarter.checked_in,
            takings: quarter.takings.iter().map(TakingsView::from).collect(),
        };
        self.parts.iter().map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn curve(zone: &str, bucket: Bucket, from: &str, to: &str) -> Result<Curve, Error> {
        let request = CurveRequest { from: Some(at(from)), to: Some(at(to)), bucket };
        Curve::new(&request, TimeZone::get(zone).unwrap(), Timestamp::MIN, Timestamp::MAX)
    }

    fn begins_of(curve: &Curve) -> Vec<String> {
        curve.parts.keys().map(ToString::to_string).collect()
    }

    /// Draws one ticket that was sold at each of these instants.
    fn sold(curve: &mut Curve, instants: &[&str]) -> Vec<u32> {
        for text in instants {
            let (day, nth) = place(at(text));
            curve.add(day, &BTreeMap::from([(nth, Quarter { sold: 1, ..Quarter::default() })]));
        }
        curve.points().iter().map(|point| point.sold).collect()
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let mut almaty =
            curve("Asia/Almaty", Bucket::Day, "2027-03-01T12:00:00Z", "2027-03-02T19:00:01Z").unwrap();
        let begins = ["2027-02-28T19:00:00Z", "2027-03-01T19:00:00Z", "2027-03-02T19:00:00Z"];
        assert_eq!(begins_of(&almaty), begins);
        assert_eq!(almaty.days(), place(at(begins[0])).0..=place(at("2027-03-03T19:00:00Z")).0);
        let instants =
            ["2027-02-28T18:59:59Z", "2027-02-28T19:00:00Z", "2027-03-01T18:59:59Z", "2027-03-02T23:00:00Z"];
        assert_eq!(sold(&mut almaty, &instants), [2, 0, 1], "the first is of the day before");
    }

    #[test]
    fn zones_of_half_and_quarter_hours_have_hours_of_their_own() {
        let mut kathmandu =
            curve("Asia/Kathmandu", Bucket::Hour, "2027-03-01T00:00:00Z", "2027-03-01T01:15:00Z").unwrap();
        assert_eq!(begins_of(&kathmandu), ["2027-02-28T23:15:00Z", "2027-03-01T00:15:00Z"]);
        let instants = ["2027-03-01T00:14:59Z", "2027-03-01T00:15:00Z", "2027-03-01T01:14:59Z"];
        assert_eq!(sold(&mut kathmandu, &instants), [1, 2]);
    }

    #[test]
    fn days_on_which_clocks_change_have_23_and_25_hours() {
        for (from, to, hours) in [
            ("2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z", 23),
            ("2027-10-30T22:00:00Z", "2027-10-31T23:00:00Z", 25),
        ] {
            let berlin = curve("Europe/Berlin", Bucket::Hour, from, to).unwrap();
            assert_eq!(berlin.parts.len(), hours, "{from}");
            let day = curve("Europe/Berlin", Bucket::Day, from, to).unwrap();
            assert_eq!(begins_of(&day), [from]);
        }
        // Half an hour is turned back.
        let mut island =
            curve("Australia/Lord_Howe", Bucket::Hour, "2027-04-03T14:00:00Z", "2027-04-03T16:30:00Z")
                .unwrap();
        let begins = ["2027-04-03T14:00:00Z", "2027-04-03T14:30:00Z", "2027-04-03T15:30:00Z"];
        assert_eq!(begins_of(&island), begins);
        assert_eq!(sold(&mut island, &["2027-04-03T14:45:00Z", "2027-04-03T15:00:00Z"]), [1, 1, 0]);
    }

    #[test]
    fn before_1970_and_at_the_ends_of_time_days_are_days() {
        assert_eq!(place(at("1969-12-31T23:45:00Z")), (-1, 95));
        assert_eq!(begins(-1, 95), at("1969-12-31T23:45:00Z"));
        assert_eq!(place(at("1970-01-01T00:14:59Z")), (0, 0));
        for (from, to) in
            [(Timestamp::MIN, Timestamp::MIN.plus(DAY)), (Timestamp::MAX.minus(DAY), Timestamp::MAX)]
        {
            for zone in ["Pacific/Kiritimati", "Etc/GMT+12"] {
                let request = CurveRequest { from: Some(from), to: Some(to), bucket: Bucket::Day };
                let zone = TimeZone::get(zone).unwrap();
                let curve = Curve::new(&request, zone, Timestamp::MIN, Timestamp::MAX).unwrap();
                assert!((1..=3).contains(&curve.parts.len()));
            }
        }
    }

    #[test]
    fn a_period_has_an_end_and_a_length() {
        let refused =
            |bucket, from, to| curve("UTC", bucket, from, to).err().map(|e| e.fields()[0].field.clone());
        let [jan, feb] = ["2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"];
        assert_eq!(refused(Bucket::Hour, jan, feb), None, "31 days");
        assert_eq!(refused(Bucket::Hour, jan, "2027-02-01T00:00:01Z"), Some("from".to_owned()));
        assert_eq!(refused(Bucket::Day, jan, "2028-01-02T00:00:00Z"), None, "366 days");
        assert_eq!(refused(Bucket::Day, jan, "2028-01-02T00:00:01Z"), Some("from".to_owned()));
        assert_eq!(refused(Bucket::Day, feb, feb), Some("from".to_owned()));
        assert_eq!(refused(Bucket::Day, feb, jan), Some("from".to_owned()));
    }

    #[test]
    fn what_is_not_asked_for_is_as_much_as_may_be() {
        let now = at("2027-06-15T12:34:56Z");
        let days = |from, to, made_at| {
            let request = CurveRequest { from, to, bucket: Bucket::Day };
            let curve = Curve::new(&request, TimeZone::UTC, made_at, now).unwrap();
            let begins: Vec<Timestamp> = curve.parts.keys().copied().collect();
            (begins[0], begins[begins.len() - 1], begins.len())
        };
        let today = at("2027-06-15T00:00:00Z");
        assert_eq!(days(None, None, at("2027-06-13T10:00:00Z")), (at("2027-06-13T00:00:00Z"), today, 3));
        assert_eq!(days(None, None, Timestamp::MIN), (at("2026-06-15T00:00:00Z"), today, 366));
        assert_eq!(days(None, None, now), (today, today, 1), "made just now");
        let from = at("2027-06-14T00:00:00Z");
        assert_eq!(days(Some(from), None, Timestamp::MIN), (from, today, 2));
        assert_eq!(days(None, Some(from), from), (at("2027-06-13T00:00:00Z"), at("2027-06-13T00:00:00Z"), 1));
    }
}
