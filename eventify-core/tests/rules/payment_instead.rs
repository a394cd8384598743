//! Refunds that a provider accepted and did not make, and that people paid out instead.

use std::time::Duration;

use eventify_core::payment::{
    Attention, LedgerKind, PaymentView, ProviderError, ReceiptStatus, RefundCause, RefundStatus, SettleByHand,
};
use eventify_core::{PaymentId, Reason};

use crate::common::*;
use crate::payment_outside::without_card;
use crate::payment_sent::{ask_back, going_back, hear, key, ledger, states};

const ALL: i64 = 2 * PRICE;

/// A part that the provider accepted and never makes, and the rest, which waits for it.
async fn stuck(w: &World) -> PaymentView {
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.bank.card.accept_refunds_as(ReceiptStatus::Pending);
    ask_back(w, paid.id, 100).await;
    w.run_jobs().await;
    w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
    w.run_jobs().await;
    let stuck = w.payment(paid.id).await;
    assert_eq!(states(&stuck), [(RefundStatus::Sent, 100), (RefundStatus::Due, ALL - 100)]);
    stuck
}

#[tokio::test]
async fn what_never_arrives_is_paid_out_after_a_month_and_the_next_one_goes() {
    let w = World::new().await;
    let stuck = stuck(&w).await;
    let sent_at = w.now();
    let out = SettleByHand { refund_id: Some(stuck.refunds[0].id) };
    while w.now() < sent_at.plus(30 * DAY) {
        let early = w.eventify.payments().settle_by_hand(&organizer(), stuck.id, out).await.unwrap_err();
        assert_eq!(early.reason(), Reason::RefundUnderWay);
        w.pass(6 * HOUR).await;
    }
    w.pass(6 * HOUR).await;
    assert_eq!(w.payment(stuck.id).await.attention, [Attention::Unwatched]);
    for _ in 0..2 {
        w.eventify.payments().settle_by_hand(&organizer(), stuck.id, out).await.unwrap();
    }
    w.bank.card.end_refund(&key(&stuck), ReceiptStatus::Failed);
    w.bank.card.accept_refunds_as(ReceiptStatus::Done);
    w.pass(HOUR).await;
    let done = w.payment(stuck.id).await;
    assert_eq!(states(&done), [(RefundStatus::Done, 100), (RefundStatus::Done, ALL - 100)]);
    assert_eq!((done.refunded, done.attention, done.last_error), (tenge(ALL), vec![], None));
    let once = [(LedgerKind::Charge, ALL), (LedgerKind::Refund, 100), (LedgerKind::Refund, ALL - 100)];
    assert_eq!(ledger(&w).await, once);
    w.assert_sound("paid out").await;
    // Whoever asked for the first one finds nothing left to ask for.
    w.pass(6 * HOUR).await;
    assert!(w.jobs("refund_payment").await.is_empty());
}

#[tokio::test]
async fn what_whoever_asks_for_it_misses_is_paid_out_at_once() {
    let w = World::new().await;
    let stuck = stuck(&w).await;
    let other = without_card(&w).await;
    let out = SettleByHand { refund_id: Some(stuck.refunds[0].id) };
    // One process has it and the other does not, as while they are replaced one after another: whoever asks decides.
    for _ in 0..2 {
        let refused = other.payments().settle_by_hand(&organizer(), stuck.id, out).await.unwrap_err();
        assert_eq!(refused.reason(), Reason::RefundUnderWay);
        w.clock.advance(6 * HOUR);
        while other.jobs().run_due().await.unwrap() > 0 {}
        assert_eq!(w.payment(stuck.id).await.attention, [Attention::ProviderMissing]);
        let refused = w.eventify.payments().settle_by_hand(&organizer(), stuck.id, out).await.unwrap_err();
        assert_eq!(refused.reason(), Reason::RefundUnderWay, "it can be asked here");
        w.pass(6 * HOUR).await;
        assert_eq!(w.payment(stuck.id).await.attention, [], "it was asked, and is there");
    }
    w.clock.advance(6 * HOUR);
    while other.jobs().run_due().await.unwrap() > 0 {}
    other.payments().settle_by_hand(&organizer(), stuck.id, out).await.unwrap();
    let due = SettleByHand { refund_id: Some(stuck.refunds[1].id) };
    let refused = other.payments().settle_by_hand(&organizer(), stuck.id, due).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::RefundUnderWay, "it was not accepted: the provider is asked for it");
    other.shut_down().await;
    assert_eq!(
        states(&w.payment(stuck.id).await),
        [(RefundStatus::Done, 100), (RefundStatus::Due, ALL - 100)]
    );
    w.assert_sound("paid out").await;
}

/// A part that the provider accepted and has not made, with nothing else to give back.
async fn accepted(w: &World) -> PaymentView {
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.bank.card.accept_refunds_as(ReceiptStatus::Pending);
    ask_back(w, paid.id, 100).await;
    w.run_jobs().await;
    w.bank.card.accept_refunds_as(ReceiptStatus::Done);
    w.payment(paid.id).await
}

/// People pay the first refund out while nobody can ask for it.
async fn pay_out(w: &World, id: PaymentId) {
    let other = without_card(w).await;
    w.clock.advance(HOUR);
    while other.jobs().run_due().await.unwrap() > 0 {}
    let out = SettleByHand { refund_id: Some(w.payment(id).await.refunds[0].id) };
    other.payments().settle_by_hand(&organizer(), id, out).await.unwrap();
    other.shut_down().await;
    w.dismiss(id).await;
}

/// It counts on what it accepted: that is neither money that went back outside, nor for another debt.
#[tokio::test]
async fn what_is_still_pending_is_in_no_other_book() {
    for whole in [false, true] {
        let w = World::connected().await;
        let sent = if whole { going_back(&w, ReceiptStatus::Pending).await } else { accepted(&w).await };
        let minor = if whole { ALL } else { 100 };
        pay_out(&w, sent.id).await;
        for _ in 0..4 {
            w.call_back(sent.id).await;
            w.pass(HOUR).await;
        }
        assert_eq!(w.bank.card.charge(sent.id).unwrap().refunded, tenge(minor), "it counts it");
        let found = w.payment(sent.id).await;
        assert_eq!((states(&found), found.refunded), (vec![(RefundStatus::Done, minor)], tenge(minor)));
        assert_eq!((found.attention, found.last_error), (vec![], None), "whole: {whole}");
        assert_eq!(w.wire.sent_of("payment.refunded").len(), 1);
        assert_eq!(ledger(&w).await, [(LedgerKind::Charge, ALL), (LedgerKind::Refund, minor)]);
        w.assert_sound("nothing else").await;
    }
}

#[tokio::test]
async fn what_is_still_pending_pays_no_other_debt() {
    for rest in [100, ALL - 100] {
        let w = World::connected().await;
        let sent = accepted(&w).await;
        pay_out(&w, sent.id).await;
        ask_back(&w, sent.id, rest).await;
        w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
        w.run_jobs().await;
        for _ in 0..4 {
            w.call_back(sent.id).await;
            w.pass(HOUR).await;
        }
        let found = w.payment(sent.id).await;
        assert_eq!(states(&found), [(RefundStatus::Done, 100), (RefundStatus::Failed, rest)]);
        assert_eq!((found.refunded, found.attention), (tenge(100), vec![Attention::RefundFailed]));
        assert_eq!(w.wire.sent_of("payment.refunded").len(), 1);
        w.assert_sound("still owed").await;
    }
}

#[tokio::test]
async fn what_is_still_pending_takes_nothing_from_a_cancellation() {
    let w = World::connected().await;
    let sent = accepted(&w).await;
    pay_out(&w, sent.id).await;
    w.pass(HOUR).await;
    w.eventify.bookings().cancel(&organizer(), sent.booking_id).await.unwrap();
    w.pass(HOUR).await;
    let found = w.payment(sent.id).await;
    assert_eq!(states(&found), [(RefundStatus::Done, 100), (RefundStatus::Done, ALL - 100)]);
    assert_eq!((found.refunds[1].cause, found.attention), (RefundCause::BookingCancelled, vec![]));
    assert_eq!(w.wire.sent_of("payment.refunded").len(), 2);
    w.assert_sound("cancelled").await;
}

#[tokio::test]
async fn what_is_beyond_what_is_pending_went_back_outside() {
    let w = World::new().await;
    let sent = accepted(&w).await;
    pay_out(&w, sent.id).await;
    w.bank.card.change(sent.id, |charge| charge.refunded = tenge(170));
    for _ in 0..2 {
        w.call_back(sent.id).await;
        w.pass(HOUR).await;
    }
    let found = w.payment(sent.id).await;
    assert_eq!(states(&found), [(RefundStatus::Done, 100), (RefundStatus::Done, 70)]);
    assert_eq!((found.refunds[1].cause, found.refunded), (RefundCause::Outside, tenge(170)));
    w.assert_sound("both").await;
}

/// The payer has it twice: somebody has to look at it, and nothing more is booked.
#[tokio::test]
async fn what_the_provider_made_after_all_is_listed_once() {
    for by_callback in [false, true] {
        let w = World::connected().await;
        let sent = accepted(&w).await;
        pay_out(&w, sent.id).await;
        w.bank.card.end_refund(&key(&sent), ReceiptStatus::Done);
        match by_callback {
            true => hear(&w, &key(&sent)).await,
            false => w.pass(DAY).await,
        }
        let found = w.payment(sent.id).await;
        assert_eq!((states(&found), found.refunded), (vec![(RefundStatus::Done, 100)], tenge(100)));
        assert_eq!(found.attention, [Attention::RefundedOutside], "{by_callback}");
        assert!(found.last_error.unwrap().contains("that was paid out by hand"));
        assert_eq!(w.wire.sent_of("payment.refunded").len(), 1);
        w.dismiss(sent.id).await;
        for _ in 0..4 {
            hear(&w, &key(&sent)).await;
            w.call_back(sent.id).await;
            w.pass(6 * HOUR).await;
        }
        assert!(w.payment(sent.id).await.attention.is_empty(), "somebody saw to it");
        assert!(w.jobs("refund_payment").await.is_empty());
        w.assert_sound("twice").await;
    }
}

#[tokio::test]
async fn what_failed_after_all_hides_nothing_that_goes_back_outside() {
    for by_callback in [false, true] {
        let w = World::new().await;
        let sent = accepted(&w).await;
        pay_out(&w, sent.id).await;
        w.bank.card.end_refund(&key(&sent), ReceiptStatus::Failed);
        w.bank.card.change(sent.id, |charge| charge.refunded = tenge(70));
        w.call_back(sent.id).await;
        assert_eq!(w.payment(sent.id).await.refunded, tenge(100), "nobody can tell yet");
        match by_callback {
            true => hear(&w, &key(&sent)).await,
            false => w.pass(DAY).await,
        }
        w.pass(Duration::from_secs(60)).await;
        let found = w.payment(sent.id).await;
        assert_eq!(states(&found), [(RefundStatus::Done, 100), (RefundStatus::Done, 70)], "{by_callback}");
        assert_eq!((found.refunded, found.attention), (tenge(170), vec![Attention::RefundedOutside]));
        w.assert_sound("outside").await;
    }
}

/// The provider is asked for what people paid out for a month, there or not; then nobody is.
#[tokio::test]
async fn what_people_paid_out_is_not_asked_for_for_ever() {
    for is_there in [true, false] {
        let w = World::new().await;
        let sent = accepted(&w).await;
        pay_out(&w, sent.id).await;
        let other = without_card(&w).await;
        let jobs = if is_there { &w.eventify } else { &other };
        let end = w.now().plus(30 * DAY);
        while w.now() < end {
            assert_eq!(w.jobs("refund_payment").await.len(), 1, "{is_there}");
            w.clock.advance(6 * HOUR);
            while jobs.jobs().run_due().await.unwrap() > 0 {}
        }
        w.clock.advance(6 * HOUR);
        while jobs.jobs().run_due().await.unwrap() > 0 {}
        other.shut_down().await;
        assert!(w.jobs("refund_payment").await.is_empty(), "{is_there}");
        let found = w.payment(sent.id).await;
        assert_eq!((states(&found), found.refunded), (vec![(RefundStatus::Done, 100)], tenge(100)));
    }
}
