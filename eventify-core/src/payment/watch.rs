//! Looking after payments of which nobody calls back: the provider is asked, with growing pauses, until the money came or
//! cannot come any more.

use std::time::Duration;

use super::After;
use super::model::{Payment, PaymentState};
use super::port::{ChargeKey, ProviderError};
use super::providers::{ask, sound, words};
use super::settle::{Report, Settle};
use super::start::create;
use crate::context::Context;
use crate::error::Error;
use crate::eventify::Engine;
use crate::id::{JobId, PaymentId};
use crate::job::{self, Job, JobWork};
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// The pauses grow with the payment's age from here …
const PAUSE_MIN: Duration = Duration::from_secs(30);
/// … up to here.
const PAUSE_MAX: Duration = Duration::from_secs(6 * 3600);

/// The job that looks after a payment has the payment's id.
pub(crate) const fn job_id(id: PaymentId) -> JobId {
    JobId::from_uuid(id.uuid())
}

/// Has somebody look after a payment that is begun.
pub(super) fn begin(work: &mut Work, cx: &Context<'_>, payment: &Payment) {
    let what = JobWork::WatchPayment { payment_id: payment.id, event_id: payment.event_id };
    job::schedule(work, cx, job_id(payment.id), what, cx.now.plus(PAUSE_MIN));
}

/// Nobody has to look after it any more.
pub(super) fn stop(work: &mut Work, id: PaymentId) -> Decision<()> {
    if work.find::<Job>(&job_id(id))?.is_some() {
        work.delete::<Job>(&job_id(id));
    }
    Ok(())
}

/// Asks how a payment stands, begins it where that was left undone, and says when to look again.
pub(super) async fn look(engine: &Engine, id: PaymentId) -> Result<After, Error> {
    let core = engine.core();
    let Some(payment) = engine.load::<Payment>(&id).await? else { return Ok(After::Done) };
    let patience = core.settings.job_lease_for / 3;
    let asked = learn(engine, &payment, patience).await?;
    let error = asked.err().map(|error| words(&error.to_string()));
    let now = core.clock.now();
    if payment.state.is_open() && payment.expires_at <= now {
        engine.executor.decide(Settle::new(&payment, Report::Lapsed(error.clone()))).await?;
    }
    let watched_until = payment.expires_at.plus(core.settings.late_money_for);
    let came = engine.load::<Payment>(&id).await?.is_none_or(|p| p.state.received().is_some());
    let by_hand_and_over = payment.by_hand && payment.expires_at <= now;
    if came || by_hand_and_over || watched_until <= now {
        return Ok(After::Done);
    }
    Ok(After::Again(pause(&payment, now), error))
}

async fn learn(
    engine: &Engine,
    payment: &Payment,
    patience: Duration,
) -> Result<Result<(), ProviderError>, Error> {
    let core = engine.core();
    let now = core.clock.now();
    let is_new = payment.state == PaymentState::Created && payment.reference.is_none();
    if is_new && now < payment.expires_at {
        return create(engine, payment, patience).await;
    }
    if payment.by_hand || payment.state.received().is_some() {
        return Ok(Ok(()));
    }
    let Some(provider) = core.providers.find(&payment.provider) else {
        return Ok(Err(ProviderError::Unreachable("the provider is not attached".to_owned())));
    };
    let key = ChargeKey { payment_id: payment.id, reference: payment.reference.clone() };
    match ask(provider.status(&key), patience).await.and_then(sound) {
        Ok(charge) => {
            engine.executor.decide(Settle::new(payment, Report::Charge(charge))).await?;
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// Half of its age, within bounds, and once when its time is over.
fn pause(payment: &Payment, now: Timestamp) -> Duration {
    let grown = (now.since(payment.created_at) / 2).clamp(PAUSE_MIN, PAUSE_MAX);
    let left = payment.expires_at.since(now);
    if payment.expires_at > now { grown.min(left) } else { grown }
}
