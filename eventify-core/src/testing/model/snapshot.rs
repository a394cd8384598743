//! Everything that a store holds, read record by record.

use std::sync::Arc;

use crate::store::{Index, Kind, Record, Recorded, Scan, Store, StoreError};

/// Every record of a store. Of one moment only while nothing is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    records: Vec<Record>,
}

impl Snapshot {
    /// Reads every record of every kind.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn take(store: &dyn Store) -> Result<Self, StoreError> {
        Self::of_kinds(store, Kind::ALL).await
    }

    /// Reads every record of some kinds.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn of_kinds(store: &dyn Store, kinds: &[Kind]) -> Result<Self, StoreError> {
        let mut records = Vec::new();
        for kind in kinds {
            let mut scan = Scan::first(Index::All(*kind), 500);
            loop {
                let page = store.scan(&scan).await?;
                records.extend(page.items.into_iter().filter_map(|v| v.record));
                match page.next {
                    Some(next) => scan.after = Some(next),
                    None => break,
                }
            }
        }
        Ok(Self { records })
    }

    /// The records of one kind, in key order.
    pub fn of<R: Recorded>(&self) -> impl Iterator<Item = &Arc<R>> {
        self.records.iter().filter_map(R::unwrap)
    }

    /// Every record.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }
}
