//! What waits, what was given up, and what becomes of that.

use std::collections::BTreeSet;
use std::time::Duration;

use eventify_core::job::{JobClass, JobView, PurgeJobs};
use eventify_core::{Actor, Eventify, JobId, PageRequest, Reason};
use serde::{Deserialize, Serialize};

use super::exit::Failure;
use super::out::{Out, inline};

/// Jobs that `list` shows at most.
const SHOWN_MAX: usize = 1_000;

/// Which jobs are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Which {
    /// Those of the engine itself that wait or run.
    Waiting,
    /// Messages and facts on their way out.
    Delivering,
    /// Facts on their way to webhooks.
    Webhooks,
    /// The dead letters.
    Dead,
}

/// One line per job, then how many there were.
pub(crate) async fn list(eventify: &Eventify, which: Which, out: &dyn Out) -> Result<(), Failure> {
    let jobs = eventify.jobs();
    let actor = Actor::system();
    let (mut page, mut shown) = (PageRequest::first(100), 0);
    loop {
        let found = match which {
            Which::Waiting => jobs.waiting(&actor, JobClass::Inside, &page).await?,
            Which::Delivering => jobs.waiting(&actor, JobClass::Outside, &page).await?,
            Which::Webhooks => jobs.waiting(&actor, JobClass::Webhook, &page).await?,
            Which::Dead => jobs.dead(&actor, &page).await?,
        };
        found.data.iter().for_each(|job| out.line(&line(job)));
        shown += found.data.len();
        match found.next_cursor {
            Some(cursor) if shown < SHOWN_MAX => page.cursor = Some(cursor),
            more => {
                let behind = if more.is_some() { ", and more" } else { "" };
                out.note(&format!("{shown} jobs{behind}"));
                return Ok(());
            }
        }
    }
}

fn line(job: &JobView) -> String {
    let error =
        job.last_error.as_deref().map_or_else(String::new, |error| format!(" error={:?}", inline(error)));
    format!(
        "{} work={} state={} due_at={} attempts={}{error}",
        job.id, job.work, job.state, job.due_at, job.attempts
    )
}

/// Gives a dead letter another life, or each of them.
pub(crate) async fn retry(eventify: &Eventify, id: Option<JobId>, out: &dyn Out) -> Result<(), Failure> {
    let jobs = eventify.jobs();
    let actor = Actor::system();
    if let Some(id) = id {
        let job = jobs.retry(&actor, id).await?;
        out.line(&line(&job));
        return Ok(());
    }
    // What is given up again meanwhile comes behind the others, and is not tried a second time.
    let (mut page, mut seen, mut retried) = (PageRequest::first(100), BTreeSet::new(), 0);
    loop {
        let found = jobs.dead(&actor, &page).await?;
        let new: Vec<JobId> = found.data.iter().map(|job| job.id).filter(|id| seen.insert(*id)).collect();
        for id in &new {
            match jobs.retry(&actor, *id).await {
                Ok(_) => retried += 1,
                // Somebody else was faster.
                Err(error) if matches!(error.reason(), Reason::JobNotFound | Reason::JobNotDead) => {}
                Err(error) => return Err(error.into()),
            }
        }
        match found.next_cursor.filter(|_| !new.is_empty()) {
            Some(cursor) => page.cursor = Some(cursor),
            None => break,
        }
    }
    out.line(&format!("retried={retried}"));
    Ok(())
}

/// Throws dead letters away that were to leave the house.
pub(crate) async fn purge(
    eventify: &Eventify,
    work: Option<String>,
    older_than_days: u32,
    out: &dyn Out,
) -> Result<(), Failure> {
    let now = eventify_core::Clock::now(&eventify_core::SystemClock);
    let before = now.minus(Duration::from_secs(u64::from(older_than_days) * 24 * 3600));
    let mut request = PurgeJobs { work, before: Some(before), cursor: None };
    let mut purged = 0;
    loop {
        let done = eventify.jobs().purge(&Actor::system(), request.clone()).await?;
        purged += done.purged;
        request.cursor = done.next_cursor;
        if request.cursor.is_none() {
            break;
        }
    }
    out.line(&format!("purged={purged}"));
    Ok(())
}
