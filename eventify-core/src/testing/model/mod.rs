//! The engine as it should be, beside the engine as it is.
//!
//! A seed decides what several clients ask, round by round and all at once: they hold, buy, confirm and cancel, with
//! promo codes, by seat, or waiting in line; they come and go at the door, give tickets away, repeat requests whose
//! answer they lost, go away before they are answered. Behind the engines the store conflicts,
//! fails, and loses answers of commits that happened, did not happen, or happen later. After every round everything
//! that clients were told has to be explained by *some* order of the same requests under the rules written down a
//! second time over plain maps, ending in exactly what the store holds; and every invariant that can be counted anew
//! is counted anew.
//!
//! A failure names the seed and the shortest plan found that fails in the same way:
//!
//! ```
//! use std::sync::Arc;
//! use async_trait::async_trait;
//! use eventify_core::store::{MemoryStore, Store};
//! use eventify_core::testing::FaultPlan;
//! use eventify_core::testing::conformance::StoreBuilder;
//! use eventify_core::testing::model::Model;
//!
//! struct Memory;
//!
//! #[async_trait]
//! impl StoreBuilder for Memory {
//!     type Guard = ();
//!
//!     async fn build(&self) -> ((), Arc<dyn Store>) {
//!         ((), Arc::new(MemoryStore::new()))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let model = Model { rounds: 5, faults: FaultPlan::STORM, ..Model::default() };
//! model.run(&Memory, 42).await.unwrap();
//! # }
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::large_futures,
    reason = "a check fails by panicking, and runs in tests alone"
)]

mod aftermath;
mod client;
mod dice;
mod explain;
mod guess;
mod invariants;
mod oracle;
mod outside;
mod plan;
mod resolve;
mod run;
mod sale_invariants;
mod shorten;
mod snapshot;
mod stage;
pub mod till;
mod truth;

use std::fmt;

pub use invariants::violations;
pub use snapshot::Snapshot;

use self::explain::Told;
use self::oracle::{Answer, State};
use self::plan::{Plan, Size};
use self::run::Run;
use self::shorten::shorten;
use self::stage::Stage;
use super::conformance::StoreBuilder;
use super::{FaultCounts, FaultPlan};
use crate::booking::Booking;
use crate::ticket::{Passages, Ticket};
use crate::transfer::{Transfer, TransferState};

/// How a run is made up.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    /// Rounds of a run.
    pub rounds: u32,
    /// Clients that ask at once, at most; 1 to 8.
    pub clients: u8,
    /// Engines over the one store.
    pub engines: u8,
    /// What goes wrong in the store.
    pub faults: FaultPlan,
}

impl Default for Model {
    fn default() -> Self {
        Self { rounds: 40, clients: 7, engines: 1, faults: FaultPlan::NONE }
    }
}

/// What a run consisted of: to see that it was worth something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Requests that were answered with a yes.
    pub accepted: u32,
    /// Requests that were refused.
    pub refused: u32,
    /// Requests whose answer was lost.
    pub unknown: u32,
    /// Bookings that were made.
    pub bookings: u32,
    /// Bookings with a promo code.
    pub promos: u32,
    /// Bookings of seats on a map.
    pub seated: u32,
    /// Bookings that were offered to somebody who waited.
    pub offers: u32,
    /// Tickets that were sold.
    pub tickets: u32,
    /// Tickets that somebody took over.
    pub transfers: u32,
    /// Entries and exits that were taken back.
    pub undone: u32,
    /// What the store did.
    pub faults: FaultCounts,
}

impl Report {
    fn count(&mut self, told: &[Told]) {
        for told in told {
            match &told.answer {
                Some(Answer::Refused(..)) => self.refused += 1,
                Some(_) => self.accepted += 1,
                None => self.unknown += 1,
            }
        }
    }

    fn finish(&mut self, faults: &FaultCounts, all: &Snapshot) {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.faults = *faults;
        self.bookings = count(all.of::<Booking>().count());
        self.promos = count(all.of::<Booking>().filter(|b| b.promo_code_id.is_some()).count());
        self.seated = count(all.of::<Booking>().filter(|b| b.seat_ids().next().is_some()).count());
        self.offers = count(all.of::<Booking>().filter(|b| b.from_waitlist).count());
        self.tickets = count(all.of::<Ticket>().count());
        let taken = |t: &Transfer| matches!(t.state, TransferState::Accepted { .. });
        self.transfers = count(all.of::<Transfer>().filter(|t| taken(t)).count());
        self.undone = count(all.of::<Passages>().flat_map(|p| &p.list).filter(|p| p.undone).count());
    }
}

/// A run that the rules do not explain.
#[derive(Debug)]
pub struct Failure {
    seed: u64,
    problem: String,
    plan: Plan,
}

impl Failure {
    /// The seed to run again with.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {} (run it again with EVENTIFY_MODEL_SEED={}):", self.seed, self.seed)?;
        writeln!(f, "{}", self.problem)?;
        writeln!(f, "the shortest plan found that fails:\n{}", self.plan)
    }
}

impl std::error::Error for Failure {}

/// Plans that are tried at most while a shorter one is looked for.
const TRIES_MAX: u32 = 150;

impl Model {
    /// One run over a store of its own.
    ///
    /// Repeats exactly on a current-thread runtime whose time is paused, over a store that answers without waiting for
    /// other threads.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run<B: StoreBuilder>(&self, builder: &B, seed: u64) -> Result<Report, Failure> {
        let size =
            Size { rounds: self.rounds, clients: self.clients.clamp(1, 8), engines: self.engines.max(1) };
        let plan = Plan::new(seed, size);
        match self.play(builder, &plan).await {
            Ok(report) => Ok(report),
            Err(problem) => {
                let play = async |plan: &Plan| self.play(builder, plan).await;
                let (plan, problem) = shorten(plan, problem, TRIES_MAX, play).await;
                Err(Failure { seed, problem, plan })
            }
        }
    }

    async fn play<B: StoreBuilder>(&self, builder: &B, plan: &Plan) -> Result<Report, String> {
        let (guard, store) = builder.build().await;
        let stage = Stage::set(store, *self, plan.seed).await;
        let stage = stage.map_err(|e| format!("the stage cannot be set: {e}"))?;
        let mut run = Run::new(stage).await?;
        let played = run.play(plan).await;
        for engine in run.stage.engines.drain(..) {
            engine.shut_down().await;
        }
        let report = run.report;
        drop(run);
        drop(guard);
        played.map(|()| report)
    }
}

/// The seeds to run: the one of `EVENTIFY_MODEL_SEED`, or as many as `EVENTIFY_MODEL_ROUNDS` says, or `usual` ones, beginning with the one of
/// `EVENTIFY_MODEL_FROM`, or with 0.
#[must_use]
pub fn seeds(usual: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    match number("EVENTIFY_MODEL_SEED") {
        Some(seed) => seed..seed.saturating_add(1),
        None => {
            let from = number("EVENTIFY_MODEL_FROM").unwrap_or(0);
            from..from.saturating_add(number("EVENTIFY_MODEL_ROUNDS").unwrap_or(usual))
        }
    }
}

/// Whether so many seeds have to show everything between them: one that is run again need not.
#[must_use]
pub const fn is_enough(seeds: &std::ops::Range<u64>, usual: u64) -> bool {
    seeds.end.saturating_sub(seeds.start) >= usual
}

/// How one world differs from another, for people.
fn differences(before: &State, after: &State) -> String {
    let mut out = String::new();
    for (id, event) in &after.events {
        if before.events.get(id) != Some(event) {
            out += &format!("{id:?}: {:?}\n  -> {event:?}\n", before.events.get(id));
        }
    }
    for (id, found) in &after.types {
        if before.types.get(id) != Some(found) {
            out += &format!("{id:?}: {:?}\n  -> {found:?}\n", before.types.get(id));
        }
    }
    for (id, booking) in &after.bookings {
        if before.bookings.get(id) != Some(booking) {
            out += &format!("{id:?}: {:?}\n  -> {booking:?}\n", before.bookings.get(id));
        }
    }
    for (id, transfer) in &after.transfers {
        if before.transfers.get(id) != Some(transfer) {
            out += &format!("{id:?}: {:?}\n  -> {transfer:?}\n", before.transfers.get(id));
        }
    }
    if before.lines != after.lines {
        out += &format!("in line: {:?}\n  -> {:?}\n", before.lines, after.lines);
    }
    if before.promos != after.promos {
        out += &format!("promo codes: {:?}\n  -> {:?}\n", before.promos, after.promos);
    }
    for id in before.bookings.keys().filter(|id| !after.bookings.contains_key(id)) {
        out += &format!("{id:?} is gone\n");
    }
    if before.notices != after.notices {
        out += &format!("notices: {:?}\n  -> {:?}\n", before.notices, after.notices);
    }
    if (&before.off, &before.emails, &before.told) != (&after.off, &after.emails, &after.told) {
        out += &format!("told, chosen or registered: {:?} {:?} {:?}\n", after.off, after.emails, after.told);
    }
    out
}
