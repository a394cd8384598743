//! Transfers over HTTP.

use eventify_core::notification::Channel;
use eventify_core::testing::MemoryNotifier;
use eventify_http::Config;
use serde_json::json;

use crate::support::world::World;
use crate::support::{Service, assert_members};

const TRANSFER: &str = "id ticket_id event_id from_user_id to_email status expires_at created_at";

#[tokio::test]
async fn a_ticket_is_offered_taken_over_and_no_longer_the_givers() {
    let notifier = MemoryNotifier::new([Channel::Email]);
    let service = Service::built(Config::default(), |builder| builder.notifier(notifier.clone())).await;
    let world = World::of(service).await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let eve = service.person("Eve").await;
    let ticket = world.ticket(bob).await;
    let offer = format!("/api/tickets/{}/transfer", ticket["code"].as_str().unwrap());
    let body = json!({"email": eve.email});
    service.post(&offer).by(olga).json(&body).send().await.refused(404, "ticket_not_found");
    assert_eq!(service.post(&offer).by(bob).json(&json!({"email": "?"})).send().await.fields(), ["email"]);
    let made = service.post(&offer).by(bob).json(&body).send().await;
    let offered = made.ok(201);
    assert_members(&offered, TRANSFER);
    assert_eq!(
        (&offered["status"], &offered["expires_at"]),
        (&json!("offered"), &json!("2026-11-24T09:00:00Z"))
    );
    service.post(&offer).by(bob).json(&body).send().await.refused(409, "transfer_pending");
    let place = made.header("location").unwrap();
    service.get(place).by(&eve).send().await.refused(403, "email_not_verified");
    service.get("/api/transfers?incoming=true").by(&eve).send().await.refused(403, "email_not_verified");
    service.post(&format!("{place}/accept")).by(&eve).send().await.refused(403, "email_not_verified");
    service.settle().await;
    let mailed = notifier.delivered();
    let token = mailed.iter().filter(|(_, _, message)| message.fact.as_str() == "account.email_verification");
    let tokens: Vec<_> = token.filter_map(|(_, _, message)| message.token.as_ref()).collect();
    // Olga's, Bob's and Eve's, in no order that is promised: each proves its own address.
    for token in tokens {
        service.post("/api/auth/verify-email").json(&json!({"token": token.expose()})).send().await.ok(204);
    }
    assert_eq!(service.get(place).by(&eve).send().await.ok(200), offered);
    service.get(place).by(olga).send().await.refused(404, "transfer_not_found");
    let incoming = service.get("/api/transfers?incoming=true").by(&eve).send().await.ok(200);
    assert_eq!(incoming["data"], json!([offered]));
    let accept = format!("{place}/accept");
    service.post(&accept).by(bob).send().await.refused(404, "transfer_not_found");
    let hers = service.post(&accept).by(&eve).send().await.ok(200);
    assert_eq!((&hers["id"], &hers["user_id"]), (&ticket["id"], &json!(eve.id)));
    let closed = service.post(&accept).by(&eve).send().await.refused(409, "transfer_closed");
    assert_eq!(closed["transfer_status"], "accepted");
    service.delete(place).by(bob).send().await.refused(409, "transfer_closed");
    let booking = format!("/api/bookings/{}", ticket["booking_id"].as_str().unwrap());
    service.delete(&booking).by(bob).send().await.refused(409, "ticket_transferred");
    assert_eq!(service.get(&booking).by(bob).send().await.ok(200)["tickets"], json!([]));
    let mine = service.get("/api/transfers").by(bob).send().await.ok(200);
    assert_eq!(mine["data"][0]["status"], "accepted");
}

#[tokio::test]
async fn an_offer_is_withdrawn() {
    let world = World::new().await;
    let (service, bob) = (&world.service, &world.bob);
    let ticket = world.ticket(bob).await;
    let offer = format!("/api/tickets/{}/transfer", ticket["short_code"].as_str().unwrap());
    let once = || service.post(&offer).by(bob).json(&json!({"email": "new@example.org"}));
    let made = once().header("idempotency-key", "gift").send().await;
    let again = once().header("idempotency-key", "gift").send().await;
    assert_eq!((again.header("idempotency-replayed"), again.ok(201)), (Some("true"), made.ok(201)));
    let place = made.header("location").unwrap();
    service.delete(place).by(&world.olga).send().await.refused(404, "transfer_not_found");
    service.delete(place).by(bob).send().await.ok(204);
    assert_eq!(service.get(place).by(bob).send().await.ok(200)["status"], "withdrawn");
    service
        .delete(&format!("/api/bookings/{}", ticket["booking_id"].as_str().unwrap()))
        .by(bob)
        .send()
        .await
        .ok(204);
}
