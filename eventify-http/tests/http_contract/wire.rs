//! Feeds over real connections, with clients that do not behave: by clocks that are real, and limits that are short.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use eventify_core::Actor;
use eventify_core::notification::SendNotification;
use eventify_http::Config;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

use crate::support::Service;
use crate::support::world::World;
use client::{Came, Socket};

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(120);
const SOCKET: &str = "/api/notifications/ws";

#[allow(dead_code, unreachable_pub, clippy::expect_used, reason = "shared with tests of the program")]
#[path = "../cli_support/live.rs"]
mod client;

async fn listen(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
    });
    address.to_string()
}

/// A service at an address, with heartbeats and patience that are over soon.
async fn nearby() -> (World, String) {
    let mut config = Config::default();
    config.feeds.heartbeat = Duration::from_millis(200);
    config.feeds.read_within = Duration::from_millis(500);
    config.feeds.grace = Duration::from_secs(1);
    let world = World::of(Service::with(config).await).await;
    let address = listen(world.service.router.clone()).await;
    (world, address)
}

/// Runs what waits for bytes where that holds nobody up.
async fn beside<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    spawn_blocking(what).await.unwrap()
}

async fn tell(world: &World, title: String, body: String) {
    let user_id = world.bob.id.parse().unwrap();
    let words = SendNotification { user_id, title, body, event_id: None };
    world.service.eventify.notifications().send(&Actor::system(), words).await.unwrap();
}

async fn opened(address: &str, token: &str) -> Socket {
    let (address, token) = (address.to_owned(), token.to_owned());
    beside(move || {
        let mut socket = Socket::open(&address, SOCKET, Some(&token)).agreed();
        assert_eq!(socket.json()["type"], "open");
        socket
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_answers_no_ping_is_sent_away_and_who_does_stays() {
    let (world, address) = nearby().await;
    let (mut deaf, mut alive) =
        (opened(&address, &world.bob.token).await, opened(&address, &world.bob.token).await);
    // Answers every ping until somebody says something.
    let waiting = spawn_blocking(move || alive.json());
    let closed = beside(move || deaf.next_without_pong()).await;
    assert_eq!(closed, Came::Closed(4408, "no_pong".into()));
    tell(&world, "Doors".into(), "Open.".into()).await;
    assert_eq!(waiting.await.unwrap()["notification"]["title"], "Doors");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_token_ends_is_warned_and_stays_only_with_a_newer_one() {
    let (world, address) = nearby().await;
    // The last second of the tokens.
    world.service.clock.advance(Duration::from_secs(15 * 60 - 1));
    let mut gone = opened(&address, &world.bob.token).await;
    let mut stays = opened(&address, &world.bob.token).await;
    let refresh = json!({ "refresh_token": world.bob.refresh });
    let fresh = world.service.post("/api/auth/refresh").json(&refresh).send().await.ok(200);
    let fresh = fresh["access_token"].as_str().unwrap().to_owned();
    let expiring = json!({"type": "expiring", "reason": "token_expired", "closes_in_s": 1});
    let warned = expiring.clone();
    let closed = spawn_blocking(move || {
        assert_eq!(gone.json(), warned);
        gone.next()
    });
    let waiting = spawn_blocking(move || {
        assert_eq!(stays.json(), expiring);
        stays.say(&json!({ "type": "authenticate", "token": fresh }));
        stays.json()
    });
    assert_eq!(closed.await.unwrap(), Came::Closed(4401, "token_expired".into()));
    tell(&world, "Doors".into(), "Open.".into()).await;
    assert_eq!(waiting.await.unwrap()["notification"]["title"], "Doors");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_nothing_is_cut_off_and_holds_nothing() {
    const MESSAGES: usize = 1_000;
    let (world, address) = nearby().await;
    // More than a connection's buffers hold at both ends.
    for nth in 0..MESSAGES {
        tell(&world, nth.to_string(), "票".repeat(2_000)).await;
    }
    let (path, token) = (format!("{SOCKET}?last_event_id={}", uuid::Uuid::nil()), world.bob.token.clone());
    let mut lazy = beside(move || Socket::open(&address, &path, Some(&token)).agreed()).await;
    let cut_off = async {
        let service = &world.service;
        while !service.get("/metrics").send().await.text().contains("eventify_http_feeds_open 0\n") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, cut_off).await.unwrap();
    let came = beside(move || {
        let mut came = 0;
        while let Came::Json(_) = lazy.next() {
            came += 1;
        }
        came
    })
    .await;
    assert!((1..MESSAGES).contains(&came), "{came}");
}
