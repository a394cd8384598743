//! The host's payment provider.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::ffi::Refusal;
use eventify_core::payment::{
    self, CallbackAnswer, CallbackNews, Capabilities, Charge, ChargeKey, ChargeRequest, ProviderCallback,
    RefundReceipt, RefundRequest, Verdict,
};
use eventify_core::{Currency, Error, Timestamp};

use crate::payment_callbacks::PaymentCallbacks;

/// Who a payment provider is, and what it can do.
#[derive(Debug, Clone, uniffi::Record)]
pub struct ProviderDescription {
    /// Its name in records: lower-case letters, digits and hyphens; at most 32.
    pub name: String,
    /// Whether it gives a part of a charge back.
    pub partial_refunds: bool,
    /// Whether it moves no money itself: somebody takes it and gives it back, and says so.
    pub by_hand: bool,
    /// Whether a charge's fee may be known only after the report that it was paid: then `status` is asked once more.
    #[uniffi(default)]
    pub tells_fees_later: bool,
    /// Whether it calls back when money is given back on its own pages. Otherwise a charge that was paid is looked at again, ever more
    /// rarely, for four months; what went back is asked before a refund is asked for, and two minutes pass before one that was not answered
    /// is asked for again: such a provider may know refunds by their sums alone.
    #[uniffi(default)]
    pub tells_of_refunds: bool,
    /// Where the payer goes afterwards when a payment names no place; `{payment_id}` in it is replaced. What a charge's request says was
    /// kept when the payment was begun.
    #[uniffi(default)]
    pub return_url: Option<String>,
    /// The currencies in which it charges.
    pub currencies: Vec<Currency>,
}

/// A charge as the host's provider has it. A record of its own: Kotlin cannot give a callback's answer as a record of another crate.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Charged {
    /// The charge.
    pub charge: Charge,
}

/// What is said of a refund. A record of its own, as `Charged`.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Refunded {
    /// What is said.
    pub receipt: RefundReceipt,
}

/// Moves money, by the app's own means. How a charge stands is asked; a provider that also calls back has `PaymentCallbacks` beside it.
///
/// - Every call may be repeated; `paymentId` and `idempotencyKey` make a repeat the same call.
/// - No call waits for the payer. Every call ends within 30 seconds.
/// - An error never shows a secret: it is stored and shown to operators.
#[uniffi::export(foreign)]
#[async_trait]
pub trait PaymentProvider: Send + Sync {
    /// Who it is; asked once, when the engine starts.
    ///
    /// # Errors
    /// `ProviderError`, which keeps the engine from starting.
    fn describe(&self) -> Result<ProviderDescription, ProviderError>;

    /// Starts a charge.
    ///
    /// # Errors
    /// `ProviderError`; anything else that is thrown counts as unreachable.
    async fn create(&self, request: ChargeRequest) -> Result<Charged, ProviderError>;

    /// How a charge stands.
    ///
    /// # Errors
    /// As `create`.
    async fn status(&self, charge: ChargeKey) -> Result<Charged, ProviderError>;

    /// Lets go of what a charge holds of the payer's money and has not taken: nobody wants it any more. Not asked for before the charge's
    /// `expiresAt`: until then whoever failed may try again on the provider's page. One that holds nothing, or took its money, is left as it
    /// is. Asked for again and again while money may be late; a provider that holds nothing does nothing.
    ///
    /// # Errors
    /// As `create`; whatever it is, it is asked again later.
    async fn release(&self, charge: ChargeKey) -> Result<(), ProviderError>;

    /// Gives money back. One that is accepted and may still fail is `PENDING`: `refundStatus` is asked until it is final.
    ///
    /// # Errors
    /// As `create`.
    async fn refund(&self, request: RefundRequest) -> Result<Refunded, ProviderError>;

    /// How a refund stands that was accepted. It is never made by this. A provider whose receipts are always final is not asked.
    ///
    /// # Errors
    /// As `create`; whatever it is, it is asked again later.
    async fn refund_status(&self, request: RefundRequest) -> Result<Refunded, ProviderError>;
}

/// Why a payment provider did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Error)]
pub enum ProviderError {
    /// Nobody knows whether it did: the same call is made again.
    Unreachable {
        /// What went wrong.
        reason: String,
    },
    /// It said no, and will again.
    Refused {
        /// Why.
        reason: String,
    },
    /// It has no such charge.
    Unknown,
    /// A callback is not the provider's, or not for us.
    NotGenuine,
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { reason } | Self::Refused { reason } => f.write_str(reason),
            Self::Unknown => f.write_str("the provider knows no such charge"),
            Self::NotGenuine => f.write_str("the provider's signature is not genuine"),
        }
    }
}

impl std::error::Error for ProviderError {}

/// Something else was thrown: nobody knows whether it did what it was asked.
impl From<uniffi::UnexpectedUniFFICallbackError> for ProviderError {
    fn from(_thrown: uniffi::UnexpectedUniFFICallbackError) -> Self {
        // What it says is the host's own: a stack trace, perhaps with an address and its secrets, and this is stored.
        Self::Unreachable {
            reason: "the host's payment provider threw something that is no ProviderError".to_owned(),
        }
    }
}

impl From<ProviderError> for payment::ProviderError {
    fn from(failed: ProviderError) -> Self {
        match failed {
            ProviderError::Unreachable { reason } => Self::Unreachable(reason),
            ProviderError::Refused { reason } => Self::Refused(reason),
            ProviderError::Unknown => Self::Unknown,
            ProviderError::NotGenuine => Self::NotGenuine,
        }
    }
}

/// The host's payment provider as the engine calls it.
pub(crate) struct HostPaymentProvider {
    is: ProviderDescription,
    host: Arc<dyn PaymentProvider>,
    callbacks: Option<Arc<dyn PaymentCallbacks>>,
}

impl HostPaymentProvider {
    /// # Errors
    /// `invalid_value` (`payment_provider`) when it does not say who it is.
    pub(crate) fn new(
        host: Arc<dyn PaymentProvider>,
        callbacks: Option<Arc<dyn PaymentCallbacks>>,
    ) -> Result<Self, Refusal> {
        let is = host.describe().map_err(|e| Error::invalid("payment_provider", e.to_string()))?;
        Ok(Self { is, host, callbacks })
    }
}

impl fmt::Debug for HostPaymentProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostPaymentProvider").field("is", &self.is).finish_non_exhaustive()
    }
}

#[async_trait]
impl payment::PaymentProvider for HostPaymentProvider {
    fn name(&self) -> &str {
        &self.is.name
    }

    fn capabilities(&self) -> Capabilities {
        let ProviderDescription { partial_refunds, by_hand, .. } = self.is;
        Capabilities { partial_refunds, by_hand, callbacks: self.callbacks.is_some() }
    }

    fn supports(&self, currency: Currency) -> bool {
        self.is.currencies.contains(&currency)
    }

    fn tells_fees_later(&self) -> bool {
        self.is.tells_fees_later
    }

    fn tells_of_refunds(&self) -> bool {
        self.is.tells_of_refunds
    }

    fn return_url(&self) -> Option<String> {
        self.is.return_url.clone()
    }

    async fn create(&self, request: &ChargeRequest) -> Result<Charge, payment::ProviderError> {
        Ok(self.host.create(request.clone()).await?.charge)
    }

    async fn status(&self, charge: &ChargeKey) -> Result<Charge, payment::ProviderError> {
        Ok(self.host.status(charge.clone()).await?.charge)
    }

    fn parse_callback(
        &self,
        callback: &ProviderCallback,
        now: Timestamp,
    ) -> Result<CallbackNews, payment::ProviderError> {
        let host = self.callbacks.as_ref().ok_or(payment::ProviderError::NotGenuine)?;
        Ok(host.parse(callback.clone(), now)?.into())
    }

    fn answer_callback(&self, callback: &ProviderCallback, verdict: &Verdict) -> CallbackAnswer {
        let mute =
            |status| CallbackAnswer { status, content_type: "text/plain".to_owned(), body: Vec::new() };
        let Some(host) = &self.callbacks else { return mute(403) };
        // Whoever cannot answer says that it should come again: what was taken in changes nothing the second time.
        host.answer(callback.clone(), verdict.clone()).map_or_else(|_| mute(500), |said| said.answer)
    }

    async fn release(&self, charge: &ChargeKey) -> Result<(), payment::ProviderError> {
        Ok(self.host.release(charge.clone()).await?)
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundReceipt, payment::ProviderError> {
        Ok(self.host.refund(request.clone()).await?.receipt)
    }

    async fn refund_status(&self, request: &RefundRequest) -> Result<RefundReceipt, payment::ProviderError> {
        Ok(self.host.refund_status(request.clone()).await?.receipt)
    }
}
