//! The reference backend keeps the store contract.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::store::{MemoryStore, Store};
use eventify_core::testing::conformance::{StoreBuilder, all};
use eventify_core::testing::{FaultPlan, FaultStore};

struct Memory;

#[async_trait]
impl StoreBuilder for Memory {
    type Guard = ();

    async fn build(&self) -> ((), Arc<dyn Store>) {
        ((), Arc::new(MemoryStore::new()))
    }
}

#[tokio::test(start_paused = true)]
async fn memory_keeps_the_contract() {
    all(&Memory).await.unwrap_or_else(|failures| panic!("{failures}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_keeps_the_contract_on_several_threads() {
    all(&Memory).await.unwrap_or_else(|failures| panic!("{failures}"));
}

/// A fault store without faults, but with many yields, is a store like any other.
struct Slow;

#[async_trait]
impl StoreBuilder for Slow {
    type Guard = ();

    async fn build(&self) -> ((), Arc<dyn Store>) {
        let plan = FaultPlan { yields_max: 5, ..FaultPlan::NONE };
        ((), Arc::new(FaultStore::new(MemoryStore::new(), 1, plan)))
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_lets_others_run_keeps_the_contract() {
    all(&Slow).await.unwrap_or_else(|failures| panic!("{failures}"));
}
