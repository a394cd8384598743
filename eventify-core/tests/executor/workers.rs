//! Workers of several processes over one store: each job is one worker's, and survives it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::notification::{
    Channel, Delivered, DeliveryError, Message, Notifier, Recipient, SendNotification,
};
use eventify_core::store::{ChangeSet, Expectation, Kind, Record, Store as _, Version, Write};
use eventify_core::testing::{FakeClock, FaultPlan, FaultStore, MemoryNotifier, SeededEntropy, sample};
use eventify_core::{Actor, Clock as _, Eventify, UserId};
use futures_util::future::join_all;

use crate::common::{HOUR, anonymous, email_of, lines};
use crate::rigged::*;

async fn process(store: &Rigged, seed: u64, clock: &FakeClock, mail: impl Notifier) -> Eventify {
    let slow = FaultStore::new(store.clone(), seed, FaultPlan { yields_max: 10, ..FaultPlan::NONE });
    let builder = Eventify::builder(slow).clock(clock.clone()).entropy(SeededEntropy::new(seed));
    builder.notifier(mail).without_worker().start().await.unwrap()
}

/// An account, made where nobody mails: of the messages here only the announced ones count.
async fn join(store: &Rigged, clock: &FakeClock) -> UserId {
    let builder = Eventify::builder(store.clone()).clock(clock.clone()).entropy(SeededEntropy::new(9));
    let eventify = builder.without_worker().start().await.unwrap();
    let request = eventify_core::account::Register::new("Bob", email_of("Bob"), crate::common::PASSWORD);
    let id = eventify.accounts().register(&anonymous(), request).await.unwrap().id;
    eventify.shut_down().await;
    id
}

async fn announce(eventify: &Eventify, user_id: UserId, times: usize) {
    for n in 0..times {
        let (title, body) = (n.to_string(), "Doors open at six.".to_owned());
        let request = SendNotification { user_id, title, body, event_id: None };
        eventify.notifications().send(&Actor::system(), request).await.unwrap();
    }
}

async fn work_off(engines: &[Eventify]) {
    let work = |engine: Eventify| async move { while engine.jobs().run_due().await.unwrap() > 0 {} };
    join_all(engines.iter().cloned().map(work)).await;
}

#[tokio::test(start_paused = true)]
async fn several_workers_deliver_everything_once() {
    let (store, clock, mail) = (Rigged::new(), FakeClock::default(), MemoryNotifier::new([Channel::Email]));
    let engines: Vec<Eventify> = join_all((1..=3).map(|n| process(&store, n, &clock, mail.clone()))).await;
    let bob = join(&store, &clock).await;
    announce(&engines[0], bob, 300).await;
    let refused = store.refused();
    work_off(&engines).await;
    let keys: BTreeSet<String> = mail.delivered().into_iter().map(|(_, _, m)| m.dedupe_key).collect();
    assert_eq!((mail.delivered().len(), keys.len()), (300, 300));
    assert_eq!(count(store.memory(), Kind::Job).await, 0);
    let refused = store.refused() - refused;
    assert!(refused <= 12, "they take different ones: {refused} commits came too late");
}

#[tokio::test(start_paused = true)]
async fn several_workers_expire_holds_without_racing_all_the_time() {
    let (store, clock, mail) = (Rigged::new(), FakeClock::default(), MemoryNotifier::new([]));
    let engines: Vec<Eventify> = join_all((1..=3).map(|n| process(&store, n, &clock, mail.clone()))).await;
    for _ in 0..40 {
        let (event, kind) = fill(&engines[0], &clock, 100).await;
        let bookings = engines[0].bookings();
        let hold = async |n| bookings.hold(&buyer(n), lines(event, &[(kind, 1)])).await.unwrap();
        join_all((0..20).map(hold)).await;
    }
    clock.advance(HOUR);
    let (refused, commits) = (store.refused(), store.commits());
    work_off(&engines).await;
    let (refused, commits) = (store.refused() - refused, store.commits() - commits);
    assert!(refused * 3 <= commits, "most commits are not in vain: {refused} of {commits}");
    assert_sound(store.memory()).await;
    let held = eventify_core::testing::model::Snapshot::take(store.memory()).await.unwrap();
    let held = held.of::<eventify_core::ticket_type::TicketType>().map(|t| t.seats.held).sum::<u32>();
    assert_eq!(held, 0);
}

/// Says that it was called, and never comes back.
#[derive(Debug, Clone, Default)]
struct Hangs(Arc<tokio::sync::Notify>);

#[async_trait]
impl Notifier for Hangs {
    fn channels(&self) -> BTreeSet<Channel> {
        BTreeSet::from([Channel::Email])
    }

    async fn deliver(&self, _: Channel, _: &Recipient, _: &Message) -> Result<Delivered, DeliveryError> {
        self.0.notify_one();
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_stops_gives_back_what_it_has_not_done() {
    let (store, clock, hangs) = (Rigged::new(), FakeClock::default(), Hangs::default());
    let builder = Eventify::builder(store.clone()).clock(clock.clone()).entropy(SeededEntropy::new(1));
    let stopping = builder.notifier(hangs.clone()).start().await.unwrap();
    let bob = join(&store, &clock).await;
    announce(&stopping, bob, 1).await;
    hangs.0.notified().await;
    stopping.shut_down().await;
    let mail = MemoryNotifier::new([Channel::Email]);
    let next = process(&store, 2, &clock, mail.clone()).await;
    // No time has passed: the lease would have lasted for another minute.
    assert_eq!(next.jobs().run_due().await.unwrap(), 1);
    assert_eq!(mail.delivered().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_job_survives_the_process_that_had_it() {
    let (store, clock, hangs) = (Rigged::new(), FakeClock::default(), Hangs::default());
    let dying = process(&store, 1, &clock, hangs.clone()).await;
    let bob = join(&store, &clock).await;
    announce(&dying, bob, 1).await;
    let working = dying.clone();
    let working = tokio::spawn(async move { working.jobs().run_due().await });
    hangs.0.notified().await;
    working.abort();
    let mail = MemoryNotifier::new([Channel::Email]);
    let next = process(&store, 2, &clock, mail.clone()).await;
    assert_eq!(next.jobs().run_due().await.unwrap(), 0, "it is reserved");
    clock.advance(Duration::from_secs(61));
    assert_eq!(next.jobs().run_due().await.unwrap(), 1);
    assert_eq!(mail.delivered().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn marks_of_dead_lanes_go_however_many_live_ones_stand_before_them() {
    let (store, clock) = (Rigged::new(), FakeClock::default());
    let mark = |n: u32| {
        let Record::LaneMark(mark) = sample::record(Kind::LaneMark, n) else { panic!("another kind") };
        let mut mark = (*mark).clone();
        // Every tenth one is long over.
        let age = if n.is_multiple_of(10) { Duration::from_secs(9 * 24 * 3600) } else { Duration::ZERO };
        mark.at = clock.now().minus(age);
        Record::LaneMark(Arc::new(mark))
    };
    let marks: Vec<Record> = (0..3_000).map(mark).collect();
    let absent = |record: &Record| Expectation { key: record.key(), version: Version::ABSENT };
    let made = |record: &Record| Write { key: record.key(), before: None, after: Some(record.clone()) };
    let set = ChangeSet {
        stamp: Version::new(7),
        expectations: marks.iter().map(absent).collect(),
        writes: marks.iter().map(made).collect(),
    };
    store.memory().commit(&set).await.unwrap();
    let eventify = engine(store.clone(), 1, &clock).await;
    let mut runs = 0;
    while eventify.jobs().sweep().await.unwrap() {
        runs += 1;
        assert!(runs < 10, "it never ends");
    }
    assert!(runs > 0, "each run is bounded");
    let own = 1;
    assert_eq!(count(store.memory(), Kind::LaneMark).await, 2_700 + own);
}
