//! Which store the tests run over: a program whose name ends in `_postgres` runs them over databases.

use std::sync::Arc;

use eventify_core::store::{MemoryStore, Store};
use eventify_store_postgres::PostgresStore;
use eventify_store_postgres::testing::{Database, Server};
use eventify_store_redb::RedbStore;

/// Where a store lies that can be closed and opened again. Gone with the value.
pub enum Place {
    Folder(tempfile::TempDir),
    Database(Database),
}

impl Place {
    pub async fn new() -> Self {
        if is_postgres() {
            Self::Database(Server::shared().database().await)
        } else {
            Self::Folder(tempfile::tempdir().unwrap())
        }
    }

    pub async fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Folder(folder) => Arc::new(RedbStore::open(folder.path().join("eventify.redb")).unwrap()),
            Self::Database(database) => Arc::new(PostgresStore::connect(database.url()).await.unwrap()),
        }
    }
}

/// A new store, and what it lives in as long as that is kept.
pub async fn store() -> (Arc<dyn Store>, Arc<Option<Place>>) {
    if is_postgres() {
        let place = Place::new().await;
        return (place.open().await, Arc::new(Some(place)));
    }
    (Arc::new(MemoryStore::new()), Arc::default())
}

fn is_postgres() -> bool {
    env!("CARGO_CRATE_NAME").ends_with("_postgres")
}
