//! What a payment provider has to do: start a charge, say how it stands, read its own callbacks, give money back.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::id::{BookingId, PaymentId};
use crate::money::{Currency, Money};
use crate::time::Timestamp;

/// What a provider can do; what it cannot is not asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Capabilities {
    /// Gives a part of a charge back.
    pub partial_refunds: bool,
    /// Calls back when a charge's status changes; otherwise it is only polled.
    pub callbacks: bool,
    /// Moves no money itself: staff takes it and gives it back, and says so.
    pub by_hand: bool,
}

/// A charge to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ChargeRequest {
    /// Makes the charge happen once: the same id again answers the same charge. It is the order's number at the provider, which has
    /// to come back with every callback.
    pub payment_id: PaymentId,
    /// What is paid for.
    pub booking_id: BookingId,
    /// How much; above zero.
    pub amount: Money,
    /// What the payer reads on their statement; at most 200 characters.
    pub description: String,
    /// Where the payer's browser goes afterwards.
    pub return_url: Option<String>,
    /// The last instant at which the payer may pay; what the provider takes later is late money.
    pub expires_at: Timestamp,
}

/// Which charge: by our name for it, and by the provider's once that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ChargeKey {
    /// Our name, the order's number.
    pub payment_id: PaymentId,
    /// The provider's name; `None` when the answer to [`PaymentProvider::create`] was lost.
    pub reference: Option<String>,
}

/// A charge as the provider has it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct Charge {
    /// The provider's own name for it; at most 255 characters. Another one is another charge, also under the same payment.
    pub reference: String,
    /// What the provider calls the movement of money by when it tells of a dispute ([`ChargeDispute::transaction`]), where it has such a
    /// name; at most 255 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub transaction: Option<String>,
    /// How it stands.
    pub status: ChargeStatus,
    /// How much, as the provider reports it: compared with what was asked.
    pub amount: Money,
    /// How much of it is given back now, whoever asked for that: what is made, and what is on its way if the provider counts that. What failed
    /// is not in it any more, so it falls when a refund fails, and what a dispute took never is. A provider that cannot know counts at least the
    /// refunds that it accepted for the engine: with less, each of a part is listed as `refunded_outside` after an hour. Of the amount's currency.
    pub refunded: Money,
    /// What the provider keeps for itself, when it says so.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub fee: Option<Money>,
    /// Where the payer has to go, when there is such a place.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub redirect_url: Option<String>,
    /// Why it failed, in the provider's words, for the payer; at most 500 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub failure: Option<String>,
}

impl fmt::Debug for Charge {
    /// Without the address: who has it can pay, or see who does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Charge")
            .field("reference", &self.reference)
            .field("status", &self.status)
            .field("amount", &self.amount)
            .field("refunded", &self.refunded)
            .finish_non_exhaustive()
    }
}

/// How a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum ChargeStatus {
    /// The payer has not finished.
    Pending,
    /// The money is there; a part or all of it may have been given back since.
    Succeeded,
    /// It will not come.
    Failed,
    /// The payer took too long.
    Expired,
}

/// What a payer's bank was asked to take back of a charge, as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ChargeDispute {
    /// The provider's own name for it; at most 255 characters.
    pub reference: String,
    /// Which charge: its [`Charge::transaction`].
    pub transaction: String,
    /// How much is disputed.
    pub amount: Money,
    /// Why, in a word of the provider's; at most 255 characters.
    pub reason: Option<String>,
    /// How it stands.
    pub status: DisputeStatus,
    /// How many movements of money it has caused so far: none, the money was taken, it came back. A report with fewer than are known is old.
    pub moves: u8,
    /// How much is taken because of it now; of the amount's currency.
    pub taken: Money,
}

/// How a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// Nobody has decided yet.
    Open,
    /// The money stays, or comes back.
    Won,
    /// The payer keeps it.
    Lost,
}

/// Money to give back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RefundRequest {
    /// Makes the refund happen once.
    pub idempotency_key: String,
    /// The charge.
    pub charge: ChargeKey,
    /// How much the charge was.
    pub charged: Money,
    /// How much: at most what was paid and not given back yet.
    pub amount: Money,
    /// What was given back before, by refunds of ours that are done: refunds of one charge come one after another. A provider without
    /// idempotency keys learns from it whether this one happened already.
    pub refunded_before: Money,
    /// How many refunds of this charge may stand among those that failed there, at most: without a name of its own, this one has failed when
    /// there are more.
    pub failed_before: u32,
    /// The provider's own names of the charge's other refunds, as far as they are known: none of these is this one.
    pub others: Vec<String>,
    /// Whether this one may have been asked for before. Otherwise nothing that the provider has is this refund: a provider without idempotency
    /// keys makes it, whatever else is on its way there.
    pub asked_before: bool,
    /// The provider's own name for it ([`RefundReceipt::reference`]), once it accepted it and said one.
    pub reference: Option<String>,
    /// Why, for the payer; at most 200 characters.
    pub description: String,
}

/// What the provider says of a refund that it accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RefundReceipt {
    /// The provider's own name for it, when it has one; at most 255 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub reference: Option<String>,
    /// How it stands; made, unless something else is said.
    #[serde(default)]
    pub status: ReceiptStatus,
    /// Why it failed, in the provider's words; at most 500 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub failure: Option<String>,
}

impl RefundReceipt {
    /// Of a refund that is made.
    #[must_use]
    pub const fn done(reference: Option<String>) -> Self {
        Self { reference, status: ReceiptStatus::Done, failure: None }
    }
}

/// How a refund stands that a provider accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStatus {
    /// It may still fail: it is asked for again.
    Pending,
    /// It is made.
    #[default]
    Done,
    /// The money did not arrive and is back: this refund never will be made. Said of nothing that may still be made.
    Failed,
}

/// A callback as it arrived, not believed yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct ProviderCallback {
    /// The path that was called, such as `/api/payments/webhooks/stripe`: some signatures cover it.
    pub path: String,
    /// The query, without the question mark.
    pub query: String,
    /// The header fields, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, byte for byte: signatures are over bytes.
    pub body: Vec<u8>,
}

impl fmt::Debug for ProviderCallback {
    /// Without what it says: it may name the payer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderCallback").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What a genuine callback says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackNews {
    /// How a charge stands.
    Charge(PaymentId, Charge),
    /// Before the charge is made: may it be? Answered by [`Verdict::Accepted`] or [`Verdict::Refused`].
    Check(PaymentId, Money),
    /// How a dispute stands. It need not name the payment: the charge's [`Charge::transaction`] is known.
    Dispute(ChargeDispute),
    /// How a refund stands that was asked for: the payment, the [`RefundRequest::idempotency_key`], and what is said of it.
    Refund(PaymentId, String, RefundReceipt),
    /// Something about a charge moved, but the callback does not say enough: the status of every charge that was made under this number is to
    /// be fetched.
    Look(PaymentId),
    /// The same of a charge that the callback names by its [`Charge::transaction`] alone: what is done on a provider's own pages may bear no
    /// number of ours. What no payment is known by matters nothing here.
    Moved(String),
    /// Nothing that matters here.
    Nothing,
}

/// What became of a callback, for the provider's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was taken in, now or before.
    Accepted,
    /// It cannot be acted on, and repeating it will not help.
    Refused(String),
    /// It is not the provider's. Should it be – the secret is another one here –, it has to come again: never answered by a success.
    NotGenuine,
    /// It could not be taken in now: the provider should say it again.
    TryAgain,
}

/// An answer in the provider's own format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CallbackAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body's media type.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a provider did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Nobody knows whether it did: the same call is to be made again.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// It said no, and will again.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// It has no such charge.
    #[error("the provider knows no such charge")]
    Unknown,
    /// The callback, or the answer, is not the provider's, or not for us.
    #[error("the provider's signature is not genuine")]
    NotGenuine,
}

/// Moves money. Knows no rule of bookings: those are the engine's.
///
/// - Every call may be repeated; [`ChargeRequest::payment_id`] and [`RefundRequest::idempotency_key`] make a repeat the same call.
/// - No call waits for the payer. Every call ends within 30 seconds.
/// - An error never shows a secret: it is stored and shown to operators.
#[async_trait]
pub trait PaymentProvider: Debug + Send + Sync + 'static {
    /// Its name in paths and records, such as `stripe`: lower-case letters, digits and hyphens; at most 32.
    fn name(&self) -> &str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Whether it can charge in a currency.
    fn supports(&self, currency: Currency) -> bool;

    /// Whether a charge's fee may be known only after the report that it was paid: then [`PaymentProvider::status`] is asked once more.
    fn tells_fees_later(&self) -> bool {
        false
    }

    /// Whether it calls back when money is given back on its own pages. Otherwise a charge that was paid is looked at again, ever more rarely,
    /// for four months; what went back is asked before a refund is asked for, and two minutes pass before one that was not answered is asked for again:
    /// such a provider may know refunds by their sums alone.
    fn tells_of_refunds(&self) -> bool {
        true
    }

    /// Where the payer goes afterwards when a payment names no place; `{payment_id}` in it is replaced. Kept with the payment when it is
    /// begun, so that asking for it again asks for the same charge, whatever the settings are by then.
    fn return_url(&self) -> Option<String> {
        None
    }

    /// Starts a charge.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`], [`ProviderError::Refused`].
    async fn create(&self, request: &ChargeRequest) -> Result<Charge, ProviderError>;

    /// How a charge stands. [`Charge::refunded`] is what it is at the time of asking: what the engine was told before of a refund that was made or
    /// failed is in it. A callback may be old.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`], [`ProviderError::Unknown`], [`ProviderError::Refused`].
    async fn status(&self, charge: &ChargeKey) -> Result<Charge, ProviderError>;

    /// Lets go of what a charge holds of the payer's money and has not taken: nobody wants it any more. Not asked for before the charge's
    /// [`ChargeRequest::expires_at`]: until then whoever failed may try again on the provider's page. One that holds nothing, or took its
    /// money, is left as it is. Asked for again and again while money may be late. A provider that holds nothing before it takes it need not
    /// know.
    ///
    /// # Errors
    /// As [`PaymentProvider::status`].
    async fn release(&self, _charge: &ChargeKey) -> Result<(), ProviderError> {
        Ok(())
    }

    /// Reads a callback, once it is sure that it is genuine and not too old.
    ///
    /// # Errors
    /// [`ProviderError::NotGenuine`]; [`ProviderError::Refused`] for a genuine one that cannot be read.
    fn parse_callback(
        &self,
        callback: &ProviderCallback,
        now: Timestamp,
    ) -> Result<CallbackNews, ProviderError>;

    /// The answer to a callback, in the provider's own format.
    fn answer_callback(&self, callback: &ProviderCallback, verdict: &Verdict) -> CallbackAnswer;

    /// Gives money back.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`], [`ProviderError::Refused`], [`ProviderError::Unknown`].
    async fn refund(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError>;

    /// How a refund stands that was accepted and may still fail. It is never made by this. A provider whose receipts are always final
    /// need not know: without an own answer the call is made again, which is the same call.
    ///
    /// # Errors
    /// As [`PaymentProvider::refund`]; whatever it is, the refund is asked for again later.
    async fn refund_status(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        self.refund(request).await
    }
}
