//! Bookings: hold, confirm, cancel, buy at once.

use std::sync::Arc;

use eventify_core::booking::{BookingView, HoldTickets, Purchase};
use eventify_core::ffi::Refusal;
use eventify_core::{BookingId, PageRequest};

use crate::actor::Actor;
use crate::page::BookingPage;
use crate::shared::Shared;

/// Bookings: hold, confirm, cancel, buy at once.
#[derive(Debug, uniffi::Object)]
pub struct Bookings(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Bookings {
    /// Cancels a booking: its seats come back and its tickets are void, whosever they are by now. The person may until
    /// the time that the event's `CancellationPolicy` says while all of them are theirs,
    /// and gets back what it says; the event's organizer and admins may at any time, and everything comes back; others who manage the
    /// event may where nothing is to be given back, for money is the organizer's; nobody may once a ticket was used.
    ///
    /// # Errors
    /// `not_authenticated`, `booking_not_found`, `not_event_owner`, `booking_not_held` when it is over, `cancellation_closed`,
    /// `ticket_already_used`, `ticket_transferred`, `event_cancelled`.
    pub async fn cancel(&self, actor: &Actor, id: BookingId) -> Result<BookingView, Refusal> {
        Ok(self.0.engine()?.bookings().cancel(actor, id).await?)
    }

    /// Turns a hold into tickets. The person themselves may when nothing is to be paid; for a paid booking the
    /// event's organizer or an admin does, and thereby marks it paid.
    ///
    /// A hold whose deadline has passed takes its seats anew, if they are still there.
    ///
    /// # Errors
    /// `not_authenticated`, `booking_not_found`, `booking_not_held`, `payment_required`, `booking_expired`, `offer_expired`,
    /// `sales_ended` for an expired one, `event_cancelled`, `event_not_published`, `idempotency_key_reused`.
    #[uniffi::method(default(idempotency_key))]
    pub async fn confirm(
        &self,
        actor: &Actor,
        id: BookingId,
        idempotency_key: Option<String>,
    ) -> Result<BookingView, Refusal> {
        Ok(self.0.engine()?.bookings().confirm(actor.call(idempotency_key), id).await?.into_inner())
    }

    /// Reserves seats for a while: all of the lines or none. Confirm before `expires_at`.
    ///
    /// # Errors
    /// `not_authenticated`, `empty_booking`, `too_many_lines`, `invalid_value`, `event_not_found`,
    /// `event_not_published`, `event_cancelled`, `ticket_type_not_found`, `sales_not_started`, `sales_ended`,
    /// `per_person_limit`, `sold_out`, `not_enough_left`, `promo_unknown`, `promo_expired`, `promo_used_up`,
    /// `promo_not_applicable`, `too_many_attempts` after ten promo codes that are none, `seat_unknown`, `seat_taken`,
    /// `seats_not_together`, `leaves_single_seat`, `idempotency_key_reused`.
    #[uniffi::method(default(idempotency_key))]
    pub async fn hold(
        &self,
        actor: &Actor,
        request: HoldTickets,
        idempotency_key: Option<String>,
    ) -> Result<BookingView, Refusal> {
        Ok(self.0.engine()?.bookings().hold(actor.call(idempotency_key), request).await?.into_inner())
    }

    /// Buys tickets: when nothing is to be paid they are issued at once, otherwise the seats are held.
    ///
    /// # Errors
    /// As `Bookings::hold`.
    #[uniffi::method(default(idempotency_key))]
    pub async fn buy(
        &self,
        actor: &Actor,
        request: HoldTickets,
        idempotency_key: Option<String>,
    ) -> Result<Purchase, Refusal> {
        Ok(self.0.engine()?.bookings().buy(actor.call(idempotency_key), request).await?.into_inner())
    }

    /// A booking: the person's own, or one of an event that the actor manages.
    ///
    /// # Errors
    /// `not_authenticated`, `booking_not_found`.
    pub async fn get(&self, actor: &Actor, id: BookingId) -> Result<BookingView, Refusal> {
        Ok(self.0.engine()?.bookings().get(actor, id).await?.into_inner())
    }

    /// The caller's bookings, newest first.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn mine(&self, actor: &Actor, page: PageRequest) -> Result<BookingPage, Refusal> {
        Ok(self.0.engine()?.bookings().mine(actor, &page).await?.into())
    }
}
