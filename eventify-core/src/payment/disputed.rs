//! Disputes of money that no payment here is known by yet: kept, looked for, and left to people where none is found.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::callback::{look, payment_of};
use super::dispute::TakeDispute;
use super::model::{DISPUTES_MAX, Payment};
use super::port::{Charge, ChargeDispute, ChargeStatus, PaymentProvider};
use super::{After, Deaf};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::eventify::{Engine, of_kind};
use crate::id::{JobId, derived_uuid};
use crate::job::{self, Job, JobState, JobWork};
use crate::store::{Index, Key, Scan};
use crate::work::{Decision, Work};

/// When it is looked for the first time.
const PAUSE: Duration = Duration::from_secs(30);
/// Reports that are kept of one movement of money: each dispute says nine different things at most.
const REPORTS_MAX: usize = 9 * DISPUTES_MAX;

/// What was found of the money that a dispute is about.
enum Found {
    /// It is in the books.
    Taken,
    /// Its payment is there, and nobody knows yet that its money came.
    Unpaid,
    /// Nobody here knows it: the provider's account may have other uses.
    Nobodys,
}

/// The job that looks for a movement of money by the provider's name for it: who learns that name finds the job.
pub(crate) fn job_id(provider: &str, transaction: &str) -> JobId {
    JobId::from_uuid(derived_uuid(&[b"disputed", provider.as_bytes(), transaction.as_bytes()]))
}

/// Takes in what a provider says of a dispute, or keeps it until its money is known.
pub(super) async fn heard(
    engine: &Engine,
    provider: &dyn PaymentProvider,
    news: ChargeDispute,
) -> Result<(), Deaf> {
    let mut found = take(engine, provider, &news).await?;
    if matches!(found, Found::Nobodys) {
        let keep = Keep { provider: provider.name().to_owned(), news: news.clone() };
        if !engine.executor.decide(keep).await? {
            return Err(Deaf::Refused("too much is said of a dispute whose money is not known".to_owned()));
        }
        tracing::warn!(
            provider = provider.name(),
            dispute = news.reference,
            "a dispute of money that no payment is known by"
        );
        // Who found out meanwhile may have looked for the job before it was there.
        found = take(engine, provider, &news).await?;
    }
    match found {
        Found::Taken | Found::Nobodys => Ok(()),
        Found::Unpaid => Err(Deaf::Later(UNPAID.to_owned())),
    }
}

const UNPAID: &str = "the money that is disputed is not known yet";

/// Takes in what is known of a dispute if its money is.
async fn take(engine: &Engine, provider: &dyn PaymentProvider, news: &ChargeDispute) -> Result<Found, Deaf> {
    let Some(mut seen) = of_transaction(engine, provider.name(), &news.transaction).await? else {
        return Ok(Found::Nobodys);
    };
    if seen.state.received().is_none() {
        // It came before the money that it is about: how that stands is asked first.
        look(engine, provider, &seen).await?;
        seen = Arc::new(payment_of(engine, provider, seen.id).await?);
    }
    if seen.state.received().is_none() {
        return Ok(Found::Unpaid);
    }
    engine.executor.decide(TakeDispute { seen: (*seen).clone(), news: news.clone() }).await?;
    Ok(Found::Taken)
}

/// The payment that a provider's name for its money is known of.
pub(super) async fn of_transaction(
    engine: &Engine,
    provider: &str,
    transaction: &str,
) -> Result<Option<Arc<Payment>>, Error> {
    let index = Index::PaymentsOfTransaction(provider.to_owned(), transaction.to_owned());
    let found = engine.core().store.scan(&Scan::first(index, 1)).await?;
    Ok(of_kind::<Payment>(&found.items).next().cloned())
}

/// Looks for the money that was disputed, and takes in all that was said of it, as it came.
pub(super) async fn find(
    engine: &Engine,
    (id, provider): (JobId, &str),
    reports: &[ChargeDispute],
) -> Result<After, Error> {
    let Some(provider) = engine.core().providers.find(provider) else {
        return Ok(After::Failed("the provider is not attached".to_owned()));
    };
    for news in reports {
        match take(engine, &**provider, news).await {
            Ok(Found::Taken) => {}
            Ok(Found::Unpaid) => return Ok(After::Failed(UNPAID.to_owned())),
            Ok(Found::Nobodys) => return Ok(After::Failed(nobodys(provider.name(), reports))),
            Err(deaf) => return Ok(After::Failed(deaf.why().to_owned())),
        }
    }
    let told = Told { id, count: reports.len() };
    // Where more was said meanwhile, the job is another one by now.
    Ok(if engine.executor.decide(told).await? { After::Done } else { After::Again(PAUSE, None) })
}

fn nobodys(provider: &str, reports: &[ChargeDispute]) -> String {
    let Some(last) = reports.last() else { return String::new() };
    let ChargeDispute { reference, transaction, amount, status, .. } = last;
    format!(
        "no payment is known by {transaction} of {provider}, of which {amount} are disputed: {reference}, {status:?}"
    )
}

/// What [`wake`] reads when a charge is reported, as far as it is known.
pub(super) fn reads(seen: &Payment, charge: &Charge) -> Option<Key> {
    let is_news = seen.state.received().is_none() || seen.transaction != charge.transaction;
    let is_paid = charge.status == ChargeStatus::Succeeded;
    let transaction = charge.transaction.as_ref().filter(|_| is_news && is_paid)?;
    Some(Key::Job(job_id(&seen.provider, transaction)))
}

/// Has money looked for at once that was disputed before it was known here.
pub(super) fn wake(work: &mut Work, cx: &Context<'_>, payment: &Payment) -> Decision<()> {
    let Some(transaction) = &payment.transaction else { return Ok(()) };
    if let Some(job) = work.find::<Job>(&job_id(&payment.provider, transaction))? {
        work.put(Job { state: JobState::Waiting, attempts: 0, due_at: cx.now, ..(*job).clone() });
    }
    Ok(())
}

/// Keeps what is said of a dispute whose money nobody knows.
struct Keep {
    provider: String,
    news: ChargeDispute,
}

impl Command for Keep {
    /// Whether there was room.
    type Reply = bool;
    const NAME: &'static str = "keep_dispute";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Job(job_id(&self.provider, &self.news.transaction)));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<bool> {
        let id = job_id(&self.provider, &self.news.transaction);
        let known = work.find::<Job>(&id)?;
        let mut reports = match known.as_deref().map(|job| &job.work) {
            Some(JobWork::FindDisputed { reports, .. }) => reports.clone(),
            _ => Vec::new(),
        };
        if reports.contains(&self.news) {
            return Ok(true);
        }
        if reports.len() >= REPORTS_MAX {
            return Ok(false);
        }
        reports.push(self.news.clone());
        let what = JobWork::FindDisputed { provider: self.provider.clone(), reports };
        job::schedule(work, cx, id, what, cx.now.plus(PAUSE));
        audit::record(work, cx, &Actor::system(), &audit::Act::new("dispute.kept", "job", id));
        Ok(true)
    }
}

/// All that was kept is in the books.
struct Told {
    id: JobId,
    /// So much of it.
    count: usize,
}

impl Command for Told {
    /// Whether that was all.
    type Reply = bool;
    const NAME: &'static str = "forget_dispute";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Job(self.id));
    }

    fn run(&self, work: &mut Work, _: &Context<'_>) -> Decision<bool> {
        let Some(job) = work.find::<Job>(&self.id)? else { return Ok(true) };
        let is_all =
            matches!(&job.work, JobWork::FindDisputed { reports, .. } if reports.len() == self.count);
        if is_all {
            work.delete::<Job>(&self.id);
        }
        Ok(is_all)
    }
}
