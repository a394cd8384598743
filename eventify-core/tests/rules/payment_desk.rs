//! Paying by hand: how long people have for it, and what becomes of money that comes later.

use std::time::Duration;

use eventify_core::booking::BookingStatus;
use eventify_core::event::CreateEvent;
use eventify_core::notification::{FactName, Notification};
use eventify_core::payment::{
    Attention, LedgerEntry, LedgerKind, PaymentStatus, PaymentView, RefundCause, RefundStatus, SettleByHand,
};
use eventify_core::waitlist::JoinWaitlist;
use eventify_core::{PageRequest, PaymentId, Settings};

use crate::common::*;

async fn settled(w: &World, id: PaymentId) -> PaymentView {
    let said = w.eventify.payments().settle_by_hand(&organizer(), id, SettleByHand::default()).await;
    w.mark().await;
    said.unwrap().into_inner()
}

/// A payment at the desk for everything there is, whose time is over, and the seats of which somebody else has if they are `gone`.
async fn late(w: &World, gone: bool) -> PaymentView {
    let (e, t, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "desk").await;
    w.pass(3 * DAY + HOUR).await;
    if gone {
        w.hold(&other_attendee(), e, t, 10).await;
    }
    let late = w.payment(payment.id).await;
    assert_eq!(late.status, PaymentStatus::Expired);
    late
}

/// There are no tickets to say it, and nothing goes back by itself.
async fn says_who_hands_it_back(w: &World) {
    let all = w.everything().await;
    let told: Vec<_> =
        all.of::<Notification>().filter(|one| one.fact == FactName::PaymentSucceeded).collect();
    assert_eq!(told.len(), 1);
    for (language, title, body) in [
        ("en", "came too late", "The organizer hands it back to you."),
        ("ru", "поступил слишком поздно", "Деньги вернёт организатор."),
        ("kk", "тым кеш түсті", "Ақшаны ұйымдастырушы қайтарып береді."),
    ] {
        let said = w.eventify.texts().say(&language.parse().unwrap(), told[0].words.as_ref().unwrap());
        assert!(
            said.title.contains("Concert") && said.title.contains(title) && said.body.ends_with(body),
            "{said:?}"
        );
    }
}

#[tokio::test]
async fn who_pays_by_hand_has_days_and_never_longer_than_until_the_start() {
    let (minute, usual) = (Duration::from_secs(60), 3 * DAY);
    for (how, set, starts_in, has) in [
        ("desk", None, 10 * DAY, usual),
        ("desk", None, 3 * DAY, usual),
        ("desk", None, 3 * DAY - minute, 3 * DAY - minute),
        ("desk", None, HOUR, HOUR),
        ("desk", Some(DAY), 10 * DAY, DAY),
        ("desk", Some(Duration::ZERO), 10 * DAY, 15 * minute),
        ("desk", Some(400 * DAY), 300 * DAY, 90 * DAY),
        ("memory", None, 10 * DAY, 30 * minute),
    ] {
        let case = format!("{how}: {set:?} of {starts_in:?}");
        let mut settings = Settings::default();
        settings.payment_by_hand_for = set.unwrap_or(settings.payment_by_hand_for);
        let w = World::with(settings).await;
        let (starts_at, ends_at) = (w.now().plus(starts_in), w.now().plus(starts_in + HOUR));
        let times = CreateEvent { starts_at: Some(starts_at), ends_at: Some(ends_at), ..w.concert() };
        let e = w.draft_of(times).await;
        w.publish(e).await;
        let t = w.paid(e, 10, PRICE).await;
        let held = w.hold(&attendee(), e, t, 1).await;
        let began = w.now();
        let payment = w.pay(&attendee(), held.id, how).await;
        assert_eq!(payment.expires_at, began.plus(has), "{case}");
        assert_eq!(w.booking(held.id).await.expires_at, Some(payment.expires_at), "{case}");
        w.assert_sound(&case).await;
    }
}

/// Others wait for those seats, too.
#[tokio::test]
async fn what_a_waitlist_offered_is_held_by_hand_no_longer_than_for_a_card() {
    let minute = Duration::from_secs(60);
    for (offered_for, how, has) in [
        (DAY, "memory", DAY),
        (DAY, "desk", DAY),
        (10 * minute, "memory", 30 * minute),
        (10 * minute, "desk", 30 * minute),
    ] {
        let mut settings = Settings::default();
        settings.waitlist_offer_for = offered_for;
        let w = World::with(settings).await;
        let (e, t, _) = w.unpaid(&attendee()).await;
        w.hold(&other_attendee(), e, t, 8).await;
        w.eventify.waitlists().join(&someone(1), e, t, JoinWaitlist { quantity: 1 }).await.unwrap();
        w.pass(16 * minute).await;
        let own = w.eventify.bookings().mine(&someone(1), &PageRequest::default()).await.unwrap().data;
        assert!(own.len() == 1 && own[0].from_waitlist, "{own:?}");
        let payment = w.pay(&someone(1), own[0].id, how).await;
        assert_eq!(payment.expires_at, w.now().plus(has), "{how} of {offered_for:?}");
        assert_eq!(w.booking(own[0].id).await.expires_at, Some(payment.expires_at));
        w.assert_sound(how).await;
    }
}

#[tokio::test]
async fn money_in_the_desk_for_seats_that_are_gone_is_to_be_paid_out() {
    let w = World::connected().await;
    let late = late(&w, true).await;
    for _ in 0..2 {
        let taken = settled(&w, late.id).await;
        assert_eq!((taken.status, taken.received), (PaymentStatus::Succeeded, Some(late.amount)));
        assert_eq!(taken.attention, [Attention::PayOut]);
        let owed: Vec<_> = taken.refunds.iter().map(|r| (r.cause, r.status, r.amount)).collect();
        assert_eq!(owed, [(RefundCause::TooLate, RefundStatus::Due, late.amount)]);
    }
    assert_eq!(w.booking(late.booking_id).await.status, BookingStatus::Expired);
    assert!(w.jobs("refund_payment").await.is_empty(), "nobody but people pays it out");
    w.run_jobs().await;
    assert_eq!(w.wire.sent_of("payment.succeeded").len(), 1);
    says_who_hands_it_back(&w).await;
    w.assert_sound("owed").await;
    let out = SettleByHand { refund_id: Some(w.payment(late.id).await.refunds[0].id) };
    w.eventify.payments().settle_by_hand(&organizer(), late.id, out).await.unwrap();
    let done = w.payment(late.id).await;
    assert_eq!((done.refunded, done.attention), (late.amount, vec![]));
    let all = w.everything().await;
    let mut moved: Vec<_> = all.of::<LedgerEntry>().map(|entry| (entry.kind, entry.amount)).collect();
    moved.sort_unstable_by_key(|(kind, _)| *kind);
    assert_eq!(moved, [(LedgerKind::Charge, late.amount), (LedgerKind::Refund, late.amount)]);
    w.assert_sound("paid out").await;
}

#[tokio::test]
async fn money_in_the_desk_takes_seats_anew_that_are_still_there() {
    let w = World::new().await;
    let late = late(&w, false).await;
    let taken = settled(&w, late.id).await;
    assert_eq!((taken.refunds.len(), taken.attention.len()), (0, 0));
    assert_eq!(w.booking(late.booking_id).await.status, BookingStatus::Confirmed);
    w.assert_sound("sold").await;
}

#[tokio::test]
async fn money_in_the_desk_of_an_event_that_is_over_is_to_be_paid_out() {
    let w = World::new().await;
    let late = late(&w, false).await;
    w.pass(10 * DAY).await;
    let taken = settled(&w, late.id).await;
    assert_eq!((taken.attention, taken.refunds[0].cause), (vec![Attention::PayOut], RefundCause::TooLate));
    says_who_hands_it_back(&w).await;
    w.assert_sound("owed").await;
}
