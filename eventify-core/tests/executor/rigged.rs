//! A store that a test holds back, watches and spoils.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::booking::BookingView;
use eventify_core::store::{
    ChangeSet, Commit, Damaged, EngineId, Key, Kind, MemoryStore, Page, Record, Scan, Signal, Signals, Store,
    StoreError, StoreErrorKind, Turn, Versioned,
};
use eventify_core::testing::{FakeClock, SeededEntropy};
use eventify_core::{Actor, Answer, Error, EventId, Eventify, Role, TicketTypeId};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::common::{self, lines, organizer, person};

/// Delegates to memory.
#[derive(Debug, Clone)]
pub struct Rigged(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    memory: Arc<MemoryStore>,
    open: watch::Sender<bool>,
    commits: AtomicUsize,
    loads: AtomicUsize,
    refused: AtomicUsize,
    turns: AtomicUsize,
    in_turns: AtomicUsize,
    /// Where turns were given.
    taken: Mutex<Vec<BTreeSet<Key>>>,
    /// Commits that wait for the gate.
    waiting: AtomicUsize,
    spoiled: Mutex<Spoiled>,
    /// When each of the slow commits began.
    slow_since: watch::Sender<Vec<Instant>>,
}

#[derive(Debug, Default)]
struct Spoiled {
    /// Commits that rest on one of these are always too late.
    restless: BTreeSet<Key>,
    /// These cannot be read.
    corrupt: BTreeSet<Key>,
    panic_once: bool,
    fail_once: bool,
    /// Signals are lost.
    mute: bool,
    /// What rests on a commit may be handed in before that is answered.
    follows: bool,
    /// Lets the next commit's answer be lost.
    lose_once: bool,
    /// Commits that leave a job of this name to be gone on with take so long.
    slow: Option<(&'static str, Duration)>,
}

impl Rigged {
    pub fn new() -> Self {
        Self::over(Arc::new(MemoryStore::new()))
    }

    /// Another way to the same records, with a gate of its own.
    pub fn beside(&self) -> Self {
        Self::over(self.0.memory.clone())
    }

    fn over(memory: Arc<MemoryStore>) -> Self {
        Self(Arc::new(Inner {
            memory,
            open: watch::Sender::new(true),
            commits: AtomicUsize::new(0),
            loads: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            turns: AtomicUsize::new(0),
            in_turns: AtomicUsize::new(0),
            taken: Mutex::default(),
            waiting: AtomicUsize::new(0),
            spoiled: Mutex::default(),
            slow_since: watch::Sender::default(),
        }))
    }

    pub fn memory(&self) -> &MemoryStore {
        &self.0.memory
    }

    /// Lets no commit through until told otherwise.
    pub fn close(&self) {
        self.0.open.send_replace(false);
    }

    pub fn open(&self) {
        self.0.open.send_replace(true);
    }

    pub fn commits(&self) -> usize {
        self.0.commits.load(Ordering::SeqCst)
    }

    pub fn loads(&self) -> usize {
        self.0.loads.load(Ordering::SeqCst)
    }

    /// Commits that came too late.
    pub fn refused(&self) -> usize {
        self.0.refused.load(Ordering::SeqCst)
    }

    /// Turns that were asked for.
    pub fn turns(&self) -> usize {
        self.0.turns.load(Ordering::SeqCst)
    }

    /// Where turns were given.
    pub fn taken(&self) -> Vec<BTreeSet<Key>> {
        self.0.taken.lock().unwrap().clone()
    }

    /// Commits that were made in a turn.
    pub fn in_turns(&self) -> usize {
        self.0.in_turns.load(Ordering::SeqCst)
    }

    pub fn make_restless(&self, key: Key) {
        self.0.spoiled.lock().unwrap().restless.insert(key);
    }

    pub fn calm(&self) {
        *self.0.spoiled.lock().unwrap() = Spoiled::default();
    }

    pub fn corrupt(&self, key: Key) {
        self.0.spoiled.lock().unwrap().corrupt.insert(key);
    }

    /// Loses every signal from now on.
    pub fn mute(&self) {
        self.0.spoiled.lock().unwrap().mute = true;
    }

    /// Takes in what rests on a commit that waits at the gate.
    pub fn let_follow(&self) {
        self.0.spoiled.lock().unwrap().follows = true;
    }

    /// Lets the next commit's answer be lost, with everything written.
    pub fn lose_once(&self) {
        self.0.spoiled.lock().unwrap().lose_once = true;
    }

    /// From now on commits that leave a job of this name to be gone on with take so long.
    pub fn be_slow_with(&self, work: &'static str, takes: Duration) {
        self.0.spoiled.lock().unwrap().slow = Some((work, takes));
    }

    /// When each of those began.
    pub fn slow_since(&self) -> watch::Receiver<Vec<Instant>> {
        self.0.slow_since.subscribe()
    }

    async fn be_slow(&self, set: &ChangeSet) {
        let Some((name, takes)) = self.0.spoiled.lock().unwrap().slow else { return };
        let is_left = |after: &Record| matches!(after, Record::Job(job) if job.work.name() == name);
        if set.writes.iter().filter_map(|write| write.after.as_ref()).any(is_left) {
            self.0.slow_since.send_modify(|since| since.push(Instant::now()));
            tokio::time::sleep(takes).await;
        }
    }

    pub fn panic_once(&self) {
        self.0.spoiled.lock().unwrap().panic_once = true;
    }

    /// Lets the next commit fail, with nothing written.
    pub fn fail_once(&self) {
        self.0.spoiled.lock().unwrap().fail_once = true;
    }

    /// Commits that wait at the gate.
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::SeqCst)
    }

    /// Lets tasks run until a commit waits for the gate.
    pub async fn until_a_commit_waits(&self) {
        while self.0.waiting.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl Store for Rigged {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        self.0.loads.fetch_add(1, Ordering::SeqCst);
        let corrupt = !self.0.spoiled.lock().unwrap().corrupt.is_disjoint(keys);
        if corrupt {
            let words = "table bookings, key 42: 3 bytes too many";
            return Err(StoreError::new(StoreErrorKind::Corrupt, "load", words));
        }
        self.0.memory.load(keys).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        let page = self.0.memory.scan(scan).await?;
        let corrupt = self.0.spoiled.lock().unwrap().corrupt.clone();
        let is_damaged = |found: &Versioned| corrupt.contains(&found.key);
        if scan.damaged == Damaged::Fails && page.items.iter().any(is_damaged) {
            return Err(StoreError::new(StoreErrorKind::Corrupt, "scan", "a record is damaged"));
        }
        let shown = |found: Versioned| if is_damaged(&found) { Versioned::absent(found.key) } else { found };
        Ok(Page { items: page.items.into_iter().map(shown).collect(), next: page.next })
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        self.0.waiting.fetch_add(1, Ordering::SeqCst);
        let gate = self.0.open.subscribe().wait_for(|open| *open).await.map(drop);
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
        gate.unwrap();
        self.be_slow(set).await;
        self.0.commits.fetch_add(1, Ordering::SeqCst);
        let (moved, panics, fails, loses) = {
            let mut spoiled = self.0.spoiled.lock().unwrap();
            let moved: Vec<Key> = set
                .expectations
                .iter()
                .map(|e| &e.key)
                .filter(|k| spoiled.restless.contains(k))
                .cloned()
                .collect();
            let panics = std::mem::take(&mut spoiled.panic_once);
            let fails = std::mem::take(&mut spoiled.fail_once);
            (moved, panics, fails, std::mem::take(&mut spoiled.lose_once))
        };
        assert!(!panics, "as the test wishes");
        if fails {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "commit", "as the test wishes"));
        }
        let done = if moved.is_empty() { self.0.memory.commit(set).await? } else { Commit::Conflict(moved) };
        if matches!(done, Commit::Conflict(_)) {
            self.0.refused.fetch_add(1, Ordering::SeqCst);
        }
        if loses {
            return Err(StoreError::new(StoreErrorKind::Indeterminate, "commit", "as the test wishes"));
        }
        Ok(done)
    }

    async fn may_follow(&self) -> bool {
        self.0.spoiled.lock().unwrap().follows
    }

    async fn turn(&self, at: &BTreeSet<Key>) -> Result<Option<Turn>, StoreError> {
        self.0.turns.fetch_add(1, Ordering::SeqCst);
        let turn = self.0.memory.turn(at).await?;
        if turn.is_some() {
            self.0.taken.lock().unwrap().push(at.clone());
        }
        Ok(turn)
    }

    async fn commit_in_turn(&self, set: &ChangeSet, turn: Turn) -> Result<Commit, StoreError> {
        self.0.in_turns.fetch_add(1, Ordering::SeqCst);
        let committed = self.commit(set).await;
        drop(turn);
        committed
    }

    fn signal(&self, from: EngineId, signals: &BTreeSet<Signal>) {
        if !self.0.spoiled.lock().unwrap().mute {
            self.0.memory.signal(from, signals);
        }
    }

    fn signals(&self, to: EngineId) -> Option<Signals> {
        self.0.memory.signals(to)
    }
}

/// An engine and something to sell.
pub struct Shop {
    pub eventify: Eventify,
    pub event: EventId,
    pub kind: TicketTypeId,
    pub clock: FakeClock,
}

pub async fn engine(store: impl Store, seed: u64, clock: &FakeClock) -> Eventify {
    let builder = Eventify::builder(store).clock(clock.clone()).entropy(SeededEntropy::new(seed));
    builder.without_worker().start().await.unwrap()
}

/// Opens a shop of so many seats.
pub async fn shop(store: impl Store, quantity: u32) -> Shop {
    let clock = FakeClock::default();
    let eventify = engine(store, 1, &clock).await;
    let (event, kind) = fill(&eventify, &clock, quantity).await;
    Shop { eventify, event, kind, clock }
}

pub async fn fill(eventify: &Eventify, clock: &FakeClock, quantity: u32) -> (EventId, TicketTypeId) {
    use eventify_core::Clock as _;
    let request = eventify_core::event::CreateEvent {
        title: Some("Concert".to_owned()),
        starts_at: Some(clock.now().plus(common::DAY)),
        ends_at: Some(clock.now().plus(2 * common::DAY)),
        ..Default::default()
    };
    let event = eventify.events().create(&organizer(), request).await.unwrap().id;
    let kind = eventify.ticket_types().create(&organizer(), event, common::seats(quantity)).await.unwrap().id;
    eventify.events().publish(&organizer(), event).await.unwrap();
    (event, kind)
}

pub type Held = Result<Answer<BookingView>, Error>;

impl Shop {
    /// Begins to hold a seat; the answer comes when the gate lets it.
    pub fn hold(&self, who: Actor) -> tokio::task::JoinHandle<Held> {
        let (eventify, request) = (self.eventify.clone(), lines(self.event, &[(self.kind, 1)]));
        tokio::spawn(async move { eventify.bookings().hold(&who, request).await })
    }

    pub async fn hold_now(&self, who: &Actor) -> Held {
        self.eventify.bookings().hold(who, lines(self.event, &[(self.kind, 1)])).await
    }

    pub async fn hold_once(&self, key: &str) -> Held {
        let call = buyer(0).with_idempotency_key(key);
        self.eventify.bookings().hold(call, lines(self.event, &[(self.kind, 1)])).await
    }

    pub async fn counted(&self) -> (u32, u32) {
        let found = self.eventify.ticket_types().get(&organizer(), self.event, self.kind).await.unwrap();
        (found.sold, found.held)
    }
}

pub fn buyer(n: usize) -> Actor {
    person(u8::try_from(n % 200).unwrap() + 50, Role::Attendee)
}

pub async fn assert_sound(store: &dyn Store) {
    let all = eventify_core::testing::model::Snapshot::take(store).await.unwrap();
    let found = eventify_core::testing::model::violations(&all);
    assert!(found.is_empty(), "{found:#?}");
}

/// How many records of a kind there are.
pub async fn count(store: &dyn Store, kind: Kind) -> usize {
    eventify_core::testing::model::Snapshot::of_kinds(store, &[kind]).await.unwrap().records().len()
}

/// Lets everything run that can run without anybody waiting for anything.
pub async fn let_tasks_run() {
    for _ in 0..400 {
        tokio::task::yield_now().await;
    }
}

/// Jobs that were given up.
pub async fn count_of_dead(store: &MemoryStore) -> usize {
    let mut scan = Scan::first(eventify_core::store::Index::JobsDead, 1_000);
    let mut count = 0;
    loop {
        let page = store.scan(&scan).await.unwrap();
        count += page.items.len();
        match page.next {
            Some(next) => scan.after = Some(next),
            None => return count,
        }
    }
}
