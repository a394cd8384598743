//! Writing down every movement of money, with what caused it.

use serde::{Deserialize, Serialize};

use super::model::{Payment, Refund};
use crate::context::Context;
use crate::id::{BookingId, DisputeId, EventId, LedgerEntryId, PaymentId, RefundId, derived_uuid};
use crate::money::Money;
use crate::time::Timestamp;
use crate::work::Work;

/// A movement of money: written with what caused it, and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Its id: follows from the payment, the kind and the refund.
    pub id: LedgerEntryId,
    /// The event.
    pub event_id: EventId,
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

/// Which way money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum LedgerKind {
    /// From the payer.
    Charge,
    /// Back to the payer.
    Refund,
    /// A refund that the provider could not make after all.
    RefundReturned,
    /// To the provider.
    Fee,
    /// Back to the payer, taken by their bank.
    Chargeback,
    /// From the payer's bank, which had taken it.
    ChargebackReturned,
}

impl LedgerKind {
    /// Its name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::RefundReturned => "refund_returned",
            Self::Fee => "fee",
            Self::Chargeback => "chargeback",
            Self::ChargebackReturned => "chargeback_returned",
        }
    }
}

/// A period of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct LedgerPeriod {
    /// From this instant on; from the beginning when absent.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub from: Option<Timestamp>,
    /// Before this instant; without an end when absent.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub to: Option<Timestamp>,
}

impl LedgerPeriod {
    /// Without a beginning or an end.
    pub const WHOLE: Self = Self { from: None, to: None };

    /// Whether an instant lies in it.
    #[must_use]
    pub fn has(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}

/// What a movement belongs to beside its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Payment,
    Refund(RefundId),
    Dispute(DisputeId),
}

/// The entry of a payment's movement: there is one of each, however often it is reported.
pub(crate) fn entry_id(payment_id: PaymentId, kind: LedgerKind, of: Of) -> LedgerEntryId {
    let of = match &of {
        Of::Payment => &[][..],
        Of::Refund(id) => id.as_bytes(),
        Of::Dispute(id) => id.as_bytes(),
    };
    let parts: [&[u8]; 4] = [b"ledger", payment_id.as_bytes(), kind.as_str().as_bytes(), of];
    LedgerEntryId::from_uuid(derived_uuid(&parts))
}

/// The money that came.
pub(super) fn charged(work: &mut Work, cx: &Context<'_>, payment: &Payment, amount: Money) {
    write(work, cx, payment, LedgerKind::Charge, (Of::Payment, amount));
}

/// What the provider keeps of it.
pub(super) fn fee(work: &mut Work, cx: &Context<'_>, payment: &Payment, amount: Money) {
    write(work, cx, payment, LedgerKind::Fee, (Of::Payment, amount));
}

/// The money that went back.
pub(super) fn refunded(work: &mut Work, cx: &Context<'_>, payment: &Payment, refund: &Refund) {
    write(work, cx, payment, LedgerKind::Refund, (Of::Refund(refund.id), refund.amount));
}

/// The money that went back and did not arrive.
pub(super) fn refund_returned(work: &mut Work, cx: &Context<'_>, payment: &Payment, refund: &Refund) {
    write(work, cx, payment, LedgerKind::RefundReturned, (Of::Refund(refund.id), refund.amount));
}

/// The money that a dispute took, or brought back.
pub(super) fn disputed(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &Payment,
    kind: LedgerKind,
    (id, amount): (DisputeId, Money),
) {
    write(work, cx, payment, kind, (Of::Dispute(id), amount));
}

fn write(work: &mut Work, cx: &Context<'_>, payment: &Payment, kind: LedgerKind, (of, amount): (Of, Money)) {
    let (refund_id, dispute_id) = match of {
        Of::Payment => (None, None),
        Of::Refund(id) => (Some(id), None),
        Of::Dispute(id) => (None, Some(id)),
    };
    work.put(LedgerEntry {
        id: entry_id(payment.id, kind, of),
        event_id: payment.event_id,
        booking_id: payment.booking_id,
        payment_id: payment.id,
        refund_id,
        dispute_id,
        provider: payment.provider.clone(),
        kind,
        amount,
        at: cx.now,
    });
}
