//! Payment providers: what moves the money that the engine keeps count of.
//!
//! The rules of payments – one charge per booking, late money, what is refunded when – are the engine's. A provider here only does what
//! [`PaymentProvider`](eventify_core::payment::PaymentProvider) says: it starts a charge, says how it stands, reads its own callbacks and gives money
//! back. Each is a feature, and without one there is next to nothing to compile.
//!
//! | feature | provider | name in paths |
//! |---|---|---|
//! | `freedompay` | [FreedomPay, formerly PayBox](freedompay): cards in Kazakhstan, Kyrgyzstan and Uzbekistan | `freedompay` |
//! | `stripe` | [Stripe](stripe) Checkout: cards and wallets of the world | `stripe` |
//! | `offline` | [by hand](offline): an invoice, or cash at the door | `offline` |
//! | `test-provider` | [a page with “pay” and “decline”](test_provider), for trying everything without an account | `test` |
//! | `testing` | [FreedomPay and Stripe as servers of their own](testing) that misbehave on command | – |
//!
//! What holds for those that speak HTTP: a connection takes at most 5 seconds, an answer 15, a whole call 25; an answer is at most 256 KiB; no redirect is
//! followed; plain HTTP is spoken with loopback addresses only; nothing that moves money is repeated by itself. An error says what the
//! provider answered, never a key.

#[cfg(feature = "client")]
mod client;
#[cfg(any(feature = "freedompay", feature = "stripe"))]
mod created;
#[cfg(feature = "freedompay")]
mod decimal;
#[cfg(feature = "freedompay")]
pub mod freedompay;
#[cfg(feature = "offline")]
pub mod offline;
#[cfg(feature = "stripe")]
pub mod stripe;
#[cfg(feature = "test-provider")]
pub mod test_provider;
#[cfg(feature = "testing")]
pub mod testing;

#[cfg(feature = "client")]
pub use client::Timeouts;

/// Why a provider cannot be made of these settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct SetupError {
    /// The field of the settings.
    pub field: &'static str,
    /// What is wrong with it; never its value.
    pub problem: String,
}

#[cfg(any(feature = "client", feature = "test-provider"))]
impl SetupError {
    fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into() }
    }
}
