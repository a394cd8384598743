//! Lists that may lag come from a replica, decisions and one's own never; and a replica that fails holds up nobody.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use eventify_core::event::{CreateEvent, EventFilter};
use eventify_core::{Actor, Clock as _, EventId, PageRequest, Role};
use eventify_store_postgres::testing::{Database, Server};
use support::proxy::Proxy;
use support::shop::{DAY, Shop, person};
use support::{Stranger, patient, server, soon};
use tokio::time::Instant;

/// What this person sees on sale.
async fn listed(shop: &Shop, actor: &Actor) -> Vec<EventId> {
    let (filter, page) = (EventFilter::default(), PageRequest::default());
    let found = shop.eventify.events().list(actor, &filter, &page).await.unwrap();
    found.data.into_iter().map(|event| event.id).collect()
}

async fn publish(shop: &Shop, organizer: &Actor) -> EventId {
    let request = CreateEvent {
        title: Some("Encore".to_owned()),
        starts_at: Some(shop.clock.now().plus(DAY)),
        ends_at: Some(shop.clock.now().plus(2 * DAY)),
        ..Default::default()
    };
    let id = shop.eventify.events().create(organizer, request).await.unwrap().id;
    shop.eventify.events().publish(organizer, id).await.unwrap();
    id
}

/// A server, one that follows it, and a shop over both.
struct Stage {
    shop: Shop,
    follower: Arc<Server>,
    stranger: Stranger,
    _database: Database,
    _server: Server,
}

impl Stage {
    async fn new() -> Self {
        let server = tokio::task::spawn_blocking(Server::start).await.unwrap();
        let database = server.database().await;
        let (server, follower) = tokio::task::spawn_blocking(move || {
            let follower = server.replicate();
            (server, follower)
        })
        .await
        .unwrap();
        let there = follower.url(database.name());
        let store = patient(database.url()).acquire_timeout(Duration::from_secs(3)).replica(&there);
        let shop = Shop::open(store.connect().await.unwrap(), 10).await;
        let stranger = Stranger::at(&there).await;
        let mut stage =
            Self { shop, follower: Arc::new(follower), stranger, _database: database, _server: server };
        stage.until_followed(1).await;
        stage
    }

    /// Waits until the follower knows so many published events.
    async fn until_followed(&mut self, events: i64) {
        let count = "SELECT count(*) FROM events WHERE status = 'published'";
        let followed = async {
            while self.stranger.number(count).await < events {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        soon("the follower follows", followed).await;
    }

    /// What is written from now on does not reach the follower.
    async fn pause(&mut self) {
        self.stranger.run("SELECT pg_wal_replay_pause()").await;
        let paused = "SELECT (pg_get_wal_replay_pause_state() = 'paused')::int::bigint";
        let pausing = async {
            while self.stranger.number(paused).await == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        soon("a pause", pausing).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_publish_may_lag_and_ones_own_never_does() {
    let mut stage = Stage::new().await;
    let organizer = person(0xFFFF, Role::Organizer);
    let buyer = person(1, Role::Attendee);
    let first = vec![stage.shop.event];
    assert_eq!(listed(&stage.shop, &Actor::anonymous()).await, first);

    stage.pause().await;
    let shop = stage.shop.clone();
    let second = publish(&shop, &organizer).await;
    for visitor in [Actor::anonymous(), buyer.clone()] {
        assert_eq!(
            listed(&shop, &visitor).await,
            first,
            "a list for {visitor:?} does not come from the replica"
        );
    }
    // Who makes events sees them at once, and so does whoever asks for one by its id.
    assert_eq!(listed(&shop, &organizer).await.len(), 2);
    assert_eq!(listed(&shop, &person(2, Role::Admin)).await.len(), 2);
    shop.eventify.events().get(&Actor::anonymous(), second).await.unwrap();
    // A decision rests on what is, and what is one's own is there at once.
    let held = shop.hold(1).await.unwrap();
    let own = shop.eventify.bookings().mine(&buyer, &PageRequest::default()).await.unwrap();
    assert_eq!(own.data.iter().map(|booking| booking.id).collect::<Vec<_>>(), [held.id]);
    shop.eventify.bookings().get(&buyer, held.id).await.unwrap();

    stage.stranger.run("SELECT pg_wal_replay_resume()").await;
    stage.until_followed(2).await;
    assert_eq!(listed(&shop, &Actor::anonymous()).await.len(), 2);
    shop.eventify.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_come_from_the_primary_until_the_replica_is_back() {
    let mut stage = Stage::new().await;
    let organizer = person(0xFFFF, Role::Organizer);
    stage.pause().await;
    let shop = stage.shop.clone();
    publish(&shop, &organizer).await;
    assert_eq!(listed(&shop, &Actor::anonymous()).await.len(), 1);
    let follower = stage.follower.clone();
    tokio::task::spawn_blocking(move || follower.stop()).await.unwrap();
    assert_eq!(listed(&shop, &Actor::anonymous()).await.len(), 2, "the primary knows both");

    let follower = stage.follower.clone();
    tokio::task::spawn_blocking(move || follower.start_again()).await.unwrap();
    stage.stranger = Stranger::at(&stage.follower.url(stage._database.name())).await;
    stage.until_followed(2).await;
    stage.pause().await;
    publish(&shop, &organizer).await;
    let back = async {
        while listed(&shop, &Actor::anonymous()).await.len() == 3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon("lists come from the replica again", back).await;
    assert_eq!(listed(&shop, &Actor::anonymous()).await.len(), 2);
    shop.eventify.shut_down().await;
}

/// A replica that takes connections and says nothing: the first list waits for it, and no other one does.
#[tokio::test]
async fn a_replica_that_does_not_answer_is_shunned_for_a_while() {
    const LISTS: usize = 10;
    let database = server().database().await;
    let tcp = server().tcp_url(database.name());
    let proxy = Proxy::before(&tcp).await;
    proxy.swallow(true);
    let builder = patient(database.url()).acquire_timeout(Duration::from_secs(2));
    let store = builder.replica(proxy.url(&tcp)).connect().await.unwrap();
    let shop = Shop::open(store, 10).await;
    let begun = Instant::now();
    for _ in 0..LISTS {
        assert_eq!(listed(&shop, &Actor::anonymous()).await, [shop.event]);
    }
    // It is asked again every five seconds, behind everybody's back.
    let asked_again = usize::try_from(begun.elapsed().as_secs() / 5).unwrap();
    assert!(proxy.accepted() <= 1 + asked_again, "{} connections were tried", proxy.accepted());
    assert!(proxy.accepted() < LISTS);

    proxy.swallow(false);
    proxy.spent();
    let back = async {
        while proxy.spent() == 0 {
            assert_eq!(listed(&shop, &Actor::anonymous()).await, [shop.event]);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon("the replica is asked again", back).await;
    let lists = async {
        // The first statement was the question whether it is there.
        while proxy.spent() == 0 {
            assert_eq!(listed(&shop, &Actor::anonymous()).await, [shop.event]);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon("lists come from the replica again", lists).await;
    shop.eventify.shut_down().await;
}

/// A wrong address: what is there is somebody else's, and nobody gets to see it.
#[tokio::test]
async fn a_database_of_another_deployment_is_no_replica() {
    let (database, other) = (server().database().await, server().database().await);
    let elsewhere = Shop::open(patient(other.url()).connect().await.unwrap(), 10).await;
    publish(&elsewhere, &person(0xFFFF, Role::Organizer)).await;
    // One seed makes one deployment.
    other.execute("UPDATE keyring SET deployment = gen_random_uuid()").await;
    let store = patient(database.url()).replica(other.url()).connect().await.unwrap();
    let shop = Shop::open(store, 10).await;
    for _ in 0..3 {
        assert_eq!(listed(&shop, &Actor::anonymous()).await, [shop.event]);
    }
    shop.eventify.shut_down().await;
    elsewhere.eventify.shut_down().await;
}
