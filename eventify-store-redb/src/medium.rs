//! What a store lies on.

use std::fmt::Debug;
use std::fs::OpenOptions;
use std::io;
use std::path::PathBuf;

use redb::StorageBackend;
use redb::backends::FileBackend;

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
