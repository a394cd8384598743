//! Push messages by the engine: what it sends, and whom it forgets.

use eventify_core::PageRequest;
use eventify_core::account::SecretText;
use eventify_core::notification::{AddPushSubscription, FcmSubscription};

use crate::apps::{Google, error};
use crate::house::{HOUR, House};
use crate::web::{Reply, say};

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
