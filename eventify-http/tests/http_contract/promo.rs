//! Promo codes and hidden ticket types.

use serde_json::{Value, json};

use crate::support::assert_members;
use crate::support::world::World;

const PROMO_CODE: &str = "id event_id code percent_off amount_off ticket_type_ids starts_at ends_at uses_max \
                          per_person_max used created_at";

#[tokio::test]
async fn a_promo_code_is_made_used_changed_and_ended() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let codes = world.path("/promo-codes");
    let body = json!({"code": "SPRING-10", "percent_off": 10, "uses_max": 1});
    let made = service.post(&codes).by(olga).json(&body).send().await;
    let promo = made.ok(201);
    assert_members(&promo, PROMO_CODE);
    let place = made.header("location").unwrap().to_owned();
    assert!(!place.to_lowercase().contains("spring"), "{place}");
    let shown = service.get(&place).by(olga).send().await;
    assert_eq!(shown.ok(200), promo);
    service.post(&codes).by(olga).json(&body).send().await.refused(409, "promo_exists");
    service.get(&place).by(bob).send().await.refused(403, "not_event_owner");
    service.get(&codes).by(bob).send().await.refused(403, "not_event_owner");
    assert_eq!(service.get(&codes).by(olga).send().await.ok(200)["data"], json!([promo]));

    let price = json!({"amount_minor": 150_000, "currency": "KZT"});
    let stalls = world.ticket_type(&json!({"name": "Stalls", "price": price, "quantity": 5})).await;
    let good_for = service.post(&world.path("/promo-codes/check")).by(bob);
    let good_for = good_for.json(&json!({"code": "spring-10"})).send().await.ok(200);
    assert_eq!(good_for["ticket_types"][0]["ticket_type"]["id"], stalls.as_str());
    assert_eq!(good_for["ticket_types"][0]["discount"]["amount_minor"], 15_000);
    let wanted = |code: &str| json!({"ticket_type_id": stalls, "quantity": 2, "promo_code": code});
    let buy =
        async |code: &str| service.post(&world.path("/tickets")).by(bob).json(&wanted(code)).send().await;
    let unknown = buy("autumn").await.refused(404, "promo_unknown");
    assert!(!unknown.to_string().contains("autumn"), "{unknown}");
    let held = buy(" Spring-10").await.ok(201)["booking"].clone();
    assert_eq!((&held["total"]["amount_minor"], &held["promo_code_id"]), (&json!(270_000), &promo["id"]));
    assert_eq!(held["lines"][0]["unit_discount"]["amount_minor"], 15_000);
    assert_eq!(buy("spring-10").await.refused(409, "promo_used_up")["uses_max"], 1);
    service.delete(&place).by(olga).send().await.refused(409, "promo_in_use");
    let ended = json!({"ends_at": "2026-11-21T09:00:00Z", "uses_max": null});
    let tag = service.get(&place).by(olga).send().await.header("etag").unwrap().to_owned();
    let change = async || service.put(&place).by(olga).json(&ended).header("if-match", &tag).send().await;
    assert_eq!(change().await.ok(200)["uses_max"], Value::Null);
    change().await.refused(412, "precondition_failed");
    assert_eq!(buy("spring-10").await.refused(409, "promo_expired")["ends_at"], "2026-11-21T09:00:00Z");
    service.delete(&format!("/api/bookings/{}", held["id"].as_str().unwrap())).by(bob).send().await.ok(204);
    service.delete(&place).by(olga).send().await.ok(204);
    service.get(&place).by(olga).send().await.refused(404, "promo_unknown");
}

#[tokio::test]
async fn a_hidden_type_opens_with_its_key() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let friends = world.ticket_type(&json!({"name": "Friends", "quantity": 5, "hidden": true})).await;
    let of_type = world.path(&format!("/ticket-types/{friends}"));
    service.get(&of_type).by(bob).send().await.refused(404, "ticket_type_not_found");
    assert_eq!(service.get(&of_type).by(olga).send().await.ok(200)["hidden"], true);
    let listed = service.get(&world.path("/ticket-types")).send().await.ok(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let key = json!({"code": "friend", "ticket_type_ids": [friends]});
    service.post(&world.path("/promo-codes")).by(olga).json(&key).send().await.ok(201);
    let line = |of: &str| json!({"ticket_type_id": of, "quantity": 1});
    let buy = async |body: &Value| service.post(&world.path("/tickets")).by(bob).json(body).send().await;
    buy(&line(&friends)).await.refused(404, "ticket_type_not_found");
    let mut with_key = line(&friends);
    with_key["promo_code"] = json!("FRIEND");
    buy(&with_key).await.ok(201);
    let mut for_all = line(&world.free);
    for_all["promo_code"] = json!("FRIEND");
    buy(&for_all).await.refused(409, "promo_not_applicable");
}

#[tokio::test]
async fn an_event_has_so_many_promo_codes() {
    let world = World::new().await;
    let event = world.event.parse().unwrap();
    let organizer =
        eventify_core::Actor::user(world.olga.id.parse().unwrap(), eventify_core::Role::Organizer);
    for nth in 0..10_000 {
        let code = eventify_core::promo_code::CreatePromoCode {
            percent_off: Some(1),
            ..eventify_core::promo_code::CreatePromoCode::of(format!("code {nth}"))
        };
        world.service.eventify.promo_codes().create(&organizer, event, code).await.unwrap();
    }
    let more = json!({"code": "one more", "percent_off": 1});
    let more = world.service.post(&world.path("/promo-codes")).by(&world.olga).json(&more).send().await;
    more.refused(409, "too_many_promo_codes");
}
