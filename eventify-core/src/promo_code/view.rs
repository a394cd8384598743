//! What others see of a promo code.

use serde::{Deserialize, Serialize};

use super::model::{Discount, PromoCode, PromoText};
use crate::id::{EventId, PromoCodeId, TicketTypeId};
use crate::money::Money;
use crate::ticket_type::TicketTypeView;
use crate::time::Timestamp;

/// A promo code as those see it who made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PromoCodeView {
    /// Its id.
    pub id: PromoCodeId,
    /// Its event.
    pub event_id: EventId,
    /// What people type; without regard to case and diacritics.
    pub code: PromoText,
    /// Hundredths off the price of each ticket; `null` when it takes an amount off, or nothing.
    pub percent_off: Option<u8>,
    /// Off the price of each ticket; `null` when it takes a percentage off, or nothing.
    pub amount_off: Option<Money>,
    /// The ticket types that it is for, hidden ones among them; every visible one when empty.
    pub ticket_type_ids: Vec<TicketTypeId>,
    /// From when on it is good; at once when `null`.
    pub starts_at: Option<Timestamp>,
    /// Until when it is good; as long as there are sales when `null`.
    pub ends_at: Option<Timestamp>,
    /// How many open bookings may be made with it; no limit when `null`.
    pub uses_max: Option<u32>,
    /// How many of them one person may have; no limit when `null`.
    pub per_person_max: Option<u32>,
    /// How many open bookings were made with it.
    pub used: u32,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<&PromoCode> for PromoCodeView {
    fn from(promo: &PromoCode) -> Self {
        let (percent_off, amount_off) = match promo.terms.discount {
            Some(Discount::Percent(percent)) => (Some(percent), None),
            Some(Discount::Amount(amount)) => (None, Some(amount)),
            None => (None, None),
        };
        Self {
            id: promo.id,
            event_id: promo.event_id,
            code: promo.code.clone(),
            percent_off,
            amount_off,
            ticket_type_ids: promo.terms.ticket_type_ids.clone(),
            starts_at: promo.terms.starts_at,
            ends_at: promo.terms.ends_at,
            uses_max: promo.terms.uses_max,
            per_person_max: promo.terms.per_person_max,
            used: promo.used,
            created_at: promo.created_at,
        }
    }
}

/// What a promo code is good for, to somebody who wants to buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PromoCheck {
    /// The ticket types that it is for, with what one ticket costs with it.
    pub ticket_types: Vec<PromoPrice>,
    /// Until when it is good; as long as there are sales when `null`.
    pub ends_at: Option<Timestamp>,
}

/// A ticket type under a promo code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PromoPrice {
    /// The ticket type; a hidden one can be bought with the code.
    pub ticket_type: TicketTypeView,
    /// What the code takes off one ticket; `null` when nothing.
    pub discount: Option<Money>,
}
