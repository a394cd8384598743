//! What nobody serves any more is given up; what another process is behind with, or what lies behind that, is not taken for it.

use std::sync::Arc;
use std::time::Duration;

use eventify_core::job::{Job, JobState, JobWork};
use eventify_core::notification::{Fact, FactName};
use eventify_core::store::{ChangeSet, Expectation, Record, Recorded, Store as _, Version, Write};
use eventify_core::testing::FakeClock;
use eventify_core::{Clock as _, Eventify, FactId, JobId, Timestamp};

use crate::common::{DAY, HOUR};
use crate::rigged::{Rigged, count_of_dead, engine};

struct Stage {
    store: Rigged,
    clock: FakeClock,
    /// Serves nothing.
    eventify: Eventify,
    made: u32,
}

impl Stage {
    async fn new() -> Self {
        let (store, clock) = (Rigged::new(), FakeClock::default());
        let eventify = engine(store.clone(), 1, &clock).await;
        Self { store, clock, eventify, made: 0 }
    }

    /// So many facts for a publisher that another process has, or had.
    async fn wait(&mut self, count: u32, publisher: &str, due_at: Timestamp, state: JobState) {
        let (mut expectations, mut writes) = (Vec::new(), Vec::new());
        for nth in self.made..self.made + count {
            let id = u128::from(nth + 1).to_be_bytes();
            let (fact_id, name) = (FactId::from_bytes(id), FactName::EventPublished);
            let fact = Fact { id: fact_id, name, at: due_at, event_id: None, data: "{}".to_owned() };
            let work = JobWork::Publish { publisher: publisher.to_owned(), fact: Box::new(fact) };
            let id = JobId::from_bytes(id);
            let job = Job { id, work, due_at, attempts: 0, state, last_error: None, created_at: due_at };
            let record: Record = Job::wrap(Arc::new(job));
            expectations.push(Expectation { key: record.key(), version: Version::ABSENT });
            writes.push(Write { key: record.key(), before: None, after: Some(record) });
        }
        self.made += count;
        let stamp = Version::new(u64::from(self.made));
        self.store.memory().commit(&ChangeSet { stamp, expectations, writes }).await.unwrap();
    }

    /// Sweeps until there is nothing to sweep, and says how many dead letters there are.
    async fn dead(&self) -> usize {
        for _ in 0..50 {
            if !self.eventify.jobs().sweep().await.unwrap() {
                return count_of_dead(self.store.memory()).await;
            }
        }
        panic!("it never ends");
    }
}

#[tokio::test]
async fn what_waits_for_its_time_does_not_hide_that_a_line_is_served() {
    let mut stage = Stage::new().await;
    let now = stage.clock.now();
    // Old ones that somebody is behind with, the one that they are about, and many that are to leave tomorrow.
    stage.wait(3, "broker", now.minus(DAY + HOUR), JobState::Waiting).await;
    let leased = JobState::Leased { until: now.plus(Duration::from_secs(60)) };
    stage.wait(1, "broker", now.minus(DAY + HOUR), leased).await;
    stage.wait(3_000, "broker", now.plus(HOUR), JobState::Waiting).await;
    assert_eq!(stage.dead().await, 0);
    // Nobody makes any more of what nobody serves: at last all of it is old.
    stage.clock.advance(DAY + 2 * HOUR);
    assert_eq!(stage.dead().await, 3_004);
}

#[tokio::test]
async fn what_another_process_is_behind_with_does_not_hide_what_nobody_serves() {
    let mut stage = Stage::new().await;
    let now = stage.clock.now();
    stage.wait(12_000, "broker", now.minus(2 * DAY), JobState::Waiting).await;
    let leased = JobState::Leased { until: now.plus(Duration::from_secs(60)) };
    stage.wait(1, "broker", now.minus(2 * DAY), leased).await;
    stage.wait(2, "gone", now.minus(DAY + HOUR), JobState::Waiting).await;
    let mut dead = 0;
    for _ in 0..3 {
        dead = stage.dead().await;
    }
    assert_eq!(dead, 2, "each sweep goes on where the last one stopped");
}
