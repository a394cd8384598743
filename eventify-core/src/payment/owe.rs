//! Deciding that money goes back: the refund is written with what makes it necessary, and a job brings it about.

use super::give_back;
use super::model::{BookingPayments, Payment, PaymentState, Refund, RefundCause, RefundState};
use crate::booking::Booking;
use crate::context::Context;
use crate::id::{BookingId, JobId, PaymentId, RefundId, derived_uuid};
use crate::job::{self, JobWork};
use crate::money::{Currency, Money};
use crate::store::Key;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// Owes the payer a part of what came, or all of it. A provider that gives no parts back leaves a part to people.
pub(super) fn owe(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &mut Payment,
    (amount, cause, reason): (Money, RefundCause, Option<String>),
) {
    if amount.amount_minor <= 0 {
        return;
    }
    let refund = Refund {
        id: RefundId::from_uuid(cx.new_uuid()),
        amount,
        cause,
        reason,
        state: match gives_back(cx, payment, amount) {
            true => RefundState::Due,
            false => no_parts(cx),
        },
        reference: None,
        by_hand: false,
        retries: 0,
        created_at: cx.now,
    };
    let is_next = payment.under_way().is_none() && matches!(refund.state, RefundState::Due);
    if is_next {
        send(work, cx, payment, &refund);
    }
    payment.refunds.push(refund);
    payment.look_again();
}

/// How a part stands that the provider does not give back.
pub(super) fn no_parts(cx: &Context<'_>) -> RefundState {
    RefundState::Failed { at: cx.now, error: "the provider gives no parts back".to_owned() }
}

/// Whether the provider can: the whole can always be given back, a part not everywhere.
pub(super) fn gives_back(cx: &Context<'_>, payment: &Payment, amount: Money) -> bool {
    let whole = payment.state.received() == Some(amount);
    let parts = || cx.providers.find(&payment.provider).is_none_or(|p| p.capabilities().partial_refunds);
    payment.by_hand || whole || parts()
}

/// The job that has the provider make a refund; what is given back by hand needs none. One that is tried again, and waited for others, failed nobody
/// knows when: it rests from now.
pub(super) fn send(work: &mut Work, cx: &Context<'_>, payment: &Payment, refund: &Refund) {
    match refund.retries {
        0 => send_at(work, cx, (payment, refund), cx.now),
        _ => send_again(work, cx, (payment, refund), cx.now),
    }
}

/// The same for one that failed then, and is tried again: a provider that may tell refunds apart by their sums alone may still be about it.
pub(super) fn send_again(
    work: &mut Work,
    cx: &Context<'_>,
    (payment, refund): (&Payment, &Refund),
    failed_at: Timestamp,
) {
    let rests = cx.providers.find(&payment.provider).is_some_and(|provider| !provider.tells_of_refunds());
    let from = if rests { failed_at.plus(give_back::UNANSWERED_PAUSE) } else { cx.now };
    send_at(work, cx, (payment, refund), from.max(cx.now));
}

fn send_at(work: &mut Work, cx: &Context<'_>, (payment, refund): (&Payment, &Refund), due_at: Timestamp) {
    if payment.by_hand {
        return;
    }
    let what =
        JobWork::RefundPayment { payment_id: payment.id, refund_id: refund.id, event_id: payment.event_id };
    job::schedule(work, cx, refund_job(refund), what, due_at);
}

/// Each attempt of people has a job of its own.
pub(crate) fn refund_job(refund: &Refund) -> JobId {
    JobId::from_uuid(derived_uuid(&[b"refund", refund.id.as_bytes(), &refund.retries.to_be_bytes()]))
}

/// What [`owe_booking`] reads, as far as it is known: the payments are found by what it names first.
pub(crate) fn reads_of_booking(booking_id: BookingId) -> Key {
    Key::BookingPayments(booking_id)
}

/// Halts unless a booking's payments are loaded.
pub(crate) fn need_of_booking(work: &mut Work, booking_id: BookingId) -> Decision<()> {
    let ids = payments_of(work, booking_id)?;
    work.need(ids.into_iter().map(Key::Payment))
}

/// What of a payment its payer has already, beside what was never the booking's.
fn given_before(payment: &Payment, currency: Currency) -> i64 {
    use RefundCause::{AmountMismatch, Outside, PaidTwice, Requested, TooLate};
    if payment.refunds.iter().any(|refund| matches!(refund.cause, AmountMismatch | PaidTwice | TooLate)) {
        return 0;
    }
    let back = payment.charged_back();
    let is_before = |r: &&Refund| {
        matches!(r.cause, Requested | Outside) && !r.state.is_void() && r.amount.currency == currency
    };
    let refunds = payment.refunds.iter().filter(is_before).map(|refund| refund.amount.amount_minor);
    let taken = if back.currency == currency { back.amount_minor } else { 0 };
    refunds.fold(taken, i64::saturating_add)
}

/// What of a sum that is due of a booking its payer does not have yet, in minor units.
pub(crate) fn rest_of_booking(work: &mut Work, id: BookingId, due: Money) -> Decision<i64> {
    let mut rest = due.amount_minor;
    for id in payments_of(work, id)? {
        let payment = work.find::<Payment>(&id)?;
        rest = rest.saturating_sub(payment.map_or(0, |payment| given_before(&payment, due.currency)));
    }
    Ok(rest)
}

fn payments_of(work: &mut Work, booking_id: BookingId) -> Decision<Vec<PaymentId>> {
    let list = work.find::<BookingPayments>(&booking_id)?;
    Ok(list.map_or_else(Vec::new, |list| list.payments.clone()))
}

/// Owes what is to be given back of a booking that is cancelled: in all, with what was given back of it before by people, by the provider or by
/// disputes; at most what is left of what was paid for it. What was paid elsewhere is given back elsewhere.
pub(crate) fn owe_booking(
    work: &mut Work,
    cx: &Context<'_>,
    booking: &Booking,
    (due, cause): (Money, RefundCause),
) -> Decision<()> {
    need_of_booking(work, booking.id)?;
    let mut rest = rest_of_booking(work, booking.id, due)?;
    for id in payments_of(work, booking.id)? {
        let Some(payment) = work.find::<Payment>(&id)? else { continue };
        let left = payment.left();
        let paid = matches!(payment.state, PaymentState::Succeeded { .. });
        if rest <= 0 || !paid || left.currency != due.currency || left.amount_minor <= 0 {
            continue;
        }
        let amount = Money::new(rest.min(left.amount_minor), due.currency);
        rest -= amount.amount_minor;
        let mut owing = (*payment).clone();
        owe(work, cx, &mut owing, (amount, cause, None));
        owing.updated_at = cx.now;
        work.put(owing);
    }
    Ok(())
}
