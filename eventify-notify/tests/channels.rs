//! Several notifiers as one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use async_trait::async_trait;
use eventify_core::notification::{
    Channel, Delivered, DeliveryError, FactName, Message, Notifier, Recipient,
};
use eventify_core::{Language, UserId};
use eventify_notify::{ChannelTaken, Channels};

/// Says by its error who was asked.
#[derive(Debug)]
struct Named(&'static str, Vec<Channel>);

#[async_trait]
impl Notifier for Named {
    fn channels(&self) -> BTreeSet<Channel> {
        self.1.iter().copied().collect()
    }

    async fn deliver(
        &self,
        _channel: Channel,
        _to: &Recipient,
        _message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        Err(DeliveryError::Permanent(self.0.to_owned()))
    }
}

async fn asked(channels: &Channels, channel: Channel) -> DeliveryError {
    let to = Recipient {
        user_id: UserId::from_bytes([1; 16]),
        name: "Ada".into(),
        email: "ada@example.org".into(),
        phone: None,
        language: Language::english(),
        push: Vec::new(),
    };
    let message = Message {
        dedupe_key: "1".into(),
        fact: FactName::Announcement,
        event_id: None,
        title: "Doors open at six".into(),
        body: "The cloakroom is on the left.".into(),
        tickets: Vec::new(),
        unsubscribe: None,
        token: None,
    };
    channels.deliver(channel, &to, &message).await.unwrap_err()
}

#[tokio::test]
async fn each_channel_is_served_by_its_own() {
    let both = Channels::new()
        .and(Named("post", vec![Channel::Email]))
        .unwrap()
        .and(Named("phone", vec![Channel::Sms, Channel::Push]))
        .unwrap();
    assert_eq!(both.channels(), [Channel::Email, Channel::Sms, Channel::Push].into());
    assert_eq!(asked(&both, Channel::Email).await, DeliveryError::Permanent("post".into()));
    assert_eq!(asked(&both, Channel::Push).await, DeliveryError::Permanent("phone".into()));
}

#[tokio::test]
async fn a_channel_without_a_server_waits_for_one() {
    let post = Channels::new().and(Named("post", vec![Channel::Email])).unwrap();
    assert!(matches!(asked(&post, Channel::Sms).await, DeliveryError::Transient(_)));
    assert!(Channels::new().is_empty() && !post.is_empty());
}

#[test]
fn a_channel_is_served_once() {
    let twice =
        Channels::new().and(Named("a", vec![Channel::Sms])).unwrap().and(Named("b", vec![Channel::Sms]));
    assert_eq!(twice.unwrap_err(), ChannelTaken(Channel::Sms));
}
