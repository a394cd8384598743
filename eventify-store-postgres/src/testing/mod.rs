//! A real Postgres for tests and benchmarks (feature `testing`).
//!
//! ```no_run
//! use eventify_store_postgres::{PostgresStore, testing::Server};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::shared();
//! let database = server.database().await;
//! let store = PostgresStore::connect(database.url()).await?;
//! # Ok(())
//! # }
//! ```
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot have its server fails by panicking"
)]

mod database;
mod process;
mod server;

pub use database::{Database, Held};
pub use server::Server;
