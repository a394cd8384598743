//! The store: its handle and how it is opened.

use std::fmt;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::connect::Address;
use crate::error::OpenError;
use crate::migrations;

/// Eventify's records in a Postgres database. Any number of processes may have it open.
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    replica: Option<PgPool>,
    address: Address,
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("address", &self.address).finish_non_exhaustive()
    }
}

/// How to open a store. See [`PostgresStore::builder`].
#[derive(Clone)]
pub struct Builder {
    url: String,
    replica: Option<String>,
    pool_max: u32,
    statement_timeout: Duration,
    lock_timeout: Duration,
    acquire_timeout: Duration,
}

impl fmt::Debug for Builder {
    /// The addresses may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("pool_max", &self.pool_max).finish_non_exhaustive()
    }
}

impl Builder {
    fn new(url: String) -> Self {
        Self {
            url,
            replica: None,
            pool_max: 16,
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(3),
        }
    }

    /// How many connections this process may have; 16, at least 2.
    #[must_use]
    pub fn pool_max(mut self, connections: u32) -> Self {
        self.pool_max = connections.max(2);
        self
    }

    /// How long one statement may run before the server ends it; 10 s.
    #[must_use]
    pub const fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = timeout;
        self
    }

    /// How long a commit may wait for records that another one is changing; 5 s.
    #[must_use]
    pub const fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }

    /// How long to wait for a connection before the store counts as unavailable; 3 s.
    #[must_use]
    pub const fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// A read replica for the scans that tolerate its delay. No decision ever reads from it.
    #[must_use]
    pub fn replica(mut self, url: impl Into<String>) -> Self {
        self.replica = Some(url.into());
        self
    }

    /// Connects, and makes sure that the schema is the one that this version needs.
    ///
    /// # Errors
    /// [`OpenError`]; the database is as it was before.
    pub async fn connect(self) -> Result<PostgresStore, OpenError> {
        let address = Address::parse(&self.url)?;
        migrations::check(&mut address.connect().await?).await.map_err(|error| match error {
            migrations::MigrateError::Open(error) => error,
            other => OpenError::Unreachable { address: address.to_string(), reason: other.to_string() },
        })?;
        let replica = self.replica.as_deref().map(Address::parse).transpose()?;
        Ok(PostgresStore {
            pool: self.pool(&address),
            replica: replica.map(|address| self.pool(&address)),
            address,
        })
    }

    fn pool(&self, address: &Address) -> PgPool {
        let options = address.options.clone().options([
            ("statement_timeout", millis(self.statement_timeout)),
            ("lock_timeout", millis(self.lock_timeout)),
            // What a client that vanished leaves open is not held for ever.
            ("idle_in_transaction_session_timeout", millis(self.statement_timeout.saturating_mul(3))),
        ]);
        PgPoolOptions::new()
            .max_connections(self.pool_max)
            .acquire_timeout(self.acquire_timeout)
            // A dead connection shows itself at the first statement, which is answered as a retryable failure.
            .test_before_acquire(false)
            .connect_lazy_with(options)
    }
}

/// 0 means "no limit" to the server, so nothing shorter than a millisecond is asked for.
fn millis(limit: Duration) -> String {
    limit.as_millis().clamp(1, 2_147_483_647).to_string()
}

impl PostgresStore {
    /// Opens a store with the default settings.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn connect(url: impl Into<String>) -> Result<Self, OpenError> {
        Self::builder(url).connect().await
    }

    /// Settings to choose before opening. The address is as for libpq: `postgres://user:password@host:port/database`,
    /// with `?sslmode=`, `sslrootcert=`, `host=/a/socket/directory`, `options=-csearch_path=…` and so on.
    #[must_use]
    pub fn builder(url: impl Into<String>) -> Builder {
        Builder::new(url.into())
    }

    /// Waits for what is under way and closes every connection. Afterwards the store answers that it is unavailable.
    pub async fn close(&self) {
        self.pool.close().await;
        if let Some(replica) = &self.replica {
            replica.close().await;
        }
    }
}
