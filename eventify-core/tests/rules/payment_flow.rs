//! Payments over time: one charge however it is asked for, tickets or the money back whatever the provider says when.

use std::time::Duration;

use eventify_core::booking::BookingStatus;
use eventify_core::notification::FactName;
use eventify_core::payment::{
    Attention, ChargeStatus, LedgerEntry, LedgerKind, Payment, PaymentStatus, ProviderCallback,
    ProviderError, RefundCause, RefundStatus, StartPayment,
};
use eventify_core::testing::MemoryProvider;
use eventify_core::{Money, PaymentId, Reason};

use crate::common::*;

async fn ledger(w: &World) -> Vec<(LedgerKind, i64)> {
    let all = w.everything().await;
    let mut found: Vec<_> = all.of::<LedgerEntry>().map(|e| (e.kind, e.amount.amount_minor)).collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn a_hold_is_paid_and_becomes_tickets() {
    let w = World::connected().await;
    let (e, t, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    assert_eq!((payment.status, payment.amount), (PaymentStatus::Pending, tenge(2 * PRICE)));
    assert_eq!(payment.redirect_url, Some(format!("memory:{}", payment.id)));
    assert_eq!(w.payment(payment.id).await.redirect_url, None, "the address is the payer's");
    let until = w.now().plus(HOUR / 2);
    assert_eq!((payment.expires_at, w.booking(held.id).await.expires_at), (until, Some(until)));
    w.card(payment.id, ChargeStatus::Succeeded).await;
    let (paid, booking) = (w.payment(payment.id).await, w.booking(held.id).await);
    assert_eq!((paid.status, paid.received), (PaymentStatus::Succeeded, Some(tenge(2 * PRICE))));
    assert_eq!((booking.status, booking.tickets.len()), (BookingStatus::Confirmed, 2));
    assert_eq!(w.counted(e, t).await, (10, 2, 0));
    assert_eq!(ledger(&w).await, [(LedgerKind::Charge, 2 * PRICE)]);
    assert_eq!(w.actions("payment.succeeded").await, 1);
    w.run_jobs().await;
    let told = |fact| w.wire.sent_of(fact).len();
    assert_eq!((told("payment.succeeded"), told("booking.confirmed")), (1, 1));
    let of_payment = w.told(&attendee()).await.into_iter().filter(|n| n.fact == FactName::PaymentSucceeded);
    assert_eq!(of_payment.count(), 1);
    w.pass(30 * DAY).await;
    assert_eq!(w.jobs("watch_payment").await.len(), 0);
    w.assert_sound("paid").await;
}

#[tokio::test]
async fn however_often_it_is_asked_for_there_is_one_charge() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payments = w.eventify.payments();
    let who = attendee();
    // A double click in two tabs.
    let (one, two, three) = tokio::join!(
        payments.start(&who, pay(held.id, "memory")),
        payments.start(&who, pay(held.id, "memory")),
        payments.start(&who, StartPayment { payment_method: None, ..pay(held.id, "") }),
    );
    let one = one.unwrap();
    assert_eq!((one.id, one.id), (two.unwrap().id, three.unwrap().id));
    // A client that lost the answer.
    let once = attendee().with_idempotency_key("pay-1");
    let first = payments.start(&once, pay(held.id, "memory")).await.unwrap();
    let again = payments.start(&once, pay(held.id, "memory")).await.unwrap();
    assert!(again.is_replayed() && first.id == again.id && again.redirect_url.is_some());
    let other = payments.start(&once, pay(held.id, "transfer")).await.unwrap_err();
    assert_eq!(other.reason(), Reason::IdempotencyKeyReused);
    assert_eq!(w.bank.card.charges().len(), 1);
    assert_eq!(w.everything().await.of::<Payment>().count(), 1);
    w.assert_sound("one charge").await;
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_is_the_same_charge() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.bank.card.lose_next(1);
    let error = w.try_to_pay(&attendee(), held.id, "memory").await.unwrap_err();
    assert_eq!(error.reason(), Reason::PaymentProviderUnavailable);
    assert!(error.is_retryable());
    let payment = w.pay(&attendee(), held.id, "memory").await;
    assert_eq!(error.details()["payment_id"], payment.id.to_string());
    assert_eq!((payment.status, w.bank.card.charges().len()), (PaymentStatus::Pending, 1));
}

#[tokio::test]
async fn what_its_process_left_undone_another_begins() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.bank.card.fail_next([ProviderError::Unreachable("it ended".to_owned())]);
    w.try_to_pay(&attendee(), held.id, "memory").await.unwrap_err();
    assert_eq!(w.bank.card.charges().len(), 0);
    w.pass(Duration::from_secs(30)).await;
    let (id, charge) = w.bank.card.charges().remove(0);
    assert_eq!(w.payment(id).await.status, PaymentStatus::Pending);
    assert_eq!(w.stored_payment(id).await.reference, Some(charge.reference));
}

#[tokio::test]
async fn who_does_not_wait_for_the_answer_takes_nothing_away() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.bank.card.hold();
    let payments = w.eventify.payments();
    let who = attendee();
    let mut call = Box::pin(payments.start(&who, pay(held.id, "memory")));
    // Until the payment is begun, and no longer.
    while w.everything().await.of::<Payment>().count() == 0 {
        tokio::select! {
            biased;
            _ = &mut call => panic!("it was answered before it was begun"),
            () = tokio::task::yield_now() => {}
        }
    }
    drop(call);
    w.bank.card.let_through(8);
    // Whoever began it goes on without the caller.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    w.pass(Duration::from_secs(30)).await;
    assert_eq!(w.bank.card.charges().len(), 1);
}

#[tokio::test]
async fn what_is_said_twice_late_and_out_of_order_counts_once() {
    use ChargeStatus::{Expired, Failed, Pending, Succeeded};
    let orders = [
        [Succeeded, Succeeded, Pending, Failed],
        [Pending, Succeeded, Expired, Succeeded],
        [Failed, Succeeded, Failed, Pending],
        [Expired, Pending, Succeeded, Succeeded],
    ];
    for order in orders {
        let w = World::new().await;
        let (e, t, held) = w.unpaid(&attendee()).await;
        let payment = w.pay(&attendee(), held.id, "memory").await;
        for status in order {
            w.card(payment.id, status).await;
        }
        assert_eq!(w.payment(payment.id).await.status, PaymentStatus::Succeeded, "{order:?}");
        assert_eq!(w.counted(e, t).await, (10, 2, 0), "{order:?}");
        assert_eq!(ledger(&w).await, [(LedgerKind::Charge, 2 * PRICE)], "{order:?}");
        w.assert_sound(&format!("{order:?}")).await;
    }
}

#[tokio::test]
async fn a_callback_may_come_before_the_answer() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.bank.card.lose_next(1);
    w.try_to_pay(&attendee(), held.id, "memory").await.unwrap_err();
    let (id, _) = w.bank.card.charges().remove(0);
    w.card(id, ChargeStatus::Succeeded).await;
    assert_eq!(w.booking(held.id).await.status, BookingStatus::Confirmed);
    let refused = w.try_to_pay(&attendee(), held.id, "memory").await.unwrap_err();
    assert_eq!(refused.reason(), Reason::BookingNotHeld);
    w.assert_sound("early").await;
}

#[tokio::test]
async fn nobody_is_believed_who_cannot_sign() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    w.bank.card.settle(payment.id, ChargeStatus::Succeeded);
    let genuine = MemoryProvider::callback(payment.id);
    let forged = ProviderCallback { headers: std::collections::BTreeMap::new(), ..genuine.clone() };
    assert_eq!(w.callback("memory", forged).await, 403);
    let garbled = ProviderCallback { body: vec![0xFF], ..genuine.clone() };
    assert_eq!(w.callback("memory", garbled).await, 403);
    // Another provider has no say.
    assert_eq!(w.callback("transfer", genuine.clone()).await, 200, "it knows of no such charge");
    let unknown = w.eventify.payments().callback("cash", genuine).await.unwrap_err();
    assert_eq!(unknown.reason(), Reason::NotFound);
    assert_eq!(w.payment(payment.id).await.status, PaymentStatus::Pending);
    w.assert_unchanged("callbacks that are not believed").await;
}

#[tokio::test]
async fn a_payment_that_is_not_there_is_refused() {
    let (w, other) = (World::new().await, World::new().await);
    let (_, _, held) = other.unpaid(&attendee()).await;
    let payment = other.pay(&attendee(), held.id, "memory").await;
    let charge = other.bank.card.charge(payment.id).unwrap();
    w.bank.card.adopt(payment.id, charge.clone());
    w.mark().await;
    assert_eq!(w.callback("memory", MemoryProvider::callback(payment.id)).await, 400);
    w.assert_unchanged("a payment of another deployment").await;
    // And one of another provider.
    other.bank.transfer.adopt(payment.id, charge);
    assert_eq!(other.callback("transfer", MemoryProvider::callback(payment.id)).await, 400);
    assert_eq!(w.callback("memory", MemoryProvider::callback(PaymentId::from_bytes([9; 16]))).await, 200);
}

#[tokio::test]
async fn money_that_nobody_called_back_about_is_found() {
    let w = World::new().await;
    let (e, t, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "transfer").await;
    w.bank.transfer.settle(payment.id, ChargeStatus::Succeeded);
    w.pass(Duration::from_secs(30)).await;
    assert_eq!(w.payment(payment.id).await.status, PaymentStatus::Succeeded);
    assert_eq!(w.counted(e, t).await, (10, 2, 0));
    assert_eq!(w.jobs("watch_payment").await.len(), 0);
    w.assert_sound("found").await;
}

#[tokio::test]
async fn an_engine_that_was_away_all_the_while_asks_twice() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    // Longer than late money is looked for; and what the provider says then is old.
    w.pass(8 * 24 * HOUR).await;
    assert_eq!(w.payment(payment.id).await.status, PaymentStatus::Expired);
    w.bank.card.settle(payment.id, ChargeStatus::Succeeded);
    w.pass(6 * HOUR).await;
    assert_eq!(w.payment(payment.id).await.status, PaymentStatus::Succeeded);
    w.run_jobs().await;
    assert_eq!(w.jobs("watch_payment").await.len(), 0);
    w.assert_sound("asked again").await;
}

/// A bank may hold money for days that nobody wants any more.
#[tokio::test]
async fn what_is_held_for_a_payment_that_is_over_is_let_go() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.pass(HOUR / 4).await;
    assert!(w.bank.card.released().is_empty(), "it may still be paid");
    w.pass(HOUR).await;
    assert_eq!(w.bank.card.released(), [payment.id]);
    // Also what is held later, and one time when nobody answers.
    w.bank.card.fail_next([ProviderError::Unreachable("away".to_owned())]);
    for _ in 0..3 {
        w.pass(6 * HOUR).await;
    }
    let all = w.bank.card.released();
    assert!(all.len() >= 3 && !all.contains(&paid.id), "{all:?}");
    assert_eq!(w.payment(payment.id).await.status, PaymentStatus::Expired);
}

#[tokio::test]
async fn what_is_held_and_not_let_go_is_listed_until_it_is() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    w.bank.card.keep_held(true);
    for _ in 0..32 {
        w.pass(6 * HOUR).await;
    }
    // It answers how the payment stands every time, and that is not enough.
    for _ in 0..3 {
        assert_eq!(w.payment(payment.id).await.attention, [Attention::Unwatched]);
        w.pass(6 * HOUR).await;
    }
    w.bank.card.keep_held(false);
    w.pass(6 * HOUR).await;
    assert_eq!(w.bank.card.released(), [payment.id]);
    assert!(w.payment(payment.id).await.attention.is_empty());
    assert!(w.jobs("watch_payment").await.is_empty());
    w.assert_sound("let go").await;
}

#[tokio::test]
async fn late_money_takes_the_seats_anew_while_there_are_some() {
    let w = World::new().await;
    let (e, t, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    w.pass(HOUR).await;
    assert_eq!(w.payment(payment.id).await.status, PaymentStatus::Expired);
    assert_eq!(
        (w.booking(held.id).await.status, w.counted(e, t).await),
        (BookingStatus::Expired, (10, 0, 0))
    );
    w.bank.card.settle(payment.id, ChargeStatus::Succeeded);
    w.pass(6 * HOUR).await;
    assert_eq!(
        (w.booking(held.id).await.status, w.counted(e, t).await),
        (BookingStatus::Confirmed, (10, 2, 0))
    );
    assert_eq!(w.payment(payment.id).await.refunds.len(), 0);
    w.assert_sound("late").await;
}

#[tokio::test]
async fn late_money_without_seats_goes_back_whole() {
    let w = World::connected().await;
    let (e, t, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    w.pass(HOUR).await;
    w.hold(&other_attendee(), e, t, 10).await;
    w.card(payment.id, ChargeStatus::Succeeded).await;
    let due = w.payment(payment.id).await;
    assert_eq!((due.status, due.refunds[0].status), (PaymentStatus::Succeeded, RefundStatus::Due));
    assert_eq!(due.refunds[0].cause, RefundCause::TooLate);
    w.assert_sound("owed").await;
    w.run_jobs().await;
    let back = w.payment(payment.id).await;
    assert_eq!((back.refunded, back.refunds[0].status), (tenge(2 * PRICE), RefundStatus::Done));
    assert_eq!(w.bank.card.charge(payment.id).unwrap().refunded, tenge(2 * PRICE));
    assert_eq!(ledger(&w).await, [(LedgerKind::Charge, 2 * PRICE), (LedgerKind::Refund, 2 * PRICE)]);
    let told: Vec<FactName> = w.told(&attendee()).await.iter().map(|n| n.fact).collect();
    assert!(told.contains(&FactName::PaymentSucceeded) && told.contains(&FactName::PaymentRefunded));
    w.assert_sound("given back").await;
}

#[tokio::test]
async fn another_amount_or_currency_goes_back_and_is_looked_at() {
    let tenge = tenge(2 * PRICE - 1);
    for other in [tenge, Money::new(2 * PRICE, "EUR".parse().unwrap()), Money::new(0, tenge.currency)] {
        let w = World::new().await;
        let (e, t, held) = w.unpaid(&attendee()).await;
        let payment = w.pay(&attendee(), held.id, "memory").await;
        w.bank.card.change(payment.id, |charge| {
            charge.amount = other;
            charge.refunded = Money::new(0, other.currency);
        });
        w.card(payment.id, ChargeStatus::Succeeded).await;
        assert_eq!(
            (w.booking(held.id).await.status, w.counted(e, t).await),
            (BookingStatus::Held, (10, 0, 2))
        );
        w.run_jobs().await;
        let found = w.payment(payment.id).await;
        assert_eq!((found.received, found.refunded), (Some(other), other));
        assert_eq!(found.attention, [Attention::AmountMismatch]);
        w.assert_sound(&format!("{other}")).await;
        // The hold can be paid again, rightly.
        let again = w.pay(&attendee(), held.id, "memory").await;
        w.card(again.id, ChargeStatus::Succeeded).await;
        assert_eq!(w.booking(held.id).await.status, BookingStatus::Confirmed);
        let seen = w.dismiss(payment.id).await;
        assert!(seen.attention.is_empty());
        w.assert_sound(&format!("{other}, paid again")).await;
    }
}

#[tokio::test]
async fn of_two_payments_one_pays_and_the_other_goes_back() {
    let w = World::new().await;
    let (e, t, held) = w.unpaid(&attendee()).await;
    let one = w.pay(&attendee(), held.id, "memory").await;
    let two = w.pay(&attendee(), held.id, "transfer").await;
    assert_ne!(one.id, two.id);
    w.bank.transfer.settle(two.id, ChargeStatus::Succeeded);
    w.card(one.id, ChargeStatus::Succeeded).await;
    w.pass(HOUR).await;
    assert_eq!(w.payment(one.id).await.refunds.len(), 0);
    let back = w.payment(two.id).await;
    assert_eq!((back.refunds[0].cause, back.refunded), (RefundCause::PaidTwice, tenge(2 * PRICE)));
    assert_eq!(w.counted(e, t).await, (10, 2, 0));
    w.assert_sound("paid twice").await;
}

#[tokio::test]
async fn money_for_what_was_cancelled_goes_back() {
    for by_event in [false, true] {
        let w = World::new().await;
        let (e, _, held) = w.unpaid(&attendee()).await;
        let payment = w.pay(&attendee(), held.id, "memory").await;
        if by_event {
            w.cancel_event(e).await;
        } else {
            w.eventify.bookings().cancel(&attendee(), held.id).await.unwrap();
        }
        w.card(payment.id, ChargeStatus::Succeeded).await;
        w.run_jobs().await;
        let back = w.payment(payment.id).await;
        let cause = if by_event { RefundCause::EventCancelled } else { RefundCause::BookingCancelled };
        assert_eq!((back.refunds[0].cause, back.refunded), (cause, tenge(2 * PRICE)));
        w.assert_sound("cancelled").await;
    }
}

#[tokio::test]
async fn a_failed_payment_leaves_the_hold_to_be_paid_otherwise() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    w.bank.card.change(payment.id, |charge| charge.failure = Some("Not enough money.".to_owned()));
    w.card(payment.id, ChargeStatus::Failed).await;
    let failed = w.eventify.payments().get(&attendee(), payment.id).await.unwrap();
    assert_eq!(
        (failed.status, failed.failure.as_deref()),
        (PaymentStatus::Failed, Some("Not enough money."))
    );
    assert_eq!(failed.redirect_url, None);
    let again = w.pay(&attendee(), held.id, "memory").await;
    assert_ne!(again.id, payment.id);
    w.card(again.id, ChargeStatus::Succeeded).await;
    let all = w.eventify.payments().of_booking(&attendee(), held.id).await.unwrap();
    assert_eq!(
        all.iter().map(|p| p.status).collect::<Vec<_>>(),
        [PaymentStatus::Failed, PaymentStatus::Succeeded]
    );
    w.assert_sound("paid at last").await;
}

#[tokio::test]
async fn a_hold_is_stretched_within_bounds() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let bound = w.now().plus(HOUR / 4 + HOUR / 2);
    for minutes in [10, 14, 14, 6] {
        w.clock.advance(Duration::from_secs(minutes * 60));
        let payment = w.pay(&attendee(), held.id, "memory").await;
        assert!(payment.expires_at <= bound);
        w.card(payment.id, ChargeStatus::Failed).await;
    }
    assert_eq!(w.booking(held.id).await.expires_at, Some(bound));
    w.pass(HOUR).await;
    assert_eq!(w.booking(held.id).await.status, BookingStatus::Expired);
    w.assert_sound("stretched").await;
}

#[tokio::test]
async fn providers_are_told_apart() {
    let over = |provider: MemoryProvider| {
        eventify_core::Eventify::builder(eventify_core::store::MemoryStore::new())
            .payment_provider(MemoryProvider::default())
            .payment_provider(provider)
            .without_worker()
            .start()
    };
    for odd in ["", "Card", "a b", "memory", "offline", "a234567890123456789012345678901234567890"] {
        let refused = over(MemoryProvider::named(odd)).await.unwrap_err();
        assert_eq!(refused.reason(), Reason::InvalidValue, "{odd:?}");
    }
    over(MemoryProvider::named("card-2")).await.unwrap().shut_down().await;
}
