//! Feeds: who may have one, and how it goes on and ends, by a clock that the test moves.

use std::time::Duration;

use axum::body::Body;
use eventify_core::Actor;
use eventify_core::notification::SendNotification;
use eventify_http::Config;
use http_body_util::BodyExt;
use serde_json::json;
use tokio::time::Instant;

use crate::support::Service;
use crate::support::world::World;

/// What comes next on the wire.
async fn next(body: &mut Body) -> Option<String> {
    let frame = body.frame().await?.unwrap().into_data().unwrap();
    Some(String::from_utf8(frame.to_vec()).unwrap())
}

async fn world() -> World {
    World::of(Service::with(Config::default()).await).await
}

#[tokio::test]
async fn nobody_hears_what_is_not_theirs() {
    let world = world().await;
    let service = &world.service;
    let stranger = service.organizer("Oleg").await;
    service.get("/api/notifications/stream").send().await.refused(401, "not_authenticated");
    let live = world.path("/live");
    service.get(&live).send().await.refused(401, "not_authenticated");
    for somebody in [&world.bob, &stranger] {
        service.get(&live).by(somebody).send().await.refused(403, "not_event_staff");
    }
    let nowhere = "/api/events/01920000-0000-7000-8000-000000000000/live";
    service.get(nowhere).by(&world.olga).send().await.refused(404, "event_not_found");
    let grant = json!({"email": world.bob.email, "right": "scanner"});
    service.post(&world.path("/staff")).by(&world.olga).json(&grant).send().await.ok(201);
    let seen = service.get(&live).by(&world.bob).send().await.text();
    assert!(seen.contains("retry: 3000"), "{seen}");
    let mut body = service.get(&live).by(&world.bob).open().await;
    next(&mut body).await.unwrap();
    let door = next(&mut body).await.unwrap();
    assert!(door.starts_with("event: snapshot") && door.contains("\"sales\":null"), "{door}");
    let device = json!({"name": "North"});
    let device = service.post(&world.path("/devices")).by(&world.olga).json(&device).send().await.ok(201);
    let key = device["key"].as_str().unwrap();
    service.get(&live).token(key).send().await;
    service.get("/api/notifications/stream").token(key).send().await.refused(403, "not_allowed");
    // Let go, they are shown out.
    service.delete(&world.path(&format!("/staff/{}", world.bob.id))).by(&world.olga).send().await.ok(204);
    let close = next(&mut body).await.unwrap();
    assert!(close.starts_with("event: close") && close.contains("not_event_staff"), "{close}");
    assert_eq!(next(&mut body).await, None);
}

#[tokio::test]
async fn who_missed_a_thousand_begins_anew() {
    let world = world().await;
    let user_id = world.bob.id.parse().unwrap();
    for n in 0..1_001 {
        let words = SendNotification {
            user_id,
            title: n.to_string(),
            body: "Doors open at six.".into(),
            event_id: None,
        };
        world.service.eventify.notifications().send(&Actor::system(), words).await.unwrap();
    }
    let path = "/api/notifications/stream?last_event_id=00000000-0000-0000-0000-000000000000";
    let mut body = world.service.get(path).by(&world.bob).open().await;
    let reset = next(&mut body).await.unwrap();
    let reason = format!("\"reason\":{}", json!("too_far_behind"));
    assert!(reset.contains("event: reset") && reset.contains(&reason), "{reset}");
}

#[tokio::test]
async fn nobody_goes_on_behind_what_somebody_else_was_told() {
    let world = world().await;
    let (service, eve) = (&world.service, world.service.person("Eve").await);
    let words = SendNotification {
        user_id: eve.id.parse().unwrap(),
        title: "For Eve".into(),
        body: "Doors open at six.".into(),
        event_id: None,
    };
    let hers = service.eventify.notifications().send(&Actor::system(), words).await.unwrap().id;
    let path = format!("/api/notifications/stream?last_event_id={hers}");
    let mut body = service.get(&path).by(&world.bob).open().await;
    let reset = next(&mut body).await.unwrap();
    assert!(reset.contains("event: reset") && reset.contains("notification_not_found"), "{reset}");
    let mut body = service.get(&path).by(&eve).open().await;
    let open = next(&mut body).await.unwrap();
    assert!(open.contains("event: open") && open.contains(&hers.to_string()), "{open}");
}

#[tokio::test]
async fn what_is_no_handshake_is_refused_as_such() {
    let world = world().await;
    let refused = world.service.get("/api/notifications/ws").by(&world.bob).send().await;
    refused.refused(426, "upgrade_required");
    assert_eq!(refused.header("upgrade"), Some("websocket"));
    world.service.get("/api/notifications/ws?token=x").send().await.refused(422, "invalid_value");
}

#[tokio::test]
async fn silence_is_broken_now_and_then_and_a_token_that_ends_is_warned_of() {
    let world = world().await;
    let mut body = world.service.get("/api/notifications/stream").by(&world.bob).open().await;
    assert!(next(&mut body).await.unwrap().contains("event: open"));
    tokio::time::pause();
    let start = Instant::now();
    let mut beats = 0;
    let warned = loop {
        match next(&mut body).await.unwrap().as_str() {
            ":\n\n" | ": \n\n" => beats += 1,
            other => break other.to_owned(),
        }
    };
    assert_eq!((beats, start.elapsed().as_secs() / 60), (59, 15), "every 15 seconds, until the token ends");
    assert!(warned.starts_with("event: expiring") && warned.contains("\"closes_in_s\":30"), "{warned}");
    let close = loop {
        match next(&mut body).await.unwrap() {
            beat if beat.starts_with(':') => {}
            other => break other,
        }
    };
    assert!(close.starts_with("event: close") && close.contains("token_expired"), "{close}");
    assert!(start.elapsed() >= Duration::from_secs(15 * 60 + 29), "{:?}", start.elapsed());
    assert_eq!(next(&mut body).await, None);
}
