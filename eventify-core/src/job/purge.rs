//! Throwing dead letters away that nobody will bring any more.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Jobs;
use super::model::{Job, JobState};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::eventify::of_kind;
use crate::id::JobId;
use crate::page::{self, PageRequest};
use crate::scope::Scope;
use crate::store::{Index, Key, Scan};
use crate::time::Timestamp;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// Dead letters that one commit deletes.
const CHUNK_MAX: usize = 200;
/// Pages of dead letters that one call looks at.
const PAGES_MAX: usize = 50;
const WORK_CHARS_MAX: usize = 40;
/// What can be thrown away.
const PURGED: [&str; 5] = ["deliver", "deliver_digest", "deliver_token", "publish", DISPUTED];
/// What is thrown away only where it is named.
const DISPUTED: &str = "find_disputed";

/// Which dead letters; without anything all of them. Only messages and facts that were to leave: what the engine itself has
/// to do, and money that is to go back, is retried, for something rests on it. Disputes of money that nobody here knows go where they are
/// named: whoever does that has seen to them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct PurgeJobs {
    /// What they were to do: `deliver`, `deliver_digest`, `deliver_token` or `publish`; or `find_disputed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub work: Option<String>,
    /// Those that were given up before this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub before: Option<Timestamp>,
    /// The `next_cursor` of the answer before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub cursor: Option<String>,
}

/// What was thrown away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Purged {
    /// How many dead letters.
    pub purged: u64,
    /// Where to go on, when there are more behind those that were looked at.
    pub next_cursor: Option<String>,
}

impl Jobs<'_> {
    /// Throws away dead letters that were to leave the house: the oldest ones first, a bounded number of them. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `invalid_value` (work), `malformed` (cursor).
    pub async fn purge(&self, actor: &Actor, request: PurgeJobs) -> Result<Purged, Error> {
        let actor = &*actor.within(Scope::Admin)?;
        actor.require_admin()?;
        let mut check = Check::new();
        if let Some(work) = &request.work {
            check.length("work", work, WORK_CHARS_MAX);
            let sentence = "must be deliver, deliver_digest, deliver_token, publish or find_disputed";
            check.require(PURGED.contains(&work.as_str()), "work", sentence);
        }
        check.finish()?;
        let keyring = self.engine.core().keyring();
        let from = PageRequest { cursor: request.cursor.clone(), ..PageRequest::default() };
        let mut scan = Scan { limit: CHUNK_MAX, ..page::scan(Index::JobsDead, false, &from, &keyring)? };
        let mut done = Purged::default();
        for _ in 0..PAGES_MAX {
            let found = self.engine.core().store.scan(&scan).await?;
            let covered = of_kind::<Job>(&found.items).filter(|job| request.covers(job));
            let ids: Vec<JobId> = covered.map(|job| job.id).collect();
            if !ids.is_empty() {
                let command = Purge { actor: actor.clone(), request: request.clone(), ids };
                done.purged += self.engine.executor.decide(command).await?;
            }
            scan.after = found.next;
            if scan.after.is_none() {
                return Ok(done);
            }
        }
        done.next_cursor = scan.after.as_ref().map(|position| page::cursor(position, &scan, &keyring));
        Ok(done)
    }
}

impl PurgeJobs {
    fn covers(&self, job: &Job) -> bool {
        let JobState::Dead { at } = job.state else { return false };
        let name = job.work.name();
        let wanted = match &self.work {
            Some(work) => work == name,
            None => name != DISPUTED,
        };
        wanted && PURGED.contains(&name) && self.before.is_none_or(|before| at < before)
    }
}

struct Purge {
    actor: Actor,
    request: PurgeJobs,
    ids: Vec<JobId>,
}

impl Command for Purge {
    /// How many were still there, and dead.
    type Reply = u64;
    const NAME: &'static str = "purge_jobs";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend(self.ids.iter().copied().map(Key::Job));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<u64> {
        self.actor.require_admin()?;
        let mut purged = 0;
        for id in &self.ids {
            if work.find::<Job>(id)?.is_some_and(|job| self.request.covers(&job)) {
                work.delete::<Job>(id);
                purged += 1;
            }
        }
        if purged > 0 {
            audit::record(work, cx, &self.actor, &audit::Act::new("jobs.purged", "jobs", purged));
        }
        Ok(purged)
    }
}
