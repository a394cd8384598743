//! Having a provider make the refunds that are due, one of a payment after another, until each is made or has failed.

use std::collections::BTreeSet;
use std::time::Duration;

use super::After;
use super::model::{Attention, Payment, Refund, RefundState};
use super::port::{ProviderError, ReceiptStatus, RefundReceipt, RefundRequest};
use super::providers::{self, ask, words};
use super::settle::{Heard, Report, Settle};
use super::watch::Patience;
use super::{dispute, instead, ledger, owe, settle, tell, watch};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::event::Event;
use crate::eventify::Engine;
use crate::id::{JobId, PaymentId, RefundId};
use crate::job::Job;
use crate::store::Key;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// How long an accepted refund is asked for before somebody has to look at it.
pub(super) const SENT_FOR_MAX: Duration = Duration::from_secs(30 * 86_400);
/// The pauses grow with the time since it was accepted from here …
const PAUSE_MIN: Duration = Duration::from_secs(60);
/// … up to here.
const PAUSE_MAX: Duration = Duration::from_secs(6 * 3_600);
/// Before a refund whose answer was lost is asked for again where a repeat may be another one.
pub(super) const UNANSWERED_PAUSE: Duration = Duration::from_secs(120);
/// How the sentence begins for which an attempt failed that did not get as far as asking for the refund; which attempt it was follows.
const UNASKED: &str = "nobody could ask what went back before, at attempt";

/// Has the provider make a refund, and writes down what it said. While it cannot be reached the job is tried again; the last
/// attempt leaves the refund to people. One that it accepted is asked for until it is made or has failed.
pub(super) async fn make(
    engine: &Engine,
    job: &Job,
    (payment_id, refund_id): (PaymentId, RefundId),
) -> Result<After, Error> {
    let core = engine.core();
    let patience = Patience::begin(engine);
    if let Some(after) = look_before(engine, job, (payment_id, refund_id), &patience).await? {
        return Ok(after);
    }
    let Some(payment) = engine.load::<Payment>(&payment_id).await? else { return Ok(After::Done) };
    // People may have tried it again since this job was made, which made another one.
    let find = |refund: &&Refund| refund.id == refund_id && owe::refund_job(refund) == job.id;
    let instead = payment.refunds.iter().filter(|refund| refund.is_paid_out_instead());
    let Some(refund) = payment.under_way().into_iter().chain(instead).find(find) else {
        // Done already, by an attempt that did not live to say so.
        return Ok(After::Done);
    };
    if let Some(since) = refund.followed_since() {
        return follow(engine, &payment, (refund, since)).await;
    }
    let asked_before = !is_first(refund, job);
    let made = match core.providers.find(&payment.provider) {
        Some(provider) => {
            ask(provider.refund(&request(&payment, refund, asked_before)), patience.left()).await
        }
        None => Err(watch::missing(engine, &payment).await?),
    };
    // This attempt is counted already.
    let is_last = job.attempts >= core.settings.job_attempts_max;
    let outcome = match made {
        Ok(receipt) => Ok(sound(receipt)),
        Err(error @ (ProviderError::Refused(_) | ProviderError::Unknown)) => Err(words(&error.to_string())),
        Err(error) if is_last => Err(unsure(&error.to_string())),
        Err(error) => return Ok(unanswered(engine, &payment, &error.to_string())),
    };
    let close = Close { payment: (*payment).clone(), refund_id, outcome };
    match engine.executor.decide(close).await {
        Ok(true) => Ok(After::Again(PAUSE_MIN, None)),
        Ok(false) => Ok(After::Done),
        // The answer is lost, wherever that was.
        Err(error) => Ok(unanswered(engine, &payment, &error.to_string())),
    }
}

/// A provider that may tell refunds apart by their sums alone may still be about one that it did not answer: asked again at once it would see nothing
/// of that, and make another.
fn unanswered(engine: &Engine, payment: &Payment, error: &str) -> After {
    let error = words(error);
    match engine.core().providers.find(&payment.provider) {
        Some(provider) if !provider.tells_of_refunds() => After::Unanswered(UNANSWERED_PAUSE, error),
        _ => After::Failed(error),
    }
}

/// A provider that does not tell what goes back on its own pages may tell refunds apart by their sums alone. The books may be weeks old; so it is
/// asked what went back before it is asked for a refund for the first time, as long as nothing of that refund can be in the answer. What an attempt
/// came to that got no answer.
async fn look_before(
    engine: &Engine,
    job: &Job,
    (payment_id, refund_id): (PaymentId, RefundId),
    patience: &Patience,
) -> Result<Option<After>, Error> {
    let core = engine.core();
    let Some(payment) = engine.load::<Payment>(&payment_id).await? else { return Ok(None) };
    let is_it = |refund: &&Refund| refund.id == refund_id && is_first(refund, job);
    if !payment.under_way().as_ref().is_some_and(is_it) {
        return Ok(None);
    }
    let at = core.clock.now();
    let asked = match core.providers.find(&payment.provider) {
        Some(provider) if provider.tells_of_refunds() => return Ok(None),
        Some(provider) => {
            ask(provider.status(&payment.charge_key()), patience.left()).await.and_then(providers::sound)
        }
        None => Err(watch::missing(engine, &payment).await?),
    };
    let error = match asked {
        Ok(charge) => {
            let report = Report::Charge(charge, Heard::Before { at, refund_id });
            engine.executor.decide(Settle::new(&payment, report)).await?;
            return Ok(None);
        }
        Err(error) => error,
    };
    let is_final = matches!(error, ProviderError::Refused(_) | ProviderError::Unknown);
    if !is_final && job.attempts < core.settings.job_attempts_max {
        return Ok(Some(After::Failed(words(&format!("{UNASKED} {}: {error}", job.attempts)))));
    }
    let outcome = Err(words(&error.to_string()));
    engine.executor.decide(Close { payment: (*payment).clone(), refund_id, outcome }).await?;
    Ok(Some(After::Done))
}

/// Whether the provider was surely never asked for a refund: people have not tried it again, and its job has not asked.
fn is_first(refund: &Refund, job: &Job) -> bool {
    refund.state == RefundState::Due && refund.retries == 0 && is_unasked(job)
}

/// Whether the provider was surely not asked for the refund of a job yet: this is the first attempt, or the last one said so. One that did not live
/// to say how it went may have asked.
fn is_unasked(job: &Job) -> bool {
    let last = job.attempts.saturating_sub(1);
    let said = format!("{UNASKED} {last}: ");
    last == 0 || job.last_error.as_ref().is_some_and(|error| error.starts_with(&said))
}

/// Asks how an accepted refund stands. Whatever goes wrong with that says nothing of the refund: it is asked for until there is an answer,
/// and after a while somebody is asked to look at it. One that people paid out instead is asked for as long again, and nobody waits for it.
async fn follow(
    engine: &Engine,
    payment: &Payment,
    (refund, since): (&Refund, Timestamp),
) -> Result<After, Error> {
    let core = engine.core();
    let asked = match core.providers.find(&payment.provider) {
        Some(provider) => {
            let patience = core.settings.job_lease_for / 3;
            ask(provider.refund_status(&request(payment, refund, true)), patience).await
        }
        None if refund.by_hand => Err(ProviderError::Unreachable("it is not attached".to_owned())),
        None => Err(watch::missing(engine, payment).await?),
    };
    let error = match asked {
        Ok(receipt) if receipt.status != ReceiptStatus::Pending => {
            let outcome = Ok(sound(receipt));
            let close = Close { payment: payment.clone(), refund_id: refund.id, outcome };
            engine.executor.decide(close).await?;
            return Ok(After::Done);
        }
        Ok(_) => {
            if payment.attention.contains(&Attention::ProviderMissing) {
                engine.executor.decide(Settle::new(payment, Report::Attached)).await?;
            }
            None
        }
        Err(error) => Some(words(&error.to_string())),
    };
    let waited = core.clock.now().since(since);
    if waited >= SENT_FOR_MAX && refund.by_hand {
        return Ok(After::Done);
    }
    if waited >= SENT_FOR_MAX {
        let why = watch::unarrived(refund);
        if payment.last_error.as_ref() != Some(&why) {
            engine.executor.decide(Settle::new(payment, Report::Unwatched(why))).await?;
        }
    }
    Ok(After::Again((waited / 2).clamp(PAUSE_MIN, PAUSE_MAX), error))
}

fn request(payment: &Payment, refund: &Refund, asked_before: bool) -> RefundRequest {
    let mut before = payment.refunded_by_provider();
    if refund.state.is_gone() && !refund.by_hand {
        before.amount_minor = before.amount_minor.saturating_sub(refund.amount.amount_minor);
    }
    // Without a name it may be one of those that the provider lists as failed. Too many make a verdict late, too few a wrong one.
    let may_have_failed = |other: &&Refund| match other.state {
        RefundState::Returned { .. } | RefundState::Failed { .. } => true,
        RefundState::Done { .. } => other.by_hand && other.reference.is_none() && other.id != refund.id,
        _ => false,
    };
    let is_other = |other: &&Refund| other.id != refund.id;
    let idempotency_key = refund.id.to_string();
    RefundRequest {
        // What has no name of the provider's is kept under the one that it was asked by.
        reference: refund.reference.clone().filter(|name| *name != idempotency_key),
        asked_before,
        idempotency_key,
        charge: payment.charge_key(),
        charged: payment.state.received().unwrap_or(payment.amount),
        amount: refund.amount,
        refunded_before: before,
        others: payment.refunds.iter().filter(is_other).filter_map(|other| other.reference.clone()).collect(),
        failed_before: u32::try_from(payment.refunds.iter().filter(may_have_failed).count())
            .unwrap_or(u32::MAX),
        description: refund.reason.clone().unwrap_or_default(),
    }
}

/// A receipt that can be kept: what is too long is cut off, whoever says it.
pub(super) fn sound(receipt: RefundReceipt) -> RefundReceipt {
    let kept = |text: Option<String>| text.map(|text| words(&text)).filter(|text| !text.is_empty());
    RefundReceipt { reference: kept(receipt.reference), failure: kept(receipt.failure), ..receipt }
}

fn unsure(error: &str) -> String {
    words(&format!("{error}; it may have been made all the same"))
}

/// Writes down how a refund went, and sends the next one that is due on its way. That an attempt failed says nothing of one that the provider
/// said meanwhile, by itself, to have accepted.
struct Close {
    payment: Payment,
    refund_id: RefundId,
    outcome: Result<RefundReceipt, String>,
}

impl Command for Close {
    /// Whether it is to be asked for on: the provider accepted it, and has not made it yet.
    type Reply = bool;
    const NAME: &'static str = "close_refund";
    const BY_WORKER: bool = true;

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.payment.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend(reads(&self.payment));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<bool> {
        let Some(payment) = work.find::<Payment>(&self.payment.id)? else { return Ok(false) };
        let refund = payment.refunds.iter().find(|refund| refund.id == self.refund_id);
        if let (Some(_), Ok(receipt)) = (refund.filter(|refund| refund.is_paid_out_instead()), &self.outcome)
        {
            instead::heard(work, cx, &payment, (self.refund_id, receipt))?;
            return Ok(false);
        }
        let refund = payment.under_way().filter(|refund| refund.id == self.refund_id);
        let Some(refund) = refund else { return Ok(false) };
        let is_sent = matches!(refund.state, RefundState::Sent { .. });
        if is_sent && self.outcome.is_err() {
            return Ok(true);
        }
        close(work, cx, &payment, (self.refund_id, &self.outcome))?;
        Ok(self.outcome.as_ref().is_ok_and(|receipt| receipt.status == ReceiptStatus::Pending))
    }
}

fn reads(payment: &Payment) -> [Key; 4] {
    let watch = Key::Job(watch::job_id(payment.id));
    [Key::Payment(payment.id), Key::Event(payment.event_id), tell::reads(payment), watch]
}

/// Takes in what a provider says of a refund by itself. It may come before the answer to the call that made it, twice, and late: what
/// failed for good stays so.
pub(super) struct Hear {
    pub(super) payment: Payment,
    pub(super) refund_id: RefundId,
    pub(super) receipt: RefundReceipt,
}

impl Command for Hear {
    /// Whether the payment has this refund.
    type Reply = bool;
    const NAME: &'static str = "hear_of_refund";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.payment.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend(reads(&self.payment));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<bool> {
        let Some(payment) = work.find::<Payment>(&self.payment.id)? else { return Ok(false) };
        let Some(refund) = payment.refunds.iter().find(|refund| refund.id == self.refund_id) else {
            return Ok(false);
        };
        if refund.is_paid_out_instead() {
            instead::heard(work, cx, &payment, (self.refund_id, &self.receipt))?;
            return Ok(true);
        }
        let is_final = self.receipt.status != ReceiptStatus::Pending;
        let has_failed = self.receipt.status == ReceiptStatus::Failed;
        let is_news = match &refund.state {
            // The one that is on its way; the others were not asked for yet.
            RefundState::Due => payment.under_way().is_some_and(|first| first.id == refund.id),
            RefundState::Sent { .. } | RefundState::Failed { .. } => is_final,
            // One that was found by a sum is not told from one that was made outside instead, before it is named.
            RefundState::Done { .. } => has_failed || is_final && refund.is_by_sum(),
            RefundState::Superseded { .. } | RefundState::Returned { .. } => false,
        };
        if is_news && !refund.by_hand {
            close(work, cx, &payment, (refund.id, &Ok(self.receipt.clone())))?;
        }
        Ok(true)
    }
}

fn close(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &Payment,
    (refund_id, outcome): (RefundId, &Result<RefundReceipt, String>),
) -> Decision<()> {
    let mut next = payment.clone();
    let refund = super::refund::find(&mut next, refund_id)?;
    let was_gone = refund.state.is_gone();
    let action = match outcome {
        Ok(receipt) => {
            // What the provider accepted is told by its name from what went back outside.
            let name = receipt.reference.clone().or_else(|| refund.reference.take());
            refund.reference = name.or_else(|| Some(refund_id.to_string()));
            match receipt.status {
                ReceiptStatus::Pending => refund.state = RefundState::Sent { at: cx.now },
                ReceiptStatus::Done => refund.state = RefundState::Done { at: cx.now },
                ReceiptStatus::Failed => {
                    let error = receipt.failure.clone().unwrap_or_else(|| "the money came back".to_owned());
                    refund.state = RefundState::Returned { at: cx.now, error };
                }
            }
            match receipt.status {
                ReceiptStatus::Pending => "payment.refund_sent",
                ReceiptStatus::Done => "payment.refunded",
                ReceiptStatus::Failed => "payment.refund_failed",
            }
        }
        Err(error) => {
            refund.state = RefundState::Failed { at: cx.now, error: error.clone() };
            "payment.refund_failed"
        }
    };
    if outcome.is_ok() {
        watch::answered(&mut next);
    }
    let refund = super::refund::find(&mut next, refund_id)?.clone();
    match &refund.state {
        RefundState::Returned { error, .. } => come_back(work, cx, &mut next, (&refund, was_gone, error)),
        state if state.is_gone() && !was_gone => gone(work, cx, &next, &refund)?,
        _ => {}
    }
    if !matches!(refund.state, RefundState::Sent { .. }) && may_hide(cx, &next) {
        watch::begin_anew(work, cx, &next)?;
    }
    // Whoever waited for this one is next.
    let was_first = payment.under_way().is_some_and(|first| first.id == refund_id);
    if let Some(due) = next.under_way().filter(|due| was_first && due.state == RefundState::Due) {
        owe::send(work, cx, &next, due);
    }
    dispute::supersede(cx, &mut next);
    next.updated_at = cx.now;
    work.put(next);
    let act = audit::Act::new(action, "payment", payment.id).of_event(payment.event_id);
    audit::record(work, cx, &Actor::system(), &act);
    Ok(())
}

/// Whether a refund that is over may hide what went back outside meanwhile: nobody could tell the two apart by their sum, and a callback that
/// told of it may have come before. What is wholly given back by us leaves nothing for others, and only the fee to be asked for. What others gave
/// back may have come back.
pub(super) fn may_hide(cx: &Context<'_>, payment: &Payment) -> bool {
    if payment.by_hand {
        return false;
    }
    let came = payment.state.received().map_or(0, |received| received.amount_minor);
    let is_whole = payment.refunded_by_provider().amount_minor >= came;
    !is_whole || payment.refunds.iter().any(Refund::is_by_sum) || settle::is_fee_wanted(cx, payment)
}

/// The provider could not give the money to the payer, who is still owed it: by another refund, which to the provider is a new one, once
/// people try it again.
fn come_back(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &mut Payment,
    (refund, was_gone, error): (&Refund, bool, &str),
) {
    if !was_gone {
        ledger::refunded(work, cx, payment, refund);
    }
    ledger::refund_returned(work, cx, payment, refund);
    payment.refunds.push(Refund {
        id: RefundId::from_uuid(cx.new_uuid()),
        state: RefundState::Failed { at: cx.now, error: error.to_owned() },
        reference: None,
        created_at: cx.now,
        ..refund.clone()
    });
}

/// A job that was to see to a refund is given up. One that was not made is left to people, with the reason, and the next one goes on; of
/// one that was accepted somebody has to find out. Answers whether nothing is left for a job to do.
pub(super) fn given_up(
    work: &mut Work,
    cx: &Context<'_>,
    (payment_id, refund_id, job_id): (PaymentId, RefundId, JobId),
    error: &str,
) -> Decision<bool> {
    let Some(payment) = work.find::<Payment>(&payment_id)? else { return Ok(true) };
    let its_own = |refund: &&Refund| refund.id == refund_id && owe::refund_job(refund) == job_id;
    match payment.under_way().filter(its_own).map(|refund| &refund.state) {
        Some(RefundState::Sent { .. }) => {
            watch::given_up(work, cx, payment_id, error)?;
            Ok(false)
        }
        Some(_) => close(work, cx, &payment, (refund_id, &Err(unsure(error)))).map(|()| true),
        None => Ok(true),
    }
}

/// The money is on its way back.
pub(super) fn gone(work: &mut Work, cx: &Context<'_>, payment: &Payment, refund: &Refund) -> Decision<()> {
    ledger::refunded(work, cx, payment, refund);
    let event = work.find::<Event>(&payment.event_id)?;
    tell::refunded(work, cx, event.as_deref(), payment, refund)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

    use super::*;
    use crate::money::Money;
    use crate::payment::model::RefundCause;
    use crate::store::{Kind, Record};
    use crate::testing::sample;

    fn refund(n: u8, state: RefundState, by_hand: bool, reference: Option<&str>) -> Refund {
        Refund {
            id: RefundId::from_bytes([n; 16]),
            amount: Money::new(100, "KZT".parse().unwrap()),
            cause: RefundCause::Requested,
            reason: None,
            state,
            reference: reference.map(str::to_owned),
            by_hand,
            retries: 0,
            created_at: Timestamp::MIN,
        }
    }

    #[test]
    fn what_may_be_listed_as_failed_is_no_sign_of_another() {
        let (at, error) = (Timestamp::MIN, "closed".to_owned());
        let own = refund(0, RefundState::Sent { at }, false, None);
        let cases = [
            (refund(1, RefundState::Returned { at, error: error.clone() }, false, Some("1")), 1),
            (refund(2, RefundState::Failed { at, error }, false, None), 1),
            (refund(3, RefundState::Done { at }, true, None), 1),
            (refund(4, RefundState::Done { at }, true, Some("4")), 0),
            (refund(5, RefundState::Done { at }, false, None), 0),
            (refund(6, RefundState::Due, false, None), 0),
            (refund(7, RefundState::Superseded { at }, false, None), 0),
        ];
        let Record::Payment(stored) = sample::record(Kind::Payment, 1) else { panic!("another record") };
        for (other, counts) in cases {
            let payment = Payment { refunds: vec![other.clone(), own.clone()], ..(*stored).clone() };
            assert_eq!(request(&payment, &own, true).failed_before, counts, "{:?}", other.state);
        }
        // One that was paid out instead, and is followed on, does not count against itself.
        let instead = refund(0, RefundState::Done { at }, true, None);
        let payment = Payment { refunds: vec![instead.clone()], ..(*stored).clone() };
        assert_eq!(request(&payment, &instead, true).failed_before, 0);
    }
}
