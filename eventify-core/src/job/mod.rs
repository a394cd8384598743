//! Jobs: everything that must happen later, as records that are written with what makes it necessary.
//!
//! A worker in the background does them; a host that may have none calls [`Jobs::run_due`] itself:
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use std::time::Duration;
//! use eventify_core::booking::{BookingStatus, HoldTickets};
//! use eventify_core::{Actor, Eventify, PageRequest, Role, Settings, store::MemoryStore};
//!
//! let mut settings = Settings::default();
//! settings.hold_for = Duration::ZERO; // every hold runs out at once
//! let builder = Eventify::builder(MemoryStore::new()).settings(settings).without_worker();
//! let eventify = builder.start().await?;
//! # use eventify_core::{Clock, SystemClock, event::CreateEvent, ticket_type::CreateTicketType};
//! # let start = SystemClock.now().plus(std::time::Duration::from_secs(7 * 86_400));
//! # let draft = CreateEvent {
//! #     title: Some("Spring concert".into()),
//! #     starts_at: Some(start),
//! #     ends_at: Some(start.plus(std::time::Duration::from_secs(7_200))),
//! #     ..CreateEvent::default()
//! # };
//! # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! # let event_id = eventify.events().create(&organizer, draft).await?.id;
//! # let stalls = CreateTicketType { name: "Stalls".into(), price: None, quantity: 120, ..Default::default() };
//! # let stalls = eventify.ticket_types().create(&organizer, event_id, stalls).await?;
//! # eventify.events().publish(&organizer, event_id).await?;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! let two = HoldTickets::only(event_id, 2);
//! let held = eventify.bookings().hold(&bob, two).await?;
//! assert_eq!(held.status, BookingStatus::Held); // the job to end it was written with it
//!
//! while eventify.jobs().run_due().await? > 0 {}
//! assert_eq!(eventify.bookings().get(&bob, held.id).await?.status, BookingStatus::Expired);
//! let dead = eventify.jobs().dead(&Actor::system(), &PageRequest::default()).await?;
//! assert!(dead.data.is_empty()); // nothing was given up
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod absence;
mod backlog;
mod claims;
mod crowds;
mod errand;
mod lease;
mod line;
mod model;
mod personal;
mod purge;
mod run;
mod settle;
mod step;
mod sweep;
mod tally;
mod webhooks;
mod worker;

pub(crate) use absence::Absences;
pub use backlog::{Backlog, DueCount};
pub(crate) use claims::Claims;
pub use line::JobLine;
pub use model::{Job, JobClass, JobState, JobView, JobWork, Sweep, Telling};
pub(crate) use personal::PERSONAL;
pub use purge::{PurgeJobs, Purged};
pub(crate) use settle::{chance, pause};
pub(crate) use tally::Tally;
pub use tally::{DeliveryCount, Way};
pub(crate) use worker::Worker;

use crate::actor::Actor;
use crate::context::Context;
use crate::error::Error;
use crate::eventify::Engine;
use crate::id::JobId;
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
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
    /// The jobs of a class that wait or run, by when they are due. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `malformed` (cursor).
    pub async fn waiting(
        &self,
        actor: &Actor,
        class: JobClass,
        page: &PageRequest,
    ) -> Result<Listing<JobView>, Error> {
        self.of(actor, Index::JobsDue(class), page).await
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
        let actor = &*actor.within(Scope::Admin)?;
        actor.require_admin()?;
        let command = settle::RetryJob { actor: actor.clone(), job_id };
        self.engine.executor.decide(command).await.map(|job| JobView::from(&job))
    }

    /// How deliveries went in this process since it started, by channel and publisher.
    #[must_use]
    pub fn deliveries(&self) -> std::collections::BTreeMap<Way, DeliveryCount> {
        self.engine.tally.read()
    }

    async fn of(&self, actor: &Actor, index: Index, page: &PageRequest) -> Result<Listing<JobView>, Error> {
        let actor = &*actor.within(Scope::Admin)?;
        actor.require_admin()?;
        Ok(self.engine.list::<Job>(index, false, page).await?.map(|job| JobView::from(&*job)))
    }
}
