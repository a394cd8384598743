//! The command line: what can be asked, and the help that teaches it.
#![allow(rustdoc::bare_urls, reason = "these comments are what --help prints")]

mod brokers;
mod payments;
mod people;
mod stores;
mod webhooks;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use eventify_core::{EventId, JobId, TimeZoneName};
use eventify_http::AuthRate;

#[cfg(any(feature = "nats", feature = "rabbitmq"))]
pub(crate) use self::brokers::AddressText;
pub(crate) use self::brokers::BrokerArgs;
#[cfg(feature = "kafka")]
pub(crate) use self::brokers::KafkaMechanism;
pub(crate) use self::payments::{PaymentArgs, PaymentWay, PaymentsCommand};
#[cfg(feature = "email")]
pub(crate) use self::people::MailSecurity;
pub(crate) use self::people::{KeysCommand, PeopleArgs};
#[cfg(feature = "postgres")]
pub(crate) use self::stores::StoreIsolation;
pub(crate) use self::stores::{CopyArgs, MigrateCommand, PostgresArgs, StoreArgs};
pub(crate) use self::webhooks::{WebhookArgs, WebhookReach};
use super::jobs::Which;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  refused, failed, or (check) something was found; the reason is on stderr
  2  the command line or an environment variable is wrong
  3  the store cannot be opened: in use, damaged, foreign, older, newer, not reachable, not permitted
  4  the address cannot be listened on

While `eventify serve` runs, the other commands work too. Over a file they find the running service through a socket
beside it and let it do the work; over Postgres they do it themselves.";

/// Events, tickets, bookings and check-in: a whole ticket office in one file, or in a database.
///
/// Nothing has to be installed or set up. Try it:
///
///   eventify serve --demo
///
/// and open the address that it prints.
#[derive(Debug, Parser)]
#[command(name = "eventify", version, propagate_version = true, after_help = EXIT_CODES, verbatim_doc_comment)]
#[command(arg_required_else_help = true, max_term_width = 120)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// How to log.
    #[command(flatten)]
    pub(crate) logs: LogArgs,
}

impl Cli {
    /// What the process was started with. Ends the process when that makes no sense, or only asks for help.
    pub(crate) fn of_process() -> Self {
        let matches = Self::command().get_matches();
        let mut cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        let listen = match &mut cli.command {
            Command::Serve(args) => Some(&mut args.listen),
            Command::Health(args) => Some(&mut args.listen),
            _ => None,
        };
        if let Some(listen) = listen {
            let source = matches.subcommand().and_then(|(_, command)| command.value_source("listen"));
            listen.is_typed = source == Some(ValueSource::CommandLine);
        }
        cli
    }
}

/// How to log.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Logs (on stderr)")]
pub(crate) struct LogArgs {
    /// How log lines look: for people on a terminal, otherwise one JSON object per line.
    #[arg(long, env = "EVENTIFY_LOG_FORMAT", value_enum, default_value_t = LogFormat::Auto, global = true)]
    pub(crate) log_format: LogFormat,
    /// What is logged: error, warn, info, debug, trace, or per module as in `info,eventify_core=debug`.
    #[arg(long, env = "EVENTIFY_LOG", value_name = "FILTER", global = true)]
    pub(crate) log: Option<String>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Human when stderr is a terminal, JSON otherwise.
    Auto,
    /// For people.
    Human,
    /// One JSON object per line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the service: the HTTP API, its documentation at /docs, and the jobs in the background.
    #[command(after_help = "\
Examples:
  eventify serve
  eventify serve --demo
  eventify serve --listen 0.0.0.0:8000 --store redb:/var/lib/eventify/eventify.redb
  eventify serve --store postgres://eventify@db/eventify --store-password-file /run/secrets/db --migrate
  PORT=9000 eventify serve

Once it listens it prints one line for programs, which stays the same in later versions:
  listening address=127.0.0.1:8000 url=http://127.0.0.1:8000 docs=http://127.0.0.1:8000/docs

SIGTERM and SIGINT (Ctrl-C) end it cleanly: what was accepted is finished.")]
    Serve(Box<ServeArgs>),
    /// Fill a store with a believable season of events, so that there is something to look at.
    #[command(after_help = "\
Examples:
  eventify demo
  eventify demo --store redb:./try.redb

A store that has the season already is left as it is. The password of the demo accounts is made from the store's own
keys and printed; the environment variable EVENTIFY_DEMO_PASSWORD sets another one when the season is made.")]
    Demo(StoreArgs),
    /// What only the operator may do.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Make keys that a deployment needs once.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// See what waits, what was given up, and decide what becomes of that.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// See what of payments somebody has to look at.
    #[command(subcommand)]
    Payments(PaymentsCommand),
    /// Look after the schema of a Postgres store.
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// Move everything to another store: from a file to Postgres, back, or to another file.
    #[command(after_help = "\
Examples:
  eventify copy --from redb:./eventify.redb --to postgres://eventify@db/eventify --migrate
  eventify copy --from postgres://eventify@db/eventify --to redb:./eventify.redb

Nobody may serve the source meanwhile, and the target has to be empty. Everything is compared and checked in the end.
An interrupted copy leaves a target that no service starts over; empty it and copy again.

Exit code 0: everything is there. 1: it is not; the reason and what to do are on stderr. 3: a store cannot be opened.")]
    Copy(CopyArgs),
    /// Ask a running service whether it can serve: for containers and scripts without an HTTP client.
    #[command(after_help = "\
Examples:
  eventify health
  eventify health --listen 127.0.0.1:8000 --live

Exit code 0: it answers 200. 1: it does not.")]
    Health(HealthArgs),
    /// Copy the store to a new file, also while the service runs. The copy is a store itself.
    #[command(after_help = "\
Examples:
  eventify backup /backups/eventify-2027-03-01.redb
  eventify check --store redb:/backups/eventify-2027-03-01.redb

To restore, stop the service and put the copy in the place of the store's file. Postgres has its own tools for this:
pg_dump, pg_basebackup.")]
    Backup(BackupArgs),
    /// Make the store's file as small as it can be. Requests wait meanwhile.
    #[command(after_help = "Example:\n  eventify compact --store redb:./eventify.redb")]
    Compact(StoreArgs),
    /// Look whether everything in the store is as it should be: pages, records, indexes, and the rules of the domain.
    #[command(after_help = "\
Example:
  eventify check --store redb:./eventify.redb && echo sound

Exit code 0: nothing was found. 1: every finding is a line on stdout. 3: the file cannot be opened at all.")]
    Check(StoreArgs),
    /// Take over what others publish.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Write an event and its schedule as a calendar.
    #[command(after_help = "\
Examples:
  eventify export 0191e3a0-7c1e-7b43-9d2a-8f0c6a5b4e3d --ics
  eventify export 0191e3a0-7c1e-7b43-9d2a-8f0c6a5b4e3d --ics -o conference.ics")]
    Export(ExportArgs),
    /// Print completions for a shell.
    #[command(after_help = "\
Examples:
  eventify completions bash > ~/.local/share/bash-completion/completions/eventify
  eventify completions zsh  > ~/.zfunc/_eventify
  eventify completions fish > ~/.config/fish/completions/eventify.fish")]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// Where the service listens.
#[derive(Debug, Clone, Args)]
pub(crate) struct ListenArgs {
    /// Where the service listens. Port 0 takes any free port. The environment variable PORT replaces the port, unless
    /// this option is given on the command line.
    #[arg(long, env = "EVENTIFY_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8000")]
    pub(crate) listen: SocketAddr,
    /// Whether that was given on the command line.
    #[arg(skip)]
    pub(crate) is_typed: bool,
}

/// Which service is asked, and for what.
#[derive(Debug, Clone, Args)]
pub(crate) struct HealthArgs {
    /// Where it listens.
    #[command(flatten)]
    pub(crate) listen: ListenArgs,
    /// Ask only whether the process lives (/healthz), not whether its store can serve (/readyz).
    #[arg(long)]
    pub(crate) live: bool,
    /// How many seconds it may take to answer.
    #[arg(long, value_name = "SECONDS", default_value_t = 5,
          value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) timeout_s: u32,
}

/// How the service runs.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    /// Where to listen.
    #[command(flatten)]
    pub(crate) listen: ListenArgs,
    /// Where the records are.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Fill the store with the demo season first, unless it has it. The environment variable EVENTIFY_DEMO_PASSWORD
    /// sets the password of its accounts; otherwise one is made from the store's own keys. It is printed.
    #[arg(long)]
    pub(crate) demo: bool,
    /// How many connections may be open at once; more wait to be accepted.
    #[arg(long, env = "EVENTIFY_CONNECTIONS_MAX", value_name = "COUNT", default_value_t = 1024,
          value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) connections_max: u32,
    /// How many seconds a client may take to send the head of a request, and to begin the next one.
    #[arg(long, env = "EVENTIFY_HEADER_TIMEOUT_S", value_name = "SECONDS", default_value_t = 15,
          value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub(crate) header_timeout_s: u32,
    /// How many seconds requests that are under way get to finish when the service is told to stop.
    #[arg(long, env = "EVENTIFY_SHUTDOWN_TIMEOUT_S", value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(0..=3_600))]
    pub(crate) shutdown_timeout_s: u32,
    /// How often one client may try to register, log in, refresh and change a password: as in 3000/min, and so often
    /// at once; or `off`. A client is an IPv4 address or an IPv6 /64; behind a proxy set --proxy-hops, or all count
    /// as one.
    #[arg(long, env = "EVENTIFY_AUTH_RATE", value_name = "COUNT/min", default_value = "3000/min")]
    pub(crate) auth_rate: AuthLimit,
    /// How many feeds there may be.
    #[command(flatten)]
    pub(crate) feeds: FeedArgs,
    /// A directory of files of Project Fluent such as `de.ftl`: languages, and texts, that people are told things in beside
    /// or instead of the built-in ones.
    #[arg(long, env = "EVENTIFY_TEXTS", value_name = "DIR")]
    pub(crate) texts: Option<PathBuf>,
    /// How long history is kept.
    #[command(flatten)]
    pub(crate) keep: KeepArgs,
    /// How paid tickets are paid for.
    #[command(flatten)]
    pub(crate) payments: PaymentArgs,
    /// Whether other systems are told of facts.
    #[command(flatten)]
    pub(crate) webhooks: WebhookArgs,
    /// How it works with Postgres.
    #[command(flatten)]
    pub(crate) postgres: PostgresArgs,
    /// What lies between the service and its clients.
    #[command(flatten)]
    pub(crate) front: FrontArgs,
    /// Other systems that are told of what happens.
    #[command(flatten)]
    pub(crate) brokers: BrokerArgs,
    /// How people are reached outside of the app.
    #[command(flatten)]
    pub(crate) people: PeopleArgs,
}

/// How many feeds there may be.
#[derive(Debug, Clone, Args)]
pub(crate) struct FeedArgs {
    /// How many feeds of live notifications and sales may be open at once. Each has a connection: see
    /// --connections-max.
    #[arg(long, env = "EVENTIFY_FEEDS_MAX", value_name = "COUNT", default_value_t = 10_000,
          value_parser = clap::value_parser!(u32).range(0..=65_536))]
    pub(crate) feeds_max: u32,
    /// How many of them one person may have open.
    #[arg(long, env = "EVENTIFY_FEEDS_PER_PERSON_MAX", value_name = "COUNT", default_value_t = 32,
          value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) feeds_per_person_max: u32,
}

/// How long history is kept.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeepArgs {
    /// How many days people's notifications are kept.
    #[arg(long, env = "EVENTIFY_NOTIFICATIONS_KEPT_DAYS", value_name = "DAYS", default_value_t = 365,
          value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) notifications_kept_days: u32,
    /// How many days messages and facts that were given up are kept.
    #[arg(long, env = "EVENTIFY_DEAD_LETTERS_KEPT_DAYS", value_name = "DAYS", default_value_t = 90,
          value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) dead_letters_kept_days: u32,
    /// How many days the audit trail is kept; for ever if absent.
    #[arg(long, env = "EVENTIFY_AUDIT_KEPT_DAYS", value_name = "DAYS",
          value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) audit_kept_days: Option<u32>,
}

/// What lies between the service and its clients.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Behind a proxy, and in browsers")]
pub(crate) struct FrontArgs {
    /// How many proxies before the service append to X-Forwarded-For: what they say about a client's address is
    /// believed, and nothing else.
    #[arg(long, env = "EVENTIFY_PROXY_HOPS", value_name = "COUNT", default_value_t = 0,
          value_parser = clap::value_parser!(u8).range(0..=16))]
    pub(crate) proxy_hops: u8,
    /// An origin whose pages may call the API from a browser, as in https://example.org; may be repeated, or separated
    /// by commas. `*` is any.
    #[arg(long = "cors-origin", env = "EVENTIFY_CORS_ORIGINS", value_name = "ORIGIN", value_delimiter = ',')]
    pub(crate) cors_origins: Vec<String>,
    /// Tell browsers to come back by HTTPS only: where a proxy before the service speaks TLS.
    #[arg(long, env = "EVENTIFY_HSTS")]
    pub(crate) hsts: bool,
}

/// How often one client may try what is worth guessing at, if that is limited at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AuthLimit(pub(crate) Option<AuthRate>);

impl FromStr for AuthLimit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" {
            return Ok(Self(None));
        }
        let count = text.strip_suffix("/min").and_then(|count| count.parse().ok());
        let per_minute = count.ok_or("as in 3000/min, or off")?;
        Ok(Self(Some(AuthRate { per_minute, burst: per_minute })))
    }
}

/// What only the operator may do.
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Make an account an admin. The person registers first; their sessions end, so they log in again.
    #[command(after_help = "Example:\n  eventify admin promote --email ada@example.org")]
    Promote {
        /// The address that the account is registered with.
        #[arg(long)]
        email: String,
        /// Where the records are.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Sign tickets and access tokens with new keys from now on. What the old ones signed stays good.
    #[command(name = "rotate-keys", after_help = "Example:\n  eventify admin rotate-keys")]
    RotateKeys(StoreArgs),
}

/// What becomes of jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// Show jobs, one line each, at most 1,000: what waits to leave the house, or the dead letters with their last error.
    #[command(after_help = "Examples:\n  eventify jobs list\n  eventify jobs list --state delivering")]
    List {
        /// Which ones.
        #[arg(long, value_enum, default_value_t = Which::Dead)]
        state: Which,
        /// Where the records are.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Give dead letters another life.
    #[command(after_help = "\
Examples:
  eventify jobs retry 0191e3a0-7c1e-7b43-9d2a-8f0c6a5b4e3d
  eventify jobs retry --all")]
    Retry {
        /// Which one, by its id.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<JobId>,
        /// All of them, the oldest first, at most 1,000.
        #[arg(long)]
        all: bool,
        /// Where the records are.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Throw dead letters away that were to leave the house: messages and facts. What the engine itself gave up stays, to
    /// be retried, and so do disputes of money that nobody here knows, unless they are named.
    #[command(after_help = "\
Examples:
  eventify jobs purge --older-than-days 30
  eventify jobs purge --older-than-days 0 --work publish")]
    Purge {
        /// Only those that were given up longer ago than so many days.
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=36_500))]
        older_than_days: u32,
        /// Only those that were to do this: deliver, deliver_digest, deliver_token, publish or find_disputed.
        #[arg(long)]
        work: Option<String>,
        /// Where the records are.
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// Where the copy goes.
#[derive(Debug, Clone, Args)]
pub(crate) struct BackupArgs {
    /// The new file; nothing that is there is ever overwritten.
    pub(crate) file: PathBuf,
    /// Where the records are.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// What can be taken over.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Make an event of a published conference programme: frab/pentabarf schedule XML or JSON, or iCalendar.
    ///
    /// The event is a draft of the organizer, also when its dates have passed. Importing again updates the same event:
    /// the one named by --event, or otherwise the organizer's newest draft or published event of that title.
    #[command(after_help = "\
Examples:
  eventify import schedule schedule.xml --organizer ada@example.org
  eventify import schedule programme.ics --organizer ada@example.org --title 'Summer school' --city Almaty
  eventify import schedule schedule.json --organizer ada@example.org --event 0191e3a0-7c1e-7b43-9d2a-8f0c6a5b4e3d

Exit code 0: imported; what was left out or assumed is reported line by line. 1: nothing could be imported.")]
    Schedule(ImportScheduleArgs),
}

/// A programme and the event that it becomes.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImportScheduleArgs {
    /// The programme's file; `-` reads standard input.
    pub(crate) file: PathBuf,
    /// The e-mail address of the account that the event belongs to.
    #[arg(long, value_name = "EMAIL")]
    pub(crate) organizer: String,
    /// The event to bring up to date, instead of finding it by its title.
    #[arg(long, value_name = "ID")]
    pub(crate) event: Option<EventId>,
    /// The IANA time zone of the times in a file that names none, and of the event.
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<TimeZoneName>,
    /// The event's title, instead of the file's.
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The event's venue, instead of the file's.
    #[arg(long)]
    pub(crate) venue: Option<String>,
    /// The event's city, instead of the file's.
    #[arg(long)]
    pub(crate) city: Option<String>,
    /// Where the records are.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// What is written, and where.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExportArgs {
    /// The event's id.
    pub(crate) event: EventId,
    /// As iCalendar (RFC 5545).
    #[arg(long, required = true)]
    pub(crate) ics: bool,
    /// The file to write; standard output when it is absent.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Where the records are.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}
