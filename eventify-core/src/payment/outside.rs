//! Money that a provider gave back and nobody here asked for: from its own pages, or by itself.

use super::model::{Attention, Payment, REFUNDS_MAX, Refund, RefundCause, RefundState};
use super::providers::words;
use super::settle::Heard;
use super::{ledger, tell, watch};
use crate::context::Context;
use crate::event::Event;
use crate::id::RefundId;
use crate::money::Money;
use crate::work::{Decision, Work};

/// What the provider gave back and nobody here asked for. Where nobody can tell it from what is ours, the provider is asked again: while one of
/// ours is on its way, and after one came back, which may be in a sum that is older.
pub(super) fn given_back(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &mut Payment,
    (reported, heard): (Money, Heard),
) -> Decision<()> {
    let done = payment.refunded_by_provider();
    let mut more = reported.amount_minor.saturating_sub(done.amount_minor);
    if more <= 0 || reported.currency != done.currency {
        return Ok(());
    }
    if payment.under_way().is_some() || is_older_than_returns(payment, heard) {
        watch::begin(work, cx, payment);
        return Ok(());
    }
    let mut found = Vec::new();
    // One place is left for what a cancellation owes.
    let has_room = payment.refunds.len() + 1 < REFUNDS_MAX;
    // What we owe and could not give back comes first: somebody saw to it on the provider's own pages, or it was made after all.
    let is_it = |refund: &&mut Refund| {
        matches!(refund.state, RefundState::Failed { .. }) && refund.amount.amount_minor == more
    };
    if let Some(refund) = payment.refunds.iter_mut().find(is_it) {
        refund.state = RefundState::Done { at: cx.now };
        found.push(refund.clone());
        more = 0;
    }
    for refund in &mut payment.refunds {
        if more == 0 || !matches!(refund.state, RefundState::Failed { .. }) {
            continue;
        }
        if refund.amount.amount_minor <= more {
            more -= refund.amount.amount_minor;
            refund.state = RefundState::Done { at: cx.now };
            found.push(refund.clone());
        } else {
            if has_room {
                // A part of it: the rest is still owed, and is another refund to the provider.
                refund.amount.amount_minor -= more;
                refund.id = RefundId::from_uuid(cx.new_uuid());
            }
            break;
        }
    }
    let left = payment.left();
    let amount = Money::new(more.min(left.amount_minor), left.currency);
    if amount.amount_minor > 0 && has_room {
        let refund = outside(cx, amount);
        payment.refunds.push(refund.clone());
        found.push(refund);
        payment.attention.insert(Attention::RefundedOutside);
        more -= amount.amount_minor;
    }
    if more > 0 {
        not_in_books(payment, reported);
    }
    payment.look_again();
    let event = work.find::<Event>(&payment.event_id)?;
    for refund in &found {
        ledger::refunded(work, cx, payment, refund);
        tell::refunded(work, cx, event.as_deref(), payment, refund)?;
    }
    Ok(())
}

/// Whether a sum may have what came back since it was true.
fn is_older_than_returns(payment: &Payment, heard: Heard) -> bool {
    payment.came_back_at().is_some_and(|at| match heard {
        Heard::Asked { at: asked_at } => asked_at <= at,
        Heard::Said | Heard::Begun => true,
    })
}

/// More went back than can be written down: somebody has to look at it, once.
fn not_in_books(payment: &mut Payment, reported: Money) {
    let why = words(&format!("the provider gave {reported} back, which is not all in the books"));
    if payment.last_error.as_ref() != Some(&why) {
        payment.attention.insert(Attention::RefundedOutside);
        payment.last_error = Some(why);
    }
}

fn outside(cx: &Context<'_>, amount: Money) -> Refund {
    Refund {
        id: RefundId::from_uuid(cx.new_uuid()),
        amount,
        cause: RefundCause::Outside,
        reason: None,
        state: RefundState::Done { at: cx.now },
        reference: None,
        by_hand: false,
        retries: 0,
        created_at: cx.now,
    }
}
