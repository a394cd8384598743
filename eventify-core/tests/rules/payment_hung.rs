//! A provider that takes the line and says nothing: over memory alone, where waiting costs no time and who came first has come when the next one does.

use std::time::Duration;

use eventify_core::job::{Job, JobState};
use eventify_core::payment::{ChargeStatus, ProviderError};
use eventify_core::testing::{MemoryProvider, SeededEntropy};
use eventify_core::{Eventify, Reason, Settings};

use crate::common::*;
use crate::payment_crowd::{begins, until_at_provider};
use crate::payment_sent::ask_back;

/// Whatever it is asked: each look waits no longer than it may, and the next one comes.
#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_ends_nobody_s_watching() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let id = w.pay(&attendee(), held.id, "memory").await.id;
    let second = w.bank.card.charge_again(id).unwrap();
    assert_eq!(w.callback("memory", MemoryProvider::callback_of(&second)).await, 200);
    w.bank.card.be_silent(true);
    let calls = w.bank.card.calls();
    let looks = 2 * usize::try_from(Settings::default().job_attempts_max).unwrap();
    for _ in 0..looks {
        w.pass(6 * HOUR).await;
        let jobs = w.jobs("watch_payment").await;
        let waits = |job: &Job| job.attempts == 0 && job.state == JobState::Waiting;
        assert!(jobs.len() == 1 && jobs.iter().all(waits), "{jobs:?}");
    }
    assert_eq!(w.bank.card.calls() - calls, 2 * looks, "both charges are asked about at every look");
    w.bank.card.be_silent(false);
    w.bank.card.settle(id, ChargeStatus::Succeeded);
    for _ in 0..2 {
        w.pass(6 * HOUR).await;
    }
    let all = w.eventify.payments().of_booking(&organizer(), held.id).await.unwrap();
    assert_eq!(all.iter().map(|payment| payment.refunded).collect::<Vec<_>>(), [tenge(0), tenge(2 * PRICE)]);
    w.assert_sound("heard in the end").await;
}

/// It may have been asked for, and the provider may still be about it.
#[tokio::test(start_paused = true)]
async fn a_refund_whose_worker_stops_in_the_middle_rests_and_counts_as_begun() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.bank.card.tell_of_refunds_no_more();
    ask_back(&w, paid.id, 100).await;
    w.bank.card.be_silent(true);
    let calls = w.bank.card.calls();
    let builder =
        Eventify::builder_over(w.store.clone()).clock(w.clock.clone()).entropy(SeededEntropy::new(2));
    let stopping = builder.payment_provider(w.bank.card.clone()).start().await.unwrap();
    while w.bank.card.calls() == calls {
        tokio::task::yield_now().await;
    }
    stopping.shut_down().await;
    let rests_until = w.now().plus(Duration::from_secs(120));
    let jobs = w.jobs("refund_payment").await;
    let begun: Vec<_> = jobs.iter().map(|job| (job.attempts, job.state, job.due_at)).collect();
    assert_eq!(begun, [(1, JobState::Waiting, rests_until)]);
    w.bank.card.be_silent(false);
    w.pass(Duration::from_secs(119)).await;
    assert!(w.bank.card.refunds().is_empty());
    w.pass(Duration::from_secs(1)).await;
    assert_eq!((w.bank.card.refunds().len(), w.payment(paid.id).await.refunded), (1, tenge(100)));
    w.assert_sound("begun by one and made by another").await;
}

/// The second tab is there when the first is at the provider: both were begun in one turn, and no store is waited for.
#[tokio::test]
async fn who_waits_for_another_hears_how_that_went() {
    for (error, reason) in [
        (ProviderError::Refused("closed".to_owned()), Reason::PaymentRefused),
        (ProviderError::Unreachable("no route".to_owned()), Reason::PaymentProviderUnavailable),
    ] {
        let w = World::new().await;
        let (_, _, held) = w.unpaid(&attendee()).await;
        w.bank.card.hold();
        w.bank.card.fail_next([error]);
        let tabs: Vec<_> = (0..2).map(|_| begins(&w.eventify, attendee(), held.id)).collect();
        until_at_provider(&w, 1).await;
        w.bank.card.let_through(1);
        for tab in tabs {
            assert_eq!(tab.await.unwrap().unwrap_err().reason(), reason);
        }
        assert_eq!(w.bank.card.came(), 1, "{reason:?}");
    }
}
