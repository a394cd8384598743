//! Several server processes over one database: a sale with a process killed in the middle, its jobs, a rolling restart
//! under load, and a database that goes away and comes back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, prints what it measured, and measures how long answers take"
)]

#[path = "../cli_support/mod.rs"]
mod cli_support;

mod buyer;
mod jobs;
mod live;
mod outage;
mod restart;
mod sale;
mod stage;
