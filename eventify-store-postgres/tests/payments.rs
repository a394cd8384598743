//! The rules of payments over a database: the same tables and stories as over memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(dead_code, unreachable_pub, reason = "a part of the rules' own program")]

#[path = "../../eventify-core/tests/common/mod.rs"]
mod common;
#[path = "../../eventify-core/tests/rules/money.rs"]
mod money;
#[path = "../../eventify-core/tests/rules/table.rs"]
mod table;

/// Where each world is kept.
mod place {
    use std::sync::Arc;

    use eventify_core::store::Store;
    use eventify_store_postgres::PostgresStore;
    use eventify_store_postgres::testing::{Database, Server};

    pub type Place = Database;

    pub async fn place() -> (Place, Arc<dyn Store>) {
        let database = Server::shared().database().await;
        let store = PostgresStore::connect(database.url()).await.unwrap();
        (database, Arc::new(store))
    }
}
