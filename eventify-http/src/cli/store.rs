//! Where the records are, and opening it.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use eventify_core::account::{EmailClaim, User};
use eventify_core::store::{EmailKey, Key, MemoryStore, Recorded, Store};
use eventify_store_redb::RedbStore;

use super::exit::{Exit, Failure};

/// Where the records are, as the operator names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreUrl {
    /// In one file.
    Redb(PathBuf),
    /// In memory, until the process ends.
    Memory,
}

impl FromStr for StoreUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("redb", path)) if !path.is_empty() => Ok(Self::Redb(PathBuf::from(path))),
            Some(("redb", _)) => Err("redb: needs a path, as in redb:./eventify.redb".to_owned()),
            Some(("memory", "")) => Ok(Self::Memory),
            _ => Err("must be redb:PATH or memory:".to_owned()),
        }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redb(path) => write!(f, "redb:{}", path.display()),
            Self::Memory => f.write_str("memory:"),
        }
    }
}

impl StoreUrl {
    /// The file, if it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Redb(path) => Some(path),
            Self::Memory => None,
        }
    }
}

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
}

impl OpenStore {
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

/// Opens a store. Blocks while it does: nothing else goes on before it is open.
pub(crate) fn open(url: &StoreUrl, missing: Missing) -> Result<OpenStore, NotOpen> {
    let path = match url {
        StoreUrl::Memory => {
            return Ok(OpenStore { records: Arc::new(MemoryStore::new()), redb: None });
        }
        StoreUrl::Redb(path) => path,
    };
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
    Ok(OpenStore { records: redb.clone(), redb: Some(redb) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn store_urls_are_read_and_shown() {
        for text in ["redb:./eventify.redb", "redb:/a b/c:d.redb", "memory:"] {
            assert_eq!(text.parse::<StoreUrl>().unwrap().to_string(), text);
        }
        for text in ["", "redb:", "redb", "./eventify.redb", "memory:x", "postgres://h/d", "REDB:x"] {
            assert!(text.parse::<StoreUrl>().is_err(), "{text}");
        }
    }
}
