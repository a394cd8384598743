//! What others see of statistics.

use serde::{Deserialize, Serialize};

use super::curve::Bucket;
use super::model::Takings;
use crate::event::EventStatus;
use crate::id::{EventId, TicketTypeId, UserId};
use crate::money::Money;
use crate::time::{TimeZoneName, Timestamp};

/// What was to be paid in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TakingsView {
    /// For all tickets that were ever issued, less what promo codes took off.
    pub gross: Money,
    /// Of that what is to be given back of bookings that were cancelled, whether or not it was.
    pub refunds_due: Money,
    /// What is left of it.
    pub revenue: Money,
}

impl From<&Takings> for TakingsView {
    fn from(of: &Takings) -> Self {
        let money = |amount| Money::new(amount, of.currency);
        Self {
            gross: money(of.gross_minor),
            refunds_due: money(of.refunds_due_minor),
            revenue: money(of.gross_minor.saturating_sub(of.refunds_due_minor)),
        }
    }
}

/// What came of an event so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct EventStats {
    /// The event.
    pub event_id: EventId,
    /// Where it is in its life.
    pub status: EventStatus,
    /// When it was counted.
    pub as_of: Timestamp,
    /// Seats over all ticket types; no limit of its own when `null`.
    pub capacity: Option<u32>,
    /// Valid tickets.
    pub sold: u32,
    /// Seats held by bookings that are not confirmed yet.
    pub held: u32,
    /// What can be booked now, over all types: no more than the capacity has left, none of what people wait for.
    pub available: u32,
    /// Tickets with which somebody came in.
    pub checked_in: u32,
    /// Tickets whose person came in and did not go out again.
    pub inside: u32,
    /// The share of valid tickets with which nobody came, 0 to 1; `null` until the event is over, and when none was
    /// sold or it was cancelled.
    pub no_show_rate: Option<f64>,
    /// What was to be paid, by currency. None when everything was free.
    pub takings: Vec<TakingsView>,
    /// The same by ticket type, in the order they were made.
    pub types: Vec<TypeStats>,
    /// The time zone that hours and days are counted in: the event's.
    pub time_zone: TimeZoneName,
    /// How long the parts of the curve are.
    pub bucket: Bucket,
    /// What happened when: every hour or day from the first that was asked for to the last.
    pub curve: Vec<CurvePoint>,
}

/// What came of a ticket type so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TypeStats {
    /// The ticket type.
    pub ticket_type_id: TicketTypeId,
    /// Its name.
    pub name: String,
    /// How many there are.
    pub quantity: u32,
    /// Valid tickets.
    pub sold: u32,
    /// Seats held by bookings that are not confirmed yet.
    pub held: u32,
    /// How many can be booked now.
    pub available: u32,
    /// Tickets with which somebody came in.
    pub checked_in: u32,
    /// Tickets whose person came in and did not go out again.
    pub inside: u32,
    /// As for the event.
    pub no_show_rate: Option<f64>,
    /// What was to be paid, by currency.
    pub takings: Vec<TakingsView>,
}

/// What happened in one hour or day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CurvePoint {
    /// When the hour or day begins.
    pub starts_at: Timestamp,
    /// Tickets that were issued.
    pub sold: u32,
    /// Tickets that were cancelled.
    pub cancelled: u32,
    /// Tickets with which somebody came in for the first time.
    pub checked_in: u32,
    /// What was to be paid for those that were issued, and to be given back of bookings that were cancelled.
    pub takings: Vec<TakingsView>,
}

/// What came of an organizer's events so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OrganizerStats {
    /// Whose events they are.
    pub organizer_id: UserId,
    /// When counting began. Each event's numbers are of one instant, not earlier than this.
    pub as_of: Timestamp,
    /// How many events there are.
    pub events: EventCounts,
    /// Valid tickets.
    pub sold: u64,
    /// Seats held by bookings that are not confirmed yet.
    pub held: u64,
    /// Tickets with which somebody came in.
    pub checked_in: u64,
    /// The share of valid tickets with which nobody came, over the events that are over, 0 to 1; `null` when none was
    /// sold.
    pub no_show_rate: Option<f64>,
    /// What was to be paid, by currency.
    pub takings: Vec<TakingsView>,
}

/// How many events there are, by where they are in their life. Drafts sell nothing and are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct EventCounts {
    /// On sale, or going on.
    pub published: u32,
    /// Over.
    pub completed: u32,
    /// Called off.
    pub cancelled: u32,
}

/// The share of tickets with which nobody came.
#[allow(clippy::cast_precision_loss, reason = "there are fewer tickets than a float counts exactly")]
pub(super) fn no_show_rate(sold: u64, checked_in: u64) -> Option<f64> {
    (sold > 0).then(|| sold.saturating_sub(checked_in) as f64 / sold as f64)
}
