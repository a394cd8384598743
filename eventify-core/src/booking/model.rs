//! A booking's record and its states.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Reason};
use crate::event::CancellationPolicy;
use crate::id::{BookingId, EventId, PromoCodeId, TicketId, TicketTypeId, UserId};
use crate::money::{Money, MoneyError};
use crate::seat_map::{BookedSeat, SeatId};
use crate::store::AllowanceKey;
use crate::time::Timestamp;

/// A booking, from its hold to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// The event.
    pub event_id: EventId,
    /// Who booked.
    pub user_id: UserId,
    /// Where it is in its life.
    pub state: BookingState,
    /// What was booked; at least one line.
    pub lines: Vec<BookingLine>,
    /// What is to be paid: the prices at the time of the hold, less what the promo code took off.
    pub total: Money,
    /// What held for cancelling when it was made.
    pub cancellation: CancellationPolicy,
    /// The promo code that it was made with.
    pub promo_code_id: Option<PromoCodeId>,
    /// Whether it was offered to somebody who waited.
    pub from_waitlist: bool,
    /// Whether it was sold while nothing was paid through the deployment: its money is somebody else's business.
    pub paid_elsewhere: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// The tickets, once confirmed: one per seat.
    pub tickets: Vec<TicketId>,
}

/// Some tickets of one type in a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BookingLine {
    /// The ticket type.
    pub ticket_type_id: TicketTypeId,
    /// How many.
    pub quantity: u32,
    /// The price of one at the time of the hold.
    pub unit_price: Money,
    /// What the promo code took off one at the time of the hold.
    pub unit_discount: Option<Money>,
    /// The seats, one for each, where there is a seat map; otherwise none.
    pub seats: Vec<BookedSeat>,
}

/// Where a booking is in its life, with what it learned there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BookingState {
    /// The seats are reserved until the deadline.
    Held {
        /// The end of the reservation.
        expires_at: Timestamp,
    },
    /// Tickets are issued.
    Confirmed {
        /// Since when.
        at: Timestamp,
    },
    /// Called off by the person, the organizer, or with the event.
    Cancelled {
        /// Since when.
        at: Timestamp,
        /// What is to be given back; `None` for a hold, for which nothing was paid.
        refund: Option<Money>,
    },
    /// The deadline passed.
    Expired {
        /// Since when.
        at: Timestamp,
    },
}

/// The state's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    /// The seats are reserved.
    Held,
    /// Tickets are issued.
    Confirmed,
    /// Called off.
    Cancelled,
    /// The deadline passed.
    Expired,
}

impl BookingState {
    /// The state's name.
    #[must_use]
    pub const fn status(&self) -> BookingStatus {
        match self {
            Self::Held { .. } => BookingStatus::Held,
            Self::Confirmed { .. } => BookingStatus::Confirmed,
            Self::Cancelled { .. } => BookingStatus::Cancelled,
            Self::Expired { .. } => BookingStatus::Expired,
        }
    }

    /// Whether it takes seats: held or confirmed.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::Confirmed { .. })
    }

    /// `held → expired`, once the deadline has passed.
    ///
    /// # Errors
    /// `booking_not_held`, also while the deadline has not passed.
    pub fn expire(&self, at: Timestamp) -> Result<Self, Error> {
        match self {
            Self::Held { expires_at } if *expires_at <= at => Ok(Self::Expired { at }),
            _ => Err(not_held(self)),
        }
    }

    /// `held → confirmed`, and `expired → confirmed` for one whose seats were taken anew.
    ///
    /// # Errors
    /// `booking_not_held`.
    pub fn confirm(&self, at: Timestamp) -> Result<Self, Error> {
        match self {
            Self::Held { .. } | Self::Expired { .. } => Ok(Self::Confirmed { at }),
            Self::Confirmed { .. } | Self::Cancelled { .. } => Err(not_held(self)),
        }
    }

    /// `held → cancelled`, `confirmed → cancelled`.
    ///
    /// # Errors
    /// `booking_not_held` for one that is over.
    pub fn cancel(&self, at: Timestamp, refund: Option<Money>) -> Result<Self, Error> {
        if self.is_open() { Ok(Self::Cancelled { at, refund }) } else { Err(not_held(self)) }
    }

    /// What is to be given back, once it is cancelled.
    #[must_use]
    pub const fn refund(&self) -> Option<Money> {
        match self {
            Self::Cancelled { refund, .. } => *refund,
            Self::Held { .. } | Self::Confirmed { .. } | Self::Expired { .. } => None,
        }
    }
}

fn not_held(state: &BookingState) -> Error {
    let sentence = match state {
        BookingState::Held { .. } => "The booking is still held.",
        BookingState::Confirmed { .. } => "The booking is confirmed already.",
        BookingState::Cancelled { .. } => "The booking was cancelled.",
        BookingState::Expired { .. } => "The booking's hold is over.",
    };
    Error::new(Reason::BookingNotHeld, sentence).with("booking_status", state.status())
}

impl Booking {
    /// How many seats it is about.
    #[must_use]
    pub fn seats(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity).fold(0, u32::saturating_add)
    }

    /// The seats that it names, where there is a seat map.
    pub fn seat_ids(&self) -> impl Iterator<Item = SeatId> + '_ {
        self.lines.iter().flat_map(|line| line.seats.iter().map(|seat| seat.seat))
    }
}

impl BookingLine {
    /// What is to be paid for one ticket.
    ///
    /// # Errors
    /// [`MoneyError`] when the discount is not of the price's currency, which no booking's is.
    pub fn unit_due(&self) -> Result<Money, MoneyError> {
        match self.unit_discount {
            Some(off) => self.unit_price.plus(Money::new(-off.amount_minor, off.currency)),
            None => Ok(self.unit_price),
        }
    }

    /// What is to be paid for all of them.
    ///
    /// # Errors
    /// [`MoneyError`] when it cannot be said in 64 bits, or the discount is of another currency; no booking has such a line.
    pub fn due(&self) -> Result<Money, MoneyError> {
        self.unit_due()?.times(self.quantity)
    }
}

/// How many tickets of one type one person holds or has bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// The type and the person.
    pub key: AllowanceKey,
    /// The event.
    pub event_id: EventId,
    /// How many.
    pub taken: u32,
}
