//! The season is made in memory and taken over in one piece: it is there wholly or not at all, and a service that is
//! running does not meddle with a past that it would find overdue.

use std::collections::HashMap;
use std::sync::Arc;

use eventify_core::store::{
    ChangeSet, Commit, Expectation, Index, Key, Kind, MemoryStore, Scan, Store, Version, Versioned, Write,
};
use eventify_core::{Entropy, SystemEntropy};

use crate::cli::exit::Failure;

/// What the season shares with everything else: the keys that sign, and categories with their names and counts.
const SHARED: [Kind; 3] = [Kind::Keyring, Kind::Category, Kind::CategoryName];
/// What belongs to the engine that made the season, and not to the season.
const OWN: [Kind; 3] = [Kind::Keyring, Kind::LaneMark, Kind::IdempotentReply];
const PAGE_RECORDS_MAX: usize = 1_000;

/// A store to make the season in.
pub(super) struct Rehearsal {
    pub(super) memory: Arc<dyn Store>,
    /// What was there before, as it was.
    shared: HashMap<Key, Versioned>,
}

impl Rehearsal {
    /// Beside a store that has its keys.
    pub(super) async fn beside(store: &dyn Store) -> Result<Self, Failure> {
        let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let mut shared = HashMap::new();
        for kind in SHARED {
            let found = all(store, kind).await?;
            shared.extend(found.into_iter().map(|found| (found.key.clone(), found)));
        }
        let writes = shared.values().map(|found| Write {
            key: found.key.clone(),
            before: None,
            after: found.record.clone(),
        });
        let absent = |key: &Key| Expectation { key: key.clone(), version: Version::ABSENT };
        apply(&*memory, shared.keys().map(absent).collect(), writes.collect()).await?;
        Ok(Self { memory, shared })
    }

    /// Takes everything over; false when somebody changed meanwhile what is shared, or took what the season needs.
    pub(super) async fn take_over(self, store: &dyn Store) -> Result<bool, Failure> {
        let (mut expectations, mut writes) = (Vec::new(), Vec::new());
        for &kind in Kind::ALL.iter().filter(|kind| !OWN.contains(kind)) {
            for made in all(&*self.memory, kind).await? {
                let before = self.shared.get(&made.key);
                let version = before.map_or(Version::ABSENT, |before| before.version);
                let before = before.and_then(|before| before.record.clone());
                expectations.push(Expectation { key: made.key.clone(), version });
                if before != made.record {
                    writes.push(Write { key: made.key, before, after: made.record });
                }
            }
        }
        apply(store, expectations, writes).await
    }
}

async fn apply(
    store: &dyn Store,
    mut expectations: Vec<Expectation>,
    mut writes: Vec<Write>,
) -> Result<bool, Failure> {
    let mut stamp = [0; 8];
    SystemEntropy.fill(&mut stamp);
    expectations.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    writes.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let stamp = Version::new(u64::from_le_bytes(stamp).max(1));
    let done = store.commit(&ChangeSet { stamp, expectations, writes }).await?;
    Ok(matches!(done, Commit::Applied))
}

async fn all(store: &dyn Store, kind: Kind) -> Result<Vec<Versioned>, Failure> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let scan = Scan { after, ..Scan::first(Index::All(kind), PAGE_RECORDS_MAX) };
        let page = store.scan(&scan).await?;
        found.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}
