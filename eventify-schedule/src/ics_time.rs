//! Dates, times, zones and durations of iCalendar
//! ([RFC 5545 section 3.3](https://www.rfc-editor.org/rfc/rfc5545#section-3.3)).

use std::collections::BTreeMap;

use jiff::{Span as Period, Timestamp, ToSpan, tz::TimeZone};

use crate::{
    clock::{Clock, Fault, Moment, Resolved, resolve_in, zone_named},
    collect::Span,
    content_line::Line,
    limits::MEMBERS_MAX,
    problem::ProblemCode,
    text::one_line,
};

/// A `DATE` or `DATE-TIME` with its zone, as written.
pub(crate) struct DateValue {
    pub(crate) value: String,
    zone_id: Option<String>,
}

impl DateValue {
    pub(crate) fn new(property: &Line) -> Self {
        Self {
            value: property.value.trim().to_owned(),
            zone_id: property.parameter("TZID").map(str::to_owned),
        }
    }

    fn fault(&self, field: &str) -> Fault {
        let value = one_line(&self.value, 40).text;
        Fault::new(ProblemCode::BadTime, format!("its {field} “{value}” is not a readable date"))
    }
}

/// The time zones that a file speaks of.
#[derive(Default)]
pub(crate) struct Zones {
    /// IANA names that `VTIMEZONE` components give for ids of their own making.
    locations: BTreeMap<String, String>,
    /// The id of the `VTIMEZONE` that was read last.
    defined_last: Option<String>,
    /// Ids that could not be resolved, each with the line of the first entry that uses it.
    unknown: BTreeMap<String, usize>,
}

impl Zones {
    /// A property of a `VTIMEZONE`.
    pub(crate) fn define(&mut self, name: &str, value: &str) {
        if name == "TZID" {
            self.defined_last = Some(value.to_owned());
        } else if let Some(id) = self.defined_last.take().filter(|_| self.locations.len() < MEMBERS_MAX) {
            self.locations.insert(id, value.to_owned());
        }
    }

    /// What to warn of, once for each zone that is not known.
    pub(crate) fn unknown(&self) -> Vec<(Fault, usize)> {
        let fault = |id: &str| {
            let id = one_line(id, 80).text;
            let message =
                format!("time zone “{id}” is not an IANA time zone; the calendar's own was assumed");
            Fault::new(ProblemCode::UnknownTimeZone, message)
        };
        self.unknown.iter().map(|(id, line)| (fault(id), *line)).collect()
    }

    /// The instant of a date, and the zone in which it is meant. A date without a time is its midnight.
    pub(crate) fn resolve(
        &mut self,
        date: &DateValue,
        clock: &Clock,
        line: usize,
    ) -> Result<(Resolved, TimeZone), Fault> {
        let moment = Moment::parse(&date.value).ok_or_else(|| date.fault("date"))?;
        let zone = match (&date.zone_id, moment.offset) {
            (Some(id), None) => self.zone(id, line),
            _ => None,
        };
        let resolved = match &zone {
            Some(zone) => resolve_in(zone, moment.as_written()),
            None => clock.resolve(&moment),
        };
        let resolved = resolved.ok_or_else(|| date.fault("date"))?;
        Ok((resolved, zone.unwrap_or_else(|| clock.zone())))
    }

    fn zone(&mut self, id: &str, line: usize) -> Option<TimeZone> {
        let found = self.named(id);
        if found.is_none() && self.unknown.len() < MEMBERS_MAX {
            let first = self.unknown.entry(id.to_owned()).or_insert(line);
            *first = line.min(*first);
        }
        found.map(|(zone, _)| zone)
    }

    /// The IANA zone that a date is explicitly meant in.
    pub(crate) fn zone_name_of(&self, date: &DateValue) -> Option<String> {
        self.named(date.zone_id.as_deref()?).map(|(_, name)| name)
    }

    fn named(&self, id: &str) -> Option<(TimeZone, String)> {
        let location = self.locations.get(id).map_or(id, String::as_str);
        zone_named(location).or_else(|| {
            // Globally unique ids end in the IANA name: /example.org/20260101/Europe/Berlin. The name has one to
            // three parts.
            let parts: Vec<&str> = location.rsplitn(4, '/').collect();
            let name = |count: usize| {
                let parts: Vec<&str> = parts.iter().take(count).rev().copied().collect();
                zone_named(&parts.join("/"))
            };
            name(3).or_else(|| name(2)).or_else(|| name(1).filter(|_| location.starts_with('/')))
        })
    }

    /// When an event takes place, from `DTSTART` and one of `DTEND` and `DURATION`.
    pub(crate) fn span(
        &mut self,
        start: Option<&DateValue>,
        end: Option<&DateValue>,
        duration: Option<&str>,
        clock: &Clock,
        line: usize,
    ) -> Result<Span, Fault> {
        let start = start.ok_or_else(|| Fault::new(ProblemCode::BadTime, "it has no DTSTART"))?;
        let is_all_day = Moment::parse(&start.value).is_some_and(|moment| moment.time.is_none());
        let (resolved, zone) = self.resolve(start, clock, line)?;
        let starts_at = resolved.at;
        let ends_at = match (end, duration) {
            (Some(end), _) => self.resolve(end, clock, line).map_err(|_| end.fault("DTEND"))?.0.at,
            (None, Some(duration)) => after(starts_at, &zone, period(duration)?)?,
            // RFC 5545 section 3.6.1: a date alone lasts that day.
            (None, None) if is_all_day => after(starts_at, &zone, 1.day())?,
            (None, None) => {
                return Err(Fault::new(ProblemCode::BadDuration, "it has neither DTEND nor DURATION"));
            }
        };
        Ok(Span { starts_at, ends_at, assumed: resolved.assumed })
    }
}

/// The instant a period later, its days and weeks counted in the zone (so 23 or 25 hours where clocks change).
fn after(start: Timestamp, zone: &TimeZone, period: Period) -> Result<Timestamp, Fault> {
    let end = start.to_zoned(zone.clone()).checked_add(period);
    end.map(|end| end.timestamp())
        .map_err(|_| Fault::new(ProblemCode::BadDuration, "its end is out of range"))
}

fn period(text: &str) -> Result<Period, Fault> {
    text.trim().parse().map_err(|_| {
        let text = one_line(text, 40).text;
        Fault::new(ProblemCode::BadDuration, format!("its DURATION “{text}” is not readable"))
    })
}
