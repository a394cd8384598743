//! What comes back when a booking is cancelled: by its policy, or by the event's if that became better since.

use super::access::Access;
use super::model::{Booking, BookingState};
use crate::error::{Error, Reason};
use crate::event::Event;
use crate::money::Money;
use crate::time::Timestamp;

/// The part, 0 to 100, that comes back to who cancels now. The organizer gives everything back.
///
/// # Errors
/// `cancellation_closed`, with `cancellable_until` where there was such a time.
pub(super) fn percent(booking: &Booking, event: &Event, access: Access, now: Timestamp) -> Result<u8, Error> {
    let held = !matches!(booking.state, BookingState::Confirmed { .. });
    let Some(start) = event.starts_at.filter(|_| access == Access::Own && !held) else { return Ok(100) };
    let zone = &event.time_zone;
    let policies = [&booking.cancellation, &event.cancellation];
    let Some(closes_at) = policies.iter().filter_map(|policy| policy.closes_at(start, zone)).max() else {
        let sentence =
            "Tickets of this event are not taken back; the organizer can still cancel the booking.";
        return Err(Error::new(Reason::CancellationClosed, sentence));
    };
    if now >= closes_at {
        let sentence =
            format!("It could be cancelled until {closes_at}; the organizer can still cancel the booking.");
        return Err(Error::new(Reason::CancellationClosed, sentence).with("cancellable_until", closes_at));
    }
    Ok(policies.iter().map(|policy| policy.percent_at(now, start, zone)).max().unwrap_or(0))
}

/// What is to be given back of a booking that is cancelled; nothing was paid for one that was only held.
pub(super) fn due(booking: &Booking, percent: u8) -> Option<Money> {
    let confirmed = matches!(booking.state, BookingState::Confirmed { .. });
    confirmed.then(|| part(booking.total, percent))
}

/// So many percent of an amount, rounded up to the next minor unit: never more than the amount.
fn part(total: Money, percent: u8) -> Money {
    let hundredfold = i128::from(total.amount_minor) * i128::from(percent.min(100));
    // At most the amount itself, so it fits.
    let amount = i64::try_from((hundredfold + 99).div_euclid(100)).unwrap_or(total.amount_minor);
    Money::new(amount, total.currency)
}

#[cfg(test)]
mod tests {
    use super::part;
    use crate::money::Money;

    #[test]
    fn parts_are_rounded_to_the_person_and_never_above_the_whole() {
        for (total, percent, due) in [
            (0, 50, 0),
            (1, 1, 1),
            (1, 100, 1),
            (99, 50, 50),
            (100, 50, 50),
            (101, 50, 51),
            (333, 33, 110),
            (333, 0, 0),
            (150_000, 100, 150_000),
            (i64::MAX, 100, i64::MAX),
            (i64::MAX, 99, 9_131_138_316_486_228_049),
        ] {
            let money = |amount| "KZT".parse().map(|currency| Money::new(amount, currency));
            assert_eq!(money(total).map(|total| part(total, percent)), money(due), "{percent} % of {total}");
        }
    }
}
