//! What others see of a booking.

use serde::{Deserialize, Serialize};

use super::model::{Booking, BookingLine, BookingState, BookingStatus};
use crate::event::CancellationPolicy;
use crate::id::{BookingId, EventId, PromoCodeId, UserId};
use crate::money::Money;
use crate::ticket::TicketView;
use crate::time::Timestamp;

/// A booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BookingView {
    /// Its id.
    pub id: BookingId,
    /// The event.
    pub event_id: EventId,
    /// Who booked.
    pub user_id: UserId,
    /// Where it is in its life.
    pub status: BookingStatus,
    /// What was booked.
    pub lines: Vec<BookingLine>,
    /// What is to be paid.
    pub total: Money,
    /// What held for cancelling when it was made. What the event says now counts where it is better for the person.
    pub cancellation: CancellationPolicy,
    /// What is to be given back, for one that was cancelled with tickets; otherwise `null`.
    pub refund: Option<Money>,
    /// Whether it was sold while nothing was paid through the deployment: its money is somebody else's business, and so is giving
    /// it back.
    pub paid_elsewhere: bool,
    /// The promo code that it was made with.
    pub promo_code_id: Option<PromoCodeId>,
    /// Whether it was offered to its person, who waited.
    pub from_waitlist: bool,
    /// The hold's deadline, while it is held.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The tickets, once confirmed; those that were given to somebody else are left out.
    pub tickets: Vec<TicketView>,
}

impl BookingView {
    pub(super) fn new(booking: &Booking, tickets: Vec<TicketView>) -> Self {
        let expires_at = match booking.state {
            BookingState::Held { expires_at } => Some(expires_at),
            _ => None,
        };
        Self {
            id: booking.id,
            event_id: booking.event_id,
            user_id: booking.user_id,
            status: booking.state.status(),
            lines: booking.lines.clone(),
            total: booking.total,
            cancellation: booking.cancellation.clone(),
            refund: booking.state.refund(),
            paid_elsewhere: booking.paid_elsewhere,
            promo_code_id: booking.promo_code_id,
            from_waitlist: booking.from_waitlist,
            expires_at,
            created_at: booking.created_at,
            tickets,
        }
    }
}

/// What a purchase came to: tickets when nothing was to be paid, otherwise a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Purchase {
    /// The booking.
    pub booking: BookingView,
    /// Its tickets; none while it is held.
    pub tickets: Vec<TicketView>,
}
