//! The redb store keeps the store contract, on every runtime.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::store::Store;
use eventify_core::testing::conformance::{StoreBuilder, all};
use eventify_store_redb::RedbStore;
use tempfile::TempDir;

struct Redb;

fn open(dir: &TempDir) -> Arc<dyn Store> {
    Arc::new(RedbStore::open(dir.path().join("eventify.redb")).unwrap())
}

#[async_trait]
impl StoreBuilder for Redb {
    type Guard = TempDir;

    async fn build(&self) -> (TempDir, Arc<dyn Store>) {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir);
        (dir, store)
    }

    async fn reopen(&self, dir: &TempDir, store: Arc<dyn Store>) -> Option<Arc<dyn Store>> {
        drop(store);
        Some(open(dir))
    }
}

#[tokio::test]
async fn redb_keeps_the_contract() {
    all(&Redb).await.unwrap_or_else(|failures| panic!("{failures}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redb_keeps_the_contract_on_several_threads() {
    all(&Redb).await.unwrap_or_else(|failures| panic!("{failures}"));
}
