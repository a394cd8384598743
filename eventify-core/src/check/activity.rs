//! Noticing that somebody works with a store while it is looked at.

use std::collections::BTreeMap;

use crate::store::{Index, Key, Kind, Scan, Store, StoreError, Version};

/// Marks that are read at once.
const PAGE_RECORDS_MAX: usize = 500;

/// Who wrote to a store last. Two different ones mean that an engine wrote in between. Two equal ones mean that no engine
/// did that still runs, since every change set replaces the mark of its lane, and that nothing was decided by one that
/// was stopped, since decisions are audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity(BTreeMap<Key, Version>);

impl Activity {
    /// As of now.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub async fn of(store: &dyn Store) -> Result<Self, StoreError> {
        let newest = store.scan(&Scan::last(Index::All(Kind::AuditEntry), 1)).await?.items;
        let mut marks: BTreeMap<Key, Version> =
            newest.into_iter().map(|entry| (entry.key, entry.version)).collect();
        for kind in [Kind::Keyring, Kind::LaneMark] {
            let mut after = None;
            loop {
                let scan = Scan { after, ..Scan::first(Index::All(kind), PAGE_RECORDS_MAX) };
                let page = store.scan(&scan).await?;
                marks.extend(page.items.into_iter().map(|mark| (mark.key, mark.version)));
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        Ok(Self(marks))
    }
}
