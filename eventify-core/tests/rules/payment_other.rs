//! Charges beside the one whose money a payment is, and money that people gave back before a booking's end does.

use std::fmt::Display;

use eventify_core::event::{CreateEvent, PutCancellation};
use eventify_core::payment::{
    Attention, ChargeDispute, ChargeStatus, DisputeStatus, Payment, PaymentView, ProviderError,
    ReceiptStatus, RefundCause, RefundPayment, RefundStatus,
};
use eventify_core::testing::MemoryProvider;
use eventify_core::{BookingId, PaymentId};

use crate::common::*;

const ALL: i64 = 2 * PRICE;

/// A payment whose money came by a second charge under its number, while nobody heard of the first; and what that second one is called.
/// The answer to the call that began the first one may be lost, too.
async fn by_the_second(w: &World, unnamed: bool) -> (PaymentId, BookingId, String) {
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.bank.card.lose_next(usize::from(unnamed));
    let begun = w.eventify.payments().start(&attendee(), pay(held.id, "memory")).await;
    assert_eq!(begun.is_err(), unnamed);
    let id = w.bank.card.charges()[0].0;
    let second = w.bank.card.charge_again(id).unwrap();
    assert_eq!(w.callback("memory", MemoryProvider::callback_of(&second)).await, 200);
    (id, held.id, second)
}

async fn of_booking(w: &World, id: BookingId) -> Vec<PaymentView> {
    w.eventify.payments().of_booking(&organizer(), id).await.unwrap()
}

#[tokio::test]
async fn a_first_charge_of_which_nobody_heard_is_found_beside_the_second() {
    for unnamed in [false, true] {
        for paid_after in [0, 1, 5] {
            let case = format!("unnamed: {unnamed}, paid after {paid_after} days");
            let w = World::connected().await;
            let (id, booking, second) = by_the_second(&w, unnamed).await;
            w.assert_sound(&case).await;
            for _ in 0..paid_after * 4 {
                w.pass(6 * HOUR).await;
            }
            w.bank.card.settle(id, ChargeStatus::Succeeded);
            for _ in 0..2 {
                w.pass(6 * HOUR).await;
            }
            let all = of_booking(&w, booking).await;
            assert_eq!(all.iter().map(|p| p.double_of).collect::<Vec<_>>(), [None, Some(id)], "{case}");
            assert_eq!((all[0].refunded, all[1].refunded), (tenge(0), tenge(ALL)), "{case}");
            assert_eq!(all[1].attention, [Attention::ChargedTwice], "{case}");
            let first = w.bank.card.charge(id).unwrap();
            assert_eq!(first.refunded, tenge(ALL), "the charge that bought nothing: {case}");
            assert_eq!(w.bank.card.double(&second).unwrap().refunded, tenge(0), "{case}");
            assert!(w.jobs("watch_payment").await.is_empty(), "{case}");
            w.assert_sound(&case).await;
        }
    }
}

/// The provider names its order, which is the first charge's.
#[tokio::test]
async fn what_fails_of_a_second_charge_is_the_second_payment_s() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    let second = w.bank.card.charge_again(paid.id).unwrap();
    w.callback("memory", MemoryProvider::callback_of(&second)).await;
    w.run_jobs().await;
    let key = w.bank.card.refunds()[0].0.clone();
    w.bank.card.end_refund(&key, ReceiptStatus::Failed);
    assert_eq!(w.callback("memory", MemoryProvider::callback_of(&key)).await, 200);
    let all = of_booking(&w, paid.booking_id).await;
    let states: Vec<_> = all[1].refunds.iter().map(|refund| refund.status).collect();
    assert_eq!(states, [RefundStatus::Returned, RefundStatus::Failed]);
    assert_eq!((all[0].refunds.len(), all[1].refunded), (0, tenge(0)));
    w.assert_sound("of the second").await;
}

/// The provider says no more than that there is something to be looked at under its order's number: it may be of either charge.
#[tokio::test]
async fn who_names_only_the_number_may_mean_any_charge_under_it() {
    let w = World::new().await;
    w.bank.card.accept_refunds_as(ReceiptStatus::Failed);
    let (id, booking, _) = by_the_second(&w, false).await;
    w.card(id, ChargeStatus::Succeeded).await;
    w.run_jobs().await;
    assert_eq!(of_booking(&w, booking).await[1].refunded, tenge(0));
    w.clock.advance(std::time::Duration::from_secs(1));
    w.bank.card.change(id, |charge| charge.refunded = tenge(130));
    w.callback("memory", MemoryProvider::callback_of(&format!("look {id}"))).await;
    let all = of_booking(&w, booking).await;
    assert_eq!((all[0].refunded, all[1].refunded), (tenge(0), tenge(130)), "what went back of the second");
    assert_eq!(all[1].double_of, Some(id));
    w.assert_sound("of the second").await;
}

#[tokio::test]
async fn what_is_never_paid_is_looked_after_as_long_as_money_may_be_late() {
    for (unnamed, end) in
        [(false, ChargeStatus::Pending), (false, ChargeStatus::Failed), (true, ChargeStatus::Expired)]
    {
        let w = World::new().await;
        let (id, booking, _) = by_the_second(&w, unnamed).await;
        w.bank.card.settle(id, end);
        for day in 0..8 {
            assert_eq!(w.jobs("watch_payment").await.len(), 1, "day {day}");
            for _ in 0..4 {
                w.pass(6 * HOUR).await;
            }
        }
        assert!(w.jobs("watch_payment").await.is_empty(), "{end:?}");
        let all = w.everything().await;
        assert!(all.of::<Payment>().all(|payment| payment.other.is_none()), "{end:?}");
        assert_eq!(of_booking(&w, booking).await.len(), 1);
        w.assert_sound("one charge").await;
    }
}

#[tokio::test]
async fn a_callback_before_the_answer_is_no_second_charge() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.bank.card.lose_next(1);
    w.eventify.payments().start(&attendee(), pay(held.id, "memory")).await.unwrap_err();
    let id = w.bank.card.charges()[0].0;
    w.card(id, ChargeStatus::Succeeded).await;
    w.pass(HOUR).await;
    let calls = w.bank.card.calls();
    for _ in 0..4 {
        w.pass(6 * HOUR).await;
    }
    assert_eq!((w.bank.card.calls(), w.jobs("watch_payment").await.len()), (calls, 0), "asked once");
    assert_eq!(of_booking(&w, held.id).await.len(), 1);
    w.assert_sound("one charge").await;
}

#[tokio::test]
async fn a_provider_that_will_not_say_how_the_first_stands_is_listed() {
    for unnamed in [false, true] {
        will_not_say(unnamed).await;
    }
}

async fn will_not_say(unnamed: bool) {
    let w = World::new().await;
    let (id, _, _) = by_the_second(&w, unnamed).await;
    for _ in 0..32 {
        w.bank.card.fail_next((0..4).map(|_| ProviderError::Refused("no".to_owned())));
        w.pass(6 * HOUR).await;
    }
    assert_eq!(w.payment(id).await.attention, [Attention::Unwatched]);
    w.bank.card.settle(id, ChargeStatus::Succeeded);
    // Refusals that were not used up come first.
    for _ in 0..128 {
        if w.bank.card.charge(id).unwrap().refunded.is_zero() {
            w.pass(6 * HOUR).await;
        }
    }
    assert!(!w.bank.card.charge(id).unwrap().refunded.is_zero(), "asked until there is an answer");
    assert!(w.payment(id).await.attention.is_empty());
    w.assert_sound("in the end").await;
}

/// A payment of 1,000 of which half comes back to who cancels.
async fn half_promised(w: &World) -> (PaymentId, BookingId) {
    let policy = r#"{"until": "PT0S", "refund": [{"until": "PT0S", "percent": 50}]}"#;
    let cancellation: Option<PutCancellation> = Some(serde_json::from_str(policy).unwrap());
    let e = w.draft_of(CreateEvent { cancellation, ..w.concert() }).await;
    w.publish(e).await;
    let of = w.paid(e, 10, 1_000).await;
    let held = w.hold(&attendee(), e, of, 1).await;
    let id = w.pay(&attendee(), held.id, "memory").await.id;
    w.card(id, ChargeStatus::Succeeded).await;
    (id, held.id)
}

/// The payer's bank took money, and has so much of it now.
async fn contested(w: &World, of: impl Display, (status, moves, taken): (DisputeStatus, u8, i64)) {
    w.bank.card.dispute(ChargeDispute {
        reference: "dp".to_owned(),
        transaction: format!("money-{of}"),
        amount: tenge(taken.max(1)),
        reason: None,
        status,
        moves,
        taken: tenge(taken),
    });
    assert_eq!(w.callback("memory", MemoryProvider::callback_of("dp")).await, 200);
}

/// Nobody here knows of it until the provider is asked, which it is before it is asked for anything.
#[tokio::test]
async fn what_went_back_unseen_counts_as_well() {
    for (unseen, wanted, by_organizer, asked, back) in [
        (0, 0, false, vec![500], 500),
        (200, 0, false, vec![300], 500),
        (500, 0, false, vec![], 500),
        (700, 0, false, vec![], 700),
        (300, 0, true, vec![700], 1_000),
        (1_000, 0, true, vec![], 1_000),
        // What the organizer wants to go back goes back beside it, and counts towards what is promised.
        (200, 100, false, vec![100, 200], 500),
        (400, 100, false, vec![100], 500),
    ] {
        let case = format!("{unseen} unseen, {wanted} wanted, organizer: {by_organizer}");
        let w = World::new().await;
        w.bank.card.tell_of_refunds_no_more();
        let (id, booking) = half_promised(&w).await;
        w.bank.card.change(id, |charge| charge.refunded = tenge(unseen));
        if wanted > 0 {
            let request = RefundPayment { amount: Some(tenge(wanted)), reason: None };
            w.eventify.payments().refund(&organizer(), id, request).await.unwrap();
        }
        let who = if by_organizer { organizer() } else { attendee() };
        w.eventify.bookings().cancel(&who, booking).await.unwrap();
        w.run_jobs().await;
        let mut made: Vec<i64> = w.bank.card.refunds().iter().map(|(_, of, _)| of.amount_minor).collect();
        made.sort_unstable();
        assert_eq!(made, asked, "{case}");
        assert_eq!(w.payment(id).await.refunded, tenge(back), "{case}");
        assert_eq!(w.bank.card.charge(id).unwrap().refunded, tenge(back), "{case}");
        w.assert_sound(&case).await;
    }
}

/// Who cancels while it has the money is owed what more was promised than it keeps in the end.
#[tokio::test]
async fn what_a_payer_s_bank_keeps_in_the_end_counts_as_well() {
    for (kept, more) in [(0, 500), (400, 100), (500, 0), (600, 0)] {
        let case = format!("{kept} kept");
        let w = World::new().await;
        let (id, booking) = half_promised(&w).await;
        contested(&w, id, (DisputeStatus::Open, 1, 1_000)).await;
        w.eventify.bookings().cancel(&attendee(), booking).await.unwrap();
        w.run_jobs().await;
        w.assert_sound(&format!("taken: {case}")).await;
        contested(&w, id, (DisputeStatus::Won, 2, kept)).await;
        w.run_jobs().await;
        assert_eq!(w.payment(id).await.refunded, tenge(more), "{case}");
        assert_eq!(w.bank.card.charge(id).unwrap().refunded, tenge(more), "{case}");
        w.assert_sound(&case).await;
    }
}

/// Its bank gives it back when it went to the payer another way already: it bought nothing all the same.
#[tokio::test]
async fn what_went_another_way_still_says_why_it_was_owed() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    let second = w.bank.card.charge_again(paid.id).unwrap();
    let heard = async || w.callback("memory", MemoryProvider::callback_of(&second)).await;
    assert_eq!(heard().await, 200);
    w.bank.card.fail_next([ProviderError::Refused("the charge is disputed".to_owned())]);
    w.run_jobs().await;
    contested(&w, &second, (DisputeStatus::Open, 1, ALL)).await;
    w.bank.card.change_double(&second, |charge| charge.refunded = tenge(ALL));
    assert_eq!(heard().await, 200);
    contested(&w, &second, (DisputeStatus::Won, 2, 0)).await;
    w.run_jobs().await;
    let double = of_booking(&w, paid.booking_id).await.remove(1);
    let refunds: Vec<_> = double.refunds.iter().map(|refund| (refund.cause, refund.status)).collect();
    let outside = (RefundCause::Outside, RefundStatus::Done);
    assert_eq!(refunds, [(RefundCause::PaidTwice, RefundStatus::Superseded), outside]);
    assert_eq!(double.refunded, tenge(ALL));
    w.assert_sound("back twice, and once in the books").await;
}

/// Who got something back before gets in all what the policy promises, and keeps what is more than that.
#[tokio::test]
async fn what_was_given_back_before_counts_towards_what_the_policy_promises() {
    let half = 500;
    for (before, outside, disputed, by_organizer, more) in [
        (0, 0, 0, false, half),
        (100, 0, 0, false, 400),
        (499, 0, 0, false, 1),
        (500, 0, 0, false, 0),
        (700, 0, 0, false, 0),
        (1_000, 0, 0, false, 0),
        (100, 150, 0, false, 250),
        (0, 0, 300, false, 200),
        (0, 0, 1_000, false, 0),
        (100, 0, 0, true, 900),
        (100, 200, 300, true, 400),
        (1_000, 0, 0, true, 0),
    ] {
        let case = format!("{before} and {outside} outside, {disputed} disputed, organizer: {by_organizer}");
        let w = World::new().await;
        let (id, booking) = half_promised(&w).await;
        if before > 0 {
            let request = RefundPayment { amount: Some(tenge(before)), reason: None };
            w.eventify.payments().refund(&organizer(), id, request).await.unwrap();
            w.run_jobs().await;
        }
        w.bank.card.change(id, |charge| charge.refunded = tenge(before + outside));
        w.call_back(id).await;
        if disputed > 0 {
            contested(&w, id, (DisputeStatus::Lost, 1, disputed)).await;
        }
        let who = if by_organizer { organizer() } else { attendee() };
        w.eventify.bookings().cancel(&who, booking).await.unwrap();
        w.run_jobs().await;
        let found = w.payment(id).await;
        let by_policy = found.refunds.iter().filter(|r| r.cause == RefundCause::BookingCancelled);
        assert_eq!(by_policy.map(|r| r.amount.amount_minor).sum::<i64>(), more, "{case}");
        assert_eq!(found.refunded, tenge(before + outside + more), "{case}");
        w.assert_sound(&case).await;
    }
}

/// A provider that does not tell what goes back is asked, ever more rarely, until a payer can dispute no more.
#[tokio::test]
async fn what_goes_back_without_a_word_is_found_by_looking() {
    for day in [1, 6, 50, 100] {
        let w = World::new().await;
        w.bank.card.tell_of_refunds_no_more();
        let (_, _, paid) = w.paid_by_card(&attendee()).await;
        let calls = w.bank.card.calls();
        for _ in 0..day {
            w.pass(DAY).await;
        }
        w.bank.card.change(paid.id, |charge| charge.refunded = tenge(100));
        for _ in day..140 {
            w.pass(DAY).await;
        }
        let found = w.payment(paid.id).await;
        assert_eq!(
            (found.refunded, found.attention),
            (tenge(100), vec![Attention::RefundedOutside]),
            "{day}"
        );
        assert!((6..=9).contains(&(w.bank.card.calls() - calls)), "{} calls", w.bank.card.calls() - calls);
        assert!(w.jobs("watch_payment").await.is_empty());
        w.assert_sound("looked at").await;
    }
}

#[tokio::test]
async fn what_went_back_wholly_is_not_looked_at_any_more() {
    let w = World::new().await;
    w.bank.card.tell_of_refunds_no_more();
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
    for _ in 0..3 {
        w.pass(DAY).await;
    }
    assert!(w.jobs("watch_payment").await.is_empty());
    w.assert_sound("all gone").await;
}
