//! How Eventify reaches people, and tells other systems.
//!
//! The engine decides who is told what, when and how often ([`Notifier`](eventify_core::notification::Notifier),
//! [`Publisher`](eventify_core::notification::Publisher)); this crate brings it there. Each way is a feature, and without one there is next to
//! nothing to compile.
//!
//! | feature | who is reached |
//! |---|---|
//! | `email` | people, by SMTP |
//! | `sms` | people, by the HTTP gateway of a provider |
//! | `push` | browsers by Web Push, apps by Firebase Cloud Messaging |
//! | `kafka`, `rabbitmq`, `nats` | other systems |
//! | `webhooks` | systems that organizers and admins name |
//!
//! `outgoing` is what several of them share: HTTP to addresses that somebody else chose.

#[cfg(any(
    feature = "email",
    feature = "kafka",
    feature = "nats",
    feature = "push",
    feature = "rabbitmq",
    feature = "sms"
))]
mod absence;
#[cfg(any(feature = "kafka", feature = "nats", feature = "rabbitmq"))]
pub mod broker;
mod channels;
#[cfg(feature = "email")]
pub mod email;
#[cfg(feature = "kafka")]
pub mod kafka;
#[cfg(any(feature = "email", feature = "push"))]
mod links;
#[cfg(feature = "nats")]
pub mod nats;
#[cfg(feature = "outgoing")]
pub mod outgoing;
#[cfg(feature = "push")]
pub mod push;
#[cfg(feature = "rabbitmq")]
pub mod rabbitmq;
#[cfg(feature = "sms")]
pub mod sms;
#[cfg(feature = "webhooks")]
pub mod webhooks;

pub use channels::{ChannelTaken, Channels};
#[cfg(any(feature = "email", feature = "push"))]
pub use links::{NotAPublicUrl, PublicUrl};
