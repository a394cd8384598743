//! Pages of an index, and how a backend with sorted keys serves them.

use std::collections::BTreeSet;
use std::ops::{Bound, ControlFlow};

use super::codec::decode_key;
use super::error::{StoreError, StoreErrorKind};
use super::facets::Facets;
use super::index::{Index, Place, sortable};
use super::record::{Key, Kind};
use crate::time::Timestamp;

/// A request for one page of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Which index.
    pub index: Index,
    /// Last first.
    pub descending: bool,
    /// Behind this position; from the start when `None`.
    pub after: Option<Position>,
    /// How many records at most; at least 1.
    pub limit: usize,
    /// Whether the answer may be a little old.
    pub freshness: Freshness,
    /// What becomes of a record that cannot be read.
    pub damaged: Damaged,
}

/// What a scan does about a record that cannot be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Damaged {
    /// It fails: nobody is shown a list that lacks something.
    #[default]
    Fails,
    /// It lists the record as absent, which no other listed record is: for long work that goes on with the rest. A backend
    /// that cannot tell which record it is fails all the same.
    IsAbsent,
}

/// How new an answer has to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Freshness {
    /// Everything that was committed before the scan began.
    #[default]
    Newest,
    /// An older state will do, such as a read replica has: only for what other people publish, never for a decision
    /// and never for what the asker may have written.
    MayLag,
}

impl Scan {
    /// The first page of an index as it is now.
    #[must_use]
    pub const fn first(index: Index, limit: usize) -> Self {
        Self {
            index,
            descending: false,
            after: None,
            limit,
            freshness: Freshness::Newest,
            damaged: Damaged::Fails,
        }
    }

    /// The first page from the end, last first.
    #[must_use]
    pub const fn last(index: Index, limit: usize) -> Self {
        Self {
            index,
            descending: true,
            after: None,
            limit,
            freshness: Freshness::Newest,
            damaged: Damaged::Fails,
        }
    }
}

/// Where a page of an index ended: opaque to the engine, and to be given back to the backend that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position(pub Vec<u8>);

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it, in index order.
    pub items: Vec<T>,
    /// Where the next one begins, when there may be one.
    pub next: Option<Position>,
}

/// What a backend that keeps sorted byte strings offers to [`find`]. All of one scan reads one state.
pub trait OrderedKeys {
    /// Calls `each` with the index entries between the bounds, in order, until it breaks.
    ///
    /// # Errors
    /// Whatever the backend meets.
    fn entries(
        &self,
        range: (Bound<&[u8]>, Bound<&[u8]>),
        descending: bool,
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// The same for the encoded keys of one kind's records.
    ///
    /// # Errors
    /// Whatever the backend meets.
    fn keys(
        &self,
        kind: Kind,
        range: (Bound<&[u8]>, Bound<&[u8]>),
        descending: bool,
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// Whether there is exactly this index entry.
    ///
    /// # Errors
    /// Whatever the backend meets.
    fn has_entry(&self, entry: &[u8]) -> Result<bool, StoreError>;
}

/// The keys on a page of an index, for a backend that keeps sorted bytes.
///
/// # Errors
/// What `keys` answers, or [`StoreErrorKind::Corrupt`] for an entry that is none.
pub fn find(keys: &dyn OrderedKeys, scan: &Scan) -> Result<Page<Key>, StoreError> {
    match scan.index.place() {
        Place::Table(kind) => {
            let mut page = Collector::new(scan.limit);
            let after = scan.after.as_ref().map(|p| p.0.as_slice());
            keys.keys(kind, bounds(&[], after, scan.descending).borrow(), scan.descending, &mut |key| {
                page.take(key)
            })?;
            page.finish(|bytes| decode_key(kind, bytes).map_err(|e| corrupt(&e.to_string())))
        }
        Place::Prefix(prefix) => by_prefix(keys, &prefix, (None, None), scan),
        Place::Period(prefix, period) => by_prefix(keys, &prefix, (period.from, period.to), scan),
        Place::Facets(facets) => by_facets(keys, &facets, scan),
    }
}

fn by_prefix(
    keys: &dyn OrderedKeys,
    prefix: &[u8],
    (from, to): (Option<Timestamp>, Option<Timestamp>),
    scan: &Scan,
) -> Result<Page<Key>, StoreError> {
    let mut page = Collector::new(scan.limit);
    let after = scan.after.as_ref().map(|p| [prefix, &p.0].concat());
    let mut range = bounds(prefix, after.as_deref(), scan.descending);
    let at = |instant: Timestamp| [prefix, sortable(instant).as_slice()].concat();
    range.narrow(&from.map_or_else(|| prefix.to_vec(), at), to.map(at));
    keys.entries(range.borrow(), scan.descending, &mut |entry| {
        page.take(entry.get(prefix.len()..).unwrap_or(&[]))
    })?;
    page.finish(key_of_tail)
}

/// Intersects the parts of an event query. Tails (instant, kind, key) are equal across the facets of one event,
/// so a member of one part is looked up in the others by its tail.
fn by_facets(keys: &dyn OrderedKeys, facets: &Facets, scan: &Scan) -> Result<Page<Key>, StoreError> {
    let mut page = Collector::new(scan.limit);
    let within = |tail: &[u8]| facets.admits(tail) && behind(tail, scan);
    let mut failure = None;
    if facets.words.is_empty() {
        let (lead, others) =
            facets.exact.split_first().ok_or_else(|| corrupt("an event query without a part"))?;
        let (lower, upper) = facets.tails();
        let after = scan.after.as_ref().map(|p| [lead, p.0.as_slice()].concat());
        let mut range = bounds(lead, after.as_deref(), scan.descending);
        range.narrow(&[lead, lower.as_slice()].concat(), upper.map(|u| [lead, u.as_slice()].concat()));
        keys.entries(range.borrow(), scan.descending, &mut |entry| {
            let tail = entry.get(lead.len()..).unwrap_or(&[]);
            match all_have(keys, others, tail) {
                Ok(true) if within(tail) => page.take(tail),
                Ok(_) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
    } else {
        for tail in ordered(word_tails(keys, facets)?, scan.descending) {
            if within(&tail) && all_have(keys, &facets.exact, &tail)? && page.take(&tail).is_break() {
                break;
            }
        }
    }
    failure.map_or_else(|| page.finish(key_of_tail), Err)
}

fn ordered(tails: BTreeSet<Vec<u8>>, descending: bool) -> Box<dyn Iterator<Item = Vec<u8>>> {
    let tails = tails.into_iter();
    if descending { Box::new(tails.rev()) } else { Box::new(tails) }
}

fn behind(tail: &[u8], scan: &Scan) -> bool {
    match &scan.after {
        Some(position) if scan.descending => tail < position.0.as_slice(),
        Some(position) => tail > position.0.as_slice(),
        None => true,
    }
}

fn all_have(keys: &dyn OrderedKeys, prefixes: &[Vec<u8>], tail: &[u8]) -> Result<bool, StoreError> {
    for prefix in prefixes {
        if !keys.has_entry(&[prefix, tail].concat())? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The tails of the events that have a word beginning with every asked one.
fn word_tails(keys: &dyn OrderedKeys, facets: &Facets) -> Result<BTreeSet<Vec<u8>>, StoreError> {
    let mut common: Option<BTreeSet<Vec<u8>>> = None;
    for prefix in &facets.words {
        let mut tails = BTreeSet::new();
        keys.entries(bounds(prefix, None, false).borrow(), false, &mut |entry| {
            // prefix, rest of the word, NUL, tail: the word holds no NUL.
            let rest = entry.get(prefix.len()..).unwrap_or(&[]);
            let end = rest.iter().position(|&b| b == 0).map_or(rest.len(), |nul| nul + 1);
            let tail = rest.get(end..).unwrap_or(&[]);
            if facets.admits(tail) && common.as_ref().is_none_or(|c| c.contains(tail)) {
                tails.insert(tail.to_vec());
            }
            ControlFlow::Continue(())
        })?;
        common = Some(tails);
    }
    Ok(common.unwrap_or_default())
}

impl Facets {
    fn tails(&self) -> (Vec<u8>, Option<Vec<u8>>) {
        (
            self.from.map_or_else(Vec::new, |from| sortable(from).to_vec()),
            self.to.map(|to| sortable(to).to_vec()),
        )
    }

    fn admits(&self, tail: &[u8]) -> bool {
        let instant = tail.get(..8).unwrap_or(&[]);
        self.from.is_none_or(|from| instant >= sortable(from).as_slice())
            && self.to.is_none_or(|to| instant < sortable(to).as_slice())
    }
}

fn key_of_tail(tail: &[u8]) -> Result<Key, StoreError> {
    let (_, rest) = tail.split_at_checked(8).ok_or_else(|| corrupt("an index entry that is too short"))?;
    let (number, key) = rest.split_first().ok_or_else(|| corrupt("an index entry without a key"))?;
    let kind = Kind::from_number(*number).ok_or_else(|| corrupt("an index entry of an unknown kind"))?;
    decode_key(kind, key).map_err(|e| corrupt(&e.to_string()))
}

fn corrupt(what: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Corrupt, "scan", what)
}

/// Takes one more than the page holds, to know whether there is a next one.
struct Collector {
    limit: usize,
    tails: Vec<Vec<u8>>,
    more: bool,
}

impl Collector {
    const fn new(limit: usize) -> Self {
        Self { limit, tails: Vec::new(), more: false }
    }

    fn take(&mut self, tail: &[u8]) -> ControlFlow<()> {
        if self.tails.len() >= self.limit {
            self.more = true;
            return ControlFlow::Break(());
        }
        self.tails.push(tail.to_vec());
        ControlFlow::Continue(())
    }

    fn finish(self, key: impl Fn(&[u8]) -> Result<Key, StoreError>) -> Result<Page<Key>, StoreError> {
        let items = self.tails.iter().map(|tail| key(tail)).collect::<Result<Vec<_>, _>>()?;
        let next = if self.more { self.tails.into_iter().next_back().map(Position) } else { None };
        Ok(Page { items, next })
    }
}

/// An owned pair of bounds.
struct Bounds(Bound<Vec<u8>>, Bound<Vec<u8>>);

impl Bounds {
    fn borrow(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        (self.0.as_ref().map(Vec::as_slice), self.1.as_ref().map(Vec::as_slice))
    }

    /// Cuts the range to `lower ..` and `.. upper`, where these are tighter.
    fn narrow(&mut self, lower: &[u8], upper: Option<Vec<u8>>) {
        if let Bound::Included(from) | Bound::Excluded(from) = &self.0
            && from.as_slice() < lower
        {
            self.0 = Bound::Included(lower.to_vec());
        }
        if let Some(upper) = upper {
            let tighter = match &self.1 {
                Bound::Included(to) | Bound::Excluded(to) => upper < *to,
                Bound::Unbounded => true,
            };
            if tighter {
                self.1 = Bound::Excluded(upper);
            }
        }
        // A backend may not be asked for a range that ends before it begins.
        let empty = match (&self.0, &self.1) {
            (Bound::Included(from) | Bound::Excluded(from), Bound::Included(to) | Bound::Excluded(to)) => {
                from >= to
            }
            _ => false,
        };
        if empty {
            *self = Self(Bound::Included(lower.to_vec()), Bound::Excluded(lower.to_vec()));
        }
    }
}

/// Everything that begins with `prefix` and lies behind `after`.
fn bounds(prefix: &[u8], after: Option<&[u8]>, descending: bool) -> Bounds {
    let start = Bound::Included(prefix.to_vec());
    let end = successor(prefix).map_or(Bound::Unbounded, Bound::Excluded);
    match after {
        Some(after) if descending => Bounds(start, Bound::Excluded(after.to_vec())),
        Some(after) => Bounds(Bound::Excluded(after.to_vec()), end),
        None => Bounds(start, end),
    }
}

/// The first byte string behind all that begin with `prefix`.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}
