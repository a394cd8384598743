//! Eventify's engine.

pub mod account;
mod actor;
pub mod audit;
pub mod booking;
pub mod check;
mod command;
mod context;
pub mod error;
mod etag;
pub mod event;
mod eventify;
mod executor;
mod id;
pub mod job;
pub mod keyring;
mod money;
pub mod notification;
mod page;
pub mod payment;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod ticket;
pub mod ticket_type;
mod time;
mod validate;
mod work;

pub use actor::{Actor, Role};
pub use command::{Answer, Call};
pub use context::{Clock, Entropy, Payments, Settings, SystemClock, SystemEntropy};
pub use error::{Category, Error, FieldError, Reason};
pub use etag::{Fetched, IfMatch};
pub use eventify::{Builder, Eventify};
pub use id::{
    AuditId, BookingId, CategoryId, EventId, FactId, JobId, LaneId, NotificationId, ParseIdError,
    ScheduleItemId, SessionId, TicketId, TicketTypeId, UserId,
};
pub use money::{Currency, Money, MoneyError, UnknownCurrency};
pub use page::{Listing, PageRequest};
pub use time::{TimeZoneName, Timestamp, TimestampError, UnknownTimeZone};
