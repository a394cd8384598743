//! The port to payment providers.
//!
//! Until a provider is attached, paid bookings are paid offline: the organizer or an admin confirms them
//! ([`Bookings::confirm`](crate::booking::Bookings::confirm)).
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::booking::{BookingStatus, HoldTickets};
//! use eventify_core::{Actor, Eventify, Money, Reason, Role, store::MemoryStore};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! # use eventify_core::{Clock, SystemClock, event::CreateEvent, ticket_type::CreateTicketType};
//! # let start = SystemClock.now().plus(std::time::Duration::from_secs(7 * 86_400));
//! # let draft = CreateEvent {
//! #     title: Some("Spring concert".into()),
//! #     starts_at: Some(start),
//! #     ends_at: Some(start.plus(std::time::Duration::from_secs(7_200))),
//! #     ..CreateEvent::default()
//! # };
//! # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! # let event_id = eventify.events().create(&organizer, draft).await?.id;
//! # let stalls = CreateTicketType { name: "Stalls".into(), price: Some(Money::new(450_000, "KZT".parse()?)), quantity: 120, ..Default::default() };
//! # let stalls = eventify.ticket_types().create(&organizer, event_id, stalls).await?;
//! # eventify.events().publish(&organizer, event_id).await?;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! let two = HoldTickets::only(event_id, 2);
//! let booking = eventify.bookings().buy(&bob, two).await?.booking.clone();
//! assert_eq!(booking.status, BookingStatus::Held); // there is something to pay
//! assert_eq!(booking.total, Money::new(900_000, "KZT".parse()?));
//!
//! // Bob cannot say himself that he paid; the box office, which took his money, can.
//! let refused = eventify.bookings().confirm(&bob, booking.id).await;
//! assert_eq!(refused.unwrap_err().reason(), Reason::PaymentRequired);
//! let paid = eventify.bookings().confirm(&organizer, booking.id).await?;
//! assert_eq!(paid.tickets.len(), 2);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod port;

pub use port::{
    CallbackAnswer, CallbackNews, Capabilities, Charge, ChargeKey, ChargeRequest, ChargeStatus,
    PaymentProvider, ProviderCallback, ProviderError, RefundReceipt, RefundRequest, Verdict,
};
