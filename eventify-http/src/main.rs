//! The `eventify` command: the service, and everything that an operator does with a store.

mod cli;

use std::process::ExitCode;

/// A commit takes and gives back memory a page at a time, on other threads than those that read: a fifth more purchases than with
/// glibc's (decision 254).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
