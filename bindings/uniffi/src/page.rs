//! Pages of lists: core's `Listing`, once for each kind of entry, since UniFFI knows no generic types.

use eventify_core::Listing;
use eventify_core::account::{ApiKeyView, SessionView};
use eventify_core::announcement::AnnouncementView;
use eventify_core::audit::AuditEntry;
use eventify_core::booking::BookingView;
use eventify_core::event::{CategoryView, EventView, ScheduleItemView};
use eventify_core::job::JobView;
use eventify_core::notification::{NotificationView, PushSubscriptionView};
use eventify_core::payment::{LedgerEntryView, PaymentView, StrayDispute};
use eventify_core::promo_code::PromoCodeView;
use eventify_core::review::ReviewView;
use eventify_core::seat_map::SeatRowView;
use eventify_core::staff::{DeviceView, StaffView};
use eventify_core::ticket::{AttendeeView, DoorTicket, GateScanView, TicketView};
use eventify_core::ticket_type::TicketTypeView;
use eventify_core::transfer::TransferView;

macro_rules! pages {
    ($($name:ident of $entry:ident;)+) => {$(
        /// One page of a list.
        #[derive(Debug, Clone, PartialEq, uniffi::Record)]
        pub struct $name {
            /// The entries.
            pub data: Vec<$entry>,
            /// Where the next page begins; nothing on the last one. Opaque, and only good for the same list.
            pub next_cursor: Option<String>,
        }

        impl From<Listing<$entry>> for $name {
            fn from(page: Listing<$entry>) -> Self {
                // Part by part: one that core adds is missed here, and not lost.
                let Listing { data, next_cursor } = page;
                Self { data, next_cursor }
            }
        }
    )+};
}

pages! {
    AnnouncementPage of AnnouncementView;
    ApiKeyPage of ApiKeyView;
    AttendeePage of AttendeeView;
    AuditEntryPage of AuditEntry;
    BookingPage of BookingView;
    CategoryPage of CategoryView;
    DevicePage of DeviceView;
    DoorTicketPage of DoorTicket;
    EventPage of EventView;
    GateScanPage of GateScanView;
    JobPage of JobView;
    LedgerEntryPage of LedgerEntryView;
    NotificationPage of NotificationView;
    PaymentPage of PaymentView;
    PromoCodePage of PromoCodeView;
    PushSubscriptionPage of PushSubscriptionView;
    ReviewPage of ReviewView;
    ScheduleItemPage of ScheduleItemView;
    SeatRowPage of SeatRowView;
    SessionPage of SessionView;
    StaffPage of StaffView;
    StrayDisputePage of StrayDispute;
    TicketTypePage of TicketTypeView;
    TicketPage of TicketView;
    TransferPage of TransferView;
}
