//! Staff and devices: who may do what over HTTP, and a key that is shown once.

use serde_json::{Value, json};

use crate::support::assert_members;
use crate::support::world::{World, draft, event_body};

#[tokio::test]
async fn somebody_is_taken_on_and_let_go() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let ticket = world.ticket(bob).await;
    let check_in = format!("/api/tickets/{}/checkin", ticket["code"].as_str().unwrap());
    let eve = service.person("Eve").await;
    service.post(&check_in).by(&eve).send().await.refused(403, "not_event_staff");
    let path = world.path("/staff");
    let body = json!({"email": "EVE@example.org", "right": "scanner"});
    service.post(&path).by(&eve).json(&body).send().await.refused(403, "not_event_owner");
    let made = service.post(&path).by(olga).json(&body).send().await;
    let granted = made.ok(201);
    assert_members(&granted, "user_id name right granted_at");
    assert_eq!((&granted["user_id"], &granted["name"]), (&json!(eve.id), &json!("Eve")));
    let place = made.header("location").unwrap().to_owned();
    assert_eq!(service.get(&place).by(olga).send().await.ok(200), granted);
    let listed = service.get(&path).by(olga).send().await.ok(200);
    assert_eq!(listed, json!({"data": [granted], "next_cursor": null}));
    service.post(&path).by(olga).json(&body).send().await.refused(409, "grant_exists");
    let nobody = json!({"email": "nobody@example.org", "right": "manager"});
    service.post(&path).by(olga).json(&nobody).send().await.refused(404, "user_not_found");
    for (body, field) in [
        (json!({"right": "scanner"}), "user_id"),
        (json!({"email": "eve@example.org"}), "right"),
        (json!({"email": "eve@example.org", "right": "owner"}), "right"),
        (json!({"user_id": 5, "right": "scanner"}), "user_id"),
    ] {
        let refused = service.post(&path).by(olga).json(&body).send().await;
        assert_eq!(refused.fields(), [field], "{body}");
    }
    service.post(&check_in).by(&eve).send().await.ok(200);
    service.get(&world.path("/attendees")).by(&eve).send().await.ok(200);
    service
        .put(&world.path(""))
        .by(&eve)
        .json(&json!({"title": "Mine"}))
        .send()
        .await
        .refused(403, "not_event_owner");
    service.delete(&place).by(&eve).send().await.refused(403, "not_event_owner");
    service.delete(&place).by(olga).send().await.ok(204);
    service.delete(&place).by(olga).send().await.refused(404, "grant_not_found");
    service.get(&place).by(olga).send().await.refused(404, "grant_not_found");
    service.get(&world.path("/attendees")).by(&eve).send().await.refused(403, "not_event_staff");
}

#[tokio::test]
async fn a_manager_does_everything_but_what_is_the_organizers() {
    let world = World::new().await;
    let (service, bob) = (&world.service, &world.bob);
    let body = json!({"user_id": bob.id, "right": "manager"});
    service.post(&world.path("/staff")).by(&world.olga).json(&body).send().await.ok(201);
    service.put(&world.path("")).by(bob).json(&json!({"title": "Jazz"})).send().await.ok(200);
    let more = json!({"name": "More", "quantity": 5});
    service.post(&world.path("/ticket-types")).by(bob).json(&more).send().await.ok(201);
    service.get(&format!("/api/audit?event_id={}", world.event)).by(bob).send().await.ok(200);
    for refused in [
        service.post(&world.path("/cancel")).by(bob).send().await,
        service.get(&world.path("/staff")).by(bob).send().await,
        service.get(&world.path("/devices")).by(bob).send().await,
        service.post(&world.path("/devices")).by(bob).json(&json!({"name": "Mine"})).send().await,
    ] {
        refused.refused(403, "not_event_owner");
    }
}

#[tokio::test]
async fn a_device_scans_with_its_key_until_it_is_revoked() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let (first, second) = (world.ticket(&world.bob).await, world.ticket(&world.bob).await);
    let path =
        |ticket: &Value, what: &str| format!("/api/tickets/{}/{what}", ticket["code"].as_str().unwrap());
    let devices = world.path("/devices");
    let made = service.post(&devices).by(olga).json(&json!({"name": "North gate"})).send().await;
    let device = made.ok(201);
    assert_members(&device, "id name key created_at revoked_at");
    let key = device["key"].as_str().unwrap();
    assert!(key.starts_with("evd_"), "{key}");
    let place = made.header("location").unwrap().to_owned();
    let shown = service.get(&place).by(olga).send().await.ok(200);
    assert_members(&shown, "id name created_at revoked_at");
    assert_eq!(service.get(&devices).by(olga).send().await.ok(200)["data"], json!([shown]));
    assert_eq!(service.post(&path(&first, "validate")).token(key).send().await.ok(200)["valid"], true);
    service.post(&path(&first, "checkin")).token(key).key("scan 1").send().await.ok(200);
    let seen = service.get(&world.path("/attendees")).token(key).send().await.ok(200);
    let masked = seen["data"][0]["short_code"].as_str().unwrap();
    assert!(masked.starts_with("****-****-") && masked.len() == 14, "{masked}");
    let other = draft(service, olga, &event_body()).await;
    service.post(&format!("/api/events/{other}/publish")).by(olga).send().await.ok(200);
    let kind = json!({"name": "Free", "quantity": 5});
    let types = format!("/api/events/{other}/ticket-types");
    let kind = service.post(&types).by(olga).json(&kind).send().await.ok(201);
    let line = json!({"ticket_type_id": kind["id"], "quantity": 1});
    let tickets = format!("/api/events/{other}/tickets");
    let foreign =
        service.post(&tickets).by(&world.bob).json(&line).send().await.ok(201)["tickets"][0].clone();
    service.post(&path(&foreign, "checkin")).token(key).send().await.refused(409, "wrong_event");
    let shown = service.post(&path(&foreign, "validate")).token(key).send().await.ok(200);
    assert_eq!((&shown["valid"], &shown["reason"]), (&json!(false), &json!("wrong_event")));
    for refused in [
        service.get("/api/users/me").token(key).send().await,
        service.get("/api/tickets").token(key).send().await,
        service.get("/api/audit").token(key).send().await,
    ] {
        refused.refused(403, "not_allowed");
    }
    service.put(&world.path("")).token(key).json(&json!({})).send().await.refused(403, "not_event_owner");
    // The last character but one counts wholly; the last one is padded, so a change of it may be no change.
    let (rest, end) = key.split_at(key.len() - 2);
    let other = format!("{rest}{}{}", if end.starts_with('A') { 'B' } else { 'A' }, &end[1..]);
    for token in [&key[..key.len() - 1], "evd_", &other] {
        service.get("/api/events").token(token).send().await.refused(401, "invalid_token");
    }
    service.delete(&place).by(olga).send().await.ok(204);
    service.post(&path(&second, "checkin")).token(key).send().await.refused(401, "device_revoked");
    service.get("/api/events").token(key).send().await.refused(401, "device_revoked");
    let gone = service.get(&place).by(olga).send().await.ok(200);
    assert!(gone["revoked_at"].is_string(), "{gone}");
    for odd in ["01920000-0000-7000-8000-000000000000", "x"] {
        service.delete(&format!("{devices}/{odd}")).by(olga).send().await.refused(404, "device_not_found");
    }
}
