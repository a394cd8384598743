//! The rules of what a booking costs, and of how often a promo code may be used.

use super::{Promo, State, Verdict, Wish, no};
use crate::booking::BookingStatus;
use crate::error::Reason;
use crate::id::{EventId, TicketTypeId, UserId};
use crate::time::Timestamp;

impl Promo {
    fn names(&self, of: TicketTypeId) -> bool {
        self.types.contains(&of)
    }

    /// Off the price of one: to the nearest unit, halves to the buyer, and never more than the price.
    fn off(&self, price: i64) -> i64 {
        let (hundredfold, half) = (price * self.percent_off, 50);
        ((hundredfold + half) / 100 + self.amount_off).min(price)
    }
}

impl State {
    /// The code that somebody typed, if it is good now.
    pub(super) fn promo_of(&self, event: EventId, wish: &Wish, now: Timestamp) -> Verdict<Option<&Promo>> {
        let Some(text) = &wish.promo else { return Ok(None) };
        match self.promos.get(&(event, text.clone())) {
            None => no(Reason::PromoUnknown),
            Some(promo) if promo.ends_at.is_some_and(|end| now >= end) => no(Reason::PromoExpired),
            Some(promo) => Ok(Some(promo)),
        }
    }

    /// What one ticket costs; nothing at all when it is not for sale to whoever has this code, or none.
    pub(super) fn price(&self, of: TicketTypeId, promo: Option<&Promo>) -> Option<(i64, bool)> {
        let kind = &self.types[&of];
        let named = promo.is_some_and(|promo| promo.names(of));
        if kind.hidden && !named {
            return None;
        }
        let fits = named || promo.is_some_and(|promo| promo.types.is_empty());
        let off = promo.filter(|_| fits).map_or(0, |promo| promo.off(kind.price));
        // Whether the code was of any use.
        Some((kind.price - off, off > 0 || kind.hidden))
    }

    /// Whether one more booking may be made with a code.
    pub(super) fn promo_left(&self, user: UserId, event: EventId, text: &str) -> Verdict<()> {
        let Some(promo) = self.promos.get(&(event, text.to_owned())) else { return no(Reason::PromoUnknown) };
        let (mut used, mut own) = (0, 0);
        for booking in self.bookings.values().filter(|b| b.event == event) {
            let open = matches!(booking.status, BookingStatus::Held | BookingStatus::Confirmed);
            if open && booking.promo.as_deref() == Some(text) {
                used += 1;
                own += u32::from(booking.user == user);
            }
        }
        let left = promo.uses_max.is_none_or(|max| used < max);
        let left_for_them = promo.per_person_max.is_none_or(|max| own < max);
        if left && left_for_them { Ok(()) } else { no(Reason::PromoUsedUp) }
    }
}
