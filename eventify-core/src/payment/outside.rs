//! Money that a provider gave back and nobody here asked for: from its own pages, or by itself.

use std::time::Duration;

use super::model::{Attention, Payment, REFUNDS_MAX, Refund, RefundCause, RefundState};
use super::providers::words;
use super::settle::Heard;
use super::{dispute, ledger, owe, tell, watch};
use crate::context::Context;
use crate::event::Event;
use crate::id::RefundId;
use crate::money::Money;
use crate::work::{Decision, Work};

/// How long what ours say of themselves is waited for.
const DOUBT_FOR: Duration = Duration::from_secs(3_600);
/// How the sentence ends until then.
const ASKED_AGAIN: &str = ": it is asked again";

/// What the provider gave back and nobody here asked for. Where nobody can tell it from what is ours, the provider is asked again: once one of
/// ours that is on its way is over, and after one came back, which may be in a sum that is older. So it is after what it says by itself.
pub(super) fn given_back(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &mut Payment,
    (reported, heard): (Money, Heard),
) -> Decision<()> {
    let done = payment.refunded_by_provider();
    let mut more = reported.amount_minor.saturating_sub(done.amount_minor);
    if more > 0 {
        // What people paid out instead of it may be in its sum, made or not: that is heard of by its name.
        more = more.saturating_sub(payment.paid_out_instead_minor()).max(0);
    }
    if more == 0 && payment.last_error.as_ref().is_some_and(|last| last.ends_with(ASKED_AGAIN)) {
        payment.last_error = None;
    }
    let (is_hidden, due) = due(payment, heard);
    // Whoever ends what is on its way has the provider asked.
    if more == 0 || reported.currency != done.currency || is_hidden {
        return Ok(());
    }
    if more < 0 {
        return came_back(work, cx, payment, (reported, heard));
    }
    if is_older_than_returns(payment, heard) {
        return watch::begin_anew(work, cx, payment);
    }
    // One place is left for what a cancellation owes.
    let has_room = payment.refunds.len() + 1 < REFUNDS_MAX;
    let first = payment.under_way().map(|refund| refund.id);
    let is_unasked = matches!(heard, Heard::Before { .. });
    let mut found = what_we_owe(cx, payment, (more, has_room), is_unasked);
    more -= found.iter().map(|refund| refund.amount.amount_minor).sum::<i64>();
    // What a dispute took is no reason: the provider gave this back beside it.
    let came = payment.state.received().map_or(0, |received| received.amount_minor);
    let left = came.saturating_sub(payment.booked().amount_minor);
    let amount = Money::new(more.min(left), done.currency);
    if amount.amount_minor > 0 && has_room {
        let refund = outside(cx, amount);
        payment.refunds.push(refund.clone());
        found.push(refund);
        payment.attention.insert(Attention::RefundedOutside);
        more -= amount.amount_minor;
    }
    // What is beyond all that was left went back for what is due: the provider is asked for that next, and says so.
    let is_for_due = has_room && more <= due;
    if more > 0 && !is_for_due {
        look_at(payment, &format!("the provider gave {reported} back, which is not all in the books"));
    }
    match payment.under_way() {
        // Whoever waited for one that is not to be made any more is next.
        Some(next) if Some(next.id) != first => owe::send(work, cx, payment, next),
        // Nobody ends it, who would have somebody look on.
        None if first.is_some() => watch::begin_anew(work, cx, payment)?,
        _ => {}
    }
    // What people are to see to now, the payer's bank may have taken.
    dispute::supersede(cx, payment);
    let event = work.find::<Event>(&payment.event_id)?;
    for refund in &found {
        ledger::refunded(work, cx, payment, refund);
        tell::refunded(work, cx, event.as_deref(), payment, refund)?;
    }
    // What came back since may have been said before.
    match heard.asked_at() {
        Some(_) => Ok(()),
        None => watch::begin_anew(work, cx, payment),
    }
}

/// Whether something of ours that is on its way may be in what is known; and how much is due that surely is not, in minor units.
fn due(payment: &Payment, heard: Heard) -> (bool, i64) {
    match (payment.under_way(), heard) {
        (None, _) => (false, 0),
        (Some(refund), Heard::Before { refund_id, .. })
            if refund.id == refund_id && refund.state == RefundState::Due =>
        {
            (false, refund.amount.amount_minor)
        }
        (Some(_), _) => (true, 0),
    }
}

/// What we owe comes first, if we could not give it back: somebody saw to it on the provider's own pages, or it was made after all. So does what
/// is due and nobody was asked for yet, but for what people want to go back beside whatever else does. Answers what of that so much went back for.
fn what_we_owe(
    cx: &Context<'_>,
    payment: &mut Payment,
    (mut more, has_room): (i64, bool),
    is_unasked: bool,
) -> Vec<Refund> {
    let is_owed = |refund: &Refund| match refund.state {
        RefundState::Failed { .. } => true,
        RefundState::Due => is_unasked && refund.retries == 0 && refund.cause != RefundCause::Requested,
        _ => false,
    };
    let is_it = |refund: &&mut Refund| is_owed(refund) && refund.amount.amount_minor == more;
    if let Some(refund) = payment.refunds.iter_mut().find(is_it) {
        refund.state = RefundState::Done { at: cx.now };
        return vec![refund.clone()];
    }
    let (mut found, mut part) = (Vec::new(), None);
    for (nth, refund) in payment.refunds.iter_mut().enumerate() {
        if more == 0 || !is_owed(refund) {
            continue;
        }
        if refund.amount.amount_minor > more {
            part = has_room.then(|| (nth, refund.clone()));
            break;
        }
        more -= refund.amount.amount_minor;
        refund.state = RefundState::Done { at: cx.now };
        found.push(refund.clone());
    }
    if let Some((nth, refund)) = part {
        found.push(take_part(cx, payment, (nth, refund), more));
    }
    found
}

/// A part of what is owed went back: the rest still is, and is another refund to a provider that was asked for the whole.
fn take_part(cx: &Context<'_>, payment: &mut Payment, (nth, whole): (usize, Refund), more: i64) -> Refund {
    let currency = whole.amount.currency;
    let mut rest = Refund { amount: Money::new(whole.amount.amount_minor - more, currency), ..whole.clone() };
    match rest.state {
        RefundState::Due if owe::gives_back(cx, payment, rest.amount) => {}
        RefundState::Due => rest.state = owe::no_parts(cx),
        _ => rest.id = RefundId::from_uuid(cx.new_uuid()),
    }
    let part = Refund {
        id: RefundId::from_uuid(cx.new_uuid()),
        amount: Money::new(more, currency),
        state: RefundState::Done { at: cx.now },
        created_at: cx.now,
        ..whole
    };
    if let Some(place) = payment.refunds.get_mut(nth) {
        *place = rest;
    }
    payment.attention.insert(Attention::RefundedOutside);
    payment.refunds.push(part.clone());
    part
}

/// Less is given back than was: what went back outside did not arrive, or a part of it. Ours say that of themselves, by their names, perhaps a
/// while later; so where nobody can tell which of them it was, the provider is asked again. What is still so then is not ours, as far as there is
/// anything else; should it have been ours after all, that and the sum put it right.
fn came_back(
    work: &mut Work,
    cx: &Context<'_>,
    payment: &mut Payment,
    (reported, heard): (Money, Heard),
) -> Decision<()> {
    let is_newer = |asked_at| payment.refunds_moved_at().is_none_or(|at| at < asked_at);
    if !heard.asked_at().is_some_and(is_newer) {
        return match payment.refunds.iter().any(Refund::is_by_sum) {
            true => watch::begin_anew(work, cx, payment),
            false => Ok(()),
        };
    }
    let less = payment.refunded_by_provider().amount_minor.saturating_sub(reported.amount_minor);
    let returned = |refund: &&Refund| matches!(refund.state, RefundState::Returned { .. });
    let is_full = payment.refunds.iter().filter(returned).count() >= REFUNDS_MAX;
    if !is_full && is_of_sums(payment, less) {
        return take_back(work, cx, payment, less);
    }
    let why = format!("the provider now gives {reported} back, which is less than is in the books");
    let noted = words(&format!("{why}{ASKED_AGAIN}"));
    if payment.last_error.as_ref() == Some(&words(&why)) {
        return Ok(());
    }
    if payment.last_error.as_ref() != Some(&noted) || cx.now < payment.updated_at.plus(DOUBT_FOR) {
        payment.last_error = Some(noted);
        return watch::begin_after(work, cx, payment, DOUBT_FOR);
    }
    let known = payment.refunds.iter().filter(|refund| refund.is_by_sum());
    if !is_full && less <= known.map(|refund| refund.amount.amount_minor).sum() {
        return take_back(work, cx, payment, less);
    }
    look_at(payment, &why);
    Ok(())
}

fn is_debt(refund: &Refund) -> bool {
    refund.cause != RefundCause::Outside
}

/// Whether it is what is known by sums alone that so much of is there again: there is nothing else, or one of them is as much and none of ours is.
fn is_of_sums(payment: &Payment, less: i64) -> bool {
    let gone = || payment.refunds.iter().filter(|refund| refund.state.is_gone() && !refund.by_hand);
    let mut ours = gone().filter(|refund| !refund.is_by_sum());
    let is_it = |refund: &Refund| refund.amount.amount_minor == less;
    gone().all(Refund::is_by_sum) || by_sum(payment, is_it).is_some() && !ours.any(is_it)
}

/// The last that is known by sums alone and is like this.
fn by_sum(payment: &Payment, is_it: impl Fn(&Refund) -> bool) -> Option<usize> {
    payment.refunds.iter().rposition(|refund| refund.is_by_sum() && is_it(refund))
}

/// So much of what went back outside is there again. The payer is still owed what it was given back for, or else what the booking's end owes them,
/// by a refund that people see to: a sum that falls may rise again.
fn take_back(work: &mut Work, cx: &Context<'_>, payment: &mut Payment, mut less: i64) -> Decision<()> {
    let error = words("what was given back outside came back");
    while less > 0 {
        let is_it = |refund: &Refund| refund.amount.amount_minor == less;
        let place = by_sum(payment, |refund| is_it(refund) && is_debt(refund));
        let place = place.or_else(|| by_sum(payment, is_it)).or_else(|| by_sum(payment, |_| true));
        let Some(refund) = place.and_then(|place| payment.refunds.get_mut(place)) else { break };
        refund.state = RefundState::Returned { at: cx.now, error: error.clone() };
        let refund = refund.clone();
        ledger::refund_returned(work, cx, payment, &refund);
        let back = less.min(refund.amount.amount_minor);
        less = less.saturating_sub(refund.amount.amount_minor);
        let part = |amount, state| Refund {
            id: RefundId::from_uuid(cx.new_uuid()),
            amount: Money::new(amount, refund.amount.currency),
            state,
            created_at: cx.now,
            ..refund.clone()
        };
        if less < 0 {
            // Only a part of it: the rest is still the payer's.
            let rest = part(less.saturating_neg(), RefundState::Done { at: cx.now });
            ledger::refunded(work, cx, payment, &rest);
            payment.refunds.push(rest);
        }
        if is_debt(&refund) {
            payment.refunds.push(part(back, RefundState::Failed { at: cx.now, error: error.clone() }));
        }
    }
    if let Some((amount, cause)) = dispute::owed_by_end(work, payment)? {
        let state = RefundState::Failed { at: cx.now, error: error.clone() };
        payment.refunds.push(Refund { cause, state, ..outside(cx, amount) });
    }
    look_at(payment, &error);
    // What the payer's bank took meanwhile is not owed beside that.
    dispute::supersede(cx, payment);
    Ok(())
}

/// Whether a sum may have what came back since it was true.
fn is_older_than_returns(payment: &Payment, heard: Heard) -> bool {
    payment.came_back_at().is_some_and(|at| heard.asked_at().is_none_or(|asked_at| asked_at <= at))
}

/// What went back is not what is in the books: somebody has to look at it, once.
pub(super) fn look_at(payment: &mut Payment, why: &str) {
    let why = words(why);
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
