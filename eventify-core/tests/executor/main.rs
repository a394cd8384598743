//! What lies between commands and the store: batches, bounds, conflicts, lost answers, and ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "nobody uses a test program from outside")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/memory.rs"]
mod place;
mod rigged;

mod absent;
mod ahead;
mod batching;
mod damage;
mod ends;
mod errands;
mod faults;
mod feeds;
mod following;
mod gaps;
mod lines;
mod lost_answers;
mod peers;
mod recall;
mod rivals;
mod stale;
mod unserved;
mod watching;
mod webhooks;
mod workers;
