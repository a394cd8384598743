//! A store that fails on purpose.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::entropy::SeededEntropy;
use super::fault_plan::{Fault, FaultCounts, FaultPlan};
use crate::store::{
    ChangeSet, Commit, EngineId, Key, Page, Scan, Signal, Signals, Store, StoreError, StoreErrorKind, Turn,
    Versioned,
};

/// Wraps a store and lets operations fail as networks and disks do, the same way for the same seed and the same
/// order of operations.
///
/// What it answers keeps the contract: only its spurious conflicts name a key that has not moved, as a backend may
/// that detects conflicts by ranges.
#[derive(Debug)]
pub struct FaultStore<S> {
    inner: S,
    random: SeededEntropy,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    plan: FaultPlan,
    script: VecDeque<Fault>,
    late: Vec<Late>,
    counts: FaultCounts,
}

/// A commit that is still under way.
#[derive(Debug)]
struct Late {
    set: ChangeSet,
    operations_left: u32,
}

impl<S: Store> FaultStore<S> {
    /// A store that fails by a plan.
    pub fn new(inner: S, seed: u64, plan: FaultPlan) -> Self {
        Self {
            inner,
            random: SeededEntropy::new(seed),
            state: Mutex::new(State {
                plan,
                script: VecDeque::new(),
                late: Vec::new(),
                counts: FaultCounts::default(),
            }),
        }
    }

    /// The store behind it, without faults.
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    /// Replaces the plan: [`FaultPlan::NONE`] ends the storm.
    pub fn set_plan(&self, plan: FaultPlan) {
        self.state().plan = plan;
    }

    /// Decides the next commits, one each; the plan goes on behind them.
    pub fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().script.extend(faults);
    }

    /// What went wrong so far.
    pub fn counts(&self) -> FaultCounts {
        self.state().counts
    }

    /// Lets every commit arrive that is still under way.
    pub async fn let_late_commits_arrive(&self) {
        loop {
            let arrived = self.state().late.pop();
            let Some(late) = arrived else {
                return;
            };
            self.arrive(late).await;
        }
    }

    /// Every operation brings the late commits closer.
    async fn pass_time(&self) {
        let arrived: Vec<Late> = {
            let mut state = self.state();
            state
                .late
                .iter_mut()
                .for_each(|late| late.operations_left = late.operations_left.saturating_sub(1));
            let (arrived, under_way) =
                std::mem::take(&mut state.late).into_iter().partition(|late| late.operations_left == 0);
            state.late = under_way;
            arrived
        };
        for late in arrived {
            self.arrive(late).await;
        }
    }

    async fn arrive(&self, late: Late) {
        // The answer was lost long ago; a conflict means that it can never be applied.
        if matches!(self.inner.commit(&late.set).await, Ok(Commit::Applied)) {
            self.state().counts.late_applied += 1;
        }
    }

    async fn linger(&self) {
        let yields = self.state().plan.yields_max;
        for _ in 0..self.random.below(u64::from(yields) + 1) {
            tokio::task::yield_now().await;
        }
    }

    async fn fail_read(&self, operation: &'static str) -> Result<(), StoreError> {
        self.linger().await;
        self.pass_time().await;
        let mut state = self.state();
        state.counts.reads += 1;
        if self.random.chance(state.plan.reads_unavailable) {
            state.counts.reads_unavailable += 1;
            return Err(injected(StoreErrorKind::Unavailable, operation));
        }
        Ok(())
    }

    fn next_fault(&self) -> Fault {
        let mut state = self.state();
        state.counts.commits += 1;
        if let Some(fault) = state.script.pop_front() {
            return fault;
        }
        let plan = state.plan;
        let late = Fault::LostAndLate(self.number_below(plan.late_operations_max.saturating_add(1)));
        let mut dice = self.random.below(1_000);
        for (per_mille, fault) in [
            (plan.conflicts, Fault::Conflict),
            (plan.unavailable, Fault::Unavailable),
            (plan.lost_applied, Fault::LostApplied),
            (plan.lost_not_applied, Fault::LostNotApplied),
            (plan.lost_and_late, late),
        ] {
            match dice.checked_sub(u64::from(per_mille)) {
                Some(rest) => dice = rest,
                None => return fault,
            }
        }
        Fault::None
    }

    fn number_below(&self, bound: u32) -> u32 {
        u32::try_from(self.random.below(u64::from(bound))).unwrap_or(0)
    }

    /// One of the expected keys, as if it had moved.
    fn spurious_conflict(&self, set: &ChangeSet) -> Option<Key> {
        let count = u64::try_from(set.expectations.len()).unwrap_or(0);
        let index = usize::try_from(self.random.below(count)).unwrap_or(0);
        set.expectations.get(index).map(|e| e.key.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits, in a turn if there is one.
    async fn pass_on(&self, set: &ChangeSet, turn: Option<Turn>) -> Result<Commit, StoreError> {
        match turn {
            Some(turn) => self.inner.commit_in_turn(set, turn).await,
            None => self.inner.commit(set).await,
        }
    }

    async fn commit_badly(&self, set: &ChangeSet, turn: Option<Turn>) -> Result<Commit, StoreError> {
        self.linger().await;
        self.pass_time().await;
        let fault = self.next_fault();
        let done = self.commit_with(fault, set, turn).await;
        self.linger().await;
        done
    }

    /// What does not get to the store ends the turn all the same.
    async fn commit_with(
        &self,
        fault: Fault,
        set: &ChangeSet,
        turn: Option<Turn>,
    ) -> Result<Commit, StoreError> {
        match fault {
            Fault::None => self.pass_on(set, turn).await,
            Fault::Conflict => match self.spurious_conflict(set) {
                Some(key) => {
                    self.state().counts.conflicts += 1;
                    Ok(Commit::Conflict(vec![key]))
                }
                None => self.pass_on(set, turn).await,
            },
            Fault::Unavailable => {
                self.state().counts.unavailable += 1;
                Err(injected(StoreErrorKind::Unavailable, "commit"))
            }
            Fault::LostApplied => {
                // A conflict's answer is lost just the same.
                if matches!(self.pass_on(set, turn).await?, Commit::Applied) {
                    self.state().counts.lost_applied += 1;
                }
                Err(injected(StoreErrorKind::Indeterminate, "commit"))
            }
            Fault::LostNotApplied => {
                self.state().counts.lost_not_applied += 1;
                Err(injected(StoreErrorKind::Indeterminate, "commit"))
            }
            Fault::LostAndLate(operations_left) => {
                let mut state = self.state();
                state.counts.lost_and_late += 1;
                state.late.push(Late {
                    set: set.clone(),
                    // Counted down when an operation begins: it arrives between two of them.
                    operations_left: operations_left.saturating_add(1),
                });
                Err(injected(StoreErrorKind::Indeterminate, "commit"))
            }
        }
    }
}

fn injected(kind: StoreErrorKind, operation: &'static str) -> StoreError {
    StoreError::new(kind, operation, "a fault of the test's making")
}

#[async_trait]
impl<S: Store> Store for FaultStore<S> {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        self.fail_read("load").await?;
        let found = self.inner.load(keys).await;
        self.linger().await;
        found
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        self.fail_read("scan").await?;
        let found = self.inner.scan(scan).await;
        self.linger().await;
        found
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        self.commit_badly(set, None).await
    }

    /// What follows too early finds that what it rests on is not there.
    async fn may_follow(&self) -> bool {
        self.linger().await;
        self.inner.may_follow().await
    }

    fn lanes_max(&self) -> usize {
        self.inner.lanes_max()
    }

    async fn turn(&self, at: &BTreeSet<Key>) -> Result<Option<Turn>, StoreError> {
        self.inner.turn(at).await
    }

    async fn commit_in_turn(&self, set: &ChangeSet, turn: Turn) -> Result<Commit, StoreError> {
        self.commit_badly(set, Some(turn)).await
    }

    fn signal(&self, from: EngineId, signals: &BTreeSet<Signal>) {
        self.inner.signal(from, signals);
    }

    fn signals(&self, to: EngineId) -> Option<Signals> {
        self.inner.signals(to)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::store::{Expectation, Kind, MemoryStore, Version, Write};
    use crate::testing::sample;

    fn set(n: u32) -> ChangeSet {
        let record = sample::record(Kind::User, n);
        ChangeSet {
            stamp: Version::new(u64::from(n) + 1),
            expectations: vec![Expectation { key: record.key(), version: Version::ABSENT }],
            writes: vec![Write { key: record.key(), before: None, after: Some(record) }],
        }
    }

    async fn is_there(store: &dyn Store, n: u32) -> bool {
        let key = sample::record(Kind::User, n).key();
        !store.load(&BTreeSet::from([key])).await.unwrap()[0].version.is_absent()
    }

    fn calm() -> FaultStore<MemoryStore> {
        FaultStore::new(MemoryStore::new(), 1, FaultPlan::NONE)
    }

    #[tokio::test]
    async fn every_fault_does_what_it_says() {
        let store = calm();
        let key = set(0).expectations[0].key.clone();
        for (n, (fault, answer, applied)) in [
            (Fault::None, Ok(Commit::Applied), true),
            (Fault::Conflict, Ok(Commit::Conflict(vec![key])), false),
            (Fault::Unavailable, Err(StoreErrorKind::Unavailable), false),
            (Fault::LostApplied, Err(StoreErrorKind::Indeterminate), true),
            (Fault::LostNotApplied, Err(StoreErrorKind::Indeterminate), false),
        ]
        .into_iter()
        .enumerate()
        {
            let n = u32::try_from(n).unwrap() * 2;
            store.script([fault]);
            let done = store.commit(&set(n)).await.map_err(|error| error.kind());
            let expected = match answer {
                Ok(Commit::Conflict(_)) => Ok(Commit::Conflict(vec![set(n).expectations[0].key.clone()])),
                other => other,
            };
            assert_eq!(done, expected, "{fault:?}");
            assert_eq!(is_there(store.inner(), n).await, applied, "{fault:?}");
        }
        let counts = store.counts();
        assert_eq!((counts.commits, counts.conflicts, counts.unavailable), (5, 1, 1));
        assert_eq!((counts.lost_applied, counts.lost_not_applied), (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn every_fault_ends_the_turn_it_is_committed_in() {
        let store = calm();
        let at = BTreeSet::from([Key::Keyring(())]);
        for (n, (fault, applied)) in [
            (Fault::None, true),
            (Fault::Conflict, false),
            (Fault::Unavailable, false),
            (Fault::LostApplied, true),
            (Fault::LostNotApplied, false),
            (Fault::LostAndLate(5), false),
        ]
        .into_iter()
        .enumerate()
        {
            let n = u32::try_from(n).unwrap();
            store.script([fault]);
            let turn = store.turn(&at).await.unwrap().unwrap();
            let done = store.commit_in_turn(&set(n), turn).await;
            assert_eq!(matches!(done, Ok(Commit::Applied)), fault == Fault::None, "{fault:?}");
            assert_eq!(is_there(store.inner(), n).await, applied, "{fault:?}");
            let next = store.turn(&at).await.unwrap().unwrap();
            assert!(!next.waited(), "{fault:?}");
        }
        assert_eq!(store.counts().commits, 6);
    }

    #[tokio::test]
    async fn a_late_commit_arrives_between_two_later_operations() {
        let store = calm();
        store.script([Fault::LostAndLate(1)]);
        assert!(store.commit(&set(0)).await.is_err());
        assert!(!is_there(&store, 0).await, "one more operation may pass");
        assert!(is_there(&store, 0).await, "then it is there");
        assert_eq!(store.counts().late_applied, 1);
    }

    #[tokio::test]
    async fn a_late_commit_that_was_overtaken_is_lost_for_ever() {
        let store = calm();
        store.script([Fault::LostAndLate(2)]);
        assert!(store.commit(&set(0)).await.is_err());
        let mut other = set(0);
        other.stamp = Version::new(99);
        assert_eq!(store.commit(&other).await.unwrap(), Commit::Applied);
        store.let_late_commits_arrive().await;
        let key = set(0).expectations[0].key.clone();
        let found = store.load(&BTreeSet::from([key])).await.unwrap();
        assert_eq!(found[0].version, other.stamp);
        assert_eq!(store.counts().late_applied, 0);
    }

    #[tokio::test]
    async fn the_same_seed_brings_the_same_faults() {
        let mut runs = Vec::new();
        for _ in 0..2 {
            let store = FaultStore::new(MemoryStore::new(), 42, FaultPlan::STORM);
            let mut answers = Vec::new();
            for n in 0..400 {
                answers.push(store.commit(&set(n)).await.map_err(|error| error.kind()));
                let _ = store.load(&BTreeSet::new()).await;
            }
            runs.push((answers, store.counts()));
        }
        assert_eq!(runs[0], runs[1]);
        let counts = runs[0].1;
        let injected = [
            counts.conflicts,
            counts.unavailable,
            counts.lost_applied,
            counts.lost_not_applied,
            counts.lost_and_late,
            counts.late_applied,
            counts.reads_unavailable,
        ];
        assert!(injected.iter().all(|count| *count > 0), "every fault comes up: {counts:?}");
    }
}
