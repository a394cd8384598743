//! Records of money.

use super::{event_id, instant, money, some, text, user_id, uuid};
use crate::id::{BookingId, DisputeId, LedgerEntryId, PaymentId, RefundId};
use crate::payment::{
    Attention, BookingPayments, Dispute, DisputeStatus, LedgerEntry, LedgerKind, OtherCharge, Payment,
    PaymentState, Refund, RefundCause, RefundState,
};

pub(super) fn payment(n: u32) -> Payment {
    let reasons = [
        Attention::AmountMismatch,
        Attention::RefundFailed,
        Attention::RefundedOutside,
        Attention::PayOut,
        Attention::ChargedTwice,
        Attention::Disputed,
        Attention::ProviderMissing,
        Attention::Unwatched,
    ];
    let reasons = reasons.into_iter().cycle().skip(usize::try_from(n % 8).unwrap_or(0));
    Payment {
        id: PaymentId::from_uuid(uuid(n)),
        double_of: some(n, PaymentId::from_uuid(uuid(n + 1))),
        booking_id: BookingId::from_uuid(uuid(n / 2)),
        event_id: event_id(n),
        user_id: user_id(n / 2),
        provider: text(n),
        by_hand: n.is_multiple_of(3),
        amount: money(n),
        state: match n % 5 {
            0 => PaymentState::Created,
            1 => PaymentState::Pending,
            2 => PaymentState::Succeeded { at: instant(n), received: money(n + 1) },
            3 => PaymentState::Failed { at: instant(n) },
            _ => PaymentState::Expired { at: instant(n) },
        },
        reference: some(n, text(n)),
        other: match n % 3 {
            0 => None,
            1 => Some(OtherCharge::Unnamed),
            _ => Some(OtherCharge::Named(text(n))),
        },
        transaction: some(n, text(n)),
        redirect_url: some(n + 1, text(n + 1)),
        return_url: some(n, text(n + 2)),
        description: text(n + 3),
        fee: some(n + 1, money(n + 2)),
        refunds: (0..n % 4).map(|i| refund(n + i)).collect(),
        disputes: (0..n % 3).map(|i| dispute(n + i)).collect(),
        attention: reasons.take(usize::try_from(n % 4).unwrap_or(0)).collect(),
        failure: some(n, text(n + 3)),
        last_error: some(n + 1, text(n + 4)),
        expires_at: instant(n + 3),
        created_at: instant(n),
        updated_at: instant(n + 1),
    }
}

fn refund(n: u32) -> Refund {
    let causes = [
        RefundCause::BookingCancelled,
        RefundCause::EventCancelled,
        RefundCause::TooLate,
        RefundCause::PaidTwice,
        RefundCause::AmountMismatch,
        RefundCause::Requested,
        RefundCause::Outside,
    ];
    Refund {
        id: RefundId::from_uuid(uuid(n)),
        amount: money(n),
        cause: causes[usize::try_from(n % 7).unwrap_or(0)],
        reason: some(n, text(n)),
        state: match n % 6 {
            0 => RefundState::Due,
            1 => RefundState::Done { at: instant(n) },
            2 => RefundState::Superseded { at: instant(n) },
            3 => RefundState::Sent { at: instant(n) },
            4 => RefundState::Returned { at: instant(n), error: text(n) },
            _ => RefundState::Failed { at: instant(n), error: text(n) },
        },
        reference: some(n + 1, text(n)),
        by_hand: n.is_multiple_of(2),
        retries: u32::MAX - n,
        created_at: instant(n),
    }
}

fn dispute(n: u32) -> Dispute {
    let states = [DisputeStatus::Open, DisputeStatus::Won, DisputeStatus::Lost];
    Dispute {
        id: DisputeId::from_uuid(uuid(n)),
        reference: text(n),
        amount: money(n),
        reason: some(n, text(n + 1)),
        status: states[usize::try_from(n % 3).unwrap_or(0)],
        moves: u8::try_from(n % 3).unwrap_or(0),
        taken: money(n + 1),
        returned: money(n + 2),
        created_at: instant(n),
    }
}

pub(super) fn booking_payments(n: u32) -> BookingPayments {
    BookingPayments {
        booking_id: BookingId::from_uuid(uuid(n)),
        event_id: event_id(n),
        payments: (0..n % 4).map(|i| PaymentId::from_uuid(uuid(i))).collect(),
    }
}

pub(super) fn ledger_entry(n: u32) -> LedgerEntry {
    let kinds = [
        LedgerKind::Charge,
        LedgerKind::Refund,
        LedgerKind::Fee,
        LedgerKind::Chargeback,
        LedgerKind::ChargebackReturned,
        LedgerKind::RefundReturned,
    ];
    LedgerEntry {
        id: LedgerEntryId::from_uuid(uuid(n)),
        event_id: event_id(n),
        booking_id: BookingId::from_uuid(uuid(n / 2)),
        payment_id: PaymentId::from_uuid(uuid(n)),
        refund_id: some(n, RefundId::from_uuid(uuid(n))),
        dispute_id: some(n + 1, DisputeId::from_uuid(uuid(n))),
        provider: text(n),
        kind: kinds[usize::try_from(n % 6).unwrap_or(0)],
        amount: money(n),
        at: instant(n),
    }
}
