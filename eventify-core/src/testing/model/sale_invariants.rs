//! What always holds of promo codes: counted anew from the bookings.

use std::collections::BTreeMap;

use super::snapshot::Snapshot;
use crate::booking::Booking;
use crate::id::{EventId, PromoCodeId, UserId};
use crate::promo_code::{PromoCode, PromoUse};
use crate::ticket_type::Inventory;

/// Every broken invariant, in words.
pub(super) fn violations(of: &Snapshot) -> Vec<String> {
    promo_codes(of)
}

/// Every code is in use as often as open bookings name it, by everybody and by each person, and within its limits.
fn promo_codes(of: &Snapshot) -> Vec<String> {
    let mut broken = Vec::new();
    let mut uses: BTreeMap<PromoCodeId, u32> = BTreeMap::new();
    let mut people: BTreeMap<(PromoCodeId, UserId), u32> = BTreeMap::new();
    for booking in of.of::<Booking>().filter(|b| b.state.is_open()) {
        if let Some(id) = booking.promo_code_id {
            *uses.entry(id).or_default() += 1;
            *people.entry((id, booking.user_id)).or_default() += 1;
        }
    }
    let mut codes: BTreeMap<EventId, u32> = BTreeMap::new();
    for promo in of.of::<PromoCode>() {
        *codes.entry(promo.event_id).or_default() += 1;
        let right = uses.remove(&promo.id).unwrap_or(0);
        if promo.used != right {
            broken.push(format!("{:?} is used {} times, but {right} bookings name it", promo.id, promo.used));
        }
    }
    for own in of.of::<PromoUse>() {
        let right = people.remove(&(own.key.promo_code_id, own.key.user_id));
        if right != Some(own.taken) {
            broken.push(format!("{own:?}, but the person has {right:?}"));
        }
    }
    if !uses.is_empty() || !people.is_empty() {
        broken.push(format!("promo codes that are not counted: {uses:?} {people:?}"));
    }
    for inventory in of.of::<Inventory>() {
        let right = codes.get(&inventory.event_id).copied().unwrap_or(0);
        if inventory.promo_codes != right {
            broken.push(format!("{inventory:?}, but there are {right} promo codes"));
        }
    }
    broken
}
