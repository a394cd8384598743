//! A connection for one unit of work.

use std::future::Future;
use std::ops::DerefMut;
use std::time::Duration;

use eventify_core::store::{StoreError, StoreErrorKind};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres};

use crate::error::{Failure, describe};

/// A statement of ours: made of our own names, every value an argument.
pub(crate) fn query(statement: String) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(AssertSqlSafe(statement))
}

/// Something to ask that changes nothing, so that it may be asked again.
pub(crate) trait Read: Send + Sync {
    type Answer: Send;
    fn run(&self, db: &mut PgConnection) -> impl Future<Output = Result<Self::Answer, Failure>> + Send;
}

/// A pooled connection that goes back to the pool only when it is known to be fit for the next: whatever else happens
/// – an error, a panic, a time limit – closes it, so that nobody ever gets one in the middle of a transaction.
pub(crate) struct Session {
    connection: PoolConnection<Postgres>,
    fit: bool,
}

impl Session {
    pub(crate) async fn open(pool: &PgPool, operation: &'static str) -> Result<Self, StoreError> {
        let connection = pool.acquire().await;
        let connection = connection
            .map_err(|error| StoreError::new(StoreErrorKind::Unavailable, operation, describe(&error)))?;
        Ok(Self { connection, fit: false })
    }

    pub(crate) fn db(&mut self) -> &mut PgConnection {
        self.connection.deref_mut()
    }

    /// Gives the connection back to the pool.
    pub(crate) fn close(mut self) {
        self.fit = true;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.fit {
            self.connection.close_on_drop();
        }
    }
}

/// The server ends a statement by itself; this is for the one whose answer never comes.
pub(crate) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::time::timeout(limit, work).await.unwrap_or(Err(Failure::Silent))
}

/// Runs work in a task of its own: whoever waits for it may go away, and it is done to its end all the same.
pub(crate) async fn in_a_task<T: Send + 'static>(
    operation: &'static str,
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(work).await.unwrap_or_else(|_| {
        Err(StoreError::new(StoreErrorKind::Indeterminate, operation, "the unit of work was lost"))
    })
}
