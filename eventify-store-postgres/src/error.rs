//! What goes wrong, in words for an operator. No message holds a password or what is in a row.

use std::io::ErrorKind;

use crate::commit::Tried;
use eventify_core::store::{StoreError, StoreErrorKind};
use sqlx::postgres::{PgDatabaseError, PgSeverity};

/// Why a database cannot be used as a store. It is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The address cannot be understood.
    #[error("the address is not one of a Postgres database: {0}")]
    Address(String),
    /// Nobody answers there, or not in time.
    #[error("{address}: the database cannot be reached: {reason}")]
    Unreachable {
        /// Where, without the password.
        address: String,
        /// What the network or the server said.
        reason: String,
    },
    /// The server does not let us in, or we do not trust it: user, password, database or TLS.
    #[error("{address}: the connection is refused: {reason}")]
    Refused {
        /// Where, without the password.
        address: String,
        /// What the server said.
        reason: String,
    },
    /// The schema is older than this version needs.
    #[error(
        "the database's schema is at migration {found}, this version needs {needed}: run `eventify migrate up`"
    )]
    SchemaTooOld {
        /// The newest migration that was applied; 0 when none was.
        found: i64,
        /// The newest one that there is.
        needed: i64,
    },
    /// The schema was made by a newer version.
    #[error(
        "the database's schema is at migration {found}, this version knows up to {known}: use a newer version"
    )]
    SchemaTooNew {
        /// The newest migration that was applied.
        found: i64,
        /// The newest one known here.
        known: i64,
    },
    /// A migration that was applied is not the one that this version has.
    #[error(
        "migration {0} was applied in another wording than this version has: the schema is not ours to trust"
    )]
    Changed(i64),
    /// The database has tables of our names that we did not make.
    #[error("not an Eventify database: {0}")]
    Foreign(String),
}

/// Why a connection could not be made.
pub(crate) fn refused(address: &str, error: &sqlx::Error) -> OpenError {
    let address = address.to_owned();
    let reason = describe(error);
    match error {
        sqlx::Error::Configuration(_) => OpenError::Address(reason),
        sqlx::Error::Tls(_) => OpenError::Refused { address, reason },
        // A certificate that is not to be trusted, or is somebody else's.
        sqlx::Error::Io(e) if e.kind() == ErrorKind::InvalidData => OpenError::Refused { address, reason },
        // The server is starting, stopping, or full: it may well answer later.
        sqlx::Error::Database(e) if e.code().is_some_and(|code| !is_passing(&code)) => {
            OpenError::Refused { address, reason }
        }
        _ => OpenError::Unreachable { address, reason },
    }
}

/// What an error says, for logs: the server's own detail may quote a row, so it is left out.
pub(crate) fn describe(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(e) => match e.code() {
            Some(code) => format!("{} ({code})", e.message()),
            None => e.message().to_owned(),
        },
        sqlx::Error::PoolTimedOut => "no connection was free or could be made in time".to_owned(),
        sqlx::Error::PoolClosed => "the store is closed".to_owned(),
        other => other.to_string(),
    }
}

/// Whether a server's refusal is over by itself: it is starting, stopping, failing over, or out of something.
fn is_passing(code: &str) -> bool {
    code.starts_with("57P") || code.starts_with("53") || code.starts_with("08")
}

/// What goes wrong in a unit of work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What the database or the way to it says.
    Sql(sqlx::Error),
    /// No answer came in time.
    Silent,
    /// What is stored cannot be understood.
    Store(StoreError),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

/// What an error means for a unit of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Somebody else was faster, or several waited for each other: begin again.
    Conflict,
    /// The server answered that it did nothing.
    Refused,
    /// The connection is of no use any more, and what it was doing may have happened or not.
    Lost,
}

impl Failure {
    pub(crate) fn meaning(&self) -> Meaning {
        let Self::Sql(sqlx::Error::Database(error)) = self else {
            return if matches!(self, Self::Store(_)) { Meaning::Refused } else { Meaning::Lost };
        };
        let severity = error.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::severity);
        if severity != Some(PgSeverity::Error) {
            // FATAL and PANIC end the session, perhaps after it did what was asked.
            return Meaning::Lost;
        }
        match error.code().as_deref() {
            // unique_violation, serialization_failure, deadlock_detected, lock_not_available
            Some("23505" | "40001" | "40P01" | "55P03") => Meaning::Conflict,
            // statement_completion_unknown, and what a pooler says of a server that it lost
            Some(code) if code == "40003" || code.starts_with("08") => Meaning::Lost,
            _ => Meaning::Refused,
        }
    }

    /// A conflict as the outcome of a try.
    pub(crate) fn tried(&self) -> Tried {
        let Self::Sql(sqlx::Error::Database(error)) = self else { return Tried::Conflict };
        match error.code().as_deref() {
            Some("23505") => Tried::Taken,
            Some("55P03") => Tried::WaitedInVain,
            _ => Tried::Conflict,
        }
    }

    /// Whether another connection may do better.
    pub(crate) fn is_lost(&self) -> bool {
        // A server that does not answer is not asked again and again.
        self.meaning() == Meaning::Lost && !matches!(self, Self::Silent)
    }

    /// Whether the connection can be used again once the transaction is taken back. Not when it has forgotten a
    /// prepared statement, or holds one that the schema has outgrown.
    pub(crate) fn spares_the_session(&self) -> bool {
        let code = match self {
            Self::Sql(sqlx::Error::Database(error)) => error.code(),
            _ => None,
        };
        self.meaning() != Meaning::Lost && !matches!(code.as_deref(), Some("0A000" | "26000"))
    }

    /// As the answer of an operation that changed nothing.
    pub(crate) fn into_store_error(self, operation: &'static str) -> StoreError {
        let error = match self {
            Self::Store(error) => return error,
            Self::Silent => {
                return StoreError::new(
                    StoreErrorKind::Unavailable,
                    operation,
                    "the database did not answer in time",
                );
            }
            Self::Sql(error) => error,
        };
        let kind = match &error {
            // What cannot be kept: a value out of range, a text with a NUL, a check that fails, more than a limit of the
            // server's allows. Trying again is vain.
            sqlx::Error::Database(e)
                if e.code().is_some_and(|c| ["22", "23", "54"].iter().any(|class| c.starts_with(class))) =>
            {
                StoreErrorKind::Corrupt
            }
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. } => StoreErrorKind::Corrupt,
            _ => StoreErrorKind::Unavailable,
        };
        StoreError::new(kind, operation, describe(&error))
    }
}
