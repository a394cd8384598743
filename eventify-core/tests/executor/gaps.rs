//! What long work leaves to others between its steps.

use std::time::Duration;

use eventify_core::Eventify;
use eventify_core::event::CancelEvent;
use eventify_core::notification::Channel;
use eventify_core::testing::{FakeClock, MemoryNotifier, SeededEntropy};

use crate::common::{lines, organizer};
use crate::rigged::*;

/// How long the commit of a step takes.
const STEP: Duration = Duration::from_millis(10);

/// Cancels an event of which many hold a ticket, with steps that take so long, and answers how long it was from one step's beginning to the next one's.
/// Meanwhile somebody else buys once while each step is on its way, or nobody does.
async fn pauses(step: Duration, is_busy: bool) -> Vec<Duration> {
    let (store, clock) = (Rigged::new(), FakeClock::default());
    let builder = Eventify::builder(store.clone()).clock(clock.clone()).entropy(SeededEntropy::new(1));
    // Who holds a ticket is told, which is the engine's own doing, too.
    let eventify = builder.notifier(MemoryNotifier::new([Channel::Email])).start().await.unwrap();
    let (event, kind) = fill(&eventify, &clock, 100).await;
    for n in 0..60 {
        eventify.bookings().buy(&buyer(n), lines(event, &[(kind, 1)])).await.unwrap();
    }
    let (other, kind) = fill(&eventify, &clock, 100).await;
    let mut steps = store.slow_since();
    store.be_slow_with("sweep_cancelled_event", step);
    let buying = {
        let (eventify, mut steps) = (eventify.clone(), store.slow_since());
        tokio::spawn(async move {
            for n in 0.. {
                steps.wait_for(|steps| steps.len() > n).await.unwrap();
                tokio::time::sleep(step / 2).await;
                if is_busy {
                    eventify.bookings().hold(&buyer(n), lines(other, &[(kind, 1)])).await.unwrap();
                }
            }
        })
    };
    eventify.events().cancel(&organizer(), event, CancelEvent::default()).await.unwrap();
    let began = steps.wait_for(|steps| steps.len() == 6).await.unwrap().clone();
    buying.abort();
    eventify.shut_down().await;
    // The first one is the cancellation itself, which leaves the rest to the steps.
    began.windows(2).skip(1).map(|two| two[1].duration_since(two[0])).collect()
}

#[tokio::test(start_paused = true)]
async fn others_have_as_long_as_a_step_took() {
    assert_eq!(pauses(STEP, true).await, [2 * STEP; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_store_does_not_put_it_off_for_long() {
    let step = Duration::from_millis(300);
    assert_eq!(pauses(step, true).await, [step + Duration::from_millis(100); 4]);
}

#[tokio::test(start_paused = true)]
async fn where_there_are_no_others_one_step_follows_another() {
    assert_eq!(pauses(STEP, false).await, [STEP; 4]);
}
