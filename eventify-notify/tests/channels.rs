//! Several notifiers as one.
//!
//! Where each of them, and whoever else is told, is slow, down for an hour of the engine's clock, refuses for ever, and dies after it
//! accepted:
//!
//! | | slow | down for an hour | refuses for ever | dies after accepting |
//! |---|---|---|---|---|
//! | e-mail | `email/failing.rs`: `a_silent_server_…`, `mail_that_can_wait_…` | `email/engine.rs`: `an_hour_…` | `email/engine.rs`: `a_lost_answer_…`; `email/failing.rs`: `a_refusal_…` | `email/engine.rs`: `a_lost_answer_…` |
//! | SMS | `sms.rs`: `a_lost_answer_…` | `sms.rs`: `an_hour_…` | `sms.rs`: `an_hour_…`, `refusals_…` | `sms.rs`: `a_lost_answer_…` |
//! | Web Push | `push/browsers.rs`: `an_answer_that_is_lost_or_late_…`, `a_service_that_never_answers_…` | `push/engine.rs`: `an_hour_without_a_browsers_service_…` | `push/browsers.rs`: `refusals_…`, `those_that_are_gone_…` | `push/browsers.rs`: `an_answer_that_is_lost_or_late_…` |
//! | FCM | `push/apps.rs`: `a_service_that_is_slow_…` | `push/engine.rs`: `an_hour_without_a_service_…` | `push/apps.rs`: `refusals_…` | `push/apps.rs`: `without_a_token_…` |
//! | webhooks | `webhooks.rs`: `a_server_that_is_down_or_slow_…` | `webhooks.rs`: `a_server_that_is_down_or_slow_…` | `webhooks.rs`: `one_that_is_gone_…`, `a_redirect_…` | `webhooks.rs`: `a_server_that_dies_…` |
//! | Kafka | `kafka.rs`: `a_node_that_stands_still_…` | `kafka.rs`: `an_hour_…` | `kafka.rs`: `what_is_refused_…` | `kafka.rs`: `a_lost_answer_…` |
//! | RabbitMQ | `rabbitmq.rs`: `a_node_that_stands_still_…`, `facts_of_one_event_…` | `rabbitmq.rs`: `an_hour_…` | `rabbitmq.rs`: `what_is_refused_…`, `one_that_is_refused_for_ever_…` | `rabbitmq.rs`: `a_lost_answer_…` |
//! | NATS | `nats.rs`: `a_server_that_stands_still_…` | `nats.rs`: `an_hour_…` | `nats.rs`: `what_is_refused_…` | `nats.rs`: `a_lost_answer_…` |
//!
//! All of them at once, from the real service: `eventify-http/tests/whole_way`. That one which hangs takes nobody else's time:
//! `eventify-core/tests/executor/lines.rs`.
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
