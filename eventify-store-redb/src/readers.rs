//! Where reads are done: at once by whoever asks, or on threads that may wait.
//!
//! Nearly every read is of a few records whose pages are in memory, and takes microseconds: handing it to another thread and
//! back costs more than the read. A page that has to come from the disk takes longer, and must not hold up an async thread.
//! No look tells beforehand which it will be, so the last reads tell: after a slow one, reads go to threads until enough of
//! them were quick.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use eventify_core::store::StoreError;

use super::engine::Engine;
use super::error::Failure;
use super::pool::Pool;
use super::snapshots::Snapshot;

/// Records that a read at once may ask for; more are work for a thread, wherever their pages are.
const AT_ONCE_RECORDS_MAX: usize = 64;
/// What so few records in memory never take, and a page from a disk soon does.
const QUICK: Duration = Duration::from_millis(1);
/// Reads that have to be quick after a slow one.
const QUICK_IN_A_ROW: u32 = 32;

/// A kind of reads: slow searches are no reason to suspect what is read by key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reads {
    ByKey,
    Scans,
}

/// Those who read.
#[derive(Debug)]
pub(crate) struct Readers {
    engine: Arc<Engine>,
    threads: Pool,
    /// Whether whoever asks may read by themselves.
    may_at_once: bool,
    by_key: Arc<Pace>,
    scans: Arc<Pace>,
}

impl Readers {
    pub(crate) fn start(engine: Arc<Engine>, threads: usize, may_at_once: bool) -> std::io::Result<Self> {
        let (by_key, scans) = Default::default();
        Ok(Self { engine, threads: Pool::start(threads)?, may_at_once, by_key, scans })
    }

    /// Reads what is asked for, of so many records at most, where it is best done.
    pub(crate) async fn read<Asked: Clone + Send + Sync + 'static, T: Send + 'static>(
        &self,
        (of, operation): (Reads, &'static str),
        records: usize,
        asked: &Asked,
        look: fn(&Snapshot, &Asked) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        if let Some(found) = self.at_once(of, records, |txn| look(txn, asked)) {
            return found;
        }
        let (engine, pace, asked) = (self.engine.clone(), self.pace(of).clone(), asked.clone());
        let read = move || {
            let read = || engine.read(operation, |txn| look(txn, &asked));
            // Many records say nothing about few.
            if records > AT_ONCE_RECORDS_MAX { read() } else { pace.timed(read) }
        };
        self.threads.run(operation, read).await
    }

    /// Reads on the thread that asks; `None` where a thread of its own shall do it.
    fn at_once<T>(
        &self,
        of: Reads,
        records: usize,
        look: impl FnOnce(&Snapshot) -> Result<T, Failure>,
    ) -> Option<Result<T, StoreError>> {
        let pace = self.pace(of);
        if !self.may_at_once || records > AT_ONCE_RECORDS_MAX || !pace.is_quick() {
            return None;
        }
        pace.timed(|| self.engine.read_now(look))
    }

    const fn pace(&self, of: Reads) -> &Arc<Pace> {
        match of {
            Reads::ByKey => &self.by_key,
            Reads::Scans => &self.scans,
        }
    }

    /// Finishes what was taken in and ends the threads.
    pub(crate) fn stop(&mut self) {
        self.threads.stop();
    }
}

/// How reads went lately.
#[derive(Debug, Default)]
struct Pace {
    /// Reads that are still to be quick.
    distrusted: AtomicU32,
}

impl Pace {
    fn is_quick(&self) -> bool {
        self.distrusted.load(Ordering::Relaxed) == 0
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "how long a disk takes decides no rule: the answer is the same"
    )]
    fn timed<T>(&self, read: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let found = read();
        self.took(begun.elapsed());
        found
    }

    fn took(&self, time: Duration) {
        if time > QUICK {
            self.distrusted.store(QUICK_IN_A_ROW, Ordering::Relaxed);
        } else if !self.is_quick() {
            let one_less = |left: u32| Some(left.saturating_sub(1));
            // Always some: nothing to look at.
            let _ = self.distrusted.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::BTreeSet;
    use std::time::Duration;

    use eventify_core::event::EventStatus;
    use eventify_core::store::{EventQuery, Index, Key, Scan, Store as _};
    use eventify_core::{CategoryId, EventId, Timestamp, UserId};

    use super::{AT_ONCE_RECORDS_MAX, Pace, QUICK, QUICK_IN_A_ROW, Reads};
    use crate::RedbStore;
    use crate::store::visited;

    /// What a read would be, if it was done at once.
    fn at_once(store: &RedbStore, records: usize) -> bool {
        store.readers.at_once(Reads::ByKey, records, |_| Ok(())).is_some()
    }

    #[tokio::test]
    async fn few_records_are_read_at_once_unless_that_would_mean_waiting() {
        let dir = tempfile::tempdir().unwrap();
        let store = RedbStore::open(dir.path().join("few.redb")).unwrap();
        assert!(at_once(&store, AT_ONCE_RECORDS_MAX));
        assert!(!at_once(&store, AT_ONCE_RECORDS_MAX + 1), "many are work for a thread");
        let alone = store.engine.exclusively("test", |_| Ok(at_once(&store, 1)));
        assert!(!alone.unwrap(), "somebody has the database to itself");
        store.engine.mark_broken();
        assert!(!at_once(&store, 1), "it has to be opened again first");
        let keys = BTreeSet::from([Key::Event(EventId::from_uuid(uuid::Uuid::nil()))]);
        assert_eq!(store.load(&keys).await.unwrap().len(), 1, "which a thread sees to");
        let elsewhere =
            RedbStore::builder().reads_at_once(false).open(dir.path().join("other.redb")).unwrap();
        assert!(!at_once(&elsewhere, 1), "never on the thread that asks");
        assert_eq!(elsewhere.load(&keys).await.unwrap().len(), 1);
        store.close();
        assert!(!at_once(&store, 1));
        assert!(store.load(&keys).await.is_err());
    }

    #[test]
    fn what_a_search_visits_is_not_bounded_by_what_it_finds() {
        let few = |change: fn(&mut EventQuery)| {
            let mut query = EventQuery::with_status(EventStatus::Published);
            change(&mut query);
            visited(&Scan::first(Index::Events(query), 20)) <= AT_ONCE_RECORDS_MAX
        };
        assert!(few(|_| {}) && few(|query| query.from = Some(Timestamp::MIN)));
        assert!(!few(|query| query.words = vec!["a".to_owned()]));
        assert!(!few(|query| query.tag = Some("jazz".to_owned())));
        assert!(!few(|query| query.city = Some("almaty".to_owned())));
        assert!(!few(|query| query.category = Some(CategoryId::from_uuid(uuid::Uuid::nil()))));
        assert!(!few(|query| query.organizer = Some(UserId::from_uuid(uuid::Uuid::nil()))));
    }

    #[test]
    fn after_a_slow_read_threads_read_until_enough_were_quick() {
        let pace = Pace::default();
        pace.took(QUICK);
        assert!(pace.is_quick(), "quick reads stay where they are");
        pace.took(QUICK + Duration::from_nanos(1));
        for nth in 0..QUICK_IN_A_ROW {
            assert!(!pace.is_quick(), "only {nth} were quick since");
            pace.took(Duration::ZERO);
        }
        assert!(pace.is_quick());
        pace.took(QUICK * 2);
        pace.took(Duration::ZERO);
        pace.took(QUICK * 2);
        for _ in 1..QUICK_IN_A_ROW {
            pace.took(Duration::ZERO);
        }
        assert!(!pace.is_quick(), "a slow one in between begins the count anew");
        pace.took(Duration::ZERO);
        assert!(pace.is_quick());
    }
}
