//! What an operator asks for besides the service itself, wherever it is carried out.

use std::path::PathBuf;

use eventify_core::{EventId, Eventify, JobId};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::args::PostgresArgs;
use super::exit::Failure;
use super::import::ScheduleFile;
use super::out::Out;
use super::store::{Missing, NotOpen, OpenStore};
use super::store_url::StoreUrl;
use super::{admin, control, demo, export, import, jobs, keep, payments, store};

/// Something to be done with a store. It travels to a running service as JSON.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// Fill in the demo season.
    Demo {
        /// The demo accounts' password; made of the store's keys when it is absent.
        password: Option<String>,
    },
    /// Make an account an admin.
    Promote {
        /// Its address.
        email: String,
    },
    /// Sign with new keys.
    RotateKeys,
    /// Show jobs.
    ListJobs {
        /// Which ones.
        state: jobs::Which,
    },
    /// Give dead letters another life.
    RetryJobs {
        /// This one, or all of them.
        id: Option<JobId>,
    },
    /// Throw dead letters away.
    PurgeJobs {
        /// Given up longer ago than so many days.
        older_than_days: u32,
        /// What they were to do.
        work: Option<String>,
    },
    /// Show the payments that somebody has to look at.
    ListAttention,
    /// Copy the store.
    Backup {
        /// To this new file; an absolute path.
        file: PathBuf,
    },
    /// Make the file small.
    Compact,
    /// Look whether everything is as it should be.
    Check,
    /// Take a programme over.
    ImportSchedule(Box<ScheduleFile>),
    /// Write an event as a calendar.
    ExportIcs {
        /// The event.
        event: EventId,
    },
}

impl std::fmt::Debug for Task {
    /// Only what it is: passwords and addresses stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Task {
    /// What it is, for logs.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Demo { .. } => "demo",
            Self::Promote { .. } => "promote",
            Self::RotateKeys => "rotate_keys",
            Self::ListJobs { .. } => "list_jobs",
            Self::RetryJobs { .. } => "retry_jobs",
            Self::PurgeJobs { .. } => "purge_jobs",
            Self::ListAttention => "list_attention",
            Self::Backup { .. } => "backup",
            Self::Compact => "compact",
            Self::Check => "check",
            Self::ImportSchedule(_) => "import_schedule",
            Self::ExportIcs { .. } => "export_ics",
        }
    }

    /// Carries it out. What it answers besides its words is a text, such as a calendar.
    pub(crate) async fn run(&self, office: &Office, out: &dyn Out) -> Result<Option<String>, Failure> {
        match self {
            Self::Demo { password } => demo::fill(&office.store, password.as_deref(), out).await?,
            Self::Promote { email } => admin::promote(office.engine().await?, email, out).await?,
            Self::RotateKeys => admin::rotate_keys(office.engine().await?, out).await?,
            Self::ListJobs { state } => jobs::list(office.engine().await?, *state, out).await?,
            Self::RetryJobs { id } => jobs::retry(office.engine().await?, *id, out).await?,
            Self::PurgeJobs { older_than_days, work } => {
                jobs::purge(office.engine().await?, work.clone(), *older_than_days, out).await?;
            }
            Self::ListAttention => payments::attention(office.engine().await?, out).await?,
            Self::Backup { file } => keep::backup(&office.store, file, out).await?,
            Self::Compact => keep::compact(&office.store, out).await?,
            Self::Check => keep::check(office, out).await?,
            Self::ImportSchedule(file) => import::import(office, file, out).await?,
            Self::ExportIcs { event } => {
                return export::ics(office.engine().await?, *event).await.map(Some);
            }
        }
        Ok(None)
    }
}

/// A store and the engine over it, which is only started when it is needed: looking at a store must not write to it.
#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) store: OpenStore,
    engine: OnceCell<Eventify>,
    /// Whether others use the store while a task runs.
    pub(crate) is_serving: bool,
}

impl Office {
    /// Of a store that only this command uses.
    pub(crate) fn of(store: OpenStore) -> Self {
        Self { store, engine: OnceCell::new(), is_serving: false }
    }

    /// Of a running service.
    pub(crate) fn serving(store: OpenStore, engine: Eventify) -> Self {
        Self { store, engine: OnceCell::new_with(Some(engine)), is_serving: true }
    }

    pub(crate) async fn engine(&self) -> Result<&Eventify, Failure> {
        let start = async || {
            let builder = Eventify::builder_over(self.store.records.clone());
            builder.without_worker().start().await
        };
        Ok(self.engine.get_or_try_init(start).await?)
    }

    async fn close(self) {
        if let Some(engine) = self.engine.into_inner() {
            engine.shut_down().await;
        }
        self.store.close().await;
    }
}

/// Has a task done: here, or by the service that has the store open.
pub(crate) async fn perform(
    url: &StoreUrl,
    missing: Missing,
    task: &Task,
    out: &dyn Out,
) -> Result<Option<String>, Failure> {
    match store::open(url, missing, &PostgresArgs::for_commands(false)).await {
        Ok(opened) => {
            let office = Office::of(opened);
            let done = task.run(&office, out).await;
            office.close().await;
            done
        }
        Err(NotOpen::InUse(failure)) => match control::ask(url, task, out).await {
            Some(answer) => answer,
            None => Err(failure),
        },
        Err(NotOpen::Failed(failure)) => Err(failure),
    }
}
