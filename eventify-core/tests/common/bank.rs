//! The ways to pay in the small world.

use eventify_core::booking::BookingView;
use eventify_core::payment::{
    Capabilities, ChargeStatus, Payment, PaymentView, ProviderCallback, StartPayment,
};
use eventify_core::testing::MemoryProvider;
use eventify_core::{Actor, BookingId, Error, EventId, PaymentId, TicketTypeId};

use super::World;

/// Three providers: one that can do everything and is taken when nobody chooses; one that takes tenge only and gives back all or
/// nothing; and the desk, where people take money.
#[derive(Debug, Clone)]
pub struct Bank {
    pub card: MemoryProvider,
    pub transfer: MemoryProvider,
    pub desk: MemoryProvider,
}

impl Default for Bank {
    fn default() -> Self {
        let whole = Capabilities { partial_refunds: false, callbacks: false, by_hand: false };
        let by_hand = Capabilities { partial_refunds: true, callbacks: false, by_hand: true };
        Self {
            card: MemoryProvider::default(),
            transfer: MemoryProvider::named("transfer").able_to(whole).only("KZT".parse().unwrap()),
            desk: MemoryProvider::named("desk").able_to(by_hand),
        }
    }
}

pub const PRICE: i64 = 450_000;

impl World {
    /// A hold of two tickets of a published event, with ten for sale.
    pub async fn unpaid(&self, who: &Actor) -> (EventId, TicketTypeId, BookingView) {
        let event = self.published().await;
        let of = self.paid(event, 10, PRICE).await;
        let held = self.hold(who, event, of, 2).await;
        (event, of, held)
    }

    pub async fn try_to_pay(&self, who: &Actor, booking: BookingId, how: &str) -> Result<PaymentView, Error> {
        let started = self.eventify.payments().start(who, pay(booking, how)).await?;
        self.mark().await;
        Ok(started.into_inner())
    }

    pub async fn pay(&self, who: &Actor, booking: BookingId, how: &str) -> PaymentView {
        self.try_to_pay(who, booking, how).await.unwrap()
    }

    /// The payer does this, and the provider calls back.
    pub async fn card(&self, id: PaymentId, status: ChargeStatus) {
        self.bank.card.settle(id, status);
        self.call_back(id).await;
    }

    pub async fn call_back(&self, id: PaymentId) {
        let answer = self.callback("memory", MemoryProvider::callback(id)).await;
        assert_eq!(answer, 200);
        self.mark().await;
    }

    pub async fn callback(&self, provider: &str, callback: ProviderCallback) -> u16 {
        self.eventify.payments().callback(provider, callback).await.unwrap().status
    }

    /// The card pays for a hold of the attendee's.
    pub async fn paid_by_card(&self, who: &Actor) -> (EventId, TicketTypeId, PaymentView) {
        let (event, of, held) = self.unpaid(who).await;
        let payment = self.pay(who, held.id, "memory").await;
        self.card(payment.id, ChargeStatus::Succeeded).await;
        (event, of, self.payment(payment.id).await)
    }

    /// As the organizer sees it.
    pub async fn payment(&self, id: PaymentId) -> PaymentView {
        self.eventify.payments().get(&super::organizer(), id).await.unwrap().into_inner()
    }

    /// The organizer saw to it.
    pub async fn dismiss(&self, id: PaymentId) -> PaymentView {
        let any = eventify_core::IfMatch::Any;
        self.eventify.payments().dismiss(&super::organizer(), id, any).await.unwrap().into_inner()
    }

    pub async fn stored_payment(&self, id: PaymentId) -> Payment {
        let all = self.everything().await;
        let found = all.of::<Payment>().find(|payment| payment.id == id);
        (**found.unwrap()).clone()
    }

    pub async fn booking(&self, id: BookingId) -> BookingView {
        self.eventify.bookings().get(&super::organizer(), id).await.unwrap().into_inner()
    }
}

pub fn pay(booking_id: BookingId, how: &str) -> StartPayment {
    StartPayment { booking_id, payment_method: Some(how.to_owned()), return_url: None }
}
