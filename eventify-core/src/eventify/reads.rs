//! What nouns read outside of decisions.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Engine;
use crate::error::Error;
use crate::page::{self, Listing, PageRequest};
use crate::store::{Freshness, Index, Key, Record, Recorded, Scan, Version, Versioned};

impl Engine {
    /// A record and its version, if it is there.
    pub(crate) async fn fetch<R: Recorded>(&self, id: &R::Id) -> Result<Option<(Arc<R>, Version)>, Error> {
        let loaded = self.load_all([R::key_of(id)]).await?;
        let first = loaded.into_iter().next();
        Ok(first
            .and_then(|v| v.record.as_ref().and_then(R::unwrap).map(|record| (record.clone(), v.version))))
    }

    /// A record, if it is there.
    pub(crate) async fn load<R: Recorded>(&self, id: &R::Id) -> Result<Option<Arc<R>>, Error> {
        Ok(self.fetch::<R>(id).await?.map(|(record, _)| record))
    }

    /// Several records of one state of the store.
    pub(crate) async fn load_all(
        &self,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<Vec<Versioned>, Error> {
        let keys: BTreeSet<Key> = keys.into_iter().collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.core().store.load(&keys).await?)
    }

    /// One page of an index, as records of one kind.
    pub(crate) async fn list<R: Recorded>(
        &self,
        index: Index,
        descending: bool,
        request: &PageRequest,
    ) -> Result<Listing<Arc<R>>, Error> {
        self.list_as_of(Freshness::Newest, index, descending, request).await
    }

    /// The same, as new as it has to be.
    pub(crate) async fn list_as_of<R: Recorded>(
        &self,
        freshness: Freshness,
        index: Index,
        descending: bool,
        request: &PageRequest,
    ) -> Result<Listing<Arc<R>>, Error> {
        let keyring = self.core().keyring();
        let scan = Scan { freshness, ..page::scan(index, descending, request, &keyring)? };
        let found = self.core().store.scan(&scan).await?;
        let next_cursor = found.next.as_ref().map(|position| page::cursor(position, &scan, &keyring));
        let records = found.items.iter().filter_map(|v| v.record.as_ref().and_then(R::unwrap).cloned());
        Ok(Listing { data: records.collect(), next_cursor })
    }
}

/// The records of one kind among loaded ones.
pub(crate) fn of_kind<R: Recorded>(loaded: &[Versioned]) -> impl Iterator<Item = &Arc<R>> {
    loaded.iter().filter_map(|v| v.record.as_ref()).filter_map(|record: &Record| R::unwrap(record))
}
