//! Events: their life from draft to done, categories, schedules and search.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use std::time::Duration;
//! use eventify_core::event::{CreateEvent, EventFilter, EventStatus};
//! use eventify_core::{Actor, Clock, Eventify, PageRequest, Role, SystemClock, store::MemoryStore};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
//! let start = SystemClock.now().plus(Duration::from_secs(7 * 86_400));
//! let draft = CreateEvent {
//!     title: Some("Kobyz and strings".into()),
//!     category: Some("Concert".into()),
//!     city: Some("Almaty".into()),
//!     time_zone: Some("Asia/Almaty".parse()?),
//!     starts_at: Some(start),
//!     ends_at: Some(start.plus(Duration::from_secs(2 * 3600))),
//!     ..CreateEvent::default()
//! };
//! let event = eventify.events().create(&organizer, draft).await?;
//! assert_eq!(event.status, EventStatus::Draft); // nobody else sees it yet
//! eventify.events().publish(&organizer, event.id).await?;
//!
//! let search = EventFilter { q: Some("KOB".into()), city: Some("almaty".into()), ..EventFilter::default() };
//! let found = eventify.events().list(&Actor::anonymous(), &search, &PageRequest::first(10)).await?;
//! assert_eq!(found.data[0].id, event.id);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod cancel;
mod cancellation;
mod categories;
mod complete;
mod create;
mod delete;
mod fields;
mod import_schedule;
mod model;
mod open;
mod publish;
mod read;
mod remind;
mod schedule;
mod tell;
mod update;
mod view;

pub(crate) use access::{
    Standing, event_not_found, find, require_door, require_manager, require_owner, require_visible, standing,
};
pub use cancel::CancelEvent;
pub(crate) use cancel::cancellation_fact;
pub use cancellation::{CancellationPolicy, PutCancellation, RefundStep};
pub use categories::{Categories, CreateCategory};
pub(crate) use complete::complete;
pub use create::CreateEvent;
pub(crate) use delete::deletion_job;
pub use import_schedule::{ImportReport, ImportedItem};
pub use model::{Category, CategoryName, Event, EventState, EventStatus, OpenEvents, Schedule, ScheduleItem};
pub use read::EventFilter;
pub(crate) use remind::{is_ahead, is_on, reminder_job};
pub use schedule::PutScheduleItem;
pub(crate) use tell::{Step, moment, start, takes_place, tell_holders};
pub use update::UpdateEvent;
pub use view::{CategoryView, EventView, Rating, ScheduleItemView};

use crate::eventify::Engine;

/// What can be done with events. From [`Eventify::events`](crate::Eventify::events).
#[derive(Debug, Clone, Copy)]
pub struct Events<'a> {
    pub(crate) engine: &'a Engine,
}
