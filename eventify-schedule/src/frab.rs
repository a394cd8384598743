//! What the XML and the JSON form of the frab schedule share: the meaning of their dates, times and durations.
//!
//! The format began with [Pentabarf](https://github.com/nevs/pentabarf), was taken over by
//! [frab](https://github.com/frab/frab) and [pretalx](https://github.com/pretalx/pretalx), and is written down by its
//! consumers in [voc/schedule](https://github.com/voc/schedule/tree/master/validator) (XSD and JSON schema).

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{DateTime, Time},
};

use crate::{
    clock::{Assumption, Clock, Fault, Moment},
    collect::{Candidate, Collector, Frame, Span},
    error::ScheduleError,
    limits::{DAYS_MAX, ENTRIES_MAX},
    model::{Format, Hints, Programme},
    problem::{Position, ProblemCode},
};

/// A schedule as its file writes it. Nothing is interpreted before all of it is read, because the zone in which times
/// are meant may stand after them.
#[derive(Default)]
pub(crate) struct Schedule {
    pub(crate) frame: Frame,
    pub(crate) time_zone_name: Option<String>,
    /// First and last day.
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
    /// The time of day at which a conference day begins (Pentabarf).
    pub(crate) day_change: Option<String>,
    days: Vec<Day>,
    talks: usize,
}

/// A conference day: it may end in the morning of the next calendar date.
#[derive(Default)]
pub(crate) struct Day {
    pub(crate) date: Option<String>,
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
    pub(crate) talks: Vec<Talk>,
}

/// One `event` of the file.
pub(crate) struct Talk {
    pub(crate) position: Position,
    pub(crate) candidate: Candidate,
    /// The full timestamp, in newer files.
    pub(crate) date: Option<String>,
    /// The time of day.
    pub(crate) start: Option<String>,
    pub(crate) duration: Option<String>,
    /// The full timestamp of the end, which the second version of the JSON format has instead of a duration.
    pub(crate) end: Option<String>,
}

impl Schedule {
    /// # Errors
    ///
    /// [`ScheduleError::TooManyEntries`] when this is more than a programme may have.
    pub(crate) fn add_day(&mut self, day: Day) -> Result<(), ScheduleError> {
        self.talks += day.talks.len();
        self.days.push(day);
        if self.talks > ENTRIES_MAX || self.days.len() > DAYS_MAX {
            return Err(ScheduleError::TooManyEntries);
        }
        Ok(())
    }

    /// Interprets what was read.
    pub(crate) fn interpret(
        self,
        format: Format,
        mut collector: Collector,
        hints: &Hints,
    ) -> Result<Programme, ScheduleError> {
        let mut clock = Clock::from_hint(hints.time_zone.as_deref())?;
        if let Some(fault) = self.time_zone_name.as_deref().and_then(|name| clock.set_zone(name)) {
            collector.warn(Position::File, None, fault);
        }
        let written = self.days.iter().flat_map(|day| [&day.start, &day.end]).flatten();
        clock.set_fallback_offset(written.filter_map(|text| Moment::parse(text)?.offset).next());

        let mut frame = self.frame;
        let declared = Dates { start: self.start.as_deref(), end: self.end.as_deref() };
        let declared = declared.bounds(&clock);
        let day_change = self.day_change.as_deref().and_then(time_of_day).map(|(time, _)| time);
        for day in self.days {
            let frame_of_day = DayFrame::new(&day, day_change, &clock);
            for talk in day.talks {
                let span = frame_of_day.span(&talk, &clock);
                collector.add(talk.position, talk.candidate, span)?;
            }
        }
        // The conference's own dates are whole days, and often wrong; entries are exact.
        if !collector.has_entries() {
            frame.bounds = declared;
        }
        Ok(collector.finish(format, frame, &clock, hints))
    }
}

/// The conference's first and last day.
struct Dates<'a> {
    start: Option<&'a str>,
    end: Option<&'a str>,
}

impl Dates<'_> {
    fn bounds(&self, clock: &Clock) -> Option<(Timestamp, Timestamp)> {
        let start = Moment::parse(self.start?)?;
        let mut end = Moment::parse(self.end.or(self.start)?)?;
        if end.time.is_none() {
            end.date = end.date.tomorrow().ok()?;
        }
        let bounds = (clock.resolve(&start)?.at, clock.resolve(&end)?.at);
        (bounds.0 < bounds.1).then_some(bounds)
    }
}

/// What a day's attributes say about the date of a time of day.
struct DayFrame {
    date: Option<Moment>,
    start: Option<DateTime>,
    end: Option<DateTime>,
    day_change: Option<Time>,
}

impl DayFrame {
    fn new(day: &Day, day_change: Option<Time>, clock: &Clock) -> Self {
        let moment = |text: &Option<String>| text.as_deref().and_then(Moment::parse);
        let (start, end) = (moment(&day.start), moment(&day.end));
        Self {
            date: moment(&day.date).or(start),
            start: start.filter(|start| start.time.is_some()).map(|start| clock.local(&start)),
            end: end.filter(|end| end.time.is_some()).map(|end| clock.local(&end)),
            day_change,
        }
    }

    fn span(&self, talk: &Talk, clock: &Clock) -> Result<Span, Fault> {
        let (starts_at, assumed) = self.start_of(talk, clock)?;
        let end = talk.end.as_deref().filter(|_| talk.duration.is_none());
        let ends_at = match end.and_then(Moment::parse).filter(|end| end.time.is_some()) {
            Some(end) => clock.resolve(&end).map(|end| end.at),
            None => starts_at.checked_add(duration_of(talk.duration.as_deref())?).ok(),
        };
        let ends_at =
            ends_at.ok_or_else(|| Fault::new(ProblemCode::BadDuration, "its end is out of range"))?;
        Ok(Span { starts_at, ends_at, assumed })
    }

    fn start_of(&self, talk: &Talk, clock: &Clock) -> Result<(Timestamp, Option<Assumption>), Fault> {
        let out_of_range = || Fault::new(ProblemCode::BadTime, "its date is out of range");
        let date = talk.date.as_deref().and_then(Moment::parse);
        // Some JSON files write the full timestamp as `start`.
        let start = talk.start.as_deref().and_then(Moment::parse);
        let full = [date, start].into_iter().flatten().find(|moment| moment.time.is_some());
        let resolved = match full {
            Some(moment) => clock.resolve(&moment),
            None => clock.resolve_local(self.local_start(talk, date)?),
        };
        resolved.map(|resolved| (resolved.at, resolved.assumed)).ok_or_else(out_of_range)
    }

    /// Day and time of day, in older files.
    fn local_start(&self, talk: &Talk, date: Option<Moment>) -> Result<DateTime, Fault> {
        let bad_time = |message: String| Fault::new(ProblemCode::BadTime, message);
        let Some(start) = talk.start.as_deref() else {
            return Err(match talk.date.as_deref() {
                Some(date) => bad_time(format!("its date {} has no time, and it has no start", quoted(date))),
                None => bad_time("it has neither a date nor a start".to_owned()),
            });
        };
        let Some((time, days_later)) = time_of_day(start) else {
            return Err(bad_time(format!("its start {} is no time of day (hh:mm)", quoted(start))));
        };
        let Some(date) = date.or(self.date).map(|moment| moment.date) else {
            return Err(bad_time("neither it nor its day has a readable date".to_owned()));
        };
        let local = date.to_datetime(time);
        let is_next_date = days_later || (self.is_own_date(date) && self.is_after_midnight(local));
        if !is_next_date {
            return Ok(local);
        }
        local.checked_add(1.day()).map_err(|_| bad_time("its date is out of range".to_owned()))
    }

    /// Whether a date is that of the conference day; any other date is meant as it stands.
    fn is_own_date(&self, date: jiff::civil::Date) -> bool {
        self.date.is_none_or(|own| own.date == date)
    }

    /// Whether a time of day that would lie before the conference day begins belongs to its last hours instead: at
    /// 01:30 in a day from 11:00 to 04:00, it is the next date's 01:30.
    fn is_after_midnight(&self, local: DateTime) -> bool {
        let Ok(next_date) = local.checked_add(1.day()) else {
            return false;
        };
        match (self.start, self.end) {
            (Some(start), Some(end)) => local < start && next_date < end,
            (Some(start), None) => local < start,
            (None, Some(end)) => next_date < end,
            (None, None) => self.day_change.is_some_and(|change| local.time() < change),
        }
    }
}

/// `hh:mm`, `h:mm` or `hh:mm:ss`; hours past 24 are those of the next date (`true`).
fn time_of_day(text: &str) -> Option<(Time, bool)> {
    let mut parts = text.trim().split(':').map(|part| part.parse::<i8>().ok().filter(|number| *number >= 0));
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() || hour >= 48 {
        return None;
    }
    Some((Time::new(hour % 24, minute, second, 0).ok()?, hour >= 24))
}

fn duration_of(text: Option<&str>) -> Result<SignedDuration, Fault> {
    let bad = |message: String| Fault::new(ProblemCode::BadDuration, message);
    let Some(text) = text else {
        return Err(bad("it has no duration".to_owned()));
    };
    match read_duration(text) {
        Some(duration) if duration > SignedDuration::ZERO => Ok(duration),
        Some(_) => Err(bad(format!("its duration {} is not positive", quoted(text)))),
        None => Err(bad(format!("its duration {} is not readable (hh:mm)", quoted(text)))),
    }
}

/// `hh:mm`, `h:mm`, `d:hh:mm`, a number of minutes, or an ISO 8601 duration.
///
/// pretalx writes three parts as days, hours and minutes, without leading zeros in the days; the XSD also permits
/// hours, minutes and seconds. Three parts are therefore read as `hh:mm:ss` when the first has two digits or the
/// second is no hour of a day.
fn read_duration(text: &str) -> Option<SignedDuration> {
    let text = text.trim();
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if digits.starts_with(['P', 'p']) {
        return text.parse().ok();
    }
    let number = |part: &str| part.parse::<u32>().ok().map(i64::from);
    let parts: Vec<&str> = digits.split(':').take(4).collect();
    let seconds = match parts.as_slice() {
        [minutes] => number(minutes)? * 60,
        [hours, minutes] => number(hours)? * 3600 + number(minutes)? * 60,
        [hours, minutes, seconds] if hours.len() >= 2 || number(minutes)? > 23 => {
            number(hours)? * 3600 + number(minutes)? * 60 + number(seconds)?
        }
        [days, hours, minutes] => number(days)? * 86_400 + number(hours)? * 3600 + number(minutes)? * 60,
        _ => return None,
    };
    Some(SignedDuration::from_secs(if is_negative { -seconds } else { seconds }))
}

/// A value from the file, short enough for a message.
fn quoted(text: &str) -> String {
    format!("“{}”", crate::text::one_line(text, 40).text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_every_form() {
        for (text, minutes) in [
            ("00:30", Some(30)),
            ("1:05", Some(65)),
            ("36:00", Some(2160)),
            ("1:02:30", Some(1590)),
            ("0:01:30", Some(90)),
            ("01:30:00", Some(90)),
            ("00:45:00", Some(45)),
            ("1:45:00", Some(105)),
            ("90", Some(90)),
            (" 45 ", Some(45)),
            ("PT1H30M", Some(90)),
            ("00:00", Some(0)),
            ("-00:30", Some(-30)),
            ("-PT30M", Some(-30)),
            ("", None),
            (":", None),
            ("1:2:3:4", None),
            ("half an hour", None),
            ("+5", Some(5)),
            ("99999999999999999999", None),
            ("1.5", None),
        ] {
            assert_eq!(read_duration(text).map(|duration| duration.as_mins()), minutes, "{text:?}");
        }
    }

    #[test]
    fn times_of_day() {
        for (text, expected) in [
            ("09:30", Some((9, 30, false))),
            ("9:30", Some((9, 30, false))),
            ("23:59:59", Some((23, 59, false))),
            ("24:00", Some((0, 0, true))),
            ("25:30", Some((1, 30, true))),
            ("48:00", None),
            ("-1:30", None),
            ("12:60", None),
            ("12", None),
            ("1:2:3:4", None),
            ("noon", None),
        ] {
            let found = time_of_day(text).map(|(time, later)| (time.hour(), time.minute(), later));
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
