//! Payments: what is refused, and why.

use eventify_core::event::CreateEvent;
use eventify_core::payment::{
    Attention, ChargeStatus, PaymentView, ProviderError, RefundPayment, SettleByHand, StartPayment,
};
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Actor, BookingId, Error, IfMatch, Money, PageRequest, PaymentId, RefundId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn tables() -> Vec<Row> {
    starting().into_iter().chain(refunding()).chain(dismissing()).chain(by_hand()).collect()
}

fn starting() -> Vec<Row> {
    what_is_paid_for().into_iter().chain(how_it_is_paid()).collect()
}

fn what_is_paid_for() -> Vec<Row> {
    rows! {
        "a hold of one's own" => [] |w| start(w, &attendee(), "memory").await;
        "nobody pays" => [NotAuthenticated] |w| start(w, &anonymous(), "memory").await;
        "the app pays" => [NotAuthenticated] |w| start(w, &system(), "memory").await;
        "somebody else's hold" => [BookingNotFound] |w| start(w, &other_attendee(), "memory").await;
        "an organizer pays for somebody" => [BookingNotFound] |w| start(w, &organizer(), "memory").await;
        "an admin pays for somebody" => [BookingNotFound] |w| start(w, &admin(), "memory").await;
        "a booking that is not there" => [BookingNotFound] |w| {
            w.try_to_pay(&attendee(), BookingId::from_bytes([9; 16]), "memory").await
        };
        "a free booking" => [PaymentNotNeeded] |w| {
            let (e, t) = w.sale(10).await;
            let held = w.hold(&attendee(), e, t, 1).await;
            w.try_to_pay(&attendee(), held.id, "memory").await
        };
        "a microsecond before the hold ends" => [] |w| late(w, HOUR / 4 - TICK, false).await;
        "when the hold ends" => [BookingExpired] |w| late(w, HOUR / 4, false).await;
        "a hold that ended" => [BookingExpired] |w| late(w, HOUR / 4, true).await;
        "a hold that was cancelled" => [BookingNotHeld] |w| {
            let (_, _, held) = w.unpaid(&attendee()).await;
            w.eventify.bookings().cancel(&attendee(), held.id).await.unwrap();
            w.mark().await;
            w.try_to_pay(&attendee(), held.id, "memory").await
        };
        "what was paid" => [BookingNotHeld] |w| {
            let (_, _, paid) = w.paid_by_card(&attendee()).await;
            w.try_to_pay(&attendee(), paid.booking_id, "memory").await
        };
        "a cancelled event" => [EventCancelled] |w| {
            let (e, _, held) = w.unpaid(&attendee()).await;
            w.cancel_event(e).await;
            w.try_to_pay(&attendee(), held.id, "memory").await
        };
        "an event that is over" => [EventNotPublished] |w| {
            let (_, _, held) = w.unpaid(&attendee()).await;
            w.pass(11 * DAY).await;
            w.try_to_pay(&attendee(), held.id, "memory").await
        };
    }
}

fn how_it_is_paid() -> Vec<Row> {
    rows! {
        "by the first provider" => [] |w| {
            let (_, _, held) = w.unpaid(&attendee()).await;
            let first = StartPayment { payment_method: None, ..pay(held.id, "") };
            w.eventify.payments().start(&attendee(), first).await
        };
        "by another provider" => [] |w| start(w, &attendee(), "transfer").await;
        "at the desk" => [] |w| start(w, &attendee(), "desk").await;
        "by nobody's provider" => [PaymentMethodUnknown] |w| start(w, &attendee(), "cash").await;
        "a currency that the provider does not take" => [CurrencyNotSupported] |w| in_euro(w, "transfer").await;
        "a currency that the provider takes" => [] |w| in_euro(w, "memory").await;
        "a return address of 2,048 characters" => [] |w| back_to(w, &web(2_048)).await;
        "a return address of 2,049 characters" => [InvalidValue] |w| back_to(w, &web(2_049)).await;
        "a return address that is a script" => [InvalidValue] |w| back_to(w, "javascript:alert(1)").await;
        "a return address with a line break" => [InvalidValue] |w| back_to(w, "https://a.example/\r\nSet-Cookie: a").await;
        "a provider that says no" => [PaymentRefused] |w| {
            w.bank.card.fail_next([ProviderError::Refused("merchant 17 is closed".to_owned())]);
            w.unmark();
            unmarked(w).await
        };
        "a provider that cannot be reached" => [PaymentProviderUnavailable] |w| {
            w.bank.card.fail_next([ProviderError::Unreachable("no route".to_owned())]);
            unmarked(w).await
        };
        "a provider that answers oddly" => [PaymentProviderUnavailable] |w| {
            w.bank.card.fail_next([ProviderError::NotGenuine]);
            unmarked(w).await
        };
        "the 20th payment" => [] |w| failed(w, 19).await;
        "the 21st payment" => [TooManyPayments] |w| failed(w, 20).await;
    }
}

fn refunding() -> Vec<Row> {
    rows! {
        "all of it" => [] |w| refund(w, None).await;
        "a part" => [] |w| refund(w, Some(tenge(1))).await;
        "to the last" => [] |w| refund(w, Some(tenge(2 * PRICE))).await;
        "more than came" => [RefundTooLarge] |w| refund(w, Some(tenge(2 * PRICE + 1))).await;
        "nothing" => [InvalidValue] |w| refund(w, Some(tenge(0))).await;
        "less than nothing" => [InvalidValue] |w| refund(w, Some(tenge(-1))).await;
        "another currency" => [InvalidValue] |w| refund(w, Some(Money::new(1, "EUR".parse().unwrap()))).await;
        "a reason of 201 characters" => [InvalidValue] |w| {
            let (_, _, paid) = w.paid_by_card(&attendee()).await;
            let request = RefundPayment { reason: Some("ж".repeat(201)), ..RefundPayment::default() };
            w.eventify.payments().refund(&organizer(), paid.id, request).await
        };
        "a second one while one is on its way" => [RefundUnderWay] |w| {
            let id = given_back(w, Some(tenge(1))).await;
            ask_back(w, id, Some(tenge(1))).await
        };
        "a second one afterwards" => [] |w| {
            let id = given_back(w, Some(tenge(1))).await;
            w.pass(HOUR).await;
            ask_back(w, id, Some(tenge(2 * PRICE - 1))).await
        };
        "when nothing is left" => [RefundTooLarge] |w| {
            let id = given_back(w, None).await;
            w.pass(HOUR).await;
            ask_back(w, id, None).await
        };
        "what never came" => [PaymentNotSucceeded] |w| {
            let (_, _, held) = w.unpaid(&attendee()).await;
            let id = w.pay(&attendee(), held.id, "memory").await.id;
            ask_back(w, id, None).await
        };
        "a payment that is not there" => [PaymentNotFound] |w| ask_back(w, PaymentId::from_bytes([9; 16]), None).await;
        "a part where only the whole comes back" => [PartialRefundNotSupported] |w| {
            let id = paid_by_transfer(w).await;
            ask_back(w, id, Some(tenge(1))).await
        };
        "the whole where only the whole comes back" => [] |w| {
            let id = paid_by_transfer(w).await;
            ask_back(w, id, None).await
        };
        "the 16th part" => [] |w| parts(w, 15).await;
        "the 17th part" => [TooManyRefunds] |w| parts(w, 16).await;
        "again what did not fail" => [RefundNotFailed] |w| {
            let id = given_back(w, None).await;
            w.pass(HOUR).await;
            let refund = w.payment(id).await.refunds[0].id;
            w.eventify.payments().retry_refund(&organizer(), id, refund).await
        };
        "again what is not there" => [RefundNotFound] |w| {
            let id = given_back(w, None).await;
            w.eventify.payments().retry_refund(&organizer(), id, RefundId::from_bytes([9; 16])).await
        };
    }
}

fn dismissing() -> Vec<Row> {
    rows! {
        "to leave alone what is owed" => [RefundUnderWay] |w| {
            let id = owed(w).await;
            w.eventify.payments().dismiss(&organizer(), id, IfMatch::Any).await
        };
        "to leave alone what is well" => [] |w| {
            let (_, _, paid) = w.paid_by_card(&attendee()).await;
            w.eventify.payments().dismiss(&organizer(), paid.id, IfMatch::Any).await
        };
        "to leave alone what was looked at" => [] |w| {
            let (id, seen) = listed(w).await;
            w.eventify.payments().dismiss(&organizer(), id, seen).await
        };
        "to leave alone what came since as well" => [PreconditionFailed] |w| {
            let (id, seen) = listed(w).await;
            w.bank.card.change(id, |charge| charge.refunded = tenge(100));
            w.call_back(id).await;
            w.eventify.payments().dismiss(&organizer(), id, seen).await
        };
    }
}

/// A payment that somebody has to look at, as it was read.
async fn listed(w: &World) -> (PaymentId, IfMatch) {
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    w.bank.card.change(paid.id, |charge| charge.amount = tenge(4 * PRICE));
    w.call_back(paid.id).await;
    let read = w.eventify.payments().get(&organizer(), paid.id).await.unwrap();
    assert_eq!(read.attention, [Attention::AmountMismatch]);
    (paid.id, IfMatch::Version(read.version()))
}

fn by_hand() -> Vec<Row> {
    rows! {
        "the money is there" => [] |w| {
            let id = at_the_desk(w).await;
            w.eventify.payments().settle_by_hand(&organizer(), id, SettleByHand::default()).await
        };
        "of a card" => [PaymentNotByHand] |w| {
            let (_, _, held) = w.unpaid(&attendee()).await;
            let id = w.pay(&attendee(), held.id, "memory").await.id;
            w.eventify.payments().settle_by_hand(&organizer(), id, SettleByHand::default()).await
        };
        "of a booking that was cancelled" => [BookingNotHeld] |w| {
            let id = at_the_desk(w).await;
            let booking = w.payment(id).await.booking_id;
            w.eventify.bookings().cancel(&attendee(), booking).await.unwrap();
            w.mark().await;
            w.eventify.payments().settle_by_hand(&organizer(), id, SettleByHand::default()).await
        };
        "of a booking that was sold another way" => [BookingNotHeld] |w| {
            let id = at_the_desk(w).await;
            let booking = w.payment(id).await.booking_id;
            let card = w.pay(&attendee(), booking, "memory").await.id;
            w.card(card, ChargeStatus::Succeeded).await;
            w.eventify.payments().settle_by_hand(&organizer(), id, SettleByHand::default()).await
        };
        "of a hold that is over, of a cancelled event" => [EventCancelled] |w| {
            let id = at_the_desk(w).await;
            w.pass(4 * DAY).await;
            w.cancel_event(w.payment(id).await.event_id).await;
            w.eventify.payments().settle_by_hand(&organizer(), id, SettleByHand::default()).await
        };
        "of a cancelled event" => [EventCancelled] |w| {
            let id = at_the_desk(w).await;
            w.cancel_event(w.payment(id).await.event_id).await;
            w.eventify.payments().settle_by_hand(&organizer(), id, SettleByHand::default()).await
        };
        "a refund that is not there" => [RefundNotFound] |w| {
            let id = at_the_desk(w).await;
            let request = SettleByHand { refund_id: Some(RefundId::from_bytes([9; 16])) };
            w.eventify.payments().settle_by_hand(&organizer(), id, request).await
        };
        "a refund that the provider is about" => [RefundUnderWay] |w| {
            let id = given_back(w, None).await;
            let request = SettleByHand { refund_id: Some(w.payment(id).await.refunds[0].id) };
            w.eventify.payments().settle_by_hand(&organizer(), id, request).await
        };
        "a refund that the provider did not make" => [] |w| {
            let id = owed(w).await;
            let request = SettleByHand { refund_id: Some(w.payment(id).await.refunds[0].id) };
            w.eventify.payments().settle_by_hand(&organizer(), id, request).await
        };
        "a period that ends before it begins" => [InvalidValue] |w| {
            let (e, _, _) = w.paid_by_card(&attendee()).await;
            let (from, to) = (Some(w.now()), Some(w.now()));
            let period = eventify_core::payment::LedgerPeriod { from, to };
            w.eventify.payments().ledger(&organizer(), e, period, &PageRequest::default()).await
        };
    }
}

const TICK: std::time::Duration = std::time::Duration::from_micros(1);

#[tokio::test]
async fn payments_begin_for_holds_that_are_to_be_paid() {
    run(starting()).await;
}

#[tokio::test]
async fn no_more_comes_back_than_came() {
    run(refunding()).await;
}

#[tokio::test]
async fn hands_settle_what_hands_took() {
    run(by_hand()).await;
}

type Started = Result<PaymentView, Error>;

async fn start(w: &World, who: &Actor, how: &str) -> Started {
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.try_to_pay(who, held.id, how).await
}

/// What is refused by the provider was begun all the same.
async fn unmarked(w: &World) -> Started {
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.unmark();
    w.try_to_pay(&attendee(), held.id, "memory").await
}

async fn late(w: &World, after: std::time::Duration, swept: bool) -> Started {
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.clock.advance(after);
    if swept {
        w.run_jobs().await;
        w.mark().await;
    }
    w.try_to_pay(&attendee(), held.id, "memory").await
}

async fn in_euro(w: &World, how: &str) -> Started {
    let event = w.draft_of(CreateEvent { ..w.concert() }).await;
    w.publish(event).await;
    let price = Some(Money::new(1_000, "EUR".parse().unwrap()));
    let of = w.type_of(event, CreateTicketType { price, ..seats(5) }).await;
    let held = w.hold(&attendee(), event, of, 1).await;
    w.try_to_pay(&attendee(), held.id, how).await
}

fn web(chars: usize) -> String {
    format!("{:a<chars$}", "https://tickets.example/")
}

async fn back_to(w: &World, url: &str) -> Result<(), Error> {
    let (_, _, held) = w.unpaid(&attendee()).await;
    let request = StartPayment { return_url: Some(url.to_owned()), ..pay(held.id, "memory") };
    w.eventify.payments().start(&attendee(), request).await.map(drop)
}

/// So many payments failed before.
async fn failed(w: &World, count: usize) -> Started {
    let (_, _, held) = w.unpaid(&attendee()).await;
    for _ in 0..count {
        let payment = w.pay(&attendee(), held.id, "memory").await;
        w.card(payment.id, ChargeStatus::Failed).await;
    }
    w.try_to_pay(&attendee(), held.id, "memory").await
}

async fn refund(w: &World, amount: Option<Money>) -> Started {
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    ask_back(w, paid.id, amount).await
}

async fn ask_back(w: &World, id: PaymentId, amount: Option<Money>) -> Started {
    let request = RefundPayment { amount, reason: Some("Rain".to_owned()) };
    Ok(w.eventify.payments().refund(&organizer(), id, request).await?.into_inner())
}

/// A payment of which a part is to be given back.
async fn given_back(w: &World, amount: Option<Money>) -> PaymentId {
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    ask_back(w, paid.id, amount).await.unwrap();
    w.mark().await;
    paid.id
}

/// A payment that the provider does not give back.
async fn owed(w: &World) -> PaymentId {
    let id = given_back(w, None).await;
    w.bank.card.fail_next([ProviderError::Refused("the account is closed".to_owned())]);
    w.run_jobs().await;
    w.mark().await;
    id
}

async fn parts(w: &World, count: usize) -> Started {
    let (_, _, paid) = w.paid_by_card(&attendee()).await;
    for _ in 0..count {
        ask_back(w, paid.id, Some(tenge(1))).await.unwrap();
        w.pass(HOUR).await;
    }
    ask_back(w, paid.id, Some(tenge(1))).await
}

async fn paid_by_transfer(w: &World) -> PaymentId {
    let (_, _, held) = w.unpaid(&attendee()).await;
    let payment = w.pay(&attendee(), held.id, "transfer").await;
    w.bank.transfer.settle(payment.id, ChargeStatus::Succeeded);
    w.pass(HOUR / 12).await;
    payment.id
}

async fn at_the_desk(w: &World) -> PaymentId {
    let (_, _, held) = w.unpaid(&attendee()).await;
    w.pay(&attendee(), held.id, "desk").await.id
}
