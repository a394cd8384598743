//! Walking through a store: the records of a kind page by page, and what they refer to.

use std::collections::{BTreeSet, HashMap};
use std::marker::PhantomData;
use std::sync::Arc;

use super::report::CheckReport;
use crate::store::{Index, Key, Position, Record, Recorded, Scan, Store, StoreError};

/// Records that are read at once.
const PAGE_RECORDS_MAX: usize = 200;
/// Records that are loaded at once because others refer to them.
const LOAD_RECORDS_MAX: usize = 2_000;

/// A store and what was found in it so far.
pub(super) struct Walk<'a> {
    store: &'a dyn Store,
    pub(super) report: CheckReport,
}

/// Where a walk through one kind stands.
pub(super) struct Pages<R> {
    after: Option<Position>,
    is_done: bool,
    kind: PhantomData<fn() -> R>,
}

/// Loaded records, by key.
pub(super) struct Related(HashMap<Key, Record>);

impl<'a> Walk<'a> {
    pub(super) fn new(store: &'a dyn Store) -> Self {
        Self { store, report: CheckReport::default() }
    }

    /// What is there of these records.
    pub(super) async fn load(&self, keys: BTreeSet<Key>) -> Result<Related, StoreError> {
        let mut found = HashMap::with_capacity(keys.len());
        let mut rest = keys;
        while !rest.is_empty() {
            let later = rest
                .iter()
                .nth(LOAD_RECORDS_MAX)
                .cloned()
                .map_or_else(BTreeSet::new, |first| rest.split_off(&first));
            let loaded = self.store.load(&rest).await?;
            found.extend(loaded.into_iter().filter_map(|v| Some((v.key, v.record?))));
            rest = later;
        }
        Ok(Related(found))
    }
}

impl<R: Recorded> Pages<R> {
    pub(super) const fn new() -> Self {
        Self { after: None, is_done: false, kind: PhantomData }
    }

    /// The next page; `None` behind the last.
    pub(super) async fn next(&mut self, walk: &mut Walk<'_>) -> Result<Option<Vec<Arc<R>>>, StoreError> {
        let page = self.next_again(walk).await?;
        walk.report.records += page.as_ref().map_or(0, |page| u64::try_from(page.len()).unwrap_or(0));
        Ok(page)
    }

    /// The same of a kind that is counted by another walk.
    pub(super) async fn next_again(&mut self, walk: &Walk<'_>) -> Result<Option<Vec<Arc<R>>>, StoreError> {
        if self.is_done {
            return Ok(None);
        }
        let scan = Scan { after: self.after.take(), ..Scan::first(Index::All(R::KIND), PAGE_RECORDS_MAX) };
        let page = walk.store.scan(&scan).await?;
        self.is_done = page.next.is_none();
        self.after = page.next;
        let found: Vec<Arc<R>> =
            page.items.iter().filter_map(|v| v.record.as_ref().and_then(R::unwrap).cloned()).collect();
        Ok(Some(found))
    }
}

impl Related {
    pub(super) fn get<R: Recorded>(&self, id: &R::Id) -> Option<&Arc<R>> {
        self.0.get(&R::key_of(id)).and_then(R::unwrap)
    }

    pub(super) fn has<R: Recorded>(&self, id: &R::Id) -> bool {
        self.get::<R>(id).is_some()
    }
}
