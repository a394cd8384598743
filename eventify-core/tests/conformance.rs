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

/// The bytes of every kind of record. When this fails, a record (or only a sample of one) has another layout: raise
/// `RECORD_EDITION`, and write the new fingerprint down.
#[test]
fn a_layout_that_changes_is_another_edition() {
    use eventify_core::store::{Kind, RECORD_EDITION, encode_record};
    use sha2::{Digest as _, Sha256};
    let mut hash = Sha256::new();
    for kind in Kind::ALL {
        for n in 0..25 {
            let mut bytes = Vec::new();
            encode_record(&eventify_core::testing::sample::record(*kind, n), &mut bytes).unwrap();
            hash.update(&bytes);
        }
    }
    let fingerprint = data_encoding::HEXLOWER.encode(&hash.finalize()[..8]);
    assert_eq!((RECORD_EDITION, fingerprint.as_str()), (16, "6a6dede44c890d77"));
}
