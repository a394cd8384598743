//! Notifications: what people are told, by which channel, and what they read of it.

mod choose;
mod model;
mod port;
mod read;
mod send;
mod tell;
mod view;

pub use model::{Channel, FactName, NoticeKind, Notification, Preferences};
pub use port::{DeliveryError, Envelope, Fact, Message, Notifier, Outlets, Publisher, Recipient};
pub use send::SendNotification;
pub(crate) use tell::{Notice, fact, fact_id, publish, reads, reads_once, tell, tell_once};
pub use view::{NotificationView, PreferencesView};

use crate::eventify::Engine;

/// What can be done with notifications. From [`Eventify::notifications`](crate::Eventify::notifications).
#[derive(Debug, Clone, Copy)]
pub struct Notifications<'a> {
    pub(crate) engine: &'a Engine,
}
