//! The Postgres store keeps the store contract, with its own locks and with the engine's.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::store::Store;
use eventify_core::testing::conformance::{StoreBuilder, all};
use eventify_store_postgres::PostgresStore;
use eventify_store_postgres::testing::{Database, Server};

struct Postgres {
    serializable: bool,
}

impl Postgres {
    async fn open(&self, database: &Database) -> Arc<dyn Store> {
        let builder = PostgresStore::builder(database.url());
        let builder = if self.serializable { builder.serializable() } else { builder };
        Arc::new(builder.connect().await.unwrap())
    }
}

#[async_trait]
impl StoreBuilder for Postgres {
    type Guard = Database;

    async fn build(&self) -> (Database, Arc<dyn Store>) {
        let database = Server::shared().database().await;
        let store = self.open(&database).await;
        (database, store)
    }

    async fn reopen(&self, database: &Database, store: Arc<dyn Store>) -> Option<Arc<dyn Store>> {
        drop(store);
        Some(self.open(database).await)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_keeps_the_contract() {
    all(&Postgres { serializable: false }).await.unwrap_or_else(|failures| panic!("{failures}"));
}

#[tokio::test]
async fn serializable_postgres_keeps_the_contract() {
    all(&Postgres { serializable: true }).await.unwrap_or_else(|failures| panic!("{failures}"));
}
