//! The store contract as checks that any backend can run.
//!
//! Each check is a plain function over an empty store and fails by panicking with what it expected. [`all`] runs
//! every one of them over fresh stores and reports the ones that failed by name:
//!
//! ```
//! use std::sync::Arc;
//! use async_trait::async_trait;
//! use eventify_core::store::{MemoryStore, Store};
//! use eventify_core::testing::conformance::{self, StoreBuilder};
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
//! conformance::all(&Memory).await.unwrap();
//! # }
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a check fails by panicking")]

mod commit;
mod durable;
mod events;
mod index;
mod keeper;
mod load;
mod peers;
mod race;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;

pub use commit::*;
pub use durable::*;
pub use events::*;
pub use index::*;
pub use load::*;
pub use peers::*;
pub use race::*;

use crate::store::Store;

/// Makes stores for the checks.
#[async_trait]
pub trait StoreBuilder: Send + Sync {
    /// What has to outlive a store, such as a directory that is deleted afterwards.
    type Guard: Send + Sync;

    /// A new, empty store that shares nothing with any other.
    async fn build(&self) -> (Self::Guard, Arc<dyn Store>);

    /// Closes a store and opens it again as another process would; `None` for a store that is volatile by nature.
    /// Nothing else holds the store.
    async fn reopen(&self, _guard: &Self::Guard, store: Arc<dyn Store>) -> Option<Arc<dyn Store>> {
        drop(store);
        None
    }
}

/// The checks that failed.
#[derive(Debug)]
pub struct Failures(Vec<Failure>);

#[derive(Debug)]
struct Failure {
    check: &'static str,
    message: String,
}

impl Failures {
    /// The names of the checks that failed.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|failure| failure.check)
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the store breaks its contract:")?;
        for Failure { check, message } in &self.0 {
            writeln!(f, "- {check}: {message}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failures {}

type Running<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
type Check = for<'a> fn(&'a dyn Store) -> Running<'a>;

macro_rules! checks {
    ($($name:ident)+) => {
        &[$((stringify!($name), |store| Box::pin($name(store)))),+]
    };
}

/// Every check of an open store.
const CHECKS: &[(&str, Check)] = checks! {
    what_was_written_is_loaded
    an_absent_record_has_no_version
    a_load_answers_every_key_once_in_key_order
    a_load_of_nothing_answers_nothing
    every_kind_of_record_comes_back_as_it_was
    a_ping_is_answered

    every_write_has_the_stamp_as_its_version
    a_moved_record_is_a_conflict_that_changes_nothing
    a_conflict_names_exactly_the_keys_that_moved
    an_expected_absence_is_checked
    a_deleted_record_is_absent
    a_record_made_anew_has_another_version
    expectations_alone_are_checked
    an_empty_change_set_is_applied
    a_failed_commit_leaves_the_indexes_alone
    a_large_change_set_is_applied_wholly

    every_index_lists_its_records_in_order
    every_index_pages_with_every_limit_in_both_directions
    an_update_moves_a_record_within_its_indexes
    a_deleted_record_leaves_its_indexes
    a_page_that_ends_with_the_index_has_no_next
    a_position_outlives_its_record
    inserts_between_pages_shift_nothing
    a_record_and_its_index_entry_change_together

    events_are_found_by_every_facet
    events_are_found_by_beginnings_of_words
    events_are_found_without_case_and_diacritics
    events_are_found_by_several_words_at_once
    events_are_found_by_words_and_facets_together
    events_are_found_between_two_instants
    events_are_found_only_in_the_state_asked_for
    found_events_page_in_both_directions

    of_commits_that_race_for_a_key_one_wins
    commits_that_share_no_key_are_all_applied
    racing_increments_are_never_lost
    a_load_sees_a_change_set_wholly_or_not_at_all
    a_commit_that_was_answered_is_seen_by_every_later_read

    a_turn_lasts_until_it_is_dropped
    a_commit_in_a_turn_ends_it
    everybody_gets_a_turn
    turns_at_several_things_do_not_lock_each_other_up
    what_is_signalled_is_heard
};

/// Runs every check, each over a fresh store, and the ones of durability when the builder can reopen.
///
/// Needs a tokio runtime.
///
/// # Errors
/// [`Failures`], which name every check that failed and why.
pub async fn all<B: StoreBuilder>(builder: &B) -> Result<(), Failures> {
    let mut failures = open_stores(builder, |_| true).await;
    durable(builder, &mut failures).await;
    outcome(failures)
}

/// Runs the checks of these names, each over a fresh store: for finding out what is wrong.
///
/// # Errors
/// As [`all`].
pub async fn some<B: StoreBuilder>(builder: &B, names: &[&str]) -> Result<(), Failures> {
    outcome(open_stores(builder, |name| names.contains(&name)).await)
}

fn outcome(failures: Vec<Failure>) -> Result<(), Failures> {
    if failures.is_empty() { Ok(()) } else { Err(Failures(failures)) }
}

async fn open_stores<B: StoreBuilder>(builder: &B, wanted: impl Fn(&str) -> bool) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (name, check) in CHECKS.iter().filter(|(name, _)| wanted(name)) {
        let (guard, store) = builder.build().await;
        // A task of its own, so that its panic is its own.
        let run = tokio::spawn(async move { check(&*store).await }).await;
        failures.extend(failure(name, run));
        drop(guard);
    }
    failures
}

/// Fills a store, reopens it several times and checks after each time.
async fn durable<B: StoreBuilder>(builder: &B, failures: &mut Vec<Failure>) {
    for round in 0..DURABLE_ROUNDS {
        let (guard, store) = builder.build().await;
        let writer = store.clone();
        let run = tokio::spawn(async move { leave_a_round_behind(&*writer, round).await }).await;
        failures.extend(failure("leave_a_round_behind", run));
        let Some(store) = builder.reopen(&guard, store).await else {
            return;
        };
        let run = tokio::spawn(async move { find_a_round_again(&*store, round).await }).await;
        failures.extend(failure("find_a_round_again", run));
    }
}

fn failure(check: &'static str, run: Result<(), tokio::task::JoinError>) -> Option<Failure> {
    let panic = run.err()?.try_into_panic().ok();
    let message = panic
        .as_ref()
        .and_then(|p| {
            p.downcast_ref::<String>()
                .cloned()
                .or_else(|| p.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        })
        .unwrap_or_else(|| "it was cancelled".to_owned());
    Some(Failure { check, message })
}
