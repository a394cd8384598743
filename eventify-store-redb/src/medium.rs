//! What a store lies on, and the gate that keeps an unknown file from being written to.

use std::fmt::Debug;
use std::fs::OpenOptions;
use std::io;
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

/// Storage that a store can be opened on, again and again: after an I/O error the store closes what it has and
/// opens anew.
pub trait Medium: Debug + Send + Sync + 'static {
    /// Opens the storage. One of length 0 becomes a new store.
    ///
    /// # Errors
    /// Whatever keeps it from being opened.
    fn open(&self) -> io::Result<Box<dyn StorageBackend>>;
}

/// A file that exists.
#[derive(Debug)]
pub(crate) struct ExistingFile(pub(crate) PathBuf);

impl Medium for ExistingFile {
    fn open(&self) -> io::Result<Box<dyn StorageBackend>> {
        let file = OpenOptions::new().read(true).write(true).open(&self.0)?;
        let backend = FileBackend::new(file).map_err(io::Error::other)?;
        Ok(Box::new(backend))
    }
}

/// Holds back everything that opening a database writes (redb marks and repairs a file before anybody could look
/// inside) until the file is known to be a store that we understand. A file that is refused is never written to.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    backend: Box<dyn StorageBackend>,
    released: AtomicBool,
    held: Mutex<Vec<Held>>,
    /// As it was set last, so that asking costs no system call.
    len: AtomicU64,
}

/// Something that was to happen to the file, in order.
#[derive(Debug)]
enum Held {
    Write(u64, Vec<u8>),
    SetLen(u64),
    Sync,
}

impl Gate {
    pub(crate) fn new(backend: Box<dyn StorageBackend>) -> io::Result<Self> {
        let len = backend.len()?;
        Ok(Self(Arc::new(Inner {
            backend,
            released: AtomicBool::new(false),
            held: Mutex::new(Vec::new()),
            len: AtomicU64::new(len),
        })))
    }

    /// Does what was held back, in the same order, and holds nothing back from now on.
    pub(crate) fn release(&self) -> io::Result<()> {
        let mut held = self.held();
        for op in held.drain(..) {
            match op {
                Held::Write(offset, data) => self.0.backend.write(offset, &data)?,
                Held::SetLen(len) => self.0.backend.set_len(len)?,
                Held::Sync => self.0.backend.sync_data()?,
            }
        }
        self.0.released.store(true, Ordering::Release);
        Ok(())
    }

    /// The length of the storage in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.len.load(Ordering::Relaxed)
    }

    fn held(&self) -> MutexGuard<'_, Vec<Held>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_released(&self) -> bool {
        self.0.released.load(Ordering::Acquire)
    }

    fn hold(&self, op: Held) {
        self.held().push(op);
    }
}

impl StorageBackend for Gate {
    fn len(&self) -> io::Result<u64> {
        if self.is_released() { self.0.backend.len() } else { Ok(self.bytes()) }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if self.is_released() {
            return self.0.backend.read(offset, out);
        }
        let held = self.held();
        if offset.saturating_add(width(out.len())) > self.bytes() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let stored = self.0.backend.len()?.saturating_sub(offset);
        let within = usize::try_from(stored).unwrap_or(usize::MAX).min(out.len());
        let (there, beyond) = out.split_at_mut(within);
        self.0.backend.read(offset, there)?;
        beyond.fill(0);
        for op in held.iter() {
            match op {
                Held::Write(at, data) => overlay(out, offset, data, *at),
                Held::SetLen(len) => {
                    let kept = usize::try_from(len.saturating_sub(offset)).unwrap_or(usize::MAX);
                    out.iter_mut().skip(kept).for_each(|byte| *byte = 0);
                }
                Held::Sync => {}
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        if self.is_released() {
            self.0.backend.set_len(len)?;
        } else {
            self.hold(Held::SetLen(len));
        }
        self.0.len.store(len, Ordering::Relaxed);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.is_released() {
            return self.0.backend.sync_data();
        }
        self.hold(Held::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if self.is_released() {
            return self.0.backend.write(offset, data);
        }
        self.hold(Held::Write(offset, data.to_vec()));
        self.0.len.fetch_max(offset.saturating_add(width(data.len())), Ordering::Relaxed);
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.0.backend.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.backend.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.backend.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.backend.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.backend.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.backend.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.backend.query_lock_range(start, end)
    }
}

/// Lays `data`, which lies at `at`, over `out`, which lies at `offset`, where they meet.
fn overlay(out: &mut [u8], offset: u64, data: &[u8], at: u64) {
    let skip_out = usize::try_from(at.saturating_sub(offset)).unwrap_or(usize::MAX);
    let skip_data = usize::try_from(offset.saturating_sub(at)).unwrap_or(usize::MAX);
    let source = data.iter().skip(skip_data);
    out.iter_mut().skip(skip_out).zip(source).for_each(|(to, from)| *to = *from);
}

fn width(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
