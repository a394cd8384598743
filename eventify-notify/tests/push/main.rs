//! Push messages to services that decrypt and verify what they are sent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod apps;
mod browsers;
mod engine;
#[path = "../house/mod.rs"]
mod house;
#[path = "../samples/mod.rs"]
mod samples;
#[path = "../web/mod.rs"]
mod web;

use std::time::Duration;

use eventify_core::PushSubscriptionId;
use eventify_core::notification::{
    Channel, Delivered, DeliveryError, Message, Notifier, PushAddress, PushTarget, Recipient,
};
use eventify_notify::outgoing::{OutgoingSettings, Reach};
use eventify_notify::push::Push;

/// This machine may be called: the services of tests are here.
fn nearby() -> OutgoingSettings {
    OutgoingSettings { reach: Reach::PublicAndLoopback, ..OutgoingSettings::default() }
}

fn person(addresses: impl IntoIterator<Item = PushAddress>) -> Recipient {
    let target = |(nth, address): (usize, PushAddress)| {
        let nth = u8::try_from(nth + 1).unwrap();
        PushTarget { id: PushSubscriptionId::from_bytes([nth; 16]), address }
    };
    let push = addresses.into_iter().enumerate().map(target).collect();
    Recipient { push, ..samples::person("ada@example.org") }
}

fn id(nth: u8) -> PushSubscriptionId {
    PushSubscriptionId::from_bytes([nth; 16])
}

async fn send(push: &Push, to: &Recipient, message: &Message) -> Result<Delivered, DeliveryError> {
    push.deliver(Channel::Push, to, message).await
}

/// Nobody was called, and nobody is to be for about so long.
fn assert_is_paused(outcome: Result<Delivered, DeliveryError>, asked: Duration) {
    match outcome {
        Err(DeliveryError::Busy { why, pause: Some(left) } | DeliveryError::Away { why, pause: left }) => {
            assert!(why.contains("asked for a pause"), "{why}");
            assert!(left <= asked && left > asked / 2, "{left:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// The time stood still (`tokio::time::pause`): no pause was over, however slow the machine. Now one is.
async fn later() {
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
}

fn gone(ids: impl IntoIterator<Item = u8>) -> Delivered {
    let gone: Vec<_> = ids.into_iter().map(id).collect();
    Delivered { nobody: true, gone, ..Delivered::default() }
}

fn is_transient(outcome: &Result<Delivered, DeliveryError>) -> bool {
    matches!(outcome, Err(DeliveryError::Transient(_)))
}
