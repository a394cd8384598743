//! The store: its handle, how it is opened, and the contract.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::store::{ChangeSet, Commit, Index, Key, Page, Scan, Store, StoreError, Versioned};

use super::create::create;
use super::engine::{Engine, Options};
use super::error::{OpenError, Problem};
use super::medium::{ExistingFile, Medium};
use super::readers::{Readers, Reads};
use super::writer::Writer;
use super::{commit, load, scan};

/// Eventify's records in one file.
///
/// - One process opens a file at a time.
/// - Commits run on a thread of their own; each is durable when it is answered. Reads see the newest durable state and
///   never wait for a commit. Few records are read at once by whoever asks, as long as that takes no millisecond; reads of
///   many, and those that a disk makes slow, run on a few other threads.
/// - After an I/O error (a full disk) the file is opened again by itself as soon as it can be.
/// - Works on every async runtime: it needs none.
#[derive(Debug)]
pub struct RedbStore {
    pub(crate) engine: Arc<Engine>,
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
}

/// How to open a store. See [`RedbStore::builder`].
#[derive(Debug, Clone)]
pub struct RedbStoreBuilder {
    create: bool,
    options: Options,
    read_threads: usize,
    reads_at_once: bool,
}

impl Default for RedbStoreBuilder {
    fn default() -> Self {
        Self {
            create: true,
            options: Options { cache_bytes_max: 64 * 1024 * 1024, quick_repair_from_bytes: 64 * 1024 * 1024 },
            read_threads: std::thread::available_parallelism().map_or(2, |n| n.get().clamp(1, 4)),
            reads_at_once: true,
        }
    }
}

impl RedbStoreBuilder {
    /// Whether a file that is missing is made; it is, unless told otherwise.
    #[must_use]
    pub const fn create(mut self, create: bool) -> Self {
        self.create = create;
        self
    }

    /// How much memory the cache of pages may take; 64 MiB. What the cache lacks is read from the operating
    /// system's cache. What a commit changed is held beside it until it is written out, 16 MiB for each of two at most.
    #[must_use]
    pub const fn cache_bytes_max(mut self, bytes: usize) -> Self {
        self.options.cache_bytes_max = bytes;
        self
    }

    /// From which length of the file on each commit also saves which pages are free; 64 MiB.
    ///
    /// That costs a second fsync, and makes the start after a kill quick. Without it, the whole file is read then,
    /// which for a small file takes no time worth mentioning.
    #[must_use]
    pub const fn quick_repair_from_bytes(mut self, bytes: u64) -> Self {
        self.options.quick_repair_from_bytes = bytes;
        self
    }

    /// How many threads there are for reads that may take long; one per processor, at most 4.
    #[must_use]
    pub fn read_threads(mut self, threads: usize) -> Self {
        self.read_threads = threads.max(1);
        self
    }

    /// Whether a few records may be read on the thread that asks, as long as that is quick; they may, unless told otherwise. Not
    /// for threads that must never wait for a disk, such as an app's main thread.
    #[must_use]
    pub const fn reads_at_once(mut self, may: bool) -> Self {
        self.reads_at_once = may;
        self
    }

    /// Opens the file, and makes it if it is missing. Blocks while it does.
    ///
    /// # Errors
    /// [`OpenError`]; the file is as it was before.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<RedbStore, OpenError> {
        let path = path.as_ref().to_path_buf();
        if self.create && !path.exists() {
            create(&path, self.options).map_err(|problem| OpenError::new(path.clone(), problem))?;
        }
        self.start(Box::new(ExistingFile(path.clone())), &path, false)
    }

    /// Opens a store on storage of another kind than a file. Empty storage becomes a new store.
    ///
    /// # Errors
    /// [`OpenError`]; the storage is as it was before.
    pub fn open_medium(&self, medium: impl Medium) -> Result<RedbStore, OpenError> {
        let name = PathBuf::from(format!("{medium:?}"));
        self.start(Box::new(medium), &name, self.create)
    }

    fn start(&self, medium: Box<dyn Medium>, path: &Path, fresh: bool) -> Result<RedbStore, OpenError> {
        let engine = Arc::new(Engine::open(medium, path.to_path_buf(), self.options, fresh)?);
        let no_thread = |error| OpenError::new(path.to_path_buf(), Problem::Io(error));
        Ok(RedbStore {
            writer: Writer::start(engine.clone()).map_err(no_thread)?,
            readers: Readers::start(engine.clone(), self.read_threads, self.reads_at_once)
                .map_err(no_thread)?,
            engine,
        })
    }
}

impl RedbStore {
    /// Opens the file with the default settings, and makes it if it is missing. Blocks while it does.
    ///
    /// # Errors
    /// [`OpenError`]; the file is as it was before.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::builder().open(path)
    }

    /// Closes the file, so that it can be opened again at once, also while something still holds the store. Waits for what is
    /// under way; what comes later is `Unavailable`.
    pub fn close(&self) {
        self.engine.close();
    }

    /// Settings to choose before opening.
    #[must_use]
    pub fn builder() -> RedbStoreBuilder {
        RedbStoreBuilder::default()
    }
}

#[async_trait]
impl Store for RedbStore {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        self.readers.read((Reads::ByKey, "load"), keys.len(), keys, load::load).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        self.readers.read((Reads::Scans, "scan"), visited(scan), scan, scan::scan).await
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        if !set.writes.is_empty() {
            return self.writer.commit(set.clone()).await;
        }
        let count = set.expectations.len();
        self.readers.read((Reads::ByKey, "commit"), count, set, commit::check_only).await
    }

    async fn may_follow(&self) -> bool {
        self.writer.until_idle().await;
        true
    }
}

/// How many records a scan visits at most: a search visits everything that is only partly what is sought.
pub(crate) fn visited(scan: &Scan) -> usize {
    match &scan.index {
        Index::Events(query) if query.is_search() => usize::MAX,
        _ => scan.limit,
    }
}

impl Drop for RedbStore {
    /// Finishes what was taken in and closes the file, so that it can be opened again at once.
    fn drop(&mut self) {
        self.writer.stop();
        self.readers.stop();
        self.engine.close();
    }
}
