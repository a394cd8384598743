//! Eventify for Kotlin and Swift: the engine of `eventify-core` over one file, in the app itself.
//!
//! Nothing is decided here. Every method passes its call on in one line; views, requests, refusals and their words are
//! core's own, which derive for UniFFI where they are defined. `bindings/uniffi/README.md` shows the other side.

pub mod account;
pub mod actor;
pub mod announcement;
pub mod audit;
pub mod booking;
pub mod category;
pub mod clock;
pub mod event;
pub mod eventify;
pub mod export;
pub mod feed;
pub mod fetched;
pub mod job;
pub mod notification;
pub mod notifier;
pub mod page;
pub mod payment;
pub mod payment_callbacks;
pub mod payment_provider;
pub mod promo_code;
pub mod review;
pub mod seat_map;
mod shared;
pub mod staff;
pub mod stats;
pub mod ticket;
pub mod ticket_type;
pub mod transfer;
pub mod waitlist;

uniffi::setup_scaffolding!("eventify");
eventify_core::uniffi_reexport_scaffolding!();
