//! Push messages by the engine: what it sends, and whom it forgets.

use std::collections::BTreeSet;

use eventify_core::PageRequest;
use eventify_core::account::SecretText;
use eventify_core::notification::{
    AddPushSubscription, Channel, Delivered, DeliveryError, FcmSubscription, Message, Notifier, PushAddress,
    Recipient,
};
use eventify_notify::push::Push;
use serde_json::json;

use crate::apps::{Google, error};
use crate::browsers::{Browser, settings};
use crate::house::{HOUR, House};
use crate::web::{Reply, Server, say};

#[tokio::test]
async fn an_hour_without_a_service_loses_nothing_and_who_is_gone_is_forgotten() {
    let google = Google::start().await;
    google.give(&[("t1", 3_600)]);
    let house = House::open(google.push()).await;
    let ada = house.welcome("ada").await;
    for token in ["phone", "tablet"] {
        let fcm = FcmSubscription { token: SecretText::new(token) };
        let added = AddPushSubscription { fcm: Some(fcm), ..AddPushSubscription::default() };
        house.eventify.notifications().add_push_subscription(&ada, added).await.unwrap();
    }
    house.sell_to(&ada).await;
    google.messages.otherwise(say(503));
    for _ in 0..60 {
        house.run_jobs().await;
        house.clock.advance(HOUR / 60);
    }
    let tried = google.messages.seen().len();
    assert!(tried > 2, "{tried}");
    google.messages.otherwise(say(200));
    house.clock.advance(HOUR);
    house.run_jobs().await;
    assert_eq!(google.messages.seen().len(), 2, "each of them once");
    assert_eq!(house.dead().await, Vec::<String>::new());

    google.messages.replies([Reply::Say(404, error("NOT_FOUND", "UNREGISTERED"))]);
    house.sell_to(&ada).await;
    house.run_jobs().await;
    assert_eq!(google.messages.seen().len(), 2);
    let all = PageRequest::default();
    let left = house.eventify.notifications().push_subscriptions(&ada, &all).await.unwrap().data;
    assert_eq!(left.len(), 1);
    house.sell_to(&ada).await;
    house.run_jobs().await;
    assert_eq!(google.messages.seen().len(), 1);
    house.eventify.shut_down().await;
}

/// Calls what is on this machine where a browser names its push service: the engine takes none but public ones.
#[derive(Debug)]
struct Nearby {
    push: Push,
    at: String,
}

#[async_trait::async_trait]
impl Notifier for Nearby {
    fn channels(&self) -> BTreeSet<Channel> {
        self.push.channels()
    }

    async fn deliver(
        &self,
        channel: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        let mut to = to.clone();
        for target in &mut to.push {
            if let PushAddress::Web { endpoint, .. } = &mut target.address {
                endpoint.clone_from(&self.at);
            }
        }
        self.push.deliver(channel, &to, message).await
    }
}

#[tokio::test]
async fn an_hour_without_a_browsers_service_loses_nothing() {
    let service = Server::recording().await;
    let push = Push::new().with_web(settings()).unwrap();
    let house = House::open(Nearby { push, at: service.url("/a") }).await;
    let ada = house.welcome("ada").await;
    let added = json!({ "web": { "endpoint": "https://push.example.org/a", "keys": Browser::new().keys() } });
    let added = serde_json::from_value(added).unwrap();
    house.eventify.notifications().add_push_subscription(&ada, added).await.unwrap();
    house.sell_to(&ada).await;
    service.otherwise(Reply::Die);
    for _ in 0..60 {
        house.run_jobs().await;
        house.clock.advance(HOUR / 60);
    }
    let tried = service.seen();
    assert!(tried.len() > 2, "{}", tried.len());
    service.otherwise(say(201));
    house.clock.advance(HOUR);
    house.run_jobs().await;
    let seen = service.seen();
    assert_eq!(seen.len(), 1, "once");
    assert_eq!(seen[0].header("topic"), tried[0].header("topic"), "it takes the place of what may have come");
    assert_eq!(house.dead().await, Vec::<String>::new());
    house.eventify.shut_down().await;
}
