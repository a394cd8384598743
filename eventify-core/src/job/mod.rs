//! Jobs: everything that must happen later, as records that are written with what makes it necessary.

mod model;
mod run;
mod sweep;
mod worker;

pub use model::{Job, JobState, JobView, JobWork};
pub(crate) use worker::Worker;

use crate::actor::Actor;
use crate::context::Context;
use crate::error::Error;
use crate::eventify::Engine;
use crate::id::JobId;
use crate::page::{Listing, PageRequest};
use crate::store::Index;
use crate::time::Timestamp;
use crate::work::Work;

/// Writes a job under an id that no job has had before.
pub(crate) fn schedule(work: &mut Work, cx: &Context<'_>, id: JobId, what: JobWork, due_at: Timestamp) {
    work.put(Job {
        id,
        work: what,
        due_at,
        attempts: 0,
        state: JobState::Waiting,
        last_error: None,
        created_at: cx.now,
    });
}

/// What can be done with jobs. From [`Eventify::jobs`](crate::Eventify::jobs).
#[derive(Debug, Clone, Copy)]
pub struct Jobs<'a> {
    pub(crate) engine: &'a Engine,
}

impl Jobs<'_> {
    /// The jobs that wait or run, by when they are due. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `malformed` (cursor).
    pub async fn waiting(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<JobView>, Error> {
        self.of(actor, Index::JobsDue, page).await
    }

    /// The dead letters, oldest first. For admins.
    ///
    /// # Errors
    /// As [`Jobs::waiting`].
    pub async fn dead(&self, actor: &Actor, page: &PageRequest) -> Result<Listing<JobView>, Error> {
        self.of(actor, Index::JobsDead, page).await
    }

    /// Gives a dead letter another life. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `job_not_found`, `job_not_dead`.
    pub async fn retry(&self, actor: &Actor, job_id: JobId) -> Result<JobView, Error> {
        actor.require_admin()?;
        let command = run::RetryJob { actor: actor.clone(), job_id };
        self.engine.executor.decide(command).await.map(|job| JobView::from(&job))
    }

    async fn of(&self, actor: &Actor, index: Index, page: &PageRequest) -> Result<Listing<JobView>, Error> {
        actor.require_admin()?;
        Ok(self.engine.list::<Job>(index, false, page).await?.map(|job| JobView::from(&*job)))
    }
}
