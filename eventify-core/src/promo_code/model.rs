//! Promo codes: what they take off, what they open, and how often they are in use.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Reason};
use crate::id::{EventId, PromoCodeId, TicketTypeId, derived_uuid};
use crate::money::Money;
use crate::store::{PromoUseKey, fold};
use crate::ticket_type::TicketType;
use crate::time::Timestamp;

/// A promo code's text as a person types it. Shows nothing of itself: whoever knows it may use it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, example = "SPRING-10"))]
#[serde(transparent)]
pub struct PromoText(String);

impl PromoText {
    /// A code as it was typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the code of this text for an event: the same however it is typed. So a text is unique within an event
    /// and found without looking for it.
    #[must_use]
    pub fn id(&self, event_id: EventId) -> PromoCodeId {
        let folded = fold(self.0.trim());
        PromoCodeId::from_uuid(derived_uuid(&[b"promo", event_id.as_bytes(), folded.as_bytes()]))
    }
}

impl From<&str> for PromoText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for PromoText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PromoText(…)")
    }
}

/// A promo code of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromoCode {
    /// Its id: follows from the event and the text.
    pub id: PromoCodeId,
    /// The event.
    pub event_id: EventId,
    /// The text as its maker wrote it; 3 to 40 characters.
    pub code: PromoText,
    /// What it is good for.
    pub terms: PromoTerms,
    /// How many open bookings were made with it.
    pub used: u32,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a promo code is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromoTerms {
    /// What it takes off; nothing when it only opens hidden ticket types.
    pub discount: Option<Discount>,
    /// The ticket types that it is for, hidden ones among them; every visible one when empty.
    pub ticket_type_ids: Vec<TicketTypeId>,
    /// From when on it is good; at once when `None`.
    pub starts_at: Option<Timestamp>,
    /// Until when it is good; as long as there are sales when `None`.
    pub ends_at: Option<Timestamp>,
    /// How many open bookings may be made with it; no limit when `None`.
    pub uses_max: Option<u32>,
    /// How many of them one person may have; no limit when `None`.
    pub per_person_max: Option<u32>,
}

/// What a promo code takes off the price of one ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Discount {
    /// So many hundredths of it, 1 to 100, rounded to the nearest minor unit, halves in the buyer's favour.
    Percent(u8),
    /// So much of it, and no more than all of it, where the price is in the same currency.
    Amount(Money),
}

impl Discount {
    /// What is taken off a price; `None` when that is nothing.
    #[must_use]
    pub fn on(self, price: Money) -> Option<Money> {
        let off = match self {
            // Prices are far below the edge of 64 bits; dividing first where they were not loses no more than a unit.
            Self::Percent(percent) => {
                let hundredfold = price.amount_minor.checked_mul(i64::from(percent));
                hundredfold.map_or(price.amount_minor / 100 * i64::from(percent), |off| (off + 50) / 100)
            }
            Self::Amount(amount) if amount.currency == price.currency => amount.amount_minor,
            Self::Amount(_) => 0,
        };
        let off = off.clamp(0, price.amount_minor.max(0));
        (off > 0).then(|| Money::new(off, price.currency))
    }
}

impl PromoCode {
    /// Whether it names a ticket type: then it opens it if it is hidden.
    #[must_use]
    pub fn names(&self, id: TicketTypeId) -> bool {
        self.terms.ticket_type_ids.contains(&id)
    }

    /// What it takes off one ticket of a type.
    #[must_use]
    pub fn discount_on(&self, of: &TicketType) -> Option<Money> {
        let fits = self.names(of.id) || (self.terms.ticket_type_ids.is_empty() && !of.hidden);
        self.terms.discount.filter(|_| fits)?.on(of.price)
    }

    /// # Errors
    /// `promo_not_applicable` (with `starts_at`) before its time, `promo_expired` (with `ends_at`) after it.
    pub fn require_open(&self, now: Timestamp) -> Result<(), Error> {
        if let Some(start) = self.terms.starts_at.filter(|start| now < *start) {
            let error =
                Error::new(Reason::PromoNotApplicable, format!("The promo code is good from {start} on."));
            return Err(error.with("starts_at", start).at_field("promo_code"));
        }
        if let Some(end) = self.terms.ends_at.filter(|end| now >= *end) {
            let error = Error::new(Reason::PromoExpired, format!("The promo code was good until {end}."));
            return Err(error.with("ends_at", end).at_field("promo_code"));
        }
        Ok(())
    }
}

/// How many open bookings a person has under a promo code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromoUse {
    /// The code and the person.
    pub key: PromoUseKey,
    /// The event.
    pub event_id: EventId,
    /// How many.
    pub taken: u32,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn tenge(amount_minor: i64) -> Money {
        Money::new(amount_minor, "KZT".parse().unwrap())
    }

    #[test]
    fn percents_are_rounded_to_the_nearest_unit_and_halves_to_the_buyer() {
        for (percent, price, off) in [
            (10, 1_000, Some(100)),
            (10, 1_005, Some(101)),
            (10, 1_004, Some(100)),
            (33, 100, Some(33)),
            (50, 1, Some(1)),
            (1, 49, None),
            (1, 50, Some(1)),
            (100, 999, Some(999)),
            (10, 0, None),
        ] {
            assert_eq!(Discount::Percent(percent).on(tenge(price)), off.map(tenge), "{percent} % of {price}");
        }
        let most = Discount::Percent(100).on(tenge(i64::MAX)).unwrap();
        assert!(most.amount_minor > i64::MAX - 100);
    }

    #[test]
    fn an_amount_takes_no_more_than_the_price_and_only_of_its_currency() {
        let off = Discount::Amount(tenge(300));
        assert_eq!(off.on(tenge(1_000)), Some(tenge(300)));
        assert_eq!(off.on(tenge(200)), Some(tenge(200)));
        assert_eq!(off.on(tenge(0)), None);
        assert_eq!(off.on(Money::new(1_000, "EUR".parse().unwrap())), None);
    }

    #[test]
    fn a_text_is_the_same_however_it_is_typed() {
        let (one, other) = (EventId::from_bytes([1; 16]), EventId::from_bytes([2; 16]));
        let id = PromoText::new("Spring-10").id(one);
        assert_eq!(PromoText::new(" SPRING-10 ").id(one), id);
        assert_ne!(PromoText::new("Spring-11").id(one), id);
        assert_ne!(PromoText::new("Spring-10").id(other), id);
        assert!(!format!("{:?}", PromoText::new("Spring-10")).contains("pring"));
    }
}
