//! Eventify's engine: events, ticket sales, bookings and the door, as a library that an app embeds.
//!
//! It runs inside of the app's process and keeps its records in a [`Store`](store::Store): one file
//! (`eventify-store-redb`), memory ([`MemoryStore`](store::MemoryStore)), or one of your own. [`Eventify::builder`]
//! starts it, and [`Eventify`] shows a first call. Every call says who asks ([`Actor`]) and answers once its
//! changes are in the store for good, or says why not ([`Error`], with a [`Reason`] whose code stays the same).
//!
//! # The way of a decision
//!
//! 1. A call checks its values and becomes a *command*: what is wanted, by whom, and what it will surely read.
//! 2. The command queues in a *lane*. Commands about one event, or one person, share a lane and keep their order;
//!    there are as many lanes as the store can commit side by side ([`Store::lanes_max`](store::Store::lanes_max)).
//! 3. The lane takes everything that queued while its last commit was under way, loads the records, and runs the
//!    commands one after another over one *unit of work*. A command is a pure function: it reads and writes records
//!    there, and takes time, ids and randomness from its context. One that needs more records is run again with
//!    them; one that a rule refuses leaves no trace.
//! 4. The batch is one [`ChangeSet`](store::ChangeSet): the writes, and the version of every record that was read.
//!    The store applies all of it or none. If somebody else was faster, the commands are decided anew. The next batch
//!    is decided meanwhile, and a store that writes one out while it makes the next has it before the first is durable.
//! 5. Everybody is answered. A call with an idempotency key ([`Actor::with_idempotency_key`]) happens once, however
//!    often it is repeated.
//!
//! Plain reads go to the store directly and wait for no lane.
//!
//! # The nouns
//!
//! | module | what it has |
//! |---|---|
//! | [`account`] | people, sessions, roles; for apps without a login of their own |
//! | [`event`] | drafts, publishing, cancelling, categories, schedules, search |
//! | [`ticket_type`] | prices, quantities, sales windows, and what is left |
//! | [`promo_code`] | discounts, and the key to hidden ticket types |
//! | [`seat_map`] | sections, rows and numbered seats |
//! | [`booking`] | holding, confirming, buying at once, cancelling |
//! | [`waitlist`] | who came too late, in order, and what is offered to them |
//! | [`ticket`] | signed codes, QR pictures, check-in |
//! | [`transfer`] | a ticket offered to somebody else, and taken over |
//! | [`staff`] | people who scan or manage one event, devices at its door |
//! | [`review`] | what those who were there think, moderated and counted |
//! | [`stats`] | what came of events in numbers, exact at every instant |
//! | [`export`] | everything of an event's attendees and bookings, piece by piece |
//! | [`notification`] | what people are told, and the outlets to mail and other systems |
//! | [`webhook`] | addresses of other systems that are told of facts, signed |
//! | [`audit`] | who did what, written in the same commit as what was done |
//! | [`job`] | what happens later, as records, with retries and dead letters |
//! | [`payment`] | the port to payment providers |
//!
//! [`check`] looks over a whole store for records that disagree, [`copy`] moves everything to another store, [`keyring`]
//! has the keys that sign tickets and tokens.
//!
//! # Ports
//!
//! What the engine needs from outside is a trait, given to the [`Builder`]: [`Store`](store::Store), [`Clock`],
//! [`Entropy`], [`Notifier`](notification::Notifier), [`Publisher`](notification::Publisher),
//! [`WebhookSender`](webhook::WebhookSender). The last three are called at least once; a repeat carries the same key.
//! [`PaymentProvider`](payment::PaymentProvider) takes money and gives it back.
//!
//! # Time, ids, money
//!
//! - A [`Timestamp`] is an instant in UTC, in microseconds. Time zones ([`TimeZoneName`]) are for people's days
//!   only.
//! - Every noun has its own id type. New ids are UUIDs of version 7 and sort as they were made.
//! - [`Money`] is whole minor units and a [`Currency`]; sums are checked, and there are no floats and no
//!   conversion.
//!
//! # Tests
//!
//! The feature `testing` adds a clock and randomness that a test decides, a store that fails on purpose, outlets
//! that remember, a model of the whole engine, and the conformance suite that every store has to pass.
//!
//! # Other languages
//!
//! With the feature `uniffi` views, requests and refusals pass to Kotlin and Swift; `ffi` has what is more than a derive.
//!
//! # Deliberately absent
//!
//! No hidden clock, no I/O in a rule, no SQL and no ORM, no event sourcing, no message bus inside of the process.
//! HTTP is `eventify-http`; sending mail is the app's own notifier.

pub mod account;
mod actor;
pub mod announcement;
pub mod audit;
mod bells;
pub mod booking;
mod change;
pub mod check;
mod command;
mod context;
pub mod copy;
mod ed25519;
pub mod error;
mod etag;
pub mod event;
mod eventify;
mod executor;
pub mod export;
#[cfg(feature = "uniffi")]
pub mod ffi;
mod id;
pub mod job;
mod kept;
pub mod keyring;
mod language;
mod lead_time;
mod money;
pub mod notification;
mod page;
pub mod payment;
pub mod promo_code;
pub mod review;
mod scope;
pub mod seat_map;
mod signing;
pub mod staff;
pub mod stats;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod ticket;
pub mod ticket_type;
mod time;
pub mod transfer;
mod validate;
pub mod waitlist;
pub mod webhook;
mod work;

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!("eventify_core");

pub use actor::{Actor, Role};
pub use change::Change;
pub use command::{Answer, Call, IdempotentReply, LaneMark};
pub use context::{Clock, Entropy, PaymentPolicy, Settings, SystemClock, SystemEntropy};
pub use error::{Category, Error, FieldError, Reason};
pub use etag::{Fetched, IfMatch};
pub use eventify::{Builder, Eventify};
pub use id::{
    AnnouncementId, ApiKeyId, AuditId, BookingId, CategoryId, DeviceId, DisputeId, EventId, FactId, JobId,
    LaneId, LedgerEntryId, NotificationId, ParseIdError, PaymentId, PromoCodeId, PushSubscriptionId,
    RefundId, ReviewId, ScanId, ScheduleItemId, SessionId, TicketId, TicketTypeId, TransferId, UserId,
    WebhookDeliveryId, WebhookId,
};
pub use language::{Language, NotALanguage};
pub use lead_time::{BadLeadTime, LeadTime};
pub use money::{Currency, Money, MoneyError, UnknownCurrency};
pub use page::{Listing, PageRequest};
pub use scope::Scope;
pub use time::{TimeZoneName, Timestamp, TimestampError, UnknownTimeZone};
