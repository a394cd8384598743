//! Eventify on Postgres: many processes over one database.
//!
//! ```no_run
//! use eventify_store_postgres::{PostgresStore, migrations};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let url = "postgres://eventify@localhost/eventify?sslmode=verify-full";
//! migrations::up(url).await?;
//! let store = PostgresStore::connect(url).await?;
//! # Ok(())
//! # }
//! ```

mod connect;
mod error;
pub mod migrations;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use error::OpenError;
pub use store::{Builder, PostgresStore};
