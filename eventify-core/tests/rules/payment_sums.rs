//! What a provider says that it gave back in all, beside what was asked of it here.

use std::sync::Arc;
use std::time::Duration;

use eventify_core::job::{Job, JobState};
use eventify_core::payment::{
    Attention, Charge, ChargeDispute, ChargeStatus, DisputeStatus, LedgerEntry, LedgerKind, PaymentView,
    ProviderError, RefundCause, RefundPayment, RefundStatus, SettleByHand,
};
use eventify_core::store::{Key, Record};
use eventify_core::testing::MemoryProvider;
use eventify_core::{PaymentId, Timestamp};

use crate::common::*;

const ALL: i64 = 2 * PRICE;
/// After which whoever was asked to look has looked.
const A_WHILE: Duration = Duration::from_secs(60);

fn refunds(payment: &PaymentView) -> Vec<(RefundCause, RefundStatus, i64)> {
    payment.refunds.iter().map(|r| (r.cause, r.status, r.amount.amount_minor)).collect()
}

/// What went one way and the other, by the ledger.
async fn moved(w: &World, kind: LedgerKind) -> Vec<i64> {
    let all = w.everything().await;
    let of = all.of::<LedgerEntry>().filter(|entry| entry.kind == kind);
    let mut moved: Vec<i64> = of.map(|entry| entry.amount.amount_minor).collect();
    moved.sort_unstable();
    moved
}

/// From now on the provider says that this is given back, and tells nobody.
fn gave_back(w: &World, id: PaymentId, sum: i64) {
    w.bank.card.change(id, |charge| charge.refunded = tenge(sum));
}

async fn ask_back(w: &World, id: PaymentId, part: Option<i64>) {
    let request = RefundPayment { amount: part.map(tenge), reason: None };
    w.eventify.payments().refund(&organizer(), id, request).await.unwrap();
}

#[tokio::test]
async fn what_went_back_outside_before_a_part_of_ours_is_found_after_it() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    gave_back(&w, paid.id, 70);
    ask_back(&w, paid.id, Some(100)).await;
    w.run_jobs().await;
    // Its callback was on its way for so long that ours hides it; or was lost.
    let ours = w.bank.card.charge(paid.id).unwrap().refunded;
    gave_back(&w, paid.id, 70);
    w.call_back(paid.id).await;
    gave_back(&w, paid.id, ours.amount_minor);
    assert_eq!(w.payment(paid.id).await.refunded, tenge(100));
    w.pass(A_WHILE).await;
    let found = w.payment(paid.id).await;
    assert_eq!((found.refunded, found.attention), (tenge(170), vec![Attention::RefundedOutside]));
    assert!(w.jobs("watch_payment").await.is_empty(), "it is asked once");
    w.assert_sound("found").await;
}

#[tokio::test]
async fn a_refund_that_is_refused_for_what_went_back_outside_is_mended_by_asking() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    gave_back(&w, paid.id, 70);
    ask_back(&w, paid.id, None).await;
    w.run_jobs().await;
    let of = |status, minor| (RefundCause::Requested, status, minor);
    assert_eq!(refunds(&w.payment(paid.id).await), [of(RefundStatus::Failed, ALL)]);
    w.pass(A_WHILE).await;
    let found = w.payment(paid.id).await;
    let outside = of(RefundStatus::Done, 70);
    assert_eq!(refunds(&found), [of(RefundStatus::Failed, ALL - 70), outside]);
    w.eventify.payments().retry_refund(&organizer(), paid.id, found.refunds[0].id).await.unwrap();
    w.run_jobs().await;
    assert_eq!(refunds(&w.payment(paid.id).await), [outside, of(RefundStatus::Done, ALL - 70)]);
    w.pass(A_WHILE).await;
    assert!(w.jobs("watch_payment").await.is_empty(), "nothing is left that could go back");
    w.assert_sound("mended").await;
}

#[tokio::test]
async fn nobody_is_asked_after_ours_gave_everything_back() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    ask_back(&w, paid.id, None).await;
    w.run_jobs().await;
    let calls = w.bank.card.calls();
    w.pass(A_WHILE).await;
    assert_eq!((w.payment(paid.id).await.refunded, w.bank.card.calls()), (tenge(ALL), calls));
}

#[tokio::test]
async fn what_went_back_outside_is_in_the_books_beside_a_dispute_of_everything() {
    for dispute_first in [true, false] {
        let w = World::new().await;
        let (_, _, paid) = w.paid_by_card(&attendee()).await;
        gave_back(&w, paid.id, 70);
        if !dispute_first {
            w.call_back(paid.id).await;
        }
        let dispute = ChargeDispute {
            reference: "dp-1".to_owned(),
            transaction: format!("money-{}", paid.id),
            amount: tenge(ALL),
            reason: None,
            status: DisputeStatus::Lost,
            moves: 1,
            taken: tenge(ALL),
        };
        w.bank.card.dispute(dispute);
        assert_eq!(w.callback("memory", MemoryProvider::callback_of("dp-1")).await, 200);
        w.call_back(paid.id).await;
        assert_eq!(moved(&w, LedgerKind::Chargeback).await, [ALL]);
        assert_eq!(moved(&w, LedgerKind::Refund).await, [70], "the dispute was first: {dispute_first}");
        w.assert_sound("both").await;
    }
}

#[tokio::test]
async fn what_people_paid_out_leaves_no_more_to_go_back_than_came() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    ask_back(&w, paid.id, None).await;
    w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
    w.run_jobs().await;
    let out = SettleByHand { refund_id: Some(w.payment(paid.id).await.refunds[0].id) };
    w.eventify.payments().settle_by_hand(&organizer(), paid.id, out).await.unwrap();
    gave_back(&w, paid.id, 70);
    w.call_back(paid.id).await;
    let found = w.payment(paid.id).await;
    assert_eq!((found.refunded, found.attention), (tenge(ALL), vec![Attention::RefundedOutside]));
    assert!(found.last_error.unwrap().contains("not all in the books"));
    w.assert_sound("more than came").await;
}

/// Somebody asks the provider how a payment stands: here because a callback says less than is known.
async fn looked_at(w: &World, id: PaymentId) -> PaymentView {
    w.call_back(id).await;
    w.pass(A_WHILE).await;
    assert!(w.jobs("watch_payment").await.is_empty());
    w.payment(id).await
}

#[tokio::test]
async fn what_went_back_outside_and_came_back_is_taken_off_once_the_provider_says_so() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    gave_back(&w, paid.id, 200);
    w.call_back(paid.id).await;
    w.dismiss(paid.id).await;
    // A callback may be old: it is no more than a reason to ask.
    gave_back(&w, paid.id, 70);
    w.call_back(paid.id).await;
    gave_back(&w, paid.id, 200);
    w.pass(A_WHILE).await;
    assert_eq!(refunds(&w.payment(paid.id).await), [(RefundCause::Outside, RefundStatus::Done, 200)]);
    gave_back(&w, paid.id, 70);
    let found = looked_at(&w, paid.id).await;
    let (returned, rest) = (RefundStatus::Returned, (RefundCause::Outside, RefundStatus::Done, 70));
    assert_eq!(refunds(&found), [(RefundCause::Outside, returned, 200), rest]);
    assert_eq!((found.refunded, found.attention), (tenge(70), vec![Attention::RefundedOutside]));
    assert_eq!(moved(&w, LedgerKind::Refund).await, [70, 200]);
    assert_eq!(moved(&w, LedgerKind::RefundReturned).await, [200]);
    w.assert_sound("a part came back").await;
    // It goes once more.
    gave_back(&w, paid.id, 170);
    w.call_back(paid.id).await;
    w.pass(A_WHILE).await;
    assert_eq!(w.payment(paid.id).await.refunded, tenge(170));
    w.assert_sound("and went again").await;
}

#[tokio::test]
async fn a_sum_from_before_what_is_known_takes_nothing_off() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    let began = w.now();
    w.pass(HOUR).await;
    gave_back(&w, paid.id, 70);
    w.call_back(paid.id).await;
    // Whoever asks has a clock that was set back.
    w.clock.set(began);
    gave_back(&w, paid.id, 0);
    w.call_back(paid.id).await;
    w.pass(A_WHILE).await;
    assert_eq!(w.payment(paid.id).await.refunded, tenge(70));
    w.pass(HOUR).await;
    assert_eq!(w.payment(paid.id).await.refunded, tenge(0));
    assert!(w.jobs("watch_payment").await.is_empty());
    w.assert_sound("asked again").await;
}

#[tokio::test]
async fn of_what_went_back_outside_that_of_the_amount_is_what_came_back() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    for sum in [70, 200] {
        gave_back(&w, paid.id, sum);
        w.call_back(paid.id).await;
    }
    gave_back(&w, paid.id, 130);
    let of = |status, minor| (RefundCause::Outside, status, minor);
    let found = looked_at(&w, paid.id).await;
    assert_eq!(refunds(&found), [of(RefundStatus::Returned, 70), of(RefundStatus::Done, 130)]);
    w.assert_sound("the one of that amount").await;
}

#[tokio::test]
async fn what_came_back_is_owed_where_the_booking_is_over() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    gave_back(&w, paid.id, ALL);
    w.call_back(paid.id).await;
    w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
    gave_back(&w, paid.id, 0);
    let found = looked_at(&w, paid.id).await;
    let owed = (RefundCause::BookingCancelled, RefundStatus::Failed, ALL);
    assert_eq!(refunds(&found), [(RefundCause::Outside, RefundStatus::Returned, ALL), owed]);
    assert_eq!(found.attention, [Attention::RefundFailed, Attention::RefundedOutside]);
    w.assert_sound("owed").await;
    w.eventify.payments().retry_refund(&organizer(), paid.id, found.refunds[1].id).await.unwrap();
    w.run_jobs().await;
    assert_eq!(w.bank.card.charge(paid.id).unwrap().refunded, tenge(ALL));
    assert_eq!(w.payment(paid.id).await.refunded, tenge(ALL));
    w.assert_sound("given back by us").await;
}

#[tokio::test]
async fn where_nobody_tells_what_came_back_is_found_by_looking() {
    let w = World::new().await;
    w.bank.card.tell_of_refunds_no_more();
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    gave_back(&w, paid.id, ALL);
    w.pass(DAY).await;
    assert_eq!(w.payment(paid.id).await.refunded, tenge(ALL));
    gave_back(&w, paid.id, 0);
    for _ in 0..2 {
        w.pass(2 * DAY).await;
    }
    assert_eq!(w.payment(paid.id).await.refunded, tenge(0));
    w.assert_sound("looked at").await;
}

#[tokio::test]
async fn beside_ours_of_the_same_amount_what_came_back_is_what_went_outside_unless_ours_says_so() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    gave_back(&w, paid.id, 70);
    w.call_back(paid.id).await;
    ask_back(&w, paid.id, Some(70)).await;
    w.pass(A_WHILE).await;
    w.dismiss(paid.id).await;
    gave_back(&w, paid.id, 70);
    w.call_back(paid.id).await;
    w.pass(A_WHILE).await;
    let found = w.payment(paid.id).await;
    assert_eq!((found.refunded, found.attention.len()), (tenge(140), 0), "ours would say so itself");
    assert!(found.last_error.unwrap().contains("less than is in the books"));
    w.pass(HOUR).await;
    let found = w.payment(paid.id).await;
    let (outside, ours) = ((RefundCause::Outside, 70), (RefundCause::Requested, 70));
    let of = |(cause, minor), status| (cause, status, minor);
    assert_eq!(refunds(&found), [of(outside, RefundStatus::Returned), of(ours, RefundStatus::Done)]);
    assert_eq!(found.attention, [Attention::RefundedOutside]);
    assert!(w.jobs("watch_payment").await.is_empty());
    w.assert_sound("looked at").await;
    // Seen to is seen to.
    w.dismiss(paid.id).await;
    assert!(looked_at(&w, paid.id).await.attention.is_empty());
}

#[tokio::test]
async fn what_ours_gave_back_is_not_taken_off_by_a_sum() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    ask_back(&w, paid.id, Some(100)).await;
    w.run_jobs().await;
    gave_back(&w, paid.id, 0);
    w.call_back(paid.id).await;
    w.pass(A_WHILE).await;
    assert!(w.payment(paid.id).await.attention.is_empty());
    w.pass(HOUR).await;
    assert_eq!(w.payment(paid.id).await.refunded, tenge(100));
}

#[tokio::test]
async fn where_a_payer_goes_afterwards_is_kept_with_the_payment() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.bank.card.send_payers_to("https://old.example");
    // It was made, and the answer was lost.
    w.bank.card.lose_next(1);
    w.try_to_pay(&attendee(), held.id, "memory").await.unwrap_err();
    w.bank.card.send_payers_to("https://new.example");
    let payment = w.pay(&attendee(), held.id, "memory").await;
    assert_eq!(w.stored_payment(payment.id).await.return_url.as_deref(), Some("https://old.example"));
    assert!(payment.redirect_url.is_some(), "it is the same charge");
}

/// Somebody else has the job by now, and has not said how it goes.
async fn is_taken(w: &World, until: Timestamp) {
    for job in w.jobs("watch_payment").await {
        let taken = Job { attempts: 1, state: JobState::Leased { until }, ..job.clone() };
        w.rewrite(Key::Job(job.id), |_| Record::Job(Arc::new(taken))).await;
    }
}

#[tokio::test]
async fn who_is_done_with_looking_leaves_it_to_those_who_were_asked_later() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.bank.card.fail_next([ProviderError::Unreachable("no route".to_owned())]);
    w.try_to_pay(&attendee(), held.id, "memory").await.unwrap_err();
    let payment = w.eventify.payments().of_booking(&attendee(), held.id).await.unwrap().remove(0);
    let came = w.bank.card.came();
    w.bank.card.hold();
    w.clock.advance(A_WHILE);
    let engine = w.eventify.clone();
    let first = tokio::spawn(async move { engine.jobs().run_due().await });
    while w.bank.card.came() == came {
        tokio::task::yield_now().await;
    }
    // The money comes meanwhile, and somebody has to look after another charge under the same number.
    let charge = Charge {
        reference: format!("memory-{}", payment.id),
        transaction: None,
        status: ChargeStatus::Succeeded,
        amount: payment.amount,
        refunded: tenge(0),
        fee: None,
        redirect_url: None,
        failure: None,
    };
    w.bank.card.adopt(payment.id, charge);
    w.call_back(payment.id).await;
    is_taken(&w, w.now().plus(A_WHILE)).await;
    w.bank.card.let_through(1);
    first.await.unwrap().unwrap();
    assert_eq!(w.jobs("watch_payment").await.len(), 1, "they have not said how it goes");
    // They never do: it is done again.
    w.pass(2 * A_WHILE).await;
    w.pass(HOUR).await;
    assert!(w.jobs("watch_payment").await.is_empty());
    w.assert_sound("looked at").await;
}
