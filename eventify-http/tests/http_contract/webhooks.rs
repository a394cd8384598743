//! Addresses of other systems that are told of facts.

use eventify_core::testing::MemoryWebhooks;
use eventify_http::Config;
use serde_json::{Value, json};

use crate::support::world::World;
use crate::support::{Person, Service, assert_members};

const URL: &str = "https://shop.example.org/hooks";
const MEMBERS: &str = "id organizer_id url facts status disabled_why disabled_at failing_since previous_secret_until created_at updated_at";

/// A world with webhooks, and what they are told.
async fn hooked() -> (World, MemoryWebhooks) {
    let hooks = MemoryWebhooks::default();
    let sender = hooks.clone();
    let service = Service::built(Config::default(), |builder| builder.webhooks(sender)).await;
    let world = World::of(service).await;
    // What was told before there was a webhook may be delivered in any order: it is out before a test orders its answers.
    world.service.settle().await;
    (world, hooks)
}

async fn make(service: &Service, by: &Person) -> Value {
    let made = service.post("/api/webhooks").by(by).json(&json!({"url": URL})).send().await;
    made.ok(201)
}

fn place(webhook: &Value) -> String {
    format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_webhook_is_made_once_and_told_of_a_purchase() {
    let (world, hooks) = hooked().await;
    let (service, olga) = (&world.service, &world.olga);
    let body = json!({"url": URL, "facts": ["ticket.purchased"]});
    let make = async || service.post("/api/webhooks").by(olga).key("once").json(&body).send().await;
    let made = make().await;
    let webhook = made.ok(201);
    assert_members(&webhook, &format!("secret {MEMBERS}"));
    assert!(webhook["secret"].as_str().unwrap().starts_with("whsec_"));
    let again = make().await;
    assert_eq!((again.ok(201), again.header("idempotency-replayed")), (webhook.clone(), Some("true")));
    assert_eq!(made.header("location"), Some(place(&webhook).as_str()));
    let shown = service.get(&place(&webhook)).by(olga).send().await;
    assert_members(&shown.ok(200), MEMBERS);
    assert_eq!(
        (&shown.ok(200)["organizer_id"], &shown.ok(200)["status"]),
        (&json!(olga.id), &json!("active"))
    );
    let unchanged =
        service.get(&place(&webhook)).by(olga).header("if-none-match", shown.header("etag").unwrap());
    assert_eq!(unchanged.send().await.status.as_u16(), 304);
    let listed = service.get("/api/webhooks").by(olga).send().await.ok(200);
    assert_eq!(listed, json!({"data": [shown.ok(200)], "next_cursor": null}));

    let ticket = world.ticket(&world.bob).await;
    service.settle().await;
    let sent = hooks.sent();
    let told: Value = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!((sent.len(), &told["event"]), (1, &json!("ticket.purchased")));
    assert_eq!((&told["data"]["ticket_id"], told["data"].get("code")), (&ticket["id"], None));
    let log = service.get(&format!("{}/deliveries", place(&webhook))).by(olga).send().await.ok(200);
    let delivery = &log["data"][0];
    assert_members(
        delivery,
        "id webhook_id fact_id fact event_id status attempts newest_attempts created_at ended_at",
    );
    assert_members(&delivery["newest_attempts"][0], "at status duration_ms error");
    assert_eq!((&delivery["status"], &delivery["fact_id"]), (&json!("delivered"), &told["id"]));
    let again = format!("{}/deliveries/{}/redeliver", place(&webhook), delivery["id"].as_str().unwrap());
    assert_eq!(service.post(&again).by(olga).send().await.ok(200)["status"], "waiting");
    service.post(&again).by(olga).send().await.refused(409, "webhook_delivery_waiting");
    service.settle().await;
    assert_eq!(hooks.sent()[1].body, sent[0].body);
}

#[tokio::test]
async fn a_webhook_is_changed_tested_enabled_and_deleted() {
    let (world, hooks) = hooked().await;
    let (service, olga) = (&world.service, &world.olga);
    let webhook = make(service, olga).await;
    let place = place(&webhook);
    let rotate = service.post(&format!("{place}/rotate-secret")).by(olga).json(&json!({"overlap_hours": 1}));
    let rotated = rotate.send().await.ok(200);
    assert!(rotated["secret"] != webhook["secret"] && rotated["previous_secret_until"].is_string());
    service.post(&format!("{place}/rotate-secret")).by(olga).send().await.ok(200);
    let test = service.post(&format!("{place}/test")).by(olga).send().await.ok(200);
    assert_eq!((&test["fact"], &test["status"]), (&json!("webhook.test"), &json!("waiting")));
    hooks.answer_next(URL, [Ok(200), Ok(410)]);
    service.settle().await;
    world.ticket(&world.bob).await;
    service.settle().await;
    let gone = service.get(&place).by(olga).send().await.ok(200);
    assert_eq!((&gone["status"], &gone["disabled_why"]), (&json!("disabled"), &json!("gone")));
    let log = service.get(&format!("{place}/deliveries")).by(olga).send().await.ok(200);
    let failed = log["data"].as_array().unwrap().iter().find(|d| d["status"] == "failed").unwrap();
    let again = format!("{place}/deliveries/{}/redeliver", failed["id"].as_str().unwrap());
    service.post(&again).by(olga).send().await.refused(409, "webhook_disabled");
    let heard = service.get("/api/notifications").by(olga).send().await.ok(200);
    assert_eq!(heard["data"][0]["kind"], "webhook.disabled");
    let enabled = service.post(&format!("{place}/enable")).by(olga).send().await.ok(200);
    assert_eq!(enabled["status"], "active");
    let stale = service.put(&place).by(olga).header("if-match", "\"0\"").json(&json!({"facts": null}));
    stale.send().await.refused(412, "precondition_failed");
    let some = service.put(&place).by(olga).json(&json!({"facts": ["ticket.checkin"]})).send().await;
    assert_eq!(some.ok(200)["facts"], json!(["ticket.checkin"]));
    let all = service.put(&place).by(olga).json(&json!({"facts": null})).send().await;
    assert_eq!(all.ok(200)["facts"], Value::Null);
    service.delete(&place).by(olga).send().await.ok(204);
    service.get(&place).by(olga).send().await.refused(404, "webhook_not_found");
}

#[tokio::test]
async fn webhooks_are_their_owners_and_an_admins() {
    let (world, _) = hooked().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let (other, admin) = (service.organizer("Otto").await, service.admin("Ada").await);
    let webhook = make(service, olga).await;
    let place = place(&webhook);
    service.post("/api/webhooks").json(&json!({"url": URL})).send().await.refused(401, "not_authenticated");
    service.post("/api/webhooks").by(bob).json(&json!({"url": URL})).send().await.refused(403, "not_allowed");
    let whole = json!({"url": URL, "deployment": true});
    service.post("/api/webhooks").by(olga).json(&whole).send().await.refused(403, "not_allowed");
    let shared = service.post("/api/webhooks").by(&admin).json(&whole).send().await.ok(201);
    assert_eq!(shared["organizer_id"], Value::Null);
    let delivery = format!("{place}/deliveries/01920000-0000-7000-8000-000000000000/redeliver");
    for who in [bob, &other] {
        service.get(&place).by(who).send().await.refused(404, "webhook_not_found");
        service.put(&place).by(who).json(&json!({})).send().await.refused(404, "webhook_not_found");
        service.delete(&place).by(who).send().await.refused(404, "webhook_not_found");
        for act in ["rotate-secret", "test", "enable"] {
            service.post(&format!("{place}/{act}")).by(who).send().await.refused(404, "webhook_not_found");
        }
        service.get(&format!("{place}/deliveries")).by(who).send().await.refused(404, "webhook_not_found");
        service.post(&delivery).by(who).send().await.refused(404, "webhook_not_found");
    }
    service.post(&delivery).by(olga).send().await.refused(404, "webhook_delivery_not_found");
    let seen = service.get("/api/webhooks").by(&admin).send().await.ok(200);
    assert_eq!(seen["data"].as_array().unwrap().len(), 2);
    service.delete(&place).by(&admin).send().await.ok(204);
    let key = json!({"name": "All", "scopes": ["events:write", "events:read"], "current_password": crate::support::PASSWORD});
    let key = service.post("/api/users/me/api-keys").by(olga).json(&key).send().await.ok(201);
    let by_key = service.post("/api/webhooks").token(key["key"].as_str().unwrap()).json(&json!({"url": URL}));
    by_key.send().await.refused(403, "insufficient_scope");
}

#[tokio::test]
async fn bad_values_are_named_and_bounds_kept() {
    let (world, _) = hooked().await;
    let (service, olga) = (&world.service, &world.olga);
    for (field, body) in [
        ("url", json!({})),
        ("url", json!({"url": "http://shop.example.org"})),
        ("url", json!({"url": format!("{URL}/{}", "x".repeat(2_048))})),
        ("facts", json!({"url": URL, "facts": []})),
        ("facts[0]", json!({"url": URL, "facts": ["ticket.sold"]})),
        ("facts", json!({"url": URL, "facts": ["account.password_reset"]})),
        ("secret", json!({"url": URL, "secret": "mine"})),
    ] {
        let reply = service.post("/api/webhooks").by(olga).json(&body).send().await;
        assert_eq!(reply.fields(), [field], "{body}");
    }
    let webhook = make(service, olga).await;
    let rotate = format!("{}/rotate-secret", place(&webhook));
    let reply = service.post(&rotate).by(olga).json(&json!({"overlap_hours": 169})).send().await;
    assert_eq!(reply.fields(), ["overlap_hours"]);
    for _ in 1..10 {
        make(service, olga).await;
    }
    let more = service.post("/api/webhooks").by(olga).json(&json!({"url": URL})).send().await;
    assert_eq!(more.refused(409, "too_many_webhooks")["webhooks_max"], 10);
}

#[tokio::test]
async fn a_deployment_without_webhooks_says_so() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let made = service.post("/api/webhooks").by(olga).json(&json!({"url": URL})).send().await;
    made.refused(409, "webhooks_off");
    let none = service.get("/api/webhooks").by(olga).send().await.ok(200);
    assert_eq!(none["data"], json!([]));
}
