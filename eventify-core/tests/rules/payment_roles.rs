//! Who may do what with payments: every operation, asked by everybody. The answers are those of the payer, another attendee, a
//! scanner of the event, a manager of it, its organizer, and an admin.

use eventify_core::payment::{ChargeStatus, LedgerPeriod, ProviderError, RefundPayment, SettleByHand};
use eventify_core::staff::{GrantStaff, StaffRight};
use eventify_core::{Actor, BookingId, EventId, IfMatch, PageRequest, PaymentId, RefundId, Role};

use crate::common::*;
use crate::operation::{Operation, operations};

/// A payment that came, one at the desk, one whose refund failed, and one that was given back.
struct Props {
    event: EventId,
    booking: BookingId,
    came: PaymentId,
    at_desk: PaymentId,
    owed: PaymentId,
    refund: RefundId,
    /// Bookings: one that is held, and one whose money is back.
    held: BookingId,
    given_back: BookingId,
}

fn staff() -> [(Actor, StaffRight); 2] {
    [(person(11, Role::Attendee), StaffRight::Scanner), (person(12, Role::Attendee), StaffRight::Manager)]
}

async fn props(w: &World) -> Props {
    let (event, of, held) = w.unpaid(&attendee()).await;
    for (who, right) in staff() {
        let grant = GrantStaff { user_id: Some(id_of(&who)), email: None, right };
        w.eventify.staff(event).grant(&organizer(), grant).await.unwrap();
    }
    let came = w.pay(&attendee(), held.id, "memory").await.id;
    w.card(came, ChargeStatus::Succeeded).await;
    let desk = w.hold(&attendee(), event, of, 1).await;
    let at_desk = w.pay(&attendee(), desk.id, "desk").await.id;
    let third = w.hold(&attendee(), event, of, 1).await;
    let owed = w.pay(&attendee(), third.id, "memory").await.id;
    w.card(owed, ChargeStatus::Succeeded).await;
    w.eventify.payments().refund(&organizer(), owed, RefundPayment::default()).await.unwrap();
    w.bank.card.fail_next([ProviderError::Refused("no".to_owned())]);
    w.run_jobs().await;
    let given_back = w.hold(&attendee(), event, of, 1).await.id;
    let back = w.pay(&attendee(), given_back, "memory").await.id;
    w.card(back, ChargeStatus::Succeeded).await;
    w.eventify.payments().refund(&organizer(), back, RefundPayment::default()).await.unwrap();
    w.run_jobs().await;
    w.mark().await;
    let refund = w.payment(owed).await.refunds[0].id;
    Props { event, booking: held.id, came, at_desk, owed, refund, held: desk.id, given_back }
}

fn of_payments() -> Vec<Operation<Props>> {
    operations! {
        "see a payment" [ok PaymentNotFound PaymentNotFound ok ok ok]
            |w, p, who| w.eventify.payments().get(who, p.came).await;
        "see a booking's payments" [ok BookingNotFound BookingNotFound ok ok ok]
            |w, p, who| w.eventify.payments().of_booking(who, p.booking).await;
        "see an event's payments" [NotEventOwner NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.payments().of_event(who, p.event, &PageRequest::default()).await;
        "see what needs attention" [NotEventOwner NotEventOwner NotEventOwner ok ok ok]
            |w, p, who| w.eventify.payments().attention_of_event(who, p.event, &PageRequest::default()).await;
        "see what needs attention anywhere" [NotAllowed NotAllowed NotAllowed NotAllowed NotAllowed ok]
            |w, p, who| w.eventify.payments().attention(who, &PageRequest::default()).await;
        "see disputes of unknown money" [NotAllowed NotAllowed NotAllowed NotAllowed NotAllowed ok]
            |w, p, who| {
                let _ = p;
                w.eventify.payments().stray_disputes(who, &PageRequest::default()).await
            };
        "begin to pay" [BookingNotHeld BookingNotFound BookingNotFound BookingNotFound BookingNotFound BookingNotFound]
            |w, p, who| w.eventify.payments().start(who, pay(p.booking, "memory")).await;
        "cancel what was paid" [ok BookingNotFound BookingNotFound NotEventOwner ok ok]
            |w, p, who| w.eventify.bookings().cancel(who, p.booking).await;
        "cancel what is held" [ok BookingNotFound BookingNotFound ok ok ok]
            |w, p, who| w.eventify.bookings().cancel(who, p.held).await;
        "cancel what was paid and given back" [ok BookingNotFound BookingNotFound ok ok ok]
            |w, p, who| w.eventify.bookings().cancel(who, p.given_back).await;
        "give money back" [NotEventOwner PaymentNotFound PaymentNotFound NotEventOwner ok ok]
            |w, p, who| w.eventify.payments().refund(who, p.came, RefundPayment::default()).await;
        "try a refund again" [NotEventOwner PaymentNotFound PaymentNotFound NotEventOwner ok ok]
            |w, p, who| w.eventify.payments().retry_refund(who, p.owed, p.refund).await;
        "leave a payment alone" [NotEventOwner PaymentNotFound PaymentNotFound NotEventOwner ok ok]
            |w, p, who| w.eventify.payments().dismiss(who, p.came, IfMatch::Any).await;
        "say that money is there" [NotEventOwner PaymentNotFound PaymentNotFound ok ok ok]
            |w, p, who| w.eventify.payments().settle_by_hand(who, p.at_desk, SettleByHand::default()).await;
        "say that money was paid out" [NotEventOwner PaymentNotFound PaymentNotFound NotEventOwner ok ok] |w, p, who| {
            let out = SettleByHand { refund_id: Some(p.refund) };
            w.eventify.payments().settle_by_hand(who, p.owed, out).await
        };
        "see the ledger" [NotEventOwner NotEventOwner NotEventOwner NotEventOwner ok ok] |w, p, who| {
            let page = PageRequest::default();
            w.eventify.payments().ledger(who, p.event, LedgerPeriod::default(), &page).await
        };
        "take out the ledger" [NotEventOwner NotEventOwner NotEventOwner NotEventOwner ok ok]
            |w, p, who| w.eventify.exports().ledger(who, p.event).await;
        "see the report" [NotEventOwner NotEventOwner NotEventOwner NotEventOwner ok ok]
            |w, p, who| w.eventify.payments().report(who, p.event, LedgerPeriod::default()).await;
    }
}

#[tokio::test]
async fn payments_are_their_payers_and_money_is_the_organizers() {
    let [scanner, manager] = staff().map(|(who, _)| who);
    let everybody = [attendee(), other_attendee(), scanner, manager, organizer(), admin()];
    for operation in of_payments() {
        for (who, answer) in everybody.iter().zip(operation.answers) {
            let w = World::new().await;
            let props = props(&w).await;
            operation.expect(w, &props, who, answer).await;
        }
    }
}

#[tokio::test]
async fn nobody_and_strangers_learn_nothing() {
    let w = World::new().await;
    let props = props(&w).await;
    for (who, code) in [
        (anonymous(), eventify_core::Reason::NotAuthenticated),
        (other_organizer(), eventify_core::Reason::PaymentNotFound),
    ] {
        let payments = w.eventify.payments();
        let got = payments.get(&who, props.came).await.unwrap_err();
        let asked = payments.refund(&who, props.came, RefundPayment::default()).await.unwrap_err();
        let said = payments.settle_by_hand(&who, props.at_desk, SettleByHand::default()).await.unwrap_err();
        assert_eq!([got.reason(), asked.reason(), said.reason()], [code; 3], "{who:?}");
    }
    // Money is the owner's to give back, though a manager may take it.
    let own =
        w.hold(&staff()[1].0, props.event, w.booking(props.booking).await.lines[0].ticket_type_id, 1).await;
    let own = w.pay(&staff()[1].0, own.id, "desk").await;
    let refused = w.eventify.payments().settle_by_hand(&staff()[1].0, own.id, SettleByHand::default()).await;
    assert_eq!(
        refused.unwrap_err().reason(),
        eventify_core::Reason::NotEventOwner,
        "nobody takes their own money"
    );
}
