//! Money that comes, or does not, through banks that misbehave and a store that storms: in the end it is in a booking, or
//! back. `EVENTIFY_MODEL_ROUNDS=10000` runs as many seeds of each kind, `EVENTIFY_MODEL_FROM` says with which they begin.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "a long run says how far it is")]

use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::store::{MemoryStore, Store};
use eventify_core::testing::FaultPlan;
use eventify_core::testing::conformance::StoreBuilder;
use eventify_core::testing::model::till::{Till, TillReport};
use eventify_core::testing::model::{is_enough, seeds};

struct Memory;

#[async_trait]
impl StoreBuilder for Memory {
    type Guard = ();

    async fn build(&self) -> ((), Arc<dyn Store>) {
        ((), Arc::new(MemoryStore::new()))
    }
}

/// Runs every seed, and says what all of them together consisted of; `None` when it was one seed that is run again.
async fn run(kind: &str, till: Till, usual: u64) -> Option<TillReport> {
    let seeds = seeds(usual);
    let enough = is_enough(&seeds, usual);
    // A long run says how far it is.
    let is_long = seeds.end - seeds.start > usual;
    let mut total = TillReport::default();
    for seed in seeds {
        total = total.plus(till.run(&Memory, seed).await.unwrap_or_else(|failure| panic!("{failure}")));
        if is_long && seed % 100 == 99 {
            println!("{kind}: every seed up to {seed} passes");
        }
    }
    enough.then_some(total)
}

#[tokio::test(start_paused = true)]
async fn bad_banks_and_a_store_in_a_storm() {
    let Some(total) = run("bad banks, storm", Till::default(), 240).await else { return };
    // Everything that can go wrong did, and most money found its tickets all the same.
    for (what, count, least) in [
        ("charges", total.charges, 300),
        ("captured", total.captured, 150),
        ("kept", total.kept, 60),
        ("returned", total.returned, 50),
        ("late", total.late, 15),
        ("odd", total.odd, 10),
        ("refunds", total.refunds, 50),
        ("repeated", total.repeated, 100),
        ("lost", total.lost, 20),
        ("failed calls", total.failed_calls, 150),
        ("done and not said", total.done_unsaid, 50),
        ("cash", total.cash, 20),
        ("disputes", total.disputes, 40),
        ("doubles", total.doubles, 10),
        ("halves", total.halves, 1),
        ("accepted only", total.accepted_only, 40),
        ("failed late", total.failed_late, 5),
        ("outside", total.outside, 40),
        ("outside and back", total.outside_failed, 10),
        ("outside and not said", total.outside_unsaid, 1),
        ("fees", total.fees, 50),
        ("too late", total.too_late, 5),
        ("told early", total.told_early, 1),
        ("retried", total.retried, 1),
        ("paid out", total.paid_out, 1),
    ] {
        assert!(count >= least, "{what}: {count} in {total:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn bad_banks_and_one_engine_over_a_calm_store() {
    let calm = Till { engines: 1, faults: FaultPlan::NONE, ..Till::default() };
    run("bad banks, calm", calm, 60).await;
}

#[tokio::test(start_paused = true)]
async fn good_banks_and_a_store_in_a_storm() {
    let Some(total) = run("good banks, storm", Till { bad_banks: false, ..Till::default() }, 60).await else {
        return;
    };
    assert_eq!(total.failed_calls, 0);
}

#[tokio::test(start_paused = true)]
async fn a_seed_repeats() {
    for seed in 0..3 {
        let (one, two) = (Till::default().run(&Memory, seed).await, Till::default().run(&Memory, seed).await);
        assert_eq!(one.unwrap(), two.unwrap());
    }
}
