//! What others see of a payment.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::access::Access;
use super::dispute::Dispute;
use super::model::{Attention, Payment, Refund, RefundCause, RefundState, RefundStatus};
use super::{DisputeStatus, LedgerEntry, LedgerKind, PaymentStatus};
use crate::id::{BookingId, DisputeId, EventId, LedgerEntryId, PaymentId, RefundId, UserId};
use crate::money::Money;
use crate::time::Timestamp;

/// A payment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct PaymentView {
    /// Its id.
    pub id: PaymentId,
    /// Of a charge that the provider made once more under the number of another payment: that payment.
    pub double_of: Option<PaymentId>,
    /// What is paid for.
    pub booking_id: BookingId,
    /// The booking's event.
    pub event_id: EventId,
    /// Who pays.
    pub user_id: UserId,
    /// The provider's name.
    pub provider: String,
    /// Where it is in its life.
    pub status: PaymentStatus,
    /// What is to be paid.
    pub amount: Money,
    /// What came, once it did.
    pub received: Option<Money>,
    /// What was given back so far.
    pub refunded: Money,
    /// What is given back, in the order in which it was decided.
    pub refunds: Vec<RefundView>,
    /// Where the payer has to go; for the payer, while the payment is open.
    pub redirect_url: Option<String>,
    /// Where the payer's browser goes afterwards; for the payer.
    pub return_url: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
    /// What the payer's bank was asked to take back; for those who manage the event.
    pub disputes: Vec<DisputeView>,
    /// Why somebody has to look at it; for those who manage the event.
    pub attention: Vec<Attention>,
    /// What went wrong last; for those who manage the event.
    pub last_error: Option<String>,
    /// The last instant at which the payer may pay.
    pub expires_at: Timestamp,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl fmt::Debug for PaymentView {
    /// Without addresses, as a [`Payment`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentView")
            .field("id", &self.id)
            .field("provider", &self.provider)
            .field("status", &self.status)
            .field("amount", &self.amount)
            .field("refunds", &self.refunds)
            .field("attention", &self.attention)
            .finish_non_exhaustive()
    }
}

/// A part of a payment, or all of it, given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RefundView {
    /// Its id.
    pub id: RefundId,
    /// How much.
    pub amount: Money,
    /// What it follows from.
    pub cause: RefundCause,
    /// Why, in the words of who asked for it.
    pub reason: Option<String>,
    /// Where it is in its life.
    pub status: RefundStatus,
    /// Since when, unless it is due.
    pub status_since: Option<Timestamp>,
    /// Why it failed; for those who manage the event.
    pub error: Option<String>,
    /// When it was decided.
    pub created_at: Timestamp,
}

/// What the payer's bank was asked to take back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct DisputeView {
    /// Its id.
    pub id: DisputeId,
    /// The provider's name for it: where evidence is handed in.
    pub reference: String,
    /// How much is disputed.
    pub amount: Money,
    /// Why, in a word of the provider's.
    pub reason: Option<String>,
    /// How it stands.
    pub status: DisputeStatus,
    /// What was taken.
    pub taken: Money,
    /// What of it came back.
    pub returned: Money,
    /// When it was heard of.
    pub created_at: Timestamp,
}

/// A movement of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LedgerEntryView {
    /// Its id.
    pub id: LedgerEntryId,
    /// The booking.
    pub booking_id: BookingId,
    /// The payment.
    pub payment_id: PaymentId,
    /// The refund, of a movement back.
    pub refund_id: Option<RefundId>,
    /// The dispute, of what it moved.
    pub dispute_id: Option<DisputeId>,
    /// The provider's name.
    pub provider: String,
    /// Which way the money went.
    pub kind: LedgerKind,
    /// How much; never below zero.
    pub amount: Money,
    /// When it was written.
    pub at: Timestamp,
}

impl PaymentView {
    /// As it is seen by somebody of this access, who may be the payer also where they manage the event.
    pub(super) fn new(payment: &Payment, access: Access, pays: bool) -> Self {
        let manages = access >= Access::Manager;
        Self {
            id: payment.id,
            double_of: payment.double_of,
            booking_id: payment.booking_id,
            event_id: payment.event_id,
            user_id: payment.user_id,
            provider: payment.provider.clone(),
            status: payment.state.status(),
            amount: payment.amount,
            received: payment.state.received(),
            refunded: payment.refunded(),
            refunds: payment.refunds.iter().map(|refund| RefundView::new(refund, manages)).collect(),
            redirect_url: payment.redirect_url.clone().filter(|_| pays),
            return_url: payment.return_url.clone().filter(|_| pays),
            failure: payment.failure.clone(),
            disputes: payment.disputes.iter().filter(|_| manages).map(DisputeView::from).collect(),
            attention: payment.attention.iter().copied().filter(|_| manages).collect(),
            last_error: payment.last_error.clone().filter(|_| manages),
            expires_at: payment.expires_at,
            created_at: payment.created_at,
            updated_at: payment.updated_at,
        }
    }
}

impl RefundView {
    fn new(refund: &Refund, manages: bool) -> Self {
        let (status_since, error) = match &refund.state {
            RefundState::Due => (None, None),
            RefundState::Sent { at } | RefundState::Done { at } | RefundState::Superseded { at } => {
                (Some(*at), None)
            }
            RefundState::Failed { at, error } | RefundState::Returned { at, error } => {
                (Some(*at), Some(error.clone()))
            }
        };
        Self {
            id: refund.id,
            amount: refund.amount,
            cause: refund.cause,
            reason: refund.reason.clone(),
            status: refund.state.status(),
            status_since,
            error: error.filter(|_| manages),
            created_at: refund.created_at,
        }
    }
}

impl From<&Dispute> for DisputeView {
    fn from(dispute: &Dispute) -> Self {
        Self {
            id: dispute.id,
            reference: dispute.reference.clone(),
            amount: dispute.amount,
            reason: dispute.reason.clone(),
            status: dispute.status,
            taken: dispute.taken,
            returned: dispute.returned,
            created_at: dispute.created_at,
        }
    }
}

impl From<&LedgerEntry> for LedgerEntryView {
    fn from(entry: &LedgerEntry) -> Self {
        Self {
            id: entry.id,
            booking_id: entry.booking_id,
            payment_id: entry.payment_id,
            refund_id: entry.refund_id,
            dispute_id: entry.dispute_id,
            provider: entry.provider.clone(),
            kind: entry.kind,
            amount: entry.amount,
            at: entry.at,
        }
    }
}
