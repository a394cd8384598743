//! Pages of an index.

use std::ops::{Bound, ControlFlow};

use eventify_core::store::{
    Damaged, Key, Kind, OrderedKeys, Page, Scan, StoreError, StoreErrorKind, Versioned, encode_key, find,
};
use redb::{AccessGuard, ReadOnlyTable, ReadTransaction};

use super::codec::{corrupt, show};
use super::error::Failure;
use super::load::Tables;
use super::newest;
use super::snapshots::Snapshot;
use super::tables::{Bytes, INDEX, records};

/// One page, keys and records of one state.
pub(crate) fn scan(snapshot: &Snapshot, scan: &Scan) -> Result<Page<Versioned>, Failure> {
    let index = Entries { txn: snapshot, index: snapshot.open_table(INDEX)? };
    let page = find(&index, scan)?;
    let mut tables = Tables::new(snapshot, page.items.len());
    let mut items = Vec::with_capacity(page.items.len());
    for key in page.items {
        let found = tables.record(key.clone()).and_then(|found| match found.record {
            Some(_) => Ok(found),
            None => Err(dangling(&found.key).into()),
        });
        items.push(match found.map_err(|failure| failure.into_store_error("scan")) {
            Err(error) if error.kind() == StoreErrorKind::Corrupt && scan.damaged == Damaged::IsAbsent => {
                tracing::error!(%error, "a scan goes on without a record");
                Versioned::absent(key)
            }
            found => found?,
        });
    }
    Ok(Page { items, next: page.next })
}

fn dangling(key: &Key) -> StoreError {
    let kind = key.kind();
    let name = show(kind, &encode_key(key));
    corrupt("scan", format!("an index entry names table {}, key {name}, which is not there", kind.table()))
}

/// What a transaction reads.
pub(crate) struct Entries<'a> {
    pub(crate) txn: &'a ReadTransaction,
    pub(crate) index: ReadOnlyTable<Bytes, ()>,
}

fn store_error(failure: impl Into<Failure>) -> StoreError {
    failure.into().into_store_error("scan")
}

fn walk<V: redb::Value + 'static>(
    table: &ReadOnlyTable<Bytes, V>,
    range: (Bound<&[u8]>, Bound<&[u8]>),
    descending: bool,
    each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut rows = table.range::<&[u8]>(range).map_err(store_error)?;
    while let Some(row) = if descending { rows.next_back() } else { rows.next() } {
        let (key, _): (AccessGuard<'_, Bytes>, _) = row.map_err(store_error)?;
        if each(key.value()).is_break() {
            break;
        }
    }
    Ok(())
}

impl OrderedKeys for Entries<'_> {
    fn entries(
        &self,
        range: (Bound<&[u8]>, Bound<&[u8]>),
        descending: bool,
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut newest = newest::within(&self.index, range).map_err(store_error)?;
        if newest.is_empty() {
            return walk(&self.index, range, descending, each);
        }
        if descending {
            newest.reverse();
        }
        let mut newest = newest.into_iter().peekable();
        let mut flow = ControlFlow::Continue(());
        walk(&self.index, range, descending, &mut |entry| {
            while let Some(first) = newest.next_if(|first| (first.as_slice() < entry) != descending) {
                flow = each(&first);
                flow?;
            }
            flow = each(entry);
            flow
        })?;
        if flow.is_continue() {
            let _ = newest.try_for_each(|entry| each(&entry));
        }
        Ok(())
    }

    fn keys(
        &self,
        kind: Kind,
        range: (Bound<&[u8]>, Bound<&[u8]>),
        descending: bool,
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let table = self.txn.open_table(records(kind)).map_err(store_error)?;
        walk(&table, range, descending, each)
    }

    fn has_entry(&self, entry: &[u8]) -> Result<bool, StoreError> {
        newest::has(&self.index, entry).map_err(store_error)
    }
}
