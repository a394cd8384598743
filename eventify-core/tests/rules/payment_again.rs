//! Refunds that are asked for again, of a provider that may tell them apart by their sums alone: not before it may be done with what it was asked.

use std::sync::Arc;
use std::time::Duration;

use eventify_core::job::{Job, JobState};
use eventify_core::payment::{ProviderError, RefundStatus, SettleByHand};
use eventify_core::store::{ChangeSet, Commit, Expectation, Key, Record, Version, Write};
use eventify_core::testing::{Fault, FaultPlan, FaultStore, SeededEntropy};
use eventify_core::{Eventify, PaymentId, Reason, RefundId, Settings};

use super::payment_sent::{ask_back, states};
use crate::common::*;

const REST: Duration = Duration::from_secs(120);

fn one_attempt() -> Settings {
    let mut settings = Settings::default();
    settings.job_attempts_max = 1;
    settings
}

/// A refund of 100 whose only attempt came to nothing, and its job.
async fn failed(w: &World, quiet: bool) -> (PaymentId, RefundId, Job) {
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    if quiet {
        w.bank.card.tell_of_refunds_no_more();
    }
    ask_back(w, paid.id, 100).await;
    let job = w.jobs("refund_payment").await.remove(0);
    w.bank.card.fail_next([ProviderError::Unreachable("the line is dead".to_owned())]);
    w.run_jobs().await;
    let payment = w.payment(paid.id).await;
    assert_eq!(states(&payment), [(RefundStatus::Failed, 100)]);
    (paid.id, payment.refunds[0].id, job)
}

#[tokio::test]
async fn what_people_try_again_rests_first_where_a_repeat_may_be_another() {
    for quiet in [true, false] {
        let w = World::with(one_attempt()).await;
        let (id, refund_id, _) = failed(&w, quiet).await;
        let failed_at = w.now();
        w.clock.advance(Duration::from_secs(1));
        w.eventify.payments().retry_refund(&organizer(), id, refund_id).await.unwrap();
        let due_at = w.jobs("refund_payment").await[0].due_at;
        assert_eq!(due_at, if quiet { failed_at.plus(REST) } else { w.now() }, "{quiet}");
    }
}

/// When it failed is not known any more by then.
#[tokio::test]
async fn what_waited_for_others_rests_when_its_turn_comes() {
    let w = World::with(one_attempt()).await;
    let (id, refund_id, _) = failed(&w, true).await;
    w.pass(HOUR).await;
    ask_back(&w, id, 200).await;
    w.eventify.payments().retry_refund(&organizer(), id, refund_id).await.unwrap();
    w.run_jobs().await;
    assert_eq!(states(&w.payment(id).await), [(RefundStatus::Done, 200), (RefundStatus::Due, 100)]);
    assert_eq!(w.jobs("refund_payment").await[0].due_at, w.now().plus(REST));
    w.pass(REST).await;
    assert_eq!(states(&w.payment(id).await), [(RefundStatus::Done, 200), (RefundStatus::Done, 100)]);
    w.assert_sound("one after the other").await;
}

/// The provider made it, and the store was away when that was to be written down.
#[tokio::test]
async fn an_answer_that_is_lost_here_counts_as_none() {
    for quiet in [true, false] {
        let w = World::new().await;
        let (_, _, paid) = w.paid_by_card(&attendee()).await;
        if quiet {
            w.bank.card.tell_of_refunds_no_more();
        }
        ask_back(&w, paid.id, 100).await;
        let store = Arc::new(FaultStore::new(w.store.clone(), 1, FaultPlan::NONE));
        let builder =
            Eventify::builder_over(store.clone()).clock(w.clock.clone()).entropy(SeededEntropy::new(2));
        let other = builder.payment_provider(w.bank.card.clone()).without_worker().start().await.unwrap();
        // The job is taken, a quiet provider is asked what went back before, and what came of it is lost.
        let before = if quiet { 2 } else { 1 };
        store.script([Fault::None].repeat(before).into_iter().chain([Fault::Unavailable]));
        other.jobs().run_due().await.unwrap();
        assert_eq!(store.counts().unavailable, 1);
        other.shut_down().await;
        assert_eq!(w.bank.card.refunds().len(), 1, "it was made");
        assert_eq!(states(&w.payment(paid.id).await), [(RefundStatus::Due, 100)]);
        let job = w.jobs("refund_payment").await.remove(0);
        assert_eq!(job.attempts, 1);
        assert!(!quiet || job.due_at == w.now().plus(REST), "{job:?}");
        w.pass(HOUR).await;
        assert_eq!(states(&w.payment(paid.id).await), [(RefundStatus::Done, 100)]);
        assert_eq!(w.bank.card.refunds().len(), 1, "once");
        w.assert_sound("written down in the end").await;
    }
}

/// Whoever had it was gone for a while: what it knew of the refund is over.
#[tokio::test]
async fn a_job_that_people_overtook_leaves_the_refund_to_theirs() {
    let w = World::with(one_attempt()).await;
    for attempts in [0, 1] {
        let (id, refund_id, job) = failed(&w, false).await;
        w.eventify.payments().retry_refund(&organizer(), id, refund_id).await.unwrap();
        let theirs = w.jobs("refund_payment").await;
        assert!(theirs.len() == 1 && theirs[0].id != job.id, "{theirs:?}");
        // Theirs comes later, so that the old one is alone.
        put(&w, 50 + u64::from(attempts), Job { due_at: w.now().plus(HOUR), ..theirs[0].clone() }).await;
        let (key, calls) = (Key::Job(job.id), w.bank.card.calls());
        let old = Record::Job(Arc::new(Job { due_at: w.now(), attempts, ..job }));
        commit(
            &w,
            (60 + u64::from(attempts), Version::ABSENT),
            Write { key, before: None, after: Some(old) },
        )
        .await;
        w.run_jobs().await;
        assert_eq!(states(&w.payment(id).await), [(RefundStatus::Due, 100)], "{attempts} attempts");
        assert_eq!((w.bank.card.calls() - calls, w.jobs("refund_payment").await.len()), (0, 1));
        w.pass(HOUR).await;
        assert_eq!(states(&w.payment(id).await), [(RefundStatus::Done, 100)], "{attempts} attempts");
    }
}

async fn put(w: &World, stamp: u64, after: Job) {
    let key = Key::Job(after.id);
    let stored = w.store.load(&[key.clone()].into()).await.unwrap().remove(0);
    let after = Some(Record::Job(Arc::new(after)));
    commit(w, (stamp, stored.version), Write { key, before: stored.record, after }).await;
}

async fn commit(w: &World, (stamp, version): (u64, Version), write: Write) {
    let expectations = vec![Expectation { key: write.key.clone(), version }];
    let set = ChangeSet { stamp: Version::new(stamp), expectations, writes: vec![write] };
    assert_eq!(w.store.commit(&set).await.unwrap(), Commit::Applied);
}

/// The money of a failed refund is given out by hand while the provider makes it after all: whoever gave it out hears so.
#[tokio::test]
async fn what_the_provider_made_meanwhile_was_not_paid_out() {
    let w = World::with(one_attempt()).await;
    let (id, refund_id, job) = failed(&w, false).await;
    assert_eq!(job.state, JobState::Waiting);
    w.eventify.payments().retry_refund(&organizer(), id, refund_id).await.unwrap();
    w.run_jobs().await;
    w.mark().await;
    let out = SettleByHand { refund_id: Some(refund_id) };
    let said = w.eventify.payments().settle_by_hand(&organizer(), id, out).await.unwrap_err();
    assert_eq!(
        (said.reason(), said.details()["refund_status"].as_str()),
        (Reason::RefundNotFailed, Some("done"))
    );
    w.assert_unchanged("made by the provider").await;
}
