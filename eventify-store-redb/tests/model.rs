//! Random workloads that the model explains, over a real file: the same rules, the same invariants.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::store::Store;
use eventify_core::testing::FaultPlan;
use eventify_core::testing::conformance::StoreBuilder;
use eventify_core::testing::model::till::{Till, TillReport};
use eventify_core::testing::model::{Model, is_enough, seeds};
use eventify_store_redb::RedbStore;
use tempfile::TempDir;

struct Redb;

#[async_trait]
impl StoreBuilder for Redb {
    type Guard = TempDir;

    async fn build(&self) -> (TempDir, Arc<dyn Store>) {
        let dir = tempfile::tempdir().unwrap();
        let store = RedbStore::open(dir.path().join("model.redb")).unwrap();
        (dir, Arc::new(store))
    }
}

async fn explained(model: Model, usual: u64) {
    let (mut accepted, mut tickets) = (0, 0);
    let seeds = seeds(usual);
    let enough = is_enough(&seeds, usual);
    for seed in seeds {
        let report = model.run(&Redb, seed).await.unwrap_or_else(|failure| panic!("{failure}"));
        accepted += report.accepted;
        tickets += report.tickets;
    }
    assert!(!enough || accepted > 0 && tickets > 0, "the runs were empty");
}

#[tokio::test]
async fn a_file_is_explained() {
    explained(Model::default(), 12).await;
}

#[tokio::test]
async fn two_engines_over_a_file_that_fails_on_purpose_are_explained() {
    explained(Model { engines: 2, faults: FaultPlan::STORM, ..Model::default() }, 12).await;
}

/// Money through banks that misbehave, but for those that never answer: time passes by itself here.
#[tokio::test]
async fn the_till_of_a_file_agrees_with_the_banks() {
    let till = Till { bank_hangs: false, ..Till::default() };
    let mut total = TillReport::default();
    let seeds = seeds(6);
    let enough = is_enough(&seeds, 6);
    for seed in seeds {
        let played = till.run(&Redb, seed).await;
        total = total.plus(played.unwrap_or_else(|failure| panic!("{failure}")));
    }
    let has_all = total.captured > 0 && total.kept > 0 && total.returned > 0;
    assert!(!enough || has_all, "the runs were empty: {total:?}");
}
