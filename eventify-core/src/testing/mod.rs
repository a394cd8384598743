//! For tests, of Eventify and of whoever embeds it or brings a store of their own.
//!
//! - [`conformance`]: the store contract as checks that any backend can run.
//! - [`model`]: random workloads that a second implementation of the rules has to explain; [`model::till`]: money, by the
//!   books of banks that misbehave.
//! - [`crowd`]: three hundred people who want what there is less of.
//! - [`FaultStore`]: a store that fails on purpose, the same way for the same seed.
//! - [`FakeClock`] and [`SeededEntropy`]: time and randomness that a test decides.
//! - [`MemoryNotifier`], [`MemoryPublisher`], [`MemoryProvider`], [`MemoryWebhooks`]: the outside world, remembered.
//! - [`sample`]: records of every kind, rich and odd.

mod clock;
pub mod conformance;
pub mod crowd;
mod entropy;
mod fault;
mod fault_plan;
pub mod model;
mod ports;
mod provider;
pub mod sample;
mod sample_account;
mod webhooks;

pub use clock::FakeClock;
pub use entropy::SeededEntropy;
pub use fault::FaultStore;
pub use fault_plan::{Fault, FaultCounts, FaultPlan};
pub use ports::{MemoryNotifier, MemoryPublisher};
pub use provider::MemoryProvider;
pub use webhooks::MemoryWebhooks;
