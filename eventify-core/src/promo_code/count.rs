//! Using a promo code: what it takes to, and how often it is in use.

use std::sync::Arc;

use super::model::{PromoCode, PromoText, PromoUse};
use super::not_found;
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::{EventId, PromoCodeId, UserId};
use crate::store::{Key, PromoUseKey};
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// What a booking with this code reads besides its seats.
pub(crate) fn reads(id: PromoCodeId, user_id: UserId) -> [Key; 2] {
    [Key::PromoCode(id), Key::PromoUse(PromoUseKey { promo_code_id: id, user_id })]
}

/// The event's code of this text, if it is good now.
///
/// # Errors
/// `promo_unknown`, `promo_not_applicable` before its time, `promo_expired`.
pub(crate) fn redeem(
    work: &mut Work,
    cx: &Context<'_>,
    event_id: EventId,
    text: &PromoText,
) -> Decision<Arc<PromoCode>> {
    let found = work.find::<PromoCode>(&text.id(event_id))?;
    let found = found.ok_or_else(|| not_found().at_field("promo_code"))?;
    found.require_open(cx.now)?;
    Ok(found)
}

/// Whether a code may be used anew by a booking of this instant whose hold was over. One that was made since is another
/// code, whatever its text is.
///
/// # Errors
/// As [`redeem`].
pub(crate) fn require_open(
    work: &mut Work,
    cx: &Context<'_>,
    id: PromoCodeId,
    booked_at: Timestamp,
) -> Decision<()> {
    let found = work.find::<PromoCode>(&id)?.filter(|promo| promo.created_at <= booked_at);
    Ok(found.ok_or_else(not_found)?.require_open(cx.now)?)
}

/// Counts a booking with a code, or gives its use back.
///
/// # Errors
/// `promo_unknown`, `promo_used_up` (with `uses_max` or `per_person_max`).
pub(crate) fn count(work: &mut Work, id: PromoCodeId, user_id: UserId, more: bool) -> Decision<()> {
    work.need(reads(id, user_id))?;
    let key = PromoUseKey { promo_code_id: id, user_id };
    let found = work.find::<PromoCode>(&id)?.ok_or_else(not_found)?;
    let taken = work.find::<PromoUse>(&key)?.map_or(0, |own| own.taken);
    if !more {
        let used = found.used.checked_sub(1).ok_or_else(miscounted)?;
        work.put(PromoCode { used, ..(*found).clone() });
        match taken.checked_sub(1).ok_or_else(miscounted)? {
            0 => work.delete::<PromoUse>(&key),
            taken => work.put(PromoUse { key, event_id: found.event_id, taken }),
        }
        return Ok(());
    }
    if let Some(max) = found.terms.uses_max.filter(|max| found.used >= *max) {
        let error = Error::new(Reason::PromoUsedUp, "The promo code is used up.");
        return Err(error.with("uses_max", max).at_field("promo_code").into());
    }
    if let Some(max) = found.terms.per_person_max.filter(|max| taken >= *max) {
        let sentence = format!("One person may have {max} bookings with this promo code; you have {taken}.");
        let error = Error::new(Reason::PromoUsedUp, sentence);
        return Err(error.with("per_person_max", max).with("taken", taken).at_field("promo_code").into());
    }
    work.put(PromoCode { used: found.used.saturating_add(1), ..(*found).clone() });
    work.put(PromoUse { key, event_id: found.event_id, taken: taken.saturating_add(1) });
    Ok(())
}

fn miscounted() -> Error {
    Error::internal("a promo code is used less often than its bookings say")
}
