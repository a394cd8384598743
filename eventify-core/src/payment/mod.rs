//! The port to payment providers.
//!
//! Until a provider is attached, paid bookings are paid offline: the organizer or an admin confirms them
//! ([`Bookings::confirm`](crate::booking::Bookings::confirm)).

mod port;

pub use port::{
    Capabilities, Charge, ChargeRequest, ChargeStatus, PaymentProvider, ProviderCallback, ProviderError,
    RefundRequest,
};
