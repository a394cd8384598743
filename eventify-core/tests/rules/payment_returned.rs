//! Money that went back on a provider's own pages, and came back from there.

use std::time::Duration;

use eventify_core::payment::{
    Attention, ChargeDispute, ChargeStatus, DisputeStatus, LedgerEntry, LedgerKind, PaymentView,
    ProviderError, ReceiptStatus, RefundCause, RefundPayment, RefundStatus,
};
use eventify_core::testing::MemoryProvider;
use eventify_core::{PaymentId, RefundId};

use crate::common::*;

const ALL: i64 = 2 * PRICE;
/// After which whoever was asked to look has looked.
const A_WHILE: Duration = Duration::from_secs(60);
const ASKED: RefundCause = RefundCause::Requested;

fn refunds(payment: &PaymentView) -> Vec<(RefundCause, RefundStatus, i64)> {
    payment.refunds.iter().map(|r| (r.cause, r.status, r.amount.amount_minor)).collect()
}

/// What came and went, by the ledger.
async fn ledger(w: &World) -> Vec<(LedgerKind, i64)> {
    let all = w.everything().await;
    let mut entries: Vec<_> = all.of::<LedgerEntry>().map(|e| (e.kind, e.amount.amount_minor)).collect();
    entries.sort_unstable();
    entries
}

/// From now on the provider says that this is given back.
fn gave_back(w: &World, id: PaymentId, sum: i64) {
    w.bank.card.change(id, |charge| charge.refunded = tenge(sum));
}

/// Something moved of the payment's money, of which the provider says no more than that.
async fn moved(w: &World, money: &str) {
    assert_eq!(w.callback("memory", MemoryProvider::callback_of(money)).await, 200);
    w.mark().await;
}

/// Somebody asks for a part, and the provider refuses it.
async fn fails(w: &World, id: PaymentId, part: i64) -> RefundId {
    let request = RefundPayment { amount: Some(tenge(part)), reason: Some("a mistake".to_owned()) };
    w.eventify.payments().refund(&organizer(), id, request).await.unwrap();
    w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
    w.run_jobs().await;
    // Whoever ends a refund has the provider asked.
    w.pass(A_WHILE).await;
    w.payment(id).await.refunds.last().unwrap().id
}

#[tokio::test]
async fn what_people_made_outside_for_one_of_ours_and_comes_back_is_owed_again() {
    let w = World::connected().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    fails(&w, paid.id, 300).await;
    gave_back(&w, paid.id, 300);
    w.call_back(paid.id).await;
    assert_eq!(refunds(&w.payment(paid.id).await), [(ASKED, RefundStatus::Done, 300)]);
    assert!(w.payment(paid.id).await.attention.is_empty());
    w.pass(A_WHILE).await;
    gave_back(&w, paid.id, 0);
    moved(&w, &format!("money-{}", paid.id)).await;
    let found = w.payment(paid.id).await;
    let (returned, failed) = ((ASKED, RefundStatus::Returned, 300), (ASKED, RefundStatus::Failed, 300));
    assert_eq!((refunds(&found), found.refunded), (vec![returned, failed], tenge(0)));
    assert_eq!(found.refunds[1].reason.as_deref(), Some("a mistake"));
    assert_eq!(found.attention, [Attention::RefundFailed, Attention::RefundedOutside]);
    let back = [(LedgerKind::Charge, ALL), (LedgerKind::Refund, 300), (LedgerKind::RefundReturned, 300)];
    assert_eq!(ledger(&w).await, back);
    w.assert_sound("owed again").await;
    w.eventify.payments().retry_refund(&organizer(), paid.id, found.refunds[1].id).await.unwrap();
    w.run_jobs().await;
    assert_eq!(refunds(&w.payment(paid.id).await), [returned, (ASKED, RefundStatus::Done, 300)]);
    assert_eq!(w.bank.card.charge(paid.id).unwrap().refunded, tenge(300));
    w.assert_sound("given back by us").await;
}

/// Also when all of it was to go back, after which there is nothing else to ask for.
#[tokio::test]
async fn where_nobody_tells_it_is_found_by_looking() {
    let w = World::new().await;
    w.bank.card.tell_of_refunds_no_more();
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    fails(&w, paid.id, ALL).await;
    gave_back(&w, paid.id, ALL);
    for _ in 0..2 {
        w.pass(2 * DAY).await;
    }
    assert_eq!(refunds(&w.payment(paid.id).await), [(ASKED, RefundStatus::Done, ALL)]);
    gave_back(&w, paid.id, 0);
    for _ in 0..2 {
        w.pass(8 * DAY).await;
    }
    let found = w.payment(paid.id).await;
    assert_eq!(refunds(&found), [(ASKED, RefundStatus::Returned, ALL), (ASKED, RefundStatus::Failed, ALL)]);
    w.assert_sound("looked at").await;
}

#[tokio::test]
async fn money_that_nobody_here_knows_moves_nothing() {
    let w = World::new().await;
    w.paid_by_card(&attendee()).await;
    let calls = w.bank.card.calls();
    w.mark().await;
    moved(&w, "money-of somebody else").await;
    w.assert_unchanged("another use of the account").await;
    assert_eq!(w.bank.card.calls(), calls, "nobody is asked");
}

/// What is owed stays what it was: of a wish, of a charge that came twice, and of a booking's end.
#[tokio::test]
async fn a_part_that_was_made_outside_and_comes_back_makes_no_debt_smaller() {
    for cause in [ASKED, RefundCause::PaidTwice, RefundCause::BookingCancelled] {
        let w = World::new().await;
        let (_, _, paid) = w.paid_by_card(&attendee()).await;
        let (mut id, mut name) = (paid.id, None);
        match cause {
            RefundCause::PaidTwice => {
                let second = w.bank.card.charge_again(paid.id).unwrap();
                assert_eq!(w.callback("memory", MemoryProvider::callback_of(&second)).await, 200);
                let all = w.eventify.payments().of_booking(&organizer(), paid.booking_id).await.unwrap();
                (id, name) = (all[1].id, Some(second));
            }
            RefundCause::BookingCancelled => {
                w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.map(drop).unwrap();
            }
            _ => {
                let all = RefundPayment::default();
                w.eventify.payments().refund(&organizer(), paid.id, all).await.map(drop).unwrap();
            }
        }
        w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
        w.run_jobs().await;
        let money = name.clone().map_or_else(|| format!("money-{id}"), |name| format!("money-{name}"));
        let outside = async |sum: i64| {
            w.pass(A_WHILE).await;
            match &name {
                Some(name) => w.bank.card.change_double(name, |charge| charge.refunded = tenge(sum)),
                None => gave_back(&w, id, sum),
            }
            moved(&w, &money).await;
            refunds(&w.payment(id).await)
        };
        let (rest, part) = ((cause, RefundStatus::Failed, ALL - 100), (cause, RefundStatus::Done, 100));
        assert_eq!(outside(100).await, [rest, part], "{cause:?}");
        let (returned, again) = ((cause, RefundStatus::Returned, 100), (cause, RefundStatus::Failed, 100));
        assert_eq!(outside(0).await, [rest, returned, again], "{cause:?}");
        w.assert_sound(&format!("{cause:?}")).await;
        for refund in w.payment(id).await.refunds {
            if refund.status == RefundStatus::Failed {
                w.eventify.payments().retry_refund(&organizer(), id, refund.id).await.unwrap();
                w.run_jobs().await;
            }
        }
        assert_eq!(w.payment(id).await.refunded, tenge(ALL), "{cause:?}");
        w.assert_sound(&format!("{cause:?}, all of it")).await;
    }
}

/// Beside a booking that was paid otherwise, whose end owes nothing.
#[tokio::test]
async fn what_came_back_of_money_that_bought_nothing_is_owed() {
    let w = World::new().await;
    let (e, t, held) = w.unpaid(&attendee()).await;
    let late = w.pay(&attendee(), held.id, "memory").await;
    w.eventify.bookings().confirm(&organizer(), held.id).await.unwrap();
    w.card(late.id, ChargeStatus::Succeeded).await;
    // It had been given back outside before ours was tried, and ours is what was left.
    gave_back(&w, late.id, 100);
    w.run_jobs().await;
    w.pass(A_WHILE).await;
    let twice = RefundCause::PaidTwice;
    let (rest, part) = ((twice, RefundStatus::Failed, ALL - 100), (twice, RefundStatus::Done, 100));
    assert_eq!(refunds(&w.payment(late.id).await), [rest, part]);
    w.pass(A_WHILE).await;
    gave_back(&w, late.id, 0);
    moved(&w, &format!("money-{}", late.id)).await;
    let owed: i64 = refunds(&w.payment(late.id).await)
        .iter()
        .filter(|(_, status, _)| *status == RefundStatus::Failed)
        .map(|(.., minor)| minor)
        .sum();
    assert_eq!((owed, w.counted(e, t).await), (ALL, (10, 2, 0)));
    w.assert_sound("owed").await;
}

/// Somebody asks how the payment stands, for whatever reason, before the provider says of ours by its name that it came back.
#[tokio::test]
async fn who_looks_before_ours_says_that_it_came_back_alarms_nobody() {
    for outside in [0, 70] {
        let w = World::new().await;
        let (_, _, paid) = w.paid_by_card(&attendee()).await;
        let ours = RefundPayment { amount: Some(tenge(100)), reason: None };
        w.eventify.payments().refund(&organizer(), paid.id, ours).await.unwrap();
        w.run_jobs().await;
        gave_back(&w, paid.id, 100 + outside);
        w.call_back(paid.id).await;
        w.dismiss(paid.id).await;
        w.pass(A_WHILE).await;
        let name = w.payment(paid.id).await.refunds[0].id.to_string();
        w.bank.card.end_refund(&name, ReceiptStatus::Failed);
        for _ in 0..2 {
            moved(&w, &format!("money-{}", paid.id)).await;
        }
        assert!(w.payment(paid.id).await.attention.is_empty(), "{outside}");
        moved(&w, &name).await;
        w.pass(A_WHILE).await;
        w.pass(HOUR).await;
        let found = w.payment(paid.id).await;
        assert_eq!((found.attention, found.last_error), (vec![Attention::RefundFailed], None), "{outside}");
        assert_eq!(found.refunded, tenge(outside));
        assert!(w.jobs("watch_payment").await.is_empty());
        w.assert_sound("nobody is alarmed").await;
    }
}

/// Its callback is lost: what nobody says by itself is asked for a second time, and listed then.
#[tokio::test]
async fn what_ours_never_says_of_itself_is_looked_at() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    let ours = RefundPayment { amount: Some(tenge(100)), reason: None };
    w.eventify.payments().refund(&organizer(), paid.id, ours).await.unwrap();
    w.run_jobs().await;
    w.pass(A_WHILE).await;
    let name = w.payment(paid.id).await.refunds[0].id.to_string();
    w.bank.card.end_refund(&name, ReceiptStatus::Failed);
    moved(&w, &format!("money-{}", paid.id)).await;
    assert!(w.payment(paid.id).await.attention.is_empty());
    w.pass(HOUR).await;
    let found = w.payment(paid.id).await;
    assert_eq!((found.refunded, found.attention), (tenge(100), vec![Attention::RefundedOutside]));
    w.dismiss(paid.id).await;
    for _ in 0..2 {
        moved(&w, &format!("money-{}", paid.id)).await;
        w.pass(HOUR).await;
    }
    assert!(w.payment(paid.id).await.attention.is_empty(), "seen to is seen to");
    assert!(w.jobs("watch_payment").await.is_empty());
    w.assert_sound("looked at").await;
}

/// A sum does not say which of two it was; the provider names the other one later.
#[tokio::test]
async fn which_of_two_was_made_is_said_by_its_name() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    let payments = w.eventify.payments();
    let first = fails(&w, paid.id, 100).await;
    let request = RefundPayment { amount: Some(tenge(100)), reason: None };
    payments.refund(&organizer(), paid.id, request).await.unwrap();
    // The second one is made, and every answer to it is lost.
    let attempts = usize::try_from(eventify_core::Settings::default().job_attempts_max).unwrap();
    w.bank.card.lose_next(attempts);
    for _ in 0..attempts + 1 {
        w.pass(HOUR).await;
    }
    let done = |which: RefundId, found: &PaymentView| {
        found.refunds.iter().find(|r| r.id == which).is_some_and(|r| r.status == RefundStatus::Done)
    };
    let found = w.payment(paid.id).await;
    assert!(done(first, &found), "{:?}", refunds(&found));
    let second = found.refunds.iter().find(|refund| refund.id != first).unwrap().id;
    w.pass(A_WHILE).await;
    assert_eq!(w.callback("memory", MemoryProvider::callback_of(&second.to_string())).await, 200);
    w.pass(A_WHILE).await;
    w.pass(HOUR).await;
    let found = w.payment(paid.id).await;
    assert!(done(second, &found) && !done(first, &found), "{:?}", refunds(&found));
    assert_eq!(found.refunded, tenge(100));
    assert_eq!(found.refunds.last().map(|refund| refund.status), Some(RefundStatus::Failed));
    w.assert_sound("the second").await;
}

/// A callback may be older than what came back since.
#[tokio::test]
async fn what_came_back_before_anybody_heard_that_it_went_is_taken_off() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    gave_back(&w, paid.id, 100);
    w.call_back(paid.id).await;
    assert_eq!(w.payment(paid.id).await.refunded, tenge(100));
    gave_back(&w, paid.id, 0);
    w.pass(A_WHILE).await;
    assert_eq!(w.payment(paid.id).await.refunded, tenge(0));
    assert!(w.jobs("watch_payment").await.is_empty(), "it is asked once");
    w.assert_sound("an old callback").await;
}

/// Nobody can tell while ours is on its way, after which nothing is left to go.
#[tokio::test]
async fn what_came_back_while_ours_was_on_its_way_is_found_after_it() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    gave_back(&w, paid.id, 100);
    w.call_back(paid.id).await;
    w.pass(A_WHILE).await;
    w.bank.card.accept_refunds_as(ReceiptStatus::Pending);
    w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
    w.run_jobs().await;
    gave_back(&w, paid.id, ALL - 100);
    moved(&w, &format!("money-{}", paid.id)).await;
    let name = w.payment(paid.id).await.refunds[1].id.to_string();
    w.bank.card.end_refund(&name, ReceiptStatus::Done);
    moved(&w, &name).await;
    assert_eq!(w.payment(paid.id).await.refunded, tenge(ALL));
    w.pass(A_WHILE).await;
    let found = w.payment(paid.id).await;
    let end = RefundCause::BookingCancelled;
    let (ours, owed) = ((end, RefundStatus::Done, ALL - 100), (end, RefundStatus::Failed, 100));
    assert_eq!(refunds(&found), [(RefundCause::Outside, RefundStatus::Returned, 100), ours, owed]);
    w.assert_sound("found after it").await;
}

async fn disputed(w: &World, id: PaymentId, (status, moves, taken): (DisputeStatus, u8, i64)) {
    w.bank.card.dispute(ChargeDispute {
        reference: "dp".to_owned(),
        transaction: format!("money-{id}"),
        amount: tenge(ALL),
        reason: None,
        status,
        moves,
        taken: tenge(taken),
    });
    moved(w, "dp").await;
}

/// The payer's bank took everything, so nothing of what came back is owed unless the dispute is won.
#[tokio::test]
async fn what_came_back_is_not_owed_beside_a_dispute_of_everything() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    fails(&w, paid.id, ALL).await;
    gave_back(&w, paid.id, 100);
    moved(&w, &format!("money-{}", paid.id)).await;
    disputed(&w, paid.id, (DisputeStatus::Open, 1, ALL)).await;
    w.pass(A_WHILE).await;
    gave_back(&w, paid.id, 0);
    moved(&w, &format!("money-{}", paid.id)).await;
    let found = w.payment(paid.id).await;
    let states: Vec<_> = found.refunds.iter().map(|refund| refund.status).collect();
    assert_eq!(states, [RefundStatus::Superseded, RefundStatus::Returned, RefundStatus::Superseded]);
    assert_eq!(found.attention, [Attention::RefundedOutside, Attention::Disputed]);
    w.assert_sound("the payer's bank has it").await;
    disputed(&w, paid.id, (DisputeStatus::Won, 2, 0)).await;
    for _ in 0..2 {
        w.pass(A_WHILE).await;
    }
    assert_eq!(w.bank.card.charge(paid.id).unwrap().refunded, tenge(ALL), "all that was asked for");
    w.assert_sound("owed again").await;
}

/// As long as a dispute has everything nothing can go; it may be won.
#[tokio::test]
async fn what_goes_outside_after_a_dispute_was_won_is_found_by_looking() {
    let w = World::new().await;
    w.bank.card.tell_of_refunds_no_more();
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    for (status, moves, taken) in [(DisputeStatus::Open, 1, ALL), (DisputeStatus::Won, 2, 0)] {
        disputed(&w, paid.id, (status, moves, taken)).await;
        for _ in 0..3 {
            w.pass(2 * DAY).await;
        }
    }
    gave_back(&w, paid.id, 100);
    for _ in 0..3 {
        w.pass(16 * DAY).await;
    }
    assert_eq!(w.payment(paid.id).await.refunded, tenge(100));
    w.assert_sound("looked at").await;
}
