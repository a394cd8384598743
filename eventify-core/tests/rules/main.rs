//! The rules as tables: each row names a situation and the code that it is refused with, or that it is fine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "nobody uses a test program from outside")]

#[path = "../common/mod.rs"]
mod common;
mod operation;
#[path = "../common/memory.rs"]
mod place;
mod table;

mod account;
mod account_access;
mod account_flow;
mod account_forgotten;
mod account_gone;
mod account_keys;
mod account_mail;
mod account_second_factor;
mod announcement;
mod audit;
mod booking;
mod booking_flow;
mod call;
mod cancellation;
mod category;
mod coverage;
mod delivery;
mod digest;
mod event;
mod event_flow;
mod export;
mod gate;
mod guesses;
mod job;
mod late;
mod lean;
mod notification;
mod passages;
mod payment;
mod payment_back;
mod payment_dispute;
mod payment_disputed;
mod payment_flow;
mod payment_other;
mod payment_outside;
mod payment_roles;
mod payment_sent;
mod promo;
mod quiet;
mod reach;
mod reminder;
mod reminder_sweep;
mod retention;
mod review;
mod review_flow;
mod roles;
mod schedule;
mod seat;
mod secrets;
mod staff;
mod staff_rights;
mod stats;
mod stats_flow;
mod still;
mod sweep;
mod text;
mod ticket;
mod ticket_code;
mod ticket_type;
mod transfer;
mod unsubscribe;
mod waitlist;
mod waitlist_claims;
mod webhook;
mod webhook_failing;
mod webhook_flow;
mod words;
