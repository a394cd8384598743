//! The copying itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::RECORDS_MAX;
use super::error::{CopyError, CopyFailure};
use super::report::{CopyReport, Progress, Stage};
use crate::check;
use crate::context::{Entropy, SystemEntropy};
use crate::keyring::Keyring;
use crate::store::{
    ChangeSet, CodecError, Commit, Expectation, Index, Key, Kind, Page, Position, Record, Recorded, Scan,
    Store, StoreError, StoreErrorKind, Version, Versioned, Write, encode_key, encode_record,
};

type Result<T, E = CopyFailure> = std::result::Result<T, E>;
type Tell<'a> = &'a mut (dyn FnMut(Progress) + Send);

/// What is neither copied with the rest nor expected in the target: the keyring comes last, and lane marks belong to
/// processes.
const NOT_COPIED: [Kind; 2] = [Kind::Keyring, Kind::LaneMark];

pub(super) async fn copy(from: &dyn Store, to: &dyn Store, tell: Tell<'_>) -> Result<CopyReport, CopyError> {
    let before = |failure| CopyError { failure, is_begun: false };
    let (keyring, version) = prepare(from, to).await.map_err(before)?;
    let mark = Keyring::wrap(Arc::new(Keyring::unfinished()));
    let begun = replace_keyring(to, Version::ABSENT, None, mark.clone()).await;
    let stamp = begun.map_err(|failure| {
        let is_begun =
            matches!(&failure, CopyFailure::Target(e) if e.kind() == StoreErrorKind::Indeterminate);
        CopyError { failure, is_begun }
    })?;
    let after = |failure| CopyError { failure, is_begun: true };
    let sent = send(from, to, tell).await.map_err(after)?;
    compare(from, to, &sent, tell).await.map_err(after)?;
    let now = keyring_of(from).await.map_err(|error| after(CopyFailure::Source(error)))?;
    if now.is_none_or(|(_, now)| now != version) {
        return Err(after(CopyFailure::SourceChanged));
    }
    verify(to, &sent, tell).await.map_err(after)?;
    replace_keyring(to, stamp, Some(mark), Keyring::wrap(keyring)).await.map_err(after)?;
    let counts = sent.iter().map(|sent| (sent.kind, sent.count)).filter(|(_, count)| *count > 0);
    let mut kinds = vec![(Kind::Keyring, 1)];
    kinds.extend(counts);
    Ok(CopyReport { kinds })
}

/// Looks whether the two stores are fit to be copied from and to.
async fn prepare(from: &dyn Store, to: &dyn Store) -> Result<(Arc<Keyring>, Version)> {
    let keyring = match keyring_of(from).await.map_err(CopyFailure::Source)? {
        None => return Err(CopyFailure::SourceEmpty),
        Some((keyring, _)) if keyring.is_unfinished() => return Err(CopyFailure::SourceUnfinished),
        Some(found) => found,
    };
    if keyring_of(to).await.map_err(CopyFailure::Target)?.is_some_and(|(there, _)| there.is_unfinished()) {
        return Err(CopyFailure::TargetUnfinished);
    }
    for &kind in Kind::ALL {
        let page = read(to, kind, None, 1).await.map_err(CopyFailure::Target)?;
        if !page.items.is_empty() {
            return Err(CopyFailure::TargetNotEmpty(kind));
        }
    }
    Ok(keyring)
}

pub(super) async fn keyring_of(store: &dyn Store) -> Result<Option<(Arc<Keyring>, Version)>, StoreError> {
    let loaded = store.load(&BTreeSet::from([Keyring::key_of(&())])).await?;
    Ok(loaded.into_iter().find_map(|found| {
        let keyring = found.record.as_ref().and_then(Keyring::unwrap)?;
        Some((keyring.clone(), found.version))
    }))
}

/// The records of one kind, as they were read from one store.
#[derive(PartialEq, Eq)]
struct Seen {
    kind: Kind,
    count: u64,
    contents: [u8; 32],
    versions: [u8; 32],
}

/// Copies every record but the keyring.
async fn send(from: &dyn Store, to: &dyn Store, tell: Tell<'_>) -> Result<Vec<Seen>> {
    let mut sent = Vec::new();
    let mut records = 0;
    for &kind in Kind::ALL.iter().filter(|kind| !NOT_COPIED.contains(kind)) {
        let mut tally = Tally::default();
        let limit = page_max(kind);
        let mut page = read(from, kind, None, limit).await.map_err(CopyFailure::Source)?;
        loop {
            tally.add(&page.items).map_err(CopyFailure::Codec)?;
            let next = page.next.take();
            // One page is written while the next one is read.
            let (written, read) = tokio::join!(write(to, kind, page.items), async {
                match next {
                    Some(after) => read(from, kind, Some(after), limit).await.map(Some),
                    None => Ok(None),
                }
            });
            records += written?;
            tell(Progress { stage: Stage::Copy, kind, records, records_total: None });
            match read.map_err(CopyFailure::Source)? {
                Some(more) => page = more,
                None => break,
            }
        }
        sent.push(tally.end(kind));
    }
    Ok(sent)
}

/// Reads both stores again: the source is as it was when it was read first, so what was sent is one state of it; and
/// everything that was sent is in the target as it was sent, and nothing else.
async fn compare(from: &dyn Store, to: &dyn Store, sent: &[Seen], tell: Tell<'_>) -> Result<()> {
    let records_total = Some(sent.iter().map(|sent| sent.count).sum());
    let mut records = 0;
    for sent in sent {
        let kind = sent.kind;
        let mut told = |added| {
            records += added;
            tell(Progress { stage: Stage::Compare, kind, records, records_total });
        };
        let mut untold = |_| {};
        let (source, target) = tokio::join!(see(from, kind, &mut untold), see(to, kind, &mut told));
        if source.map_err(|error| error.of(CopyFailure::Source))? != *sent {
            return Err(CopyFailure::SourceChanged);
        }
        let found = target.map_err(|error| error.of(CopyFailure::Target))?;
        if (found.count, found.contents) != (sent.count, sent.contents) {
            return Err(CopyFailure::Differs { kind, sent: sent.count, found: found.count });
        }
    }
    Ok(())
}

/// Reads every record of a kind.
async fn see(store: &dyn Store, kind: Kind, told: &mut (dyn FnMut(u64) + Send)) -> Result<Seen, Unseen> {
    let mut tally = Tally::default();
    let mut after = None;
    loop {
        let page = read(store, kind, after, page_max(kind)).await.map_err(Unseen::Store)?;
        told(tally.add(&page.items).map_err(Unseen::Codec)?);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(tally.end(kind)),
        }
    }
}

/// Why a kind could not be read.
enum Unseen {
    Store(StoreError),
    Codec(CodecError),
}

impl Unseen {
    fn of(self, side: impl FnOnce(StoreError) -> CopyFailure) -> CopyFailure {
        match self {
            Self::Store(error) => side(error),
            Self::Codec(error) => CopyFailure::Codec(error),
        }
    }
}

async fn verify(to: &dyn Store, sent: &[Seen], tell: Tell<'_>) -> Result<()> {
    let kind = sent.last().map_or(Kind::Keyring, |sent| sent.kind);
    tell(Progress { stage: Stage::Check, kind, records: 0, records_total: None });
    let report = check::records(to).await.map_err(CopyFailure::Target)?;
    if report.is_clean() { Ok(()) } else { Err(CopyFailure::Unsound(report)) }
}

/// Counts records, their contents and their versions, in the order of their keys.
#[derive(Default)]
struct Tally {
    count: u64,
    contents: Sha256,
    versions: Sha256,
    bytes: Vec<u8>,
}

impl Tally {
    fn add(&mut self, found: &[Versioned]) -> Result<u64, CodecError> {
        let mut added = 0;
        for found in found {
            let Some(record) = &found.record else { continue };
            let key = encode_key(&found.key);
            self.bytes.clear();
            encode_record(record, &mut self.bytes)?;
            for part in [&key, &self.bytes] {
                // With their lengths: no two different rows of parts are the same row of bytes.
                self.contents.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
                self.contents.update(part);
            }
            self.versions.update(found.version.number().to_le_bytes());
            added += 1;
        }
        self.count += added;
        Ok(added)
    }

    fn end(self, kind: Kind) -> Seen {
        let (contents, versions) = (self.contents.finalize().into(), self.versions.finalize().into());
        Seen { kind, count: self.count, contents, versions }
    }
}

/// Records of a kind that are read and written at once: few of those that may be large.
const fn page_max(kind: Kind) -> usize {
    match kind {
        // Up to 2,000 index entries, 2,000 items, or 400 people and devices.
        Kind::Event | Kind::Schedule | Kind::Staff => 20,
        _ => RECORDS_MAX,
    }
}

async fn read(
    store: &dyn Store,
    kind: Kind,
    after: Option<Position>,
    limit: usize,
) -> Result<Page<Versioned>, StoreError> {
    store.scan(&Scan { after, ..Scan::first(Index::All(kind), limit) }).await
}

/// Writes new records; answers how many.
async fn write(to: &dyn Store, kind: Kind, records: Vec<Versioned>) -> Result<u64> {
    let absent = |found: &Versioned| Expectation { key: found.key.clone(), version: Version::ABSENT };
    let expectations: Vec<Expectation> = records.iter().map(absent).collect();
    if expectations.is_empty() {
        return Ok(0);
    }
    let count = u64::try_from(expectations.len()).unwrap_or(u64::MAX);
    let writes = records.into_iter().map(|found| Write { key: found.key, before: None, after: found.record });
    commit(to, kind, ChangeSet { stamp: stamp(), expectations, writes: writes.collect() }).await?;
    Ok(count)
}

/// Replaces the keyring of the target; answers its version.
async fn replace_keyring(
    to: &dyn Store,
    version: Version,
    before: Option<Record>,
    after: Record,
) -> Result<Version> {
    let key: Key = Keyring::key_of(&());
    let stamp = stamp();
    let expectations = vec![Expectation { key: key.clone(), version }];
    let writes = vec![Write { key, before, after: Some(after) }];
    commit(to, Kind::Keyring, ChangeSet { stamp, expectations, writes }).await?;
    Ok(stamp)
}

async fn commit(to: &dyn Store, kind: Kind, set: ChangeSet) -> Result<()> {
    match to.commit(&set).await {
        Ok(Commit::Applied) => Ok(()),
        Ok(Commit::Conflict(_)) => Err(CopyFailure::TargetChanged(kind)),
        Err(error) if error.kind() == StoreErrorKind::Indeterminate => {
            let keys = set.writes.iter().map(|write| write.key.clone()).collect();
            let found = to.load(&keys).await.map_err(CopyFailure::Target)?;
            let is_applied = found.iter().all(|found| found.version == set.stamp);
            if is_applied { Ok(()) } else { Err(CopyFailure::Target(error)) }
        }
        Err(error) => Err(CopyFailure::Target(error)),
    }
}

fn stamp() -> Version {
    let mut bytes = [0; 8];
    SystemEntropy.fill(&mut bytes);
    Version::new(u64::from_le_bytes(bytes).max(1))
}
