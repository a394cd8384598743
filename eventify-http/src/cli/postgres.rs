//! Postgres as a store: opening it, and looking after its schema.

use std::sync::Arc;
use std::time::Duration;

use eventify_store_postgres::migrations::{self, MigrateError, State, Status};
use eventify_store_postgres::{OpenError, PostgresStore};

use super::args::{MigrateCommand, PostgresArgs, StoreArgs, StoreIsolation};
use super::exit::{Exit, Failure};
use super::out::{Out, Terminal, inline};
use super::store::OpenStore;
use super::store_url::{PostgresUrl, StoreUrl};

/// Connects to a database whose schema is the one that this program works with, or is brought there first.
pub(crate) async fn open(url: &PostgresUrl, with: &PostgresArgs) -> Result<OpenStore, Failure> {
    if with.migrate {
        for applied in migrations::up(url.expose()).await.map_err(not_migrated)? {
            Terminal.note(&format!("applied migration {}", applied.name));
        }
    }
    let millis = |ms: u32| Duration::from_millis(u64::from(ms));
    let mut builder = PostgresStore::builder(url.expose())
        .pool_max(with.pool_max)
        .acquire_timeout(millis(with.acquire_timeout_ms))
        .statement_timeout(millis(with.statement_timeout_ms))
        .lock_timeout(millis(with.lock_timeout_ms));
    if with.store_isolation == StoreIsolation::Serializable {
        builder = builder.serializable();
    }
    match with.replica()? {
        None => {}
        Some(StoreUrl::Postgres(replica)) => builder = builder.replica(replica.expose()),
        Some(_) => {
            let words = "--replica / EVENTIFY_REPLICA: must be postgres://USER@HOST/DATABASE";
            return Err(Failure::new(Exit::Usage, words));
        }
    }
    let opened = builder.connect().await.map_err(|error| {
        let is_old = matches!(error, OpenError::SchemaTooOld { .. });
        let failure = not_opened(&error);
        let hint = format!("eventify migrate up --store '{url}', or start the service with --migrate");
        if is_old { failure.hint(&hint) } else { failure }
    })?;
    Ok(OpenStore::of_database(Arc::new(opened)))
}

fn not_opened(error: &OpenError) -> Failure {
    let exit = if matches!(error, OpenError::Address(_)) { Exit::Usage } else { Exit::Store };
    Failure::new(exit, format!("the store cannot be opened: {}", inline(&error.to_string())))
}

fn not_migrated(error: MigrateError) -> Failure {
    match error {
        MigrateError::Open(error) => not_opened(&error),
        other => Failure::new(Exit::Store, inline(&other.to_string())),
    }
}

/// Looks after the schema.
pub(crate) async fn migrate(command: MigrateCommand) -> Result<(), Failure> {
    match command {
        MigrateCommand::Status(store) => status(&database(&store)?).await,
        MigrateCommand::Up(store) => {
            let applied = migrations::up(database(&store)?.expose()).await.map_err(not_migrated)?;
            tell("applied", &applied);
            Ok(())
        }
        MigrateCommand::Down { to, yes, store } => down(&store, to, yes).await,
        MigrateCommand::Sql { from, to } => {
            let newest = migrations::newest();
            let to = to.unwrap_or(newest);
            if let Some(unknown) = [from, to].into_iter().find(|number| !(0..=newest).contains(number)) {
                return Err(Failure::new(
                    Exit::Usage,
                    format!("there is no migration {unknown}, only 0 to {newest}"),
                ));
            }
            let _ = super::out::raw(&migrations::sql(from, to));
            Ok(())
        }
    }
}

async fn status(url: &PostgresUrl) -> Result<(), Failure> {
    let all = migrations::status(url.expose()).await.map_err(not_migrated)?;
    for Status { number, name, state } in &all {
        let state = match state {
            State::Pending => "pending".to_owned(),
            State::Applied { at } => format!("applied {at}"),
            State::Changed { at } => format!("applied {at}, in another wording than this version has"),
            State::Unknown { at } => format!("applied {at} by a newer version"),
        };
        Terminal.line(&format!("{number:>4}  {:<32}  {state}", inline(name)));
    }
    let others = all.iter().filter(|status| !matches!(status.state, State::Applied { .. })).count();
    if others == 0 {
        return Ok(());
    }
    Err(Failure::refused("the schema is not the one that this version works with"))
}

async fn down(store: &StoreArgs, to: i64, yes: bool) -> Result<(), Failure> {
    let url = database(store)?;
    let newest = migrations::newest();
    if !(0..=newest).contains(&to) {
        return Err(Failure::new(Exit::Usage, format!("there is no migration {to}, only 0 to {newest}")));
    }
    if !yes {
        let what = if to == 0 { "every record" } else { "what only the later schema has room for" };
        let words = format!("taking {url} back to migration {to} deletes {what}");
        return Err(Failure::new(Exit::Usage, words).hint("stop every process, make a backup, and say --yes"));
    }
    let taken = migrations::down(url.expose(), to).await.map_err(not_migrated)?;
    tell("taken back", &taken);
    Ok(())
}

fn tell(what: &str, done: &[Status]) {
    for Status { name, .. } in done {
        Terminal.line(&format!("{what}: {}", inline(name)));
    }
    if done.is_empty() {
        Terminal.line("nothing to do");
    }
}

/// The database that a command means.
fn database(store: &StoreArgs) -> Result<PostgresUrl, Failure> {
    match store.url()? {
        StoreUrl::Postgres(url) => Ok(url),
        other => {
            let words =
                format!("{other} has no schema to migrate: a file is brought up to date when it is opened");
            Err(Failure::new(Exit::Usage, words)
                .hint("name a database: --store postgres://USER@HOST/DATABASE"))
        }
    }
}
