//! What goes wrong, in words for an operator. No message holds a password or what is in a row.

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
    /// The server does not let us in: user, password, database or TLS.
    #[error("{address}: the database refuses the connection: {reason}")]
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
