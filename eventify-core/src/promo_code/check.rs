//! What a promo code is good for: asked by somebody who wants to buy.

use serde::{Deserialize, Serialize};

use super::model::{PromoCode, PromoText};
use super::view::{PromoCheck, PromoPrice};
use super::{PromoCodes, not_found};
use crate::account::probe;
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::event::{Event, event_not_found};
use crate::eventify::of_kind;
use crate::id::EventId;
use crate::page::PageRequest;
use crate::scope::Scope;
use crate::store::{Index, Key};
use crate::ticket_type::{Inventory, TicketType, TicketTypeView};
use crate::waitlist;

/// A promo code that somebody knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct CheckPromoCode {
    /// As it was typed.
    pub code: PromoText,
}

/// Codes that are none are counted, wherever they are tried.
pub(crate) const GUESS: (&str, Reason) = ("promo_code", Reason::PromoUnknown);

impl PromoCodes<'_> {
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
        request: &CheckPromoCode,
    ) -> Result<PromoCheck, Error> {
        let actor = &*actor.within(Scope::BookingsWrite)?;
        actor.require_somebody()?;
        probe(self.engine, GUESS, actor, self.look_up(actor, event_id, request)).await
    }

    async fn look_up(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: &CheckPromoCode,
    ) -> Result<PromoCheck, Error> {
        let id = request.code.id(event_id);
        let keys = [Key::Event(event_id), Key::Inventory(event_id), Key::PromoCode(id)];
        let loaded = self.engine.load_all(keys).await?;
        let event = of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?;
        self.engine.require_visible(actor, event).await?;
        let inventory = of_kind::<Inventory>(&loaded).next().ok_or_else(event_not_found)?;
        let promo = of_kind::<PromoCode>(&loaded).next().ok_or_else(not_found)?;
        promo.require_open(self.engine.core().clock.now())?;
        if promo.terms.uses_max.is_some_and(|max| promo.used >= max) {
            return Err(Error::new(Reason::PromoUsedUp, "The promo code is used up."));
        }
        // An event has no more ticket types than a page has entries.
        let page = PageRequest::first(100);
        let types = self.engine.list::<TicketType>(Index::TicketTypesOfEvent(event_id), false, &page).await?;
        let fits = |of: &TicketType| promo.discount_on(of).is_some() || promo.names(of.id);
        let left = waitlist::entitled(self.engine, inventory).await?;
        let price = |of: &TicketType| PromoPrice {
            ticket_type: TicketTypeView::new(of, left),
            discount: promo.discount_on(of),
        };
        let ticket_types = types.data.iter().filter(|of| fits(of)).map(|of| price(of)).collect();
        Ok(PromoCheck { ticket_types, ends_at: promo.terms.ends_at })
    }
}
