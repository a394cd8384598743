//! Statistics: what came of events, in numbers that are exact at every instant.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::stats::{CurveRequest, TakingsView};
//! use eventify_core::{Actor, Eventify, Role, booking::HoldTickets, store::MemoryStore, ticket::Scan};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! # use eventify_core::{Clock, Money, SystemClock, event::CreateEvent, ticket_type::CreateTicketType};
//! # let start = SystemClock.now().plus(std::time::Duration::from_secs(7 * 86_400));
//! # let draft = CreateEvent {
//! #     title: Some("Spring concert".into()),
//! #     starts_at: Some(start),
//! #     ends_at: Some(start.plus(std::time::Duration::from_secs(7_200))),
//! #     ..CreateEvent::default()
//! # };
//! # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! # let event_id = eventify.events().create(&organizer, draft).await?.id;
//! # let price = Some(Money::new(450_000, "KZT".parse()?));
//! # let stalls = CreateTicketType { name: "Stalls".into(), price, quantity: 120, ..Default::default() };
//! # eventify.ticket_types().create(&organizer, event_id, stalls).await?;
//! # eventify.events().publish(&organizer, event_id).await?;
//! # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
//! let two = eventify.bookings().hold(&bob, HoldTickets::only(event_id, 2)).await?.id;
//! let sold = eventify.bookings().confirm(&organizer, two).await?;
//! eventify.tickets().check_in(&organizer, &sold.tickets[0].code, Scan::default()).await?;
//!
//! let stats = eventify.stats().of_event(&organizer, event_id, &CurveRequest::default()).await?;
//! assert_eq!((stats.sold, stats.checked_in, stats.inside), (2, 1, 1));
//! let [TakingsView { revenue, .. }] = stats.takings[..] else { panic!("one currency") };
//! assert_eq!(revenue.amount_minor, 900_000);
//! assert_eq!(stats.curve.iter().map(|day| day.sold).sum::<u32>(), 2);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod count;
mod curve;
mod model;
mod of_event;
mod of_organizer;
mod spread;
mod view;
mod watch;
mod watchers;

pub(crate) use count::{Presence, count_cancelled, count_presence, count_sold, need, reads};
pub use curve::{Bucket, CurveRequest};
pub use model::{EventDay, EventTally, Quarter, Takings, TypeTally};
pub(crate) use model::{Trade, place, take};
pub use of_organizer::StatsPeriod;
pub(crate) use spread::spread;
pub use view::{CurvePoint, EventCounts, EventStats, OrganizerStats, TakingsView, TypeStats};
pub use watch::{Entry, LiveDoor, LiveFeed, LiveSales, LiveView};
pub(crate) use watchers::Watchers;

use crate::eventify::Engine;

/// What can be asked in numbers. From [`Eventify::stats`](crate::Eventify::stats).
#[derive(Debug, Clone, Copy)]
pub struct Stats<'a> {
    pub(crate) engine: &'a Engine,
}
