//! Many who want to pay at once, and a provider that takes its time.

use std::time::Duration;

use eventify_core::event::UpdateEvent;
use eventify_core::payment::{ChargeStatus, OtherCharge, Payment, PaymentStatus, PaymentView, ProviderError};
use eventify_core::{Actor, BookingId, Error, Eventify, Reason};
use tokio::task::JoinHandle;

use crate::common::*;

/// Somebody begins to pay by card, and waits for the answer.
pub fn begins(engine: &Eventify, who: Actor, booking: BookingId) -> JoinHandle<Result<PaymentView, Error>> {
    let engine = engine.clone();
    tokio::spawn(async move {
        let begun = engine.payments().start(&who, pay(booking, "memory")).await?;
        Ok(begun.into_inner())
    })
}

/// Until so many calls that begin a charge are at the provider.
pub async fn until_at_provider(w: &World, count: usize) {
    while w.bank.card.came() < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn of_all_tabs_one_has_the_charge_made() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.bank.card.hold();
    let tabs: Vec<_> = (0..5).map(|_| begins(&w.eventify, attendee(), held.id)).collect();
    until_at_provider(&w, 1).await;
    // Nor does the job that goes on with what was left undone.
    w.clock.advance(Duration::from_secs(30));
    w.run_jobs().await;
    w.bank.card.let_through(1);
    let mut answers = Vec::new();
    for tab in tabs {
        let payment = tab.await.unwrap().unwrap();
        answers.push((payment.id, payment.status, payment.redirect_url.is_some()));
    }
    assert_eq!(answers, [(answers[0].0, PaymentStatus::Pending, true); 5]);
    assert_eq!((w.bank.card.came(), w.bank.card.charges().len()), (1, 1));
    w.assert_sound("five tabs").await;
}

/// Another process asks for the same charge at the same time, and the provider refuses that one: who was told by the first is on its page.
#[tokio::test]
async fn a_second_start_that_is_refused_takes_nothing_from_the_first() {
    let w = World::new().await;
    let (_, _, held) = w.unpaid(&attendee()).await;
    let builder = Eventify::builder_over(w.store.clone()).clock(w.clock.clone());
    let other = builder.payment_provider(w.bank.card.clone()).without_worker().start().await.unwrap();
    w.bank.card.hold();
    let first = begins(&w.eventify, attendee(), held.id);
    until_at_provider(&w, 1).await;
    let second = begins(&other, attendee(), held.id);
    until_at_provider(&w, 2).await;
    w.bank.card.let_through(1);
    let told = first.await.unwrap().unwrap();
    w.bank.card.fail_next([ProviderError::Refused("it is begun already".to_owned())]);
    w.bank.card.let_through(1);
    let refused = second.await.unwrap().unwrap();
    assert_eq!((refused.id, refused.status), (told.id, PaymentStatus::Pending));
    assert_eq!((refused.redirect_url.clone(), told.redirect_url.is_some()), (told.redirect_url, true));
    assert_eq!(w.payment(told.id).await.status, PaymentStatus::Pending);
    w.assert_sound("refused beside").await;
    other.shut_down().await;
}

/// What becomes of two charges of one payment.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Paid {
    Neither,
    First,
    Second,
    Both,
    /// Before the second was begun.
    FirstAtOnce,
    /// The same, and the second afterwards.
    BothAtOnce,
}

/// Two processes begin a payment at the same time with a provider that knows no keys, and nobody calls back.
#[tokio::test]
async fn of_two_charges_that_are_begun_at_the_same_time_none_is_lost() {
    for paid in [Paid::Neither, Paid::First, Paid::Second, Paid::Both, Paid::FirstAtOnce, Paid::BothAtOnce] {
        let w = World::new().await;
        let (_, _, held) = w.unpaid(&attendee()).await;
        let builder = Eventify::builder_over(w.store.clone()).clock(w.clock.clone());
        let other = builder.payment_provider(w.bank.card.clone()).without_worker().start().await.unwrap();
        w.bank.card.know_no_keys();
        w.bank.card.hold();
        let first = begins(&w.eventify, attendee(), held.id);
        until_at_provider(&w, 1).await;
        let second = begins(&other, attendee(), held.id);
        until_at_provider(&w, 2).await;
        w.bank.card.let_through(1);
        let told = first.await.unwrap().unwrap();
        if matches!(paid, Paid::FirstAtOnce | Paid::BothAtOnce) {
            w.bank.card.settle(told.id, ChargeStatus::Succeeded);
            w.call_back(told.id).await;
        }
        w.bank.card.let_through(1);
        let shown = second.await.unwrap().unwrap();
        assert_eq!(shown.id, told.id, "{paid:?}");
        if paid == Paid::Neither {
            assert_eq!(shown.redirect_url, told.redirect_url, "one page for both");
        }
        let named = format!("memory-{}-0", told.id);
        assert_eq!(
            w.stored_payment(told.id).await.other,
            Some(OtherCharge::Named(named.clone())),
            "{paid:?}"
        );
        w.assert_sound("two are begun").await;
        if matches!(paid, Paid::First | Paid::Both) {
            w.bank.card.settle(told.id, ChargeStatus::Succeeded);
        }
        if matches!(paid, Paid::Second | Paid::Both | Paid::BothAtOnce) {
            w.bank.card.change_double(&named, |charge| charge.status = ChargeStatus::Succeeded);
        }
        w.pass(Duration::from_secs(60)).await;
        assert!(w.bank.card.released().is_empty(), "{paid:?}");
        w.pass(6 * HOUR).await;
        // What is held for either is its payer's again.
        assert_eq!(w.bank.card.released().len(), if paid == Paid::Neither { 2 } else { 0 }, "{paid:?}");
        // As long as money may be late.
        for _ in 0..4 * 8 {
            w.pass(6 * HOUR).await;
        }
        let found = w.payment(told.id).await;
        let came = paid != Paid::Neither;
        assert_eq!(
            found.status,
            if came { PaymentStatus::Succeeded } else { PaymentStatus::Expired },
            "{paid:?}"
        );
        let all = w.eventify.payments().of_booking(&organizer(), held.id).await.unwrap();
        let doubles: Vec<_> =
            all.iter().filter(|one| one.double_of.is_some()).map(|one| one.refunded).collect();
        let is_twice = matches!(paid, Paid::Both | Paid::BothAtOnce);
        assert_eq!(doubles, if is_twice { vec![tenge(2 * PRICE)] } else { vec![] }, "{paid:?}");
        assert_eq!(w.stored_payment(told.id).await.other, None, "{paid:?}");
        assert!(w.jobs("watch_payment").await.is_empty(), "{paid:?}");
        w.assert_sound("in the end").await;
        other.shut_down().await;
    }
}

#[tokio::test]
async fn a_crowd_before_a_slow_provider_is_bounded() {
    const PLACES: u8 = 64;
    let w = World::new().await;
    let event = w.published().await;
    let of = w.paid(event, 200, PRICE).await;
    let buyer = |n: u8| person(100 + n, eventify_core::Role::Attendee);
    let mut held = Vec::new();
    for n in 0..=PLACES {
        held.push(w.hold(&buyer(n), event, of, 1).await.id);
    }
    w.bank.card.hold();
    let begun: Vec<_> = (0..PLACES).map(|n| begins(&w.eventify, buyer(n), held[usize::from(n)])).collect();
    until_at_provider(&w, usize::from(PLACES)).await;
    let last = (buyer(PLACES), held[usize::from(PLACES)]);
    let refused = w.try_to_pay(&last.0, last.1, "memory").await.unwrap_err();
    assert_eq!((refused.reason(), refused.is_retryable()), (Reason::Overloaded, true));
    assert!(refused.retry_after().is_some());
    // Another way to pay is another crowd.
    w.pay(&last.0, last.1, "transfer").await;
    w.bank.card.let_through(usize::from(PLACES) + 1);
    for one in begun {
        assert_eq!(one.await.unwrap().unwrap().status, PaymentStatus::Pending);
    }
    let again = w.pay(&last.0, last.1, "memory").await;
    assert_eq!(refused.details()["payment_id"], again.id.to_string(), "it goes on with the same payment");
    assert_eq!(w.everything().await.of::<Payment>().count(), usize::from(PLACES) + 2);
    w.assert_sound("a crowd").await;
}

/// A provider takes the same words only for the same charge.
#[tokio::test]
async fn a_charge_is_asked_for_again_in_the_same_words() {
    let w = World::new().await;
    let (e, _, held) = w.unpaid(&attendee()).await;
    w.bank.card.lose_next(1);
    w.try_to_pay(&attendee(), held.id, "memory").await.unwrap_err();
    w.update_event(e, UpdateEvent { title: Some("Another title".to_owned()), ..UpdateEvent::default() })
        .await;
    let payment = w.pay(&attendee(), held.id, "memory").await;
    assert_eq!((payment.status, w.bank.card.charges().len()), (PaymentStatus::Pending, 1));
    let stored = w.stored_payment(payment.id).await;
    assert!(!stored.description.is_empty() && stored.description != "Another title");
}
