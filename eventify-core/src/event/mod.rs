//! Events: their life from draft to done, categories, schedules and search.

mod access;
mod cancel;
mod categories;
mod complete;
mod create;
mod delete;
mod fields;
mod import_schedule;
mod model;
mod publish;
mod read;
mod schedule;
mod update;
mod view;

pub(crate) use access::{event_not_found, find};
pub use cancel::CancelEvent;
pub(crate) use cancel::cancellation_fact;
pub use categories::{Categories, CreateCategory};
pub(crate) use complete::{complete, tell_holders, when};
pub use create::CreateEvent;
pub use import_schedule::{ImportReport, ImportedItem};
pub use model::{Category, CategoryName, Event, EventState, EventStatus, Schedule, ScheduleItem};
pub use read::EventFilter;
pub use schedule::PutScheduleItem;
pub use update::UpdateEvent;
pub use view::{CategoryView, EventView, Rating, ScheduleItemView};

use crate::eventify::Engine;

/// What can be done with events. From [`Eventify::events`](crate::Eventify::events).
#[derive(Debug, Clone, Copy)]
pub struct Events<'a> {
    pub(crate) engine: &'a Engine,
}
