//! Writing down every movement of money, with what caused it.

use super::model::{LedgerEntry, LedgerKind, Payment, Refund};
use crate::context::Context;
use crate::id::{DisputeId, LedgerEntryId, PaymentId, RefundId, derived_uuid};
use crate::money::Money;
use crate::work::Work;

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
