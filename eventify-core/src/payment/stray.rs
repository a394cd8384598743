//! Disputes of money that no payment is known by, for those who see to payments.

use serde::{Deserialize, Serialize};

use super::Payments;
use super::port::{ChargeDispute, DisputeStatus};
use crate::actor::Actor;
use crate::error::Error;
use crate::id::JobId;
use crate::job::{Job, JobWork};
use crate::money::Money;
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::store::Index;
use crate::time::Timestamp;

/// What was said of a dispute whose money no payment is known by: somebody has to find out whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct StrayDispute {
    /// The job that keeps it: a retry looks for the money once more, and purging it is having seen to it.
    pub job_id: JobId,
    /// The provider's name.
    pub provider: String,
    /// The provider's name for the dispute: where evidence is handed in.
    pub reference: String,
    /// What the provider calls the movement of money that is disputed.
    pub transaction: String,
    /// How much is disputed.
    pub amount: Money,
    /// Why, in a word of the provider's.
    pub reason: Option<String>,
    /// How it stands.
    pub status: DisputeStatus,
    /// How much is taken because of it now.
    pub taken: Money,
    /// When it was heard of.
    pub created_at: Timestamp,
}

/// Pieces of the dead letters that are read for one page.
const PIECES_MAX: usize = 20;

impl Payments<'_> {
    /// The disputes of money that no payment is known by, though it was looked for, longest waiting first: for admins. The provider's account may
    /// have other uses. A page may have fewer than it could, or a few more where one movement of money is disputed more than once, and
    /// others behind it all the same.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `not_allowed`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn stray_disputes(
        &self,
        actor: &Actor,
        page: &PageRequest,
    ) -> Result<Listing<StrayDispute>, Error> {
        let actor = &*actor.within(Scope::Admin)?;
        actor.require_admin()?;
        let mut page = page.clone();
        let mut data = Vec::new();
        for _ in 0..PIECES_MAX {
            let found = self.engine.list::<Job>(Index::JobsDead, false, &page).await?;
            data.extend(found.data.iter().flat_map(|job| of(job)));
            page.cursor = found.next_cursor;
            if page.cursor.is_none() || !data.is_empty() {
                break;
            }
        }
        Ok(Listing { data, next_cursor: page.cursor })
    }
}

/// What was said last of each dispute that a job keeps.
fn of(job: &Job) -> Vec<StrayDispute> {
    let JobWork::FindDisputed { provider, reports } = &job.work else { return Vec::new() };
    let is_last = |(nth, news): &(usize, &ChargeDispute)| {
        !reports.iter().skip(nth + 1).any(|later| later.reference == news.reference)
    };
    let last = reports.iter().enumerate().filter(is_last).map(|(_, news)| news);
    let stray = |news: &ChargeDispute| StrayDispute {
        job_id: job.id,
        provider: provider.clone(),
        reference: news.reference.clone(),
        transaction: news.transaction.clone(),
        amount: news.amount,
        reason: news.reason.clone(),
        status: news.status,
        taken: news.taken,
        created_at: job.created_at,
    };
    last.map(stray).collect()
}
