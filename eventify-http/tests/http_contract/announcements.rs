//! An organizer's words to everybody who has a ticket.

use serde_json::json;

use crate::support::assert_members;
use crate::support::world::World;

#[tokio::test]
async fn an_announcement_is_made_once_listed_and_heard() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    world.ticket(bob).await;
    let place = world.path("/announcements");
    let words = json!({"title": "Doors open late", "body": "At eight, not at seven."});
    let make = async || {
        let asked = service.post(&place).by(olga).json(&words).header("idempotency-key", "late");
        asked.send().await
    };
    let made = make().await;
    let announcement = made.ok(201);
    assert_members(&announcement, "id event_id title body ticket_type_id created_at");
    let again = make().await;
    assert_eq!((again.ok(201), again.header("idempotency-replayed")), (announcement.clone(), Some("true")));
    let shown = made.header("location").unwrap();
    assert_eq!(shown, format!("{place}/{}", announcement["id"].as_str().unwrap()));
    assert_eq!(service.get(shown).by(olga).send().await.ok(200), announcement);
    let listed = service.get(&place).by(olga).send().await.ok(200);
    assert_eq!(listed, json!({"data": [announcement], "next_cursor": null}));
    service.settle().await;
    let heard = service.get("/api/notifications").by(bob).send().await.ok(200);
    let heard: Vec<_> =
        heard["data"].as_array().unwrap().iter().filter(|n| n["kind"] == "announcement").collect();
    assert_eq!(heard.len(), 1);
    assert_eq!((&heard[0]["title"], &heard[0]["event_id"]), (&words["title"], &json!(world.event)));
}

#[tokio::test]
async fn announcements_are_the_organizers_and_bounded() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let place = world.path("/announcements");
    let words = json!({"body": "Words"});
    service.post(&place).json(&words).send().await.refused(401, "not_authenticated");
    service.post(&place).by(bob).json(&words).send().await.refused(403, "not_event_owner");
    service.get(&place).by(bob).send().await.refused(403, "not_event_owner");
    let unknown = format!("{place}/01920000-0000-7000-8000-000000000000");
    service.get(&unknown).by(olga).send().await.refused(404, "announcement_not_found");
    service.get(&unknown).by(bob).send().await.refused(403, "not_event_owner");
    for (field, body) in [
        ("body", json!({})),
        ("body", json!({"body": ""})),
        ("body", json!({"body": "x".repeat(2_001)})),
        ("title", json!({"body": "x", "title": "x".repeat(121)})),
        ("title", json!({"body": "x", "title": "two\nlines"})),
        ("ticket_type_id", json!({"body": "x", "ticket_type_id": "stalls"})),
        ("to", json!({"body": "x", "to": "everybody"})),
    ] {
        let reply = service.post(&place).by(olga).json(&body).send().await;
        assert_eq!(reply.fields(), [field], "{body}");
    }
    let to = json!({"body": "x", "ticket_type_id": "01920000-0000-7000-8000-000000000000"});
    service.post(&place).by(olga).json(&to).send().await.refused(404, "ticket_type_not_found");
    for _ in 0..10 {
        service.post(&place).by(olga).json(&words).send().await.ok(201);
    }
    let more = service.post(&place).by(olga).json(&words).send().await;
    assert_eq!(more.refused(429, "too_many_announcements")["per_day_max"], 10);
    assert_eq!(more.header("retry-after"), Some("86400"));
}
