//! While somebody outside is away the store and everybody else hear no more of it than that one asks now and then.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::notification::{DeliveryError, Envelope, Publisher};
use eventify_core::testing::{FakeClock, MemoryPublisher, SeededEntropy};
use eventify_core::{EventId, Eventify, FactId, TicketTypeId};
use futures_util::future::join_all;
use tokio::time::Instant;

use crate::common::lines;
use crate::rigged::{Rigged, buyer, fill};

const STEP: Duration = Duration::from_millis(50);
/// After which a broker that is away wants to be asked again.
const PAUSE: Duration = Duration::from_secs(5);

/// Is away until it is said to be back.
#[derive(Debug, Clone, Default)]
struct Broker {
    is_back: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    told: Arc<Mutex<BTreeMap<FactId, u32>>>,
}

#[async_trait]
impl Publisher for Broker {
    fn name(&self) -> &str {
        "broker"
    }

    async fn publish(&self, envelope: &Envelope) -> Result<(), DeliveryError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if !self.is_back.load(Ordering::SeqCst) {
            return Err(DeliveryError::Away { why: "no route".to_owned(), pause: PAUSE });
        }
        *self.told.lock().unwrap().entry(envelope.id).or_default() += 1;
        Ok(())
    }
}

impl Broker {
    fn told(&self) -> usize {
        self.told.lock().unwrap().len()
    }
}

struct Stage {
    store: Rigged,
    clock: FakeClock,
    broker: Broker,
    /// Is never away.
    beside: MemoryPublisher,
    processes: Vec<Eventify>,
    of: (EventId, TicketTypeId),
}

impl Stage {
    async fn new(processes: u64) -> Self {
        let (store, clock) = (Rigged::new(), FakeClock::default());
        let (broker, beside) = (Broker::default(), MemoryPublisher::named("beside"));
        let process = |seed| {
            let builder = Eventify::builder(store.clone()).clock(clock.clone());
            let builder = builder.entropy(SeededEntropy::new(seed));
            builder.publisher(broker.clone()).publisher(beside.clone()).start()
        };
        let processes = join_all((1..=processes).map(process)).await;
        let processes: Vec<Eventify> = processes.into_iter().map(Result::unwrap).collect();
        let of = fill(&processes[0], &clock, 10_000).await;
        let stage = Self { store, clock, broker, beside, processes, of };
        stage.pass(STEP).await;
        stage
    }

    /// Each is two facts.
    async fn buy(&self, nth: usize) {
        let process = &self.processes[nth % self.processes.len()];
        process.bookings().buy(&buyer(nth), lines(self.of.0, &[(self.of.1, 1)])).await.unwrap();
    }

    /// The runtime's time moves on only when everybody waits.
    async fn pass(&self, time: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < time {
            tokio::time::sleep(STEP).await;
            self.clock.advance(STEP);
        }
    }

    async fn end(self) {
        for process in self.processes {
            process.shut_down().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_is_away_costs_purchases_no_commit() {
    let stage = Stage::new(1).await;
    stage.buy(0).await;
    stage.pass(STEP).await;
    let (commits, asked) = (stage.store.commits(), stage.broker.asked.load(Ordering::SeqCst));
    for nth in 1..=200 {
        stage.buy(nth).await;
        stage.pass(2 * STEP).await;
    }
    let asked = stage.broker.asked.load(Ordering::SeqCst) - asked;
    assert!((2..=5).contains(&asked), "in 20 seconds, every five: {asked}");
    assert_eq!(stage.beside.published().len(), 1 + 2 * 201, "nobody else is held up");
    // A purchase, and for each fact of it that is told a lease and an end, which may share one.
    let most = 200 * (1 + 2 * 2) + 2 * asked;
    let commits = stage.store.commits() - commits;
    assert!(commits <= most, "{commits} commits, of at most {most}");
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn of_several_processes_each_asks_by_one_and_all_go_on_when_it_is_back() {
    let stage = Stage::new(3).await;
    for nth in 0..300 {
        stage.buy(nth).await;
        stage.pass(4 * STEP).await;
    }
    let asked = stage.broker.asked.load(Ordering::SeqCst);
    assert!(asked <= 3 * (60 / 5 + 3), "in a minute, every five seconds, and at first: {asked}");
    assert_eq!(stage.beside.published().len(), 1 + 600);
    stage.broker.is_back.store(true, Ordering::SeqCst);
    stage.pass(PAUSE + Duration::from_secs(1)).await;
    assert_eq!(stage.broker.told(), 1 + 600, "nothing is lost, and nothing waits for a pause of its own");
    assert!(stage.broker.told.lock().unwrap().values().all(|times| *times == 1));
    stage.end().await;
}

#[tokio::test(start_paused = true)]
async fn one_that_arrives_opens_the_line_at_once() {
    let stage = Stage::new(1).await;
    for nth in 0..500 {
        stage.buy(nth).await;
    }
    stage.pass(PAUSE).await;
    stage.broker.is_back.store(true, Ordering::SeqCst);
    while stage.broker.told() == 0 {
        stage.pass(STEP).await;
    }
    stage.pass(2 * STEP).await;
    assert_eq!(stage.broker.told(), 1 + 1_000, "more than there are places, without a pause between");
    stage.end().await;
}
