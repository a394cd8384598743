//! The conformance suite notices a store that breaks its contract, whichever promise it breaks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::store::{
    ChangeSet, Commit, EngineId, Key, MemoryStore, Page, Record, Recorded, Scan, Signal, Signals, Store,
    StoreError, Turn, Version, Versioned,
};
use eventify_core::testing::conformance::{StoreBuilder, all, some};

/// What a store does wrong.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    ChecksNothing,
    ChecksNoAbsences,
    ChecksNothingWithoutWrites,
    NamesEveryKey,
    NamesOneKey,
    WritesDespiteConflict,
    LosesDeletions,
    WritesInTwoSteps,
    LoadsInTwoSteps,
    LoadsBackwards,
    LoadsOnlyWhatIsThere,
    CutsVersions,
    TrimsTexts,
    ScansOneTooMany,
    ScansOneTooFew,
    AlwaysHasANextPage,
    NeverHasANextPage,
    BeginsEveryPageAnew,
    KnowsOneDirection,
    ScansStaleRecords,
    GivesEveryTurnAtOnce,
    KeepsTurns,
    KeepsTheTurnOfACommit,
    SignalsNobody,
    SignalsToOneself,
}

use Wrong::*;

/// Every wrong with a check that has to notice it.
const WRONGS: &[(Wrong, &str)] = &[
    (ChecksNothing, "of_commits_that_race_for_a_key_one_wins"),
    (ChecksNoAbsences, "an_expected_absence_is_checked"),
    (ChecksNothingWithoutWrites, "expectations_alone_are_checked"),
    (NamesEveryKey, "a_conflict_names_exactly_the_keys_that_moved"),
    (NamesOneKey, "a_conflict_names_exactly_the_keys_that_moved"),
    (WritesDespiteConflict, "a_moved_record_is_a_conflict_that_changes_nothing"),
    (LosesDeletions, "a_deleted_record_is_absent"),
    (WritesInTwoSteps, "a_load_sees_a_change_set_wholly_or_not_at_all"),
    (LoadsInTwoSteps, "a_load_sees_a_change_set_wholly_or_not_at_all"),
    (LoadsBackwards, "a_load_answers_every_key_once_in_key_order"),
    (LoadsOnlyWhatIsThere, "an_absent_record_has_no_version"),
    (CutsVersions, "every_write_has_the_stamp_as_its_version"),
    (TrimsTexts, "every_kind_of_record_comes_back_as_it_was"),
    (ScansOneTooMany, "every_index_pages_with_every_limit_in_both_directions"),
    (ScansOneTooFew, "every_index_lists_its_records_in_order"),
    (AlwaysHasANextPage, "a_page_that_ends_with_the_index_has_no_next"),
    (NeverHasANextPage, "every_index_pages_with_every_limit_in_both_directions"),
    (BeginsEveryPageAnew, "a_position_outlives_its_record"),
    (KnowsOneDirection, "found_events_page_in_both_directions"),
    (ScansStaleRecords, "a_record_and_its_index_entry_change_together"),
    (GivesEveryTurnAtOnce, "a_turn_lasts_until_it_is_dropped"),
    (KeepsTurns, "a_turn_lasts_until_it_is_dropped"),
    (KeepsTheTurnOfACommit, "a_commit_in_a_turn_ends_it"),
    (SignalsNobody, "what_is_signalled_is_heard"),
    (SignalsToOneself, "what_is_signalled_is_heard"),
];

#[derive(Debug)]
struct Broken {
    inner: MemoryStore,
    wrong: Wrong,
    first_seen: std::sync::Mutex<std::collections::BTreeMap<Key, Record>>,
}

#[async_trait]
impl Store for Broken {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        let mut found = Vec::new();
        if matches!(self.wrong, LoadsInTwoSteps) {
            for key in keys {
                found.extend(self.inner.load(&BTreeSet::from([key.clone()])).await?);
                tokio::task::yield_now().await;
            }
            return Ok(found);
        }
        found = self.inner.load(keys).await?;
        match self.wrong {
            LoadsBackwards => found.reverse(),
            LoadsOnlyWhatIsThere => found.retain(|v| v.record.is_some()),
            CutsVersions => {
                for v in &mut found {
                    v.version = Version::new(v.version.number() & (u64::MAX >> 1));
                }
            }
            TrimsTexts => found.iter_mut().for_each(trim),
            _ => {}
        }
        Ok(found)
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        let mut scan = scan.clone();
        match self.wrong {
            ScansOneTooMany => scan.limit += 1,
            BeginsEveryPageAnew => scan.after = None,
            KnowsOneDirection => scan.descending = false,
            _ => {}
        }
        let mut page = self.inner.scan(&scan).await?;
        match self.wrong {
            ScansOneTooFew => drop(page.items.pop()),
            AlwaysHasANextPage if page.next.is_none() && !page.items.is_empty() => {
                // As a store does that stops when the page is full, without looking further.
                scan.limit = usize::MAX;
                if page.items.len() == scan.limit.min(6) {
                    page.next = Some(eventify_core::store::Position(vec![0xFF; 64]));
                }
            }
            NeverHasANextPage => page.next = None,
            ScansStaleRecords => {
                let mut seen = self.first_seen.lock().unwrap();
                for v in &mut page.items {
                    let record = v.record.clone().unwrap();
                    v.record = Some(seen.entry(v.key.clone()).or_insert(record).clone());
                }
            }
            _ => {}
        }
        Ok(page)
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        let mut set = set.clone();
        match self.wrong {
            ChecksNothing => set.expectations.clear(),
            ChecksNoAbsences => set.expectations.retain(|e| !e.version.is_absent()),
            ChecksNothingWithoutWrites if set.writes.is_empty() => set.expectations.clear(),
            LosesDeletions => set.writes.retain(|w| w.after.is_some()),
            WritesInTwoSteps if set.writes.len() > 1 => return self.commit_in_two_steps(set).await,
            _ => {}
        }
        let done = self.inner.commit(&set).await?;
        let Commit::Conflict(mut keys) = done else {
            return Ok(done);
        };
        match self.wrong {
            NamesEveryKey => keys = set.expectations.iter().map(|e| e.key.clone()).collect(),
            NamesOneKey => keys.truncate(1),
            WritesDespiteConflict => {
                set.expectations.clear();
                self.inner.commit(&set).await?;
            }
            _ => {}
        }
        Ok(Commit::Conflict(keys))
    }

    async fn turn(&self, at: &BTreeSet<Key>) -> Result<Option<Turn>, StoreError> {
        match self.wrong {
            GivesEveryTurnAtOnce => Ok(Some(Turn::new(false, ()))),
            KeepsTurns => {
                std::mem::forget(self.inner.turn(at).await?);
                Ok(Some(Turn::new(false, ())))
            }
            _ => self.inner.turn(at).await,
        }
    }

    async fn commit_in_turn(&self, set: &ChangeSet, turn: Turn) -> Result<Commit, StoreError> {
        let committed = self.commit(set).await;
        if matches!(self.wrong, KeepsTheTurnOfACommit) {
            std::mem::forget(turn);
        }
        committed
    }

    fn signal(&self, from: EngineId, signals: &BTreeSet<Signal>) {
        if !matches!(self.wrong, SignalsNobody) {
            self.inner.signal(from, signals);
        }
    }

    fn signals(&self, to: EngineId) -> Option<Signals> {
        self.inner.signals(if matches!(self.wrong, SignalsToOneself) { EngineId::random() } else { to })
    }
}

impl Broken {
    async fn commit_in_two_steps(&self, set: ChangeSet) -> Result<Commit, StoreError> {
        let mut second = set.clone();
        let mut first = set;
        second.expectations.clear();
        second.writes.drain(..1);
        first.writes.truncate(1);
        let done = self.inner.commit(&first).await?;
        if done == Commit::Applied {
            tokio::task::yield_now().await;
            return self.inner.commit(&second).await;
        }
        Ok(done)
    }
}

fn trim(found: &mut Versioned) {
    if let Some(Record::Category(category)) = &found.record {
        let mut category = (**category).clone();
        category.name = category.name.replace('\u{202e}', "");
        found.record = Some(Recorded::wrap(Arc::new(category)));
    }
}

struct Builder(Wrong);

#[async_trait]
impl StoreBuilder for Builder {
    type Guard = ();

    async fn build(&self) -> ((), Arc<dyn Store>) {
        let store =
            Broken { inner: MemoryStore::new(), wrong: self.0, first_seen: std::sync::Mutex::default() };
        ((), Arc::new(store))
    }
}

#[tokio::test(start_paused = true)]
async fn every_broken_promise_is_noticed_and_named() {
    for (wrong, check) in WRONGS {
        let Err(failures) = some(&Builder(*wrong), &[check]).await else {
            panic!("{check} does not notice {wrong:?}");
        };
        assert_eq!(failures.names().collect::<Vec<_>>(), [*check]);
    }
}

/// A store that forgets everything when it is closed.
struct Forgetful;

#[async_trait]
impl StoreBuilder for Forgetful {
    type Guard = ();

    async fn build(&self) -> ((), Arc<dyn Store>) {
        ((), Arc::new(MemoryStore::new()))
    }

    async fn reopen(&self, (): &(), store: Arc<dyn Store>) -> Option<Arc<dyn Store>> {
        drop(store);
        Some(Arc::new(MemoryStore::new()))
    }
}

#[tokio::test]
async fn a_store_that_forgets_is_noticed() {
    let failures = all(&Forgetful).await.unwrap_err();
    assert!(failures.names().all(|name| name == "find_a_round_again"), "{failures}");
}
