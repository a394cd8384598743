//! What a payment provider has to do: start a charge, say how it stands, read its own callbacks, refund.

use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::id::BookingId;
use crate::money::Money;

/// What a provider can do; what it cannot is not asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Gives a part of a charge back.
    pub partial_refunds: bool,
    /// Calls back when a charge's status changes; otherwise it is polled.
    pub callbacks: bool,
}

/// A charge to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeRequest {
    /// Makes the charge happen once: the same key again answers the same charge.
    pub idempotency_key: String,
    /// What is paid for.
    pub booking_id: BookingId,
    /// How much.
    pub amount: Money,
    /// What the payer reads on their statement; at most 200 characters.
    pub description: String,
    /// Where the payer's browser goes afterwards.
    pub return_url: Option<String>,
}

/// A charge as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The provider's own name for it.
    pub reference: String,
    /// How it stands.
    pub status: ChargeStatus,
    /// How much, as the provider reports it: compared with what was asked.
    pub amount: Money,
    /// Where the payer has to go, when there is such a place.
    pub redirect_url: Option<String>,
}

/// How a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeStatus {
    /// The payer has not finished.
    Pending,
    /// The money is there.
    Succeeded,
    /// It will not come.
    Failed,
    /// The payer took too long.
    Expired,
    /// All of it was given back.
    Refunded,
}

/// Money to give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// Makes the refund happen once.
    pub idempotency_key: String,
    /// The charge, by the provider's name for it.
    pub reference: String,
    /// How much: at most what was paid and not given back yet.
    pub amount: Money,
}

/// A callback as it arrived, not believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderCallback {
    /// The header fields, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, byte for byte: signatures are over bytes.
    pub body: Vec<u8>,
}

/// Why a provider did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Nobody knows whether it did: ask for the status before asking again.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// It said no, and will again.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// The callback is not the provider's, or not for us.
    #[error("the callback is not genuine")]
    NotGenuine,
}

/// Moves money. Knows no rule of bookings: those are the engine's.
///
/// - Every call may be repeated; `idempotency_key` makes a repeat the same call.
/// - No call waits for the payer.
#[async_trait]
pub trait PaymentProvider: Debug + Send + Sync + 'static {
    /// Its name in paths and records, such as `stripe`: lower-case letters and hyphens.
    fn name(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Starts a charge.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`], [`ProviderError::Refused`].
    async fn create(&self, request: &ChargeRequest) -> Result<Charge, ProviderError>;

    /// How a charge stands.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`], [`ProviderError::Refused`] for a reference that it does not know.
    async fn status(&self, reference: &str) -> Result<Charge, ProviderError>;

    /// Reads a callback, once it is sure that it is genuine.
    ///
    /// # Errors
    /// [`ProviderError::NotGenuine`].
    fn parse_callback(&self, callback: &ProviderCallback) -> Result<Charge, ProviderError>;

    /// Gives money back.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`], [`ProviderError::Refused`].
    async fn refund(&self, request: &RefundRequest) -> Result<Charge, ProviderError>;
}
