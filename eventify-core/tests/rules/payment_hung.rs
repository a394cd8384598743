//! A provider that takes the line and says nothing: over memory alone, where the waiting costs no time.

use eventify_core::Settings;
use eventify_core::job::{Job, JobState};
use eventify_core::payment::ChargeStatus;
use eventify_core::testing::MemoryProvider;

use crate::common::*;

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
