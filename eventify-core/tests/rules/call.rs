//! Idempotency keys: the same request happens once, another one under the same key is refused.

use eventify_core::booking::{BookingView, HoldTickets};
use eventify_core::ticket::Scan;
use eventify_core::{Answer, Call, Error, EventId, Reason, TicketTypeId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn keys() -> Vec<Row> {
    rows! {
        "a key of 255 bytes" => [] |w| keyed(w, &"k".repeat(255)).await;
        "a key of 256 bytes" => [InvalidValue] |w| keyed(w, &"k".repeat(256)).await;
        "an empty key" => [InvalidValue] |w| keyed(w, "").await;
        "a key with a line break" => [InvalidValue] |w| keyed(w, "a\nb").await;
        "a key with a NUL" => [InvalidValue] |w| keyed(w, "a\0b").await;
        "a key of a megabyte" => [InvalidValue] |w| keyed(w, &"k".repeat(1_000_000)).await;
        "a key of emoji" => [] |w| keyed(w, "🎫🎫🎫").await;
        "another quantity under the same key" => [IdempotencyKeyReused] |w| {
            let (e, t) = w.sale(10).await;
            hold(w, &once(), lines(e, &[(t, 1)])).await?;
            w.mark().await;
            hold(w, &once(), lines(e, &[(t, 2)])).await
        };
        "another operation under the same key" => [IdempotencyKeyReused] |w| {
            let (e, t) = w.sale(10).await;
            let held = hold(w, &once(), lines(e, &[(t, 1)])).await?.id;
            w.mark().await;
            w.eventify.bookings().confirm(once(), held).await
        };
        "a purchase under a hold's key" => [IdempotencyKeyReused] |w| {
            let (e, t) = w.sale(10).await;
            hold(w, &once(), lines(e, &[(t, 1)])).await?;
            w.mark().await;
            w.eventify.bookings().buy(once(), lines(e, &[(t, 1)])).await
        };
        "somebody else's key" => [] |w| {
            let (e, t) = w.sale(10).await;
            hold(w, &once(), lines(e, &[(t, 1)])).await?;
            hold(w, &other_attendee().with_idempotency_key("once"), lines(e, &[(t, 2)])).await
        };
    }
}

fn once() -> Call {
    attendee().with_idempotency_key("once")
}

async fn hold(w: &World, call: &Call, request: HoldTickets) -> Result<Answer<BookingView>, Error> {
    w.eventify.bookings().hold(call, request).await
}

async fn keyed(w: &World, key: &str) -> Result<Answer<BookingView>, Error> {
    let (e, t) = w.sale(10).await;
    hold(w, &attendee().with_idempotency_key(key), lines(e, &[(t, 1)])).await
}

#[tokio::test]
async fn idempotency_keys_have_rules() {
    run(keys()).await;
}

async fn sale() -> (World, EventId, TicketTypeId) {
    let w = World::new().await;
    let (e, t) = w.sale(10).await;
    (w, e, t)
}

#[tokio::test]
async fn the_same_request_again_gets_the_first_answer_again() {
    let (w, e, t) = sale().await;
    let first = hold(&w, &once(), lines(e, &[(t, 2)])).await.unwrap();
    assert!(!first.is_replayed());
    w.pass(HOUR).await;
    let again = hold(&w, &once(), lines(e, &[(t, 2)])).await.unwrap();
    assert!(again.is_replayed());
    assert_eq!(again.clone().into_inner(), first.into_inner(), "also when the hold is over by now");
    assert_eq!(w.counted(e, t).await, (10, 0, 0));
}

#[tokio::test]
async fn two_at_once_happen_once() {
    let (w, e, t) = sale().await;
    let (one, two) = (once(), once());
    let (one, two) = tokio::join!(hold(&w, &one, lines(e, &[(t, 2)])), hold(&w, &two, lines(e, &[(t, 2)])));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.id, two.id);
    assert!(one.is_replayed() != two.is_replayed());
    assert_eq!(w.counted(e, t).await, (10, 0, 2));
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let (w, e, t) = sale().await;
    let all = w.buy(&other_attendee(), e, t, 10).await.booking.id;
    let error = hold(&w, &once(), lines(e, &[(t, 2)])).await.unwrap_err();
    assert_eq!(error.reason(), Reason::SoldOut);
    w.eventify.bookings().cancel(&other_attendee(), all).await.unwrap();
    let held = hold(&w, &once(), lines(e, &[(t, 2)])).await.unwrap();
    assert!(!held.is_replayed());
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let (w, e, t) = sale().await;
    let first = hold(&w, &once(), lines(e, &[(t, 1)])).await.unwrap().id;
    w.clock.advance(DAY - std::time::Duration::from_micros(1));
    assert_eq!(hold(&w, &once(), lines(e, &[(t, 1)])).await.unwrap().id, first);
    w.clock.advance(std::time::Duration::from_micros(1));
    let second = hold(&w, &once(), lines(e, &[(t, 1)])).await.unwrap();
    assert!(second.id != first && !second.is_replayed());
    w.clock.advance(DAY);
    w.eventify.jobs().sweep().await.unwrap();
    assert_eq!(
        w.everything()
            .await
            .records()
            .iter()
            .filter(|r| format!("{r:?}").contains("IdempotentReply"))
            .count(),
        0
    );
}

#[tokio::test]
async fn confirmations_purchases_and_check_ins_are_repeated_safely() {
    let (w, e, t) = sale().await;
    let held = w.hold(&attendee(), e, t, 1).await.id;
    let bookings = w.eventify.bookings();
    let confirmed = bookings.confirm(once(), held).await.unwrap();
    let again = bookings.confirm(once(), held).await.unwrap();
    assert_eq!((again.is_replayed(), again.into_inner()), (true, confirmed.into_inner()));
    let buy = attendee().with_idempotency_key("buy");
    let bought = bookings.buy(&buy, lines(e, &[(t, 2)])).await.unwrap();
    assert_eq!(bookings.buy(&buy, lines(e, &[(t, 2)])).await.unwrap().tickets, bought.tickets);
    assert_eq!(w.counted(e, t).await, (10, 3, 0));
    let scan = organizer().with_idempotency_key("scan");
    let code = &bought.tickets[0].code;
    let first = w.eventify.tickets().check_in(&scan, code, Scan::default()).await.unwrap();
    let again = w.eventify.tickets().check_in(&scan, code, Scan::default()).await.unwrap();
    assert_eq!((again.is_replayed(), again.into_inner()), (true, first.into_inner()));
    w.assert_sound("repeats").await;
}

#[tokio::test]
async fn a_repeat_is_answered_when_the_event_has_changed_meanwhile() {
    let (w, e, _) = sale().await;
    let request = HoldTickets { seats: Some(2), ..lines(e, &[]) };
    let first = hold(&w, &once(), request.clone()).await.unwrap().id;
    w.free(e, 10).await;
    let again = hold(&w, &once(), request).await.unwrap();
    assert_eq!(again.id, first, "which type was the only one then does not matter any more");
}
