//! Notifications: what people are told, by which channel, and what they read of it.

mod model;
mod port;
mod tell;

pub use model::{Channel, FactName, NoticeKind, Notification, Preferences};
pub use port::{DeliveryError, Envelope, Fact, Message, Notifier, Outlets, Publisher, Recipient};
pub(crate) use tell::{Notice, fact, fact_id, publish, reads, tell, tell_once};
