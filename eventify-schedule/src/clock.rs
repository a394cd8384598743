//! From what a file writes about time to instants.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time},
    fmt::temporal::Pieces,
    tz::{Offset, TimeZone},
};

use crate::{error::ScheduleError, limits::ENTRY_DAYS_MAX, problem::ProblemCode};

/// Why an entry has no usable time: becomes the [`Problem`](crate::Problem) that it is skipped with.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) code: ProblemCode,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(code: ProblemCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// A date as ISO 8601 writes it, with as much time and offset as was there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    pub(crate) date: Date,
    pub(crate) time: Option<Time>,
    pub(crate) offset: Option<Offset>,
}

impl Moment {
    /// Reads the extended (`2026-12-27T11:00:00+01:00`) and the basic form (`20261227T110000Z`).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let pieces = Pieces::parse(text.trim()).ok()?;
        Some(Self { date: pieces.date(), time: pieces.time(), offset: pieces.to_numeric_offset() })
    }

    /// The date and time as written, midnight without a time.
    pub(crate) fn as_written(&self) -> DateTime {
        self.date.to_datetime(self.time.unwrap_or(Time::midnight()))
    }
}

/// A zone of the bundled IANA time zone database, with its name as the database spells it.
pub(crate) fn zone_named(name: &str) -> Option<(TimeZone, String)> {
    let zone = TimeZone::get(name.trim()).ok().filter(|zone| !zone.is_unknown())?;
    let name = zone.iana_name()?.to_owned();
    Some((zone, name))
}

/// The zone in which a file means its local times.
pub(crate) struct Clock {
    zone: Option<(TimeZone, String)>,
    /// Stands in for the zone when the file has offsets but no zone.
    offset: Option<Offset>,
}

/// An instant made of a local time, and what had to be assumed for it.
pub(crate) struct Resolved {
    pub(crate) at: Timestamp,
    pub(crate) assumed: Option<Assumption>,
}

/// What had to be assumed to make an instant of a local time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Assumption {
    /// The clocks change there: of two instants the earlier was taken, of none the one an hour later.
    ClockChange,
    /// Nothing says which zone is meant.
    Utc,
}

impl Clock {
    /// The zone that the hints name, for files that name none.
    pub(crate) fn from_hint(hint: Option<&str>) -> Result<Self, ScheduleError> {
        let zone = match hint {
            None => None,
            Some(name) => Some(
                zone_named(name).ok_or_else(|| ScheduleError::UnknownTimeZone { name: name.to_owned() })?,
            ),
        };
        Ok(Self { zone, offset: None })
    }

    /// The file's own zone wins over the hint. Says what to warn of when the name is unknown.
    pub(crate) fn set_zone(&mut self, name: &str) -> Option<Fault> {
        match zone_named(name) {
            Some(zone) => {
                self.zone = Some(zone);
                None
            }
            None => Some(Fault::new(
                ProblemCode::UnknownTimeZone,
                format!("time zone {name:?} is not an IANA time zone and was ignored"),
            )),
        }
    }

    pub(crate) fn set_fallback_offset(&mut self, offset: Option<Offset>) {
        self.offset = self.offset.or(offset);
    }

    pub(crate) fn zone_name(&self) -> Option<&str> {
        self.zone.as_ref().map(|(_, name)| name.as_str())
    }

    /// The instant of a moment: by its offset if it has one, else by this clock. `None` out of range (the years
    /// −9999 to 9999).
    pub(crate) fn resolve(&self, moment: &Moment) -> Option<Resolved> {
        match moment.offset {
            Some(offset) => {
                let at = offset.to_timestamp(moment.as_written()).ok()?;
                Some(Resolved { at, assumed: None })
            }
            None => self.resolve_local(moment.as_written()),
        }
    }

    /// The instant at which clocks here show this.
    pub(crate) fn resolve_local(&self, local: DateTime) -> Option<Resolved> {
        match (&self.zone, self.offset) {
            (Some((zone, _)), _) => resolve_in(zone, local),
            (None, Some(offset)) => Some(Resolved { at: offset.to_timestamp(local).ok()?, assumed: None }),
            (None, None) => {
                let at = Offset::UTC.to_timestamp(local).ok()?;
                Some(Resolved { at, assumed: Some(Assumption::Utc) })
            }
        }
    }

    /// What clocks here show at a moment; as written when it cannot be converted.
    pub(crate) fn local(&self, moment: &Moment) -> DateTime {
        match (moment.offset.and_then(|offset| offset.to_timestamp(moment.as_written()).ok()), &self.zone) {
            (Some(at), Some((zone, _))) => zone.to_datetime(at),
            _ => moment.as_written(),
        }
    }

    /// The zone in which days are counted.
    pub(crate) fn zone(&self) -> TimeZone {
        match (&self.zone, self.offset) {
            (Some((zone, _)), _) => zone.clone(),
            (None, Some(offset)) => TimeZone::fixed(offset),
            (None, None) => TimeZone::UTC,
        }
    }
}

/// The instant at which clocks in a zone show this.
pub(crate) fn resolve_in(zone: &TimeZone, local: DateTime) -> Option<Resolved> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let assumed = ambiguous.is_ambiguous().then_some(Assumption::ClockChange);
    Some(Resolved { at: ambiguous.compatible().ok()?, assumed })
}

/// Checks what no entry can do without: an end after its start, within reason.
pub(crate) fn check_span(starts_at: Timestamp, ends_at: Timestamp) -> Result<(), Fault> {
    let duration = ends_at.duration_since(starts_at);
    if duration <= SignedDuration::ZERO {
        return Err(Fault::new(ProblemCode::BadDuration, "it does not end after it starts"));
    }
    if duration > SignedDuration::from_hours(24 * ENTRY_DAYS_MAX) {
        let message = format!("it lasts longer than {ENTRY_DAYS_MAX} days");
        return Err(Fault::new(ProblemCode::BadDuration, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    fn moment(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    #[test]
    fn moments_of_every_form() {
        for (text, written, has_time, offset_seconds) in [
            ("2026-12-27", "2026-12-27T00:00:00", false, None),
            ("20261227", "2026-12-27T00:00:00", false, None),
            ("2026-12-27T11:00:00+01:00", "2026-12-27T11:00:00", true, Some(3600)),
            (" 2026-12-27 11:00 ", "2026-12-27T11:00:00", true, None),
            ("2026-12-27T11:00+0530", "2026-12-27T11:00:00", true, Some(19_800)),
            ("20261227T110000Z", "2026-12-27T11:00:00", true, Some(0)),
            ("20261227T110000", "2026-12-27T11:00:00", true, None),
        ] {
            let moment = moment(text);
            assert_eq!(moment.as_written().to_string(), written, "{text}");
            assert_eq!(moment.time.is_some(), has_time, "{text}");
            assert_eq!(moment.offset.map(Offset::seconds), offset_seconds, "{text}");
        }
        for text in ["", "11:00", "2026-13-01", "27.12.2026", "tomorrow"] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn local_times_where_the_clocks_change() {
        let mut clock = Clock::from_hint(None).unwrap();
        assert!(clock.set_zone("Europe/Berlin").is_none());
        for (text, instant, assumed) in [
            ("2026-03-29T01:30", "2026-03-29T00:30:00Z", None),
            ("2026-03-29T02:30", "2026-03-29T01:30:00Z", Some(Assumption::ClockChange)),
            ("2026-10-25T02:30", "2026-10-25T00:30:00Z", Some(Assumption::ClockChange)),
            ("2026-10-25T02:30+01:00", "2026-10-25T01:30:00Z", None),
        ] {
            let resolved = clock.resolve(&moment(text)).unwrap();
            assert_eq!(resolved.at.to_string(), instant, "{text}");
            assert_eq!(resolved.assumed, assumed, "{text}");
        }
    }

    #[test]
    fn zones_are_checked() {
        assert_eq!(zone_named("europe/berlin").unwrap().1, "Europe/Berlin");
        assert_eq!(zone_named(" UTC ").unwrap().1, "UTC");
        assert!(zone_named("W. Europe Standard Time").is_none());
        assert!(zone_named("").is_none());
        assert!(Clock::from_hint(Some("Mars/Olympus")).is_err());
    }

    #[test]
    fn without_a_zone_an_offset_helps() {
        let mut clock = Clock::from_hint(None).unwrap();
        let at = clock.resolve(&moment("2026-12-27T11:00")).unwrap();
        assert_eq!((at.at.to_string().as_str(), at.assumed), ("2026-12-27T11:00:00Z", Some(Assumption::Utc)));
        clock.set_fallback_offset(moment("2026-12-27T11:00+01:00").offset);
        let at = clock.resolve(&moment("2026-12-27T11:00")).unwrap();
        assert_eq!((at.at.to_string().as_str(), at.assumed), ("2026-12-27T10:00:00Z", None));
    }
}
