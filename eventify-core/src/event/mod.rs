//! event.

mod model;

pub use model::{Category, CategoryName, Event, EventState, EventStatus, Schedule, ScheduleItem};
