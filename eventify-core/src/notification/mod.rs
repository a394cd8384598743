//! Notifications: what people are told, by which channel, and what they read of it.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::notification::{Channel, NoticeKind, PreferencesView, SendNotification};
//! use eventify_core::{Actor, Eventify, PageRequest, Role, account::Register, store::MemoryStore};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! # let bob = Register::new("Bob", "bob@example.org", "three quiet rivers");
//! # let user_id = eventify.accounts().register(&Actor::anonymous(), bob).await?.id;
//! # let bob = Actor::user(user_id, Role::Attendee);
//! let words = SendNotification {
//!     user_id,
//!     title: "Doors open at six".into(),
//!     body: "The cloakroom is on the left.".into(),
//!     event_id: None,
//! };
//! eventify.notifications().send(&Actor::system(), words).await?;
//! let unread = eventify.notifications().list(&bob, true, &PageRequest::default()).await?;
//! assert_eq!(unread.data[0].title, "Doors open at six");
//! eventify.notifications().mark_read(&bob, unread.data[0].id).await?;
//!
//! // Bob wants no reminders by e-mail; everything else stays as it is.
//! let no_mail = PreferencesView::of([(NoticeKind::Reminder, [(Channel::Email, false)].into())]);
//! let chosen = eventify.notifications().set_preferences(&bob, no_mail).await?;
//! assert!(chosen.kinds[&NoticeKind::Reminder][&Channel::InApp]);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod choose;
mod digest;
mod listen;
mod model;
mod personal;
mod phone;
mod port;
mod push;
mod quiet;
mod read;
mod say;
mod send;
mod still;
mod tell;
mod unsubscribe;
mod view;
mod words;

pub use digest::{DailyDigest, DigestBox};
pub(crate) use digest::{empty as empty_digest, emptying, gather as gather_for_digest, urgency};
pub use listen::Feed;
pub use model::{Attached, Channel, Draft, FactName, NoticeKind, Notification, Preferences};
pub(crate) use personal::PERSONAL;
pub use phone::{NotAPhone, Phone};
pub use port::{
    Delivered, DeliveryError, Envelope, Fact, Message, Notifier, OneTimeToken, Outlets, Publisher,
    PushAddress, PushTarget, Recipient,
};
pub use push::{
    AddPushSubscription, FcmSubscription, PushClaim, PushSubscription, PushSubscriptionView,
    PushSubscriptions, WebPushKeys, WebPushSubscription,
};
pub(crate) use push::{forget as forget_push, forget_all as forget_all_push, is_place, places};
pub use quiet::{NotATimeOfDay, QuietHours, TimeOfDay, Urgent};
pub(crate) use say::Voice;
pub use send::SendNotification;
pub(crate) use still::{Unsaid, still_said};
pub(crate) use tell::{
    Notice, fact, fact_id, publish, publish_all, publish_once, reads, reads_once, tell, tell_once,
};
pub use unsubscribe::Unsubscription;
pub(crate) use unsubscribe::unsubscribe_token;
pub use view::{NotificationView, PreferencesView};
pub use words::{Whose, Words};

use crate::eventify::Engine;

/// What can be done with notifications. From [`Eventify::notifications`](crate::Eventify::notifications).
#[derive(Debug, Clone, Copy)]
pub struct Notifications<'a> {
    pub(crate) engine: &'a Engine,
}
