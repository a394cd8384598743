//! Where the records are, and opening it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use eventify_core::account::{EmailClaim, User};
use eventify_core::store::{EmailKey, Key, MemoryStore, Recorded, Store};
#[cfg(feature = "postgres")]
use eventify_store_postgres::PostgresStore;
use eventify_store_redb::RedbStore;

use super::args::PostgresArgs;
use super::exit::{Exit, Failure};
use super::postgres;
use super::store_url::StoreUrl;

/// Whether a store that is not there yet is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It is made.
    Make,
    /// It is an error: the operator means one that exists.
    Refuse,
}

/// An open store: what the engine works with, and what only some stores can do.
#[derive(Debug, Clone)]
pub(crate) struct OpenStore {
    /// For the engine.
    pub(crate) records: Arc<dyn Store>,
    /// For backup, compact and check, when it is a file.
    pub(crate) redb: Option<Arc<RedbStore>>,
    /// To be closed, when it is a database.
    #[cfg(feature = "postgres")]
    postgres: Option<Arc<PostgresStore>>,
}

impl OpenStore {
    fn over(records: Arc<dyn Store>) -> Self {
        Self {
            records,
            redb: None,
            #[cfg(feature = "postgres")]
            postgres: None,
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn of_database(postgres: Arc<PostgresStore>) -> Self {
        Self { postgres: Some(postgres.clone()), ..Self::over(postgres) }
    }

    /// Closes the file or the connections, if nothing holds them any more. A commit that was answered is durable in any
    /// case.
    pub(crate) async fn close(self) {
        drop(self.records);
        #[cfg(feature = "postgres")]
        if let Some(postgres) = self.postgres {
            postgres.close().await;
        }
        if let Some(redb) = self.redb {
            if Arc::strong_count(&redb) > 1 {
                tracing::debug!("something still holds the store; the system closes it");
            }
            // Closing writes and waits for its threads.
            let _ = tokio::task::spawn_blocking(move || drop(redb)).await;
        }
    }

    /// The account with this address.
    pub(crate) async fn user(&self, email: &str) -> Result<Option<Arc<User>>, Failure> {
        let claim = self.load::<EmailClaim>(&EmailKey::new(email)).await?;
        match claim {
            Some(claim) => self.load::<User>(&claim.user_id).await,
            None => Ok(None),
        }
    }

    /// A record, if it is there.
    pub(crate) async fn load<R: Recorded>(&self, id: &R::Id) -> Result<Option<Arc<R>>, Failure> {
        let key: Key = R::key_of(id);
        let loaded = self.records.load(&BTreeSet::from([key])).await?;
        Ok(loaded.iter().filter_map(|v| v.record.as_ref()).find_map(R::unwrap).cloned())
    }
}

/// Why a store is not open.
#[derive(Debug)]
pub(crate) enum NotOpen {
    /// Another process has it.
    InUse(Failure),
    /// Anything else.
    Failed(Failure),
}

impl From<NotOpen> for Failure {
    fn from(reason: NotOpen) -> Self {
        match reason {
            NotOpen::InUse(failure) | NotOpen::Failed(failure) => failure,
        }
    }
}

/// Opens a store.
pub(crate) async fn open(
    url: &StoreUrl,
    missing: Missing,
    with: &PostgresArgs,
) -> Result<OpenStore, NotOpen> {
    match url {
        StoreUrl::Memory => Ok(OpenStore::over(Arc::new(MemoryStore::new()))),
        StoreUrl::Redb(path) => open_file(path, missing),
        StoreUrl::Postgres(url) => postgres::open(url, with).await.map_err(NotOpen::Failed),
    }
}

/// Blocks while it opens the file: nothing else goes on before it is open.
fn open_file(path: &Path, missing: Missing) -> Result<OpenStore, NotOpen> {
    let opened = RedbStore::builder().create(missing == Missing::Make).open(path);
    let redb = opened.map(Arc::new).map_err(|error| {
        let failure = Failure::new(Exit::Store, format!("the store cannot be opened: {error}"));
        if error.is_in_use() {
            NotOpen::InUse(failure.hint("stop the other process, or give each its own file with --store"))
        } else if error.is_missing() {
            NotOpen::Failed(failure.hint("name the store with --store redb:PATH or EVENTIFY_STORE"))
        } else {
            NotOpen::Failed(failure)
        }
    })?;
    Ok(OpenStore { redb: Some(redb.clone()), ..OpenStore::over(redb) })
}
