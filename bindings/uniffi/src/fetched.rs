//! What was read with its version: core's `Fetched`, for what can be changed on condition that nobody else did.

use eventify_core::account::UserView;
use eventify_core::event::{EventView, ScheduleItemView};
use eventify_core::payment::PaymentView;
use eventify_core::promo_code::PromoCodeView;
use eventify_core::review::ReviewView;
use eventify_core::store::Version;
use eventify_core::ticket_type::TicketTypeView;
use eventify_core::{Fetched, IfMatch};

macro_rules! fetched {
    ($($name:ident of $view:ident;)+) => {$(
        /// Something that was read, and the version that it had.
        #[derive(Debug, Clone, PartialEq, uniffi::Record)]
        pub struct $name {
            /// What was read.
            pub value: $view,
            /// Given to a change, lets it happen only if nobody else changed it since.
            pub version: Version,
        }

        impl From<Fetched<$view>> for $name {
            fn from(read: Fetched<$view>) -> Self {
                let version = read.version();
                Self { value: read.into_inner(), version }
            }
        }
    )+};
}

fetched! {
    FetchedEvent of EventView;
    FetchedPayment of PaymentView;
    FetchedPromoCode of PromoCodeView;
    FetchedReview of ReviewView;
    FetchedScheduleItem of ScheduleItemView;
    FetchedTicketType of TicketTypeView;
    FetchedUser of UserView;
}

/// Whatever is stored, or only the version that was seen.
pub(crate) fn only(seen: Option<Version>) -> IfMatch {
    seen.map_or(IfMatch::Any, IfMatch::Version)
}
