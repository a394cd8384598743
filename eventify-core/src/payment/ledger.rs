//! Writing down every movement of money, with what caused it.

use super::model::{LedgerEntry, LedgerKind, Payment, Refund};
use crate::context::Context;
use crate::id::{LedgerEntryId, PaymentId, RefundId, derived_uuid};
use crate::money::Money;
use crate::work::Work;

/// The entry of a payment's movement: there is one of each, however often it is reported.
pub(crate) fn entry_id(
    payment_id: PaymentId,
    kind: LedgerKind,
    refund_id: Option<RefundId>,
) -> LedgerEntryId {
    let refund = refund_id.as_ref().map_or(&[][..], |id| id.as_bytes());
    let parts: [&[u8]; 4] = [b"ledger", payment_id.as_bytes(), kind.as_str().as_bytes(), refund];
    LedgerEntryId::from_uuid(derived_uuid(&parts))
}

/// The money that came.
pub(super) fn charged(work: &mut Work, cx: &Context<'_>, payment: &Payment, amount: Money) {
    write(work, cx, payment, LedgerKind::Charge, (None, amount));
}

/// What the provider keeps of it.
pub(super) fn fee(work: &mut Work, cx: &Context<'_>, payment: &Payment, amount: Money) {
    write(work, cx, payment, LedgerKind::Fee, (None, amount));
}

/// The money that went back.
pub(super) fn refunded(work: &mut Work, cx: &Context<'_>, payment: &Payment, refund: &Refund) {
    write(work, cx, payment, LedgerKind::Refund, (Some(refund.id), refund.amount));
}

fn write(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &Payment,
    kind: LedgerKind,
    (refund_id, amount): (Option<RefundId>, Money),
) {
    work.put(LedgerEntry {
        id: entry_id(payment.id, kind, refund_id),
        event_id: payment.event_id,
        booking_id: payment.booking_id,
        payment_id: payment.id,
        refund_id,
        provider: payment.provider.clone(),
        kind,
        amount,
        at: cx.now,
    });
}
