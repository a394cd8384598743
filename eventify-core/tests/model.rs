//! Random workloads that a model explains, over memory, with and without faults, with one engine and with two; and
//! stores that lie, which it must not explain.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use eventify_core::store::{
    ChangeSet, Commit, Expectation, Key, MemoryStore, Page, Scan, Store, StoreError, Versioned,
};
use eventify_core::testing::FaultPlan;
use eventify_core::testing::conformance::StoreBuilder;
use eventify_core::testing::model::{Failure, Model, Report, is_enough, seeds};

struct Memory;

#[async_trait]
impl StoreBuilder for Memory {
    type Guard = ();

    async fn build(&self) -> ((), Arc<dyn Store>) {
        ((), Arc::new(MemoryStore::new()))
    }
}

type Count = fn(&Report) -> u64;

/// Runs every seed, and says what all of them together consisted of.
async fn run(model: Model, usual: u64) -> impl Fn(Count) -> u64 {
    let mut reports = Vec::new();
    let seeds = seeds(usual);
    let enough = is_enough(&seeds, usual);
    for seed in seeds {
        reports.push(model.run(&Memory, seed).await.unwrap_or_else(|failure| panic!("{failure}")));
    }
    move |of| if !enough { u64::MAX } else { reports.iter().map(of).sum() }
}

#[tokio::test(start_paused = true)]
async fn a_calm_store() {
    let total = run(Model::default(), 35).await;
    assert!(total(|r| r.accepted.into()) > 1_000);
    assert!(total(|r| r.refused.into()) > 1_000);
    assert!(total(|r| r.tickets.into()) > 300);
    assert!(total(|r| r.unknown.into()) > 0, "clients that went away");
    let nouns: [(&str, Count); 5] = [
        ("bookings with a promo code", |r| r.promos.into()),
        ("bookings by seat", |r| r.seated.into()),
        ("offers to those who wait", |r| r.offers.into()),
        ("tickets that changed hands", |r| r.transfers.into()),
        ("entries that were taken back", |r| r.undone.into()),
    ];
    for (what, of) in nouns {
        assert!(total(of) > 20, "{what}: {}", total(of));
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_in_a_storm() {
    let total = run(Model { faults: FaultPlan::STORM, ..Model::default() }, 35).await;
    assert!(total(|r| r.accepted.into()) > 1_000);
    let kinds: [Count; 6] = [
        |r| r.faults.conflicts,
        |r| r.faults.unavailable,
        |r| r.faults.lost_applied,
        |r| r.faults.lost_not_applied,
        |r| r.faults.late_applied,
        |r| r.faults.reads_unavailable,
    ];
    for of in kinds {
        assert!(total(of) > 0, "every kind of fault occurs");
    }
}

#[tokio::test(start_paused = true)]
async fn two_engines_on_one_store_in_a_storm() {
    let total = run(Model { engines: 2, faults: FaultPlan::STORM, ..Model::default() }, 35).await;
    assert!(total(|r| r.accepted.into()) > 1_000);
}

#[tokio::test(start_paused = true)]
async fn many_clients_at_once() {
    let total = run(Model { clients: 8, engines: 2, rounds: 25, ..Model::default() }, 12).await;
    assert!(total(|r| r.accepted.into()) > 300);
}

#[tokio::test(start_paused = true)]
async fn a_seed_repeats() {
    let model = Model { engines: 2, faults: FaultPlan::STORM, ..Model::default() };
    for seed in 0..3 {
        let (one, two) = (model.run(&Memory, seed).await.unwrap(), model.run(&Memory, seed).await.unwrap());
        assert_eq!(one, two);
    }
}

/// How a store can lie.
#[derive(Debug, Clone, Copy)]
enum Lie {
    /// Every fortieth commit is answered and forgotten.
    Forgets,
    /// Every commit is applied, whatever it rests on.
    NeverConflicts,
    /// Every fortieth commit is applied without its last write.
    Tears,
}

#[derive(Debug)]
struct Liar {
    memory: MemoryStore,
    lie: Lie,
    commits: AtomicU32,
}

#[async_trait]
impl Store for Liar {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        self.memory.load(keys).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        self.memory.scan(scan).await
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        let nth = self.commits.fetch_add(1, Ordering::SeqCst);
        let now = nth > 40 && nth.is_multiple_of(40);
        let mut set = set.clone();
        match self.lie {
            Lie::Forgets if now => return Ok(Commit::Applied),
            Lie::Tears if now => drop(set.writes.pop()),
            Lie::Forgets | Lie::Tears => {}
            Lie::NeverConflicts => {
                let keys = set.expectations.iter().map(|e| e.key.clone()).collect();
                let stored = self.memory.load(&keys).await?;
                let as_it_is = |v: Versioned| Expectation { key: v.key, version: v.version };
                set.expectations = stored.into_iter().map(as_it_is).collect();
            }
        }
        self.memory.commit(&set).await
    }

    fn lanes_max(&self) -> usize {
        self.memory.lanes_max()
    }
}

#[async_trait]
impl StoreBuilder for Lie {
    type Guard = ();

    async fn build(&self) -> ((), Arc<dyn Store>) {
        let liar = Liar { memory: MemoryStore::new(), lie: *self, commits: AtomicU32::new(0) };
        ((), Arc::new(liar))
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_lies_is_found_out_by_a_short_plan() {
    for lie in [Lie::Forgets, Lie::NeverConflicts, Lie::Tears] {
        let yields = FaultPlan { yields_max: 3, ..FaultPlan::NONE };
        let model = Model { engines: 2, clients: 8, faults: yields, ..Model::default() };
        let mut found: Option<Failure> = None;
        for seed in 0..20 {
            found = model.run(&lie, seed).await.err();
            if found.is_some() {
                break;
            }
        }
        let failure = found.unwrap_or_else(|| panic!("{lie:?} is believed"));
        let shown = failure.to_string();
        assert!(shown.contains(&format!("EVENTIFY_MODEL_SEED={}", failure.seed())));
        let rounds = shown.lines().filter(|line| line.starts_with("round ")).count();
        assert!(rounds < 30, "{lie:?}: the plan was not shortened:\n{shown}");
    }
}
