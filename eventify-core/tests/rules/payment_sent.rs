//! Refunds that a provider accepts and makes later, or never.

use std::time::Duration;

use eventify_core::payment::{
    Attention, LedgerEntry, LedgerKind, LedgerPeriod, PaymentView, ProviderError, ReceiptStatus, RefundCause,
    RefundPayment, RefundStatus, SettleByHand,
};
use eventify_core::testing::MemoryProvider;
use eventify_core::{Money, PaymentId, Reason};

use crate::common::*;

const ALL: i64 = 2 * PRICE;

pub async fn ledger(w: &World) -> Vec<(LedgerKind, i64)> {
    let all = w.everything().await;
    let mut entries: Vec<_> = all.of::<LedgerEntry>().map(|e| (e.kind, e.amount.amount_minor)).collect();
    entries.sort_unstable();
    entries
}

pub fn states(payment: &PaymentView) -> Vec<(RefundStatus, i64)> {
    payment.refunds.iter().map(|refund| (refund.status, refund.amount.amount_minor)).collect()
}

pub async fn ask_back(w: &World, id: PaymentId, minor: i64) {
    let request = RefundPayment { amount: Some(tenge(minor)), reason: None };
    w.eventify.payments().refund(&organizer(), id, request).await.unwrap();
}

/// A payment of which everything goes back, and how the provider accepts that.
pub async fn going_back(w: &World, accepted: ReceiptStatus) -> PaymentView {
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.bank.card.accept_refunds_as(accepted);
    w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
    w.run_jobs().await;
    w.payment(paid.id).await
}

/// A payment of which 100 were to go back, and came back.
async fn came_back(w: &World) -> PaymentView {
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.bank.card.accept_refunds_as(ReceiptStatus::Failed);
    ask_back(w, paid.id, 100).await;
    w.run_jobs().await;
    paid
}

pub fn key(payment: &PaymentView) -> String {
    payment.refunds[0].id.to_string()
}

pub async fn hear(w: &World, key: &str) {
    assert_eq!(w.callback("memory", MemoryProvider::callback_of(key)).await, 200);
}

#[tokio::test]
async fn what_is_accepted_is_asked_for_until_it_is_made() {
    let w = World::connected().await;
    let sent = going_back(&w, ReceiptStatus::Pending).await;
    assert_eq!((states(&sent), sent.refunded), (vec![(RefundStatus::Sent, ALL)], tenge(ALL)));
    assert_eq!(ledger(&w).await, [(LedgerKind::Charge, ALL), (LedgerKind::Refund, ALL)]);
    w.assert_sound("accepted").await;
    for _ in 0..10 {
        w.pass(HOUR).await;
    }
    assert_eq!(w.jobs("refund_payment").await.len(), 1);
    w.bank.card.end_refund(&key(&sent), ReceiptStatus::Done);
    w.pass(DAY).await;
    let made = w.payment(sent.id).await;
    assert_eq!((states(&made), made.attention.len()), (vec![(RefundStatus::Done, ALL)], 0));
    assert!(w.jobs("refund_payment").await.is_empty());
    assert_eq!((w.wire.sent_of("payment.refunded").len(), w.bank.card.refunds().len()), (1, 1));
    w.assert_sound("made").await;
}

/// However that is heard of: by asking, by a callback, also after it was said to be made, and at once.
#[tokio::test]
async fn what_fails_afterwards_is_owed_again_and_tried_as_another() {
    for (accepted, by_callback) in [
        (ReceiptStatus::Pending, false),
        (ReceiptStatus::Pending, true),
        (ReceiptStatus::Done, true),
        (ReceiptStatus::Failed, false),
    ] {
        let case = format!("{accepted:?} {by_callback}");
        let w = World::new().await;
        let first = going_back(&w, accepted).await;
        let name = key(&first);
        w.bank.card.end_refund(&name, ReceiptStatus::Failed);
        for _ in 0..2 {
            if by_callback { hear(&w, &name).await } else { w.pass(DAY).await }
        }
        let owed = w.payment(first.id).await;
        assert_eq!(states(&owed), [(RefundStatus::Returned, ALL), (RefundStatus::Failed, ALL)], "{case}");
        assert_eq!(
            (owed.refunded, owed.attention.clone()),
            (tenge(0), vec![Attention::RefundFailed]),
            "{case}"
        );
        assert_eq!(owed.refunds[1].cause, RefundCause::BookingCancelled);
        assert!(owed.refunds.iter().all(|r| r.error.as_ref().is_some_and(|why| why.contains("closed"))));
        let back = [(LedgerKind::Charge, ALL), (LedgerKind::Refund, ALL), (LedgerKind::RefundReturned, ALL)];
        assert_eq!(ledger(&w).await, back, "{case}");
        let report = w.eventify.payments().report(&organizer(), owed.event_id, LedgerPeriod::default()).await;
        assert_eq!(report.unwrap().sums[0].net_minor, ALL, "{case}");
        w.assert_sound(&case).await;
        // It is not tried by itself, and the provider's late word does not bring it back.
        w.bank.card.accept_refunds_as(ReceiptStatus::Done);
        w.pass(DAY).await;
        w.bank.card.end_refund(&name, ReceiptStatus::Done);
        hear(&w, &name).await;
        assert_eq!(states(&w.payment(first.id).await), states(&owed), "{case}");
        w.eventify.payments().retry_refund(&organizer(), first.id, owed.refunds[1].id).await.unwrap();
        w.run_jobs().await;
        let done = w.payment(first.id).await;
        assert_eq!(states(&done), [(RefundStatus::Returned, ALL), (RefundStatus::Done, ALL)], "{case}");
        assert_eq!((done.refunded, done.attention.len()), (tenge(ALL), 0), "{case}");
        assert_eq!(w.bank.card.refunds().len(), 2, "under another key: {case}");
        w.assert_sound(&case).await;
    }
}

#[tokio::test]
async fn a_refund_whose_place_another_took_is_left_alone() {
    let w = World::new().await;
    let first = going_back(&w, ReceiptStatus::Failed).await;
    let (payments, gone) = (w.eventify.payments(), first.refunds[0].id);
    w.mark().await;
    let again = payments.retry_refund(&organizer(), first.id, gone).await.unwrap_err();
    let out = SettleByHand { refund_id: Some(gone) };
    let paid_out = payments.settle_by_hand(&organizer(), first.id, out).await.unwrap_err();
    assert_eq!((again.reason(), paid_out.reason()), (Reason::RefundNotFailed, Reason::RefundNotFailed));
    w.assert_unchanged("the one that came back").await;
    let out = SettleByHand { refund_id: Some(first.refunds[1].id) };
    payments.settle_by_hand(&organizer(), first.id, out).await.unwrap();
    assert_eq!((w.payment(first.id).await.refunded, w.bank.card.refunds().len()), (tenge(ALL), 1));
    w.assert_sound("paid out").await;
}

#[tokio::test]
async fn refunds_wait_for_one_that_may_still_fail() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.bank.card.accept_refunds_as(ReceiptStatus::Pending);
    ask_back(&w, paid.id, 100).await;
    w.run_jobs().await;
    let sent = w.payment(paid.id).await;
    let payments = w.eventify.payments();
    w.mark().await;
    let part = RefundPayment { amount: Some(tenge(50)), reason: None };
    let second = payments.refund(&organizer(), paid.id, part).await.unwrap_err();
    let out = SettleByHand { refund_id: Some(sent.refunds[0].id) };
    let by_hand = payments.settle_by_hand(&organizer(), paid.id, out).await.unwrap_err();
    assert_eq!((second.reason(), by_hand.reason()), (Reason::RefundUnderWay, Reason::RefundUnderWay));
    w.assert_unchanged("on its way").await;
    w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
    w.run_jobs().await;
    assert_eq!(
        states(&w.payment(paid.id).await),
        [(RefundStatus::Sent, 100), (RefundStatus::Due, ALL - 100)]
    );
    assert_eq!(w.bank.card.refunds().len(), 1);
    w.assert_sound("one after another").await;
    w.bank.card.end_refund(&key(&sent), ReceiptStatus::Failed);
    w.bank.card.accept_refunds_as(ReceiptStatus::Done);
    hear(&w, &key(&sent)).await;
    w.run_jobs().await;
    let (returned, done, failed) = (RefundStatus::Returned, RefundStatus::Done, RefundStatus::Failed);
    let all = [(returned, 100), (done, ALL - 100), (failed, 100)];
    assert_eq!(states(&w.payment(paid.id).await), all);
    w.assert_sound("the next one").await;
}

#[tokio::test]
async fn a_callback_that_overtakes_the_answer_counts_once() {
    for (status, after) in [
        (ReceiptStatus::Done, RefundStatus::Done),
        (ReceiptStatus::Pending, RefundStatus::Sent),
        (ReceiptStatus::Failed, RefundStatus::Returned),
    ] {
        let w = World::connected().await;
        let (_, _, paid) = w.paid_by_card(&attendee()).await;
        w.bank.card.accept_refunds_as(status);
        ask_back(&w, paid.id, 100).await;
        w.bank.card.lose_next(1);
        w.run_jobs().await;
        let due = w.payment(paid.id).await;
        assert_eq!(states(&due), [(RefundStatus::Due, 100)]);
        hear(&w, &key(&due)).await;
        assert_eq!(states(&w.payment(paid.id).await)[0], (after, 100), "{status:?}");
        w.pass(HOUR).await;
        assert_eq!(states(&w.payment(paid.id).await)[0], (after, 100), "{status:?}");
        assert_eq!(w.bank.card.refunds().len(), 1, "{status:?}");
        let told = usize::from(status != ReceiptStatus::Failed);
        assert_eq!(w.wire.sent_of("payment.refunded").len(), told, "{status:?}");
        w.assert_sound("overtaken").await;
    }
}

#[tokio::test]
async fn what_never_ends_is_looked_at_and_asked_for_all_the_same() {
    let w = World::new().await;
    let sent = going_back(&w, ReceiptStatus::Pending).await;
    let days = async |days: u32, says: Option<&str>| {
        for _ in 0..days * 4 {
            let error = says.map(|says| ProviderError::Refused(says.to_owned()));
            w.bank.card.fail_next(error);
            w.pass(6 * HOUR).await;
        }
    };
    days(29, Some("the key is another one")).await;
    assert!(w.payment(sent.id).await.attention.is_empty());
    days(2, None).await;
    let listed = w.payment(sent.id).await;
    assert_eq!(
        (states(&listed), listed.attention),
        (vec![(RefundStatus::Sent, ALL)], vec![Attention::Unwatched])
    );
    w.assert_sound("for ever").await;
    w.dismiss(sent.id).await;
    days(2, None).await;
    assert!(w.payment(sent.id).await.attention.is_empty(), "somebody saw to it");
    w.bank.card.end_refund(&key(&sent), ReceiptStatus::Failed);
    days(1, None).await;
    assert_eq!(
        states(&w.payment(sent.id).await),
        [(RefundStatus::Returned, ALL), (RefundStatus::Failed, ALL)]
    );
    w.assert_sound("in the end").await;
}

/// The provider's word for another refund is not this one's.
#[tokio::test]
async fn a_refund_that_becomes_another_amount_goes_under_another_key() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
    w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
    w.run_jobs().await;
    let first = w.payment(paid.id).await.refunds[0].id;
    w.bank.card.change(paid.id, |charge| charge.refunded = tenge(100));
    w.call_back(paid.id).await;
    let rest = w.payment(paid.id).await.refunds[0].clone();
    assert!(rest.id != first && rest.amount == tenge(ALL - 100));
    w.eventify.payments().retry_refund(&organizer(), paid.id, rest.id).await.unwrap();
    w.run_jobs().await;
    let keys: Vec<(String, Money)> = w.bank.card.refunds().into_iter().map(|(k, m, _)| (k, m)).collect();
    assert_eq!(keys, [(rest.id.to_string(), tenge(ALL - 100))]);
    w.assert_sound("the rest").await;
}

#[tokio::test]
async fn what_fails_as_often_as_can_be_kept_is_paid_out_by_hand() {
    let w = World::new().await;
    let first = going_back(&w, ReceiptStatus::Failed).await;
    let payments = w.eventify.payments();
    let mut tries = 0;
    let refused = loop {
        let last = w.payment(first.id).await.refunds.last().unwrap().id;
        match payments.retry_refund(&organizer(), first.id, last).await {
            Ok(_) => w.run_jobs().await,
            Err(refused) => break refused,
        }
        tries += 1;
    };
    assert_eq!((refused.reason(), tries), (Reason::TooManyRefunds, 19));
    let last = w.payment(first.id).await.refunds.last().unwrap().id;
    payments.settle_by_hand(&organizer(), first.id, SettleByHand { refund_id: Some(last) }).await.unwrap();
    assert_eq!(w.payment(first.id).await.refunded, tenge(ALL));
    w.assert_sound("by hand").await;
}

#[tokio::test]
async fn more_than_was_left_that_goes_back_outside_is_looked_at() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.bank.card.change(paid.id, |charge| charge.refunded = tenge(ALL + 50));
    for _ in 0..3 {
        w.call_back(paid.id).await;
    }
    let found = w.payment(paid.id).await;
    assert_eq!((found.refunded, found.attention), (tenge(ALL), vec![Attention::RefundedOutside]));
    assert!(found.last_error.unwrap().contains("not all in the books"));
    w.assert_sound("more than all").await;
}

#[tokio::test]
async fn a_refund_that_is_tried_again_waits_for_one_that_is_due() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    ask_back(&w, paid.id, 100).await;
    w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
    w.run_jobs().await;
    w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
    let failed = w.payment(paid.id).await.refunds[0].id;
    w.eventify.payments().retry_refund(&organizer(), paid.id, failed).await.unwrap();
    w.assert_sound("two are due").await;
    w.run_jobs().await;
    let (done, found) = (RefundStatus::Done, w.payment(paid.id).await);
    assert_eq!(states(&found), [(done, ALL - 100), (done, 100)]);
    assert_eq!(w.bank.card.refunds().len(), 2);
    w.assert_sound("both").await;
}

/// Whatever came back of ours: what somebody gave back on the provider's own pages is given back.
#[tokio::test]
async fn what_came_back_hides_nothing_that_goes_back_outside() {
    let (done, returned, failed) = (RefundStatus::Done, RefundStatus::Returned, RefundStatus::Failed);
    for (asked, outside, after, attention) in [
        (200, 150, vec![(returned, 200), (failed, 50), (done, 150)], Attention::RefundFailed),
        (200, 350, vec![(returned, 200), (done, 200), (done, 150)], Attention::RefundedOutside),
    ] {
        let w = World::connected().await;
        let (_, _, paid) = w.paid_by_card(&attendee()).await;
        w.bank.card.accept_refunds_as(ReceiptStatus::Pending);
        ask_back(&w, paid.id, asked).await;
        w.run_jobs().await;
        let name = key(&w.payment(paid.id).await);
        w.bank.card.end_refund(&name, ReceiptStatus::Failed);
        w.bank.card.change(paid.id, |charge| charge.refunded = tenge(outside));
        // While ours is on its way nobody can tell; then it came back.
        w.call_back(paid.id).await;
        hear(&w, &name).await;
        w.call_back(paid.id).await;
        w.pass(Duration::from_secs(60)).await;
        let found = w.payment(paid.id).await;
        assert_eq!((states(&found), found.refunded), (after, tenge(outside)));
        assert!(found.attention.contains(&attention), "{:?}", found.attention);
        assert!(w.jobs("watch_payment").await.is_empty());
        w.assert_sound("outside").await;
    }
}

/// A callback may be older than what it says: who is asked does not count what came back.
#[tokio::test]
async fn an_old_word_of_what_came_back_is_no_refund() {
    let w = World::new().await;
    let paid = came_back(&w).await;
    w.bank.card.change(paid.id, |charge| charge.refunded = tenge(100));
    w.call_back(paid.id).await;
    w.bank.card.change(paid.id, |charge| charge.refunded = tenge(0));
    w.pass(Duration::from_secs(60)).await;
    let found = w.payment(paid.id).await;
    assert_eq!(states(&found), [(RefundStatus::Returned, 100), (RefundStatus::Failed, 100)]);
    assert_eq!((found.refunded, w.jobs("watch_payment").await.len()), (tenge(0), 0));
    w.assert_sound("old").await;
}

/// Who has to ask what went back outside goes on until there is an answer, and then says so.
#[tokio::test]
async fn a_provider_that_is_away_hides_nothing_either() {
    let w = World::new().await;
    let paid = came_back(&w).await;
    w.bank.card.change(paid.id, |charge| charge.refunded = tenge(100));
    w.bank.card.fail_next((0..3).map(|_| ProviderError::Unreachable("away".to_owned())));
    for _ in 0..4 {
        assert_eq!(w.jobs("watch_payment").await.len(), 1);
        w.pass(HOUR).await;
    }
    assert_eq!(w.payment(paid.id).await.refunded, tenge(100));
    assert!(w.jobs("watch_payment").await.is_empty());
    w.assert_sound("asked in the end").await;
}

/// The worker of the attempt that failed may end after people tried again: what it ends is not theirs.
#[tokio::test]
async fn a_refund_that_is_tried_again_has_a_job_of_its_own() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    ask_back(&w, paid.id, 100).await;
    let first = w.jobs("refund_payment").await[0].id;
    w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
    w.run_jobs().await;
    let refund = w.payment(paid.id).await.refunds[0].id;
    w.eventify.payments().retry_refund(&organizer(), paid.id, refund).await.unwrap();
    let again = w.jobs("refund_payment").await;
    assert_eq!(again.len(), 1);
    assert_ne!(again[0].id, first);
    w.run_jobs().await;
    assert_eq!(states(&w.payment(paid.id).await), [(RefundStatus::Done, 100)]);
}
