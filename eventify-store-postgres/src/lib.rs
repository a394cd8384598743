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

mod cells;
mod columns;
mod commit;
mod connect;
mod error;
mod load;
pub mod migrations;
mod replica;
mod rows;
mod scan;
mod session;
mod signals;
mod sql;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod turn;
mod unit;

pub use error::OpenError;
pub use store::{Builder, PostgresStore};
