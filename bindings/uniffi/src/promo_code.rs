//! Promo codes.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::promo_code::{
    CheckPromoCode, CreatePromoCode, PromoCheck, PromoCodeView, UpdatePromoCode,
};
use eventify_core::store::Version;
use eventify_core::{EventId, PageRequest, PromoCodeId};

use crate::actor::Actor;
use crate::fetched::{FetchedPromoCode, only};
use crate::page::PromoCodePage;
use crate::shared::Shared;

/// Promo codes.
#[derive(Debug, uniffi::Object)]
pub struct PromoCodes(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl PromoCodes {
    /// The ticket types that a code is for, hidden ones among them, and what it takes off each. For people who are
    /// logged in, so that whoever tries words out can be found, and slowed down: after ten that are none.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `promo_unknown`, `promo_expired`, `promo_not_applicable`,
    /// `promo_used_up`, `too_many_attempts`.
    pub async fn check(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: CheckPromoCode,
    ) -> Result<PromoCheck, Refusal> {
        Ok(self.0.engine()?.promo_codes().check(actor, event_id, &request).await?)
    }

    /// Deletes a promo code. One that open bookings use is ended instead: set `ends_at`. For the event's organizer.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `promo_unknown`, `promo_in_use`.
    pub async fn delete(&self, actor: &Actor, event_id: EventId, id: PromoCodeId) -> Result<(), Refusal> {
        Ok(self.0.engine()?.promo_codes().delete(actor, event_id, id).await?)
    }

    /// The promo codes of an event, in the order they were made. For its organizer.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn list(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: PageRequest,
    ) -> Result<PromoCodePage, Refusal> {
        Ok(self.0.engine()?.promo_codes().list(actor, event_id, &page).await?.into())
    }

    /// One promo code. For the event's organizer.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `promo_unknown`.
    pub async fn get(
        &self,
        actor: &Actor,
        event_id: EventId,
        id: PromoCodeId,
    ) -> Result<FetchedPromoCode, Refusal> {
        Ok(self.0.engine()?.promo_codes().get(actor, event_id, id).await?.into())
    }

    /// Adds a promo code to a draft or a published event. For its organizer.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `event_cancelled`, `event_not_published`
    /// (completed), `invalid_value`, `ticket_type_not_found`, `promo_exists`, `too_many_promo_codes`.
    pub async fn create(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: CreatePromoCode,
    ) -> Result<PromoCodeView, Refusal> {
        Ok(self.0.engine()?.promo_codes().create(actor, event_id, request).await?)
    }

    /// Changes a promo code, for later bookings. For the event's organizer.
    ///
    /// # Errors
    /// As `PromoCodes::create`, and `promo_unknown`, `precondition_failed`.
    #[uniffi::method(default(if_match))]
    pub async fn update(
        &self,
        actor: &Actor,
        event_id: EventId,
        id: PromoCodeId,
        request: UpdatePromoCode,
        if_match: Option<Version>,
    ) -> Result<FetchedPromoCode, Refusal> {
        Ok(self.0.engine()?.promo_codes().update(actor, event_id, id, request, only(if_match)).await?.into())
    }
}
