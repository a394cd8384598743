//! Money that payers' banks take back.

use eventify_core::booking::BookingStatus;
use eventify_core::payment::{
    Attention, ChargeDispute, ChargeStatus, DisputeStatus, LedgerEntry, LedgerKind, LedgerPeriod,
    PaymentView, ProviderError, RefundCause, RefundPayment, RefundStatus, SettleByHand,
};
use eventify_core::testing::MemoryProvider;
use eventify_core::{Money, PaymentId, Reason};

use crate::common::*;

fn why(payment: &PaymentView) -> Vec<Attention> {
    payment.attention.clone()
}

async fn ledger(w: &World) -> Vec<(LedgerKind, i64)> {
    let all = w.everything().await;
    let mut entries: Vec<_> = all.of::<LedgerEntry>().map(|e| (e.kind, e.amount.amount_minor)).collect();
    entries.sort_unstable();
    entries
}

/// How a bank's dispute of a payment stands.
fn dispute(id: PaymentId, status: DisputeStatus, moves: u8, taken: i64) -> ChargeDispute {
    ChargeDispute {
        reference: "dp-1".to_owned(),
        transaction: format!("money-{id}"),
        amount: tenge(2 * PRICE),
        reason: Some("fraudulent".to_owned()),
        status,
        moves,
        taken: tenge(taken),
    }
}

async fn disputed(w: &World, news: ChargeDispute) {
    let callback = MemoryProvider::callback_of(&news.reference);
    w.bank.card.dispute(news);
    assert_eq!(w.callback("memory", callback).await, 200);
}

const ALL: i64 = 2 * PRICE;

#[tokio::test]
async fn a_dispute_is_in_the_books_and_comes_back_when_it_is_won() {
    let w = World::new().await;
    let (e, _, paid) = w.paid_by_card(&attendee()).await;
    let steps = [
        (DisputeStatus::Open, 0, 0, vec![]),
        (DisputeStatus::Open, 1, ALL, vec![(LedgerKind::Chargeback, ALL)]),
        // A report from before.
        (DisputeStatus::Open, 0, 0, vec![(LedgerKind::Chargeback, ALL)]),
        (DisputeStatus::Won, 1, ALL, vec![(LedgerKind::Chargeback, ALL)]),
        (
            DisputeStatus::Won,
            2,
            0,
            vec![(LedgerKind::Chargeback, ALL), (LedgerKind::ChargebackReturned, ALL)],
        ),
        (
            DisputeStatus::Open,
            1,
            ALL,
            vec![(LedgerKind::Chargeback, ALL), (LedgerKind::ChargebackReturned, ALL)],
        ),
    ];
    for (status, moves, taken, moved) in steps {
        for _ in 0..2 {
            disputed(&w, dispute(paid.id, status, moves, taken)).await;
        }
        let entries: Vec<_> = ledger(&w).await.into_iter().skip(1).collect();
        assert_eq!(entries, moved, "{status:?} {moves}");
        w.assert_sound(&format!("{status:?} {moves}")).await;
    }
    let found = w.payment(paid.id).await;
    assert_eq!((found.disputes[0].status, found.disputes.len()), (DisputeStatus::Won, 1));
    assert_eq!(why(&found), [Attention::Disputed]);
    assert!(
        w.eventify.payments().get(&attendee(), paid.id).await.unwrap().disputes.is_empty(),
        "the payer's own"
    );
    let report = w.eventify.payments().report(&organizer(), e, LedgerPeriod::default()).await.unwrap();
    let sum = &report.sums[0];
    assert_eq!((sum.chargebacks, sum.charged_back_minor, sum.net_minor), (1, 0, ALL));
    assert_eq!(w.booking(paid.booking_id).await.status, BookingStatus::Confirmed);
    assert_eq!(w.actions("payment.disputed").await, 2);
    assert_eq!(w.actions("payment.dispute_closed").await, 2);
}

#[tokio::test]
async fn what_a_bank_took_is_not_given_back_once_more() {
    let w = World::new().await;
    let (e, _, paid) = w.paid_by_card(&attendee()).await;
    disputed(&w, dispute(paid.id, DisputeStatus::Lost, 1, ALL)).await;
    let refused =
        w.eventify.payments().refund(&organizer(), paid.id, RefundPayment::default()).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::RefundTooLarge);
    w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
    w.run_jobs().await;
    assert!(w.payment(paid.id).await.refunds.is_empty());
    let report = w.eventify.payments().report(&organizer(), e, LedgerPeriod::default()).await.unwrap();
    assert_eq!((report.sums[0].charged_back_minor, report.sums[0].net_minor), (ALL, 0));
    w.assert_sound("lost").await;
}

#[tokio::test]
async fn a_refund_that_a_dispute_stands_in_the_way_of_is_owed_only_once() {
    for (won, taken) in [(false, ALL), (true, ALL), (false, 600), (true, 600)] {
        let w = World::new().await;
        let (_, _, paid) = w.paid_by_card(&attendee()).await;
        w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
        w.bank.card.fail_next([ProviderError::Refused("the charge is disputed".to_owned())]);
        w.run_jobs().await;
        disputed(&w, dispute(paid.id, DisputeStatus::Open, 1, taken)).await;
        let found = w.payment(paid.id).await;
        let states: Vec<_> = found.refunds.iter().map(|r| (r.status, r.amount.amount_minor)).collect();
        if taken == ALL {
            assert_eq!(states, [(RefundStatus::Superseded, ALL)]);
            assert_eq!(why(&found), [Attention::Disputed]);
        } else {
            assert_eq!(states, [(RefundStatus::Failed, ALL - taken), (RefundStatus::Superseded, taken)]);
            assert_eq!(why(&found), [Attention::RefundFailed, Attention::Disputed]);
        }
        let last = found.refunds.last().unwrap().id;
        let out = SettleByHand { refund_id: Some(last) };
        let refused = w.eventify.payments().settle_by_hand(&organizer(), paid.id, out).await.unwrap_err();
        assert_eq!(refused.reason(), Reason::RefundNotFailed, "the payer has it");
        w.assert_sound(&format!("superseded {taken}")).await;
        if won {
            disputed(&w, dispute(paid.id, DisputeStatus::Won, 2, 0)).await;
            w.run_jobs().await;
        }
        for refund in w.payment(paid.id).await.refunds.iter().filter(|r| r.status == RefundStatus::Failed) {
            w.eventify.payments().retry_refund(&organizer(), paid.id, refund.id).await.unwrap();
        }
        w.run_jobs().await;
        let back = if won { ALL } else { ALL - taken };
        assert_eq!(w.payment(paid.id).await.refunded, tenge(back), "{won} {taken}");
        w.assert_sound(&format!("in the end {won} {taken}")).await;
    }
}

#[tokio::test]
async fn a_dispute_may_be_told_before_its_money() {
    let w = World::new().await;
    let (e, t, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    let news = dispute(payment.id, DisputeStatus::Open, 1, ALL);
    let callback = MemoryProvider::callback_of(&news.reference);
    w.bank.card.dispute(news);
    assert_eq!(w.callback("memory", callback.clone()).await, 503, "nobody has paid yet: it is to come again");
    // However its money cannot be asked for, the dispute is not lost.
    let no = || "no".to_owned();
    let errors = [
        ProviderError::Refused(no()),
        ProviderError::Unknown,
        ProviderError::Unreachable(no()),
        ProviderError::NotGenuine,
    ];
    for error in errors {
        w.bank.card.fail_next([error.clone()]);
        assert_eq!(w.callback("memory", callback.clone()).await, 503, "{error}");
    }
    w.bank.card.settle(payment.id, ChargeStatus::Succeeded);
    assert_eq!(w.callback("memory", callback).await, 200);
    assert_eq!(w.counted(e, t).await, (10, 2, 0));
    assert_eq!(ledger(&w).await, [(LedgerKind::Charge, ALL), (LedgerKind::Chargeback, ALL)]);
    w.assert_sound("told before").await;
}

#[tokio::test]
async fn what_a_bank_gives_back_for_a_cancelled_booking_goes_to_the_payer() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    disputed(&w, dispute(paid.id, DisputeStatus::Open, 1, ALL)).await;
    w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
    w.assert_sound("cancelled meanwhile").await;
    disputed(&w, dispute(paid.id, DisputeStatus::Won, 2, 0)).await;
    w.run_jobs().await;
    let found = w.payment(paid.id).await;
    assert_eq!((found.refunded, found.refunds[0].cause), (tenge(ALL), RefundCause::BookingCancelled));
    w.assert_sound("won and given back").await;
}

#[tokio::test]
async fn a_dispute_after_a_refund_takes_money_twice_and_the_books_say_so() {
    let w = World::new().await;
    let (e, _, paid) = w.paid_by_card(&attendee()).await;
    w.eventify.payments().refund(&organizer(), paid.id, RefundPayment::default()).await.unwrap();
    w.run_jobs().await;
    disputed(&w, dispute(paid.id, DisputeStatus::Open, 1, ALL)).await;
    let report = w.eventify.payments().report(&organizer(), e, LedgerPeriod::default()).await.unwrap();
    assert_eq!(report.sums[0].net_minor, -ALL);
    w.assert_sound("twice").await;
}

#[tokio::test]
async fn odd_disputes_change_nothing() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.mark().await;
    let base = || dispute(paid.id, DisputeStatus::Open, 1, ALL);
    for odd in [
        ChargeDispute { transaction: String::new(), ..base() },
        ChargeDispute { reference: "a\nb".to_owned(), ..base() },
        ChargeDispute { amount: tenge(-1), ..base() },
        ChargeDispute { taken: Money::new(1, "EUR".parse().unwrap()), ..base() },
    ] {
        let callback = MemoryProvider::callback_of(&odd.reference);
        w.bank.card.dispute(odd);
        assert_eq!(w.callback("memory", callback).await, 400);
    }
    w.assert_unchanged("odd disputes").await;
    // In another currency than the money it is looked at, and not counted.
    let euro = |minor| Money::new(minor, "EUR".parse().unwrap());
    disputed(&w, ChargeDispute { amount: euro(5), taken: euro(5), ..base() }).await;
    let found = w.payment(paid.id).await;
    assert_eq!((why(&found), found.disputes.len()), (vec![Attention::Disputed], 0));
    w.assert_sound("another currency").await;
}

#[tokio::test]
async fn ten_disputes_are_counted_and_the_eleventh_is_looked_at() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    for n in 0..12 {
        let news = dispute(paid.id, DisputeStatus::Open, 1, 1);
        disputed(&w, ChargeDispute { reference: format!("dp-{n}"), ..news }).await;
    }
    let found = w.payment(paid.id).await;
    assert_eq!(found.disputes.len(), 10);
    assert!(found.last_error.unwrap().contains("dp-11"));
    w.assert_sound("twelve").await;
}
