//! A provider that takes the line and says nothing: over memory alone, where waiting costs no time and who came first has come when the next one does.

use eventify_core::job::{Job, JobState};
use eventify_core::payment::{ChargeStatus, ProviderError};
use eventify_core::testing::MemoryProvider;
use eventify_core::{Reason, Settings};

use crate::common::*;
use crate::payment_crowd::{begins, until_at_provider};

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
