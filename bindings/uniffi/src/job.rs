//! What happens later, and what was given up.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::job::{JobClass, JobView, PurgeJobs, Purged};
use eventify_core::{JobId, PageRequest};

use crate::actor::Actor;
use crate::page::JobPage;
use crate::shared::Shared;

/// What happens later, and what was given up.
#[derive(Debug, uniffi::Object)]
pub struct Jobs(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Jobs {
    /// The jobs of a class that wait or run, by when they are due. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn waiting(
        &self,
        actor: &Actor,
        class: JobClass,
        page: PageRequest,
    ) -> Result<JobPage, Refusal> {
        Ok(self.0.engine()?.jobs().waiting(actor, class, &page).await?.into())
    }

    /// The dead letters, oldest first. For admins.
    ///
    /// # Errors
    /// As `Jobs::waiting`.
    #[uniffi::method(default(page))]
    pub async fn dead(&self, actor: &Actor, page: PageRequest) -> Result<JobPage, Refusal> {
        Ok(self.0.engine()?.jobs().dead(actor, &page).await?.into())
    }

    /// Gives a dead letter another life. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `job_not_found`, `job_not_dead`.
    pub async fn retry(&self, actor: &Actor, job_id: JobId) -> Result<JobView, Refusal> {
        Ok(self.0.engine()?.jobs().retry(actor, job_id).await?)
    }

    /// Deletes records whose use is over, and gives up what has been due for a day and nobody serves, a bounded number of them.
    /// Says whether there may be more.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn sweep(&self) -> Result<bool, Refusal> {
        Ok(self.0.engine()?.jobs().sweep().await?)
    }

    /// Does every job that is due now, a bounded number of them, and says how many it saw to. Call it until it
    /// answers 0 to have nothing due left.
    ///
    /// # Errors
    /// `store_unavailable` when the jobs cannot be looked up; a job's own failure is written on the job.
    pub async fn run_due(&self) -> Result<u64, Refusal> {
        Ok(u64::try_from(self.0.engine()?.jobs().run_due().await?).unwrap_or(u64::MAX))
    }

    /// Throws away dead letters that were to leave the house: the oldest ones first, a bounded number of them. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `invalid_value` (work), `malformed` (cursor).
    pub async fn purge(&self, actor: &Actor, request: PurgeJobs) -> Result<Purged, Refusal> {
        Ok(self.0.engine()?.jobs().purge(actor, request).await?)
    }
}
