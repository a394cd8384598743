//! Making a new file: complete before it gets its name.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::engine::Options;
use super::error::Problem;
use super::medium::{ExistingFile, Medium};
use super::open;

/// Makes a store under a name of its own and then gives it its name, so that a crash meanwhile leaves no half-made
/// file that a later start would have to refuse. Another process that was faster wins.
pub(crate) fn create(path: &Path, options: Options) -> Result<(), Problem> {
    let fresh = temporary_beside(path).map_err(Problem::Io)?;
    let medium: Box<dyn Medium> = Box::new(ExistingFile(fresh.path().to_path_buf()));
    drop(open::open(&*medium, options, true)?);
    match settle(fresh, path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Problem::Io(error)),
    }
}

/// A file that goes away unless it is kept, readable by its owner only: it will hold secrets.
pub(crate) fn temporary_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".eventify-").suffix(".new").tempfile_in(directory_of(path))
}

/// Gives a complete file its name, unless that is taken, and makes both durable.
pub(crate) fn settle(file: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    sync_directory(&directory_of(path))
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_directory: &Path) -> io::Result<()> {
    Ok(())
}
