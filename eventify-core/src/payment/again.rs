//! A charge that the provider made once more under the number of a payment whose money is there: a payment of its own, which goes back.

use super::model::{
    Attention, BookingPayments, OtherCharge, PAYMENTS_KEPT_MAX, Payment, PaymentState, RefundCause,
};
use super::port::{Charge, ChargeStatus};
use super::providers::words;
use super::settle::{self, Heard, News, come_again};
use super::{disputed, ledger, owe, watch};
use crate::actor::Actor;
use crate::audit;
use crate::context::Context;
use crate::id::{PaymentId, derived_uuid};
use crate::store::Key;
use crate::work::{Decision, Work};

/// The payment of another charge under the same number: there is one of each, however often it is reported.
pub(crate) fn id_of(payment_id: PaymentId, reference: &str) -> PaymentId {
    PaymentId::from_uuid(derived_uuid(&[b"charged again", payment_id.as_bytes(), reference.as_bytes()]))
}

/// Takes in how another charge of a payment stands. Money that came by it goes back whole, and somebody is asked to look at it.
pub(super) fn reported(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &Payment,
    (charge, heard): (&Charge, Heard),
) -> Decision<News> {
    if payment.double_of.is_some() {
        // Only the provider's own words for it are of a double.
        return Ok(News(false));
    }
    let id = id_of(payment.id, &charge.reference);
    work.need([Key::Payment(id), Key::BookingPayments(payment.booking_id)])?;
    if let Some(known) = work.find::<Payment>(&id)? {
        return settle::update(work, cx, &known, (charge, heard));
    }
    if charge.status != ChargeStatus::Succeeded || charge.amount.is_zero() {
        return remember(work, cx, payment, (charge, heard));
    }
    let list = work.find::<BookingPayments>(&payment.booking_id)?;
    let mut payments = list.map_or_else(Vec::new, |list| list.payments.clone());
    if payments.len() >= PAYMENTS_KEPT_MAX {
        return Ok(too_many(work, cx, payment, charge));
    }
    payments.push(id);
    work.put(BookingPayments { booking_id: payment.booking_id, event_id: payment.event_id, payments });
    let mut double = Payment {
        id,
        double_of: Some(payment.id),
        state: PaymentState::Succeeded { at: cx.now, received: charge.amount },
        other: None,
        reference: Some(charge.reference.clone()),
        transaction: charge.transaction.clone(),
        fee: charge.fee,
        refunds: Vec::new(),
        disputes: Vec::new(),
        attention: [Attention::ChargedTwice].into(),
        last_error: None,
        created_at: cx.now,
        updated_at: cx.now,
        ..payment.clone()
    };
    disputed::wake(work, cx, &double)?;
    ledger::charged(work, cx, &double, charge.amount);
    if let Some(fee) = charge.fee {
        ledger::fee(work, cx, &double, fee);
    }
    owe::owe(work, cx, &mut double, (charge.amount, RefundCause::PaidTwice, None));
    come_again(work, cx, &mut double, (charge, heard))?;
    let act = audit::Act::new("payment.charged_again", "payment", id).of_event(payment.event_id);
    audit::record(work, cx, &Actor::system(), &act);
    work.put(double);
    let is_this = match &payment.other {
        Some(OtherCharge::Unnamed) => true,
        Some(OtherCharge::Named(known)) => *known == charge.reference,
        None => false,
    };
    if is_this {
        // It has a payment of its own now.
        work.put(Payment { other: None, updated_at: cx.now, ..payment.clone() });
    }
    Ok(News(true))
}

/// What the other charge is called under which no money came yet: the one that somebody may know of, or that was begun at the same time.
fn remember(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &Payment,
    (charge, heard): (&Charge, Heard),
) -> Decision<News> {
    let mut next = payment.clone();
    match payment.other {
        Some(OtherCharge::Unnamed) => next.other = Some(OtherCharge::Named(charge.reference.clone())),
        None if heard == Heard::Begun => {
            next.look_after(charge);
            watch::begin_anew(work, cx, payment)?;
        }
        _ => return Ok(News(false)),
    }
    next.updated_at = cx.now;
    work.put(next);
    Ok(News(true))
}

/// More than a booking's list can hold: no longer counted, and no less looked at.
fn too_many(work: &mut Work, cx: &Context<'_>, payment: &Payment, charge: &Charge) -> News {
    let why = words(&format!("charge {} came once more and is not in the books", charge.reference));
    if payment.last_error.as_ref() == Some(&why) {
        return News(false);
    }
    let mut flagged = Payment { last_error: Some(why), updated_at: cx.now, ..payment.clone() };
    flagged.attention.insert(Attention::ChargedTwice);
    work.put(flagged);
    let act = audit::Act::new("payment.charged_again", "payment", payment.id).of_event(payment.event_id);
    audit::record(work, cx, &Actor::system(), &act);
    News(true)
}
