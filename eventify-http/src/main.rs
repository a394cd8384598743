//! The `eventify` command: the service, and everything that an operator does with a store.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
