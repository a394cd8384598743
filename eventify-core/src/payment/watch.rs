//! Looking after payments of which nobody calls back: the provider is asked, with growing pauses, until the money came or
//! cannot come any more.

use std::time::Duration;

use tokio::time::Instant;

use super::After;
use super::model::{Attention, Payment, Refund, RefundState};
use super::places::Entry;
use super::port::{ChargeKey, ProviderError};
use super::providers::{ask, sound, words};
use super::settle::{Heard, Report, Settle};
use super::start::create;
use crate::command::Command;
use crate::context::Context;
use crate::error::Error;
use crate::eventify::Engine;
use crate::id::{JobId, PaymentId};
use crate::job::{self, Job, JobWork};
use crate::store::Key;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// The pauses grow with the payment's age from here …
const PAUSE_MIN: Duration = Duration::from_secs(30);
/// … up to here.
const PAUSE_MAX: Duration = Duration::from_secs(6 * 3600);
/// Money that came is looked at for so long, where the provider does not tell what goes back: a payer may dispute it for about four months.
const WENT_BACK_MAX: Duration = Duration::from_secs(120 * 86_400);
/// The first pause of those; each is as long as all before together.
const WENT_BACK_PAUSE: Duration = Duration::from_secs(86_400);
/// How the sentence begins for which somebody has to look at a payment that the provider says nothing of …
const UNHEARD: &str = "nobody knows how it stands";
/// … and at one whose refund it accepted long ago.
const UNARRIVED: &str = "nobody knows whether the refund of";

/// The job that looks after a payment has the payment's id.
pub(crate) const fn job_id(id: PaymentId) -> JobId {
    JobId::from_uuid(id.uuid())
}

/// Has somebody look after a payment that is begun: nobody does yet.
pub(super) fn begin(work: &mut Work, cx: &Context<'_>, payment: &Payment) {
    schedule(work, cx, payment, PAUSE_MIN);
}

fn schedule(work: &mut Work, cx: &Context<'_>, payment: &Payment, pause: Duration) {
    let what = JobWork::WatchPayment { payment_id: payment.id, event_id: payment.event_id };
    job::schedule(work, cx, job_id(payment.id), what, cx.now.plus(pause));
}

/// Has somebody look after a payment soon, whether or not somebody does already.
pub(super) fn begin_anew(work: &mut Work, cx: &Context<'_>, payment: &Payment) -> Decision<()> {
    begin_after(work, cx, payment, PAUSE_MIN)
}

/// The same after a while.
pub(super) fn begin_after(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &Payment,
    pause: Duration,
) -> Decision<()> {
    // A job that is there and was not read would be in the way of the commit.
    work.need([Key::Job(job_id(payment.id))])?;
    schedule(work, cx, payment, pause);
    Ok(())
}

/// Nobody has to look after it any more.
pub(super) fn stop(work: &mut Work, id: PaymentId) -> Decision<()> {
    if work.find::<Job>(&job_id(id))?.is_some() {
        work.delete::<Job>(&job_id(id));
    }
    Ok(())
}

/// How long one errand waits for a provider that hangs, in all its calls: less than an errand may take, so that what hangs uses up no attempts.
pub(super) struct Patience {
    begun: Instant,
    lease_for: Duration,
}

impl Patience {
    /// For an errand that begins now.
    pub(super) fn begin(engine: &Engine) -> Self {
        Self { begun: Instant::now(), lease_for: engine.core().settings.job_lease_for }
    }

    /// For the next call: a third of the lease, and what is left of nine twentieths for all. An errand has half.
    pub(super) fn left(&self) -> Duration {
        let left = (self.lease_for * 9 / 20).saturating_sub(self.begun.elapsed());
        left.min(self.lease_for / 3)
    }
}

/// Asks how a payment stands, begins it where that was left undone, and says when to look again.
pub(super) async fn look(engine: &Engine, id: PaymentId) -> Result<After, Error> {
    let core = engine.core();
    let Some(payment) = engine.load::<Payment>(&id).await? else { return Ok(After::Done) };
    let patience = Patience::begin(engine);
    let asked = learn(engine, &payment, patience.left()).await?.err();
    let now = core.clock.now();
    let lapses = payment.state.is_open() && payment.expires_at <= now;
    if lapses {
        let error = asked.as_ref().map(|error| words(&error.to_string()));
        engine.executor.decide(Settle::new(&payment, Report::Lapsed(error))).await?;
    }
    let watched_until = payment.expires_at.plus(core.settings.late_money_for);
    let Some(payment) = engine.load::<Payment>(&id).await? else { return Ok(After::Done) };
    let asked = match asked {
        None => release(engine, &payment, (&payment.charge_key(), patience.left())).await,
        unanswered => unanswered,
    };
    let is_unheard = asked.as_ref().is_some_and(|error| *error != ProviderError::Unknown);
    let error = asked.map(|error| words(&error.to_string()));
    if let Some(key) = payment.other_key()
        && let Some(after) = look_beside(engine, &payment, (&key, &patience)).await?
    {
        // Whoever saw to the other charge did not see to what goes back unsaid.
        let seen_to = matches!(after, After::Done);
        let unsaid = went_back_unsaid(engine, &payment, now).filter(|_| seen_to);
        return Ok(unsaid.map_or(after, |pause| After::Again(pause, error)));
    }
    if payment.state.received().is_some() {
        return Ok(after_it_came(engine, &payment, error));
    }
    let is_closed = !payment.state.is_open();
    let over = if payment.by_hand { payment.expires_at <= now } else { watched_until <= now };
    // Money that came where nobody can look is not given up: it is looked for until the provider is back, or somebody saw to it.
    let stays_away = payment.attention.contains(&Attention::ProviderMissing);
    if is_closed && over && stays_away {
        return Ok(After::Again(PAUSE_MAX, error));
    }
    // Nobody may have looked while it was open: one answer, which may be old, is not enough to give money up.
    if is_closed && over && lapses && !payment.by_hand {
        return Ok(After::Again(pause(&payment, now), error));
    }
    if is_closed && over && is_unheard {
        return unheard(engine, &payment, error.unwrap_or_default()).await;
    }
    if is_closed && over {
        return Ok(After::Done);
    }
    Ok(After::Again(pause(&payment, now), error))
}

/// What is held for a payment that is over is its payer's again; not while its time lasts: whoever failed may try again on the provider's page.
/// Says what went wrong with that.
async fn release(
    engine: &Engine,
    payment: &Payment,
    (key, patience): (&ChargeKey, Duration),
) -> Option<ProviderError> {
    let is_late = payment.expires_at <= engine.core().clock.now();
    let is_unpaid = !payment.state.is_open() && payment.state.received().is_none();
    let is_over = is_unpaid && is_late && !payment.by_hand;
    let provider = engine.core().providers.find(&payment.provider).filter(|_| is_over)?;
    ask(provider.release(key), patience).await.err()
}

/// Money that came is asked about once more: for its fee, for what goes back unsaid, or after a refund of ours that hid what went back
/// outside. That it was asked is not enough: there has to be an answer. While a refund of ours is on its way there is nothing to ask; whoever
/// ends it has somebody ask again.
fn after_it_came(engine: &Engine, payment: &Payment, error: Option<String>) -> After {
    if payment.under_way().is_some() && !payment.by_hand {
        return After::Done;
    }
    match (went_back_unsaid(engine, payment, engine.core().clock.now()), error) {
        (Some(pause), error) => After::Again(pause, error),
        (None, Some(error)) => After::Failed(error),
        (None, None) => After::Done,
    }
}

/// Asks how the other charge under a payment's number stands, until it brought money too, or money cannot be late any more: `None` once
/// there is nothing beside the payment, `After::Done` once somebody saw to it, or has to look anew.
async fn look_beside(
    engine: &Engine,
    payment: &Payment,
    (key, patience): (&ChargeKey, &Patience),
) -> Result<Option<After>, Error> {
    let core = engine.core();
    let now = core.clock.now();
    let heard = Heard::Asked { at: now };
    let asked = match core.providers.find(&payment.provider) {
        Some(provider) => ask(provider.status(key), patience.left()).await.and_then(sound),
        None => Err(missing(engine, payment).await?),
    };
    let is_late = payment.expires_at.plus(core.settings.late_money_for) <= now;
    let (alone, error) = match asked {
        Ok(charge) if payment.is_other_charge(&charge) => {
            let came = charge.status == super::ChargeStatus::Succeeded;
            engine.executor.decide(Settle::new(payment, Report::Charge(charge, heard))).await?;
            if came {
                return Ok(None);
            }
            (is_late, None)
        }
        // It is begun, too, and no money came by either, or by this one: then the first is the other one.
        Ok(charge) if payment.is_beside(&charge) => {
            if charge.status == super::ChargeStatus::Succeeded {
                engine.executor.decide(Settle::new(payment, Report::Charge(charge, heard))).await?;
                return Ok(Some(After::Done));
            }
            let kept = release(engine, payment, (key, patience.left())).await;
            (is_late, kept.map(|error| words(&error.to_string())))
        }
        // By its number there is the one charge that is known, or none.
        Ok(_) => (true, None),
        // It knows of none: the one that is known has another number. That it would not say is no answer.
        Err(ProviderError::Unknown) if key.reference.is_none() => (true, None),
        Err(ProviderError::Unknown) => (is_late, None),
        Err(error) => (false, Some(words(&error.to_string()))),
    };
    if alone {
        engine.executor.decide(Settle::new(payment, Report::Alone)).await?;
        return Ok(None);
    }
    match error {
        Some(error) if is_late => unheard(engine, payment, error).await.map(Some),
        error => Ok(Some(After::Again(pause(payment, now), error))),
    }
}

/// Its time is over, and the provider would not say how it stands: somebody is asked to look at it, and it is asked for until there is an
/// answer, or somebody saw to it.
async fn unheard(engine: &Engine, payment: &Payment, error: String) -> Result<After, Error> {
    if !payment.attention.contains(&Attention::Unwatched) {
        // Whoever answers takes both back, the reason and the sentence: people leave the sentence.
        if payment.last_error.as_ref().is_some_and(|last| last.starts_with(UNHEARD)) {
            return Ok(After::Done);
        }
        let report = Report::Unwatched(words(&format!("{UNHEARD}: {error}")));
        engine.executor.decide(Settle::new(payment, report)).await?;
    }
    Ok(After::Again(PAUSE_MAX, Some(error)))
}

/// What somebody is asked to look at when a refund that was accepted long ago is not made.
pub(super) fn unarrived(refund: &Refund) -> String {
    format!("{UNARRIVED} {} arrived", refund.amount)
}

/// Whoever answers is there, and looked at. What is not answered after all is listed anew: a sentence that is left says that somebody saw to it.
pub(super) fn answered(payment: &mut Payment) {
    payment.attention.remove(&Attention::ProviderMissing);
    arrived(payment);
}

/// What somebody was asked to find out is known.
pub(super) fn arrived(payment: &mut Payment) {
    let is_own = |last: &String| last.starts_with(UNHEARD) || last.starts_with(UNARRIVED);
    if payment.attention.remove(&Attention::Unwatched) && payment.last_error.as_ref().is_some_and(is_own) {
        payment.last_error = None;
    }
}

/// That the provider is not attached: somebody is asked to look at it.
pub(super) async fn missing(engine: &Engine, payment: &Payment) -> Result<ProviderError, Error> {
    engine.executor.decide(Settle::new(payment, Report::Missing)).await?;
    Ok(ProviderError::Unreachable("the provider is not attached".to_owned()))
}

/// The job that looked after a payment is given up: somebody is asked to look at it.
pub(super) fn given_up(work: &mut Work, cx: &Context<'_>, id: PaymentId, error: &str) -> Decision<()> {
    let Some(payment) = work.find::<Payment>(&id)? else { return Ok(()) };
    let report = Report::Unwatched(words(error));
    Settle::new(&payment, report).run(work, cx).map(drop)
}

async fn learn(
    engine: &Engine,
    payment: &Payment,
    patience: Duration,
) -> Result<Result<(), ProviderError>, Error> {
    let core = engine.core();
    let now = core.clock.now();
    if payment.is_untold() && now < payment.expires_at {
        return match core.providers.places().enter_as_job(payment.id) {
            Entry::First(_turn) => create(engine, payment, patience).await,
            Entry::Second(_) | Entry::Full => {
                Ok(Err(ProviderError::Unreachable("it is being begun".to_owned())))
            }
        };
    }
    if payment.by_hand || payment.under_way().is_some() {
        return Ok(Ok(()));
    }
    let Some(provider) = core.providers.find(&payment.provider) else {
        let over = payment.expires_at.plus(core.settings.late_money_for) <= now;
        if over && !payment.attention.contains(&Attention::ProviderMissing) {
            // Somebody saw to it.
            return Ok(Ok(()));
        }
        return Ok(Err(missing(engine, payment).await?));
    };
    match ask(provider.status(&payment.charge_key()), patience).await.and_then(sound) {
        Ok(charge) => {
            let report = Report::Charge(charge, Heard::Asked { at: now });
            engine.executor.decide(Settle::new(payment, report)).await?;
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// When money that came is looked at again, with a provider that does not tell what goes back: while there is more to give back, somebody may
/// see to what we could not, or what went back outside may come back.
fn went_back_unsaid(engine: &Engine, payment: &Payment, now: Timestamp) -> Option<Duration> {
    let provider = engine.core().providers.find(&payment.provider)?;
    let age = now.since(payment.created_at);
    let is_unsettled =
        |refund: &Refund| refund.is_by_sum() || matches!(refund.state, RefundState::Failed { .. });
    // What a dispute holds may come back, and go.
    let came = payment.state.received().map_or(0, |received| received.amount_minor);
    let may_move = payment.booked().amount_minor < came || payment.refunds.iter().any(is_unsettled);
    (may_move && !provider.tells_of_refunds() && age < WENT_BACK_MAX).then(|| age.max(WENT_BACK_PAUSE))
}

/// Half of its age, within bounds, and once when its time is over.
fn pause(payment: &Payment, now: Timestamp) -> Duration {
    let grown = (now.since(payment.created_at) / 2).clamp(PAUSE_MIN, PAUSE_MAX);
    let left = payment.expires_at.since(now);
    if payment.expires_at > now { grown.min(left) } else { grown }
}
