//! How a payment stands, for a browser that nobody is logged in with.

use serde::{Deserialize, Serialize};

use super::model::{Payment, PaymentStatus};
use super::{Payments, access};
use crate::error::Error;
use crate::id::PaymentId;

/// Where a payment is in its life, and nothing else of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PaymentStanding {
    /// Where it is in its life.
    pub status: PaymentStatus,
    /// Whether all that came goes back, or went: too late, or for what is not there any more.
    pub is_given_back: bool,
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
