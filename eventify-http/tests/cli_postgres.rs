//! The service and its commands over Postgres: every test of `cli`, over databases.

#[path = "cli/main.rs"]
mod cli;

use cli::{cli_support, mail_server};
