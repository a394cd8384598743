//! What goes wrong, in words for an operator.

use std::path::PathBuf;

use eventify_core::store::{StoreError, StoreErrorKind};

/// Why a file cannot be opened as a store. The file is as it was before.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", .path.display())]
pub struct OpenError {
    path: PathBuf,
    problem: Problem,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("there is no such file")]
    Missing,
    #[error("another process has it open, or this one a second time; a store is open once at a time")]
    InUse,
    #[error("not an Eventify store: {0}")]
    Foreign(&'static str),
    #[error("the store is damaged: {0}")]
    Damaged(String),
    #[error(
        "the store is in format {found}, but this version of Eventify knows formats up to {known}: use a newer version"
    )]
    Newer { found: u32, known: u32 },
    #[error(
        "the store was made by another development version of Eventify (records of edition {found}, this one has edition {known}), whose records this one cannot read: open it with that version, or begin a new file"
    )]
    OtherEdition { found: u32, known: u32 },
    #[error("{0}")]
    Io(std::io::Error),
}

impl OpenError {
    pub(crate) const fn new(path: PathBuf, problem: Problem) -> Self {
        Self { path, problem }
    }

    /// There is no file, and making one was not asked for.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self.problem, Problem::Missing)
    }

    /// Another process has the file open, or this one a second time.
    #[must_use]
    pub const fn is_in_use(&self) -> bool {
        matches!(self.problem, Problem::InUse)
    }

    /// The file is something else than a store.
    #[must_use]
    pub const fn is_foreign(&self) -> bool {
        matches!(self.problem, Problem::Foreign(_))
    }

    /// The file was a store and is damaged.
    #[must_use]
    pub const fn is_damaged(&self) -> bool {
        matches!(self.problem, Problem::Damaged(_))
    }

    /// The file was made by a newer version of Eventify.
    #[must_use]
    pub const fn is_newer(&self) -> bool {
        matches!(self.problem, Problem::Newer { .. })
    }

    /// The file was made by another development version, whose records this one does not read.
    #[must_use]
    pub const fn is_other_edition(&self) -> bool {
        matches!(self.problem, Problem::OtherEdition { .. })
    }

    /// The operating system refused something; perhaps only for now.
    #[must_use]
    pub const fn is_io(&self) -> bool {
        matches!(self.problem, Problem::Io(_))
    }
}

/// Why a backup was not made. Nothing is left at its place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A backup never replaces a file.
    #[error("{}: there is a file already", .0.display())]
    Exists(PathBuf),
    /// The operating system refused something.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// The store cannot be read, or the copy cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What redb says while a store is in use.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The database must be closed and opened again before it serves anybody.
    Broken(String),
    /// The same, and trying again would end the same way: damage made it panic.
    Panicked(StoreError),
    /// Something that is stored cannot be understood, or is none of redb's business.
    Store(StoreError),
}

impl Failure {
    /// As the answer of a read, or of a commit of which nothing was written.
    pub(crate) fn into_store_error(self, operation: &'static str) -> StoreError {
        match self {
            Self::Broken(message) => StoreError::new(StoreErrorKind::Unavailable, operation, message),
            Self::Panicked(error) | Self::Store(error) => error,
        }
    }

    /// Whether the database must be opened again.
    pub(crate) const fn is_broken(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::Panicked(_))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        // A broken database that was met deep inside of a scan.
        if error.kind() == StoreErrorKind::Unavailable {
            Self::Broken(error.message().to_owned())
        } else {
            Self::Store(error)
        }
    }
}

impl From<redb::StorageError> for Failure {
    fn from(error: redb::StorageError) -> Self {
        match error {
            // redb's message speaks of pages and checksums, never of what is in them.
            redb::StorageError::Corrupted(message) => Self::Store(super::codec::corrupt("read", message)),
            other => Self::Broken(other.to_string()),
        }
    }
}

macro_rules! through_redb_error {
    ($($name:ident)+) => {$(
        impl From<redb::$name> for Failure {
            fn from(error: redb::$name) -> Self {
                match redb::Error::from(error) {
                    redb::Error::Corrupted(message) => Self::Store(super::codec::corrupt("read", message)),
                    redb::Error::TableDoesNotExist(table) => {
                        Self::Store(super::codec::corrupt("read", format!("table {table} is missing")))
                    }
                    other => Self::Broken(other.to_string()),
                }
            }
        }
    )+};
}
through_redb_error! { TableError TransactionError DatabaseError CommitError CompactionError CursorError SetDurabilityError }
