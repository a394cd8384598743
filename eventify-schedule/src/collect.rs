//! What all formats share: entries are checked, bounded and named here, and become a [`Programme`].

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::{
    clock::{Assumption, Clock, Fault, check_span},
    error::ScheduleError,
    limits::{
        ENTRIES_MAX, NAME_CHARS_MAX, OVERLAPS_MAX, PROBLEMS_MAX, SPEAKERS_MAX, TEXT_CHARS_MAX,
        TITLE_CHARS_MAX, URL_CHARS_MAX,
    },
    model::{Entry, Format, Hints, Overlap, Programme},
    problem::{EntryName, Position, Problem, ProblemCode, Severity},
    text::{Bounded, block, one_line},
};

/// An entry as its file writes it: nothing checked, nothing bounded.
#[derive(Default)]
pub(crate) struct Candidate {
    pub(crate) source_id: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) subtitle: Option<String>,
    pub(crate) abstract_text: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) speakers: Vec<String>,
    pub(crate) room: Option<String>,
    pub(crate) url: Option<String>,
}

impl Candidate {
    /// What to call it in a problem.
    pub(crate) fn name(&self) -> EntryName {
        let bounded = |raw: &Option<String>| {
            raw.as_deref().map(|raw| one_line(raw, NAME_CHARS_MAX).text).filter(|text| !text.is_empty())
        };
        EntryName { source_id: bounded(&self.source_id), title: bounded(&self.title) }
    }
}

/// When a candidate takes place, and what had to be assumed for that.
pub(crate) struct Span {
    pub(crate) starts_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    pub(crate) assumed: Option<Assumption>,
}

/// What a file says about the conference itself, unchecked.
#[derive(Default)]
pub(crate) struct Frame {
    pub(crate) title: Option<String>,
    pub(crate) acronym: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) venue: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) url: Option<String>,
    /// Start and end; the programme's own are wide enough for the entries too.
    pub(crate) bounds: Option<(Timestamp, Timestamp)>,
}

/// Collects entries and problems while a file is read.
#[derive(Default)]
pub(crate) struct Collector {
    entries: Vec<Entry>,
    entries_skipped: usize,
    problems: Vec<Problem>,
    problems_left_out: usize,
    has_assumed_utc: bool,
}

impl Collector {
    pub(crate) fn has_entries(&self) -> bool {
        !self.entries.is_empty()
    }

    /// An entry that cannot be imported.
    pub(crate) fn skip(&mut self, position: Position, entry: EntryName, fault: Fault) {
        self.entries_skipped += 1;
        self.problem(Severity::Skipped, position, Some(entry), fault);
    }

    /// Trouble that does not keep anything out.
    pub(crate) fn warn(&mut self, position: Position, entry: Option<EntryName>, fault: Fault) {
        self.problem(Severity::Warning, position, entry, fault);
    }

    fn problem(&mut self, severity: Severity, position: Position, entry: Option<EntryName>, fault: Fault) {
        if self.problems.len() < PROBLEMS_MAX {
            let Fault { code, message } = fault;
            self.problems.push(Problem { severity, code, position, entry, message });
        } else {
            self.problems_left_out += 1;
        }
    }

    /// Takes an entry in, or reports why not.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::TooManyEntries`] when the programme is full.
    pub(crate) fn add(
        &mut self,
        position: Position,
        candidate: Candidate,
        span: Result<Span, Fault>,
    ) -> Result<(), ScheduleError> {
        if self.entries.len() + self.entries_skipped >= ENTRIES_MAX {
            return Err(ScheduleError::TooManyEntries);
        }
        let name = candidate.name();
        let span = span.and_then(|span| {
            check_span(span.starts_at, span.ends_at)?;
            match name.title {
                Some(_) => Ok(span),
                None => Err(Fault::new(ProblemCode::MissingTitle, "it has no title")),
            }
        });
        match span {
            Ok(span) => self.keep(position, candidate, name, &span),
            Err(fault) => self.skip(position, name, fault),
        }
        Ok(())
    }

    fn keep(&mut self, position: Position, candidate: Candidate, name: EntryName, span: &Span) {
        let mut trim = Trim { cut: Vec::new() };
        let title = trim.line("title", candidate.title, TITLE_CHARS_MAX).unwrap_or_default();
        let room = trim.line("room", candidate.room, NAME_CHARS_MAX);
        let source_id = trim.line("id", candidate.source_id, TITLE_CHARS_MAX);
        let has_id = source_id.is_some();
        let entry = Entry {
            source_id: source_id.unwrap_or_else(|| made_id(span.starts_at, room.as_deref(), &title)),
            subtitle: trim.line("subtitle", candidate.subtitle, TITLE_CHARS_MAX),
            abstract_text: trim.block("abstract", candidate.abstract_text),
            description: trim.block("description", candidate.description),
            speakers: trim.speakers(candidate.speakers),
            url: trim.url(candidate.url),
            title,
            room,
            starts_at: span.starts_at,
            ends_at: span.ends_at,
            position: position.clone(),
        };
        for field in trim.cut {
            let message = format!("its {field} is longer than Eventify keeps and was cut");
            self.warn(position.clone(), Some(name.clone()), Fault::new(ProblemCode::TooLong, message));
        }
        if !has_id {
            let message = "it has no id; a later import recognises it by its start, room and title only";
            self.warn(position.clone(), Some(name.clone()), Fault::new(ProblemCode::MissingId, message));
        }
        match span.assumed {
            Some(Assumption::Utc) => self.has_assumed_utc = true,
            Some(Assumption::ClockChange) => self.warn(position, Some(name), clock_change()),
            None => {}
        }
        self.entries.push(entry);
    }

    /// The programme, when all of the file has been read.
    pub(crate) fn finish(mut self, format: Format, frame: Frame, clock: &Clock, hints: &Hints) -> Programme {
        self.make_ids_unique();
        // Stable: what starts together stays in the file's order.
        self.entries.sort_by_key(|entry| entry.starts_at);
        let overlaps = self.find_overlaps();
        if self.has_assumed_utc {
            let message = "nothing says in which time zone its local times are; UTC was assumed";
            self.warn(Position::File, None, Fault::new(ProblemCode::AssumedUtc, message));
        }
        if self.entries.is_empty() {
            let fault = Fault::new(ProblemCode::NoEntries, "no entry could be imported");
            self.warn(Position::File, None, fault);
        }
        let mut trim = Trim { cut: Vec::new() };
        let acronym = trim.line("acronym", frame.acronym, NAME_CHARS_MAX);
        let title = trim.line("title", frame.title, TITLE_CHARS_MAX);
        let hinted =
            title.is_none().then(|| trim.line("title", hints.title.clone(), TITLE_CHARS_MAX)).flatten();
        let title = title.or(hinted).or_else(|| acronym.clone()).unwrap_or_else(|| {
            self.warn(
                Position::File,
                None,
                Fault::new(ProblemCode::MissingTitle, "the programme has no title"),
            );
            "Untitled programme".to_owned()
        });
        let (starts_at, ends_at) = self.bounds(frame.bounds).unzip();
        let description = trim.block("description", frame.description);
        let venue = trim.line("venue", frame.venue, NAME_CHARS_MAX);
        let city = trim.line("city", frame.city, NAME_CHARS_MAX);
        let url = trim.url(frame.url);
        for field in trim.cut {
            let message = format!("the programme's {field} is longer than Eventify keeps and was cut");
            self.warn(Position::File, None, Fault::new(ProblemCode::TooLong, message));
        }
        Programme {
            format,
            title,
            acronym,
            description,
            venue,
            city,
            url,
            time_zone: clock.zone_name().map(str::to_owned),
            starts_at,
            ends_at,
            entries: self.entries,
            entries_skipped: self.entries_skipped,
            overlaps,
            problems: self.problems,
            problems_left_out: self.problems_left_out,
        }
    }

    fn bounds(&self, declared: Option<(Timestamp, Timestamp)>) -> Option<(Timestamp, Timestamp)> {
        let spans = self.entries.iter().map(|entry| (entry.starts_at, entry.ends_at));
        let declared = declared.filter(|(starts_at, ends_at)| starts_at < ends_at);
        spans.chain(declared).reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
    }

    /// An id that appears twice is either the same slot twice, which is kept once, or one talk in several slots, of
    /// which each is kept, under an id that is stable as long as the file's order is.
    fn make_ids_unique(&mut self) {
        let mut first_of: HashMap<String, usize> = HashMap::with_capacity(self.entries.len());
        // How often an id was seen, so that naming the thousandth does not try the 999 names before.
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut kept: Vec<Entry> = Vec::with_capacity(self.entries.len());
        for mut entry in std::mem::take(&mut self.entries) {
            let Some(&first) = first_of.get(&entry.source_id) else {
                first_of.insert(entry.source_id.clone(), kept.len());
                kept.push(entry);
                continue;
            };
            let name =
                EntryName { source_id: Some(entry.source_id.clone()), title: Some(entry.title.clone()) };
            let twin = kept.get(first);
            let at = twin.map_or(Position::File, |twin| twin.position.clone());
            if twin.is_some_and(|twin| is_same_slot(twin, &entry)) {
                let fault = Fault::new(ProblemCode::DuplicateId, format!("it repeats the entry at {at}"));
                self.skip(entry.position, name, fault);
                continue;
            }
            let count = seen.entry(entry.source_id.clone()).or_insert(1);
            let unique = loop {
                *count += 1;
                let unique = format!("{}#{count}", entry.source_id);
                if !first_of.contains_key(&unique) {
                    break unique;
                }
            };
            let message = format!("its id is also that of the entry at {at}; it was given the id {unique:?}");
            self.warn(entry.position.clone(), Some(name), Fault::new(ProblemCode::DuplicateId, message));
            first_of.insert(unique.clone(), kept.len());
            entry.source_id = unique;
            kept.push(entry);
        }
        self.entries = kept;
    }

    /// Finds and reports the pairs that are in one room at one time. The entries are sorted by start.
    fn find_overlaps(&mut self) -> Vec<Overlap> {
        let overlaps = overlaps_of(&self.entries);
        for overlap in &overlaps {
            let (Some(first), Some(second)) =
                (self.entries.get(overlap.first), self.entries.get(overlap.second))
            else {
                continue;
            };
            let message = format!(
                "in room “{}” it starts before “{}” ({}, {}) has ended",
                second.room.as_deref().unwrap_or_default(),
                first.title,
                first.source_id,
                first.position
            );
            let name =
                EntryName { source_id: Some(second.source_id.clone()), title: Some(second.title.clone()) };
            let position = second.position.clone();
            self.warn(position, Some(name), Fault::new(ProblemCode::Overlap, message));
        }
        overlaps
    }
}

fn is_same_slot(one: &Entry, other: &Entry) -> bool {
    (one.starts_at, &one.room, &one.title) == (other.starts_at, &other.room, &other.title)
}

fn overlaps_of(entries: &[Entry]) -> Vec<Overlap> {
    let mut rooms: BTreeMap<&str, Vec<(usize, &Entry)>> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        if let Some(room) = &entry.room {
            rooms.entry(room).or_default().push((index, entry));
        }
    }
    let pairs = rooms.values().flat_map(|room| {
        room.iter().enumerate().flat_map(|(at, (first, entry))| {
            let followers = room.iter().skip(at + 1);
            let overlapping = followers.take_while(|(_, follower)| follower.starts_at < entry.ends_at);
            overlapping.map(|(second, _)| Overlap { first: *first, second: *second })
        })
    });
    pairs.take(OVERLAPS_MAX).collect()
}

fn clock_change() -> Fault {
    let message = "the clocks change at its local time, which exists twice or not at all; check the time";
    Fault::new(ProblemCode::ClockChange, message)
}

/// An id for an entry that has none. It changes when the entry moves, which is why having none is a problem.
fn made_id(starts_at: Timestamp, room: Option<&str>, title: &str) -> String {
    let made = format!("{starts_at} {} {title}", room.unwrap_or_default());
    one_line(&made, TITLE_CHARS_MAX).text
}

/// Bounds texts and remembers which were too long.
struct Trim {
    cut: Vec<&'static str>,
}

impl Trim {
    fn line(&mut self, field: &'static str, raw: Option<String>, chars_max: usize) -> Option<String> {
        self.bounded(field, one_line(&raw?, chars_max))
    }

    fn block(&mut self, field: &'static str, raw: Option<String>) -> Option<String> {
        self.bounded(field, block(&raw?, TEXT_CHARS_MAX))
    }

    /// An address is kept whole or not at all.
    fn url(&mut self, raw: Option<String>) -> Option<String> {
        let Bounded { text, is_cut } = one_line(&raw?, URL_CHARS_MAX);
        if is_cut {
            self.cut.push("address");
            return None;
        }
        Some(text).filter(|text| !text.is_empty())
    }

    fn speakers(&mut self, raw: Vec<String>) -> Vec<String> {
        if raw.len() > SPEAKERS_MAX {
            self.cut.push("list of speakers");
        }
        let names = raw.into_iter().take(SPEAKERS_MAX);
        names.filter_map(|name| self.line("speaker's name", Some(name), NAME_CHARS_MAX)).collect()
    }

    fn bounded(&mut self, field: &'static str, bounded: Bounded) -> Option<String> {
        if bounded.is_cut {
            self.cut.push(field);
        }
        Some(bounded.text).filter(|text| !text.is_empty())
    }
}
