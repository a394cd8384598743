//! How a payment stands, for a browser that nobody is logged in with.

use serde::{Deserialize, Serialize};

use super::model::{Payment, PaymentStatus};
use super::{Payments, access};
use crate::error::Error;
use crate::id::PaymentId;
use crate::text::PageText;

/// Where a payment is in its life, and nothing else of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PaymentStanding {
    /// Where it is in its life.
    pub status: PaymentStatus,
    /// Whether all that came goes back, or went: too late, or for what is not there any more.
    pub is_given_back: bool,
}

impl PaymentStanding {
    /// What a page says of it.
    #[must_use]
    pub const fn words(self) -> PageText {
        match self.status {
            PaymentStatus::Created | PaymentStatus::Pending => PageText::PaymentOpen,
            PaymentStatus::Succeeded if self.is_given_back => PageText::PaymentReturned,
            PaymentStatus::Succeeded => PageText::PaymentCame,
            PaymentStatus::Failed => PageText::PaymentFailed,
            PaymentStatus::Expired => PageText::PaymentExpired,
        }
    }

    /// Whether it may still change by itself.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self.status, PaymentStatus::Created | PaymentStatus::Pending)
    }
}

impl Payments<'_> {
    /// How a payment stands, for whoever knows its id: the payer's browser, which comes back from the provider without a login. It says
    /// neither who pays, nor how much, nor for what.
    ///
    /// # Errors
    /// `payment_not_found`.
    pub async fn standing(&self, id: PaymentId) -> Result<PaymentStanding, Error> {
        let payment = self.engine.load::<Payment>(&id).await?.ok_or_else(access::not_found)?;
        let status = payment.state.status();
        let is_given_back = status == PaymentStatus::Succeeded && payment.left().is_zero();
        Ok(PaymentStanding { status, is_given_back })
    }
}
