//! What providers and banks do that nobody asked them for: charges that come twice, providers that go away, jobs that die.

use std::sync::Arc;
use std::time::Duration;

use eventify_core::booking::BookingStatus;
use eventify_core::job::Job;
use eventify_core::payment::{
    Attention, ChargeStatus, LedgerEntry, LedgerKind, LedgerPeriod, Payment, PaymentStatus, PaymentView,
    ProviderError, RefundCause, RefundPayment, RefundStatus, SettleByHand,
};
use eventify_core::store::{Key, Record};
use eventify_core::testing::MemoryProvider;
use eventify_core::{BookingId, IfMatch, PageRequest, PaymentId, Reason, Settings};

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

async fn of_booking(w: &World, id: BookingId) -> Vec<PaymentView> {
    w.eventify.payments().of_booking(&organizer(), id).await.unwrap()
}

/// The provider charges once more under the number of a payment, and says so this often.
async fn charged_again(w: &World, id: PaymentId, often: usize) -> String {
    let reference = w.bank.card.charge_again(id).unwrap();
    for _ in 0..often {
        assert_eq!(w.callback("memory", MemoryProvider::callback_of(&reference)).await, 200);
    }
    reference
}

const ALL: i64 = 2 * PRICE;

#[tokio::test]
async fn a_second_charge_under_one_number_goes_back_and_is_looked_at() {
    let w = World::connected().await;
    let (e, t, paid) = w.paid_by_card(&attendee()).await;
    let reference = charged_again(&w, paid.id, 3).await;
    w.call_back(paid.id).await;
    let all = of_booking(&w, paid.booking_id).await;
    assert_eq!(all.iter().map(|p| p.double_of).collect::<Vec<_>>(), [None, Some(paid.id)]);
    let double = &all[1];
    assert_eq!(
        (double.refunds[0].cause, double.refunds[0].status),
        (RefundCause::PaidTwice, RefundStatus::Due)
    );
    w.assert_sound("charged twice").await;
    w.run_jobs().await;
    assert_eq!(w.bank.card.double(&reference).unwrap().refunded, tenge(2 * PRICE), "that charge");
    assert_eq!(w.bank.card.charge(paid.id).unwrap().refunded, tenge(0), "and not the first one");
    let double = w.payment(double.id).await;
    assert_eq!((double.refunded, why(&double)), (tenge(2 * PRICE), vec![Attention::ChargedTwice]));
    let both =
        [(LedgerKind::Charge, 2 * PRICE), (LedgerKind::Charge, 2 * PRICE), (LedgerKind::Refund, 2 * PRICE)];
    assert_eq!(ledger(&w).await, both);
    assert_eq!(
        (w.counted(e, t).await, w.booking(paid.booking_id).await.status),
        ((10, 2, 0), BookingStatus::Confirmed)
    );
    assert_eq!(w.wire.sent_of("payment.succeeded").len(), 2);
    // What its provider says of it later is its own.
    w.callback("memory", MemoryProvider::callback_of(&reference)).await;
    assert_eq!((w.payment(paid.id).await.refunds.len(), w.payment(double.id).await.refunds.len()), (0, 1));
    w.dismiss(double.id).await;
    assert!(w.payment(double.id).await.attention.is_empty());
    w.assert_sound("given back").await;
}

#[tokio::test]
async fn a_second_charge_goes_back_also_when_the_first_one_did() {
    let w = World::new().await;
    let (e, t, held) = w.unpaid(&attendee()).await;
    let first = w.pay(&attendee(), held.id, "memory").await;
    w.pass(HOUR).await;
    w.hold(&other_attendee(), e, t, 10).await;
    w.card(first.id, ChargeStatus::Succeeded).await;
    charged_again(&w, first.id, 1).await;
    charged_again(&w, first.id, 1).await;
    w.run_jobs().await;
    let all = of_booking(&w, held.id).await;
    assert_eq!(all.iter().filter(|p| p.refunded == tenge(2 * PRICE)).count(), 3);
    w.assert_sound("three charges").await;
}

#[tokio::test]
async fn a_second_charge_that_was_not_paid_is_no_money() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    let reference = w.bank.card.charge_again(paid.id).unwrap();
    w.bank.card.change_double(&reference, |charge| charge.status = ChargeStatus::Failed);
    w.mark().await;
    assert_eq!(w.callback("memory", MemoryProvider::callback_of(&reference)).await, 200);
    w.assert_unchanged("another charge that failed").await;
}

#[tokio::test]
async fn more_charges_than_can_be_kept_are_looked_at_all_the_same() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    for _ in 0..40 {
        charged_again(&w, paid.id, 1).await;
    }
    assert_eq!(of_booking(&w, paid.booking_id).await.len(), 40);
    let first = w.payment(paid.id).await;
    assert_eq!(why(&first), [Attention::ChargedTwice]);
    assert!(first.last_error.unwrap().contains("not in the books"));
    w.assert_sound("forty").await;
}

#[tokio::test]
async fn money_that_grows_afterwards_is_looked_at() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.bank.card.change(paid.id, |charge| charge.amount = tenge(4 * PRICE));
    w.call_back(paid.id).await;
    assert_eq!(why(&w.payment(paid.id).await), [Attention::AmountMismatch]);
    w.dismiss(paid.id).await;
    w.call_back(paid.id).await;
    assert!(w.payment(paid.id).await.attention.is_empty(), "it was seen to");
    w.assert_sound("grown").await;
}

/// The jobs of this work have been begun as often as they may, and nobody ever said how it went.
async fn dies(w: &World, work: &str) {
    let attempts = Settings::default().job_attempts_max;
    for job in w.jobs(work).await {
        let spent = Record::Job(Arc::new(Job { attempts, due_at: w.now(), ..job.clone() }));
        w.rewrite(Key::Job(job.id), |_| spent).await;
    }
    w.run_jobs().await;
}

#[tokio::test]
async fn a_refund_whose_job_dies_is_listed_with_the_reason() {
    let w = World::new().await;
    let (e, _, paid) = w.paid_by_card(&attendee()).await;
    w.eventify.payments().refund(&organizer(), paid.id, RefundPayment::default()).await.unwrap();
    dies(&w, "refund_payment").await;
    let page = PageRequest::default();
    let listed = w.eventify.payments().attention_of_event(&organizer(), e, &page).await.unwrap().data;
    assert_eq!((listed.len(), why(&listed[0])), (1, vec![Attention::RefundFailed]));
    let error = listed[0].refunds[0].error.clone().unwrap();
    assert!(error.contains("its worker ended") && error.contains("may have been made"), "{error}");
    assert!(w.jobs("refund_payment").await.is_empty(), "it is tried again where it is listed");
    w.assert_sound("dead").await;
    let again = w.eventify.payments().retry_refund(&organizer(), paid.id, listed[0].refunds[0].id).await;
    assert_eq!(again.unwrap().refunds[0].status, RefundStatus::Due);
    w.run_jobs().await;
    assert_eq!(w.payment(paid.id).await.refunded, tenge(ALL));
    w.assert_sound("tried again").await;
}

#[tokio::test]
async fn a_payment_that_nobody_looks_after_is_listed_with_the_reason() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    dies(&w, "watch_payment").await;
    let found = w.payment(payment.id).await;
    assert_eq!(why(&found), [Attention::Unwatched]);
    assert!(found.last_error.unwrap().contains("its worker ended"));
    w.assert_sound("nobody looks").await;
    // The dead letter is tried again, and whoever answers is looked at.
    let dead = w.eventify.jobs().dead(&admin(), &PageRequest::default()).await.unwrap().data;
    w.eventify.jobs().retry(&admin(), dead[0].id).await.unwrap();
    w.bank.card.settle(payment.id, ChargeStatus::Succeeded);
    w.run_jobs().await;
    let found = w.payment(payment.id).await;
    assert_eq!((found.status, found.attention.len()), (PaymentStatus::Succeeded, 0));
    w.assert_sound("looked at").await;
}

#[tokio::test]
async fn what_goes_back_outside_beside_ours_is_asked_for_afterwards() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    let part = RefundPayment { amount: Some(tenge(100)), reason: None };
    w.eventify.payments().refund(&organizer(), paid.id, part).await.unwrap();
    w.bank.card.change(paid.id, |charge| charge.refunded = tenge(70));
    w.call_back(paid.id).await;
    // Ours is made, nobody calls back any more, and the provider is asked once.
    for _ in 0..3 {
        w.pass(Duration::from_secs(60)).await;
    }
    let found = w.payment(paid.id).await;
    assert_eq!((found.refunded, why(&found)), (tenge(170), vec![Attention::RefundedOutside]));
    assert!(w.jobs("watch_payment").await.is_empty());
    w.assert_sound("both").await;
}

#[tokio::test]
async fn what_was_paid_out_by_hand_hides_nothing_that_goes_back_outside() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    let part = RefundPayment { amount: Some(tenge(100)), reason: None };
    w.eventify.payments().refund(&organizer(), paid.id, part).await.unwrap();
    w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
    w.run_jobs().await;
    let out = SettleByHand { refund_id: Some(w.payment(paid.id).await.refunds[0].id) };
    w.eventify.payments().settle_by_hand(&organizer(), paid.id, out).await.unwrap();
    w.bank.card.change(paid.id, |charge| charge.refunded = tenge(70));
    w.call_back(paid.id).await;
    assert_eq!(w.payment(paid.id).await.refunded, tenge(170));
    w.assert_sound("by hand and outside").await;
}

#[tokio::test]
async fn every_reason_lasts_until_it_is_seen_to() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.bank.card.change(paid.id, |charge| charge.refunded = tenge(70));
    w.call_back(paid.id).await;
    w.eventify.payments().refund(&organizer(), paid.id, RefundPayment::default()).await.unwrap();
    w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
    w.run_jobs().await;
    let found = w.payment(paid.id).await;
    assert_eq!(why(&found), [Attention::RefundFailed, Attention::RefundedOutside]);
    let refund = found.refunds[1].id;
    w.eventify.payments().retry_refund(&organizer(), paid.id, refund).await.unwrap();
    w.run_jobs().await;
    assert_eq!(why(&w.payment(paid.id).await), [Attention::RefundedOutside], "which nobody saw to");
    w.assert_sound("one reason left").await;
}

/// The same world after its operator took the card away.
pub async fn without_card(w: &World) -> eventify_core::Eventify {
    let builder = eventify_core::Eventify::builder_over(w.store.clone()).clock(w.clock.clone());
    builder.payment_provider(w.bank.desk.clone()).without_worker().start().await.unwrap()
}

#[tokio::test]
async fn a_provider_that_is_taken_away_is_missed_and_its_money_is_not_lost() {
    let w = World::new().await;
    let (e, t, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    w.bank.card.settle(payment.id, ChargeStatus::Succeeded);
    let other = without_card(&w).await;
    let missing = other.payments().missing_providers(&admin()).await.unwrap();
    assert_eq!(missing.iter().map(|m| (m.name.as_str(), m.payments)).collect::<Vec<_>>(), [("memory", 1)]);
    assert!(w.eventify.payments().missing_providers(&admin()).await.unwrap().is_empty());
    let refused = other.payments().missing_providers(&organizer()).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::NotAllowed);
    let unheard =
        other.payments().callback("memory", MemoryProvider::callback(payment.id)).await.unwrap_err();
    assert_eq!(unheard.reason(), Reason::NotFound);
    // However long it is away.
    for _ in 0..40 {
        w.clock.advance(6 * HOUR);
        while other.jobs().run_due().await.unwrap() > 0 {}
    }
    let listed = other.payments().attention(&admin(), &PageRequest::default()).await.unwrap().data;
    assert_eq!(listed.iter().map(why).collect::<Vec<_>>(), [[Attention::ProviderMissing]]);
    assert_eq!(listed[0].status, PaymentStatus::Expired);
    w.assert_sound("away").await;
    other.shut_down().await;
    // It is there again: the event is over, so the money goes back.
    w.pass(6 * HOUR).await;
    let found = w.payment(payment.id).await;
    assert_eq!(
        (found.status, found.refunded, found.attention),
        (PaymentStatus::Succeeded, tenge(ALL), vec![])
    );
    assert_eq!(w.counted(e, t).await.1, 0);
    assert!(w.jobs("watch_payment").await.is_empty());
    w.assert_sound("back").await;
}

#[tokio::test]
async fn who_saw_to_a_missing_provider_is_not_asked_for_ever() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    let other = without_card(&w).await;
    for _ in 0..40 {
        w.clock.advance(6 * HOUR);
        while other.jobs().run_due().await.unwrap() > 0 {}
    }
    other.payments().dismiss(&organizer(), payment.id, IfMatch::Any).await.unwrap();
    w.clock.advance(6 * HOUR);
    while other.jobs().run_due().await.unwrap() > 0 {}
    assert!(w.payment(payment.id).await.attention.is_empty());
    assert!(w.jobs("watch_payment").await.is_empty());
    other.shut_down().await;
}

#[tokio::test]
async fn a_refund_of_a_missing_provider_is_listed_at_once() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.eventify.payments().refund(&organizer(), paid.id, RefundPayment::default()).await.unwrap();
    let other = without_card(&w).await;
    while other.jobs().run_due().await.unwrap() > 0 {}
    assert_eq!(why(&w.payment(paid.id).await), [Attention::ProviderMissing]);
    other.shut_down().await;
    w.pass(HOUR).await;
    let found = w.payment(paid.id).await;
    assert_eq!((found.refunded, why(&found)), (tenge(ALL), vec![]));
    w.assert_sound("given back after all").await;
}

/// The provider refuses to say how a payment stands, for longer than late money is looked for.
async fn unheard(w: &World) -> PaymentId {
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    w.bank.card.fail_next((0..60).map(|_| ProviderError::Refused("no".to_owned())));
    let all = w.bank.card.calls() + 60;
    for _ in 0..100 {
        if w.bank.card.calls() < all {
            w.pass(6 * HOUR).await;
        }
    }
    assert_eq!(w.bank.card.calls(), all, "it is asked for all the time");
    let found = w.payment(payment.id).await;
    assert_eq!((found.status, why(&found)), (PaymentStatus::Expired, vec![Attention::Unwatched]));
    assert!(found.last_error.unwrap().starts_with("nobody knows how it stands: "));
    w.assert_sound("unheard").await;
    payment.id
}

#[tokio::test]
async fn money_that_nobody_could_ask_for_is_asked_for_until_there_is_an_answer() {
    let w = World::new().await;
    let id = unheard(&w).await;
    w.bank.card.settle(id, ChargeStatus::Succeeded);
    for _ in 0..2 {
        w.pass(6 * HOUR).await;
    }
    let found = w.payment(id).await;
    assert_eq!((found.status, found.attention.len()), (PaymentStatus::Succeeded, 0));
    assert!(w.jobs("watch_payment").await.is_empty());
    w.assert_sound("heard at last").await;
}

#[tokio::test]
async fn who_saw_to_a_payment_that_nobody_could_ask_for_is_left_alone() {
    let w = World::new().await;
    let id = unheard(&w).await;
    w.dismiss(id).await;
    w.bank.card.fail_next([ProviderError::Unreachable("500".to_owned())]);
    for _ in 0..2 {
        w.pass(6 * HOUR).await;
    }
    assert!(w.payment(id).await.attention.is_empty());
    assert!(w.jobs("watch_payment").await.is_empty());
}

#[tokio::test]
async fn another_charge_that_nobody_paid_says_nothing_of_a_payment() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    let before = w.stored_payment(payment.id).await;
    let reference = w.bank.card.charge_again(payment.id).unwrap();
    for status in [ChargeStatus::Failed, ChargeStatus::Pending, ChargeStatus::Expired] {
        w.bank.card.change_double(&reference, |charge| charge.status = status);
        assert_eq!(w.callback("memory", MemoryProvider::callback_of(&reference)).await, 200);
        assert_eq!(w.stored_payment(payment.id).await, before, "{status:?}");
    }
    // Its money is money all the same.
    w.bank.card.change_double(&reference, |charge| charge.status = ChargeStatus::Succeeded);
    w.callback("memory", MemoryProvider::callback_of(&reference)).await;
    let paid = w.stored_payment(payment.id).await;
    assert_eq!((paid.state.status(), paid.reference), (PaymentStatus::Succeeded, Some(reference)));
    w.assert_sound("paid by the other one").await;
}

#[tokio::test]
async fn a_list_that_is_full_takes_nothing_off_what_is_owed() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    for _ in 0..16 {
        let part = RefundPayment { amount: Some(tenge(1)), reason: None };
        w.eventify.payments().refund(&organizer(), paid.id, part).await.unwrap();
        w.run_jobs().await;
    }
    let outside = async |back: i64| {
        w.bank.card.change(paid.id, |charge| charge.refunded = tenge(back));
        w.call_back(paid.id).await;
    };
    outside(17).await;
    outside(18).await;
    w.eventify.bookings().cancel(&organizer(), paid.booking_id).await.unwrap();
    w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
    w.run_jobs().await;
    let owed = |payment: &PaymentView| payment.refunds.last().map(|refund| (refund.status, refund.amount));
    let rest = Some((RefundStatus::Failed, tenge(ALL - 18)));
    assert_eq!(owed(&w.payment(paid.id).await), rest);
    for _ in 0..3 {
        outside(88).await;
        let found = w.payment(paid.id).await;
        assert_eq!((found.refunds.len(), owed(&found)), (19, rest));
        assert_eq!(why(&found), [Attention::RefundFailed, Attention::RefundedOutside]);
    }
    w.assert_sound("full").await;
}

#[tokio::test]
async fn a_clock_that_goes_back_leaves_nothing_open() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    w.pass(HOUR / 4).await;
    let late = w.now();
    w.clock.set(payment.created_at);
    w.run_jobs().await;
    assert!(w.payment(payment.id).await.status != PaymentStatus::Succeeded);
    w.clock.set(late);
    for _ in 0..60 {
        w.pass(6 * HOUR).await;
    }
    assert_eq!(w.payment(payment.id).await.status, PaymentStatus::Expired);
    assert!(w.jobs("watch_payment").await.is_empty());
    let open = w.everything().await;
    assert!(open.of::<Payment>().all(|payment| !payment.state.is_open()));
    w.assert_sound("back and forth").await;
}

#[tokio::test]
async fn the_ledger_of_a_period_has_full_pages() {
    let w = World::new().await;
    let (e, t, paid) = w.paid_by_card(&attendee()).await;
    let began = paid.created_at;
    for day in 1..6 {
        w.pass(DAY).await;
        let held = w.hold(&attendee(), e, t, 1).await;
        w.eventify.bookings().confirm(&organizer(), held.id).await.unwrap();
        assert_eq!(w.now(), began.plus(day * DAY));
    }
    let payments = w.eventify.payments();
    let period = LedgerPeriod { from: Some(began.plus(DAY)), to: Some(began.plus(4 * DAY)) };
    let first = payments.ledger(&organizer(), e, period, &PageRequest::first(2)).await.unwrap();
    let cursor = first.next_cursor.unwrap();
    let second = payments.ledger(&organizer(), e, period, &PageRequest::after(&cursor, 2)).await.unwrap();
    let days = |of: &[eventify_core::payment::LedgerEntryView]| {
        of.iter().map(|entry| entry.at.since(began).as_secs() / 86_400).collect::<Vec<_>>()
    };
    assert_eq!((days(&first.data), days(&second.data), second.next_cursor), (vec![3, 2], vec![1], None));
    // A cursor is of its period.
    let other = LedgerPeriod { from: None, ..period };
    let foreign = payments.ledger(&organizer(), e, other, &PageRequest::after(cursor, 2)).await.unwrap_err();
    assert_eq!(foreign.reason(), Reason::Malformed);
    let report = payments.report(&organizer(), e, period).await.unwrap();
    assert_eq!((report.sums.len(), report.sums[0].charges), (1, 3));
    assert_eq!(w.everything().await.of::<LedgerEntry>().count(), 6);
}
