//! Naming stores, and what is done with whole stores.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::exit::Failure;
use crate::cli::store_url::{StoreText, StoreUrl};

/// Where the records are.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArgs {
    /// Where the records are: `redb:PATH` (one file), `postgres://USER@HOST/DATABASE` (for several processes) or
    /// `memory:` (gone when the process ends). Others on this machine can see a command line: give a password by
    /// EVENTIFY_STORE, --store-password-file, PGPASSWORD or ~/.pgpass.
    #[arg(
        long,
        env = "EVENTIFY_STORE",
        hide_env_values = true,
        value_name = "URL",
        default_value = "redb:./eventify.redb"
    )]
    store: StoreText,
    /// A file with the password of the Postgres user.
    #[arg(long, env = "EVENTIFY_STORE_PASSWORD_FILE", value_name = "FILE")]
    store_password_file: Option<PathBuf>,
}

impl StoreArgs {
    /// Where the records are.
    pub(crate) fn url(&self) -> Result<StoreUrl, Failure> {
        self.store.url(self.store_password_file.as_deref(), "--store / EVENTIFY_STORE")
    }
}

/// Who keeps commits from overtaking each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoreIsolation {
    Locks,
    Serializable,
}

/// How the service works with Postgres.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "With Postgres")]
pub(crate) struct PostgresArgs {
    /// Bring the database's schema up to date first; otherwise an older one is refused.
    #[arg(long)]
    pub(crate) migrate: bool,
    /// How many connections this process opens to the database at most, for whatever purpose; as many again to the
    /// replica.
    #[arg(long, env = "EVENTIFY_POOL_MAX", value_name = "COUNT", default_value_t = 24,
          value_parser = clap::value_parser!(u32).range(4..=1_000))]
    pub(crate) pool_max: u32,
    /// How long a request waits for a connection of the pool, in milliseconds; then it is told to try again.
    #[arg(long, env = "EVENTIFY_ACQUIRE_TIMEOUT_MS", value_name = "MS", default_value_t = 3_000,
          value_parser = clap::value_parser!(u32).range(10..=600_000))]
    pub(crate) acquire_timeout_ms: u32,
    /// How long one statement may run, in milliseconds.
    #[arg(long, env = "EVENTIFY_STATEMENT_TIMEOUT_MS", value_name = "MS", default_value_t = 10_000,
          value_parser = clap::value_parser!(u32).range(10..=600_000))]
    pub(crate) statement_timeout_ms: u32,
    /// How long one statement waits for a row that another process works on, in milliseconds.
    #[arg(long, env = "EVENTIFY_LOCK_TIMEOUT_MS", value_name = "MS", default_value_t = 5_000,
          value_parser = clap::value_parser!(u32).range(10..=600_000))]
    pub(crate) lock_timeout_ms: u32,
    /// Who keeps commits from overtaking each other: `locks` of rows, or the engine's own `serializable` transactions,
    /// for engines that are serializable anyway.
    #[arg(long, env = "EVENTIFY_STORE_ISOLATION", value_name = "HOW", default_value = "locks")]
    pub(crate) store_isolation: StoreIsolation,
    /// A read replica of the database: lists that may lag a little are read there. Its password may be in the file
    /// of --store-password-file too.
    #[arg(long, env = "EVENTIFY_REPLICA", hide_env_values = true, value_name = "URL")]
    replica: Option<StoreText>,
    #[arg(skip)]
    replica_password_file: Option<PathBuf>,
}

/// Copying, checking and the like are done by few connections, in large pieces.
const COMMAND_POOL_MAX: u32 = 4;
const COMMAND_STATEMENT_TIMEOUT_MS: u32 = 60_000;

impl PostgresArgs {
    /// For a command that is not the service.
    pub(crate) const fn for_commands(migrate: bool) -> Self {
        Self {
            migrate,
            pool_max: COMMAND_POOL_MAX,
            acquire_timeout_ms: 10_000,
            statement_timeout_ms: COMMAND_STATEMENT_TIMEOUT_MS,
            lock_timeout_ms: 10_000,
            store_isolation: StoreIsolation::Locks,
            replica: None,
            replica_password_file: None,
        }
    }

    /// The replica shares the password file of the store.
    pub(crate) fn with_password_of(mut self, store: &StoreArgs) -> Self {
        self.replica_password_file.clone_from(&store.store_password_file);
        self
    }

    /// The replica, if there is one.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "only Postgres has replicas"))]
    pub(crate) fn replica(&self) -> Result<Option<StoreUrl>, Failure> {
        let Some(text) = &self.replica else { return Ok(None) };
        text.url(self.replica_password_file.as_deref(), "--replica / EVENTIFY_REPLICA").map(Some)
    }
}

/// The schema of a Postgres store.
#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Show which migrations the database has, and which this program knows. Changes nothing.
    #[command(after_help = "\
Example:
  eventify migrate status --store postgres://eventify@db/eventify

Exit code 0: the schema is the one that this program works with. 1: it is another one.")]
    Status(StoreArgs),
    /// Bring the schema up to date.
    #[command(after_help = "Example:\n  eventify migrate up --store postgres://eventify@db/eventify")]
    Up(StoreArgs),
    /// Take migrations back, newest first. What only they have room for is lost; 0 loses everything.
    #[command(after_help = "\
Examples:
  eventify migrate down 1 --yes --store postgres://eventify@db/eventify
  eventify migrate sql --from 2 --to 1          # to see what that would do")]
    Down {
        /// The number of the newest migration that stays; 0 leaves none.
        to: i64,
        /// Do it.
        #[arg(long)]
        yes: bool,
        /// Where the records are.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Print the script between two numbers, for whoever changes databases by hand. Connects to nothing.
    #[command(after_help = "\
Examples:
  eventify migrate sql                          # everything, for an empty database
  eventify migrate sql --from 1 --to 2
  eventify migrate sql --from 2 --to 1          # down again")]
    Sql {
        /// The number that the database is at; 0 is an empty one.
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        from: i64,
        /// The number that it shall be at; the newest when it is absent.
        #[arg(long, value_name = "NUMBER")]
        to: Option<i64>,
    },
}

/// What is copied, and where.
#[derive(Debug, Clone, Args)]
pub(crate) struct CopyArgs {
    /// The store to copy; nobody may serve it meanwhile.
    #[arg(long, value_name = "URL")]
    from: StoreText,
    /// The store to copy to: a new file, or an empty database.
    #[arg(long, value_name = "URL")]
    to: StoreText,
    /// A file with the password of --from's Postgres user.
    #[arg(long, value_name = "FILE")]
    from_password_file: Option<PathBuf>,
    /// A file with the password of --to's Postgres user.
    #[arg(long, value_name = "FILE")]
    to_password_file: Option<PathBuf>,
    /// Bring the schema of --to up to date first.
    #[arg(long)]
    pub(crate) migrate: bool,
}

impl CopyArgs {
    pub(crate) fn from(&self) -> Result<StoreUrl, Failure> {
        self.from.url(self.from_password_file.as_deref(), "--from")
    }

    pub(crate) fn to(&self) -> Result<StoreUrl, Failure> {
        self.to.url(self.to_password_file.as_deref(), "--to")
    }
}
