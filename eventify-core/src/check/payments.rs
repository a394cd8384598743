//! Money: what the ledger says is what payments and their refunds say, and every payment became tickets or goes back.

use std::collections::BTreeSet;

use super::walk::{Pages, Related, Walk};
use crate::booking::{Booking, BookingState};
use crate::job::Job;
use crate::money::Money;
use crate::payment::{
    BookingPayments, Dispute, LedgerEntry, LedgerKind, Of, Payment, PaymentState, Refund, RefundState,
    entry_id, refund_job, watch_job,
};
use crate::store::{Key, Recorded, StoreError};

pub(super) async fn check(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    payments(walk).await?;
    lists(walk).await?;
    bookings(walk).await?;
    ledger(walk).await
}

async fn payments(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<Payment>::new();
    while let Some(page) = pages.next(walk).await? {
        let related = walk.load(page.iter().flat_map(|payment| related_to(payment)).collect()).await?;
        for payment in page {
            refunds(walk, &payment, &related);
            outcome(walk, &payment, &related);
            entries(walk, &payment, &related);
        }
    }
    Ok(())
}

fn related_to(payment: &Payment) -> BTreeSet<Key> {
    let refund_keys = payment.refunds.iter().flat_map(|refund| {
        [
            Key::LedgerEntry(entry_id(payment.id, LedgerKind::Refund, Of::Refund(refund.id))),
            Key::LedgerEntry(entry_id(payment.id, LedgerKind::RefundReturned, Of::Refund(refund.id))),
            Key::Job(refund_job(refund)),
        ]
    });
    let kinds = [LedgerKind::Charge, LedgerKind::Fee];
    let own = kinds.into_iter().map(|kind| Key::LedgerEntry(entry_id(payment.id, kind, Of::Payment)));
    let disputed = payment.disputes.iter().flat_map(|dispute| {
        [LedgerKind::Chargeback, LedgerKind::ChargebackReturned]
            .map(|kind| Key::LedgerEntry(entry_id(payment.id, kind, Of::Dispute(dispute.id))))
    });
    let others = [
        Key::Booking(payment.booking_id),
        Key::BookingPayments(payment.booking_id),
        Key::Job(watch_job(payment.id)),
    ];
    refund_keys.chain(own).chain(disputed).chain(others).collect()
}

/// No more is given back than came; what is due has somebody who sees to it.
fn refunds(walk: &mut Walk<'_>, payment: &Payment, related: &Related) {
    let key = || Key::Payment(payment.id);
    let report = &mut walk.report;
    let currency = payment.state.received().map(|received| received.currency);
    let of_it = |refund: &Refund| refund.amount.amount_minor > 0 && Some(refund.amount.currency) == currency;
    let came = payment.state.received().map_or(0, |received| received.amount_minor);
    let fits = payment.refunds.iter().all(of_it) && payment.booked().amount_minor <= came;
    report.require(fits, "refunds_of_payment", key(), || {
        format!("{} are given back of {:?}", payment.booked(), payment.state.received())
    });
    let failed = payment.refunds.iter().any(|refund| matches!(refund.state, RefundState::Failed { .. }));
    let owed = failed || payment.by_hand && payment.under_way().is_some();
    report.require(!owed || !payment.attention.is_empty(), "refund_attention", key(), || {
        "money is owed, and nobody is asked to see to it".to_owned()
    });
    let due = payment.under_way().filter(|_| !payment.by_hand);
    let sent = due.is_none_or(|refund| related.has::<Job>(&refund_job(refund)));
    report.require(sent, "refund_job", key(), || "no job will have the refund made".to_owned());
    let watched = !payment.state.is_open() || related.has::<Job>(&watch_job(payment.id));
    report.require(watched, "payment_watched", key(), || "no job looks after it".to_owned());
}

/// Money that came became tickets of its booking, or goes back: also of a booking that another payment paid for.
fn outcome(walk: &mut Walk<'_>, payment: &Payment, related: &Related) {
    let key = || Key::Payment(payment.id);
    let report = &mut walk.report;
    let booking = related.get::<Booking>(&payment.booking_id);
    let listed = related
        .get::<BookingPayments>(&payment.booking_id)
        .is_some_and(|list| list.payments.contains(&payment.id));
    let agrees = booking.is_some_and(|booking| {
        (booking.event_id, booking.user_id) == (payment.event_id, payment.user_id)
            && booking.total == payment.amount
    });
    report.require(listed && agrees, "payment_booking", key(), || {
        "its booking is not there, does not know it, or is about something else".to_owned()
    });
    let PaymentState::Succeeded { received, .. } = payment.state else { return };
    let needed = match booking.map(|booking| &booking.state) {
        Some(BookingState::Confirmed { .. }) if pays(payment, payment.amount) => 0,
        Some(BookingState::Cancelled { refund: Some(due), .. }) => {
            due.amount_minor.min(received.amount_minor)
        }
        _ => received.amount_minor,
    };
    // What the payer's bank took back, the payer has.
    let gone = payment.booked().amount_minor.saturating_add(payment.charged_back().amount_minor);
    report.require(gone >= needed, "payment_outcome", key(), || {
        format!("{received} came and are neither tickets nor given back: only {} are", payment.booked())
    });
}

/// The ledger has just the movements that the payment tells of.
fn entries(walk: &mut Walk<'_>, payment: &Payment, related: &Related) {
    let amount = |kind, of: Of| {
        let entry = related.get::<LedgerEntry>(&entry_id(payment.id, kind, of));
        entry.map(|entry| entry.amount)
    };
    let of_refunds = payment.refunds.iter().flat_map(|refund| {
        let movement = |kind| (went(refund, kind), amount(kind, Of::Refund(refund.id)));
        [LedgerKind::Refund, LedgerKind::RefundReturned].map(movement)
    });
    let of_disputes = payment.disputes.iter().flat_map(|dispute| {
        let movement = |kind| (moved(dispute, kind), amount(kind, Of::Dispute(dispute.id)));
        [LedgerKind::Chargeback, LedgerKind::ChargebackReturned].map(movement)
    });
    let own = [
        (payment.state.received(), amount(LedgerKind::Charge, Of::Payment)),
        (payment.fee, amount(LedgerKind::Fee, Of::Payment)),
    ];
    let all: Vec<(Option<Money>, Option<Money>)> =
        own.into_iter().chain(of_refunds).chain(of_disputes).collect();
    let agrees = all.iter().all(|(told, written)| told == written);
    walk.report.require(agrees, "payment_ledger", Key::Payment(payment.id), || {
        format!("what it tells of and what the ledger says differ: {all:?}")
    });
}

/// What a refund moved one way, if it did.
fn went(refund: &Refund, kind: LedgerKind) -> Option<Money> {
    let is_back = matches!(refund.state, RefundState::Returned { .. });
    let moved = if kind == LedgerKind::Refund { refund.state.is_gone() || is_back } else { is_back };
    moved.then_some(refund.amount)
}

/// What a dispute moved one way, if it did.
fn moved(dispute: &Dispute, kind: LedgerKind) -> Option<Money> {
    let amount = if kind == LedgerKind::Chargeback { dispute.taken } else { dispute.returned };
    (!amount.is_zero()).then_some(amount)
}

/// A booking's list names payments of it, each once.
async fn lists(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<BookingPayments>::new();
    while let Some(page) = pages.next(walk).await? {
        let keys = page.iter().flat_map(|list| list.payments.iter().copied().map(Key::Payment));
        let related = walk.load(keys.collect()).await?;
        for list in page {
            let distinct: BTreeSet<_> = list.payments.iter().collect();
            let own = |id| related.get::<Payment>(id).is_some_and(|p| p.booking_id == list.booking_id);
            let right = distinct.len() == list.payments.len() && list.payments.iter().all(own);
            walk.report.require(right, "booking_payments", list.key(), || {
                "it names payments twice, or that are not there or another booking's".to_owned()
            });
        }
    }
    Ok(())
}

/// What was sold for money was paid: by one payment of just that sum, which was not given back as a second one.
async fn bookings(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<Booking>::new();
    while let Some(page) = pages.next_again(walk).await? {
        let sold = |booking: &Booking| {
            let confirmed = matches!(booking.state, BookingState::Confirmed { .. });
            confirmed && !booking.total.is_zero() && !booking.paid_elsewhere
        };
        let lists = walk.load(page.iter().map(|b| Key::BookingPayments(b.id)).collect()).await?;
        let named = page.iter().filter_map(|b| lists.get::<BookingPayments>(&b.id));
        let named = named.flat_map(|list| list.payments.iter().copied().map(Key::Payment));
        let payments = walk.load(named.collect()).await?;
        for booking in page.iter().filter(|booking| sold(booking)) {
            let list = lists.get::<BookingPayments>(&booking.id);
            let ids: BTreeSet<_> = list.iter().flat_map(|list| list.payments.iter()).collect();
            let found = ids.into_iter().filter_map(|id| payments.get::<Payment>(id));
            let paid = found.filter(|payment| pays(payment, booking.total)).count();
            walk.report.require(paid == 1, "booking_paid", booking.key(), || {
                format!("it is sold for {}, and {paid} payments pay for it", booking.total)
            });
        }
    }
    Ok(())
}

/// Whether it is what a booking was paid with: its money came, and did not go back because it was not needed.
fn pays(payment: &Payment, total: Money) -> bool {
    use crate::payment::RefundCause::{AmountMismatch, PaidTwice, TooLate};
    let unneeded = |refund: &Refund| matches!(refund.cause, AmountMismatch | PaidTwice | TooLate);
    payment.state.received() == Some(total) && !payment.refunds.iter().any(unneeded)
}

/// Every entry is of a movement that its payment tells of: with [`entries`], the two sums are one.
async fn ledger(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<LedgerEntry>::new();
    while let Some(page) = pages.next(walk).await? {
        let related = walk.load(page.iter().map(|entry| Key::Payment(entry.payment_id)).collect()).await?;
        for entry in page {
            let of = match (entry.refund_id, entry.dispute_id) {
                (Some(id), _) => Of::Refund(id),
                (None, Some(id)) => Of::Dispute(id),
                (None, None) => Of::Payment,
            };
            let named = entry.id == entry_id(entry.payment_id, entry.kind, of);
            let told =
                related.get::<Payment>(&entry.payment_id).is_some_and(|payment| tells(payment, &entry));
            walk.report.require(named && told, "ledger_payment", entry.key(), || {
                format!("no payment tells of this {} of {}", entry.kind.as_str(), entry.amount)
            });
        }
    }
    Ok(())
}

fn tells(payment: &Payment, entry: &LedgerEntry) -> bool {
    let same = (payment.event_id, payment.booking_id) == (entry.event_id, entry.booking_id);
    let amount = match (entry.kind, entry.refund_id, entry.dispute_id) {
        (LedgerKind::Charge, None, None) => payment.state.received(),
        (LedgerKind::Fee, None, None) => payment.fee,
        (LedgerKind::Refund | LedgerKind::RefundReturned, Some(id), None) => {
            let found = payment.refunds.iter().find(|refund| refund.id == id);
            found.and_then(|refund| went(refund, entry.kind))
        }
        (LedgerKind::Chargeback | LedgerKind::ChargebackReturned, None, Some(id)) => {
            let found = payment.disputes.iter().find(|dispute| dispute.id == id);
            found.and_then(|dispute| moved(dispute, entry.kind))
        }
        _ => None,
    };
    same && amount == Some(entry.amount)
}
