//! Waiting in line for what is sold out.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::assert_members;
use crate::support::world::World;

#[tokio::test]
async fn who_waits_is_offered_what_comes_back() {
    let world = World::new().await;
    let (service, bob, olga) = (&world.service, &world.bob, &world.olga);
    let last = world.ticket_type(&json!({"name": "The last one", "quantity": 1})).await;
    let line = json!({"ticket_type_id": last, "quantity": 1});
    let place = world.path(&format!("/ticket-types/{last}/waitlist"));
    let one = json!({"quantity": 1});
    let not_needed = service.post(&place).by(olga).json(&one).send().await;
    assert_eq!(not_needed.refused(409, "waitlist_not_needed")["available"], 1);
    let bought = service.post(&world.path("/tickets")).by(bob).json(&line).send().await.ok(201);
    service.get(&place).by(olga).send().await.refused(404, "not_waiting");
    let joined = service.post(&place).by(olga).json(&one).send().await;
    assert_members(&joined.ok(201), "event_id ticket_type_id quantity ahead_max joined_at");
    assert_eq!(joined.header("location").unwrap(), place);
    service.post(&place).by(olga).json(&one).send().await.refused(409, "already_waiting");
    assert_eq!(service.get(&place).by(olga).send().await.ok(200), joined.ok(201));
    let eve = service.person("Eve").await;
    service.post(&place).by(&eve).json(&one).send().await.ok(201);
    let booking = format!("/api/bookings/{}", bought["booking"]["id"].as_str().unwrap());
    service.delete(&booking).by(bob).send().await.ok(204);
    let overtaken = service.post(&world.path("/tickets")).by(bob).json(&line).send().await;
    assert_eq!(overtaken.refused(409, "not_enough_left")["waiting"], 2);
    service.settle().await;
    let offer = async || service.get("/api/bookings").by(olga).send().await.ok(200)["data"][0].clone();
    let offered = offer().await;
    assert_eq!((&offered["from_waitlist"], &offered["status"]), (&json!(true), &json!("held")));
    assert_eq!(offered["expires_at"], "2026-11-22T09:00:00Z");
    let told = service.get("/api/notifications?unread=true").by(olga).send().await.ok(200);
    assert_eq!(told["data"][0]["kind"], "waitlist.offered");

    service.clock.advance(Duration::from_secs(24 * 3_600));
    service.settle().await;
    let olga = service.log_in(&olga.id, &olga.email).await;
    let confirm = format!("/api/bookings/{}/confirm", offered["id"].as_str().unwrap());
    service.post(&confirm).by(&olga).send().await.refused(409, "offer_expired");
    let eve = service.log_in(&eve.id, &eve.email).await;
    let next = service.get("/api/bookings").by(&eve).send().await.ok(200)["data"][0].clone();
    let confirm = format!("/api/bookings/{}/confirm", next["id"].as_str().unwrap());
    assert_eq!(service.post(&confirm).by(&eve).send().await.ok(200)["status"], "confirmed");
    service.delete(&place).by(&eve).send().await.refused(404, "not_waiting");
    let bob = service.log_in(&bob.id, &bob.email).await;
    service.post(&place).by(&bob).json(&one).send().await.ok(201);
    service.delete(&place).by(&bob).send().await.ok(204);
    let of_type = service.get(&world.path(&format!("/ticket-types/{last}"))).send().await.ok(200);
    assert_eq!((&of_type["waiting"], &of_type["available"]), (&Value::from(0), &Value::from(0)));
}
