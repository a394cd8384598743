//! The service and its commands, by the real binary. One program, so that it links once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../cli_support/mod.rs"]
pub(crate) mod cli_support;
#[path = "../../../eventify-notify/tests/email/server.rs"]
pub(crate) mod mail_server;

mod admin;
mod apps;
mod browser;
mod demo;
mod half_told;
mod import;
mod killed;
mod letters;
mod pages;
mod payments;
mod people;
mod pushes;
mod refunds;
mod requests;
mod serve;
mod texts;
mod webhooks;
