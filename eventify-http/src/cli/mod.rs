//! The `eventify` command.
//!
//! [`args`] is what can be asked. `serve` runs the service; everything else is a [`task`], which runs over a store that
//! this process opens or, when the service has it open, inside of the service ([`control`]).

mod address;
mod admin;
mod args;
mod brokers;
mod control;
mod copy;
mod demo;
mod derived;
mod exit;
mod export;
mod health;
mod import;
mod jobs;
mod keep;
mod logs;
mod out;
mod payments;
mod people;
#[cfg_attr(not(feature = "postgres"), path = "no_postgres.rs")]
mod postgres;
mod serve;
mod setup;
mod store;
mod store_url;
mod task;
mod webhooks;

use std::process::ExitCode;

use clap::CommandFactory;

use args::{AdminCommand, Cli, Command, ImportCommand, JobsCommand, KeysCommand, PaymentsCommand};
use exit::{Exit, Failure};
use out::{Out, Terminal};
use store::Missing;
use task::Task;

/// Does what the command line asks for.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::of_process();
    let done = logs::start(&cli.logs).and_then(|()| obey(cli.command));
    match done {
        Ok(()) => Exit::Done.into(),
        Err(failure) => {
            if !failure.message.is_empty() {
                Terminal.note(&format!("eventify: {}", failure.message));
            }
            failure.exit.into()
        }
    }
}

fn obey(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => block_on(serve::serve(args)),
        Command::Demo(store) => {
            perform(&store, Missing::Make, |_| Ok(Task::Demo { password: demo::chosen_password()? }))
        }
        Command::Admin(AdminCommand::Promote { email, store }) => {
            perform(&store, Missing::Refuse, |_| Ok(Task::Promote { email }))
        }
        Command::Admin(AdminCommand::RotateKeys(store)) => {
            perform(&store, Missing::Refuse, |_| Ok(Task::RotateKeys))
        }
        Command::Keys(KeysCommand::Vapid { file }) => people::make_vapid_key(&file),
        Command::Jobs(JobsCommand::List { state, store }) => {
            perform(&store, Missing::Refuse, |_| Ok(Task::ListJobs { state }))
        }
        Command::Jobs(JobsCommand::Retry { id, store, .. }) => {
            perform(&store, Missing::Refuse, |_| Ok(Task::RetryJobs { id }))
        }
        Command::Jobs(JobsCommand::Purge { older_than_days, work, store }) => {
            perform(&store, Missing::Refuse, |_| Ok(Task::PurgeJobs { older_than_days, work }))
        }
        Command::Payments(PaymentsCommand::Attention(store)) => {
            perform(&store, Missing::Refuse, |_| Ok(Task::ListAttention))
        }
        Command::Migrate(command) => block_on(postgres::migrate(command)),
        Command::Copy(args) => block_on(copy::copy(args)),
        Command::Health(args) => block_on(health::health(&args)),
        Command::Backup(args) => perform(&args.store, Missing::Refuse, |_| keep::backup_task(&args)),
        Command::Compact(store) => perform(&store, Missing::Refuse, |_| keep::compact_task(&store)),
        Command::Check(store) => perform(&store, Missing::Refuse, |_| Ok(Task::Check)),
        Command::Import(ImportCommand::Schedule(args)) => {
            perform(&args.store.clone(), Missing::Refuse, |out| import::task(args, out))
        }
        Command::Export(args) => export::export(&args),
        Command::Completions { shell } => {
            completions(shell);
            Ok(())
        }
    }
}

/// Prepares a task, has it done, and shows what it says.
fn perform(
    store: &args::StoreArgs,
    missing: Missing,
    prepare: impl FnOnce(&dyn Out) -> Result<Task, Failure>,
) -> Result<(), Failure> {
    let task = prepare(&Terminal)?;
    block_on(task::perform(&store.url()?, missing, &task, &Terminal)).map(drop)
}

fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("eventify")
        .build()
        .map_err(|error| Failure::refused(format!("the threads cannot be started: {error}")))?;
    runtime.block_on(work)
}

fn completions(shell: clap_complete::Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "eventify", &mut script);
    // A reader that has enough closes the pipe; that is no error.
    let _ = out::raw(&String::from_utf8_lossy(&script));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
