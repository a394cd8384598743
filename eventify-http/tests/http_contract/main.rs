//! The HTTP contract, route by route. One program, so that it links once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
pub(crate) mod support;

mod account;
mod accounts;
mod announcements;
mod bodies;
mod conditions;
mod crowd;
mod door;
mod durable;
mod envelope;
mod events;
mod exports;
mod hostile;
mod live;
mod office;
mod openapi;
mod operation;
mod pages;
mod papers;
mod payment_cases;
mod payment_faults;
mod payments;
mod promo;
mod reasons;
mod reviews;
mod sales;
mod seats;
mod staff;
mod stats;
mod transfers;
mod waitlist;
mod webhooks;
mod wire;
