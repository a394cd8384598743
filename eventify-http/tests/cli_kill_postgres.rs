//! kill -9 under load, over Postgres. A program of its own, because it measures how long a start takes.

#[path = "cli_kill.rs"]
mod kill;
