//! The open database, and how it comes back after an I/O error.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};

use eventify_core::store::{StoreError, StoreErrorKind};
use redb::Database;

use super::codec::corrupt;
use super::error::{Failure, OpenError, Problem};
use super::gate::Gate;
use super::medium::Medium;
use super::open;
use super::snapshots::{Snapshot, Snapshots};

/// Shared by the readers and the writer. A read holds the slot's read lock while its transaction lasts; whoever
/// needs the database to itself (reopening, compacting, checking) takes the write lock.
#[derive(Debug)]
pub(crate) struct Engine {
    medium: Box<dyn Medium>,
    path: PathBuf,
    options: Options,
    slot: RwLock<Option<Opened>>,
    /// redb refuses everything after an I/O error until it is opened again.
    broken: AtomicBool,
    /// Set with the slot's write lock: nothing opens it again.
    closed: AtomicBool,
}

/// How a database is opened, every time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    pub(crate) cache_bytes_max: usize,
    pub(crate) quick_repair_from_bytes: u64,
}

/// A database and the gate that it lies behind.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) db: Database,
    pub(crate) gate: Gate,
    pub(crate) snapshots: Snapshots,
    pub(crate) quick_repair_from_bytes: u64,
}

impl Opened {
    pub(crate) fn new(db: Database, gate: Gate, options: Options) -> Self {
        let quick_repair_from_bytes = options.quick_repair_from_bytes;
        Self { db, gate, snapshots: Snapshots::default(), quick_repair_from_bytes }
    }

    /// Reads what is durable.
    fn read<T>(&self, look: impl FnOnce(&Snapshot) -> Result<T, Failure>) -> Result<T, Failure> {
        let snapshot = self.snapshots.read(&self.db)?;
        look(&snapshot)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // Whoever waits for a commit is told before the database goes, and nothing else holds it.
        self.gate.drain();
        self.snapshots.clear();
    }
}

impl Engine {
    pub(crate) fn open(
        medium: Box<dyn Medium>,
        path: PathBuf,
        options: Options,
        fresh: bool,
    ) -> Result<Self, OpenError> {
        let opened =
            open::open(&*medium, options, fresh).map_err(|problem| OpenError::new(path.clone(), problem))?;
        let slot = RwLock::new(Some(opened));
        Ok(Self { medium, path, options, slot, broken: AtomicBool::default(), closed: AtomicBool::default() })
    }

    /// Reads one state of the store. A database that turns out to be broken is opened again, once.
    pub(crate) fn read<T>(
        &self,
        operation: &'static str,
        mut look: impl FnMut(&Snapshot) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let mut last = None;
        for _ in 0..2 {
            match self.with(operation, |opened| opened.read(&mut look))? {
                Ok(found) => return Ok(found),
                Err(Failure::Store(error) | Failure::Panicked(error)) => return Err(error),
                Err(broken) => last = Some(broken),
            }
        }
        Err(match last {
            Some(failure) => failure.into_store_error(operation),
            None => StoreError::new(StoreErrorKind::Unavailable, operation, "not tried"),
        })
    }

    /// The same without waiting for anything but the file; `None` while somebody has the database to itself, and where it is
    /// broken or closed, which [`Engine::read`] sees to.
    pub(crate) fn read_now<T>(
        &self,
        look: impl FnOnce(&Snapshot) -> Result<T, Failure>,
    ) -> Option<Result<T, StoreError>> {
        let slot = match self.slot.try_read() {
            Ok(slot) => slot,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        if self.broken.load(Ordering::Acquire) {
            return None;
        }
        let opened = slot.as_ref()?;
        match self.guarded(|| opened.read(look)) {
            Ok(found) => Some(Ok(found)),
            Err(Failure::Store(error) | Failure::Panicked(error)) => Some(Err(error)),
            Err(Failure::Broken(error)) => {
                tracing::debug!(error, "a read is tried again when the store was opened again");
                None
            }
        }
    }

    /// Works with the healthy database.
    ///
    /// # Errors
    /// When it is broken and cannot be opened again.
    pub(crate) fn with<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Opened) -> Result<T, Failure>,
    ) -> Result<Result<T, Failure>, StoreError> {
        let slot = self.healthy(operation)?;
        let Some(opened) = &*slot else {
            return Err(closed(operation));
        };
        Ok(self.guarded(|| work(opened)))
    }

    /// Works with the healthy database and nobody else in it: waits for the readers and keeps new ones waiting.
    pub(crate) fn exclusively<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&mut Opened) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        self.heal(operation)?;
        let mut slot = self.write_slot();
        let Some(opened) = &mut *slot else {
            return Err(closed(operation));
        };
        // Nobody begins a commit meanwhile, and those that were made are through.
        opened.gate.drain();
        if self.broken.load(Ordering::Acquire) {
            // What is durable stays what is read until it is opened again.
            let why = "what was written before could not be written out";
            return Err(StoreError::new(StoreErrorKind::Unavailable, operation, why));
        }
        opened.snapshots.clear();
        self.guarded(|| work(opened)).map_err(|failure| failure.into_store_error(operation))
    }

    /// Does it, and remembers if the database is broken by it, or was.
    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let done = shielded(work);
        if done.as_ref().is_err_and(Failure::is_broken) {
            self.mark_broken();
        }
        done
    }

    pub(crate) fn mark_broken(&self) {
        self.broken.store(true, Ordering::Release);
    }

    /// Opens a broken database again.
    pub(crate) fn heal(&self, operation: &'static str) -> Result<(), StoreError> {
        if !self.broken.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut slot = self.write_slot();
        if self.closed.load(Ordering::Acquire) {
            return Err(closed(operation));
        }
        if !self.broken.load(Ordering::Acquire) {
            return Ok(());
        }
        // The old one has to go first: it holds the lock of the file.
        put_away(slot.take());
        match open::open(&*self.medium, self.options, false) {
            Ok(opened) => {
                *slot = Some(opened);
                self.broken.store(false, Ordering::Release);
                tracing::info!(path = %self.path.display(), "the store was opened again after an I/O error");
                Ok(())
            }
            Err(problem) => {
                tracing::warn!(path = %self.path.display(), %problem, "the store cannot be opened again");
                let kind = match problem {
                    Problem::Io(_) | Problem::InUse | Problem::Missing => StoreErrorKind::Unavailable,
                    Problem::Foreign(_)
                    | Problem::Damaged(_)
                    | Problem::Newer { .. }
                    | Problem::OtherEdition { .. } => StoreErrorKind::Corrupt,
                };
                Err(StoreError::new(kind, operation, problem.to_string()))
            }
        }
    }

    /// Closes the database for good.
    pub(crate) fn close(&self) {
        let mut slot = self.write_slot();
        self.closed.store(true, Ordering::Release);
        put_away(slot.take());
    }

    /// The slot, to read from. Waits for whoever has the database to itself, and may find it broken.
    fn healthy(&self, operation: &'static str) -> Result<RwLockReadGuard<'_, Option<Opened>>, StoreError> {
        loop {
            self.heal(operation)?;
            let slot = self.read_slot();
            if !self.broken.load(Ordering::Acquire) {
                return Ok(slot);
            }
        }
    }

    fn read_slot(&self) -> RwLockReadGuard<'_, Option<Opened>> {
        self.slot.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_slot(&self) -> RwLockWriteGuard<'_, Option<Opened>> {
        self.slot.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// redb checks a page when it repairs, not when it reads, so damage may make it panic. That is one operation's
/// failure, not the process's.
pub(crate) fn shielded<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Failure::Panicked(corrupt("read", panic_message(&*panic)))))
}

pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("the database gave up: {}", text.unwrap_or("no reason given"))
}

/// Closing writes, too, and may meet damage that makes redb panic.
pub(crate) fn put_away<T>(closing: T) {
    // What cannot be closed cleanly is recovered when it is opened.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(closing)));
}

fn closed(operation: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, operation, "the store is closed")
}
