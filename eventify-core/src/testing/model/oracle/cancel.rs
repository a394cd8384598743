//! The rules of cancelling: until when, and what comes back.

use std::time::Duration;

use super::{Answer, State, Verdict, no};
use crate::booking::BookingStatus;
use crate::error::Reason;
use crate::event::EventStatus;
use crate::id::BookingId;
use crate::notification::FactName;
use crate::time::Timestamp;

/// What people are promised who cancel; times count back from the start.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in super::super) struct Terms {
    /// Nobody may when there is none.
    pub(in super::super) until: Option<Duration>,
    /// What comes back in percent, and until when, best first.
    pub(in super::super) refund: Vec<(Duration, u8)>,
}

impl Terms {
    fn is_closed(&self, now: Timestamp, start: Timestamp) -> bool {
        self.until.is_none_or(|before| now >= start.minus(before))
    }

    fn percent(&self, now: Timestamp, start: Timestamp) -> u8 {
        let step = self.refund.iter().find(|(before, _)| now < start.minus(*before));
        step.map_or(0, |(_, percent)| *percent)
    }
}

/// A part of an amount; what is less than one unit is for the person.
fn part(total: i64, percent: u8) -> i64 {
    let hundredfold = total * i64::from(percent);
    hundredfold / 100 + i64::from(hundredfold % 100 > 0)
}

impl State {
    pub(super) fn cancel(&mut self, id: BookingId, by_organizer: bool, now: Timestamp) -> Verdict<Answer> {
        let mut booking = self.copy(id);
        let event = &self.events[&booking.event];
        if event.status == EventStatus::Cancelled {
            return no(Reason::EventCancelled);
        }
        let confirmed = booking.status == BookingStatus::Confirmed;
        let mut percent = 100;
        if confirmed && !by_organizer {
            // The better of what was promised and what is promised now.
            let both = [&booking.terms, &event.terms];
            if both.iter().all(|terms| terms.is_closed(now, event.starts_at)) {
                return no(Reason::CancellationClosed);
            }
            percent = both.iter().map(|terms| terms.percent(now, event.starts_at)).max().unwrap_or(0);
        }
        let holders = booking.holders();
        if !by_organizer && holders.len() > 1 {
            return no(Reason::TicketTransferred);
        }
        if matches!(booking.status, BookingStatus::Cancelled | BookingStatus::Expired) {
            return no(Reason::BookingNotHeld);
        }
        if booking.has_used_ticket() {
            return no(Reason::TicketAlreadyUsed);
        }
        // Who takes it away need not be told.
        for holder in holders.into_iter().filter(|_| by_organizer && confirmed) {
            self.tell(holder, FactName::BookingCancelled);
        }
        booking.refund = confirmed.then(|| part(booking.total, percent));
        booking.end(BookingStatus::Cancelled);
        self.keep(id, booking);
        Ok(Answer::Done)
    }

    // What happens by itself: whether it does.

    /// The event was cancelled, and the booking goes with it.
    pub(in super::super) fn sweep(&mut self, id: BookingId) -> bool {
        let Some(booking) = self.bookings.get(&id) else { return false };
        let mut booking = (**booking).clone();
        let confirmed = booking.status == BookingStatus::Confirmed;
        let open = confirmed || booking.status == BookingStatus::Held;
        if !open || self.events[&booking.event].status != EventStatus::Cancelled {
            return false;
        }
        for holder in booking.holders().into_iter().filter(|_| confirmed) {
            if self.told.insert((holder, booking.event)) {
                self.tell(holder, FactName::EventCancelled);
            }
        }
        booking.refund = confirmed.then_some(booking.total);
        booking.end(BookingStatus::Cancelled);
        self.keep(id, booking);
        true
    }
}
