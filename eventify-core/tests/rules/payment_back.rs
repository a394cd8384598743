//! Money on its way back: by cancellations, by people, by providers that fail, by hand.

use std::time::Duration;

use eventify_core::booking::BookingStatus;
use eventify_core::event::{CreateEvent, UpdateEvent};
use eventify_core::notification::FactName;
use eventify_core::payment::{
    Attention, ChargeStatus, LedgerEntry, LedgerKind, LedgerPeriod, Payment, PaymentStatus, PaymentView,
    ProviderError, RefundCause, RefundPayment, RefundStatus, SettleByHand,
};
use eventify_core::transfer::OfferTicket;
use eventify_core::{Actor, EventId, Money, PageRequest, PaymentId, Reason};

use crate::common::*;

async fn half(w: &World, e: EventId) {
    let policy = r#"{"until": "PT0S", "refund": [{"until": "PT0S", "percent": 50}]}"#;
    let cancellation = Some(serde_json::from_str(policy).unwrap());
    w.update_event(e, UpdateEvent { cancellation, ..UpdateEvent::default() }).await;
}

async fn ask_back(w: &World, id: PaymentId, amount: Option<Money>) {
    let request = RefundPayment { amount, reason: None };
    w.eventify.payments().refund(&organizer(), id, request).await.unwrap();
    w.mark().await;
}

async fn cancel(w: &World, who: &Actor, payment: &PaymentView) {
    w.eventify.bookings().cancel(who, payment.booking_id).await.unwrap();
    w.mark().await;
}

fn refunds(payment: &PaymentView) -> Vec<(RefundCause, RefundStatus, i64)> {
    payment.refunds.iter().map(|r| (r.cause, r.status, r.amount.amount_minor)).collect()
}

#[tokio::test]
async fn who_cancels_gets_back_what_the_policy_says() {
    for (by_policy, who, comes) in
        [(false, attendee(), 2 * PRICE), (true, organizer(), 2 * PRICE), (true, admin(), 2 * PRICE)]
    {
        let w = World::new().await;
        let (e, _, paid) = w.paid_by_card(&attendee()).await;
        if by_policy {
            half(&w, e).await;
        }
        cancel(&w, &who, &paid).await;
        let due = w.payment(paid.id).await;
        assert_eq!(refunds(&due), [(RefundCause::BookingCancelled, RefundStatus::Due, comes)]);
        w.assert_sound("owed").await;
        w.run_jobs().await;
        assert_eq!(w.payment(paid.id).await.refunded, tenge(comes));
        assert_eq!(w.bank.card.charge(paid.id).unwrap().refunded, tenge(comes));
        w.assert_sound("given back").await;
    }
}

/// What comes back of a booking of an event that gives back half from the beginning.
async fn paid_with_half(w: &World, how: &str) -> PaymentId {
    let policy = r#"{"until": "PT0S", "refund": [{"until": "PT0S", "percent": 50}]}"#;
    let cancellation = Some(serde_json::from_str(policy).unwrap());
    let e = w.draft_of(CreateEvent { cancellation, ..w.concert() }).await;
    w.publish(e).await;
    let of = w.paid(e, 10, 333).await;
    let held = w.hold(&attendee(), e, of, 1).await;
    let payment = w.pay(&attendee(), held.id, how).await.id;
    w.bank.card.settle(payment, ChargeStatus::Succeeded);
    w.bank.transfer.settle(payment, ChargeStatus::Succeeded);
    w.pass(Duration::from_secs(60)).await;
    w.eventify.bookings().cancel(&attendee(), held.id).await.unwrap();
    payment
}

#[tokio::test]
async fn a_part_by_policy_comes_back_where_parts_can() {
    let w = World::new().await;
    let id = paid_with_half(&w, "memory").await;
    w.run_jobs().await;
    let found = w.payment(id).await;
    assert_eq!((found.refunded, found.attention.len()), (tenge(167), 0));
    w.assert_sound("half").await;
}

#[tokio::test]
async fn a_part_that_the_provider_does_not_give_is_left_to_people() {
    let w = World::new().await;
    let id = paid_with_half(&w, "transfer").await;
    w.run_jobs().await;
    let found = w.payment(id).await;
    assert_eq!(refunds(&found), [(RefundCause::BookingCancelled, RefundStatus::Failed, 167)]);
    assert_eq!(found.attention, [Attention::RefundFailed]);
    let again = w.eventify.payments().retry_refund(&organizer(), id, found.refunds[0].id).await.unwrap_err();
    assert_eq!(again.reason(), Reason::PartialRefundNotSupported);
    w.assert_sound("owed").await;
    let out = SettleByHand { refund_id: Some(found.refunds[0].id) };
    for _ in 0..2 {
        w.eventify.payments().settle_by_hand(&organizer(), id, out).await.unwrap();
    }
    let found = w.payment(id).await;
    assert_eq!((found.refunded, found.attention.len()), (tenge(167), 0));
    assert_eq!(w.bank.transfer.charge(id).unwrap().refunded, tenge(0));
    w.assert_sound("paid out").await;
}

#[tokio::test]
async fn no_more_is_owed_than_is_left() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    ask_back(&w, paid.id, Some(tenge(2 * PRICE - 100))).await;
    // The first is still on its way: the second waits for it.
    cancel(&w, &organizer(), &paid).await;
    assert_eq!(w.jobs("refund_payment").await.len(), 1);
    w.assert_sound("two").await;
    w.run_jobs().await;
    let found = w.payment(paid.id).await;
    let (asked, cancelled) = (RefundCause::Requested, RefundCause::BookingCancelled);
    let done = RefundStatus::Done;
    assert_eq!(refunds(&found), [(asked, done, 2 * PRICE - 100), (cancelled, done, 100)]);
    assert_eq!(w.bank.card.charge(paid.id).unwrap().refunded, tenge(2 * PRICE));
    assert!(w.jobs("refund_payment").await.is_empty());
    w.assert_sound("all of it").await;
}

#[tokio::test]
async fn a_refund_whose_answer_is_lost_happens_once() {
    let w = World::connected().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    ask_back(&w, paid.id, Some(tenge(100))).await;
    w.bank.card.lose_next(3);
    for _ in 0..6 {
        w.pass(HOUR / 60).await;
    }
    assert_eq!(refunds(&w.payment(paid.id).await), [(RefundCause::Requested, RefundStatus::Done, 100)]);
    assert_eq!(w.bank.card.charge(paid.id).unwrap().refunded, tenge(100));
    assert_eq!(w.wire.sent_of("payment.refunded").len(), 1);
    w.assert_sound("once").await;
}

#[tokio::test]
async fn a_provider_that_is_away_for_an_hour_gives_back_afterwards() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    cancel(&w, &organizer(), &paid).await;
    w.bank.card.fail_next((0..8).map(|_| ProviderError::Unreachable("500".to_owned())));
    for _ in 0..12 {
        w.pass(HOUR / 6).await;
    }
    assert_eq!(w.payment(paid.id).await.refunded, tenge(2 * PRICE));
    w.assert_sound("back again").await;
}

#[tokio::test]
async fn a_provider_that_stays_away_leaves_the_refund_to_people() {
    let w = World::new().await;
    let (e, _, paid) = w.paid_by_card(&attendee()).await;
    cancel(&w, &organizer(), &paid).await;
    let attempts = eventify_core::Settings::default().job_attempts_max;
    w.bank.card.fail_next((0..attempts).map(|_| ProviderError::Unreachable("500".to_owned())));
    for _ in 0..attempts + 2 {
        w.pass(HOUR).await;
    }
    let found = w.payment(paid.id).await;
    assert_eq!(
        (found.refunds[0].status, found.attention),
        (RefundStatus::Failed, vec![Attention::RefundFailed])
    );
    assert!(found.refunds[0].error.as_ref().unwrap().contains("may have been made"));
    let page = PageRequest::default();
    let listed = w.eventify.payments().attention_of_event(&organizer(), e, &page).await.unwrap();
    assert_eq!(listed.data.iter().map(|p| p.id).collect::<Vec<_>>(), [paid.id]);
    assert_eq!(w.eventify.payments().attention(&admin(), &page).await.unwrap().data.len(), 1);
    w.assert_sound("owed").await;
    w.eventify.payments().retry_refund(&organizer(), paid.id, found.refunds[0].id).await.unwrap();
    w.assert_sound("tried again").await;
    w.run_jobs().await;
    let found = w.payment(paid.id).await;
    assert_eq!((found.refunded, found.attention.len()), (tenge(2 * PRICE), 0));
    assert!(w.eventify.payments().attention(&admin(), &page).await.unwrap().data.is_empty());
    w.assert_sound("given back").await;
}

#[tokio::test]
async fn a_refund_that_failed_does_not_hold_up_the_next() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    ask_back(&w, paid.id, Some(tenge(100))).await;
    cancel(&w, &organizer(), &paid).await;
    w.bank.card.fail_next([ProviderError::Refused("not now".to_owned())]);
    w.run_jobs().await;
    let found = w.payment(paid.id).await;
    let states: Vec<RefundStatus> = found.refunds.iter().map(|r| r.status).collect();
    assert_eq!(states, [RefundStatus::Failed, RefundStatus::Done]);
    w.assert_sound("one of two").await;
}

#[tokio::test]
async fn a_cancelled_event_gives_back_everything_to_everybody() {
    let w = World::new().await;
    let e = w.published().await;
    let of = w.paid(e, 1_000, 700).await;
    let mut payments = Vec::new();
    for n in 0..230 {
        let held = w.eventify.bookings().hold(&someone(n), lines(e, &[(of, 1)])).await.unwrap();
        let started = w.eventify.payments().start(&someone(n), pay(held.id, "memory")).await.unwrap();
        w.bank.card.settle(started.id, ChargeStatus::Succeeded);
        // A few whose money comes when everything is over.
        if n % 50 != 7 {
            w.call_back(started.id).await;
        }
        payments.push(started.id);
    }
    w.cancel_event(e).await;
    // In the middle of it, whatever happened is whole.
    w.eventify.jobs().run_due().await.unwrap();
    w.assert_sound("on the way").await;
    for _ in 0..30 {
        w.pass(HOUR / 6).await;
    }
    let all = w.everything().await;
    assert_eq!(all.of::<Payment>().filter(|p| p.refunded() == tenge(700)).count(), 230);
    let charges = w.bank.card.charges();
    assert!(charges.iter().all(|(_, charge)| charge.refunded == tenge(700)));
    let report = w.eventify.payments().report(&organizer(), e, LedgerPeriod::default()).await.unwrap();
    assert_eq!(report.sums.len(), 1);
    let sum = &report.sums[0];
    assert_eq!((sum.charges, sum.refunds), (230, 230));
    assert_eq!((sum.charged_minor, sum.refunded_minor, sum.net_minor), (161_000, 161_000, 0));
    w.assert_sound("over").await;
}

#[tokio::test]
async fn money_taken_by_hand_is_paid_out_by_hand() {
    let w = World::new().await;
    let (e, t, held) = w.unpaid(&attendee()).await;
    w.eventify.bookings().confirm(&organizer(), held.id).await.unwrap();
    let payments = w.eventify.payments();
    let paid = payments.of_booking(&attendee(), held.id).await.unwrap().remove(0);
    assert_eq!((paid.provider.as_str(), paid.status), ("offline", PaymentStatus::Succeeded));
    w.assert_sound("paid at the box office").await;
    cancel(&w, &attendee(), &paid).await;
    w.run_jobs().await;
    let owed = w.payment(paid.id).await;
    assert_eq!((owed.refunds[0].status, owed.attention), (RefundStatus::Due, vec![Attention::PayOut]));
    assert!(w.jobs("refund_payment").await.is_empty());
    w.assert_sound("to be paid out").await;
    let out = SettleByHand { refund_id: Some(owed.refunds[0].id) };
    payments.settle_by_hand(&organizer(), paid.id, out).await.unwrap();
    let done = w.payment(paid.id).await;
    assert_eq!((done.refunded, done.attention.len()), (tenge(2 * PRICE), 0));
    assert!(w.told(&attendee()).await.iter().any(|n| n.fact == FactName::PaymentRefunded));
    assert_eq!(w.counted(e, t).await, (10, 0, 0));
    w.assert_sound("paid out").await;
}

#[tokio::test]
async fn what_goes_back_outside_settles_the_refund_of_that_amount() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    for amount in [100, 300] {
        ask_back(&w, paid.id, Some(tenge(amount))).await;
        w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
        w.run_jobs().await;
    }
    w.bank.card.change(paid.id, |charge| charge.refunded = tenge(300));
    w.call_back(paid.id).await;
    let found = w.payment(paid.id).await;
    let asked = RefundCause::Requested;
    assert_eq!(refunds(&found), [(asked, RefundStatus::Failed, 100), (asked, RefundStatus::Done, 300)]);
    assert_eq!(found.attention, [Attention::RefundFailed]);
    w.assert_sound("one of two").await;
}

#[tokio::test]
async fn what_the_provider_gave_back_is_not_paid_out_by_saying_so() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    ask_back(&w, paid.id, Some(tenge(100))).await;
    w.run_jobs().await;
    w.mark().await;
    let out = SettleByHand { refund_id: Some(w.payment(paid.id).await.refunds[0].id) };
    let said = w.eventify.payments().settle_by_hand(&organizer(), paid.id, out).await.unwrap_err();
    assert_eq!(said.reason(), Reason::RefundNotFailed);
    w.assert_unchanged("it was made already").await;
}

#[tokio::test]
async fn what_is_paid_at_the_desk_waits_for_the_desk() {
    let w = World::new().await;
    let (e, t, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "desk").await;
    assert_eq!(payment.status, PaymentStatus::Pending);
    // Marking the booking paid is what was meant.
    w.eventify.bookings().confirm(&organizer(), held.id).await.unwrap();
    let all = w.eventify.payments().of_booking(&organizer(), held.id).await.unwrap();
    assert_eq!(
        all.iter().map(|p| (p.id, p.status)).collect::<Vec<_>>(),
        [(payment.id, PaymentStatus::Succeeded)]
    );
    assert!(w.jobs("watch_payment").await.is_empty());
    // And the other way round, late.
    let second = w.hold(&attendee(), e, t, 1).await;
    let late = w.pay(&attendee(), second.id, "desk").await;
    w.pass(3 * DAY - HOUR).await;
    assert_eq!(w.booking(second.id).await.status, BookingStatus::Held, "whoever pays by hand has days");
    w.pass(2 * HOUR).await;
    assert_eq!(w.payment(late.id).await.status, PaymentStatus::Expired);
    assert!(w.jobs("watch_payment").await.is_empty());
    for _ in 0..2 {
        w.eventify.payments().settle_by_hand(&organizer(), late.id, SettleByHand::default()).await.unwrap();
    }
    assert_eq!(w.booking(second.id).await.status, BookingStatus::Confirmed);
    w.assert_sound("at the desk").await;
}

#[tokio::test]
async fn money_for_a_booking_that_the_desk_took_goes_back() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    w.eventify.bookings().confirm(&organizer(), held.id).await.unwrap();
    w.card(payment.id, ChargeStatus::Succeeded).await;
    w.run_jobs().await;
    let back = w.payment(payment.id).await;
    assert_eq!(refunds(&back), [(RefundCause::PaidTwice, RefundStatus::Done, 2 * PRICE)]);
    w.assert_sound("card and desk").await;
}

#[tokio::test]
async fn what_goes_back_outside_is_written_down_and_looked_at() {
    let w = World::new().await;
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    ask_back(&w, paid.id, Some(tenge(100))).await;
    // While one of ours is on its way, nobody can tell.
    w.bank.card.change(paid.id, |charge| charge.refunded = tenge(70));
    w.call_back(paid.id).await;
    assert_eq!(w.payment(paid.id).await.refunds.len(), 1);
    w.run_jobs().await;
    w.call_back(paid.id).await;
    w.call_back(paid.id).await;
    let found = w.payment(paid.id).await;
    let done = RefundStatus::Done;
    assert_eq!(refunds(&found), [(RefundCause::Requested, done, 100), (RefundCause::Outside, done, 70)]);
    assert_eq!(found.attention, [Attention::RefundedOutside]);
    w.assert_sound("outside").await;
    // A report from before is no news.
    w.bank.card.change(paid.id, |charge| charge.refunded = tenge(100));
    w.call_back(paid.id).await;
    assert_eq!(w.payment(paid.id).await.refunded, tenge(170));
}

#[tokio::test]
async fn what_we_owe_is_settled_by_what_goes_back_outside() {
    for (outside, states, left) in [
        (2 * PRICE, vec![(RefundCause::BookingCancelled, RefundStatus::Done, 2 * PRICE)], vec![]),
        (
            100,
            vec![
                (RefundCause::BookingCancelled, RefundStatus::Failed, 2 * PRICE - 100),
                (RefundCause::BookingCancelled, RefundStatus::Done, 100),
            ],
            vec![Attention::RefundFailed, Attention::RefundedOutside],
        ),
    ] {
        let w = World::new().await;
        let (_, _, paid) = w.paid_by_card(&attendee()).await;
        cancel(&w, &organizer(), &paid).await;
        w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
        w.run_jobs().await;
        w.bank.card.change(paid.id, |charge| charge.refunded = tenge(outside));
        w.call_back(paid.id).await;
        let found = w.payment(paid.id).await;
        assert_eq!((refunds(&found), found.attention), (states, left));
        w.assert_sound("settled outside").await;
    }
}

#[tokio::test]
async fn who_paid_gets_the_money_whoever_has_the_ticket() {
    let w = World::new().await;
    let (ada, bob) = (w.verified("Ada").await, w.verified("Bob").await);
    let (_, _, paid) = w.paid_by_card(&ada).await;
    let code = w.eventify.bookings().get(&ada, paid.booking_id).await.unwrap().tickets[0].code.clone();
    let to_bob = OfferTicket { email: email_of("Bob") };
    let offer = w.eventify.transfers().offer(&ada, &code, to_bob).await.unwrap();
    w.eventify.transfers().accept(&bob, offer.id).await.unwrap();
    let refused = w.eventify.bookings().cancel(&ada, paid.booking_id).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::TicketTransferred);
    cancel(&w, &organizer(), &paid).await;
    w.run_jobs().await;
    let back = w.payment(paid.id).await;
    assert_eq!((back.refunded, back.user_id), (tenge(2 * PRICE), id_of(&ada)));
    for (who, count) in [(&ada, 1), (&bob, 0)] {
        let told = w.told(who).await;
        assert_eq!(told.iter().filter(|n| n.fact == FactName::PaymentRefunded).count(), count, "{who:?}");
    }
    w.assert_sound("transferred").await;
}

#[tokio::test]
async fn fees_and_periods_are_in_the_report() {
    let w = World::new().await;
    let (e, t, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    let began = w.now();
    w.card(payment.id, ChargeStatus::Succeeded).await;
    // The fee is known later, and once.
    for fee in [900, 900, 1_000] {
        w.bank.card.change(payment.id, |charge| charge.fee = Some(tenge(fee)));
        w.call_back(payment.id).await;
    }
    w.pass(DAY).await;
    let second = w.hold(&attendee(), e, t, 1).await;
    w.eventify.bookings().confirm(&organizer(), second.id).await.unwrap();
    let payments = w.eventify.payments();
    let whole = payments.report(&organizer(), e, LedgerPeriod::default()).await.unwrap();
    let sums: Vec<(&str, i64)> = whole.sums.iter().map(|s| (s.provider.as_str(), s.net_minor)).collect();
    assert_eq!(sums, [("memory", 2 * PRICE - 900), ("offline", PRICE)]);
    let first_day = LedgerPeriod { from: Some(began), to: Some(began.plus(DAY)) };
    let part = payments.report(&organizer(), e, first_day).await.unwrap();
    assert_eq!((part.sums.len(), part.sums[0].fees_minor), (1, 900));
    let page = PageRequest::default();
    let entries = payments.ledger(&organizer(), e, first_day, &page).await.unwrap().data;
    let kinds: Vec<LedgerKind> = entries.iter().map(|entry| entry.kind).collect();
    assert!(kinds.len() == 2 && kinds.contains(&LedgerKind::Charge) && kinds.contains(&LedgerKind::Fee));
    let later = LedgerPeriod { from: Some(began.plus(DAY)), to: None };
    assert_eq!(payments.ledger(&organizer(), e, later, &page).await.unwrap().data.len(), 1);
    assert_eq!(w.everything().await.of::<LedgerEntry>().count(), 3);
    let mut export = w.eventify.exports().ledger(&organizer(), e).await.unwrap();
    let taken = w.eventify.exports().next_ledger(&mut export).await.unwrap().unwrap();
    assert_eq!((taken.len(), taken.last().unwrap().provider.as_str()), (3, "offline"));
    assert!(w.eventify.exports().next_ledger(&mut export).await.unwrap().is_none());
    assert_eq!(w.actions("ledger.exported").await, 1);
    w.assert_sound("fees").await;
}

#[tokio::test]
async fn with_payments_off_money_is_somebody_elses_business() {
    let mut settings = eventify_core::Settings::default();
    settings.payments = eventify_core::PaymentPolicy::Off;
    let w = World::with(settings).await;
    let e = w.published().await;
    let of = w.paid(e, 10, PRICE).await;
    let bought = w.buy(&attendee(), e, of, 2).await;
    let held = w.hold(&attendee(), e, of, 1).await;
    w.eventify.bookings().confirm(&attendee(), held.id).await.unwrap();
    assert_eq!(w.everything().await.of::<Payment>().count(), 0);
    let refused = w.try_to_pay(&attendee(), held.id, "memory").await.unwrap_err();
    assert_eq!(refused.reason(), Reason::PaymentNotNeeded);
    w.eventify.bookings().cancel(&attendee(), bought.booking.id).await.unwrap();
    w.assert_sound("elsewhere").await;
}
