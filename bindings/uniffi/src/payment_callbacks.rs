//! What the host's payment provider says by itself.

use eventify_core::PaymentId;
use eventify_core::payment::{
    self, CallbackAnswer, Charge, ChargeDispute, ProviderCallback, RefundReceipt, Verdict,
};
use eventify_core::{Money, Timestamp};

use crate::payment_provider::ProviderError;

/// Reads the callbacks of the host's payment provider, which a server of the host's receives and gives to `Payments.callback`. Asked on
/// the engine's threads: both have to answer at once.
#[uniffi::export(foreign)]
pub trait PaymentCallbacks: Send + Sync {
    /// Reads a callback, once it is sure that it is genuine and not too old.
    ///
    /// # Errors
    /// `ProviderError`: `NotGenuine`; `Refused` for a genuine one that cannot be read. Anything else that is thrown asks for a repetition.
    fn parse(&self, callback: ProviderCallback, now: Timestamp) -> Result<CallbackNews, ProviderError>;

    /// The answer, in the provider's own format.
    ///
    /// # Errors
    /// Whatever is thrown answers 500, so that the callback comes again.
    fn answer(&self, callback: ProviderCallback, verdict: Verdict) -> Result<CallbackReply, ProviderError>;
}

/// What a genuine callback says.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum CallbackNews {
    /// How a charge stands.
    Charge {
        /// Our name for it.
        payment_id: PaymentId,
        /// The charge.
        charge: Charge,
    },
    /// Before the charge is made: may it be? Answered by an accepted or refused verdict.
    Check {
        /// Our name for it.
        payment_id: PaymentId,
        /// How much it would be.
        amount: Money,
    },
    /// How a dispute stands.
    Dispute {
        /// The dispute.
        dispute: ChargeDispute,
    },
    /// How a refund stands that was asked for.
    Refund {
        /// Our name for its payment.
        payment_id: PaymentId,
        /// The refund's own key, as it was asked for with.
        idempotency_key: String,
        /// What is said of it.
        receipt: RefundReceipt,
    },
    /// Something about a charge moved, but the callback does not say enough: its status is asked for.
    Look {
        /// Our name for it.
        payment_id: PaymentId,
    },
    /// The same of a charge that the callback names by its own name for the money alone, as what is done on the provider's own pages may do. What
    /// no payment is known by matters nothing here.
    Moved {
        /// The charge's `transaction`.
        transaction: String,
    },
    /// Nothing that matters here.
    Nothing,
}

/// An answer of the host's provider. A record of its own: Kotlin cannot give a callback's answer as a record of another crate.
#[derive(Debug, Clone, uniffi::Record)]
pub struct CallbackReply {
    /// The answer.
    pub answer: CallbackAnswer,
}

impl From<CallbackNews> for payment::CallbackNews {
    fn from(news: CallbackNews) -> Self {
        match news {
            CallbackNews::Charge { payment_id, charge } => Self::Charge(payment_id, charge),
            CallbackNews::Check { payment_id, amount } => Self::Check(payment_id, amount),
            CallbackNews::Dispute { dispute } => Self::Dispute(dispute),
            CallbackNews::Refund { payment_id, idempotency_key, receipt } => {
                Self::Refund(payment_id, idempotency_key, receipt)
            }
            CallbackNews::Look { payment_id } => Self::Look(payment_id),
            CallbackNews::Moved { transaction } => Self::Moved(transaction),
            CallbackNews::Nothing => Self::Nothing,
        }
    }
}
