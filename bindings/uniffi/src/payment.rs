//! Payments: start, callbacks, refunds, the ledger.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::payment::{
    CallbackAnswer, LedgerPeriod, PaymentMethod, PaymentReport, PaymentStanding, PaymentView,
    ProviderCallback, RefundPayment, SettleByHand, StartPayment,
};
use eventify_core::store::Version;
use eventify_core::{BookingId, Currency, EventId, PageRequest, PaymentId, RefundId};

use crate::actor::Actor;
use crate::fetched::{FetchedPayment, only};
use crate::page::{LedgerEntryPage, PaymentPage, StrayDisputePage};
use crate::shared::Shared;

/// Payments: start, callbacks, refunds, the ledger.
#[derive(Debug, uniffi::Object)]
pub struct Payments(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Payments {
    /// Says that the money of a payment by hand is there, which issues the tickets; or that a refund was paid out by hand: one of
    /// such a payment, or one that the provider did not make. Those who manage the event may say the first, its organizer and
    /// admins also the second. Saying it twice is saying it once. Money for a hold that is over takes its seats anew if they are still there;
    /// otherwise it is to be paid out (`Attention::PayOut`).
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `payment_not_found`, `not_event_owner`, `payment_not_by_hand`, `event_cancelled`,
    /// `event_not_published`, `booking_not_held` of one that is cancelled, or sold another way, `refund_not_found`, `refund_under_way` while the
    /// provider is about it – until thirty days after it accepted it, or once the payment is listed as `provider_missing` –, `refund_not_failed` where the provider made it, the payer's bank took
    /// the money or another refund took its place, `idempotency_key_reused`.
    #[uniffi::method(default(idempotency_key))]
    pub async fn settle_by_hand(
        &self,
        actor: &Actor,
        id: PaymentId,
        request: SettleByHand,
        idempotency_key: Option<String>,
    ) -> Result<PaymentView, Refusal> {
        Ok(self
            .0
            .engine()?
            .payments()
            .settle_by_hand(actor.call(idempotency_key), id, request)
            .await?
            .into_inner())
    }

    /// The ways to pay in a currency, the first one being what is taken when nobody chooses; without a currency all of them.
    ///
    /// # Errors
    /// `closed`.
    pub fn methods(&self, currency: Option<Currency>) -> Result<Vec<PaymentMethod>, Refusal> {
        Ok(self.0.engine()?.payments().methods(currency))
    }

    /// Takes in a provider's callback, as it arrived, and gives the answer in the provider's own format. One that is not
    /// genuine, or about a payment that is not there or another provider's, is refused in that format too. When the answer asks
    /// for a repetition nothing was lost, and a repetition changes nothing. One that is not genuine is no success to a provider
    /// either: after a secret was replaced on one side only, it says everything again, and its own pages show that nobody listens.
    ///
    /// # Errors
    /// `not_found` when no provider of this name is attached.
    pub async fn callback(
        &self,
        provider: String,
        callback: ProviderCallback,
    ) -> Result<CallbackAnswer, Refusal> {
        Ok(self.0.engine()?.payments().callback(&provider, callback).await?)
    }

    /// A payment: the caller's own, or one of an event that they manage.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `payment_not_found`.
    pub async fn get(&self, actor: &Actor, id: PaymentId) -> Result<FetchedPayment, Refusal> {
        Ok(self.0.engine()?.payments().get(actor, id).await?.into())
    }

    /// The payments of a booking, oldest first: for whoever booked, and those who manage the event. There are few.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `booking_not_found`.
    pub async fn of_booking(&self, actor: &Actor, id: BookingId) -> Result<Vec<PaymentView>, Refusal> {
        Ok(self.0.engine()?.payments().of_booking(actor, id).await?)
    }

    /// The payments of an event, newest first: for its organizer, those who manage it, and admins.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `event_not_found`, `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn of_event(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: PageRequest,
    ) -> Result<PaymentPage, Refusal> {
        Ok(self.0.engine()?.payments().of_event(actor, event_id, &page).await?.into())
    }

    /// The payments of an event that somebody has to look at, longest waiting first: for its organizer, those who manage it, and
    /// admins.
    ///
    /// # Errors
    /// As `Payments::of_event`.
    #[uniffi::method(default(page))]
    pub async fn attention_of_event(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: PageRequest,
    ) -> Result<PaymentPage, Refusal> {
        Ok(self.0.engine()?.payments().attention_of_event(actor, event_id, &page).await?.into())
    }

    /// All payments that somebody has to look at, longest waiting first: for admins.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `not_allowed`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn attention(&self, actor: &Actor, page: PageRequest) -> Result<PaymentPage, Refusal> {
        Ok(self.0.engine()?.payments().attention(actor, &page).await?.into())
    }

    /// The disputes of money that no payment is known by, though it was looked for, longest waiting first: for admins. The provider's account may
    /// have other uses. A page may have fewer than it could, or a few more where one movement of money is disputed more than once, and
    /// others behind it all the same.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `not_allowed`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn stray_disputes(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<StrayDisputePage, Refusal> {
        Ok(self.0.engine()?.payments().stray_disputes(actor, &page).await?.into())
    }

    /// Gives a part of a payment back, or all that is left. The booking stays as it is: cancel it to take its tickets back. For the
    /// event's organizer and admins. The provider is told by a job; `PaymentView::refunds` shows what becomes of it.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `payment_not_found`, `not_event_owner`, `payment_not_succeeded`, `refund_too_large` with what is
    /// `left`, `refund_under_way`, `partial_refund_not_supported`, `too_many_refunds`, `invalid_value`, `idempotency_key_reused`.
    #[uniffi::method(default(idempotency_key))]
    pub async fn refund(
        &self,
        actor: &Actor,
        id: PaymentId,
        request: RefundPayment,
        idempotency_key: Option<String>,
    ) -> Result<PaymentView, Refusal> {
        Ok(self.0.engine()?.payments().refund(actor.call(idempotency_key), id, request).await?.into_inner())
    }

    /// Has the provider try a refund again that failed: it is the same refund, so it happens once. For the event's organizer and
    /// admins.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `payment_not_found`, `not_event_owner`, `refund_not_found`, `refund_not_failed`, `too_many_refunds`,
    /// `partial_refund_not_supported`.
    pub async fn retry_refund(
        &self,
        actor: &Actor,
        id: PaymentId,
        refund_id: RefundId,
    ) -> Result<PaymentView, Refusal> {
        Ok(self.0.engine()?.payments().retry_refund(actor, id, refund_id).await?)
    }

    /// Says that what a payment needed attention for was seen to: whatever it is but money that is owed.
    /// For the event's organizer and admins. With the version that was read, nothing is taken away that came since.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `payment_not_found`, `not_event_owner`, `precondition_failed` when it was changed since,
    /// `refund_under_way` while a refund has to be tried again or paid out.
    #[uniffi::method(default(if_match))]
    pub async fn dismiss(
        &self,
        actor: &Actor,
        id: PaymentId,
        if_match: Option<Version>,
    ) -> Result<FetchedPayment, Refusal> {
        Ok(self.0.engine()?.payments().dismiss(actor, id, only(if_match)).await?.into())
    }

    /// Every movement of an event's money in a period, newest first. For its organizer and admins. A page may have fewer entries than
    /// asked for, also none, and go on.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `event_not_found`, `not_event_owner`, `invalid_value` (`to`, `limit`), `malformed` (cursor).
    #[uniffi::method(default(period), default(page))]
    pub async fn ledger(
        &self,
        actor: &Actor,
        event_id: EventId,
        period: LedgerPeriod,
        page: PageRequest,
    ) -> Result<LedgerEntryPage, Refusal> {
        Ok(self.0.engine()?.payments().ledger(actor, event_id, period, &page).await?.into())
    }

    /// What came and went for an event in a period, by currency and provider. For its organizer and admins. Reads the period's entries
    /// piece by piece, 200,000 at most: what is written meanwhile may be in it or not. The sums of two periods that follow each
    /// other are those of both.
    ///
    /// # Errors
    /// As `Payments::ledger`; also `invalid_value` (`to`) for a period with more entries.
    #[uniffi::method(default(period))]
    pub async fn report(
        &self,
        actor: &Actor,
        event_id: EventId,
        period: LedgerPeriod,
    ) -> Result<PaymentReport, Refusal> {
        Ok(self.0.engine()?.payments().report(actor, event_id, period).await?)
    }

    /// How a payment stands, for whoever knows its id: the payer's browser, which comes back from the provider without a login. It says
    /// neither who pays, nor how much, nor for what.
    ///
    /// # Errors
    /// `payment_not_found`.
    pub async fn standing(&self, id: PaymentId) -> Result<PaymentStanding, Refusal> {
        Ok(self.0.engine()?.payments().standing(id).await?)
    }

    /// Begins to pay for a hold of the caller's, and says where the payer has to go. The hold lasts at least as long as the
    /// payment does (`Settings::payment_for`, by hand `Settings::payment_by_hand_for`, but not for what a waitlist offered). A payment of the booking with the same provider that is still
    /// open is the answer to a second start: however often and from wherever it is asked for, there is one charge.
    ///
    /// When the provider cannot be reached the payment stays begun, and asking again goes on with it.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `booking_not_found` also for somebody else's, `booking_expired`, `booking_not_held`,
    /// `event_cancelled`, `event_not_published`, `payment_not_needed`, `payment_method_unknown`, `currency_not_supported`,
    /// `too_many_payments`, `payment_refused`, `payment_provider_unavailable`, `overloaded` while too many begin to pay this way, `invalid_value`
    /// (`return_url`), `idempotency_key_reused`.
    #[uniffi::method(default(idempotency_key))]
    pub async fn start(
        &self,
        actor: &Actor,
        request: StartPayment,
        idempotency_key: Option<String>,
    ) -> Result<PaymentView, Refusal> {
        Ok(self.0.engine()?.payments().start(actor.call(idempotency_key), request).await?.into_inner())
    }
}
